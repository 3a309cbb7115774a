/** A ledger for a bench: a private PostgreSQL and a home in a folder, which is temporary unless one is given to be kept. */
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { readConfig } from "../../apps/node/src/platform/config.ts";
import { type Database, openDatabase } from "../../apps/node/src/platform/database.ts";
import { migrate } from "../../apps/node/src/platform/migrations.ts";
import { systemPorts } from "../../apps/node/src/platform/ports.ts";
import { startPrivatePostgres } from "../../apps/node/src/platform/postgres.ts";
import { openLog } from "../../apps/node/src/platform/telemetry.ts";
import { type Ledger, ledgerMigrations, openLedger } from "../../apps/node/src/prove/ledger/index.ts";

const PLATFORM = { slice: "platform", folder: resolve(import.meta.dirname, "../../apps/node/src/platform/migrations") };
/** The size of the statements of which the figures tell. */
export const STATEMENT_BYTES = 250;

export interface LedgerPlace {
  readonly database: Database;
  /** A ledger as a starting process opens it. */
  open(): Promise<Ledger>;
}

export async function withLedgerPlace<Value>(
  home: string | undefined,
  work: (place: LedgerPlace) => Promise<Value>,
): Promise<Value> {
  const folder = home ?? mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  mkdirSync(folder, { recursive: true });
  chmodSync(folder, 0o711);
  const postgres = await startPrivatePostgres(folder);
  const database = await openDatabase(await postgres.database("ledger"));
  try {
    await migrate(database, [PLATFORM, ledgerMigrations]);
    const config = readConfig({
      home: join(folder, "home"),
      environment: {},
      flags: { ledgerOrigin: "log.example/bench" },
    });
    const open = () => openLedger({ database, config, ports: systemPorts, log: openLog("silent"), nodeId: "bench" });
    return await work({ database, open });
  } finally {
    await database.close();
    await postgres.stop();
    if (home === undefined) rmSync(folder, { recursive: true, force: true });
  }
}

/** Milliseconds of a proof of statements that stand apart from each other, one after the other. */
export async function proofTimes(
  ledger: Ledger,
  { leaves, count }: { readonly leaves: number; readonly count: number },
): Promise<Figures> {
  const step = Math.max(1, Math.floor(leaves / count));
  const ids: string[] = [];
  for (let index = 1; index < leaves && ids.length < count; index += step) {
    const { rows } = await ledger.pool.query<{ entry: Buffer }>(
      "select entry from ledger_leaf where (place >> 5) = ((1::bigint << 40) | $1::bigint) >> 5 and place = ((1::bigint << 40) | $1::bigint) limit 1",
      [index],
    );
    for (const { entry } of rows) ids.push(entry.toString("hex"));
  }
  const times: number[] = [];
  for (const id of shuffled(ids)) {
    const start = performance.now();
    await ledger.proof(id);
    times.push(performance.now() - start);
  }
  return figuresOf(times);
}

/** The same order in each run, and no order that a cache could foresee. */
function shuffled(ids: readonly string[]): string[] {
  return ids.toSorted((a, b) => (a.slice(8) < b.slice(8) ? -1 : 1));
}

export interface Figures {
  readonly p50Ms: number;
  readonly p99Ms: number;
}

export function figuresOf(times: readonly number[]): Figures {
  const sorted = times.toSorted((a, b) => a - b);
  const at = (share: number) => round(sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN);
  return { p50Ms: at(0.5), p99Ms: at(0.99) };
}

/**
 * Bytes a leaf on disk, as they lie there: the table, which holds statement and entry, its indexes, the tiles above level 0,
 * the lists of kinds; and the same statements in a plain table without any index, to take away.
 */
export async function diskOf(database: Database): Promise<Record<string, number>> {
  await database.pool.query("drop table if exists plain");
  await database.pool.query(
    `create table plain as select row_number() over () as position, accepted_at, kind, subject, issuer, statement from ledger_statement`,
  );
  const { rows } = await database.pool.query<Record<string, number>>(
    `select (select sum(size)::bigint from ledger_head) as leaves,
       (select sum(length(statement))::bigint from plain) as statements,
       pg_table_size('plain') as plain, pg_table_size('ledger_leaf') as leaf,
       pg_relation_size('ledger_leaf_place') as place_index, pg_relation_size('ledger_leaf_entry') as entry_index,
       pg_relation_size('ledger_leaf_subject') as subject_index,
       pg_total_relation_size('ledger_tile') as tiles, pg_total_relation_size('ledger_kind_block') as kinds`,
  );
  await database.pool.query("drop table plain");
  const { leaves = 1, ...bytes } = rows[0] ?? {};
  const each = (name: string) => (bytes[name] ?? 0) / leaves;
  const indexes = each("place_index") + each("entry_index") + each("subject_index") + each("kinds");
  return {
    statementBytes: round(each("statements")),
    plainTableBytes: round(each("plain")),
    leafTableBytes: round(each("leaf")),
    placeIndexBytes: round(each("place_index")),
    entryIndexBytes: round(each("entry_index")),
    subjectIndexBytes: round(each("subject_index")),
    kindBytes: round(each("kinds")),
    tileBytes: round(each("tiles")),
    entryTilesAndIndexesBytes: round(33 + indexes + each("tiles")), // an entry in its row: 32 bytes and its length
    beyondPlainTableBytes: round(each("leaf") + indexes + each("tiles") - each("plain")),
    beyondStatementsBytes: round(each("leaf") + indexes + each("tiles") - each("statements")),
  };
}

/** Three significant digits. */
export function round(value: number): number {
  return Number(value.toPrecision(3));
}
