/**
 * Long work: started in the caller's transaction, run by any node process on the database, shown with percent, cancel and
 * result. pg-boss decides who runs what and again after a crash; platform_job is what people see. A handler must be safe
 * to run again from the start: it commits its result once, or resumes from what it committed.
 */
import type { Principal } from "@holdfast/access";
import { job as contract } from "@holdfast/api";
import { assert, type Json, Problem, uuid7 } from "@holdfast/kernel";
import { sql, type Transaction } from "kysely";
import { fromKysely, PgBoss } from "pg-boss";
import type { Database } from "./database.ts";
import type { Ports } from "./ports.ts";
import type { Log } from "./telemetry.ts";

const HEARTBEAT_SECONDS = 20; // a job whose process died runs again after this, and
const SUPERVISE_SECONDS = 10; // at most this, which is how often a process looks for such jobs
const START_LOCK = 4_801_984_203; // any fixed number: processes that start take turns
const EXPIRE_SECONDS = 6 * 3_600; // nothing here is allowed to take longer
const PROGRESS_MILLISECONDS = 400; // progress is written at most this often

/** What a handler gets. */
export interface JobRun<Input> {
  readonly id: string;
  readonly input: Input;
  /** Aborts when somebody cancelled the job or the node is stopping. */
  readonly signal: AbortSignal;
  /** `fraction` 0 to 1; written now and then. Throws Problem `job/cancelled` once the job is to stop. */
  progress(fraction: number, detail: string): void;
}

export interface JobRow {
  readonly id: string;
  readonly kind: string;
  readonly title: string;
  readonly state: contract.Job["state"];
  readonly fraction: number;
  readonly detail: string;
  readonly input: Json;
  readonly result: Json;
  readonly problem: contract.Job["problem"];
  readonly cancel_requested: boolean;
  readonly started_by: string;
  readonly started_by_name: string;
  readonly created_at: Date;
  readonly started_at: Date | null;
  readonly ended_at: Date | null;
}

type Handler = (run: JobRun<never>) => Promise<unknown>;

const COLUMNS = sql`id, kind, title, state, fraction, detail, input, result, problem, cancel_requested, started_by, started_by_name, created_at, started_at, ended_at`;

export class Jobs {
  readonly #boss: PgBoss;
  readonly #database: Database;
  readonly #ports: Ports;
  readonly #log: Log;
  readonly #handlers = new Map<string, Handler>();
  readonly #stopping = new AbortController();
  #reaping: NodeJS.Timeout | undefined;

