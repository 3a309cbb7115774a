/** Search over everything: objects that have a word beginning with each word of the query, the likeliest first. */
import type { registry } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import { sql } from "kysely";
import type { Kind } from "./draft-check.ts";
import { namesById } from "./label-store.ts";
import { foldedWords } from "./name-likeness.ts";
import { findByWords, queryWords, type TermHit } from "./term-store.ts";
import { type Db, tableOf } from "./version-store.ts";

type NamedKind = "organisation" | "site" | "asset" | "item";

interface Named {
  readonly id: string;
  readonly label: string;
  readonly sub: string | null;
  readonly country: string | null;
  readonly owner: string | null;
  readonly state: "active" | "retired" | "merged";
  readonly merged_into: string | null;
}

/** At most `limit` hits; a merged object is shown as what it became. @throws Problem `registry/search-too-short` */
export async function search(
  db: Db,
  query: { q: string; kind: Kind | undefined; limit: number },
): Promise<registry.SearchHit[]> {
  const words = queryWords(query.q);
  if (words.length === 0)
    throw new Problem("registry/search-too-short", `\`${query.q}\` has no letter or digit to look for`);
  const found = new Map<string, TermHit>();
  for (const hit of await findByWords(db, words, query.kind)) if (!found.has(hit.id)) found.set(hit.id, hit);
  const ranked: { kind: NamedKind; object: Named; term: string; rank: number }[] = [];
  const shown = new Set<string>();
  for (const kind of ["organisation", "site", "asset", "item"] as const) {
    const hits = [...found.values()].filter((hit) => hit.kind === kind);
    if (hits.length === 0) continue;
    const named = await readNamed(
      db,
      kind,
      hits.map(({ id }) => id),
    );
    for (const { id, term } of hits) {
      const object = named.get(named.get(id)?.merged_into ?? id);
      if (!object || shown.has(object.id)) continue;
      shown.add(object.id);
      const { label, state } = object;
      ranked.push({ kind, object, term, rank: rankOf({ label, words, term, kind, state }) });
    }
  }
  const best = ranked
    .sort((a, b) => a.rank - b.rank || (a.object.label < b.object.label ? -1 : 1))
    .slice(0, query.limit);
  const owners = new Map<string, string>();
  for (const [of, kinds] of OWNERS) {
    const ids = best.flatMap(({ kind, object }) => (kinds.includes(kind) ? (object.owner ?? []) : []));
    for (const [id, name] of await namesById(db, of, ids, undefined)) owners.set(id, name);
  }
  return best.map(({ kind, object, term }) => ({
    kind,
    id: object.id,
    label: object.label,
    detail: detailOf(object, owners),
    match: term,
  }));
}

/** Whose names say which object is meant, and of which kinds. */
const OWNERS: readonly (readonly ["organisation" | "site", readonly NamedKind[]])[] = [
  ["organisation", ["site"]],
  ["site", ["asset"]],
];

async function readNamed(db: Db, kind: NamedKind, ids: readonly string[]): Promise<Map<string, Named>> {
  const owner = { organisation: sql`null::uuid`, site: sql`v.organisation`, asset: sql`v.site`, item: sql`null::uuid` }[
    kind
  ];
  const sub = { organisation: sql`null`, site: sql`v.kind`, asset: sql`v.vendor`, item: sql`v.kind` }[kind];
  const country = kind === "organisation" || kind === "site" ? sql`v.country` : sql`null`;
  const named = new Map<string, Named>();
  let asked = [...ids];
  // a merged object leads to what it became, which may have been merged too
  for (let hops = 0; asked.length > 0 && hops < 10; hops++) {
    const { rows } = await sql<Named>`
      select v.id, v.body ->> 'name' as label, ${sub} as sub, ${country} as country, ${owner} as owner, v.state, v.merged_into
      from ${tableOf(kind)} v where v.id = any(${asked}::uuid[]) and v.superseded_at is null limit ${asked.length}`.execute(
      db,
    );
    for (const row of rows) named.set(row.id, row);
    asked = rows.flatMap(({ merged_into }) => (merged_into !== null && !named.has(merged_into) ? [merged_into] : []));
  }
  return named;
}

function detailOf({ sub, country, owner, state }: Named, owners: ReadonlyMap<string, string>): string {
  const parts = [sub, owner === null ? null : owners.get(owner), country, state === "retired" ? "retired" : null];
  return parts.filter((part) => part !== null && part !== undefined && part !== "").join(" · ");
}

/** Smaller is likelier: the label begins with the query, then a whole word was found, then by kind, then the shorter label. */
function rankOf({
  label,
  words,
  term,
  kind,
  state,
}: {
  label: string;
  words: readonly string[];
  term: string;
  kind: NamedKind;
  state: string;
}): number {
  const folded = foldedWords(label);
  const begins = words.some((word) => folded[0]?.startsWith(word)) ? 0 : 1_000;
  const whole = words.includes(term) ? 0 : 500;
  const kinds = { organisation: 0, site: 100, item: 50, asset: 200 }[kind];
  return begins + whole + kinds + (state === "retired" ? 5_000 : 0) + Math.min(99, label.length);
}
