/** Reads what leads are made of: current advisories, newest objects, what their links lead to, and who vouches for them. */
import { sql } from "kysely";
import type { Claims } from "./lead.ts";
import type { Db } from "./store.ts";

export interface AdvisoryRow {
  readonly id: string;
  readonly title: string;
  readonly version: string;
  readonly sha256: Buffer;
  readonly body: string;
  readonly trustPercent: number;
  readonly receivedAt: Date;
}

export async function readAdvisories(db: Db, leads: readonly string[]): Promise<AdvisoryRow[]> {
  const { rows } = await sql<AdvisoryRow>`
    select d.lead_id as id, d.title, d.version, d.sha256, d.body, s.trust_percent as "trustPercent", d.received_at as "receivedAt"
    from intel_document d join intel_source s on s.id = d.source_id where d.lead_id = any(${[...leads]}::text[]) and d.is_current`.execute(
    db,
  );
  return rows;
}

export interface ObjectRow {
  readonly id: string;
  readonly label: string;
  readonly version: string;
  readonly sha256: Buffer;
  readonly body: string;
  readonly revoked: boolean;
  readonly trustPercent: number;
  readonly receivedAt: Date;
}

/** The newest version of each id; of two contents of one version the first. */
export async function newestObjects(db: Db, ids: readonly string[]): Promise<Map<string, ObjectRow>> {
  const { rows } = await sql<ObjectRow>`
    select distinct on (o.stix_id) o.stix_id as id, o.label, o.version, o.sha256, o.body, o.revoked, o.received_at as "receivedAt",
      coalesce((select max(s.trust_percent) from intel_copy c join intel_source s on s.id = c.source_id where c.object_seq = o.seq), 0) as "trustPercent"
    from intel_object o where o.stix_id = any(${[...ids]}::text[]) order by o.stix_id, o.version_micros desc, o.seq`.execute(
    db,
  );
  return new Map(rows.map((row) => [row.id, row]));
}

const RELATED_MAX = 500; // of one lead; a report on everything is about nothing

/** What each lead is about: targets, what it exploits and has, and what a report names. */
export async function relatedIds(db: Db, ids: readonly string[]): Promise<Map<string, string[]>> {
  const { rows } = await sql<{ lead: string; related: string }>`
    select lead, related from (
      select lead, related, row_number() over (partition by lead order by related) as place from (
        select a.to_id as lead, b.to_id as related
        from intel_link a join intel_link b on b.from_id = a.from_id and b.kind = 'target_ref'
          join lateral (select o.body::jsonb ->> 'relationship_type' as type, o.revoked from intel_object o where o.stix_id = a.from_id order by o.version_micros desc, o.seq limit 1) r
            on not r.revoked and r.type in ('targets', 'exploits', 'has', 'related-to')
        where a.to_id = any(${[...ids]}::text[]) and a.kind = 'source_ref'
        union
        select from_id, to_id from intel_link where from_id = any(${[...ids]}::text[]) and kind <> 'created_by_ref'
      ) pair where related ~ '^(identity|location|software|vulnerability)--'
    ) ranked where place <= ${RELATED_MAX}`.execute(db);
  const found = new Map<string, string[]>();
  for (const { lead, related } of rows) found.set(lead, [...(found.get(lead) ?? []), related]);
  return found;
}

const ADVISORIES_PER_CVE = 20; // the same flaw in many vendors' products

/** What current advisories say about each CVE. */
export async function claimsOfCves(
  db: Db,
  cves: readonly string[],
): Promise<{ id: string; cves: readonly string[]; claims: readonly Claims[] }[]> {
  if (cves.length === 0) return [];
  const { rows } = await sql<{ id: string; cves: string[]; claims: Claims[] }>`
    select id, cves, facts -> 'claims' as claims from intel_lead
    where kind = 'advisory' and is_closed is null and cves && ${[...cves]}::text[] order by seq desc limit ${ADVISORIES_PER_CVE * cves.length}`.execute(
    db,
  );
  return rows;
}

export async function exploited(db: Db, cves: readonly string[]): Promise<Map<string, boolean>> {
  if (cves.length === 0) return new Map();
  const { rows } = await sql<{ cve: string; ransomware: boolean }>`
    select cve, is_ransomware as ransomware from intel_kev where cve = any(${[...cves]}::text[]) and removed_at is null`.execute(
    db,
  );
  return new Map(rows.map(({ cve, ransomware }) => [cve, ransomware]));
}

export async function mergedAway(db: Db, ids: readonly string[]): Promise<Set<string>> {
  const { rows } = await sql<{ id: string }>`
    select merged_id as id from intel_merge where merged_id = any(${[...ids]}::text[]) and undone_at is null`.execute(
    db,
  );
  return new Set(rows.map(({ id }) => id));
}

export interface SightingCount {
  readonly id: string;
  readonly lastSeenAt: Date | null;
  readonly expiredAt: Date | null;
  /** Distinct organisations that call it a false positive. */
  readonly doubters: number;
  readonly witnesses: number;
}

export async function countSightings(db: Db, ids: readonly string[]): Promise<Map<string, SightingCount>> {
  const { rows } = await sql<SightingCount>`
    select stix_id as id, max(seen_at) filter (where kind = 'positive') as "lastSeenAt", max(seen_at) filter (where kind = 'expiration') as "expiredAt",
      count(distinct organisation) filter (where kind = 'false-positive') as doubters, count(distinct organisation) filter (where kind = 'positive') as witnesses
    from intel_sighting where stix_id = any(${[...ids]}::text[]) group by stix_id`.execute(db);
  return new Map(rows.map((row) => [row.id, row]));
}

export interface NewSighting {
  readonly id: string;
  readonly stixId: string;
  readonly kind: "positive" | "false-positive" | "expiration";
  readonly organisation: string;
  readonly seenAt: Date;
  readonly note: string | null;
  readonly source: string;
}

export async function addSighting(tx: Db, sighting: NewSighting): Promise<void> {
  await sql`
    insert into intel_sighting (id, stix_id, kind, organisation, seen_at, note, source)
    values (${sighting.id}::uuid, ${sighting.stixId}, ${sighting.kind}, ${sighting.organisation}, ${sighting.seenAt}, ${sighting.note}, ${sighting.source})
    on conflict (stix_id, source, kind, seen_at) do nothing`.execute(tx);
}

export interface Warninglist {
  readonly id: string;
  readonly body: string;
}

export async function currentWarninglistIds(db: Db): Promise<string[]> {
  const { rows } = await sql<{
    id: string;
  }>`select id from intel_document where kind = 'warninglist' and is_current order by id`.execute(db);
  return rows.map(({ id }) => id);
}

export async function readWarninglists(db: Db, ids: readonly string[]): Promise<Warninglist[]> {
  const { rows } =
    await sql<Warninglist>`select id, body from intel_document where id = any(${[...ids]}::uuid[])`.execute(db);
  return rows;
}
