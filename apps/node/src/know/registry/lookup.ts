/**
 * Finds many objects at once by what people call them: ids, identifiers, names, aliases, or what they connect. Each
 * question is one statement for the whole batch, whatever its size. Gives merged and retired objects too: the caller decides.
 */
import { sql } from "kysely";
import type { Kind } from "./draft-check.ts";
import { foldedWords } from "./name-likeness.ts";
import { namesOf } from "./object-kind.ts";
import { QUERY_WORDS_MAX } from "./term-store.ts";
import { currentVersions, type Db, parts, tableOf, type Version } from "./version-store.ts";

export const SAME_NAME_MAX = 20; // objects of one name that are told apart; more are only called many

export interface Hit {
  readonly id: string;
  readonly state: Version["state"];
  readonly mergedInto: string | null;
  /** Absent for kinds without names. */
  readonly name: string | null;
}

type Row = {
  readonly place: number;
  readonly id: string;
  readonly state: Version["state"];
  readonly merged_into: string | null;
  readonly name: string | null;
};

const BATCH = 5_000;

/** Which of `ids` are objects of the kind. */
export async function findByIds(db: Db, kind: Kind, ids: readonly string[]): Promise<Map<string, Hit>> {
  const found = new Map<string, Hit>();
  for (const part of parts(ids, BATCH)) {
    const { rows } = await sql<Row>`
      select v.id, v.state, v.merged_into, v.body ->> 'name' as name from ${tableOf(kind)} v
      where v.id = any(${part}::uuid[]) and v.superseded_at is null limit ${part.length}`.execute(db);
    for (const row of rows) found.set(row.id, hitOf(row));
  }
  return found;
}

/** Organisations, sites and items that bear an identifier: hits by the place of the identifier in `identifiers`. */
export async function findByIdentifiers(
  db: Db,
  kind: Kind,
  identifiers: readonly { scheme: string; value: string }[],
): Promise<Map<number, Hit[]>> {
  const found = new Map<number, Hit[]>();
  for (const part of parts(placed(identifiers), BATCH)) {
    const { rows } = await sql<Row>`
      select f.place, v.id, v.state, v.merged_into, v.body ->> 'name' as name
      from jsonb_to_recordset(${JSON.stringify(part)}::jsonb) as f (place int, scheme text, value text)
      join registry_identifier i on i.kind = ${kind} and i.scheme = f.scheme and i.value = f.value
      join ${tableOf(kind)} v on v.id = i.id and v.superseded_at is null
      order by f.place, v.id limit ${part.length * SAME_NAME_MAX}`.execute(db);
    gather(found, rows);
  }
  return found;
}

/** A name, and for a site its organisation, for an asset its site, where those are known. */
export interface NameKey {
  readonly name: string;
  readonly owner?: string;
}

const OWNER_COLUMN: Readonly<Partial<Record<Kind, string>>> = { site: "organisation", asset: "site" };

/** Objects whose own name folds to the same as the key's: hits by the place of the key. At most SAME_NAME_MAX of one state each. */
export async function findByNames(db: Db, kind: Kind, keys: readonly NameKey[]): Promise<Map<number, Hit[]>> {
  const found = new Map<number, Hit[]>();
  const folded = keys.map(({ name, owner = null }) => ({ key: foldedWords(name).join(" "), owner }));
  const column = OWNER_COLUMN[kind];
  const ofOwner = column === undefined ? sql`` : sql`and (f.owner is null or v.${sql.ref(column)} = f.owner)`;
  for (const part of parts(placed(folded), BATCH)) {
    const { rows } = await sql<Row>`
      select f.place, h.id, h.state, h.merged_into, h.name
      from jsonb_to_recordset(${JSON.stringify(part.filter(({ key }) => key !== ""))}::jsonb) as f (place int, key text, owner uuid)
      cross join (values ('active'), ('retired'), ('merged')) as s (state)
      cross join lateral (
        select v.id, v.state, v.merged_into, v.body ->> 'name' as name from ${tableOf(kind)} v
        where v.state = s.state and v.name_key = f.key and v.superseded_at is null ${ofOwner} order by v.id limit ${SAME_NAME_MAX}
      ) h
      order by f.place, h.id limit ${part.length * 3 * SAME_NAME_MAX}`.execute(db);
    gather(found, rows);
  }
  return found;
}

