import { strict as assert } from "node:assert";
import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import { fsck, parseTilePath } from "@holdfast/tlog";
import { sql } from "kysely";
import type { Ledger } from "./index.ts";
import { sha256 } from "./native-crypto.ts";
import { type Stage, type StageRunner, STAGES } from "./sequencer.ts";
import { appendMany, newPlace, openTestLedger, type TestPlace, Watcher } from "./test/harness.ts";
import { readTile } from "./tile-store.ts";

const refusal = (code: string) => (error: unknown) =>
  error instanceof Problem && error.code === code ? true : assert.fail(String(error));

/** Fails at one stage until told otherwise, before its work or after it. */
class Saboteur {
  stage: Stage | undefined;
  persists = false;
  count = 0;
  readonly run: StageRunner = async (stage, work) => {
    if (stage !== this.stage) return work();
    this.count += 1;
    if (this.persists) await work();
    throw new Error(`sabotaged at ${stage}`);
  };
}

test("at every stage, failing and failing though it persisted, twice at one size, nothing is lost or doubled", async () => {
  const place = await newPlace();
  const saboteur = new Saboteur();
  const ledger = await openTestLedger(place, { run: saboteur.run });
  const watcher = new Watcher(ledger);
  const all = await appendMany(place, ledger, 254);
  await ledger.beat();
  for (const stage of STAGES) {
    for (const persists of [false, true]) {
      all.push(...(await appendMany(place, ledger, 2)));
      Object.assign(saboteur, { stage, persists, count: 0 });
      await assert.rejects(ledger.beat(), /sabotaged/, `${stage}, ${persists}`);
      await watcher.look();
      await ledger.beat().catch(() => undefined);
      assert.ok(saboteur.count > 0);
      saboteur.stage = undefined;
      await ledger.beat();
      await watcher.look();
    }
  }
  await watcher.hold(all);
  await new Watcher(await openTestLedger(place)).hold(all);
});

test("when the database goes away at any stage of a batch, the next connection goes on and nothing is lost or doubled", async () => {
  const place = await newPlace();
  const beside = await newPlace({ beside: place });
  let stage: Stage | undefined;
  const cut = () =>
    beside.database.pool.query(
      "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and state = 'idle in transaction'",
      [place.name],
    );
  const run: StageRunner = async (at, work) => {
    if (at === stage) await cut();
    return work();
  };
  const ledger = await openTestLedger(place, { run });
  const watcher = new Watcher(ledger);
  const all = await appendMany(place, ledger, 255);
  await ledger.beat();
  for (const at of STAGES) {
    all.push(...(await appendMany(place, ledger, 2)));
    stage = at;
    await ledger.beat().catch(() => undefined); // file and publish come after the commit: nothing is in a transaction
    stage = undefined;
    await ledger.beat();
    await watcher.look();
  }
  await watcher.hold(all);
});

test("a caller whose connection is lost in the middle of an append has nothing on record, and may send the same again", async () => {
  const place = await newPlace();
  const ledger = await openTestLedger(place);
  const prepared = await ledger.prepare([{ kind: "test/said", subject: "s", payload: 1 }]);
  await assert.rejects(
    place.database.transaction(async (tx) => {
      await ledger.appendPrepared(tx, prepared);
      await sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx);
    }),
  );
  assert.equal(await ledger.beat(), 1, "the log's first statement alone");
  const append = () => place.database.transaction((tx) => ledger.appendPrepared(tx, prepared));
  await Promise.all([append(), append(), append()]); // the answer to a commit was lost: the caller cannot know
  assert.equal(await ledger.beat(), 1);
  await append();
  assert.equal(await ledger.beat(), 0);
  await new Watcher(ledger).hold(prepared.map(({ entry }) => Buffer.from(entry).toString("hex")));
});

