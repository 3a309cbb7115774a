/**
 * Records access decisions. Rows are gathered and written together; `flush` is awaited before a write is acknowledged, so
 * only decisions about reads can be lost with the process, at most the last 200 ms of them. Invariant: a row that the
 * database cannot hold is set aside and logged; it never stands in the way of those after it.
 */
import type { Decision, Principal, Resource } from "@holdfast/access";
import { uuid7 } from "@holdfast/kernel";
import type { Database } from "./database.ts";
import type { Ports } from "./ports.ts";
import type { Log } from "./telemetry.ts";

const GATHER_MILLISECONDS = 200;
const FORGOTTEN_AT_ONCE = 5_000; // some tens of milliseconds
const ROWS_MAX = 500; // one statement's worth; more are written at once

export interface DecisionRow {
  readonly id: string;
  readonly decided_at: Date;
  readonly principal_kind: string;
  readonly principal_id: string;
  readonly principal_name: string;
  readonly action: string;
  readonly resource_type: string;
  readonly resource_id: string;
  readonly allowed: boolean;
  readonly policy: string;
  readonly request_id: string;
}

const COLUMNS =
  "id, decided_at, principal_kind, principal_id, principal_name, action, resource_type, resource_id, allowed, policy, request_id";

/** One statement for any number of rows, so that it is prepared once: every request adds a row. */
const ADD_ROWS = {
  name: "decision-add",
  text: `
    insert into platform_decision (${COLUMNS})
    select ${COLUMNS} from json_populate_recordset(null::platform_decision, $1)`,
};

interface Tables {
  platform_decision: DecisionRow;
}

export class DecisionLog {
  readonly #database: Database;
  readonly #ports: Ports;
  readonly #log: Log;
  #rows: DecisionRow[] = [];
  #timer: NodeJS.Timeout | undefined;
  #writing: Promise<void> = Promise.resolve();

  constructor(options: { database: Database; ports: Ports; log: Log }) {
    this.#database = options.database;
    this.#ports = options.ports;
    this.#log = options.log;
  }

  add(entry: {
    principal: Principal;
    action: string;
    resource: Resource;
    decision: Decision;
    requestId: string;
  }): void {
    this.#rows.push({
      id: uuid7(this.#ports),
      decided_at: this.#ports.clock.now(),
      principal_kind: entry.principal.kind,
      principal_id: storable(entry.principal.id),
      principal_name: storable(entry.principal.name),
      action: entry.action,
      resource_type: entry.resource.type,
      resource_id: storable(entry.resource.id.slice(0, 200)),
      allowed: entry.decision.allowed,
      policy: entry.decision.policy,
      request_id: entry.requestId,
    });
    const later = () => void this.flush().catch(() => undefined); // the rows stay, and the next request's flush reports
    if (this.#rows.length >= ROWS_MAX) later();
    else this.#timer ??= setTimeout(later, GATHER_MILLISECONDS).unref();
  }

  /**
   * Writes what was gathered; resolves when it is durable.
   * @throws the database's error, after keeping the rows for the next try
   */
  flush(): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#writing = this.#writing.catch(() => undefined).then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    while (this.#rows.length > 0) {
      const rows = this.#rows.slice(0, ROWS_MAX);
      try {
        await this.#insert(rows);
      } catch (error) {
        if (!isOfTheData(error) && !isWritten(error)) throw error;
        for (const row of rows) await this.#insertOrSetAside(row);
      }
      this.#rows = this.#rows.slice(rows.length);
    }
  }

  async #insert(rows: readonly DecisionRow[]): Promise<void> {
    await this.#database.pool.query({ ...ADD_ROWS, values: [JSON.stringify(rows)] });
  }

  async #insertOrSetAside(row: DecisionRow): Promise<void> {
    try {
      await this.#insert([row]);
    } catch (error) {
      if (isWritten(error)) return;
      if (!isOfTheData(error)) throw error;
      this.#log.error({ err: error, decision: row }, "a decision that the database cannot hold is in this line alone");
    }
  }

  /** Removes what was decided before `before`, a part at a time, so that nobody waits for it. */
  async forget(before: Date): Promise<void> {
    const bound = firstIdOf(before);
    for (;;) {
      const { rowCount } = await this.#database.pool.query(
        "delete from platform_decision where id in (select id from platform_decision where id < $1 order by id limit $2)",
        [bound, FORGOTTEN_AT_ONCE],
      );
      if ((rowCount ?? 0) < FORGOTTEN_AT_ONCE) return;
    }
  }

  /** Newest first. `after` is the id of the last row of the page before. */
  list(filter: {
    limit: number;
    after?: string | undefined;
    principalId?: string | undefined;
    action?: string | undefined;
    denied?: boolean | undefined;
  }): Promise<DecisionRow[]> {
    let query = this.#database
      .tables<Tables>()
      .selectFrom("platform_decision")
      .select([
        "id",
        "decided_at",
        "principal_kind",
        "principal_id",
        "principal_name",
        "action",
        "resource_type",
        "resource_id",
        "allowed",
        "policy",
        "request_id",
      ]);
    if (filter.principalId) query = query.where("principal_id", "=", filter.principalId);
    if (filter.action) query = query.where("action", "=", filter.action);
    if (filter.denied) query = query.where("allowed", "=", false);
    if (filter.after) query = query.where("id", "<", filter.after);
    return query.orderBy("id", "desc").limit(filter.limit).execute();
  }
}

/** The text as PostgreSQL can hold it: without U+0000 and lone surrogates, which a cut may leave. */
function storable(text: string): string {
  return text.toWellFormed().replaceAll("\0", "\u{fffd}");
}

/** Whether the rows are at fault and not the connection or the server: SQLSTATE class 22, data exception. */
function isOfTheData(error: unknown): boolean {
  return sqlState(error).startsWith("22");
}

/** Whether an earlier try wrote the row, though its answer was lost: SQLSTATE unique_violation of its id. */
function isWritten(error: unknown): boolean {
  return sqlState(error) === "23505";
}

function sqlState(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "";
}

/** No UUIDv7 of that millisecond or later is smaller (RFC 9562 5.7). */
function firstIdOf(moment: Date): string {
  const milliseconds = moment.getTime().toString(16).padStart(12, "0");
  return `${milliseconds.slice(0, 8)}-${milliseconds.slice(8)}-0000-0000-000000000000`;
}
