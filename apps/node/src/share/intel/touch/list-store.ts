/** Reads leads and pairs for lists, and keeps what people said about pairs. Returns domain values, never rows. */
import { sql } from "kysely";
import type { Surface } from "./surface.ts";
import type { Db } from "./store.ts";

type State = "affected" | "look" | "not-affected";

export interface ListedLead {
  readonly seq: number;
  readonly id: string;
  readonly kind: string;
  readonly label: string;
  readonly cves: readonly string[];
  readonly cvss: number | null;
  readonly isKev: boolean;
  readonly isRansomware: boolean;
  readonly rank: number;
  readonly affected: number;
  readonly look: number;
  readonly notAffected: number;
  readonly confirmed: number;
  readonly dismissed: number;
  readonly broadMore: number;
  readonly closed: string | null;
  readonly receivedAt: Date;
  readonly evaluatedAt: Date;
  readonly topObject: number | null;
}

const LEAD = sql`l.seq, l.id, l.kind, l.label, l.cves, (l.facts ->> 'cvss')::float8 as cvss, l.is_kev as "isKev", l.is_ransomware as "isRansomware",
  l.top_rank as rank, l.affected, l.look, l.not_affected as "notAffected", l.confirmed, l.dismissed, l.broad_more as "broadMore", l.is_closed as closed,
  l.received_at as "receivedAt", l.evaluated_at as "evaluatedAt", l.top_object as "topObject"`;

export interface LeadFilter {
  readonly list: "today" | "open" | "confirmed" | "all";
  readonly state: "affected" | "look" | undefined;
  readonly kind: string | undefined;
  readonly object: string | undefined;
  readonly text: string | undefined;
}

/** By weight, the heaviest first; `before` is the place of the last one shown. */
export async function listLeads(
  db: Db,
  filter: LeadFilter,
  page: { before: { rank: number; seq: number } | undefined; limit: number },
): Promise<ListedLead[]> {
  const { list, state, kind, object, text } = filter;
  const { rows } = await sql<ListedLead>`
    select ${LEAD} from intel_lead l
    where ${list === "today" || list === "open" ? sql`l.affected + l.look > 0` : list === "confirmed" ? sql`l.confirmed > 0` : sql`true`}
      ${state === "affected" ? sql`and l.affected > 0` : state === "look" ? sql`and l.look > 0` : sql``}
      ${kind ? sql`and l.kind = ${kind}` : sql``}
      ${text ? sql`and (l.id = ${text} or strpos(lower(l.label), ${text.toLowerCase()}) > 0 or ${text.toUpperCase()} = any(l.cves))` : sql``}
      ${object ? sql`and exists (select 1 from intel_touch t join intel_surface s on s.seq = t.surface_seq where t.lead_seq = l.seq and s.id = ${object}::uuid)` : sql``}
      ${page.before ? sql`and (l.top_rank, l.seq) < (${page.before.rank}, ${page.before.seq})` : sql``}
    order by l.top_rank desc, l.seq desc limit ${page.limit}`.execute(db);
  return rows;
}

export async function readLead(db: Db, id: string): Promise<ListedLead | undefined> {
  return (await sql<ListedLead>`select ${LEAD} from intel_lead l where l.id = ${id}`.execute(db)).rows[0];
}

export interface ListedTouch {
  readonly leadSeq: number;
  readonly surfaceSeq: number;
  readonly lead: string;
  readonly leadStamp: string;
  readonly surface: Surface;
  readonly objectStamp: string;
  readonly criticality: number;
  readonly state: State;
  readonly rule: string;
  readonly rank: number;
  readonly document: string | null;
  readonly productId: string | null;
  readonly cve: string | null;
  readonly theirs: string;
  readonly ours: string;
  readonly since: Date;
  readonly verdict: {
    readonly id: string;
    readonly verdict: State;
    readonly reason: string;
    readonly givenBy: string;
    readonly givenAt: string;
    readonly holds: boolean;
  } | null;
}

