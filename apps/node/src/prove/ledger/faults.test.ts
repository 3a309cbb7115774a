import { strict as assert } from "node:assert";
import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import { fsck, parseTilePath } from "@holdfast/tlog";
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

test("two sequencers at once write one log", async () => {
  const place = await newPlace();
  const beside: TestPlace = { ...(await newPlace(place)), home: place.home };
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
  const beside: TestPlace = { ...(await newPlace(place)), home: place.home };
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

const FLIP = "set_byte(bytes, length(bytes) - 5, get_byte(bytes, length(bytes) - 5) # 1)";
for (const [what, damage, inFsck] of [
  ["a torn tile", "update ledger_tile set bytes = substring(bytes for length(bytes) - 7) where level = 0", true],
  ["a flipped bit in a tile", `update ledger_tile set bytes = ${FLIP} where level = 0`, true],
  ["a flipped bit in a bundle", `update ledger_tile set bytes = ${FLIP} where level = -1`, true],
  [
    "a flipped bit in an entry",
    "update ledger_statement set entry = set_byte(entry, 3, get_byte(entry, 3) # 1) where leaf_index = 2",
    false,
  ],
  ["a flipped bit in the head's root", "update ledger_head set root = set_byte(root, 3, get_byte(root, 3) # 1)", false],
] as const) {
  test(`${what} stops a starting node, and what does not show in a bundle shows at the start`, async () => {
    const place = await newPlace();
    const ledger = await openTestLedger(place);
    const ids = await appendMany(place, ledger, 5);
    await ledger.beat();
    const copy =
      "create table copy_tile as select * from ledger_tile; create table copy_statement as select * from ledger_statement; create table copy_head as select * from ledger_head";
    await place.database.pool.query(copy);
    await place.database.pool.query(damage);
    assert.equal((await findings(ledger)).length > 0, inFsck);
    const started = await openTestLedger(place);
    await appendMany(place, started, 1);
    await assert.rejects(
      started.beat(),
      (error) => error instanceof Problem && /^ledger\/(damaged|forked)$/.test(error.code),
    );
    assert.equal((await started.head())?.size, 6, "nothing was signed");
    await place.database.pool.query(
      `update ledger_tile t set bytes = c.bytes from copy_tile c where c.level = t.level and c.index = t.index;
       update ledger_statement t set entry = c.entry from copy_statement c where c.leaf_index = t.leaf_index;
       update ledger_head t set root = c.root from copy_head c`,
    );
    await started.beat();
    await new Watcher(started).hold(ids);
  });
}

test("a tile that was damaged while the node runs is not written over", async () => {
  const place = await newPlace();
  const ledger = await openTestLedger(place);
  await appendMany(place, ledger, 5);
  await ledger.beat();
  await place.database.pool.query(`update ledger_tile set bytes = ${FLIP} where level = 0`);
  await appendMany(place, ledger, 1);
  await assert.rejects(ledger.beat(), refusal("ledger/damaged"));
});

test("a flipped bit in a statement is found before it is hashed into the tree, and when it is read", async () => {
  const place = await newPlace();
  const ledger = await openTestLedger(place);
  await ledger.beat();
  const [id = ""] = await appendMany(place, ledger, 1);
  const flip = (table: string) =>
    place.database.pool.query(
      `update ${table} set statement = set_byte(statement, 40, get_byte(statement, 40) # 1) where entry = $1`,
      [Buffer.from(id, "hex")],
    );
  await flip("ledger_outbox");
  await assert.rejects(ledger.beat(), refusal("ledger/damaged"));
  await flip("ledger_outbox");
  await ledger.beat();
  await flip("ledger_statement");
  await assert.rejects(ledger.proof(id), refusal("ledger/damaged"));
  await flip("ledger_statement");
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
