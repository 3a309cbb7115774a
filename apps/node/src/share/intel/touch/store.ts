/** Reads and writes the tables of leads, registry objects and what came of joining them. Returns domain values, never rows. */
import { type Kysely, sql } from "kysely";
import type { Lead, LeadFacts } from "./lead.ts";
import type { Touch } from "./judge.ts";
import type { Surface } from "./surface.ts";

export type Db = Kysely<Record<never, never>>; // the statements name their tables themselves

const ROWS_PER_STATEMENT = 5_000; // a few megabytes of parameters
const LOCK = 4_801_984_330; // any fixed number: one process at a time joins leads and objects

/** Held until the transaction ends; false when another process is at it and `wait` is not wished. */
export async function lockTouches(tx: Db, { wait }: { wait: boolean }): Promise<boolean> {
  if (wait) {
    await sql`select pg_advisory_xact_lock(${LOCK})`.execute(tx);
    return true;
  }
  const { rows } = await sql<{ held: boolean }>`select pg_try_advisory_xact_lock(${LOCK}) as held`.execute(tx);
  return rows[0]?.held === true;
}

/** Tells the planner how large the tables are by now, which after a first load it would learn minutes later. */
export async function analyseTerms(db: Db): Promise<void> {
  await sql`analyze intel_lead, intel_lead_term, intel_surface, intel_surface_term, intel_touch`.execute(db);
}

// --- waiting leads --------------------------------------------------------------------------------------------------

export async function notePending(tx: Db, ids: readonly string[]): Promise<void> {
  if (ids.length > 0)
    await sql`insert into intel_pending (lead_id) select distinct id from unnest(${[...ids]}::text[]) as new (id)`.execute(
      tx,
    );
}

