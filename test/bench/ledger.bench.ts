/**
 * How fast the ledger of a node grows and proves, against two floors of the same run: bare SHA-256 of what a leaf costs
 * the tree, and a bare PostgreSQL insert of the same statements. A leaf counts as durable when it is in a committed tree
 * and its checkpoint is published. `--tiny` runs every part on a few statements.
 */
import { hash } from "node:crypto";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { systemPorts } from "../../apps/node/src/platform/ports.ts";
import { readConfig } from "../../apps/node/src/platform/config.ts";
import { type Database, openDatabase } from "../../apps/node/src/platform/database.ts";
import { migrate } from "../../apps/node/src/platform/migrations.ts";
import { startPrivatePostgres } from "../../apps/node/src/platform/postgres.ts";
import { openLog } from "../../apps/node/src/platform/telemetry.ts";
import {
  type Ledger,
  ledgerMigrations,
  openLedger,
  type PreparedStatement,
} from "../../apps/node/src/prove/ledger/index.ts";

const STATEMENT_BYTES = 250;
const CHUNK = 2_000; // statements of one transaction of a caller
const PLATFORM = { slice: "platform", folder: resolve(import.meta.dirname, "../../apps/node/src/platform/migrations") };

export async function bench({ tiny }: { tiny: boolean }): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  const postgres = await startPrivatePostgres(join(folder, "postgres"));
  const database = await openDatabase(await postgres.database("ledger"));
  try {
    await migrate(database, [PLATFORM, ledgerMigrations]);
    const place: Place = { database, folder };
    const count = tiny ? 500 : 60_000;
    const hashesPerSecond = bareHashes(tiny ? 2_000 : 500_000);
    const insertsPerSecond = await bareInserts(database, count);
    const ledger = await open(place);
    await ledger.beat();
    const append = await appendTimes(ledger, tiny ? 5 : 300);
    const preSigned = await growth(ledger, place, preSignedStatements(count));
    const signing = await signedGrowth(ledger, place, tiny ? 300 : 20_000);
    const small = await proofTimes(ledger, place, { size: Math.min(5_000, preSigned.leaves), count: tiny ? 10 : 500 });
    const size = tiny ? 2_000 : 1_000_000;
    await fill(ledger, place, size);
    const large = await proofTimes(ledger, place, { size, count: tiny ? 10 : 500 });
    const startMs = await startTime(place);
    return {
      bareHashesPerSecond: round(hashesPerSecond),
      bareInsertsPerSecond: round(insertsPerSecond),
      durableLeavesPerSecond: round(preSigned.perSecond),
      ratioToBareHashing: round(preSigned.perSecond / (hashesPerSecond / 2)),
      ratioToBareInsert: round(preSigned.perSecond / insertsPerSecond),
      signedLeavesPerSecond: round(signing),
      append,
      proofAt5000: small,
      proofLarge: { leaves: (await ledger.head())?.size, ...large },
      startMs: round(startMs),
      disk: await disk(database),
    };
  } finally {
    await database.close();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

interface Place {
  readonly database: Database;
  readonly folder: string;
}

function open({ database, folder }: Place): Promise<Ledger> {
  const config = readConfig({
    home: join(folder, "home"),
    environment: {},
    flags: { ledgerOrigin: "log.example/bench" },
  });
  return openLedger({ database, config, ports: systemPorts, log: openLog("silent"), nodeId: "bench" });
}

/** Two hashes for each leaf, amortised: its own and one node. */
function bareHashes(count: number): number {
  const input = Buffer.alloc(65);
  return rate(count, () => {
    for (let i = 0; i < count; i++) hash("sha256", input, "binary");
  });
}

async function bareInserts(database: Database, count: number): Promise<number> {
  await database.pool.query(
    "create table bare (position bigint generated always as identity primary key, statement bytea not null)",
  );
  const chunk = Array.from({ length: CHUNK }, () => Buffer.alloc(STATEMENT_BYTES, 7));
  const start = performance.now();
  for (let i = 0; i < count; i += CHUNK)
    await database.pool.query("insert into bare (statement) select * from unnest($1::bytea[])", [chunk]);
  const seconds = (performance.now() - start) / 1_000;
  return (Math.ceil(count / CHUNK) * CHUNK) / seconds;
}

/** Statements as another process would have signed them: right in form and size, made without the cost of signing. */
function preSignedStatements(count: number): PreparedStatement[] {
  return Array.from({ length: count }, (_, i) => {
    const statement = new Uint8Array(STATEMENT_BYTES);
    new DataView(statement.buffer).setUint32(0, i);
    const entry = new Uint8Array(Buffer.from(hash("sha256", statement, "hex"), "hex"));
    return { kind: "bench/said", subject: `urn:bench:${i % 100}`, issuer: "https://bench.example", entry, statement };
  });
}

/** Callers commit while the sequencer runs, as in a node; the clock stops when the last leaf is published. */
async function growth(ledger: Ledger, { database }: Place, statements: readonly PreparedStatement[]) {
  let done = false;
  const start = performance.now();
  const sequencing = (async () => {
    for (;;) {
      const last = done;
      const added = await ledger.beat();
      if (last && added === 0) return;
    }
  })();
  for (let i = 0; i < statements.length; i += CHUNK)
    await database.transaction((tx) => ledger.appendPrepared(tx, statements.slice(i, i + CHUNK)));
  done = true;
  await sequencing;
  return { leaves: statements.length, perSecond: (statements.length * 1_000) / (performance.now() - start) };
}

async function signedGrowth(ledger: Ledger, place: Place, count: number): Promise<number> {
  const start = performance.now();
  const prepared: PreparedStatement[] = [];
  for (let i = 0; i < count; i++)
    prepared.push(await ledger.prepare({ kind: "bench/signed", subject: "urn:bench:1", payload: { i } }));
  await growth(ledger, place, prepared);
  return (count * 1_000) / (performance.now() - start);
}

/** One append at a time in a transaction of its own, nothing else going on; then until it is published. */
async function appendTimes(ledger: Ledger, count: number) {
  const durable: number[] = [];
  const published: number[] = [];
  for (let i = 0; i < count; i++) {
    const start = performance.now();
    const { id } = await ledger.record({ kind: "bench/one", subject: "urn:bench:1", payload: { i } });
    durable.push(performance.now() - start);
    await ledger.beat();
    await ledger.published(id);
    published.push(performance.now() - start);
  }
  return { durableP50Ms: at(durable, 0.5), durableP99Ms: at(durable, 0.99), publishedP99Ms: at(published, 0.99) };
}

/** Statements straight into the outbox, so that a large log is there in seconds. */
async function fill(ledger: Ledger, { database }: Place, size: number): Promise<void> {
  for (let i = 0; i < size; i += 100_000) {
    await database.pool.query(
      `insert into ledger_outbox (entry, kind, subject, issuer, statement, accepted_at)
       select sha256(s), 'bench/fill', 'urn:bench:1', 'https://bench.example', s, now()
       from (select decode(lpad(to_hex(i), 16, '0'), 'hex') as s from generate_series($1::bigint, $2::bigint) as i) as made`,
      [i, Math.min(size, i + 100_000) - 1],
    );
    await ledger.beat();
  }
}

async function proofTimes(ledger: Ledger, { database }: Place, { size, count }: { size: number; count: number }) {
  const { rows } = await database.pool.query<{ entry: Buffer }>(
    "select entry from ledger_statement where leaf_index % $1 = 1 and leaf_index < $2 limit $3",
    [Math.max(2, Math.floor(size / count)), size, count],
  );
  const times: number[] = [];
  for (const { entry } of rows) {
    const start = performance.now();
    await ledger.proof(entry.toString("hex"));
    times.push(performance.now() - start);
  }
  return { p50Ms: at(times, 0.5), p99Ms: at(times, 0.99) };
}

/** From nothing in memory to the first signed batch. */
async function startTime(place: Place): Promise<number> {
  const start = performance.now();
  const ledger = await open(place);
  await ledger.beat();
  return performance.now() - start;
}

async function disk(database: Database) {
  await database.pool.query("vacuum full ledger_tile");
  const { rows } = await database.pool.query<Record<string, number>>(
    `select (select size from ledger_head limit 1) as leaves,
       pg_total_relation_size('ledger_tile') as tile_bytes,
       pg_table_size('ledger_statement') as statement_bytes,
       pg_indexes_size('ledger_statement') as lookup_bytes`,
  );
  const { leaves = 1, tile_bytes = 0, statement_bytes = 0, lookup_bytes = 0 } = rows[0] ?? {};
  return {
    treeBytesPerLeaf: round(tile_bytes / leaves),
    statementBytesPerLeaf: round(statement_bytes / leaves),
    lookupBytesPerLeaf: round(lookup_bytes / leaves),
  };
}

function rate(count: number, work: () => void): number {
  const start = performance.now();
  work();
  return (count * 1_000) / (performance.now() - start);
}

function at(times: readonly number[], share: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return round(sorted[Math.floor((sorted.length - 1) * share)] ?? Number.NaN);
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}
