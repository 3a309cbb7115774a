/**
 * The bytes of an upload on their way into the database, and out of it again. Nothing is held but one piece. Refuses more
 * bytes than the node allows, whether they were announced or not, and then keeps nothing.
 */
import { createHash } from "node:crypto";
import type { Readable } from "node:stream";
import { Problem } from "@holdfast/kernel";
import { type ByteSource, refusal } from "./sheet-row.ts";
import { type Db, readChunk, writeChunk } from "./store.ts";

export const CHUNK_BYTES = 1_048_576; // one row of the database and one read

/** Writes `stream` piece by piece. @throws Problem `http/body-too-large` at the first byte beyond `sizeBytesMax` */
export async function stageBytes(
  db: Db,
  importId: string,
  { stream, sizeBytesMax }: { stream: Readable; sizeBytesMax: number },
): Promise<{ sizeBytes: number; sha256: string }> {
  const hash = createHash("sha256");
  let sizeBytes = 0;
  let index = 0;
  let parts: Uint8Array[] = [];
  let partsBytes = 0;
  const write = async () => {
    await writeChunk(db, importId, index, Buffer.concat(parts));
    index += 1;
    parts = [];
    partsBytes = 0;
  };
  // the request stays whole when the reading ends early, so that the refusal can be answered
  for await (const chunk of stream.iterator({ destroyOnReturn: false }) as AsyncIterable<Uint8Array>) {
    sizeBytes += chunk.length;
    if (sizeBytes > sizeBytesMax) throw tooLarge(sizeBytesMax);
    hash.update(chunk);
    for (let rest = chunk; rest.length > 0; ) {
      const taken = rest.subarray(0, CHUNK_BYTES - partsBytes);
      parts.push(taken);
      partsBytes += taken.length;
      rest = rest.subarray(taken.length);
      if (partsBytes === CHUNK_BYTES) await write();
    }
  }
  if (partsBytes > 0) await write();
  return { sizeBytes, sha256: hash.digest("hex") };
}

function tooLarge(sizeBytesMax: number): Problem {
  return new Problem(
    "http/body-too-large",
    `the file is larger than \`${sizeBytesMax}\` bytes, which is this node's limit`,
    { detail: { sizeBytesMax } },
  );
}

/** The staged bytes of an import. Remembers the last piece: a reader of archives asks for many small parts of it. */
export function chunkSource(db: Db, importId: string, sizeBytes: number): ByteSource {
  let last: { index: number; bytes: Uint8Array } | undefined;
  const chunk = async (index: number): Promise<Uint8Array> => {
    if (last?.index === index) return last.bytes;
    const bytes = await readChunk(db, importId, index);
    if (!bytes) throw refusal("exchange/file-gone", "the file was forgotten while it was read");
    last = { index, bytes };
    return bytes;
  };
  return {
    sizeBytes,
    read: async function* (start, end) {
      for (let at = start; at < end; ) {
        const index = Math.floor(at / CHUNK_BYTES);
        const bytes = await chunk(index);
        const part = bytes.subarray(at - index * CHUNK_BYTES, end - index * CHUNK_BYTES);
        if (part.length === 0) throw refusal("exchange/file-gone", "the file is shorter than it was");
        yield part;
        at += part.length;
      }
    },
  };
}
