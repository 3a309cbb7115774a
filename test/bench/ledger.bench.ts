/**
 * How fast the ledger of a node grows and proves, against floors of the same run: bare SHA-256 of what a leaf costs the
 * tree, a bare PostgreSQL insert of the same statements, and bare Ed25519. A leaf counts as durable when it is in a
 * committed tree and its checkpoint is published. The large log is the bench `ledger-large`. `--tiny` runs every part on a
 * few statements.
 */
import { generateKeyPairSync, hash, sign } from "node:crypto";
import type { Database } from "../../apps/node/src/platform/database.ts";
import type { Ledger, PreparedStatement } from "../../apps/node/src/prove/ledger/index.ts";
import {
  diskOf,
  figuresOf,
  type LedgerPlace,
  proofTimes,
  round,
  STATEMENT_BYTES,
  withLedgerPlace,
} from "./ledger-place.ts";

const CHUNK = 2_000; // statements of one transaction of a caller

export async function bench({ tiny }: { tiny: boolean }): Promise<Record<string, unknown>> {
  return withLedgerPlace(undefined, async (place) => {
    const { database } = place;
    const hashesPerSecond = bareHashes(tiny ? 2_000 : 500_000);
    const insertsPerSecond = await bareInserts(database, tiny ? 500 : 60_000);
    const signaturesPerSecond = bareSignatures(tiny ? 50 : 5_000);
    const ledger = await place.open();
    await ledger.beat();
    const append = await appendTimes(ledger, tiny ? 5 : 300);
    await growth(ledger, place, chunksOf(preSigned(5_000))); // the code is warm, and the log has its 5,000 leaves
    const proofAt5000 = await proofTimes(ledger, { leaves: 5_000, count: tiny ? 10 : 1_000 });
    const durable = await growth(ledger, place, chunksOf(preSigned(tiny ? 500 : 150_000)));
    const disk = await diskOf(database);
    const signed = await growth(ledger, place, signing(ledger, tiny ? 300 : 40_000));
    return {
      bareHashesPerSecond: round(hashesPerSecond),
      bareInsertsPerSecond: round(insertsPerSecond),
      bareSignaturesPerSecond: round(signaturesPerSecond),
      durableLeavesPerSecond: round(durable),
      ratioToBareHashing: round(durable / (hashesPerSecond / 2)),
      ratioToBareInsert: round(durable / insertsPerSecond),
      signedLeavesPerSecond: round(signed),
      ratioToBareSignatures: round(signed / signaturesPerSecond),
      append,
      proofAt5000,
      disk,
    };
  });
}

/** Two hashes for each leaf, amortised: its own and one node. */
function bareHashes(count: number): number {
  const input = Buffer.alloc(65);
  return rate(count, () => {
    for (let i = 0; i < count; i++) hash("sha256", input, "binary");
  });
}

function bareSignatures(count: number): number {
  const { privateKey } = generateKeyPairSync("ed25519");
  const message = Buffer.alloc(STATEMENT_BYTES);
  return rate(count, () => {
    for (let i = 0; i < count; i++) sign(null, message, privateKey);
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

let made = 0; // statements differ from call to call

/** Statements as another process would have signed them: right in form and size, made without the cost of signing. */
function preSigned(count: number): PreparedStatement[] {
  return Array.from({ length: count }, (_, i) => {
    const statement = new Uint8Array(STATEMENT_BYTES);
    new DataView(statement.buffer).setUint32(0, made++);
    const entry = new Uint8Array(Buffer.from(hash("sha256", statement, "hex"), "hex"));
    return { kind: "bench/said", subject: `urn:bench:${i % 100}`, issuer: "https://bench.example", entry, statement };
  });
}

type Chunk = readonly PreparedStatement[];

async function* chunksOf(statements: Chunk): AsyncGenerator<Chunk> {
  for (let i = 0; i < statements.length; i += CHUNK) yield statements.slice(i, i + CHUNK);
}

/** Signs the next chunk while the one before is committed. */
async function* signing(ledger: Ledger, count: number): AsyncGenerator<Chunk> {
  const sign = (from: number) =>
    ledger.prepare(
      Array.from({ length: Math.min(CHUNK, count - from) }, (_, i) => ({
        kind: "bench/signed",
        subject: `urn:bench:${i % 100}`,
        payload: { i: from + i },
      })),
    );
  let next = sign(0);
  for (let i = 0; i < count; i += CHUNK) {
    const chunk = await next;
    if (i + CHUNK < count) next = sign(i + CHUNK);
    yield chunk;
  }
}

/**
 * Callers commit while the sequencer runs, as in a node; the clock stops when the last leaf is published.
 * @returns leaves a second
 */
async function growth(ledger: Ledger, { database }: LedgerPlace, chunks: AsyncIterable<Chunk>): Promise<number> {
  let done = false;
  let leaves = 0;
  const start = performance.now();
  const sequencing = (async () => {
    for (;;) {
      const last = done;
      const added = await ledger.beat();
      if (last && added === 0) return;
      if (added === 0) await new Promise(setImmediate);
    }
  })();
  for await (const chunk of chunks) {
    leaves += chunk.length;
    await database.transaction((tx) => ledger.appendPrepared(tx, chunk));
  }
  done = true;
  await sequencing;
  return (leaves * 1_000) / (performance.now() - start);
}

/** One append at a time in a transaction of its own, nothing else going on; then until it is published. */
async function appendTimes(ledger: Ledger, count: number): Promise<Record<string, number>> {
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
  const [first, then] = [figuresOf(durable), figuresOf(published)];
  return { durableP50Ms: first.p50Ms, durableP99Ms: first.p99Ms, publishedP99Ms: then.p99Ms };
}

function rate(count: number, work: () => void): number {
  const start = performance.now();
  work();
  return (count * 1_000) / (performance.now() - start);
}
