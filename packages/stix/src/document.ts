/**
 * STIX documents as they arrive: bytes that should be I-JSON (RFC 7493), as STIX 2.1 section 1.2.9 asks. Invariant: what
 * comes out has unique names and bounded depth, and the work before that is linear. Refuses malformed UTF-8, duplicate
 * names (two readers could each believe another value) and nesting that would exhaust a stack.
 */
import { fail, ok, type Result } from "@holdfast/kernel";
import type { StixCode } from "./problem-code.ts";

/** Size of one document; a million small objects fit. */
export const MAX_DOCUMENT_BYTES = 400_000_000;

/** Nesting of one document; a STIX object needs about ten. */
export const MAX_DOCUMENT_DEPTH = 100;

/** The JSON value in `bytes`. */
export function parseDocument(bytes: Uint8Array): Result<unknown, StixCode> {
  if (bytes.length > MAX_DOCUMENT_BYTES)
    return fail("stix/document", `a document has at most ${MAX_DOCUMENT_BYTES} bytes, this has ${bytes.length}`);
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch (cause) {
    return fail("stix/document", "the document is not UTF-8", { cause });
  }
  const fault = structureFault(text);
  if (fault !== undefined) return fail("stix/document", fault);
  try {
    return ok(JSON.parse(text));
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.replace(/\s+/g, " ") : String(cause);
    return fail("stix/document", `the document is not JSON: ${why}`, { cause });
  }
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_LIST = 0x5b;
const CLOSE_LIST = 0x5d;
const COLON = 0x3a;

/** A duplicate name or too much depth in `text`; what is no JSON at all is left for the JSON parser to explain. */
function structureFault(text: string): string | undefined {
  const open: (Set<string> | undefined)[] = []; // the names of each open object, undefined for a list
  for (let at = 0; at < text.length; at += 1) {
    const unit = text.charCodeAt(at);
    if (unit === QUOTE) {
      const end = endOfString(text, at);
      if (end === -1) return undefined;
      const names = open[open.length - 1];
      if (names !== undefined && isName(text, end + 1)) {
        const name = nameIn(text, at, end);
        if (names.has(name))
          return `the name \`${name.slice(0, 64)}\` is there twice in one object, at character ${at}`;
        names.add(name);
      }
      at = end;
    } else if (unit === OPEN_OBJECT || unit === OPEN_LIST) {
      open.push(unit === OPEN_OBJECT ? new Set() : undefined);
      if (open.length > MAX_DOCUMENT_DEPTH) return `nesting deeper than ${MAX_DOCUMENT_DEPTH}, at character ${at}`;
    } else if (unit === CLOSE_OBJECT || unit === CLOSE_LIST) open.pop();
  }
  return undefined;
}

/** The place of the quote that closes the string opened at `start`, or -1. */
function endOfString(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end !== -1; end = text.indexOf('"', end + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(end - 1 - backslashes) === BACKSLASH) backslashes += 1;
    if (backslashes % 2 === 0) return end;
  }
  return -1;
}

/** A string is a name when a colon follows it. */
function isName(text: string, from: number): boolean {
  let at = from;
  while (text.charCodeAt(at) <= 0x20) at += 1;
  return text.charCodeAt(at) === COLON;
}

/** Escapes are resolved, so that `"a"` and `"\u0061"` are one name. */
function nameIn(text: string, start: number, end: number): string {
  const raw = text.slice(start + 1, end);
  if (!raw.includes("\\")) return raw;
  try {
    return String(JSON.parse(`"${raw}"`));
  } catch {
    return raw; // the JSON parser will say what is wrong
  }
}
