/**
 * A log of 5,000,000 leaves: how long a proof takes, beside one from a log of 5,000 in the same run, how long a node takes
 * to start on it, and what it takes on disk. The leaves are loaded past the sequencer, because 5,000,000 through it take
 * minutes: rows by one insert, tiles by the sequencer's own hasher, the head signed with the log's key. The node's start
 * check, a batch of the sequencer on top, and with `--tiny` a whole fsck say whether the log is a true one.
 * `--home=DIR` keeps it for the next run; `--only=load` loads it and measures nothing.
 */
import { strict as assert } from "node:assert";
import { edgeRoot, formatCheckpoint, formatNote, fsck, parseTilePath, signNote, TileHasher } from "@holdfast/tlog";
import type { Database } from "../../apps/node/src/platform/database.ts";
import type { Ledger } from "../../apps/node/src/prove/ledger/index.ts";
import { placeOf, readEntries } from "../../apps/node/src/prove/ledger/leaf-store.ts";
import { nativeHashInto, nativeVerifier } from "../../apps/node/src/prove/ledger/native-crypto.ts";
import { readTile, writeTiles } from "../../apps/node/src/prove/ledger/tile-store.ts";
import { diskOf, type LedgerPlace, proofTimes, round, STATEMENT_BYTES, withLedgerPlace } from "./ledger-place.ts";

interface Options {
  readonly tiny: boolean;
  readonly home?: string | undefined;
  readonly only?: string | undefined;
}

const RUN = 65_536; // leaves read at once while the tree is hashed

export async function bench({ tiny, home, only }: Options): Promise<Record<string, unknown>> {
  const leaves = tiny ? 70_000 : 5_000_000;
  const small = await withLedgerPlace(undefined, async (place) => {
    if (only === "load") return undefined;
    await load(place, 5_000);
    return proofTimes(await place.open(), { leaves: 5_000, count: tiny ? 10 : 1_000 });
  });
  return withLedgerPlace(home, async (place) => {
    const seconds = await load(place, leaves);
    if (only === "load") return { leaves, loadedInSeconds: round(seconds) };
    const start = performance.now();
    const ledger = await place.open();
    await ledger.record({ kind: "bench/said", subject: "urn:bench:1", payload: {} });
    assert.equal(await ledger.beat(), 1, "the sequencer goes on from what was loaded");
    const startMs = performance.now() - start;
    const large = await proofTimes(ledger, { leaves, count: tiny ? 10 : 1_000 });
    if (tiny) await assertSound(ledger);
    return {
      leaves: (await ledger.head())?.size,
      proofAt5000: small,
      proofLarge: large,
      p99RatioToSmall: round(large.p99Ms / (small?.p99Ms ?? Number.NaN)),
      p50RatioToSmall: round(large.p50Ms / (small?.p50Ms ?? Number.NaN)),
      startMs: round(startMs),
      disk: tiny ? undefined : await diskOf(place.database),
    };
  });
}

/** Brings the log to at least `leaves`. @returns the seconds that it took */
async function load({ database, open }: LedgerPlace, leaves: number): Promise<number> {
  const start = performance.now();
  const ledger = await open();
  await ledger.beat();
  const head = await ledger.head();
  assert.ok(head);
  if (head.size >= leaves) return 0;
  await insertLeaves(database, { log: head.log, from: head.size, to: leaves });
  const hasher = new TileHasher(undefined, nativeHashInto);
  for (let index = 0; index < leaves; index += RUN) {
    const entries = await readEntries(database.pool, head.log, { index, count: Math.min(RUN, leaves - index) });
    assert.ok(entries, "no leaf is missing");
    for (let at = 0; at < entries.length; at += 32) hasher.append(entries.subarray(at, at + 32));
    await writeTiles(database.pool, head.log, hasher.takeFull());
  }
  await writeTiles(database.pool, head.log, hasher.partials());
  await signHead(ledger, { log: head.log, size: hasher.size, root: edgeRoot(hasher.edge()) });
  await database.pool.query("vacuum analyze");
  return (performance.now() - start) / 1_000;
}

/** Rows without their indexes, and the indexes afterwards: in a third of the time. */
async function insertLeaves(database: Database, at: { log: number; from: number; to: number }): Promise<void> {
  const { rows: indexes } = await database.pool.query<{ name: string; text: string }>(
    "select indexname as name, indexdef as text from pg_indexes where tablename = 'ledger_leaf'",
  );
  for (const { name } of indexes) await database.pool.query(`drop index ${name}`);
  const first = placeOf({ log: at.log, index: 0 });
  await database.pool.query(
    `insert into ledger_leaf (place, accepted_at, signer, kind, entry, subject, statement)
     select $1::bigint + i, now(), g.id, k.id, sha256(made.statement), 'urn:bench:' || i % 100, made.statement
     from (select i, int8send(i) || $2::bytea as statement from generate_series($3::bigint, $4::bigint) as i) as made,
       (select min(id) as id from ledger_signer) as g, (select min(id) as id from ledger_kind) as k order by i`,
    [first, Buffer.alloc(STATEMENT_BYTES - 8, 7), at.from, at.to - 1],
  );
  for (const { text } of indexes) await database.pool.query(text);
}

async function signHead(ledger: Ledger, head: { log: number; size: bigint; root: Uint8Array }): Promise<void> {
  const text = formatCheckpoint({ origin: ledger.origin, size: head.size, root: head.root, extensions: [] });
  const signatures = await Promise.all(
    ledger.ring.signing("checkpoint", ledger.origin).map(({ key, signer }) => signNote(text, key, signer)),
  );
  await ledger.pool.query(
    `update ledger_head set size = $2, root = $3, checkpoint = $4, published = $4, published_size = $2,
       signed_at = now(), published_at = now(), version = version + 1 where log = $1`,
    [head.log, head.size.toString(), head.root, formatNote({ text, signatures })],
  );
}

/** Recomputes the whole log as a stranger would. */
async function assertSound(ledger: Ledger): Promise<void> {
  const head = await ledger.head();
  assert.ok(head?.published);
  const { published, log } = head;
  const read = async (path: string) =>
    path === "checkpoint" ? new Uint8Array(published) : readTile(ledger.pool, log, parseTilePath(path));
  const keys = await ledger.checkpointKeys(ledger.origin);
  const report = await fsck(read, { keys, verifier: nativeVerifier, hash: nativeHashInto });
  assert.deepEqual([report.findings, report.signature], [[], "verified"]);
}
