/** An upload whole in memory; the server bounds its size. */
import type { Readable } from "node:stream";

export async function bytesOf(stream: Readable): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of stream as AsyncIterable<Uint8Array>) chunks.push(chunk); // a stream of bytes
  return Buffer.concat(chunks);
}
