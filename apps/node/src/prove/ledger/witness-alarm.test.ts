import { strict as assert } from "node:assert";
import { generateKeyPairSync } from "node:crypto";
import { Writable } from "node:stream";
import { test } from "node:test";
import { Problem, unwrap } from "@holdfast/kernel";
import { evaluatePolicy, formatVkey, noteKey, parseNote, parsePolicy, parseVkey } from "@holdfast/tlog";
import { Registry } from "prom-client";
import { openLog } from "../../platform/telemetry.ts";
import { listAlarms } from "./alarm-store.ts";
import { examineLedger } from "./ledger-findings.ts";
import { watchLedger } from "./ledger-metrics.ts";
import type { Ledger } from "./ledger.ts";
import { publicKeyOf } from "./native-crypto.ts";
import { willingWitness } from "./test/fake-witness.ts";
import { appendMany, newPlace, openTestLedger, type TestPlace } from "./test/harness.ts";

const refusal = (code: string) => (error: unknown) => error instanceof Problem && error.code === code;

/** The clock in hand, and what was logged about witnesses. */
async function watched(place: TestPlace, witnessAlarmMinutes = 10) {
  const clock = { now: Date.parse("2026-03-01T12:00:00Z") };
  const lines: string[] = [];
  const sink = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      const { msg, witness } = JSON.parse(chunk.toString()) as { msg: string; witness?: string };
      if (witness) lines.push(`${witness}: ${msg}`);
      done();
    },
  });
  const ledger = await openTestLedger(place, {
    now: () => new Date(clock.now),
    flags: { witnessAlarmMinutes },
    log: openLog("info", sink),
  });
  return { clock, lines, ledger };
}

async function publishAndAsk(place: TestPlace, ledger: Ledger): Promise<void> {
  await appendMany(place, ledger, 1);
  await ledger.beat();
  await ledger.witnesses.ask(1);
  await ledger.witnesses.judge();
}

const open = async (ledger: Ledger) =>
  (await listAlarms(ledger.pool)).filter(({ cleared_at }) => !cleared_at).map(({ subject }) => subject);

test("a witness that is silent past the set time raises an alarm once, and clears it once when it cosigns again", async () => {
  const place = await newPlace();
  const { clock, lines, ledger } = await watched(place);
  const registry = new Registry();
  watchLedger(registry, ledger);
  const missing = async () => (await registry.metrics()).match(/witness_missing\{witness="w"\} (\d)/)?.[1];
  const witness = await willingWitness("w.example");
  await ledger.witnesses.put({ name: "w", vkey: witness.vkey, url: witness.url });
  await publishAndAsk(place, ledger);
  assert.deepEqual([await open(ledger), await missing()], [[], "0"]);
  assert.equal((await ledger.head())?.witnessed_size, 2);

  witness.up = false;
  await publishAndAsk(place, ledger);
  clock.now += 10 * 60_000;
  await ledger.witnesses.judge();
  assert.deepEqual(await open(ledger), [], "exactly the set time is not past it");
  clock.now += 1;
  await ledger.witnesses.judge();
  await ledger.witnesses.judge();
  await publishAndAsk(place, ledger);
  assert.deepEqual([await open(ledger), await missing()], [["w"], "1"]);
  assert.deepEqual(ledger.notices(), ["1 of the ledger's witnesses missing"], "readiness tells it, without a name");
  const [finding] = await examineLedger(ledger.pool);
  assert.equal(finding?.state, "warn");
  assert.match(finding?.what ?? "", /witness w owes a cosignature since 2026-03-01T12:00:00.000Z/);
  const [alarm] = await listAlarms(ledger.pool);
  assert.equal(alarm?.since.toISOString(), "2026-03-01T12:00:00.000Z");
  assert.match(alarm?.message ?? "", /500/);
  assert.deepEqual(lines, ["w: a witness is missing"], "said once");

  witness.up = true;
  await publishAndAsk(place, ledger);
  await ledger.witnesses.judge();
  assert.deepEqual([await open(ledger), await missing()], [[], "0"]);
  assert.equal((await listAlarms(ledger.pool))[0]?.cleared_at?.getTime(), clock.now, "kept as history");
  assert.deepEqual(lines, ["w: a witness is missing", "w: a witness is not missing any more"]);
  assert.deepEqual(ledger.notices(), []);
  assert.equal((await examineLedger(ledger.pool))[0]?.state, "ok");
});

test("of two processes that look at once, one raises the alarm, and removing the witness clears it", async () => {
  const place = await newPlace();
  const { clock, lines, ledger } = await watched(place);
  const witness = await willingWitness("w.example");
  witness.up = false;
  await ledger.witnesses.put({ name: "w", vkey: witness.vkey, url: witness.url });
  await publishAndAsk(place, ledger);
  clock.now += 3_600_000;
  await Promise.all([ledger.witnesses.judge(), ledger.witnesses.judge(), ledger.witnesses.judge()]);
  assert.deepEqual([(await listAlarms(ledger.pool)).length, lines.length], [1, 1]);
  await ledger.witnesses.remove("w");
  await ledger.witnesses.judge();
  assert.deepEqual(await open(ledger), []);
});

