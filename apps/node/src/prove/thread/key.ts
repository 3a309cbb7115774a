/**
 * The keys by which events are found: 52 bits of a SHA-256, small enough for a number and an index. Identifiers of things
 * have the lower half of the numbers to themselves, so that they can be listed; everything else has the upper half. Two
 * texts may share a key; whoever reads by key looks into the event before believing it.
 */
import { hash } from "node:crypto";
import { EPC_ROLES, ROLE } from "./event-facts.ts";

/** Sites, parties and products come again and again: a bounded memory of a pure function. */
const known = new Map<string, number>();
const KNOWN_MAX = 16_384; // with the length below some 4 MB
const KNOWN_LENGTH_MAX = 128;

/** Keys of things are below this. */
export const THING_KEYS_END = 2 ** 52;

/** The key of `dimension` = `text`. */
export function keyOf(dimension: string, text: string): number {
  const whole = `${dimension}\n${text}`;
  const remembered = known.get(whole);
  if (remembered !== undefined) return remembered;
  const digest = Number.parseInt(hash("sha256", whole, "hex").slice(0, 13), 16);
  const key = dimension === "id" ? digest : THING_KEYS_END + digest;
  if (whole.length <= KNOWN_LENGTH_MAX) {
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(whole, key);
  }
  return key;
}

/** The keys of an identifier for some roles (event-facts.ts), each with the roles that it stands for. */
export function idKeys(id: string, roles: number): (readonly [key: number, roles: number])[] {
  const keys: (readonly [number, number])[] = [];
  if (roles & EPC_ROLES) keys.push([keyOf("id", id), roles & EPC_ROLES]);
  if (roles & ROLE.transformation) keys.push([keyOf("transformation", id), ROLE.transformation]);
  const ofClass = roles & ~(EPC_ROLES | ROLE.transformation);
  if (ofClass !== 0) keys.push([keyOf("class", id), ofClass]);
  return keys;
}
