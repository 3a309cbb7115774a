/** UUIDs of version 4 (RFC 9562), which STIX wants for ids of domain objects. */
import type { Random } from "@holdfast/kernel";

export function randomUuid(random: Random): string {
  const bytes = Buffer.from(random.bytes(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40; // sixteen bytes were asked for
  bytes[8] = (bytes[8]! & 0x3f) | 0x80; // as above
  const hex = bytes.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