test("a running node raises the alarm by itself", async () => {
  const place = await newPlace();
  const { clock, ledger } = await watched(place);
  const witness = await willingWitness("w.example");
  witness.up = false;
  await ledger.witnesses.put({ name: "w", vkey: witness.vkey, url: witness.url });
  await publishAndAsk(place, ledger);
  clock.now += 3_600_000;
  ledger.start();
  for (let i = 0; i < 200 && (await open(ledger)).length === 0; i++) await new Promise((done) => setTimeout(done, 20));
  await ledger.stop();
  assert.deepEqual(await open(ledger), ["w"]);
});

test("a witness that rotates its key cosigns with the new one, and its old key stays known", async () => {
  const place = await newPlace();
  const { ledger } = await watched(place);
  const witness = await willingWitness("w.example");
  await ledger.witnesses.put({ name: "w", vkey: witness.vkey, url: witness.url });
  await publishAndAsk(place, ledger);
  const early = (await ledger.head())?.witnessed;
  const renewed = witness.rotate();
  await publishAndAsk(place, ledger);
  assert.match(
    (await ledger.witnesses.list())[0]?.last_problem ?? "",
    /no known witness/,
    "the new key is not taken on its word",
  );
  await ledger.witnesses.put({ name: "w", vkey: renewed, url: witness.url });
  await publishAndAsk(place, ledger);
  const head = await ledger.head();
  assert.equal(head?.witnessed_size, head?.published_size);
  const retired = await ledger.witnesses.retiredKeys();
  assert.deepEqual(
    retired.map(({ vkey }) => vkey),
    [witness.vkey],
  );
  const [log] = ledger.ring.signing("checkpoint", ledger.origin);
  const policy = (vkey: string) => unwrap(parsePolicy(Buffer.from(`log ${log?.vkey}\nwitness w ${vkey}\nquorum w\n`)));
  assert.ok(evaluatePolicy(policy(renewed), new Uint8Array(head?.witnessed ?? [])).ok);
  assert.ok(evaluatePolicy(policy(witness.vkey), new Uint8Array(early ?? [])).ok, "checked with the key of its time");
  await ledger.witnesses.put({ name: "w", vkey: witness.vkey, url: witness.url });
  assert.deepEqual(
    (await ledger.witnesses.retiredKeys()).map(({ vkey }) => vkey),
    [renewed],
    "and back",
  );
});

test("one key counts as one witness: the same key under another name or type, and the log's own, are refused", async () => {
  const place = await newPlace();
  const { ledger } = await watched(place);
  await ledger.addCheckpointKey("ml-dsa-44");
  await ledger.beat();
  const witness = await willingWitness("w.example");
  await ledger.witnesses.put({ name: "w", vkey: witness.vkey, url: witness.url });
  const again = noteKey("other.example", 4, unwrap(parseVkey(witness.vkey)).publicKey);
  await assert.rejects(
    ledger.witnesses.put({ name: "v", vkey: formatVkey(again), url: witness.url }),
    refusal("ledger/key-in-use"),
  );
  const own = ledger.ring.signing("checkpoint", ledger.origin).find(({ key }) => key.type === 6);
  await assert.rejects(
    ledger.witnesses.put({ name: "self", vkey: own?.vkey ?? "", url: witness.url }),
    refusal("ledger/key-in-use"),
  );
  await publishAndAsk(place, ledger);
  const note = unwrap(parseNote(new Uint8Array((await ledger.head())?.witnessed ?? [])));
  assert.equal(note.signatures.length, 3, "two lines of the log, one of the witness");
});

test("a log asks 64 witnesses and not one more, and a change of one of them is no more", async () => {
  const place = await newPlace();
  const { ledger } = await watched(place);
  const wish = (i: number) => {
    const { privateKey } = generateKeyPairSync("ed25519");
    const key = noteKey(`w${i}.example`, 4, publicKeyOf(privateKey).bytes);
    return { name: `w${i}`, vkey: formatVkey(key), url: "http://127.0.0.1:9" };
  };
  for (let i = 1; i <= 64; i++) await ledger.witnesses.put(wish(i));
  await assert.rejects(ledger.witnesses.put(wish(65)), refusal("ledger/too-many-witnesses"));
  await ledger.witnesses.put(wish(64));
  assert.equal((await ledger.witnesses.list()).length, 64);
  assert.equal((await ledger.witnesses.retiredKeys()).length, 1);
});
