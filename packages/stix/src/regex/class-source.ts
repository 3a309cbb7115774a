/**
 * Character classes of PCRE in the platform's `v` class syntax. Shorthands know Unicode in text, as the UNICODE flag of
 * STIX 2.1 section 9.6.1 says, and only ASCII in binary values.
 */

import { characterSet } from "./character-set.ts";
import type { CharacterSet } from "./syntax.ts";

export type RegexMode = "text" | "bytes";

/** One code point as a class member. */
export function member(codePoint: number): string {
  return `\\u{${codePoint.toString(16)}}`;
}

const HORIZONTAL = "\\t \\u{a0}\\u{1680}\\u{180e}\\u{2000}-\\u{200a}\\u{202f}\\u{205f}\\u{3000}";
const VERTICAL = "\\n\\v\\f\\r\\u{85}\\u{2028}\\u{2029}";

const TEXT: Readonly<Record<string, string>> = {
  d: "\\p{Nd}",
  w: "\\p{L}\\p{N}_",
  s: "\\p{White_Space}",
  h: HORIZONTAL,
  v: VERTICAL,
};
const BYTES: Readonly<Record<string, string>> = {
  d: "0-9",
  w: "A-Za-z0-9_",
  s: "\\t\\n\\v\\f\\r ",
  h: "\\t \\u{a0}",
  v: "\\n\\v\\f\\r\\u{85}",
};

/** The source of `\d`, `\W` and their like; upper case negates. Undefined for every other letter. */
export function shorthand(letter: string, mode: RegexMode): string | undefined {
  const source = (mode === "text" ? TEXT : BYTES)[letter.toLowerCase()];
  if (source === undefined) return undefined;
  return letter === letter.toLowerCase() ? `[${source}]` : `[^${source}]`;
}

const WORD: Readonly<Record<RegexMode, CharacterSet>> = {
  text: characterSet(TEXT["w"] ?? "", { negated: false, ignoreCase: false }),
  bytes: characterSet(BYTES["w"] ?? "", { negated: false, ignoreCase: false }),
};

/** The characters that `\b` tells from the others. */
export function wordSet(mode: RegexMode): CharacterSet {
  return WORD[mode];
}

const POSIX: Readonly<Record<string, string>> = {
  alnum: "A-Za-z0-9",
  alpha: "A-Za-z",
  ascii: "\\u{0}-\\u{7f}",
  blank: "\\t ",
  cntrl: "\\u{0}-\\u{1f}\\u{7f}",
  digit: "0-9",
  graph: "\\u{21}-\\u{7e}",
  lower: "a-z",
  print: "\\u{20}-\\u{7e}",
  punct: "\\u{21}-\\u{2f}\\u{3a}-\\u{40}\\u{5b}-\\u{60}\\u{7b}-\\u{7e}",
  space: "\\t\\n\\v\\f\\r ",
  upper: "A-Z",
  word: "A-Za-z0-9_",
  xdigit: "0-9A-Fa-f",
};

/** The source of `[:alpha:]` and its like, `^` before the name negating it. Undefined for an unknown name. */
export function posixClass(name: string): string | undefined {
  const negated = name.startsWith("^");
  const source = POSIX[negated ? name.slice(1) : name];
  return source === undefined ? undefined : `[${negated ? "^" : ""}${source}]`;
}

const OWN_NAMES: Readonly<Record<string, string>> = {
  "L&": "\\p{LC}",
  Any: "\\u{0}-\\u{10ffff}",
  Xan: "\\p{L}\\p{N}",
  Xwd: "\\p{L}\\p{N}_",
  Xsp: "\\p{White_Space}",
  Xps: "\\p{White_Space}",
};

/** The source of `\p{name}`; `negated` for `\P` and for `^` before the name. Undefined for an unknown property. */
export function propertyClass(name: string, negated: boolean): string | undefined {
  const inverted = name.startsWith("^") !== negated;
  const bare = name.startsWith("^") ? name.slice(1) : name;
  if (!/^[A-Za-z_&]{1,60}$/.test(bare)) return undefined;
  const source = OWN_NAMES[bare] ?? [`\\p{${bare}}`, `\\p{Script=${bare}}`].find(isKnown);
  return source === undefined ? undefined : `[${inverted ? "^" : ""}${source}]`;
}

function isKnown(source: string): boolean {
  try {
    new RegExp(`[${source}]`, "v");
    return true;
  } catch {
    return false;
  }
}
