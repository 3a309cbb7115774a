/** Named queries and subscriptions in the database, and which of them are due. */
import type pg from "pg";
import type { ScheduleText } from "./schedule.ts";

export interface QueryRow {
  readonly name: string;
  readonly query: Readonly<Record<string, unknown>>;
  readonly prefixes: Readonly<Record<string, string>>;
}

export interface SubscriptionRow {
  readonly id: string;
  readonly query: string;
  readonly dest: string;
  readonly signature_token: string | null;
  readonly report_if_empty: boolean;
  readonly schedule: ScheduleText | null;
  readonly epc_format: string;
  readonly format: "json" | "xml";
  readonly initial_record_time: Date;
  readonly min_record_time: Date;
  readonly cursor_seq: number;
  readonly next_run_at: Date;
  readonly attempts: number;
  readonly last_problem: string | null;
  readonly last_notified_at: Date | null;
  readonly parked_at: Date | null;
  readonly created_by: string;
  readonly created_at: Date;
}

const COLUMNS = `id, query, dest, signature_token, report_if_empty, schedule, epc_format, format, initial_record_time,
  min_record_time, cursor_seq, next_run_at, attempts, last_problem, last_notified_at, parked_at, created_by, created_at`;
const LEASE_SECONDS = 120; // a subscription whose process died is taken up again after this

/** @returns false when the name is taken */
export async function addQuery(
  pool: pg.Pool,
  row: QueryRow & { readonly by: string; readonly at: Date },
): Promise<boolean> {
  const { rowCount } = await pool.query(
    "insert into thread_query (name, query, prefixes, created_by, created_at) values ($1, $2, $3, $4, $5) on conflict (name) do nothing",
    [row.name, JSON.stringify(row.query), JSON.stringify(row.prefixes), row.by, row.at],
  );
  return rowCount === 1;
}

export async function readQuery(pool: pg.Pool, name: string): Promise<QueryRow | undefined> {
  const { rows } = await pool.query<QueryRow>(
    "select name, query, prefixes from thread_query where name = $1 limit 1",
    [name],
  );
  return rows[0];
}

export async function listQueries(pool: pg.Pool, after: string, limit: number): Promise<readonly QueryRow[]> {
  const { rows } = await pool.query<QueryRow>(
    "select name, query, prefixes from thread_query where name > $1 order by name limit $2",
    [after, limit],
  );
  return rows;
}

export async function deleteQuery(pool: pg.Pool, name: string): Promise<boolean> {
  const { rowCount } = await pool.query("delete from thread_query where name = $1", [name]);
  return rowCount === 1;
}

export async function addSubscription(
  pool: pg.Pool,
  row: Pick<
    SubscriptionRow,
    | "id"
    | "query"
    | "dest"
    | "signature_token"
    | "report_if_empty"
    | "schedule"
    | "epc_format"
    | "format"
    | "initial_record_time"
    | "cursor_seq"
    | "next_run_at"
    | "created_by"
    | "created_at"
  >,
): Promise<void> {
  await pool.query(
    `insert into thread_subscription (id, query, dest, signature_token, report_if_empty, schedule, epc_format, format,
       initial_record_time, min_record_time, cursor_seq, next_run_at, created_by, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $9, $10, $11, $12, $13)`,
    [
      row.id,
      row.query,
      row.dest,
      row.signature_token,
      row.report_if_empty,
      row.schedule === null ? null : JSON.stringify(row.schedule),
      row.epc_format,
      row.format,
      row.initial_record_time,
      row.cursor_seq,
      row.next_run_at,
      row.created_by,
      row.created_at,
    ],
  );
}

export async function countSubscriptions(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ count: number }>("select count(*)::int as count from thread_subscription");
  return rows[0]?.count ?? 0;
}

export async function readSubscription(pool: pg.Pool, query: string, id: string): Promise<SubscriptionRow | undefined> {
  const { rows } = await pool.query<SubscriptionRow>(
    `select ${COLUMNS} from thread_subscription where query = $1 and id = $2 limit 1`,
    [query, id],
  );
  return rows[0];
}

export async function listSubscriptions(
  pool: pg.Pool,
  query: string,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly SubscriptionRow[]> {
  const { rows } = await pool.query<SubscriptionRow>(
    `select ${COLUMNS} from thread_subscription where query = $1 and id > $2 order by id limit $3`,
    [query, page.after, page.limit],
  );
  return rows;
}

/** Those of every query. */
export async function allSubscriptions(
  pool: pg.Pool,
  page: { readonly after: string; readonly limit: number },
): Promise<readonly SubscriptionRow[]> {
  const { rows } = await pool.query<SubscriptionRow>(
    `select ${COLUMNS} from thread_subscription where id > $1::uuid order by id limit $2`,
    [page.after, page.limit],
  );
  return rows;
}

export async function deleteSubscription(pool: pg.Pool, query: string, id: string): Promise<boolean> {
  const { rowCount } = await pool.query("delete from thread_subscription where query = $1 and id = $2", [query, id]);
  return rowCount === 1;
}

/** Takes what is due: schedules whose time has come, and streams that have not seen every event. Each process gets its own. */
export async function claimDue(
  pool: pg.Pool,
  { now, lastSeq, limit }: { readonly now: Date; readonly lastSeq: number; readonly limit: number },
): Promise<readonly SubscriptionRow[]> {
  const { rows } = await pool.query<SubscriptionRow>(
    `update thread_subscription as due set next_run_at = $1::timestamptz + interval '${LEASE_SECONDS} seconds'
     from (
       select id as claimed, next_run_at as was from thread_subscription
       where parked_at is null and next_run_at <= $1 and (schedule is not null or cursor_seq < $2)
       order by next_run_at limit $3 for update skip locked
     ) as chosen where due.id = chosen.claimed
     returning ${COLUMNS.replace("next_run_at", "chosen.was as next_run_at")}`,
    [now, lastSeq, limit],
  );
  return rows;
}

/** What has been delivered, or did not match, is never sent again. */
export async function noteDelivered(
  pool: pg.Pool,
  id: string,
  at: {
    readonly cursorSeq: number;
    readonly notifiedAt: Date | undefined;
    readonly minRecordTime: Date;
    readonly nextRunAt: Date;
  },
): Promise<void> {
  await pool.query(
    `update thread_subscription set cursor_seq = $2, last_notified_at = coalesce($3, last_notified_at),
       min_record_time = $4, next_run_at = $5, attempts = 0, last_problem = null where id = $1`,
    [id, at.cursorSeq, at.notifiedAt ?? null, at.minRecordTime, at.nextRunAt],
  );
}

export async function noteFailed(
  pool: pg.Pool,
  id: string,
  at: { readonly problem: string; readonly nextRunAt: Date; readonly parkedAt: Date | undefined },
): Promise<void> {
  await pool.query(
    "update thread_subscription set attempts = attempts + 1, last_problem = $2, next_run_at = $3, parked_at = $4 where id = $1",
    [id, at.problem.slice(0, 500), at.nextRunAt, at.parkedAt ?? null],
  );
}