test("two sequencers at once write one log", async () => {
  const place = await newPlace();
  const beside: TestPlace = { ...(await newPlace({ beside: place })), home: place.home };
  const [one, two] = [await openTestLedger(place), await openTestLedger(beside)];
  const watcher = new Watcher(one);
  const all: string[] = [];
  for (let i = 0; i < 12; i++) {
    all.push(...(await appendMany(i % 2 === 0 ? place : beside, i % 2 === 0 ? one : two, 30)));
    await Promise.all([one.beat(), two.beat(), one.beat(), two.beat()]);
    await watcher.look();
  }
  await one.beat();
  await watcher.hold(all);
});

test("a sequencer that stalls and wakes after another took over writes nothing", async () => {
  const place = await newPlace();
  const beside: TestPlace = { ...(await newPlace({ beside: place })), home: place.home };
  let wake: () => void = () => undefined;
  let stalled: () => void = () => undefined;
  const isStalled = new Promise<void>((resolve) => (stalled = resolve));
  let stallOnce = true;
  const run: StageRunner = async (stage, work) => {
    if (stage === "head" && stallOnce) {
      stallOnce = false;
      stalled();
      await new Promise<void>((resolve) => (wake = resolve));
    }
    return work();
  };
  const slow = await openTestLedger(place, { run });
  const quick = await openTestLedger(beside);
  const all = await appendMany(place, slow, 3);
  const sleeping = slow.beat();
  await isStalled;
  assert.equal(await quick.beat(), 0, "the row is locked");
  await beside.database.pool.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and state = 'idle in transaction'",
    [place.name],
  );
  const watcher = new Watcher(quick);
  for (let i = 0; i < 50 && (await quick.beat()) === 0; i++) await new Promise((resolve) => setTimeout(resolve, 20));
  await watcher.look();
  wake();
  await assert.rejects(sleeping);
  all.push(...(await appendMany(place, slow, 2)));
  await slow.beat();
  await watcher.hold(all);
});

test("a full disk keeps a signed head private until there is room", async () => {
  const place = await newPlace();
  const ledger = await openTestLedger(place);
  await ledger.beat();
  const file = `${Buffer.from(sha256(Buffer.from(ledger.origin))).toString("hex")}.last-signed.new`;
  symlinkSync("/dev/full", join(place.home, "keys", file));
  const ids = await appendMany(place, ledger, 2);
  await assert.rejects(ledger.beat(), /ENOSPC/);
  const head = await ledger.head();
  assert.deepEqual([head?.size, head?.published_size], [3, 1]);
  rmSync(join(place.home, "keys", file));
  await ledger.beat();
  await new Watcher(ledger).hold(ids);
});

test("a full database disk stops the batch whole (53100)", async () => {
  const place = await newPlace();
  let full = true;
  const run: StageRunner = async (stage, work) => {
    if (stage === "tile" && full) throw Object.assign(new Error("could not extend file"), { code: "53100" });
    return work();
  };
  const ledger = await openTestLedger(place, { run });
  const ids = await appendMany(place, ledger, 3);
  await assert.rejects(ledger.beat(), /could not extend/);
  assert.equal((await ledger.head())?.size, 0);
  full = false;
  await ledger.beat();
  await new Watcher(ledger).hold(ids);
});

/** What fsck says of a ledger's stored log. */
async function findings(ledger: Ledger): Promise<string[]> {
  const head = await ledger.head();
  const read = async (path: string) =>
    path === "checkpoint"
      ? new Uint8Array(head?.published ?? [])
      : readTile(ledger.pool, head?.log ?? 0, parseTilePath(path));
  return (await fsck(read, { keys: await ledger.checkpointKeys(ledger.origin) })).findings.map(({ kind }) => kind);
}

const flip = (column: string) =>
  `set_byte(${column}, length(${column}) - 5, get_byte(${column}, length(${column}) - 5) # 1)`;
