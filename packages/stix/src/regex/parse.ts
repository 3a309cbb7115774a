/**
 * Parser of regular expressions in PCRE syntax. Invariant: whatever it returns, the engines run in bounded time.
 * Refuses, visibly: recursion, conditionals, callouts, branch reset, `\C`, `\X`, and look-behind without a bound.
 */
import { ANY_CHARACTER, characterSet, literalSet, NOT_LINE_FEED } from "./character-set.ts";
import { member, posixClass, propertyClass, type RegexMode, shorthand } from "./class-source.ts";
import type { CharacterSet, Greed, RegexNode } from "./syntax.ts";

/** Characters of one regular expression. */
export const MAX_REGEX_CHARS = 100_000;
/** Nested groups; bounds the recursion of the parser and the compiler. */
export const MAX_REGEX_NESTING = 200;
/** Largest count in `{n,m}`, that of PCRE. */
const MAX_COUNT = 65_535;

/** A fault of a regular expression; caught where the expression is compiled and turned into a Problem. */
export class RegexFault extends Error {}

export interface ParsedRegex {
  readonly node: RegexNode;
  readonly groupCount: number;
}

interface Flags {
  readonly ignoreCase: boolean;
  readonly multiline: boolean;
  readonly dotAll: boolean;
  readonly extended: boolean;
}

/** @throws RegexFault when `text` is no regular expression, or needs what is refused */
export function parseRegex(text: string, mode: RegexMode): ParsedRegex {
  if (text.length > MAX_REGEX_CHARS) throw new RegexFault(`more than ${MAX_REGEX_CHARS} characters`);
  return new Parser(text, mode).parse();
}

class Parser {
  readonly #characters: readonly string[];
  readonly #mode: RegexMode;
  readonly #names = new Map<string, number>();
  readonly #groupTotal: number;
  #at = 0;
  #flags: Flags = { ignoreCase: false, multiline: false, dotAll: true, extended: false };
  #groupCount = 0;
  #nesting = 0;
  #highestReference = 0;

  constructor(text: string, mode: RegexMode) {
    this.#characters = [...text];
    this.#mode = mode;
    this.#groupTotal = countGroups(text);
  }

