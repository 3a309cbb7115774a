/** The slice's tables: how far the events are checked, things, flows, and what is due to be looked at again. */
import { type Kysely, sql } from "kysely";
import type { FlowRow, Judgement, ThingRow } from "./judgement.ts";

export type Db = Kysely<Record<never, never>>; // the statements name their tables themselves

export interface Cursor {
  readonly checkedSeq: number;
  readonly repeatedSeq: number;
  readonly repeatUntil: number;
}

interface CursorRow {
  readonly checked_seq: number;
  readonly repeated_seq: number;
  readonly repeat_until: number;
}

const cursorOf = (row: CursorRow): Cursor => ({
  checkedSeq: row.checked_seq,
  repeatedSeq: row.repeated_seq,
  repeatUntil: row.repeat_until,
});

export async function readCursor(db: Db): Promise<Cursor> {
  const { rows } = await sql<CursorRow>`
    select checked_seq, repeated_seq, repeat_until from custody_cursor limit 1`.execute(db);
  return cursorOf(rows[0]!); // the migration made the row
}

/** Takes the checking on; undefined while another process has it. */
export async function takeCursor(tx: Db): Promise<Cursor | undefined> {
  const { rows } = await sql<CursorRow>`
    select checked_seq, repeated_seq, repeat_until from custody_cursor limit 1 for update skip locked`.execute(tx);
  return rows[0] && cursorOf(rows[0]);
}

export async function moveCursor(tx: Db, { checkedSeq, repeatedSeq, repeatUntil }: Cursor): Promise<void> {
  await sql`update custody_cursor set checked_seq = ${checkedSeq}, repeated_seq = ${repeatedSeq}, repeat_until = ${repeatUntil}`.execute(
    tx,
  );
}

/** What the rules go by changed: everything that was checked is checked again. */
export async function repeatAll(tx: Db): Promise<void> {
  await sql`update custody_cursor set repeated_seq = 0, repeat_until = checked_seq`.execute(tx);
}

export async function dueThings(db: Db, now: Date, limit: number): Promise<string[]> {
  const { rows } = await sql<{ thing: string }>`
    select distinct thing from (select thing from custody_due where at <= ${now} order by at limit ${limit}) as due
    limit ${limit}`.execute(db);
  return rows.map(({ thing }) => thing);
}

/** Replaces what is kept of the dirty things by what was judged. */
export async function writeJudged(tx: Db, { dirty, flows, things, due }: Judgement): Promise<void> {
  const ids = [...dirty];
  await sql`delete from custody_flow where thing = any(${ids}::text[])`.execute(tx);
  await sql`delete from custody_due where thing = any(${ids}::text[])`.execute(tx);
  await sql`
    insert into custody_flow (thing, site, product, kind, at, amount, unit, event)
    select thing, site, product, kind, at, amount, unit, event
    from jsonb_to_recordset(${JSON.stringify(flows satisfies readonly FlowRow[])}::jsonb)
      as f (thing text, site text, product text, kind text, at timestamptz, amount numeric, unit text, event text)`.execute(
    tx,
  );
  await sql`
    insert into custody_due (thing, at)
    select distinct thing, at from jsonb_to_recordset(${JSON.stringify(due)}::jsonb) as d (thing text, at timestamptz)
    on conflict do nothing`.execute(tx);
  await sql`delete from custody_thing where id = any(${ids}::text[])`.execute(tx);
  await sql`
    insert into custody_thing (id, level, last_seen_at, last_place, event_count)
    select id, level, "lastSeenAt", "lastPlace", "eventCount"
    from jsonb_to_recordset(${JSON.stringify(things satisfies readonly ThingRow[])}::jsonb)
      as t (id text, level text, "lastSeenAt" timestamptz, "lastPlace" text, "eventCount" int)`.execute(tx);
}

export interface SeenThing {
  readonly id: string;
  readonly level: "instance" | "lot" | "product";
  readonly lastSeenAt: Date;
  readonly lastPlace: string | null;
  readonly eventCount: number;
  readonly openFindings: number;
}

