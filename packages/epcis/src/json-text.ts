/**
 * JSON text with exact numbers, RFC 8259. JSON.parse does the work where every number survives a double; text with a
 * longer number goes through the plain parser below, which gives an ExactNumber for it. The writer prints both forms.
 * Refuses what RFC 8259 refuses. Depth is the caller's to bound (json-reader.ts does).
 */
import { ExactNumber, numericOf } from "./decimal.ts";
import type { ExactJson } from "./event.ts";
import { refusal } from "./refusal.ts";

/** A number that may need more than a double: 16 digits or more, or an exponent, after a colon, comma or bracket. */
const LONG_NUMBER = /(?:"\s*:|[[,])\s*-?(?:[\d.]{17,}|[\d.]+[eE])/;

/** The value of JSON text. @throws Problem `epcis/malformed-json` */
export function parseJson(text: string): ExactJson {
  if (LONG_NUMBER.test(text) || !/^\s*["[{]/.test(text)) return parseJsonPlainly(text);
  try {
    const value: ExactJson = JSON.parse(text); // JSON.parse gives any; it is JSON
    return value;
  } catch (cause) {
    throw refusal("epcis/malformed-json", `not JSON: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

/** The value of JSON text, character by character; the judge of the fast path. @throws Problem `epcis/malformed-json` */
export function parseJsonPlainly(text: string): ExactJson {
  const parser = new PlainParser(text);
  const value = parser.value();
  parser.end();
  return value;
}

const SPACE = /[ \t\n\r]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"[ !#-[\]-\uffff]*(?:\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})[ !#-[\]-\uffff]*)*"/y;
const WORDS: readonly (readonly [string, null | boolean])[] = [
  ["null", null],
  ["true", true],
  ["false", false],
];

class PlainParser {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  value(): ExactJson {
    this.#take(SPACE);
    switch (this.#text[this.#at]) {
      case "{":
        return this.#object();
      case "[":
        return this.#array();
      case '"':
        return this.#string();
      default:
        return this.#scalar();
    }
  }

  end(): void {
    this.#take(SPACE);
    if (this.#at < this.#text.length) throw this.#malformed();
  }

  #object(): ExactJson {
    const members: Record<string, ExactJson> = {};
    this.#at++;
    if (this.#skips("}")) return members;
    do {
      this.#take(SPACE);
      const name = this.#string();
      if (!this.#skips(":")) throw this.#malformed();
      const value = this.value();
      if (name === "__proto__")
        Object.defineProperty(members, name, { value, enumerable: true, configurable: true, writable: true });
      else members[name] = value;
    } while (this.#skips(","));
    if (!this.#skips("}")) throw this.#malformed();
    return members;
  }

  #array(): ExactJson {
    const members: ExactJson[] = [];
    this.#at++;
    if (this.#skips("]")) return members;
    do members.push(this.value());
    while (this.#skips(","));
    if (!this.#skips("]")) throw this.#malformed();
    return members;
  }

  #string(): string {
    const literal = this.#take(STRING);
    if (literal === undefined) throw this.#malformed();
    return literal.includes("\\") ? String(JSON.parse(literal)) : literal.slice(1, -1);
  }

  #scalar(): ExactJson {
    for (const [word, value] of WORDS) {
      if (!this.#text.startsWith(word, this.#at)) continue;
      this.#at += word.length;
      return value;
    }
    const literal = this.#take(NUMBER);
    if (literal === undefined || literal === "") throw this.#malformed();
    return numericOf(literal);
  }

  #skips(character: string): boolean {
    this.#take(SPACE);
    if (this.#text[this.#at] !== character) return false;
    this.#at++;
    return true;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#text)?.[0];
    if (found !== undefined) this.#at += found.length;
    return found;
  }

  #malformed() {
    const found = this.#at < this.#text.length ? `unexpected \`${this.#text[this.#at]}\`` : "unexpected end";
    return refusal("epcis/malformed-json", `not JSON: ${found} at character ${this.#at}`);
  }
}

/** JSON text of a value, numbers written exactly; `indent` spaces per level, or all on one line. */
export function jsonText(value: ExactJson | undefined, indent = 0): string {
  return write(value, indent === 0 ? "" : " ".repeat(indent), "\n");
}

function write(value: ExactJson | undefined, indent: string, newline: string): string {
  if (value instanceof ExactNumber) return value.text;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const inner = newline + indent;
  const [open, close, members] = Array.isArray(value)
    ? ["[", "]", value.map((member: ExactJson) => write(member, indent, inner))]
    : ["{", "}", objectMembers(value, indent, inner)];
  if (members.length === 0) return open + close;
  return indent === "" ? open + members.join(",") + close : open + inner + members.join(`,${inner}`) + newline + close;
}

function objectMembers(value: object, indent: string, inner: string): string[] {
  const colon = indent === "" ? ":" : ": ";
  return Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .map(([name, member]: [string, ExactJson]) => JSON.stringify(name) + colon + write(member, indent, inner));
}