const FLIP = flip("bytes");
const FLIP_ENTRY = flip("entry");
const FLIP_STATEMENT = flip("statement");
const leaf = (index: number) => `place & 1099511627775 = ${index}`;
for (const [what, damage, inFsck] of [
  ["a torn tile", "update ledger_tile set bytes = substring(bytes for length(bytes) - 7)", true],
  ["a flipped bit in a tile", `update ledger_tile set bytes = ${FLIP}`, true],
  ["a flipped bit in a bundle", `update ledger_leaf set entry = ${FLIP_ENTRY} where ${leaf(258)}`, true],
  ["a missing leaf", `delete from ledger_leaf where ${leaf(257)}`, true],
  ["a leaf that is there twice", `insert into ledger_leaf select * from ledger_leaf where ${leaf(257)}`, true],
  ["a leaf past the head", `update ledger_leaf set place = place + 4 where ${leaf(258)}`, true],
  ["a flipped bit in a statement", `update ledger_leaf set statement = ${FLIP_STATEMENT} where ${leaf(258)}`, false],
  ["a flipped bit in the head's root", "update ledger_head set root = set_byte(root, 3, get_byte(root, 3) # 1)", false],
] as const) {
  test(`${what} stops a starting node, and what does not show in a bundle shows at the start`, async () => {
    const place = await newPlace();
    const ledger = await openTestLedger(place);
    const ids = await appendMany(place, ledger, 258); // level 1 has a hash
    await ledger.beat();
    const tables = ["ledger_tile", "ledger_leaf", "ledger_head"];
    for (const table of tables) await place.database.pool.query(`create table copy_of_${table} as table ${table}`);
    await place.database.pool.query(damage);
    assert.equal((await findings(ledger)).length > 0, inFsck);
    const started = await openTestLedger(place);
    await appendMany(place, started, 1);
    await assert.rejects(
      started.beat(),
      (error) => error instanceof Problem && /^ledger\/(damaged|forked)$/.test(error.code),
    );
    assert.equal((await started.head())?.size, 259, "nothing was signed");
    for (const table of tables) {
      await place.database.pool.query(`delete from ${table}`);
      await place.database.pool.query(`insert into ${table} select * from copy_of_${table}`);
    }
    await started.beat();
    await new Watcher(started).hold(ids);
  });
}

test("a tile that was damaged while the node runs is not written over, and no proof is made of it", async () => {
  const place = await newPlace();
  const ledger = await openTestLedger(place);
  const [id = ""] = await appendMany(place, ledger, 600);
  await ledger.beat();
  await place.database.pool.query(`update ledger_tile set bytes = ${FLIP}`);
  await assert.rejects(ledger.proof(id), refusal("ledger/damaged"));
  await appendMany(place, ledger, 1);
  await assert.rejects(ledger.beat(), refusal("ledger/damaged"));
});

test("a flipped bit in a statement is found before it is hashed into the tree, and when it is read", async () => {
  const place = await newPlace();
  const ledger = await openTestLedger(place);
  await ledger.beat();
  const [id = ""] = await appendMany(place, ledger, 1);
  const flipIn = (table: string) =>
    place.database.pool.query(
      `update ${table} set statement = set_byte(statement, 40, get_byte(statement, 40) # 1) where entry = $1`,
      [Buffer.from(id, "hex")],
    );
  await flipIn("ledger_outbox");
  await assert.rejects(ledger.beat(), refusal("ledger/damaged"));
  await flipIn("ledger_outbox");
  await ledger.beat();
  await flipIn("ledger_leaf");
  await assert.rejects(ledger.proof(id), refusal("ledger/damaged"));
  await flipIn("ledger_leaf");
  await new Watcher(ledger).hold([id]);
});

test("with its clock set back a node signs nothing until time has caught up", async () => {
  const place = await newPlace();
  let now = Date.now();
  const ledger = await openTestLedger(place, { now: () => new Date(now) });
  await ledger.beat();
  const ids = await appendMany(place, ledger, 1);
  now -= 3_600_000;
  await assert.rejects(ledger.beat(), refusal("ledger/clock"));
  await assert.rejects((await openTestLedger(place, { now: () => new Date(now) })).beat(), refusal("ledger/clock"));
  now += 3_600_001;
  await ledger.beat();
  await new Watcher(ledger).hold(ids);
});
