/** Captures in the database: the job of each document, its bytes until they are captured, and what became of it. */
import type pg from "pg";
import type { Json } from "@holdfast/kernel";

export type ErrorBehaviour = "rollback" | "proceed";

export interface CaptureRow {
  readonly id: string;
  readonly position: number;
  readonly state: "receiving" | "waiting" | "running" | "done";
  readonly success: boolean;
  readonly error_behaviour: ErrorBehaviour;
  readonly size_bytes: number;
  readonly attempts: number;
  readonly events_read: number;
  readonly events_stored: number;
  readonly events_known: number;
  readonly error_count: number;
  readonly errors: readonly Json[];
  readonly captured_by: string;
  readonly captured_by_name: string;
  readonly created_at: Date;
  readonly finished_at: Date | null;
}

const COLUMNS = `id, position, state, success, error_behaviour, size_bytes, attempts, events_read, events_stored,
  events_known, error_count, errors, captured_by, captured_by_name, created_at, finished_at`;
const ABANDONED_HOURS = 24; // a document whose sender went away is forgotten after this

export async function addCapture(
  pool: pg.Pool,
  row: {
    readonly id: string;
    readonly behaviour: ErrorBehaviour;
    readonly capturedBy: string;
    readonly capturedByName: string;
    readonly at: Date;
  },
): Promise<void> {
  await pool.query(
    `delete from thread_capture where state = 'receiving' and created_at < $1::timestamptz - make_interval(hours => ${ABANDONED_HOURS})`,
    [row.at],
  );
  await pool.query(
    `insert into thread_capture (id, state, error_behaviour, captured_by, captured_by_name, created_at)
     values ($1, 'receiving', $2, $3, $4, $5)`,
    [row.id, row.behaviour, row.capturedBy, row.capturedByName, row.at],
  );
}

export async function addChunk(pool: pg.Pool, capture: string, index: number, bytes: Uint8Array): Promise<void> {
  await pool.query("insert into thread_capture_chunk (capture, chunk_index, bytes) values ($1, $2, $3)", [
    capture,
    index,
    Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  ]);
}

export async function readChunk(pool: pg.Pool, capture: string, index: number): Promise<Uint8Array | undefined> {
  const { rows } = await pool.query<{ bytes: Buffer }>(
    "select bytes from thread_capture_chunk where capture = $1 and chunk_index = $2 limit 1",
    [capture, index],
  );
  return rows[0]?.bytes;
}

/** All bytes are here: the document waits for its turn. */
export async function completeCapture(pool: pg.Pool, id: string, sizeBytes: number): Promise<void> {
  await pool.query("update thread_capture set state = 'waiting', size_bytes = $2 where id = $1", [id, sizeBytes]);
}

export async function forgetCapture(pool: pg.Pool, id: string): Promise<void> {
  await pool.query("delete from thread_capture where id = $1 and state = 'receiving'", [id]);
}

export async function readCapture(pool: pg.Pool, id: string): Promise<CaptureRow | undefined> {
  const { rows } = await pool.query<CaptureRow>(
    `select ${COLUMNS} from thread_capture where id = $1 and state <> 'receiving' limit 1`,
    [id],
  );
  return rows[0];
}

/** Newest first, behind `before`. */
export async function listCaptures(
  pool: pg.Pool,
  { limit, before }: { readonly limit: number; readonly before: number | undefined },
): Promise<readonly CaptureRow[]> {
  const { rows } = await pool.query<CaptureRow>(
    `select ${COLUMNS} from thread_capture where state <> 'receiving' and position < $1 order by position desc limit $2`,
    [before ?? Number.MAX_SAFE_INTEGER, limit],
  );
  return rows;
}

/** Captures that wait or that somebody runs, in their order. */
export async function openCaptures(pool: pg.Pool, limit: number): Promise<readonly CaptureRow[]> {
  const { rows } = await pool.query<CaptureRow>(
    `select ${COLUMNS} from thread_capture where state in ('waiting', 'running') order by position limit $1`,
    [limit],
  );
  return rows;
}

/** Marks a capture as running. @returns how many attempts that makes */
export async function beginCapture(pool: pg.Pool, id: string): Promise<number | undefined> {
  const { rows } = await pool.query<{ attempts: number }>(
    `update thread_capture set state = 'running', attempts = attempts + 1, success = true, events_read = 0,
       events_stored = 0, events_known = 0, error_count = 0, errors = '[]'
     where id = $1 and state in ('waiting', 'running') returning attempts`,
    [id],
  );
  return rows[0]?.attempts;
}

export interface CaptureProgress {
  readonly success: boolean;
  readonly eventsRead: number;
  readonly eventsStored: number;
  readonly eventsKnown: number;
  readonly errorCount: number;
  readonly errors: readonly Json[];
}

const PROGRESS = `success = $2, events_read = $3, events_stored = $4, events_known = $5, error_count = $6, errors = $7`;

function columnsOf(id: string, progress: CaptureProgress): unknown[] {
  const { success, eventsRead, eventsStored, eventsKnown, errorCount, errors } = progress;
  return [id, success, eventsRead, eventsStored, eventsKnown, errorCount, JSON.stringify(errors)];
}

export async function noteProgress(pool: pg.Pool, id: string, progress: CaptureProgress): Promise<void> {
  await pool.query(
    `update thread_capture set ${PROGRESS} where id = $1 and state = 'running'`,
    columnsOf(id, progress),
  );
}

/** Ends a capture and forgets its bytes. */
export async function finishCapture(pool: pg.Pool, id: string, progress: CaptureProgress, at: Date): Promise<void> {
  await pool.query(
    `with done as (update thread_capture set ${PROGRESS}, state = 'done', finished_at = $8 where id = $1 returning id)
     delete from thread_capture_chunk where capture in (select id from done)`,
    [...columnsOf(id, progress), at],
  );
}

/** Runs `work` while this process alone holds the capture; undefined when another process holds it. */
export async function holdingCapture<Value>(
  pool: pg.Pool,
  position: number,
  work: () => Promise<Value>,
): Promise<Value | undefined> {
  const client = await pool.connect();
  const ignore = () => undefined; // the lock ends with the connection, and the next query reports the loss
  client.on("error", ignore);
  let isHeld = false;
  try {
    const { rows } = await client.query<{ held: boolean }>("select pg_try_advisory_lock($1, $2) as held", [
      LOCK_CLASS,
      position % 2 ** 31,
    ]);
    isHeld = rows[0]?.held ?? false;
    return isHeld ? await work() : undefined;
  } finally {
    if (isHeld)
      await client.query("select pg_advisory_unlock($1, $2)", [LOCK_CLASS, position % 2 ** 31]).catch(() => undefined);
    client.off("error", ignore);
    client.release();
  }
}

const LOCK_CLASS = 1_162_886_483; // any fixed number: captures, among this database's advisory locks