/** Takes at most `limit` notes; gone once the transaction commits. */
export async function takePending(tx: Db, limit: number): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    delete from intel_pending p using (select seq from intel_pending order by seq limit ${limit} for update skip locked) t
    where p.seq = t.seq returning p.lead_id as id`.execute(tx);
  return [...new Set(rows.map(({ id }) => id))];
}

export async function countWaiting(db: Db): Promise<number> {
  const { rows } = await sql<{
    count: number;
  }>`select (select count(*) from intel_pending) + (select count(*) from registry_change) as count`.execute(db);
  return rows[0]?.count ?? 0;
}

// --- objects of the registry ----------------------------------------------------------------------------------------

export interface KeptSurface {
  readonly seq: number;
  readonly criticality: number;
  readonly stamp: string;
  readonly surface: Surface;
}

export interface NewSurface {
  readonly surface: Surface;
  readonly stamp: string;
  readonly criticality: number;
  readonly terms: readonly string[];
}

export async function keepSurfaces(tx: Db, surfaces: readonly NewSurface[]): Promise<number[]> {
  const seqs: number[] = [];
  for (let from = 0; from < surfaces.length; from += ROWS_PER_STATEMENT) {
    const part = surfaces.slice(from, from + ROWS_PER_STATEMENT);
    const rows = JSON.stringify(
      part.map(({ surface, stamp, criticality }) => ({
        id: surface.id,
        kind: surface.kind,
        label: surface.label,
        stamp,
        facts: surface,
        site_id: surface.kind === "asset" ? surface.site?.id : null,
        country: surface.kind === "site" ? surface.country : null,
        criticality,
      })),
    );
    const { rows: kept } = await sql<{ seq: number; id: string }>`
      insert into intel_surface (id, kind, label, stamp, facts, site_id, country, criticality)
      select id, kind, label, stamp, facts, site_id, country, criticality
      from jsonb_to_recordset(${rows}::jsonb) as r (id uuid, kind text, label text, stamp text, facts jsonb, site_id uuid, country text, criticality smallint)
      on conflict (id) do update set label = excluded.label, stamp = excluded.stamp, facts = excluded.facts, site_id = excluded.site_id,
        country = excluded.country, criticality = excluded.criticality
      returning seq, id`.execute(tx);
    const bySurface = new Map(kept.map(({ seq, id }) => [id, seq]));
    const pairs = part.flatMap(({ surface, terms }) =>
      terms.map((term) => ({ term, seq: bySurface.get(surface.id)! })),
    ); // each was just kept
    await sql`delete from intel_surface_term where surface_seq = any(${kept.map(({ seq }) => seq)}::bigint[])`.execute(
      tx,
    );
    await sql`
      insert into intel_surface_term (term, surface_seq)
      select * from unnest(${pairs.map(({ term }) => term)}::text[], ${pairs.map(({ seq }) => seq)}::bigint[])`.execute(
      tx,
    );
    seqs.push(...kept.map(({ seq }) => seq));
  }
  return seqs;
}

/** Takes objects away that are no more in use. @returns the leads that touched them */
export async function dropSurfaces(tx: Db, ids: readonly string[]): Promise<number[]> {
  if (ids.length === 0) return [];
  const { rows } = await sql<{ lead_seq: number }>`
    select distinct t.lead_seq from intel_touch t join intel_surface s on s.seq = t.surface_seq where s.id = any(${[...ids]}::uuid[])`.execute(
    tx,
  );
  await sql`delete from intel_surface where id = any(${[...ids]}::uuid[])`.execute(tx);
  return rows.map(({ lead_seq: seq }) => seq);
}

export async function assetsOfSites(tx: Db, sites: readonly string[]): Promise<string[]> {
  const { rows } = await sql<{
    id: string;
  }>`select id from intel_surface where site_id = any(${[...sites]}::uuid[])`.execute(tx);
  return rows.map(({ id }) => id);
}

interface SurfaceRow {
  readonly seq: number;
  readonly criticality: number;
  readonly stamp: string;
  readonly facts: Surface;
}

export async function readSurfaces(db: Db, seqs: readonly number[]): Promise<KeptSurface[]> {
  const found: KeptSurface[] = [];
  for (let from = 0; from < seqs.length; from += 20_000) {
    const { rows } = await sql<SurfaceRow>`
      select seq, criticality, stamp, facts from intel_surface where seq = any(${seqs.slice(from, from + 20_000)}::bigint[])`.execute(
      db,
    );
    found.push(...rows.map(({ facts, ...row }) => ({ ...row, surface: facts })));
  }
  return found;
}

/** Sites of any of `countries` or kinds (of both, where both are given), the most critical first. */
export async function broadSurfaces(
  db: Db,
  { countries, siteKinds }: { countries: readonly string[]; siteKinds: readonly string[] },
  limit: number,
): Promise<{ seqs: number[]; total: number }> {
  const conditions = [
    ...(countries.length > 0 ? [sql`country = any(${[...countries]}::text[])`] : []),
    ...(siteKinds.length > 0 ? [sql`facts -> 'site' ->> 'kind' = any(${[...siteKinds]}::text[])`] : []),
  ];
  if (conditions.length === 0) return { seqs: [], total: 0 };
  const { rows } = await sql<{ seq: number; total: number }>`
    select seq, count(*) over () as total from intel_surface where kind = 'site' and ${sql.join(conditions, sql` and `)}
    order by criticality desc, seq limit ${limit}`.execute(db);
  return { seqs: rows.map(({ seq }) => seq), total: rows[0]?.total ?? 0 };
}

/** Sites with a position inside a box, for what is near. */
export async function surfacesInBox(
  db: Db,
  box: { south: number; north: number; west: number; east: number },
  limit: number,
): Promise<number[]> {
  const longitude = sql`(facts -> 'position' ->> 'longitude')::float8`;
  const { rows } = await sql<{ seq: number }>`
    select seq from intel_surface where kind = 'site' and facts -> 'position' is not null
      and (facts -> 'position' ->> 'latitude')::float8 between ${box.south} and ${box.north}
      and ${box.west <= box.east ? sql`${longitude} between ${box.west} and ${box.east}` : sql`(${longitude} >= ${box.west} or ${longitude} <= ${box.east})`}
    order by criticality desc, seq limit ${limit}`.execute(db);
  return rows.map(({ seq }) => seq);
}

// --- leads ----------------------------------------------------------------------------------------------------------

export interface NewLead {
  readonly lead: Lead;
  readonly closed: string | null;
  readonly isBroad: boolean;
  readonly isKev: boolean;
  readonly isRansomware: boolean;
  readonly terms: readonly string[];
  readonly receivedAt: Date;
}

export interface KeptLead {
  readonly seq: number;
  readonly lead: Lead;
  readonly closed: string | null;
  readonly isBroad: boolean;
  readonly isKev: boolean;
  readonly isRansomware: boolean;
}

/** Writes leads with their terms. @returns seqs in the order given */
export async function keepLeads(tx: Db, leads: readonly NewLead[], at: Date): Promise<number[]> {
  const rows = JSON.stringify(
    leads.map(
      ({ lead: { id, kind, label, stamp, cves, ...facts }, closed, isBroad, isKev, isRansomware, receivedAt }) => ({
        id,
        kind,
        label,
        stamp,
        cves,
        facts,
        closed,
        is_broad: isBroad,
        is_kev: isKev,
        is_ransomware: isRansomware,
        received_at: receivedAt,
      }),
    ),
  );
  const { rows: kept } = await sql<{ id: string; seq: number }>`
    insert into intel_lead (id, kind, label, stamp, facts, is_closed, is_broad, cves, is_kev, is_ransomware, received_at, evaluated_at)
    select id, kind, label, stamp, facts, closed, is_broad, cves, is_kev, is_ransomware, received_at, ${at}
    from jsonb_to_recordset(${rows}::jsonb) as r (id text, kind text, label text, stamp text, facts jsonb, closed text, is_broad boolean,
      cves text[], is_kev boolean, is_ransomware boolean, received_at timestamptz)
    on conflict (id) do update set kind = excluded.kind, label = excluded.label, stamp = excluded.stamp, facts = excluded.facts, is_closed = excluded.is_closed,
      is_broad = excluded.is_broad, cves = excluded.cves, is_kev = excluded.is_kev, is_ransomware = excluded.is_ransomware, evaluated_at = excluded.evaluated_at
    returning id, seq`.execute(tx);
  const seqs = new Map(kept.map(({ id, seq }) => [id, seq]));
  const pairs = leads.flatMap(({ lead, terms }) => terms.map((term) => ({ term, seq: seqs.get(lead.id)! }))); // each was just kept
  await sql`delete from intel_lead_term where lead_seq = any(${[...seqs.values()]}::bigint[])`.execute(tx);
  await sql`
    insert into intel_lead_term (term, lead_seq)
    select * from unnest(${pairs.map(({ term }) => term)}::text[], ${pairs.map(({ seq }) => seq)}::bigint[])`.execute(
    tx,
  );
  return leads.map(({ lead }) => seqs.get(lead.id)!); // as above
}

interface LeadRow {
  readonly seq: number;
  readonly id: string;
  readonly kind: string;
  readonly label: string;
  readonly stamp: string;
  readonly facts: LeadFacts;
  readonly cves: readonly string[];
  readonly is_closed: string | null;
  readonly is_broad: boolean;
  readonly is_kev: boolean;
  readonly is_ransomware: boolean;
}

export async function readLeads(db: Db, seqs: readonly number[]): Promise<KeptLead[]> {
  const { rows } = await sql<LeadRow>`
    select seq, id, kind, label, stamp, facts, cves, is_closed, is_broad, is_kev, is_ransomware from intel_lead
    where seq = any(${[...seqs]}::bigint[]) order by seq`.execute(db);
  return rows.map((row) => ({
    seq: row.seq,
    lead: { ...row.facts, id: row.id, kind: row.kind, label: row.label, stamp: row.stamp, cves: row.cves },
    closed: row.is_closed,
    isBroad: row.is_broad,
    isKev: row.is_kev,
    isRansomware: row.is_ransomware,
  }));
}

/** Seqs of leads after `after`, in order. */
export async function leadSeqs(db: Db, after: number, limit: number): Promise<number[]> {
  const { rows } = await sql<{
    seq: number;
  }>`select seq from intel_lead where seq > ${after} order by seq limit ${limit}`.execute(db);
  return rows.map(({ seq }) => seq);
}

export async function leadIdsOfCves(db: Db, cves: readonly string[]): Promise<string[]> {
  if (cves.length === 0) return [];
  const { rows } = await sql<{ id: string }>`select id from intel_lead where cves && ${[...cves]}::text[]`.execute(db);
  return rows.map(({ id }) => id);
}

/** The objects that share a term with each lead. */
export async function candidates(tx: Db, leads: readonly number[]): Promise<Map<number, number[]>> {
  const { rows } = await sql<{ lead: number; surfaces: string }>`
    select lead_seq as lead, string_agg(surface_seq::text, ' ') as surfaces from (
      select distinct l.lead_seq, s.surface_seq from intel_lead_term l join intel_surface_term s using (term) where l.lead_seq = any(${[...leads]}::bigint[])
    ) pair group by lead_seq`.execute(tx);
  return new Map(rows.map(({ lead, surfaces }) => [lead, surfaces.split(" ").map(Number)]));
}

/** The leads that share a term with each object. */
export async function leadsOf(tx: Db, surfaces: readonly number[]): Promise<Map<number, number[]>> {
  const { rows } = await sql<{ surface: number; leads: string }>`
    select surface_seq as surface, string_agg(lead_seq::text, ' ') as leads from (
      select distinct s.surface_seq, l.lead_seq from intel_surface_term s join intel_lead_term l using (term) where s.surface_seq = any(${[...surfaces]}::bigint[])
    ) pair group by surface_seq`.execute(tx);
  return new Map(rows.map(({ surface, leads }) => [surface, leads.split(" ").map(Number)]));
}

/** Leads that speak of places or sectors and are open. */
export async function broadLeads(tx: Db): Promise<number[]> {
  const { rows } = await sql<{
    seq: number;
  }>`select seq from intel_lead where is_broad and is_closed is null order by seq limit 10000`.execute(tx);
  return rows.map(({ seq }) => seq);
}

// --- what came of it ------------------------------------------------------------------------------------------------

export interface NewTouch {
  readonly leadSeq: number;
  readonly surfaceSeq: number;
  readonly rank: number;
  readonly touch: Touch;
}

/** Puts `touches` in the place of what was there: of whole leads, or of objects with the leads that keep all they touch. */
export async function replaceTouches(
  tx: Db,
  scope: { leads: readonly number[] } | { surfaces: readonly number[] },
  touches: readonly NewTouch[],
  at: Date,
): Promise<void> {
  const before = new Map((await touchesIn(tx, scope)).map((row) => [`${row.leadSeq} ${row.surfaceSeq}`, row]));
  const changed: NewTouch[] = [];
  for (const each of touches) {
    const key = `${each.leadSeq} ${each.surfaceSeq}`;
    const known = before.get(key);
    before.delete(key);
    if (!known || !isSameTouch(known, each)) changed.push(each);
  }
  const gone = [...before.values()];
  if (gone.length > 0)
    await sql`
      delete from intel_touch t using unnest(${gone.map(({ leadSeq }) => leadSeq)}::bigint[], ${gone.map(({ surfaceSeq }) => surfaceSeq)}::bigint[]) as g (lead_seq, surface_seq)
      where t.lead_seq = g.lead_seq and t.surface_seq = g.surface_seq`.execute(tx);
  for (let from = 0; from < changed.length; from += ROWS_PER_STATEMENT) {
    const part = changed.slice(from, from + ROWS_PER_STATEMENT);
    const column = <Value>(of: (each: NewTouch) => Value): Value[] => part.map(of);
    await sql`
      insert into intel_touch as t (lead_seq, surface_seq, rank, state, rule, document, product_id, cve, theirs, ours, since)
      select *, ${at}::timestamptz from unnest(${column((n) => n.leadSeq)}::bigint[], ${column((n) => n.surfaceSeq)}::bigint[], ${column((n) => n.rank)}::int[],
        ${column((n) => n.touch.state)}::text[], ${column((n) => n.touch.rule)}::text[], ${column((n) => n.touch.document)}::text[],
        ${column((n) => n.touch.productId)}::text[], ${column((n) => n.touch.cve)}::text[], ${column((n) => n.touch.theirs)}::text[], ${column((n) => n.touch.ours)}::text[])
      on conflict (lead_seq, surface_seq) do update set rank = excluded.rank, state = excluded.state, rule = excluded.rule, document = excluded.document,
        product_id = excluded.product_id, cve = excluded.cve, theirs = excluded.theirs, ours = excluded.ours,
        since = case when t.state = excluded.state then t.since else excluded.since end`.execute(tx);
  }
}

interface KeptTouch extends Omit<Touch, "level"> {
  readonly leadSeq: number;
  readonly surfaceSeq: number;
  readonly rank: number;
}

async function touchesIn(
  tx: Db,
  scope: { leads: readonly number[] } | { surfaces: readonly number[] },
): Promise<KeptTouch[]> {
  const inScope =
    "leads" in scope
      ? sql`t.lead_seq = any(${[...scope.leads]}::bigint[])`
      : sql`t.surface_seq = any(${[...scope.surfaces]}::bigint[]) and exists (select 1 from intel_lead l where l.seq = t.lead_seq and not l.is_broad)`;
  const { rows } = await sql<KeptTouch>`
    select t.lead_seq as "leadSeq", t.surface_seq as "surfaceSeq", t.rank, t.state, t.rule, t.document, t.product_id as "productId", t.cve, t.theirs, t.ours
    from intel_touch t where ${inScope}`.execute(tx);
  return rows;
}

function isSameTouch(kept: KeptTouch, { rank, touch }: NewTouch): boolean {
  return (
    kept.rank === rank &&
    kept.state === touch.state &&
    kept.rule === touch.rule &&
    kept.theirs === touch.theirs &&
    kept.ours === touch.ours &&
    kept.document === touch.document &&
    kept.productId === touch.productId &&
    kept.cve === touch.cve
  );
}

/** The leads that touch any of `surfaces`. */
export async function touchedBy(tx: Db, surfaces: readonly number[]): Promise<number[]> {
  const { rows } = await sql<{
    seq: number;
  }>`select distinct lead_seq as seq from intel_touch where surface_seq = any(${[...surfaces]}::bigint[])`.execute(tx);
  return rows.map(({ seq }) => seq);
}

/** Counts each lead's pairs anew, by state and by what people said. */
export async function countTouches(
  tx: Db,
  leads: readonly number[],
  broadMore: ReadonlyMap<number, number> = new Map(),
): Promise<void> {
  await sql`
    update intel_lead l set affected = c.affected, look = c.look, not_affected = c.not_affected, confirmed = c.confirmed, dismissed = c.dismissed,
      top_rank = coalesce(c.top_rank, 0), top_object = c.top_object
    from (
      select seq,
        count(*) filter (where state = 'affected' and said is null) as affected, count(*) filter (where state = 'look' and said is null) as look,
        count(*) filter (where state = 'not-affected' and said is null) as not_affected,
        count(*) filter (where said = 'affected') as confirmed, count(*) filter (where said = 'not-affected') as dismissed,
        max(rank) filter (where state <> 'not-affected' and said is null)
          + (40 / log(2.0, 1 + greatest(1, count(*) filter (where state <> 'not-affected' and said is null))))::int as top_rank, -- rare before common
        (array_agg(surface_seq order by rank desc, surface_seq) filter (where state <> 'not-affected' and said is null))[1] as top_object
      from (
        select l.seq, t.surface_seq, t.state, t.rank,
          (select v.verdict from intel_verdict v where v.lead_id = l.id and v.object_id = s.id and v.is_latest and v.verdict <> 'look'
             and v.lead_stamp = l.stamp and v.object_stamp = s.stamp) as said
        from intel_lead l left join intel_touch t on t.lead_seq = l.seq left join intel_surface s on s.seq = t.surface_seq
        where l.seq = any(${[...leads]}::bigint[])
      ) pair group by seq
    ) c where c.seq = l.seq`.execute(tx);
  if (broadMore.size > 0)
    await sql`
      update intel_lead l set broad_more = m.more from unnest(${[...broadMore.keys()]}::bigint[], ${[...broadMore.values()]}::int[]) as m (seq, more)
      where l.seq = m.seq`.execute(tx);
}
