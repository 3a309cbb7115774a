/**
 * Version ranges of advisories: the `vers` notation (`vers:scheme/constraint|constraint`), the bare constraints that
 * vendors write in its place, and a few phrases. Invariant: membership is true, false or unknown; a range or a version
 * that doesn't parse is unknown, never "not affected". `vers:all/<X`, which is malformed, reads as `<X`; `*` is every
 * version.
 */
import { compareProductVersions, parseProductVersion, type ProductVersion } from "./product-version.ts";

const MAX_RANGE_CHARS = 2_000;

type Comparator = "=" | "!=" | "<" | "<=" | ">" | ">=";

export type VersionRange =
  | { readonly kind: "all" }
  | {
      readonly kind: "constraints";
      readonly constraints: readonly { readonly comparator: Comparator; readonly version: ProductVersion }[];
    }
  /** Text that says something about versions which no program can decide. */
  | { readonly kind: "unparsed"; readonly text: string };

/** The range that `text` writes. */
export function parseVersionRange(text: string): VersionRange {
  const unparsed: VersionRange = { kind: "unparsed", text };
  if (text.length > MAX_RANGE_CHARS) return unparsed;
  const body = withoutPhrases(text.trim().replace(/^vers:[a-z0-9.+-]+\//i, ""));
  if (body === "*") return { kind: "all" };
  const constraints: { comparator: Comparator; version: ProductVersion }[] = [];
  for (const part of body.split("|")) {
    const match = /^\s*(<=|>=|!=|<|>|=)?\s*(.*)$/s.exec(part);
    const version = parseProductVersion(match?.[2] ?? "");
    if (version === undefined) return unparsed;
    constraints.push({ comparator: (match?.[1] ?? "=") as Comparator, version }); // the group lists the comparators
  }
  return { kind: "constraints", constraints };
}

/** `all versions < X`, `X and prior`, `prior to X` as constraints. */
function withoutPhrases(text: string): string {
  const plain = text.replaceAll("_", " ");
  if (/^all(?: versions?)?$/i.test(plain)) return "*";
  const all = /^all versions? ?(<=|>=|<|>) ?(\S+(?: \S+){0,3})$/i.exec(plain);
  if (all) return `${all[1]}${all[2]}`;
  const before = /^(?:versions? )?(?:prior to|before) (\S+(?: \S+)?)$/i.exec(plain);
  if (before) return `<${before[1]}`;
  const upTo = /^(?:versions? )?(\S+(?: \S+)?) and (?:prior|earlier|below)$/i.exec(plain);
  return upTo ? `<=${upTo[1]}` : text;
}

/** Whether `version`, as text, is in `range`; undefined when that can't be known. */
export function isInRange(version: string, range: VersionRange): boolean | undefined {
  if (range.kind === "all") return true;
  if (range.kind === "unparsed") return undefined;
  const parsed = parseProductVersion(version);
  if (parsed === undefined) return undefined;
  const orders = range.constraints.map((constraint) => ({
    ...constraint,
    order: compareProductVersions(parsed, constraint.version),
  }));
  if (orders.some(({ order }) => order === undefined)) return undefined;
  return meets(orders.map(({ comparator, order }) => ({ comparator, order: order ?? 0 }))); // none is undefined here
}

/**
 * Containment of the vers specification: exact constraints first, then intervals, a lower bound pairing with the upper
 * bound that follows it. `order` is that of the version against the constraint's.
 */
function meets(constraints: readonly { comparator: Comparator; order: number }[]): boolean {
  for (const { comparator, order } of constraints) {
    if (comparator === "=" && order === 0) return true;
    if (comparator === "!=" && order === 0) return false;
  }
  const bounds = constraints.filter(({ comparator }) => comparator !== "=" && comparator !== "!=");
  if (bounds.length === 0) return constraints.some(({ comparator }) => comparator === "!=");
  for (let i = 0; i < bounds.length; i += 1) {
    const [bound, next] = [bounds[i]!, bounds[i + 1]]; // i is within the list
    if (bound.comparator.startsWith("<")) {
      if (isWithin(bound)) return true;
    } else if (next?.comparator.startsWith("<")) {
      if (isWithin(bound) && isWithin(next)) return true;
      i += 1;
    } else if (isWithin(bound)) return true;
  }
  return false;
}

function isWithin({ comparator, order }: { comparator: Comparator; order: number }): boolean {
  switch (comparator) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
    case "=":
      return order === 0;
    case "!=":
      return order !== 0;
  }
}
