/** Identifiers. UUIDv7 (RFC 9562 5.7): sorts by creation time, so that keyset pages and indexes stay local. */
import type { Clock, Random } from "./ports.ts";
import { Problem } from "./problem.ts";

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** A new UUIDv7 in lower case: 48 bits of Unix milliseconds, then 74 random bits. */
export function uuid7(ports: { clock: Clock; random: Random }): string {
  const bytes = ports.random.bytes(16);
  let milliseconds = Math.floor(ports.clock.now().getTime());
  for (let i = 5; i >= 0; i--) {
    bytes[i] = milliseconds % 256;
    milliseconds = Math.floor(milliseconds / 256);
  }
  bytes[6] = 0x70 | (bytes[6]! & 0x0f); // version 7; index 6 is within the 16 bytes
  bytes[8] = 0x80 | (bytes[8]! & 0x3f); // variant 10; index 8 is within the 16 bytes
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

export function isUuid(text: string): boolean {
  return UUID.test(text);
}

/** @throws Problem `id/malformed` when `text` is not a UUID in lower case */
export function parseUuid(text: string): string {
  if (!isUuid(text)) throw new Problem("id/malformed", `\`${text.slice(0, 64)}\` is not a UUID`);
  return text;
}