export async function listTouches(
  db: Db,
  filter: {
    readonly lead?: string | undefined;
    readonly object?: string | undefined;
    readonly state?: State | undefined;
    readonly pairs?: readonly { lead: number; surface: number }[] | undefined;
    /** Only pairs that nobody has settled. */
    readonly isOpen?: boolean;
  },
  page: { before: { rank: number; lead: number; surface: number } | undefined; limit: number },
): Promise<ListedTouch[]> {
  const { before, limit } = page;
  const { rows } = await sql<ListedTouch>`
    select t.lead_seq as "leadSeq", t.surface_seq as "surfaceSeq", l.id as lead, l.stamp as "leadStamp", s.facts as surface, s.stamp as "objectStamp", s.criticality,
      t.state, t.rule, t.rank, t.document, t.product_id as "productId", t.cve, t.theirs, t.ours, t.since,
      (select jsonb_build_object('id', v.id, 'verdict', v.verdict, 'reason', v.reason, 'givenBy', v.given_by, 'givenAt', v.given_at,
         'holds', v.lead_stamp = l.stamp and v.object_stamp = s.stamp)
       from intel_verdict v where v.lead_id = l.id and v.object_id = s.id and v.is_latest) as verdict
    from intel_touch t join intel_lead l on l.seq = t.lead_seq join intel_surface s on s.seq = t.surface_seq
    where true ${filter.lead === undefined ? sql`` : sql`and l.id = ${filter.lead}`} ${filter.object === undefined ? sql`` : sql`and s.id = ${filter.object}::uuid`}
      ${filter.state === undefined ? sql`` : sql`and t.state = ${filter.state}`}
      ${filter.pairs ? sql`and (t.lead_seq, t.surface_seq) in (select * from unnest(${filter.pairs.map(({ lead }) => lead)}::bigint[], ${filter.pairs.map(({ surface }) => surface)}::bigint[]))` : sql``}
      ${
        filter.isOpen
          ? sql`and t.state <> 'not-affected' and not exists (select 1 from intel_verdict v where v.lead_id = l.id and v.object_id = s.id and v.is_latest
              and v.verdict <> 'look' and v.lead_stamp = l.stamp and v.object_stamp = s.stamp)`
          : sql``
      }
      ${before ? sql`and (t.rank, t.lead_seq, t.surface_seq) < (${before.rank}, ${before.lead}, ${before.surface})` : sql``}
    order by t.rank desc, t.lead_seq desc, t.surface_seq desc limit ${limit}`.execute(db);
  return rows;
}

export interface NewVerdict {
  readonly id: string;
  readonly lead: string;
  readonly object: string;
  readonly leadStamp: string;
  readonly objectStamp: string;
}

export async function addVerdicts(
  tx: Db,
  verdicts: readonly NewVerdict[],
  said: { verdict: State; reason: string; by: string; at: Date },
): Promise<void> {
  const column = (of: (each: NewVerdict) => string) => verdicts.map(of);
  await sql`
    update intel_verdict v set is_latest = false from unnest(${column((v) => v.lead)}::text[], ${column((v) => v.object)}::uuid[]) as n (lead_id, object_id)
    where v.lead_id = n.lead_id and v.object_id = n.object_id and v.is_latest`.execute(tx);
  await sql`
    insert into intel_verdict (id, lead_id, object_id, lead_stamp, object_stamp, verdict, reason, given_by, given_at, is_latest)
    select *, ${said.verdict}, ${said.reason}, ${said.by}, ${said.at}::timestamptz, true
    from unnest(${column((v) => v.id)}::uuid[], ${column((v) => v.lead)}::text[], ${column((v) => v.object)}::uuid[], ${column((v) => v.leadStamp)}::text[], ${column((v) => v.objectStamp)}::text[])`.execute(
    tx,
  );
}

/** Leads of which somebody settled a pair since `since`. */
export async function judgedSince(db: Db, since: Date): Promise<number> {
  const { rows } = await sql<{
    count: number;
  }>`select count(distinct lead_id) as count from intel_verdict where given_at >= ${since}`.execute(db);
  return rows[0]?.count ?? 0;
}

export interface Totals {
  readonly openLeads: number;
  readonly affected: number;
  readonly look: number;
  readonly confirmedLeads: number;
  readonly leads: number;
  readonly objects: number;
}

export async function totals(db: Db): Promise<Totals> {
  const { rows } = await sql<Totals>`
    select count(*) filter (where affected + look > 0) as "openLeads", coalesce(sum(affected), 0)::int8 as affected, coalesce(sum(look), 0)::int8 as look,
      count(*) filter (where confirmed > 0) as "confirmedLeads", count(*) as leads, (select count(*) from intel_surface) as objects from intel_lead`.execute(
    db,
  );
  return rows[0]!; // one row always
}
