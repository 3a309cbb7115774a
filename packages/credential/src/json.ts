/**
 * JSON that may be signed: I-JSON, RFC 7493, as RFC 8785 asks for. Refuses a name twice in one object (two readers would
 * take two values), lone surrogates, the name `__proto__`, more than MAX_JSON_BYTES and more than MAX_JSON_DEPTH levels.
 */
import type { Json } from "@holdfast/kernel";
import { refuse, shown } from "./refusal.ts";

export type JsonObject = { readonly [name: string]: Json };

/** Bounds one document; the largest published samples have 22 kB, a dossier has a limit of its own. */
export const MAX_JSON_BYTES = 4_000_000;
/** No credential nests so deep; bounds every recursion behind it. */
export const MAX_JSON_DEPTH = 64;

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }); // a BOM stays a character, and is refused

export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** @throws CredentialProblem `credential/json` when `bytes` is not UTF-8 */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    return refuse("credential/json", "not valid UTF-8");
  }
}

/** @throws CredentialProblem `credential/json` */
export function parseJson(text: string, sizeBytesMax: number = MAX_JSON_BYTES): Json {
  if (text.length > sizeBytesMax)
    refuse("credential/json", `\`${text.length}\` characters of JSON exceed \`${sizeBytesMax}\``);
  checkDepth(text);
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch {
    return refuse("credential/json", `${shown(text)} is not JSON`);
  }
  checkNames(text);
  if (/\\u[dD][89a-fA-F]/.test(text) || !text.isWellFormed()) checkSurrogates(value);
  return value;
}

/** The object in `text`. @throws CredentialProblem `credential/json` */
export function parseJsonObject(text: string, sizeBytesMax: number = MAX_JSON_BYTES): JsonObject {
  const value = parseJson(text, sizeBytesMax);
  if (!isObject(value)) refuse("credential/json", `${shown(text)} is not a JSON object`);
  return value;
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !isList(value);
}

/** Array.isArray does not narrow a readonly array. */
export function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

/** The value as a list: JSON-LD lets a single value stand without its brackets. */
export function listOf(value: Json | undefined): readonly Json[] {
  if (value === undefined) return [];
  return isList(value) ? value : [value];
}

/** The object without the member `name`. */
export function without(object: JsonObject, name: string): JsonObject {
  return Object.fromEntries(Object.entries(object).filter(([each]) => each !== name));
}

/** The JSON Pointer of member `name` under `path`, RFC 6901 section 3. */
export function under(path: string, name: string | number): string {
  return `${path}/${typeof name === "number" ? name : name.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

function checkDepth(text: string): void {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x22) i = endOfString(text, i);
    else if (unit === 0x7b || unit === 0x5b) depth += 1;
    else if (unit === 0x7d || unit === 0x5d) depth -= 1;
    if (depth > MAX_JSON_DEPTH) refuse("credential/json", `JSON nests deeper than \`${MAX_JSON_DEPTH}\` levels`);
  }
}

/** `text` is known to be JSON here, so a string that a colon follows is a name. */
function checkNames(text: string): void {
  const open: (Set<string> | undefined)[] = [];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit === 0x7b) open.push(new Set());
    else if (unit === 0x5b) open.push(undefined);
    else if (unit === 0x7d || unit === 0x5d) open.pop();
    else if (unit === 0x22) {
      const end = endOfString(text, i);
      const names = open.at(-1);
      if (names !== undefined && nextIsColon(text, end + 1)) {
        const name: string = JSON.parse(text.slice(i, end + 1));
        if (names.has(name)) refuse("credential/json", `the name ${shown(name)} stands twice in one object`);
        if (name === "__proto__") refuse("credential/json", "the name `__proto__` is not taken");
        names.add(name);
      }
      i = end;
    }
  }
}

function nextIsColon(text: string, from: number): boolean {
  let i = from;
  while (i < text.length && text.charCodeAt(i) <= 0x20) i += 1;
  return text.charCodeAt(i) === 0x3a;
}

/** The index of the closing quote of the string that opens at `start`. */
function endOfString(text: string, start: number): number {
  let i = start + 1;
  while (i < text.length && text.charCodeAt(i) !== 0x22) i += text.charCodeAt(i) === 0x5c ? 2 : 1;
  return i;
}

function checkSurrogates(value: Json): void {
  if (typeof value === "string") {
    if (!value.isWellFormed()) refuse("credential/json", "a string holds a lone surrogate");
  } else if (isList(value)) for (const member of value) checkSurrogates(member);
  else if (isObject(value))
    for (const [name, member] of Object.entries(value)) {
      checkSurrogates(name);
      checkSurrogates(member);
    }
}