const ALIAS_CANDIDATES_MAX = 200; // objects with the longest word of one alias that are looked at

/** Objects that have the text among their aliases: hits by the place of the text. */
export async function findByAliases(db: Db, kind: Kind, names: readonly string[]): Promise<Map<number, Hit[]>> {
  const found = new Map<number, Hit[]>();
  const asked = placed(
    names.map((name) => ({
      words: foldedWords(name)
        .sort((a, b) => b.length - a.length)
        .slice(0, QUERY_WORDS_MAX),
      key: foldedWords(name).join(" "),
    })),
  );
  for (const part of parts(
    asked.filter(({ words }) => words.length > 0),
    500,
  )) {
    const { rows } = await sql<{ place: number; id: string }>`
      select f.place, h.id
      from jsonb_to_recordset(${JSON.stringify(part)}::jsonb) as f (place int, words jsonb)
      cross join lateral (
        select t.id from registry_term t where t.kind = ${kind} and t.term = f.words ->> 0 order by t.id limit ${ALIAS_CANDIDATES_MAX}
      ) h
      where not exists (
        select 1 from jsonb_array_elements_text(f.words) as w (word)
        where not exists (select 1 from registry_term o where o.id = h.id and o.term = w.word)
      )
      order by f.place, h.id limit ${part.length * SAME_NAME_MAX}`.execute(db);
    const versions = await currentVersions(db, kind, [...new Set(rows.map(({ id }) => id))]);
    const keys = new Map(part.map(({ place, key }) => [place, key]));
    for (const { place, id } of rows) {
      const version = versions.get(id);
      if (!version || !namesOf(version.body).some((name) => foldedWords(name).join(" ") === keys.get(place))) continue;
      const { state, mergedInto, body } = version;
      found.set(place, [
        ...(found.get(place) ?? []),
        { id, state, mergedInto, name: "name" in body ? body.name : null },
      ]);
    }
  }
  return found;
}

/** Recipes, stocks, capacities or demands of a site and an item: hits by the place of the pair. */
export async function findByPairs(
  db: Db,
  kind: "recipe" | "stock" | "capacity" | "demand",
  pairs: readonly { site: string; item: string }[],
): Promise<Map<number, Hit[]>> {
  const found = new Map<number, Hit[]>();
  for (const part of parts(placed(pairs), BATCH)) {
    const { rows } = await sql<Row>`
      select f.place, v.id, v.state, v.merged_into, null as name
      from jsonb_to_recordset(${JSON.stringify(part)}::jsonb) as f (place int, site uuid, item uuid)
      join ${tableOf(kind)} v on v.site = f.site and v.item = f.item and v.superseded_at is null and v.state = 'active'
      order by f.place, v.id limit ${part.length * SAME_NAME_MAX}`.execute(db);
    gather(found, rows);
  }
  return found;
}

/** Active routes between two sites by one mode, of one item or of everything: hits by the place of the key. */
export async function findRoutes(
  db: Db,
  keys: readonly { from: string; to: string; mode: string; item: string | null }[],
): Promise<Map<number, Hit[]>> {
  const found = new Map<number, Hit[]>();
  for (const part of parts(placed(keys), BATCH)) {
    const { rows } = await sql<Row>`
      select f.place, v.id, v.state, v.merged_into, null as name
      from jsonb_to_recordset(${JSON.stringify(part)}::jsonb) as f (place int, "from" uuid, "to" uuid, mode text, item text)
      join registry_route v on v.from_site = f."from" and v.to_site = f."to" and v.mode = f.mode
        and v.body ->> 'item' is not distinct from f.item and v.superseded_at is null and v.state = 'active'
      order by f.place, v.id limit ${part.length * SAME_NAME_MAX}`.execute(db);
    gather(found, rows);
  }
  return found;
}

function placed<Key extends object>(keys: readonly Key[]): (Key & { place: number })[] {
  return keys.map((key, place) => ({ ...key, place }));
}

function gather(found: Map<number, Hit[]>, rows: readonly Row[]): void {
  for (const row of rows) {
    const hits = found.get(row.place);
    if (hits) hits.push(hitOf(row));
    else found.set(row.place, [hitOf(row)]);
  }
}

function hitOf({ id, state, merged_into, name }: Row): Hit {
  return { id, state, mergedInto: merged_into, name };
}
