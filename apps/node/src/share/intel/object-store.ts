/** Reads what surrounds an object: its neighbours by reference, its outside ids, sightings, and merges. */
import { sql } from "kysely";
import type { Db } from "./store.ts";

export interface Neighbour {
  readonly id: string;
  readonly type: string;
  readonly label: string;
  /** What the reference says: a relationship's type, or the property's name. */
  readonly what: string;
  readonly isOutward: boolean;
  /** How many references the neighbour has in all: what many refer to says little. */
  readonly degree: number;
}

export const DEGREE_MAX = 2_000; // references counted of one neighbour; more is common, however many

/** Neighbours of `id`, over relationships and by direct reference, the rarest first. */
export async function neighbours(db: Db, id: string, limit: number): Promise<{ found: Neighbour[]; total: number }> {
  const { rows } = await sql<Neighbour & { total: number }>`
    with pair as (
      select b.to_id as other, a.from_id as via, null::text as kind, a.kind = 'source_ref' as outward
      from intel_link a join intel_link b on b.from_id = a.from_id and b.kind = case a.kind when 'source_ref' then 'target_ref' else 'source_ref' end
      where a.to_id = ${id} and a.kind in ('source_ref', 'target_ref') and a.from_id like 'relationship--%'
      union all select to_id, null, kind, true from intel_link where from_id = ${id}
      union all select from_id, null, kind, false from intel_link where to_id = ${id} and from_id not like 'relationship--%'
    ), known as (
      select distinct on (p.other, p.outward) p.other as id, o.type, o.label, p.outward,
        coalesce((select r.body::jsonb ->> 'relationship_type' from intel_object r where r.stix_id = p.via order by r.version_micros desc, r.seq limit 1), replace(p.kind, '_', ' '), 'related') as what
      from pair p join lateral (select type, label, revoked from intel_object o where o.stix_id = p.other order by o.version_micros desc, o.seq limit 1) o on not o.revoked
      where p.other <> ${id} limit 5000
    )
    select k.id, k.type, k.label, k.what, k.outward as "isOutward", d.degree, count(*) over () as total
    from known k, lateral (select count(*) as degree from (select 1 from intel_link l where l.to_id = k.id limit ${DEGREE_MAX}) part) d
    order by d.degree, k.id limit ${limit}`.execute(db);
  return { found: rows, total: rows[0]?.total ?? 0 };
}

export interface ExternalId {
  readonly stixId: string;
  readonly sourceName: string;
  readonly externalId: string;
}

/** Outside ids of an object and of what was merged into it. */
export async function externalIds(db: Db, ids: readonly string[]): Promise<ExternalId[]> {
  const { rows } = await sql<ExternalId>`
    select stix_id as "stixId", source_name as "sourceName", external_id as "externalId" from intel_external
    where stix_id = any(${[...ids]}::text[]) order by source_name, external_id, stix_id limit 1000`.execute(db);
  return rows;
}

/** Objects of the same type that share an outside id, for a person to merge. */
export async function likelyDuplicates(
  db: Db,
  id: string,
  limit: number,
): Promise<{ id: string; label: string; sourceName: string; externalId: string }[]> {
  const { rows } = await sql<{ id: string; label: string; sourceName: string; externalId: string }>`
    select distinct on (other.stix_id) other.stix_id as id, o.label, own.source_name as "sourceName", own.external_id as "externalId"
    from intel_external own join intel_external other using (source_name, external_id)
      join lateral (select label from intel_object o where o.stix_id = other.stix_id order by o.version_micros desc, o.seq limit 1) o on true
    where own.stix_id = ${id} and other.stix_id <> ${id} and split_part(other.stix_id, '--', 1) = split_part(${id}::text, '--', 1)
      and not exists (select 1 from intel_merge m where m.undone_at is null and m.merged_id in (other.stix_id, ${id}))
    order by other.stix_id limit ${limit}`.execute(db);
  return rows;
}

export interface Merge {
  readonly id: string;
  readonly keptId: string;
  readonly mergedId: string;
  readonly reason: string;
  readonly mergedAt: Date;
  readonly mergedBy: string;
  readonly undoneAt: Date | null;
}

const MERGE = sql`id, kept_id as "keptId", merged_id as "mergedId", reason, merged_at as "mergedAt", merged_by as "mergedBy", undone_at as "undoneAt"`;

