/** EPCIS files on disk, read event by event: memory does not grow with the file. */
import { open } from "node:fs/promises";
import { type DocumentReader, documentReader, type ReadEvent, type Shell } from "@holdfast/epcis";
import { EXIT } from "./exit.ts";
import { Failure } from "./failure.ts";

const CHUNK_BYTES = 1_048_576;

/**
 * Calls `take` for every event of the file at `path`, in document order, and gives the document around them.
 * @throws Failure 66 when the file cannot be read, Problem when its content cannot
 */
export async function readEpcisFile(path: string, take: (event: ReadEvent) => void | Promise<void>): Promise<Shell> {
  let reader: DocumentReader | undefined;
  for await (const chunk of chunksOf(path)) {
    reader ??= documentReader(chunk);
    for (const event of reader.push(chunk)) await take(event);
  }
  const { events, shell } = (reader ?? documentReader(new Uint8Array(0))).end();
  for (const event of events) await take(event);
  return shell;
}

/** The chunks of a file; `-` is stdin. */
async function* chunksOf(path: string): AsyncGenerator<Uint8Array> {
  try {
    if (path === "-") {
      yield* process.stdin;
      return;
    }
    await using file = await open(path, "r");
    for (;;) {
      const { bytesRead, buffer } = await file.read(new Uint8Array(CHUNK_BYTES), 0, CHUNK_BYTES);
      if (bytesRead === 0) return;
      yield buffer.subarray(0, bytesRead);
    }
  } catch (cause) {
    const why = cause instanceof Error && "code" in cause ? String(cause.code) : String(cause);
    throw new Failure(EXIT.noInput, `cannot read \`${path}\`: ${why}`, cause);
  }
}
