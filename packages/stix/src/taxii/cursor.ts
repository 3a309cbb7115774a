/**
 * The `next` of TAXII 2.1 pages: a signed note to ourselves about where a walk stands, so that any process can go on and
 * none keeps state. Invariant: a walk gives every entry up to its snapshot exactly once, in order, and ends; a cursor that
 * was not made here, or for another collection or filter, is refused. A changed `added_after` or `limit` is no refusal:
 * known clients send them along, and the cursor's own `added_after` wins.
 */
import { canonicalJson, fail, ok, type Result } from "@holdfast/kernel";
import { sha256 } from "@noble/hashes/sha2.js";
import type { StixCode } from "../problem-code.ts";
import type { TaxiiEntry, TaxiiMatch } from "./query.ts";

/** Authenticates a message with a key that the caller keeps, as HMAC-SHA-256 does. */
export type Mac = (message: Uint8Array) => Uint8Array;

export interface Cursor {
  readonly collection: string;
  readonly match: TaxiiMatch;
  readonly addedAfterMicros?: number;
  /** The last entry that was given out. */
  readonly afterSequence: number;
  /** The newest entry when the walk began; later ones wait for the next walk. */
  readonly upToSequence: number;
  readonly expiresAtSeconds: number;
}

const encoder = new TextEncoder();
const VERSION = 1;

/** The text of `cursor`; decodeCursor gives it back to whoever holds the same key. */
export function encodeCursor(cursor: Cursor, mac: Mac): string {
  const { collection, match, addedAfterMicros, afterSequence, upToSequence, expiresAtSeconds } = cursor;
  const body = canonicalJson([
    VERSION,
    collection,
    hashOfMatch(match),
    addedAfterMicros ?? null,
    afterSequence,
    upToSequence,
    expiresAtSeconds,
  ]);
  const payload = toBase64Url(encoder.encode(body));
  return `${payload}.${toBase64Url(mac(encoder.encode(payload)))}`;
}

export interface CursorUse {
  readonly mac: Mac;
  readonly collection: string;
  /** The match fields of the request that carries the cursor. */
  readonly match: TaxiiMatch;
  readonly nowSeconds: number;
}

/** The cursor in `text`, when it was made with the same key for the same collection and match, and is not expired. */
export function decodeCursor(
  text: string,
  { mac, collection, match, nowSeconds }: CursorUse,
): Result<Cursor, StixCode> {
  const [payload = "", signature = "", ...rest] = text.split(".");
  const [body, given] = [fromBase64Url(payload), fromBase64Url(signature)];
  if (rest.length > 0 || body === undefined || given === undefined) return fail("stix/cursor", "`next` is malformed");
  if (!isSame(given, mac(encoder.encode(payload)))) return fail("stix/cursor", "`next` was not issued here");
  const fields: unknown = JSON.parse(new TextDecoder().decode(body)); // authentic, so it is what encodeCursor wrote
  if (!Array.isArray(fields) || fields[0] !== VERSION) return fail("stix/cursor", "`next` is of another version");
  const [, owner, hash, added, after, upTo, expires] = fields;
  if (owner !== collection) return fail("stix/cursor", "`next` belongs to another collection");
  if (hash !== hashOfMatch(match))
    return fail("stix/cursor", "`next` belongs to another filter: repeat the query it came from");
  if (Number(expires) <= nowSeconds)
    return fail("stix/cursor", "`next` has expired: start again from the last `date_added`");
  return ok({
    collection,
    match,
    ...(added === null ? {} : { addedAfterMicros: Number(added) }),
    afterSequence: Number(after),
    upToSequence: Number(upTo),
    expiresAtSeconds: Number(expires),
  });
}

export interface Page<Entry> {
  readonly entries: readonly Entry[];
  /** Where the next page begins; undefined at the end. */
  readonly afterSequence: number | undefined;
}

/** One page out of `selected`, which is in order of sequence. */
export function pageOf<Entry extends TaxiiEntry>(
  selected: readonly Entry[],
  place: { afterSequence: number; upToSequence: number; limit: number },
): Page<Entry> {
  const ahead = selected.filter(({ sequence }) => sequence > place.afterSequence && sequence <= place.upToSequence);
  const entries = ahead.slice(0, place.limit);
  return { entries, afterSequence: ahead.length > entries.length ? entries.at(-1)?.sequence : undefined };
}

/** Lists are sets here: their order is no other query. */
function hashOfMatch(match: TaxiiMatch): string {
  const sorted = Object.fromEntries(Object.entries(match).map(([name, list]) => [name, [...list].sort()]));
  return toBase64Url(sha256(encoder.encode(canonicalJson(sorted))).subarray(0, 16));
}

/** Takes the same time wherever the first difference is. */
function isSame(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  return a.reduce((difference, byte, i) => difference | (byte ^ b[i]!), 0) === 0; // both are equally long
}

function toBase64Url(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");
}

function fromBase64Url(text: string): Uint8Array | undefined {
  if (!/^[A-Za-z0-9_-]{1,2000}$/.test(text) || text.length % 4 === 1) return undefined;
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
}