  parse(): ParsedRegex {
    while (this.#skip("(*UTF8)") || this.#skip("(*UTF)") || this.#skip("(*UCP)") || this.#skip("(*ANYCRLF)"));
    const node = this.#alternatives();
    if (this.#at < this.#characters.length) throw this.#fault("unmatched `)`");
    if (this.#highestReference > this.#groupCount) throw this.#fault("reference to a group that does not exist");
    return { node, groupCount: this.#groupCount };
  }

  #alternatives(): RegexNode {
    const outer = this.#flags;
    const nodes = [this.#sequence()];
    while (this.#skip("|")) nodes.push(this.#sequence());
    this.#flags = outer; // an option set inside a group ends with the group
    return nodes.length === 1 ? nodes[0]! : { kind: "alternatives", nodes }; // one node at least
  }

  #sequence(): RegexNode {
    const nodes: RegexNode[] = [];
    for (;;) {
      this.#skipExtended();
      const character = this.#peek();
      if (character === undefined || character === "|" || character === ")") break;
      const atoms = this.#atoms();
      const last = atoms.pop();
      nodes.push(...atoms);
      if (last !== undefined) nodes.push(this.#quantified(last));
    }
    if (nodes.length === 0) return { kind: "empty" };
    return nodes.length === 1 ? nodes[0]! : { kind: "sequence", nodes }; // one node at least
  }

  #quantified(atom: RegexNode): RegexNode {
    let node = atom;
    for (;;) {
      this.#skipExtended();
      const range = this.#count();
      if (range === undefined) return node;
      const greed: Greed = this.#skip("?") ? "lazy" : this.#skip("+") ? "possessive" : "greedy";
      const repeat: RegexNode = { kind: "repeat", node, min: range.min, max: range.max, greed };
      node = greed === "possessive" ? { kind: "atomic", node: { ...repeat, greed: "greedy" } } : repeat;
      if (["*", "+", "?"].includes(this.#peek() ?? "")) throw this.#fault("nothing to repeat");
    }
  }

  #count(): { min: number; max: number } | undefined {
    if (this.#skip("*")) return { min: 0, max: Number.POSITIVE_INFINITY };
    if (this.#skip("+")) return { min: 1, max: Number.POSITIVE_INFINITY };
    if (this.#skip("?")) return { min: 0, max: 1 };
    if (this.#peek() !== "{") return undefined;
    const match = /^\{(\d{1,6})(,(\d{0,6}))?\}/.exec(this.#ahead(16));
    if (match === null) return undefined; // a brace that is no quantifier is a character
    this.#at += match[0].length;
    const min = Number(match[1]);
    const max = match[2] === undefined ? min : match[3] === "" ? Number.POSITIVE_INFINITY : Number(match[3]);
    if (min > MAX_COUNT || (max > MAX_COUNT && max !== Number.POSITIVE_INFINITY))
      throw this.#fault(`a count above ${MAX_COUNT}`);
    if (min > max) throw this.#fault("a count range out of order");
    return { min, max };
  }

  /** The next atom, as a list: `\Q…\E` gives several, an option setting none. */
  #atoms(): RegexNode[] {
    const character = this.#take();
    switch (character) {
      case "(":
        return this.#group();
      case "[":
        return [{ kind: "characters", set: this.#class() }];
      case ".":
        return [{ kind: "characters", set: this.#flags.dotAll ? ANY_CHARACTER : NOT_LINE_FEED }];
      case "^":
        return [{ kind: "assertion", assertion: this.#flags.multiline ? "lineStart" : "start" }];
      case "$":
        return [{ kind: "assertion", assertion: this.#flags.multiline ? "lineEnd" : "end" }];
      case "\\":
        return this.#escape();
      case "*":
      case "+":
      case "?":
        throw this.#fault("nothing to repeat");
      default:
        return [this.#literal(character)];
    }
  }

  #literal(character: string): RegexNode {
    return { kind: "characters", set: literalSet(character.codePointAt(0) ?? 0, this.#flags.ignoreCase) };
  }

  #codePoint(codePoint: number): RegexNode {
    if (codePoint > 0x10ffff || (this.#mode === "bytes" && codePoint > 0xff))
      throw this.#fault("a character beyond the range");
    return { kind: "characters", set: literalSet(codePoint, this.#flags.ignoreCase) };
  }

  #group(): RegexNode[] {
    if (this.#skip("?#")) {
      while (this.#take() !== ")");
      return [];
    }
    if (this.#skip("*")) throw this.#fault("verbs are not supported");
    if (!this.#skip("?")) return [this.#capture()];
    const character = this.#take();
    switch (character) {
      case ":":
        return [this.#inside()];
      case ">":
        return [{ kind: "atomic", node: this.#inside() }];
      case "=":
      case "!":
        return [{ kind: "look", node: this.#inside(), behind: false, negative: character === "!" }];
      case "'":
        return [this.#named("'")];
      case "P":
        return this.#pythonGroup();
      case "<": {
        if (this.#skip("=")) return [this.#lookBehind(false)];
        if (this.#skip("!")) return [this.#lookBehind(true)];
        return [this.#named(">")];
      }
      default:
        this.#at -= 1;
        return this.#options();
    }
  }

  #capture(): RegexNode {
    this.#groupCount += 1;
    const number = this.#groupCount;
    return { kind: "group", node: this.#inside(), number };
  }

  #named(end: string): RegexNode {
    const name = this.#until(end);
    if (!/^[A-Za-z_]\w{0,127}$/.test(name)) throw this.#fault(`\`${name.slice(0, 32)}\` is no group name`);
    if (this.#names.has(name)) throw this.#fault(`two groups are called \`${name}\``);
    this.#names.set(name, this.#groupCount + 1);
    return this.#capture();
  }

  #pythonGroup(): RegexNode[] {
    if (this.#skip("<")) return [this.#named(">")];
    if (this.#skip("=")) return [this.#reference(this.#until(")"))];
    throw this.#fault("recursion is not supported");
  }

  #lookBehind(negative: boolean): RegexNode {
    return { kind: "look", node: this.#inside(), behind: true, negative };
  }

  #inside(): RegexNode {
    this.#nesting += 1;
    if (this.#nesting > MAX_REGEX_NESTING) throw this.#fault(`groups nest at most ${MAX_REGEX_NESTING} deep`);
    const node = this.#alternatives();
    if (!this.#skip(")")) throw this.#fault("missing `)`");
    this.#nesting -= 1;
    return node;
  }

  /** `(?i)`, `(?s-m)`, `(?i:…)`. */
  #options(): RegexNode[] {
    const match = /^(\^?)([imsxnUJ]*)(?:-([imsxnUJ]*))?([:)])/.exec(this.#ahead(32));
    if (match === null) throw this.#fault("a group of this kind is not supported");
    const [whole, reset, on = "", off = "", end] = match;
    if (/[nUJ]/.test(on + off)) throw this.#fault("the options `n`, `U` and `J` are not supported");
    this.#at += whole.length;
    const outer = this.#flags;
    const base: Flags = reset === "^" ? { ignoreCase: false, multiline: false, dotAll: false, extended: false } : outer;
    const flag = (letter: string, before: boolean) => (on.includes(letter) || before) && !off.includes(letter);
    this.#flags = {
      ignoreCase: flag("i", base.ignoreCase),
      multiline: flag("m", base.multiline),
      dotAll: flag("s", base.dotAll),
      extended: flag("x", base.extended),
    };
    if (end === ")") return [];
    const node = this.#inside();
    this.#flags = outer;
    return [node];
  }

  #escape(): RegexNode[] {
    const character = this.#take();
    if (character === "Q") return [...this.#quoted()].map((inside) => this.#literal(inside));
    if (character === "E" || character === "K") return []; // \K moves the start of the match, not its truth
    const assertion = ASSERTIONS[character];
    if (assertion !== undefined) return [{ kind: "assertion", assertion }];
    if (character === "N") return [{ kind: "characters", set: NOT_LINE_FEED }];
    if (character === "R") return [this.#lineBreak()];
    if (character === "k") return [this.#reference(this.#delimited())];
    if (character === "g") return [this.#reference(this.#groupNumber())];
    if (/[1-9]/.test(character)) return [this.#numberOrOctal(character)];
    const source = this.#classEscape(character);
    if (source !== undefined) return [{ kind: "characters", set: this.#set(source, false) }];
    return [this.#codePoint(this.#characterEscape(character))];
  }

  #quoted(): string {
    let text = "";
    while (this.#at < this.#characters.length) {
      if (this.#skip("\\E")) return text;
      text += this.#take();
    }
    return text;
  }

  #lineBreak(): RegexNode {
    const single = this.#mode === "text" ? "\\n\\v\\f\\r\\u{85}\\u{2028}\\u{2029}" : "\\n\\v\\f\\r\\u{85}";
    const pair: RegexNode = { kind: "sequence", nodes: [this.#codePoint(0x0d), this.#codePoint(0x0a)] };
    return { kind: "alternatives", nodes: [pair, { kind: "characters", set: this.#set(single, false) }] };
  }

  #delimited(): string {
    const open = this.#take();
    const close = ({ "<": ">", "'": "'", "{": "}" } as Record<string, string>)[open]; // any other opening has no end
    if (close === undefined) throw this.#fault("expected a group name");
    return this.#until(close);
  }

  #groupNumber(): string {
    if (this.#peek() === "{") return this.#delimited();
    const match = /^-?\d{1,5}/.exec(this.#ahead(6));
    if (match === null) throw this.#fault("recursion is not supported");
    this.#at += match[0].length;
    return match[0];
  }

  #reference(name: string): RegexNode {
    let number = this.#names.get(name);
    if (number === undefined && /^\d{1,5}$/.test(name)) number = Number(name);
    if (number === undefined && /^-\d{1,5}$/.test(name)) number = this.#groupCount + 1 + Number(name);
    if (number === undefined || number < 1) throw this.#fault(`no group \`${name.slice(0, 32)}\``);
    this.#highestReference = Math.max(this.#highestReference, number);
    return { kind: "backreference", number, ignoreCase: this.#flags.ignoreCase };
  }

  /** `\1` to `\9` are references; a longer number is one when there are so many groups, else octal. */
  #numberOrOctal(first: string): RegexNode {
    const digits = first + (/^\d{0,4}/.exec(this.#ahead(4))?.[0] ?? "");
    if (digits.length === 1 || Number(digits) <= this.#groupTotal) {
      this.#at += digits.length - 1;
      return this.#reference(digits);
    }
    this.#at -= 1;
    const octal = /^[0-7]{1,3}/.exec(this.#ahead(3))?.[0];
    if (octal === undefined) throw this.#fault("reference to a group that does not exist");
    this.#at += octal.length;
    return this.#codePoint(Number.parseInt(octal, 8));
  }

  /** The class source of `\d`, `\p{…}` and their like, or undefined for another escape. */
  #classEscape(character: string): string | undefined {
    if (character === "p" || character === "P") {
      const name = this.#peek() === "{" ? this.#delimited() : this.#take();
      const source = propertyClass(name, character === "P");
      if (source === undefined) throw this.#fault(`no Unicode property \`${name.slice(0, 32)}\``);
      return source;
    }
    return shorthand(character, this.#mode);
  }

  #characterEscape(character: string): number {
    const control = CONTROLS[character];
    if (control !== undefined) return control;
    if (character === "x") return this.#hexadecimal();
    if (character === "u") return this.#fixedHexadecimal();
    if (character === "o") return Number.parseInt(this.#delimited(), 8);
    if (character === "c") return (this.#take().toUpperCase().codePointAt(0) ?? 0) ^ 0x40;
    if (character === "0") {
      const octal = /^[0-7]{0,2}/.exec(this.#ahead(2))?.[0] ?? "";
      this.#at += octal.length;
      return Number.parseInt(`0${octal}`, 8);
    }
    if (/[A-Za-z0-9]/.test(character)) throw this.#fault(`\`\\${character}\` is not supported`);
    return character.codePointAt(0) ?? 0;
  }

  #hexadecimal(): number {
    if (this.#peek() === "{") {
      const digits = this.#delimited();
      if (!/^[0-9a-fA-F]{1,6}$/.test(digits)) throw this.#fault("expected hexadecimal digits");
      return Number.parseInt(digits, 16);
    }
    const digits = /^[0-9a-fA-F]{0,2}/.exec(this.#ahead(2))?.[0] ?? "";
    this.#at += digits.length;
    return Number.parseInt(`0${digits}`, 16);
  }

  #fixedHexadecimal(): number {
    const digits = /^[0-9a-fA-F]{4}/.exec(this.#ahead(4))?.[0];
    if (digits === undefined) throw this.#fault("expected four hexadecimal digits after `\\u`");
    this.#at += 4;
    return Number.parseInt(digits, 16);
  }

  #class(): CharacterSet {
    const negated = this.#skip("^");
    let source = "";
    for (let first = true; first || this.#peek() !== "]"; first = false) source += this.#classItem();
    this.#take();
    return this.#set(source, negated);
  }

  /** One member, range, POSIX class or shorthand of a class. */
  #classItem(): string {
    const posix = /^\[:(\^?[a-z]{1,10}):\]/.exec(this.#ahead(16));
    if (posix !== null) {
      this.#at += posix[0].length;
      const source = posixClass(posix[1]!); // the group is in every match
      if (source === undefined) throw this.#fault(`no POSIX class \`${posix[1]}\``);
      return source;
    }
    const from = this.#classMember();
    if (typeof from === "string") return from;
    if (this.#peek() !== "-" || this.#characters[this.#at + 1] === "]") return member(from);
    const dash = this.#at;
    this.#at += 1;
    const to = this.#classMember();
    if (typeof to === "string") {
      this.#at = dash; // a dash before a shorthand is a character
      return member(from);
    }
    if (from > to) throw this.#fault("a class range out of order");
    return `${member(from)}-${member(to)}`;
  }

  /** A code point, or the source of a shorthand; `\Q…\E` gives the members of its text. */
  #classMember(): number | string {
    const character = this.#take();
    if (character !== "\\") return character.codePointAt(0) ?? 0;
    const escaped = this.#take();
    if (escaped === "Q") return [...this.#quoted()].map((inside) => member(inside.codePointAt(0) ?? 0)).join("");
    if (escaped === "E") return "";
    if (escaped === "b") return 0x08;
    if (/[0-7]/.test(escaped)) {
      const octal = escaped + (/^[0-7]{0,2}/.exec(this.#ahead(2))?.[0] ?? "");
      this.#at += octal.length - 1;
      return Number.parseInt(octal, 8);
    }
    const source = this.#classEscape(escaped);
    return source ?? this.#characterEscape(escaped);
  }

  #set(source: string, negated: boolean): CharacterSet {
    return characterSet(source, { negated, ignoreCase: this.#flags.ignoreCase });
  }

  /** White space and comments under `(?x)`. */
  #skipExtended(): void {
    if (!this.#flags.extended) return;
    for (;;) {
      const character = this.#peek();
      if (character !== undefined && /\s/.test(character)) this.#at += 1;
      else if (character === "#") while (this.#at < this.#characters.length && this.#take() !== "\n");
      else return;
    }
  }

  #peek(): string | undefined {
    return this.#characters[this.#at];
  }

  #ahead(count: number): string {
    return this.#characters.slice(this.#at, this.#at + count).join("");
  }

  #take(): string {
    const character = this.#characters[this.#at];
    if (character === undefined) throw this.#fault("the expression ends too early");
    this.#at += 1;
    return character;
  }

  #skip(text: string): boolean {
    for (let i = 0; i < text.length; i += 1) if (this.#characters[this.#at + i] !== text[i]) return false;
    this.#at += text.length;
    return true;
  }

  #until(end: string): string {
    let text = "";
    for (let character = this.#take(); character !== end; character = this.#take()) text += character;
    return text;
  }

  #fault(message: string): RegexFault {
    return new RegexFault(`${message}, at character ${this.#at}`);
  }
}

const ASSERTIONS: Readonly<Record<string, "word" | "notWord" | "start" | "end" | "veryEnd">> = {
  b: "word",
  B: "notWord",
  A: "start",
  G: "start",
  Z: "end",
  z: "veryEnd",
};

const CONTROLS: Readonly<Record<string, number>> = { a: 0x07, e: 0x1b, f: 0x0c, n: 0x0a, r: 0x0d, t: 0x09 };

/** Capturing groups of the whole text, so that `\12` can be told from octal before they are all read. */
function countGroups(text: string): number {
  const bare = text.replace(/\\[\s\S]/g, "").replace(/\[\^?\]?[^\]]*\]/g, "");
  return (bare.match(/\((?!\?)|\(\?P?<(?![=!])|\(\?'/g) ?? []).length;
}
