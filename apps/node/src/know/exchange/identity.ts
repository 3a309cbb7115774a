/**
 * Which object of the registry a row speaks of. The id column decides where the registry knows it; then identifiers; then
 * the name, within the organisation of a site, the site of an asset, the country of an organisation. Stocks, capacities,
 * demands and recipes are the one of their site and item, routes of their ends, mode and item. A row that is none of
 * these is a new object. Two objects that differ in an identifier of one scheme are never taken for one.
 */
import type { registry } from "@holdfast/api";
import { isUuid } from "@holdfast/kernel";
import {
  currentVersions,
  type Db,
  findByIdentifiers,
  findByIds,
  findByNames,
  findByPairs,
  findRoutes,
  foldedWords,
  type Hit,
  type Kind,
  type NameKey,
  type Version,
} from "../registry/index.ts";
import { type Fault, short } from "./cell-value.ts";
import { closest, type Resolver } from "./resolver.ts";
import { asIdentifiers, schemeOf } from "./row-draft.ts";

/** A row whose references are ids. */
export interface Subject {
  readonly values: ReadonlyMap<string, unknown>;
}

/** `current` is what the row speaks of; undefined: a new one. `absorbed` names what a merged object became. */
export type Identity = { readonly current: Version | undefined; readonly absorbed?: string } | Fault;

const NEW: Identity = { current: undefined };

/** The object that each row speaks of, in the order of the rows. */
export async function identify(db: Db, kind: Kind, rows: readonly Subject[], resolver: Resolver): Promise<Identity[]> {
  const byId = await hitsById(db, kind, rows);
  const keyed = await hitsByKey(db, kind, rows, resolver);
  const found = rows.map((_, i) => byId.get(i) ?? keyed.get(i) ?? []);
  const ids = new Set(
    found
      .flat()
      .filter(({ state }) => state === "active")
      .map(({ id }) => id),
  );
  const versions = await currentVersions(db, kind, [...ids]);
  return rows.map((row, i) => {
    const isCertain = byId.has(i) || !isNamed(kind);
    const hits = found[i]?.filter(({ id }) => isCertain || fits(kind, row, versions.get(id))) ?? [];
    return choose(kind, row, { hits, versions, resolver });
  });
}

function isNamed(kind: Kind): boolean {
  return kind === "organisation" || kind === "site" || kind === "item" || kind === "asset";
}

function choose(
  kind: Kind,
  row: Subject,
  { hits, versions, resolver }: { hits: readonly Hit[]; versions: ReadonlyMap<string, Version>; resolver: Resolver },
): Identity {
  const active = [...new Set(hits.filter(({ state }) => state === "active").map(({ id }) => id))];
  if (active.length > 1) {
    const what = short(textOf(row, "name") ?? textOf(row, "code") ?? "");
    return {
      rule: "row/ambiguous",
      message: `\`${what}\` is the name or identifier of ${active.length} objects: give the row an id or a code`,
    };
  }
  const [only] = active;
  if (only !== undefined) return { current: versions.get(only) };
  const merged = hits.find(({ state }) => state === "merged");
  if (merged) return { current: undefined, absorbed: resolver.canonical(kind, merged.id) };
  const retired = hits.find(({ state }) => state === "retired");
  return retired
    ? { rule: "registry/retired", message: `the ${kind} is retired: reinstate it before you import it` }
    : NEW;
}

async function hitsById(db: Db, kind: Kind, rows: readonly Subject[]): Promise<Map<number, Hit[]>> {
  const ids = rows.map((row) => textOf(row, "id")?.toLowerCase() ?? "");
  const known = await findByIds(db, kind, ids.filter(isUuid));
  const found = new Map<number, Hit[]>();
  for (const [i, id] of ids.entries()) {
    const hit = known.get(id);
    if (hit) found.set(i, [hit]);
  }
  return found;
}

async function hitsByKey(
  db: Db,
  kind: Kind,
  rows: readonly Subject[],
  resolver: Resolver,
): Promise<Map<number, readonly Hit[]>> {
  switch (kind) {
    case "organisation":
    case "site":
    case "item":
    case "asset":
      return hitsByName(db, kind, rows, resolver);
    case "recipe":
    case "stock":
    case "capacity":
    case "demand":
      return expanded(
        rows,
        (row) => pairsOf(row, resolver),
        (keys) => findByPairs(db, kind, keys),
      );
    case "route":
      return expanded(
        rows,
        (row) => endsOf(row, resolver),
        (keys) => findRoutes(db, keys),
      );
  }
}

async function hitsByName(
  db: Db,
  kind: "organisation" | "site" | "item" | "asset",
  rows: readonly Subject[],
  resolver: Resolver,
): Promise<Map<number, readonly Hit[]>> {
  const found = new Map<number, readonly Hit[]>();
  if (kind !== "asset")
    for (const [i, hits] of await expanded(rows, strongIdentifiers, (keys) => findByIdentifiers(db, kind, keys)))
      found.set(i, hits);
  const open = rows.map((row, i) => ({ row, i })).filter(({ i }) => !found.has(i));
  const byName = await expanded(
    open,
    ({ row }) => nameKeys(kind, row, resolver),
    (keys) => findByNames(db, kind, keys),
  );
  for (const [at, hits] of byName) {
    const entry = open[at];
    if (entry) found.set(entry.i, closest(textOf(entry.row, "name") ?? "", hits));
  }
  return found;
}

