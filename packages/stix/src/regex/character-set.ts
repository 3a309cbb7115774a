/**
 * Sets of characters of regular expressions. Unicode properties and case folding come from the platform's own RegExp,
 * asked about one character at a time: such a question can't backtrack. Invariant: a set always answers the same for
 * the same character; answers are kept.
 */
import type { CharacterSet } from "./syntax.ts";

const FEW = 256;
const UNKNOWN = 2;

/** Answers kept for each set beyond the first 256 characters. */
const MAX_KEPT = 4_096;

/**
 * The set that the class body `source` (between the brackets, in the platform's `v` syntax) describes. With
 * `ignoreCase`, a character is in when any character of its case fold is.
 * @throws SyntaxError when the platform doesn't know a property that `source` names
 */
export function characterSet(source: string, options: { negated: boolean; ignoreCase: boolean }): CharacterSet {
  const form = new RegExp(`^[${source}]$`, options.ignoreCase ? "vi" : "v");
  const few = new Uint8Array(FEW).fill(UNKNOWN);
  const kept = new Map<number, boolean>();
  const has = (codePoint: number): boolean => {
    const known = codePoint < FEW ? few[codePoint] : kept.get(codePoint);
    if (known !== undefined && known !== UNKNOWN) return known === true || known === 1;
    const answer = form.test(String.fromCodePoint(codePoint)) !== options.negated;
    if (codePoint < FEW) few[codePoint] = answer ? 1 : 0;
    else if (kept.size < MAX_KEPT) kept.set(codePoint, answer);
    return answer;
  };
  return { has, letter: undefined };
}

export function literalSet(codePoint: number, ignoreCase: boolean): CharacterSet {
  const character = String.fromCodePoint(codePoint);
  const letter = codePoint < 0x80 ? character.toLowerCase() : undefined;
  if (!ignoreCase || character.toLowerCase() === character.toUpperCase())
    return { has: (other) => other === codePoint, letter };
  const folded = characterSet(`\\u{${codePoint.toString(16)}}`, { negated: false, ignoreCase: true });
  return { has: folded.has, letter };
}

/** Every character: the dot under DOTALL, which STIX 2.1 section 9.6.1 prescribes. */
export const ANY_CHARACTER: CharacterSet = { has: () => true, letter: undefined };

/** Everything but a line feed: `\N`, and the dot after `(?-s)`. */
export const NOT_LINE_FEED: CharacterSet = { has: (codePoint) => codePoint !== 0x0a, letter: undefined };
