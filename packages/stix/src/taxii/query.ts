/**
 * The query of TAXII 2.1 collection requests: `added_after`, `limit`, `next` and `match[…]`. A list in one field means
 * OR, several fields mean AND. Invariant: a query that parses has one meaning. Refuses malformed times and limits; what
 * clients are known to send for "nothing" (`limit=0`, `next=`) means nothing, and unknown match fields are passed over.
 */
import { fail, ok, type Result } from "@holdfast/kernel";
import type { StixCode } from "../problem-code.ts";
import { compareTimestamps, isTimestamp } from "../timestamp.ts";
import { parseAdded } from "./added.ts";

/** Values in one match field; a page of ids fits. */
export const MAX_MATCH_VALUES = 1_000;
/** Characters of one `next`; a cursor is about 250. */
export const MAX_NEXT_CHARS = 2_048;

export interface TaxiiMatch {
  readonly ids?: readonly string[];
  readonly types?: readonly string[];
  /** `first`, `last`, `all` or timestamps; without it `last`. */
  readonly versions?: readonly string[];
  /** Without it the newest that the collection has of each object. */
  readonly specVersions?: readonly string[];
}

export interface TaxiiQuery {
  readonly match: TaxiiMatch;
  /** Objects added strictly later than this, in microseconds since 1970. */
  readonly addedAfterMicros?: number;
  /** Positive; the server may give less. */
  readonly limit?: number;
  readonly next?: string;
}

type Field = "id" | "type" | "version" | "spec_version";

const NAMES: Readonly<Record<Field, keyof TaxiiMatch>> = {
  id: "ids",
  type: "types",
  version: "versions",
  spec_version: "specVersions",
};

/** The query that `parameters` write; fields that the endpoint doesn't have are passed over. */
export function parseQuery(
  parameters: Iterable<readonly [string, string]>,
  endpointFields: readonly Field[],
): Result<TaxiiQuery, StixCode> {
  const values = new Map<string, string[]>();
  for (const [name, value] of parameters) values.set(name, [...(values.get(name) ?? []), value]);
  const match: { -readonly [Name in keyof TaxiiMatch]: readonly string[] } = {};
  for (const field of endpointFields) {
    const list = (values.get(`match[${field}]`) ?? [])
      .flatMap((text) => text.split(","))
      .map((text) => text.trim())
      .filter(Boolean);
    if (list.length > MAX_MATCH_VALUES)
      return fail("stix/taxii", `\`match[${field}]\` has more than ${MAX_MATCH_VALUES} values`);
    if (list.length > 0) match[NAMES[field]] = [...new Set(list)];
  }
  const wrong = match.versions?.find((version) => !["first", "last", "all"].includes(version) && !isTimestamp(version));
  if (wrong !== undefined)
    return fail(
      "stix/taxii",
      `\`match[version]\` takes \`first\`, \`last\`, \`all\` or timestamps, not \`${wrong.slice(0, 64)}\``,
    );
  return withPlace(match, values);
}

function withPlace(match: TaxiiMatch, values: ReadonlyMap<string, readonly string[]>): Result<TaxiiQuery, StixCode> {
  const [after, limit, next] = ["added_after", "limit", "next"].map((name) => values.get(name)?.at(-1)?.trim());
  const addedAfterMicros = after ? parseAdded(after) : undefined;
  if (after && addedAfterMicros === undefined)
    return fail("stix/taxii", `\`added_after\` takes a timestamp, not \`${after.slice(0, 64)}\``);
  const count = limit === undefined || limit === "" ? 0 : /^\d{1,15}$/.test(limit) ? Number(limit) : Number.NaN;
  if (Number.isNaN(count))
    return fail("stix/taxii", `\`limit\` takes a positive integer, not \`${(limit ?? "").slice(0, 64)}\``);
  if (next !== undefined && next.length > MAX_NEXT_CHARS)
    return fail("stix/taxii", `\`next\` has more than ${MAX_NEXT_CHARS} characters`);
  return ok({
    match,
    ...(addedAfterMicros === undefined ? {} : { addedAfterMicros }),
    ...(count === 0 ? {} : { limit: count }),
    ...(next ? { next } : {}),
  });
}

/** What a collection knows of one version of one object. */
export interface TaxiiEntry {
  readonly id: string;
  readonly type: string;
  /** `modified`, else `created`, else `date_added`. */
  readonly version: string;
  readonly specVersion: string;
  readonly addedMicros: number;
  /** Place in the collection, strictly rising; ties in `addedMicros` are broken by it. */
  readonly sequence: number;
}

/**
 * The entries that `query` asks for, in the order in which they were added. This is the plain meaning, and the judge of
 * any index or SQL; it looks at every entry.
 */
export function selectEntries<Entry extends TaxiiEntry>(entries: readonly Entry[], query: TaxiiQuery): Entry[] {
  const { ids, types, versions = ["last"], specVersions } = query.match;
  const named = entries.filter(({ id, type }) => (ids?.includes(id) ?? true) && (types?.includes(type) ?? true));
  return [...Map.groupBy(named, ({ id }) => id).values()]
    .map((group) => bySpecVersion(group, specVersions))
    .flatMap((group) => byVersion(group, versions))
    .filter(({ addedMicros }) => query.addedAfterMicros === undefined || addedMicros > query.addedAfterMicros)
    .sort((a, b) => a.sequence - b.sequence);
}

function bySpecVersion<Entry extends TaxiiEntry>(
  group: readonly Entry[],
  wanted: readonly string[] | undefined,
): readonly Entry[] {
  if (wanted !== undefined) return group.filter(({ specVersion }) => wanted.includes(specVersion));
  const newest = group.map(({ specVersion }) => specVersion).reduce((a, b) => (compareSpecVersions(a, b) >= 0 ? a : b));
  return group.filter(({ specVersion }) => specVersion === newest);
}

function byVersion<Entry extends TaxiiEntry>(group: readonly Entry[], wanted: readonly string[]): readonly Entry[] {
  if (wanted.includes("all") || group.length === 0) return group;
  const byAge = group.toSorted((a, b) => compareTimestamps(a.version, b.version) || a.sequence - b.sequence);
  const [first, last] = [byAge[0], byAge[byAge.length - 1]];
  return group.filter(
    (entry) =>
      (wanted.includes("first") && entry === first) ||
      (wanted.includes("last") && entry === last) ||
      wanted.some((version) => isTimestamp(version) && compareTimestamps(version, entry.version) === 0),
  );
}

function compareSpecVersions(a: string, b: string): number {
  const [left, right] = [a.split(".").map(Number), b.split(".").map(Number)];
  return (left[0] ?? 0) - (right[0] ?? 0) || (left[1] ?? 0) - (right[1] ?? 0);
}
