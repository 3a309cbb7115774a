/**
 * The syntax tree of a regular expression, PCRE syntax (pcre2pattern) as STIX 2.1 section 9.6.1 asks of MATCHES.
 * Characters are code points in text and octets in binary values.
 */

export type RegexNode =
  | { readonly kind: "empty" }
  | { readonly kind: "characters"; readonly set: CharacterSet }
  | { readonly kind: "sequence" | "alternatives"; readonly nodes: readonly RegexNode[] }
  | {
      readonly kind: "repeat";
      readonly node: RegexNode;
      readonly min: number;
      readonly max: number;
      readonly greed: Greed;
    }
  | { readonly kind: "group"; readonly node: RegexNode; readonly number: number }
  | { readonly kind: "assertion"; readonly assertion: Assertion }
  | { readonly kind: "look"; readonly node: RegexNode; readonly behind: boolean; readonly negative: boolean }
  | { readonly kind: "atomic"; readonly node: RegexNode }
  | { readonly kind: "backreference"; readonly number: number; readonly ignoreCase: boolean };

export type Greed = "greedy" | "lazy" | "possessive";

/** `line` variants are those of the `(?m)` flag; `end` also matches before a line feed that ends the subject. */
export type Assertion = "start" | "end" | "veryEnd" | "lineStart" | "lineEnd" | "word" | "notWord";

/** Characters that one position may hold. */
export interface CharacterSet {
  has(codePoint: number): boolean;
  /** In lower case, the one ASCII character that it holds in either case; undefined for every other set. */
  readonly letter: string | undefined;
}
