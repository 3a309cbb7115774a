/**
 * Entry bundles, C2SP tlog-tiles: up to 256 entries, each as uint16 length (big-endian) and bytes. Invariant:
 * parseBundle(formatBundle(entries)) equals entries. Refuses trailing bytes, a cut entry, and more than 256 entries.
 */
import { refuse } from "./refusal.ts";
import { TILE_WIDTH } from "./tile.ts";

export const MAX_ENTRY_BYTES = 0xffff; // what the uint16 length can say

/** @throws TlogProblem `tlog/bundle` when there are not 1 to 256 entries of at most 65,535 bytes */
export function formatBundle(entries: readonly Uint8Array[]): Uint8Array {
  if (entries.length < 1 || entries.length > TILE_WIDTH)
    refuse("tlog/bundle", `a bundle holds 1 to 256 entries, not \`${entries.length}\``);
  const bundle = new Uint8Array(entries.reduce((length, entry) => length + 2 + entry.length, 0));
  let offset = 0;
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES) refuse("tlog/bundle", `an entry of \`${entry.length}\` bytes exceeds 65535`);
    bundle[offset] = entry.length >> 8;
    bundle[offset + 1] = entry.length & 0xff;
    bundle.set(entry, offset + 2);
    offset += 2 + entry.length;
  }
  return bundle;
}

/**
 * The entries of a bundle as views of `bundle`.
 * @throws TlogProblem `tlog/bundle` when it is empty, cut, or holds more than 256
 */
export function parseBundle(bundle: Uint8Array): Uint8Array[] {
  const entries: Uint8Array[] = [];
  let offset = 0;
  while (offset < bundle.length) {
    if (entries.length === TILE_WIDTH) refuse("tlog/bundle", "a bundle holds at most 256 entries, and more follow");
    const high = bundle[offset];
    const low = bundle[offset + 1];
    if (high === undefined || low === undefined) refuse("tlog/bundle", `entry \`${entries.length}\` has no length`);
    const end = offset + 2 + high * 256 + low;
    if (end > bundle.length)
      refuse("tlog/bundle", `entry \`${entries.length}\` ends at byte \`${end}\` of \`${bundle.length}\``);
    entries.push(bundle.subarray(offset + 2, end));
    offset = end;
  }
  if (entries.length === 0) refuse("tlog/bundle", "an empty bundle");
  return entries;
}
