/** Names of objects by id, and which objects stand for which after merges. */
import { sql } from "kysely";
import type { Kind } from "./draft-check.ts";
import { type MergeKind, referencesOf } from "./object-kind.ts";
import { type Db, isVersionOf, type ListedVersion, parts, tableOf } from "./version-store.ts";

export const MERGED_MAX = 100_000; // merged objects of one kind; a registry with more needs another way to read them

/** Names of `ids`, all of one kind that has names; a merged one has the name of what it was merged into. */
export async function namesById(
  db: Db,
  kind: Kind,
  ids: readonly string[],
  asOf: Date | undefined,
): Promise<Map<string, string>> {
  const names = new Map<string, string>();
  for (const part of parts([...new Set(ids)])) {
    const { rows } = await sql<{ id: string; name: string }>`
      select v.id, coalesce(
        (select k.body ->> 'name' from ${tableOf(kind)} k where k.id = v.merged_into and k.superseded_at is null limit 1),
        v.body ->> 'name') as name
      from ${tableOf(kind)} v
      where v.id = any(${part}::uuid[]) and ${isVersionOf(asOf)} limit ${part.length}`.execute(db);
    for (const { id, name } of rows) names.set(id, name);
  }
  return names;
}

/** Name and country of objects as they stand themselves, merged or not. */
export async function ownNames(
  db: Db,
  kind: MergeKind,
  ids: readonly string[],
): Promise<Map<string, { name: string; country: string | null }>> {
  const names = new Map<string, { name: string; country: string | null }>();
  for (const part of parts([...new Set(ids)])) {
    const { rows } = await sql<{ id: string; name: string; country: string | null }>`
      select v.id, v.body ->> 'name' as name, v.body ->> 'country' as country from ${tableOf(kind)} v
      where v.id = any(${part}::uuid[]) and v.superseded_at is null limit ${part.length}`.execute(db);
    for (const { id, name, country } of rows) names.set(id, { name, country });
  }
  return names;
}

/** The names of everything that `versions` mention, themselves included where they have a name. */
export async function labelsOf(
  db: Db,
  kind: Kind,
  versions: readonly ListedVersion[],
  asOf: Date | undefined,
): Promise<Record<string, string>> {
  const wanted = new Map<Kind, Set<string>>();
  for (const { body, mergedInto } of versions) {
    for (const reference of referencesOf(kind, body as never))
      wanted.set(reference.kind, (wanted.get(reference.kind) ?? new Set()).add(reference.id)); // the body is of its kind
    if (mergedInto !== null) wanted.set(kind, (wanted.get(kind) ?? new Set()).add(mergedInto));
  }
  const labels: Record<string, string> = {};
  for (const [of, ids] of wanted) for (const [id, name] of await namesById(db, of, [...ids], asOf)) labels[id] = name;
  for (const { id, body } of versions) if ("name" in body) labels[id] = body.name;
  return labels;
}

/** Every object of a kind that stands for nothing of its own any more -> the one that it became, in the end. */
export async function canonicalIds(
  db: Db,
  kind: MergeKind,
  asOf: Date | undefined,
): Promise<ReadonlyMap<string, string>> {
  const { rows } = await sql<{ id: string; merged_into: string }>`
    select v.id, v.merged_into from ${tableOf(kind)} v
    where v.state = 'merged' and ${isVersionOf(asOf)} order by v.id limit ${MERGED_MAX}`.execute(db);
  const direct = new Map(rows.map(({ id, merged_into }) => [id, merged_into]));
  const resolve = (id: string): string => {
    let at = id;
    // an object is merged into an active one, so the steps lead to one that is not merged
    for (let next = direct.get(at); next !== undefined; next = direct.get(at)) at = next;
    return at;
  };
  return new Map([...direct.keys()].map((id) => [id, resolve(id)]));
}

/** `id` and everything that was merged into it, directly or over others. */
export async function membersOf(db: Db, kind: MergeKind, id: string): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    with recursive member (id) as (
      select ${id}::uuid
      union
      select v.id from member join ${tableOf(kind)} v on v.merged_into = member.id and v.superseded_at is null and v.state = 'merged'
    )
    select id from member limit ${MERGED_MAX}`.execute(db);
  return rows.map((row) => row.id);
}