  constructor(options: { database: Database; ports: Ports; log: Log }) {
    this.#database = options.database;
    this.#ports = options.ports;
    this.#log = options.log;
    const executeSql = async (text: string, values?: unknown[]) => this.#database.pool.query(text, values);
    this.#boss = new PgBoss({
      db: { executeSql },
      schema: "platform_boss",
      application_name: "holdfast-jobs",
      persistWarnings: false,
      superviseIntervalSeconds: SUPERVISE_SECONDS,
      monitorIntervalSeconds: SUPERVISE_SECONDS,
    });
    this.#boss.on("error", (error) => this.#log.error({ err: error }, "job queue"));
  }

  /** Names the work that `kind` does. Before `start`. */
  define<Input>(kind: string, handler: (run: JobRun<Input>) => Promise<unknown>): void {
    assert(!this.#handlers.has(kind), `job kind ${kind} is defined twice`);
    this.#handlers.set(kind, handler as Handler); // the input was given to `enqueue` under the same kind
  }

  async start(): Promise<void> {
    await this.#startBoss();
    for (const kind of this.#handlers.keys()) {
      const options = {
        retryLimit: 3,
        retryDelay: 1,
        expireInSeconds: EXPIRE_SECONDS,
        heartbeatSeconds: HEARTBEAT_SECONDS,
        deleteAfterSeconds: 86_400,
      };
      await this.#boss.createQueue(queueOf(kind), options);
      await this.#boss.work<{ jobId: string }>(
        queueOf(kind),
        { pollingIntervalSeconds: 0.5, batchSize: 1 },
        async ([job]) => {
          if (job) await this.#run(kind, job.data.jobId, job.signal);
        },
      );
    }
    this.#reaping = setInterval(
      () => void this.reap().catch((error: unknown) => this.#log.warn({ err: error }, "looking for dead jobs")),
      SUPERVISE_SECONDS * 1_000,
    ).unref();
  }

  /** pg-boss makes its schema at its start, and two processes that start on a new database must not do it at once. */
  async #startBoss(): Promise<void> {
    const client = await this.#database.pool.connect();
    try {
      await client.query("select pg_advisory_lock($1)", [START_LOCK]);
      await this.#boss.start();
      await client.query("select pg_advisory_unlock($1)", [START_LOCK]);
    } finally {
      client.release(true); // and with its connection the lock, whatever happened
    }
  }

  /** Ends, as failed, what the queue has given up: a job that took its process with it each time it was tried. */
  async reap(): Promise<void> {
    const problem = { code: "job/failed", message: "its process ended each time it ran", detail: {} };
    await sql`
      update platform_job j set state = 'failed', problem = ${JSON.stringify(problem)}::jsonb, ended_at = now()
      where j.state in ('waiting', 'running')
        and exists (select 1 from platform_boss.job b where b.id = j.id and b.state in ('failed', 'cancelled'))`.execute(
      this.#database.tables(),
    );
  }

  /** Stops taking work and waits for what runs, at most `seconds`; what does not end is run again by another process. */
  async stop(seconds: number): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#reaping);
    await this.#boss.stop({ graceful: true, timeout: seconds * 1_000, close: false });
  }

  /** Adds a job in `tx`; it runs after the commit. @returns its id */
  async enqueue<Tables>(
    tx: Transaction<Tables>,
    request: { kind: string; title: string; input: Json; principal: Principal },
  ): Promise<string> {
    assert(this.#handlers.has(request.kind), `job kind ${request.kind} is not defined`);
    const id = uuid7(this.#ports);
    await sql`
      insert into platform_job (id, kind, title, state, input, started_by, started_by_name)
      values (${id}, ${request.kind}, ${request.title}, 'waiting', ${JSON.stringify(request.input)}::jsonb, ${request.principal.id}, ${request.principal.name})`.execute(
      tx,
    );
    await this.#boss.send(queueOf(request.kind), { jobId: id }, { id, db: fromKysely(tx) });
    return id;
  }

  async get(id: string): Promise<JobRow | undefined> {
    const { rows } = await sql<JobRow>`select ${COLUMNS} from platform_job where id = ${id} limit 1`.execute(
      this.#database.tables(),
    );
    return rows[0];
  }

  /** Newest first; `startedBy` limits it to one person's. */
  async list(filter: {
    limit: number;
    after?: string | undefined;
    startedBy?: string | undefined;
    state?: string | undefined;
    kind?: string | undefined;
  }): Promise<JobRow[]> {
    const { rows } = await sql<JobRow>`
      select ${COLUMNS} from platform_job
      where (${filter.startedBy ?? null}::text is null or started_by = ${filter.startedBy ?? null})
        and (${filter.state ?? null}::text is null or state = ${filter.state ?? null})
        and (${filter.kind ?? null}::text is null or kind = ${filter.kind ?? null})
        and (${filter.after ?? null}::uuid is null or id < ${filter.after ?? null}::uuid)
      order by id desc limit ${filter.limit}`.execute(this.#database.tables());
    return rows;
  }

  /** Asks a job to stop. @throws Problem `job/already-ended` */
  async cancel(id: string): Promise<void> {
    const { rows } = await sql<{ state: string }>`
      update platform_job
      set cancel_requested = true,
        state = case when state = 'waiting' then 'cancelled' else state end,
        ended_at = case when state = 'waiting' then now() else ended_at end
      where id = ${id} and state in ('waiting', 'running') returning state`.execute(this.#database.tables());
    if (rows.length === 0)
      throw new Problem("job/already-ended", `job \`${id}\` has ended, so there is nothing to cancel`);
  }

  async #run(kind: string, id: string, bossSignal: AbortSignal): Promise<void> {
    const handler = this.#handlers.get(kind);
    assert(handler, `job kind ${kind} has no handler`);
    const database = this.#database.tables();
    const claimed = await sql<{ input: Json }>`
      update platform_job set state = 'running', started_at = coalesce(started_at, now())
      where id = ${id} and state in ('waiting', 'running') returning input`.execute(database);
    const input = claimed.rows[0]?.input;
    if (claimed.rows.length === 0) return; // cancelled while it waited
    const cancelled = new AbortController();
    const signal = AbortSignal.any([bossSignal, this.#stopping.signal, cancelled.signal]);
    const report = this.#reporter(id, cancelled);
    try {
      const result = await handler({ id, input, signal, progress: report.progress } as JobRun<never>); // see `define`
      await report.end();
      await sql`update platform_job set state = 'succeeded', fraction = 1, result = ${JSON.stringify(result ?? null)}::jsonb, ended_at = now() where id = ${id} and state = 'running'`.execute(
        database,
      );
    } catch (error) {
      await report.end();
      if (this.#stopping.signal.aborted && !cancelled.signal.aborted) throw error; // another process runs it again
      const wasCancelled = cancelled.signal.aborted;
      if (!(error instanceof Problem)) this.#log.error({ jobId: id, kind, err: error }, "job failed");
      const problem =
        error instanceof Problem
          ? { code: error.code, message: error.message, detail: error.detail }
          : { code: "job/failed", message: "the work failed; the log has the details", detail: { jobId: id } };
      await sql`
        update platform_job set state = ${wasCancelled ? "cancelled" : "failed"}, problem = ${wasCancelled ? null : JSON.stringify(problem)}::jsonb, ended_at = now()
        where id = ${id} and state = 'running'`.execute(database);
    }
  }

  /** Writes progress now and then, and learns in the same statement whether somebody cancelled. */
  #reporter(
    id: string,
    cancelled: AbortController,
  ): { progress: (fraction: number, detail: string) => void; end: () => Promise<void> } {
    let latest: { fraction: number; detail: string } | undefined;
    let writing: Promise<void> = Promise.resolve();
    const write = async () => {
      const now = latest;
      latest = undefined;
      const { rows } = await sql<{ cancel_requested: boolean }>`
        update platform_job set fraction = coalesce(${now?.fraction ?? null}, fraction), detail = coalesce(${now?.detail ?? null}, detail)
        where id = ${id} returning cancel_requested`.execute(this.#database.tables());
      if (rows[0]?.cancel_requested) cancelled.abort();
    };
    const timer = setInterval(() => {
      writing = writing
        .then(write)
        .catch((error: unknown) => this.#log.warn({ jobId: id, err: error }, "job progress"));
    }, PROGRESS_MILLISECONDS);
    return {
      progress: (fraction, detail) => {
        latest = { fraction: Math.min(1, Math.max(0, fraction)), detail };
        if (cancelled.signal.aborted) throw new Problem("job/cancelled", "the job was cancelled");
      },
      end: async () => {
        clearInterval(timer);
        await writing;
      },
    };
  }
}

/** The contract's form of a row. */
export function jobOf(row: JobRow): contract.Job {
  return {
    id: row.id,
    kind: row.kind,
    title: row.title,
    state: row.state,
    fraction: row.fraction,
    detail: row.detail,
    result: row.result,
    problem: row.problem,
    cancelRequested: row.cancel_requested,
    startedByName: row.started_by_name,
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    endedAt: row.ended_at?.toISOString() ?? null,
  };
}

function queueOf(kind: string): string {
  return kind.replaceAll("/", ".");
}
