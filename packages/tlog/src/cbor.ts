/**
 * CBOR as COSE needs it, RFC 8949. Written deterministically (4.2.1); read strictly: definite lengths only, no duplicate
 * keys, no trailing bytes, at most 16 nested arrays. Integers are bigint and floats are number, so that `1` and `1.0` never
 * pass for one another as a label. Tags stay tags: no extension of the decoder runs on hostile input.
 */
import { decode, encode, Tag } from "cbor2";
import { concat, uint64, utf8 } from "./bytes.ts";
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

const MAX_UINT = (1n << 64n) - 1n;

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

/**
 * Deterministic encoding, RFC 8949 4.2.1: shortest forms, map keys in bytewise order of their encoding. Several times
 * faster than the library, which does floats and big integers here and is the judge of the rest in the tests.
 */
export function encodeCbor(value: CborValue): Uint8Array {
  const parts: Uint8Array[] = [];
  write(value, parts);
  return concat(...parts);
}

/** `bytes` as a CBOR byte string. */
export function encodeBytes(bytes: Uint8Array): Uint8Array {
  return concat(head(2, BigInt(bytes.length)), bytes);
}

function write(value: CborValue, parts: Uint8Array[]): void {
  switch (typeof value) {
    case "bigint":
      if (value > MAX_UINT || value < -1n - MAX_UINT) parts.push(encode(value, { cde: true }));
      else parts.push(value >= 0n ? head(0, value) : head(1, -1n - value));
      return;
    case "string": {
      const text = utf8(value);
      parts.push(head(3, BigInt(text.length)), text);
      return;
    }
    case "number":
      parts.push(encode(value, { cde: true }));
      return;
    case "boolean":
      parts.push(Uint8Array.of(value ? 0xf5 : 0xf4));
      return;
    case "undefined":
      parts.push(Uint8Array.of(0xf7));
      return;
    default:
  }
  if (value === null) parts.push(Uint8Array.of(0xf6));
  else if (value instanceof Uint8Array) parts.push(head(2, BigInt(value.length)), value);
  else if (isList(value)) {
    parts.push(head(4, BigInt(value.length)));
    for (const member of value) write(member, parts);
  } else if (value instanceof Tag) {
    parts.push(head(6, BigInt(value.tag.valueOf())));
    write(value.contents as CborValue, parts); // the library declares contents as unknown; a CborValue's are CborValues
  } else {
    parts.push(head(5, BigInt(value.size)));
    const members = [...value].map(([key, member]) => ({ key: encodeCbor(key), member }));
    members.sort((a, b) => compareBytes(a.key, b.key));
    for (const { key, member } of members) {
      parts.push(key);
      write(member, parts);
    }
  }
}

/** The first bytes of an item: its major type and its argument in the shortest form, RFC 8949 3. */
function head(major: number, argument: bigint): Uint8Array {
  const type = major << 5;
  if (argument < 24n) return Uint8Array.of(type | Number(argument));
  if (argument <= 0xffn) return Uint8Array.of(type | 24, Number(argument));
  if (argument <= 0xffffn) return Uint8Array.of(type | 25, Number(argument >> 8n), Number(argument & 0xffn));
  const long = uint64(argument);
  return argument <= 0xffffffffn
    ? concat(Uint8Array.of(type | 26), long.subarray(4))
    : concat(Uint8Array.of(type | 27), long);
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

/** `bytes` as a Uint8Array proper, where a subclass such as Node's Buffer would behave otherwise. */
function plain(bytes: Uint8Array): Uint8Array {
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