/** Asks about all keys of all rows at once, and gives the hits by row. */
async function expanded<Row, Key>(
  rows: readonly Row[],
  keysOf: (row: Row) => readonly Key[],
  find: (keys: readonly Key[]) => Promise<Map<number, Hit[]>>,
): Promise<Map<number, Hit[]>> {
  const keys = rows.flatMap((row, i) => keysOf(row).map((key) => ({ key, i })));
  if (keys.length === 0) return new Map();
  const byRow = new Map<number, Hit[]>();
  for (const [place, hits] of await find(keys.map(({ key }) => key))) {
    const i = keys[place]?.i;
    if (i !== undefined) byRow.set(i, [...(byRow.get(i) ?? []), ...hits]);
  }
  return byRow;
}

/** The row's identifiers that no two objects share. */
export function strongIdentifiers({ values }: Subject): registry.Identifier[] {
  const given = asIdentifiers(values.get("identifiers"));
  const single: registry.Identifier[] = [];
  for (const [column, value] of values) {
    const scheme = column === "lei" || column === "gln" ? column : schemeOf(column);
    if (scheme === undefined || typeof value !== "string") continue;
    const plain =
      scheme === "lei"
        ? value.replace(/[\s-]/g, "").toUpperCase()
        : scheme === "gln"
          ? value.replace(/\s/g, "")
          : value;
    single.push({ scheme, value: plain });
  }
  return [...single, ...given];
}

function nameKeys(kind: Kind, row: Subject, resolver: Resolver): NameKey[] {
  const name = textOf(row, "name");
  if (name === undefined) return [];
  if (kind !== "site" && kind !== "asset") return [{ name }];
  const owner = textOf(row, kind === "site" ? "organisation" : "site");
  return owner === undefined ? [] : resolver.members(owner).map((member) => ({ name, owner: member }));
}

function pairsOf(row: Subject, resolver: Resolver): { site: string; item: string }[] {
  const [site, item] = [textOf(row, "site"), textOf(row, "item")];
  if (site === undefined || item === undefined) return [];
  return resolver.members(site).flatMap((s) => resolver.members(item).map((i) => ({ site: s, item: i })));
}

function endsOf(row: Subject, resolver: Resolver): { from: string; to: string; mode: string; item: string | null }[] {
  const [from, to, mode, item] = ["from", "to", "mode", "item"].map((column) => textOf(row, column));
  if (from === undefined || to === undefined || mode === undefined) return [];
  const items = item === undefined ? [null] : resolver.members(item);
  return resolver
    .members(from)
    .flatMap((f) => resolver.members(to).flatMap((t) => items.map((i) => ({ from: f, to: t, mode, item: i }))));
}

/** Whether a hit by identifier or name can be what the row means: no identifier, country or serial number speaks against it. */
function fits(kind: Kind, row: Subject, version: Version | undefined): boolean {
  if (!version) return true; // merged or retired: whoever chooses says so
  const body: Readonly<Record<string, unknown>> = version.body;
  const own = strongIdentifiers({ values: new Map(Object.entries(body)) });
  const given = strongIdentifiers(row);
  const agrees = given.some((each) => own.some(({ scheme, value }) => scheme === each.scheme && value === each.value));
  if (agrees) return true;
  const differs = given.some((each) => own.some(({ scheme }) => scheme === each.scheme));
  if (differs) return false;
  const rival = kind === "organisation" ? "country" : kind === "asset" ? "serial" : undefined;
  const [mine, its] = rival === undefined ? [undefined, undefined] : [textOf(row, rival), body[rival]];
  return mine === undefined || its === undefined || mine === its;
}

/** What two rows of one batch must not share while neither is in the registry. */
export interface LocalKeys {
  /** Of which one is enough to be the same object. */
  readonly strong: readonly string[];
  /** The same object, unless identifiers tell them apart. */
  readonly name: string | undefined;
}

export function localKeys(kind: Kind, row: Subject): LocalKeys {
  const at = (...columns: string[]) => columns.map((column) => textOf(row, column) ?? "").join(" | ");
  if (kind === "route") return { strong: [at("from", "to", "mode", "item")], name: undefined };
  if (!isNamed(kind)) return { strong: [at("site", "item")], name: undefined };
  const strong = strongIdentifiers(row).map(({ scheme, value }) => `${scheme}:${value}`);
  const name = foldedWords(textOf(row, "name") ?? "").join(" ");
  const within =
    kind === "organisation" ? at("country") : kind === "site" ? at("organisation") : kind === "asset" ? at("site") : "";
  const serial = kind === "asset" ? at("serial") : "";
  return {
    strong: serial === "" ? strong : [...strong, `serial:${within}:${name}:${serial}`],
    name: name === "" ? undefined : `${within} | ${name}`,
  };
}

export function textOf({ values }: Subject, column: string): string | undefined {
  const value = values.get(column);
  return typeof value === "string" ? value : undefined;
}
