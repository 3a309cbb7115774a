/**
 * Versions of products as vendors write them: an optional scheme (`v`, `R`, `IP`), dotted numbers, then service packs,
 * updates and the like. Invariant: two versions are compared only within one scheme, and never guessed: what doesn't
 * parse, or differs in kind where it would decide, is not comparable.
 */

const MAX_VERSION_CHARS = 200;

export interface ProductVersion {
  /** Upper case; empty for `v` and for none. */
  readonly scheme: string;
  readonly numbers: readonly number[];
  readonly suffixes: readonly { readonly kind: string; readonly number: number }[];
}

/** Spellings of one kind of suffix; a kind that is not here is one of its own. */
const KINDS: Readonly<Record<string, string>> = {
  SERVICEPACK: "SP",
  UPDATE: "UPD",
  UPDATES: "UPD",
  UP: "UPD",
  HOTFIX: "HF",
  PATCH: "P",
  RELEASE: "R",
  REV: "R",
  REVISION: "R",
  BUILD: "B",
};

/** The parts of `text`, or undefined when it is no version of this form (`4.1x`, `NA`, free text). */
export function parseProductVersion(text: string): ProductVersion | undefined {
  const trimmed = text.trim();
  if (trimmed.length > MAX_VERSION_CHARS) return undefined;
  const match = /^([A-Za-z]{0,10})[ _-]?(\d{1,15}(?:\.\d{1,15}){0,9})((?:[ _.-]?[A-Za-z]{1,12}[ _.-]?\d{1,9})*)$/.exec(
    trimmed,
  );
  if (match === null) return undefined;
  const [, prefix = "", numbers = "", rest = ""] = match;
  const scheme = /^(?:v|ver|version)$/i.test(prefix) ? "" : prefix.toUpperCase();
  const suffixes = [...rest.matchAll(/([A-Za-z]+)[ _.-]?(\d+)/g)].map(([, kind = "", number = ""]) => {
    const upper = kind.toUpperCase();
    return { kind: KINDS[upper] ?? upper, number: Number(number) };
  });
  return { scheme, numbers: numbers.split(".").map(Number), suffixes };
}

/** Order of two versions, or undefined when they are not comparable. Missing numbers are 0, a missing suffix comes first. */
export function compareProductVersions(a: ProductVersion, b: ProductVersion): number | undefined {
  if (a.scheme !== b.scheme) return undefined;
  for (let i = 0; i < Math.max(a.numbers.length, b.numbers.length); i += 1) {
    const order = (a.numbers[i] ?? 0) - (b.numbers[i] ?? 0);
    if (order !== 0) return order;
  }
  for (let i = 0; i < Math.max(a.suffixes.length, b.suffixes.length); i += 1) {
    const [left, right] = [a.suffixes[i], b.suffixes[i]];
    if (left === undefined) return -1;
    if (right === undefined) return 1;
    if (left.kind !== right.kind) return undefined;
    if (left.number !== right.number) return left.number - right.number;
  }
  return 0;
}
