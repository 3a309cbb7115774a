/** Files of the STIX commands, and `-` for stdin. */
import { readFile } from "node:fs/promises";
import { EXIT } from "./exit.ts";
import { Failure } from "./failure.ts";

/** The bytes of the file at `path`. @throws Failure 66 when it can't be read */
export async function readBytes(path: string): Promise<Uint8Array> {
  try {
    return path === "-" ? await readStdin() : await readFile(path);
  } catch (cause) {
    const why = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new Failure(EXIT.noInput, `cannot read \`${path}\`: ${why}`, cause);
  }
}

async function readStdin(): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of process.stdin) chunks.push(chunk);
  return Buffer.concat(chunks);
}
