/**
 * Words of a STIX pattern, STIX 2.1 section 9 and its grammar. Keywords are case-sensitive and never identifiers.
 * Invariant: every character of the text is part of one token, of white space or of a comment. Refuses backslashes
 * other than `\'` and `\\`, leading zeros, odd hexadecimal and unpadded base64.
 */
import { Problem } from "@holdfast/kernel";
import { isBase64, isHex } from "../property-check.ts";
import type { StixCode } from "../problem-code.ts";

export type Token =
  | { readonly kind: "word"; readonly text: string; readonly at: number }
  | { readonly kind: "symbol"; readonly text: string; readonly at: number }
  | { readonly kind: "string"; readonly value: string; readonly at: number }
  | { readonly kind: "timestamp"; readonly text: string; readonly at: number }
  | { readonly kind: "bytes"; readonly value: Uint8Array; readonly at: number }
  | { readonly kind: "integer" | "float"; readonly value: number; readonly at: number }
  | { readonly kind: "end"; readonly at: number };

export const KEYWORDS: ReadonlySet<string> = new Set(
  (
    "AND OR NOT FOLLOWEDBY LIKE MATCHES ISSUPERSET ISSUBSET EXISTS LAST IN START STOP SECONDS true false WITHIN " +
    "REPEATS TIMES"
  ).split(" "),
);

const NUMBER = /[+-]?(?:\d{0,400}\.\d{1,400}|0|[1-9]\d{0,400})/y; // beyond 400 digits no number is finite
const SYMBOL = /==|!=|<>|<=|>=|[=<>:.,()[\]*]/y;

/** Reads tokens one after another. Owned by one parser. */
export class Lexer {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  /** @throws Problem `stix/pattern-syntax` at a character that starts no token */
  next(): Token {
    this.#skipBlank();
    const at = this.#at;
    const first = this.#text[at];
    if (first === undefined) return { kind: "end", at };
    if (first === "'") return { kind: "string", value: unescape(this.#quoted(at)), at };
    if (this.#text[at + 1] === "'" && (first === "t" || first === "h" || first === "b"))
      return this.#prefixed(first, at);
    const word = this.#takeWord();
    if (word !== undefined) return { kind: "word", text: word, at };
    const number = this.#take(NUMBER);
    if (number !== undefined) return this.#number(number, at);
    const symbol = this.#take(SYMBOL);
    if (symbol !== undefined) return { kind: "symbol", text: symbol, at };
    throw syntax(`\`${first}\` starts no word of a pattern`, at);
  }

  /** Scans by hand: a regular expression would need a stack as long as the text. */
  #skipBlank(): void {
    for (;;) {
      while (isBlank(this.#text.charCodeAt(this.#at))) this.#at += 1;
      if (this.#text.startsWith("//", this.#at)) this.#skipLine();
      else if (this.#text.startsWith("/*", this.#at)) this.#skipComment();
      else return;
    }
  }

  #skipLine(): void {
    while (this.#at < this.#text.length && !"\r\n".includes(this.#text.charAt(this.#at))) this.#at += 1;
  }

  #skipComment(): void {
    const end = this.#text.indexOf("*/", this.#at + 2);
    if (end === -1) throw syntax("a comment is not closed", this.#at);
    this.#at = end + 2;
  }

  #takeWord(): string | undefined {
    const start = this.#at;
    if (!isLetter(this.#text.charCodeAt(start))) return undefined;
    do this.#at += 1;
    while (isWordPart(this.#text.charCodeAt(this.#at)));
    return this.#text.slice(start, this.#at);
  }

  #take(form: RegExp): string | undefined {
    form.lastIndex = this.#at;
    const match = form.exec(this.#text);
    if (match === null) return undefined;
    this.#at = form.lastIndex;
    return match[0];
  }

  /** The inside of the string literal at the current place, escapes not yet resolved. */
  #quoted(at: number): string {
    const start = this.#at + 1;
    for (let end = start; end < this.#text.length; end += 1) {
      const character = this.#text[end];
      if (character === "'") {
        this.#at = end + 1;
        return this.#text.slice(start, end);
      }
      if (character !== "\\") continue;
      end += 1;
      if (this.#text[end] !== "'" && this.#text[end] !== "\\")
        throw syntax("in a string, a backslash stands only before `'` or another backslash", end - 1);
    }
    throw syntax("a string is not closed", at);
  }

  #prefixed(prefix: "t" | "h" | "b", at: number): Token {
    this.#at += 1;
    const inside = this.#quoted(at);
    if (prefix === "t") return { kind: "timestamp", text: inside, at };
    if (prefix === "h") {
      if (!isHex(inside)) throw syntax("a hex constant has an even number of hexadecimal digits", at);
      return { kind: "bytes", value: bytesOfHex(inside), at };
    }
    const base64 = inside.replace(/[\r\n]/g, "");
    if (base64 === "" || !isBase64(base64)) throw syntax("a binary constant is base64 with padding (RFC 4648 4)", at);
    return { kind: "bytes", value: bytesOfBase64(base64), at };
  }

  #number(text: string, at: number): Token {
    const value = Number(text);
    if (!Number.isFinite(value)) throw syntax("a number beyond the range of STIX", at);
    if (text.includes(".")) return { kind: "float", value, at };
    if (!Number.isSafeInteger(value)) throw syntax(`\`${text}\` is beyond the integers of STIX`, at);
    return { kind: "integer", value: value === 0 ? 0 : value, at }; // -0 reads as 0
  }
}

export function syntax(message: string, at: number): Problem<StixCode> {
  return new Problem<StixCode>("stix/pattern-syntax", `${message}, at character ${at}`, { detail: { at } });
}

export function bytesOfHex(hex: string): Uint8Array {
  return Uint8Array.from({ length: hex.length / 2 }, (_, i) => Number.parseInt(hex.slice(2 * i, 2 * i + 2), 16));
}

export function bytesOfBase64(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}

function unescape(text: string): string {
  return text.includes("\\") ? text.replace(/\\(['\\])/g, "$1") : text;
}

/** Unicode white space, STIX 2.1 section 9.1 (property WSpace). */
function isBlank(code: number): boolean {
  return (
    code === 0x20 ||
    (code >= 0x09 && code <= 0x0d) ||
    code === 0x85 ||
    code === 0xa0 ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000
  );
}

function isLetter(code: number): boolean {
  return (code >= 0x61 && code <= 0x7a) || (code >= 0x41 && code <= 0x5a) || code === 0x5f;
}

function isWordPart(code: number): boolean {
  return isLetter(code) || (code >= 0x30 && code <= 0x39) || code === 0x2d;
}
