/** Files given to `supply` commands: plain or gzip, streamed, with a limit on what a small file may unpack to. */
import { createReadStream } from "node:fs";
import { createGunzip } from "node:zlib";
import {
  type EssentialityMatrix,
  type FirmNetwork,
  LinkReader,
  quoted,
  readEssentiality,
  readFirms,
  readSupplyNetwork,
  type SupplyNetwork,
} from "@holdfast/supply";
import { Problem } from "@holdfast/kernel";
import { EXIT } from "./exit.ts";
import { SupplyFailure } from "./supply-failure.ts";

export const INPUT_BYTES_MAX = 2_000_000_000; // 5 million links are 200 MB: more is a bomb or the wrong file

export const MODEL_BYTES_MAX = 400_000_000; // a JSON text has to fit one string, which ends at 2^29 characters

/** The bytes of `path` in chunks, unpacked when they start with the gzip signature (RFC 1952 2.3.1). */
export async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  const packed = createReadStream(path, { end: 1 });
  const signature: number[] = [];
  try {
    for await (const chunk of packed) signature.push(...(chunk as Uint8Array)); // no encoding was set
    const file = createReadStream(path, { highWaterMark: 1 << 18 });
    const isGzip = signature[0] === 0x1f && signature[1] === 0x8b;
    const gunzip = createGunzip({ chunkSize: 1 << 18 });
    const stream = isGzip ? file.on("error", (error) => gunzip.destroy(error)).pipe(gunzip) : file;
    let size = 0;
    for await (const chunk of stream) {
      size += (chunk as Uint8Array).length;
      if (size > INPUT_BYTES_MAX)
        throw new SupplyFailure(EXIT.badData, `${quoted(path)} unpacks to more than ${INPUT_BYTES_MAX} bytes`);
      yield chunk as Uint8Array; // as above
    }
  } catch (error) {
    throw explained(path, error);
  }
}

function explained(path: string, error: unknown): unknown {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (error instanceof SupplyFailure || error instanceof Problem) return error;
  if (code.startsWith("Z_")) return new SupplyFailure(EXIT.badData, `${quoted(path)} is not whole gzip data`, error);
  return new SupplyFailure(EXIT.noInput, `${quoted(path)} can't be read (${code || "unknown error"})`, error);
}

export async function bytesOf(path: string): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of chunksOf(path)) chunks.push(chunk);
  return new Uint8Array(Buffer.concat(chunks));
}

export interface NetworkFiles {
  readonly links: string;
  readonly firms: string;
  readonly essentiality?: string;
}

/** The firm network of three files; `onLinks` hears how many links were read so far. */
export async function readNetwork(files: NetworkFiles, onLinks: (count: number) => void): Promise<FirmNetwork> {
  const reader = new LinkReader(readFirms(await bytesOf(files.firms)));
  const essentiality: EssentialityMatrix | undefined =
    files.essentiality === undefined ? undefined : readEssentiality(await bytesOf(files.essentiality));
  for await (const chunk of chunksOf(files.links)) {
    reader.push(chunk);
    onLinks(reader.linkCount);
  }
  return reader.end(essentiality);
}

/** The supply model in the JSON document at `path`; its notes go to stderr. @throws Problem with the path inside it */
export async function readModel(path: string): Promise<SupplyNetwork> {
  return (await readModelDocument(path)).network;
}

/** The same, with the document as it was read, for its hash. */
export async function readModelDocument(path: string): Promise<{ network: SupplyNetwork; document: unknown }> {
  const document = await readJson(path);
  const network = readSupplyNetwork(document);
  for (const note of network.notes) console.error(`note: ${note}`);
  if (network.assumptions.length > 0)
    console.error(`note: ${network.assumptions.length} numbers are estimates or defaults`);
  return { network, document };
}

/** The JSON document at `path`. */
export async function readJson(path: string): Promise<unknown> {
  const bytes = await bytesOf(path);
  if (bytes.length > MODEL_BYTES_MAX)
    throw new SupplyFailure(EXIT.badData, `${quoted(path)} has \`${bytes.length}\` bytes, at most ${MODEL_BYTES_MAX}`);
  return parsed(path, new TextDecoder().decode(bytes));
}

function parsed(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new SupplyFailure(
      EXIT.badData,
      `${quoted(path)} is not JSON: ${error instanceof Error ? error.message : ""}`,
      error,
    );
  }
}
