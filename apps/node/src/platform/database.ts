/**
 * The database: one pool, typed SQL through Kysely, transactions that are retried when PostgreSQL says that they must be
 * (40001, 40P01). A slice sees only the tables that it names. int8 becomes number and is refused beyond 2^53.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { assert, Problem } from "@holdfast/kernel";
import { Kysely, PostgresDialect, type Transaction } from "kysely";
import pg from "pg";
import { prepareOften } from "./prepared.ts";

const ATTEMPTS_MAX = 8; // a transaction that loses eight races in a row is a design fault
const RETRYABLE = new Set(["40001", "40P01"]);
const CONNECTION_SECONDS_MAX = 60; // a plan that was made when a table was small is forgotten with its connection
const SERVER_VERSION_MIN = 150_000;

type NoTables = Record<never, never>;

export interface Database {
  readonly pool: pg.Pool;
  /** Typed access to the tables that a slice owns. */
  tables<Tables>(): Kysely<Tables>;
  /** Runs `work` in one transaction, again from the start when it was not serialisable. Side effects belong after it. */
  transaction<Tables, Value>(work: (tx: Transaction<Tables>) => Promise<Value>): Promise<Value>;
  close(): Promise<void>;
}

const types = {
  getTypeParser: (oid: number, format?: "text" | "binary") => {
    if (oid === pg.types.builtins.INT8 && format !== "binary") {
      return (text: string) => {
        const value = Number(text);
        assert(Number.isSafeInteger(value), `int8 ${text} is beyond 2^53`);
        return value;
      };
    }
    if (oid === pg.types.builtins.DATE) return (text: string) => text; // a day has no zone, so it is no Date
    return pg.types.getTypeParser(oid, format);
  },
};

/** Opens a pool and checks the server's version. @throws Problem `database/unreachable` or `database/too-old` */
export async function openDatabase(options: pg.PoolConfig): Promise<Database> {
  const pool = new pg.Pool({
    max: 10,
    idleTimeoutMillis: 30_000,
    connectionTimeoutMillis: 10_000,
    application_name: "holdfast",
    maxLifetimeSeconds: CONNECTION_SECONDS_MAX,
    ...options,
    types,
  });
  pool.on("connect", prepareOften);
  pool.on("error", () => undefined); // an idle connection that breaks is replaced; the query that needs one reports
  // one that is in somebody's hands tells them by failing what they ask; unheard, its event would end the process
  pool.on("connect", (client) => client.on("error", () => undefined));
  try {
    const { rows } = await pool.query<{ version: string }>("select current_setting('server_version_num') as version");
    const version = Number(rows[0]?.version);
    if (version < SERVER_VERSION_MIN)
      throw new Problem("database/too-old", `PostgreSQL \`${version}\` is older than 15`);
  } catch (cause) {
    await pool.end();
    if (cause instanceof Problem) throw cause;
    throw new Problem(
      "database/unreachable",
      `the database does not answer: ${cause instanceof Error ? cause.message : cause}`,
      { cause },
    );
  }
  const kysely = new Kysely<NoTables>({ dialect: new PostgresDialect({ pool }) });
  return {
    pool,
    tables: <Tables>() => kysely as unknown as Kysely<Tables>, // Kysely keeps no tables at run time: the caller names its own
    transaction: <Tables, Value>(work: (tx: Transaction<Tables>) => Promise<Value>) =>
      retried(() => kysely.transaction().execute((tx) => work(tx as unknown as Transaction<Tables>))), // as above
    close: async () => {
      await kysely.destroy(); // ends the pool only where a typed query was made
      if (!pool.ended) await pool.end();
    },
  };
}

async function retried<Value>(attempt: () => Promise<Value>): Promise<Value> {
  for (let i = 1; ; i++) {
    try {
      return await attempt();
    } catch (error) {
      const code = error instanceof Error && "code" in error ? String(error.code) : "";
      if (!RETRYABLE.has(code) || i === ATTEMPTS_MAX) throw error;
      await sleep(2 ** i * (0.5 + Math.random()));
    }
  }
}