/** The latest seen first. `text` is looked for anywhere in the identifier. */
export async function listSeen(
  db: Db,
  page: {
    readonly level: string | undefined;
    readonly text: string | undefined;
    readonly after: { readonly at: Date; readonly id: string } | undefined;
    readonly limit: number;
  },
): Promise<SeenThing[]> {
  const { level, text, after } = page;
  const { rows } = await sql<{
    id: string;
    level: SeenThing["level"];
    last_seen_at: Date;
    last_place: string | null;
    event_count: number;
    open_findings: number;
  }>`
    select t.id, t.level, t.last_seen_at, t.last_place, t.event_count,
      (select count(*)::int from custody_finding f where f.subject = t.id and f.state = 'open') as open_findings
    from custody_thing t
    where true ${level === undefined ? sql`` : sql`and t.level = ${level}`}
      ${text === undefined ? sql`` : sql`and position(lower(${text}) in lower(t.id)) > 0`}
      ${after === undefined ? sql`` : sql`and (t.last_seen_at < ${after.at} or (t.last_seen_at = ${after.at} and t.id > ${after.id}))`}
    order by t.last_seen_at desc, t.id limit ${page.limit}`.execute(db);
  return rows.map((row) => ({
    id: row.id,
    level: row.level,
    lastSeenAt: row.last_seen_at,
    lastPlace: row.last_place,
    eventCount: row.event_count,
    openFindings: row.open_findings,
  }));
}

/** Open findings by subject. */
export async function openCounts(db: Db, subjects: readonly string[]): Promise<Map<string, number>> {
  const { rows } = await sql<{ subject: string; count: number }>`
    select subject, count(*)::int as count from custody_finding
    where subject = any(${[...subjects]}::text[]) and state = 'open' group by subject limit ${subjects.length}`.execute(
    db,
  );
  return new Map(rows.map(({ subject, count }) => [subject, count]));
}

export interface FlowSum {
  readonly site: string;
  readonly product: string;
  readonly kind: string;
  /** Before the period, or in it. */
  readonly isBefore: boolean;
  /** Exact decimal of grams. */
  readonly grams: string;
  readonly hasUnknown: boolean;
}

/** Sums of flows up to `to`, by site, product and kind. */
export async function sumFlows(
  db: Db,
  { from, to, site, limit }: { from: Date; to: Date; site: string | undefined; limit: number },
): Promise<FlowSum[]> {
  const { rows } = await sql<{
    site: string;
    product: string;
    kind: string;
    is_before: boolean;
    grams: string;
    has_unknown: boolean;
  }>`
    select site, product, kind, at < ${from} as is_before, coalesce(sum(amount), 0)::text as grams,
      bool_or(amount is null) as has_unknown
    from custody_flow
    where at < ${to} and unit in ('g', '') and kind <> 'counted' ${site === undefined ? sql`` : sql`and site = ${site}`}
    group by 1, 2, 3, 4 order by 1, 2, 3, 4 limit ${limit}`.execute(db);
  return rows.map((row) => ({
    site: row.site,
    product: row.product,
    kind: row.kind,
    isBefore: row.is_before,
    grams: row.grams,
    hasUnknown: row.has_unknown,
  }));
}

export interface StockCount {
  readonly site: string;
  readonly product: string;
  readonly at: Date;
  readonly grams: string;
  /** What the flows say for that moment. */
  readonly expected: string;
}

/** The last stock count in the period, by site and product. */
export async function lastCounts(
  db: Db,
  { from, to, site, limit }: { from: Date; to: Date; site: string | undefined; limit: number },
): Promise<StockCount[]> {
  const { rows } = await sql<StockCount>`
    with counted as (
      select distinct on (site, product) site, product, at, sum(amount) over (partition by site, product, at) as grams
      from custody_flow
      where kind = 'counted' and unit = 'g' and at >= ${from} and at < ${to}
        ${site === undefined ? sql`` : sql`and site = ${site}`}
      order by site, product, at desc limit ${limit})
    select c.site, c.product, c.at, c.grams::text as grams, coalesce((
      select sum(case when f.kind in ('received', 'unshipped', 'produced', 'commissioned') then f.amount else -f.amount end)
      from custody_flow f
      where f.site = c.site and f.product = c.product and f.at <= c.at and f.unit = 'g' and f.kind <> 'counted'
    ), 0)::text as expected
    from counted c limit ${limit}`.execute(db);
  return rows;
}
