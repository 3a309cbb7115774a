/**
 * The 52-bit keys by which events are found: the first bits of a SHA-256, small enough for a number and an index. Two
 * texts may share a key; whoever reads by key looks into the event before believing it.
 */
import { hash } from "node:crypto";

/** Sites, parties and products come again and again: a bounded memory of a pure function. */
const known = new Map<string, number>();
const KNOWN_MAX = 16_384; // with the length below some 4 MB
const KNOWN_LENGTH_MAX = 128;

/** The key of `dimension` = `text`. */
export function keyOf(dimension: string, text: string): number {
  const whole = `${dimension}\n${text}`;
  const remembered = known.get(whole);
  if (remembered !== undefined) return remembered;
  const key = Number.parseInt(hash("sha256", whole, "hex").slice(0, 13), 16);
  if (whole.length <= KNOWN_LENGTH_MAX) {
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(whole, key);
  }
  return key;
}