export async function mergesOf(db: Db, id: string): Promise<Merge[]> {
  const { rows } =
    await sql<Merge>`select ${MERGE} from intel_merge where (kept_id = ${id} or merged_id = ${id}) and undone_at is null order by merged_at limit 1000`.execute(
      db,
    );
  return rows;
}

export async function readMerge(db: Db, id: string): Promise<Merge | undefined> {
  return (await sql<Merge>`select ${MERGE} from intel_merge where id = ${id}::uuid`.execute(db)).rows[0];
}

/** @returns false when `mergedId` stands for another already, or has others merged into it, or `keptId` is merged itself */
export async function addMerge(tx: Db, merge: Omit<Merge, "undoneAt">): Promise<boolean> {
  await sql`select pg_advisory_xact_lock(4801984331)`.execute(tx); // merges come one after the other, so that none makes a chain
  const { numAffectedRows } = await sql`
    insert into intel_merge (id, kept_id, merged_id, reason, merged_at, merged_by)
    select ${merge.id}::uuid, ${merge.keptId}, ${merge.mergedId}, ${merge.reason}, ${merge.mergedAt}, ${merge.mergedBy}
    where not exists (select 1 from intel_merge m where m.undone_at is null and (m.merged_id in (${merge.keptId}, ${merge.mergedId}) or m.kept_id = ${merge.mergedId}))`.execute(
    tx,
  );
  return numAffectedRows === 1n;
}

/** @returns false when it was taken back before */
export async function endMerge(tx: Db, id: string, by: string, at: Date): Promise<boolean> {
  const { numAffectedRows } =
    await sql`update intel_merge set undone_at = ${at}, undone_by = ${by} where id = ${id}::uuid and undone_at is null`.execute(
      tx,
    );
  return numAffectedRows === 1n;
}

export interface Sighting {
  readonly id: string;
  readonly stixId: string;
  readonly kind: "positive" | "false-positive" | "expiration";
  readonly organisation: string;
  readonly seenAt: Date;
  readonly note: string | null;
  readonly source: string;
}

export async function sightingsOf(db: Db, ids: readonly string[], limit: number): Promise<Sighting[]> {
  const { rows } = await sql<Sighting>`
    select id, stix_id as "stixId", kind, organisation, seen_at as "seenAt", note, source from intel_sighting
    where stix_id = any(${[...ids]}::text[]) order by seen_at desc, id limit ${limit}`.execute(db);
  return rows;
}

export interface SourceHealth {
  readonly id: string;
  readonly objects: number;
  readonly documents: number;
  readonly lastReceivedAt: Date | null;
  readonly objectsLastDay: number;
  /** Leads of its objects and documents that touch us, open or confirmed. */
  readonly touching: number;
  readonly falsePositives: number;
}

export async function sourceHealth(db: Db): Promise<SourceHealth[]> {
  const { rows } = await sql<SourceHealth>`
    select s.id, coalesce(c.objects, 0) as objects, coalesce(d.documents, 0) as documents, greatest(c.last, d.last) as "lastReceivedAt",
      coalesce(c.recent, 0) as "objectsLastDay", coalesce(c.touching, 0) + coalesce(d.touching, 0) as touching, coalesce(c.doubts, 0) as "falsePositives"
    from intel_source s
      left join (
        select c.source_id, count(*) as objects, max(c.received_at) as last, count(*) filter (where c.received_at > now() - interval '1 day') as recent,
          count(distinct l.seq) filter (where l.affected + l.look + l.confirmed > 0) as touching,
          count(distinct o.stix_id) filter (where exists (select 1 from intel_sighting f where f.stix_id = o.stix_id and f.kind = 'false-positive')) as doubts
        from intel_copy c join intel_object o on o.seq = c.object_seq left join intel_lead l on l.id = o.stix_id group by c.source_id
      ) c on c.source_id = s.id
      left join (
        select d.source_id, count(*) as documents, max(d.received_at) as last, count(distinct l.seq) filter (where l.affected + l.look + l.confirmed > 0) as touching
        from intel_document d left join intel_lead l on l.id = d.lead_id where d.is_current group by d.source_id
      ) d on d.source_id = s.id
    order by s.id`.execute(db);
  return rows;
}
