/**
 * CBOR as COSE needs it, RFC 8949. Written deterministically (4.2.1); read strictly: definite lengths only, no duplicate
 * keys, no trailing bytes, at most 16 nested arrays. Integers are bigint and floats are number, so that `1` and `1.0` never
 * pass for one another as a label. Tags stay tags: no extension of the decoder runs on hostile input.
 */
import { decode, encode, Tag } from "cbor2";
import { refuse, TlogProblem } from "./refusal.ts";

export type CborValue =
  | null
  | undefined
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Tag
  | readonly CborValue[]
  | CborMap;
export type CborMap = ReadonlyMap<CborValue, CborValue>;

/** Arrays within arrays; a transparent statement nests 5. Bounds the decoder's recursion. */
export const MAX_CBOR_ARRAYS = 16;

/** @throws TlogProblem `tlog/cbor` when `bytes` is not exactly one such item. Byte strings are views of `bytes`. */
export function decodeCbor(bytes: Uint8Array): CborValue {
  try {
    const value: unknown = decode(plain(bytes), {
      preferMap: true,
      preferBigInt: true,
      rejectDuplicateKeys: true,
      rejectStreaming: true,
      ignoreGlobalTags: true,
      maxDepth: 2 * MAX_CBOR_ARRAYS, // the decoder counts an array twice
      createObject: (entries) => {
        const map = new Map(entries.map(([key, member]) => [key, member]));
        // equal keys in two encodings pass the decoder's own check, which compares bytes
        if (map.size !== entries.length) throw new TlogProblem("tlog/cbor", "a map has one key twice");
        return map;
      },
    });
    if (!isCbor(value)) refuse("tlog/cbor", "a value that is not in this package's part of CBOR");
    return value;
  } catch (error) {
    if (error instanceof TlogProblem) throw error;
    // the decoder throws plain errors and range errors on malformed input; its words name the offence
    const why = error instanceof Error ? error.message : "malformed";
    throw new TlogProblem("tlog/cbor", `malformed CBOR: ${why.toLowerCase()}`, { cause: error });
  }
}

/** Deterministic encoding, RFC 8949 4.2.1: shortest forms, map keys in bytewise order of their encoding. */
export function encodeCbor(value: CborValue): Uint8Array {
  return encode(value, { cde: true });
}

/** `bytes` as a Uint8Array proper: the encoder takes a subclass such as Node's Buffer for something else. */
export function plain(bytes: Uint8Array): Uint8Array {
  return bytes.constructor === Uint8Array ? bytes : new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

export function isMap(value: CborValue): value is CborMap {
  return value instanceof Map;
}

export function isList(value: CborValue): value is readonly CborValue[] {
  return Array.isArray(value);
}

export { Tag };

function isCbor(value: unknown): value is CborValue {
  if (value === null || ["undefined", "boolean", "number", "bigint", "string"].includes(typeof value)) return true;
  if (value instanceof Uint8Array) return true;
  if (value instanceof Tag) return isCbor(value.contents);
  if (Array.isArray(value)) return value.every(isCbor);
  return value instanceof Map && [...value].every(([key, member]) => isCbor(key) && isCbor(member));
}
