import { strict as assert } from "node:assert";
import { rmSync } from "node:fs";
import type { RequestListener } from "node:http";
import { join } from "node:path";
import { test } from "node:test";
import { Problem, unwrap } from "@holdfast/kernel";
import { formatCheckpoint, formatNote, parseForkProof, signNote, verifyForkProof } from "@holdfast/tlog";
import { listForks, readFork } from "./fork-store.ts";
import { sha256 } from "./native-crypto.ts";
import { openSignedHeadFile } from "./signed-head-file.ts";
import { fakeWitness } from "./test/fake-witness.ts";
import { appendMany, newPlace, openTestLedger, type TestPlace, Watcher } from "./test/harness.ts";

const refusal = (code: string) => (error: unknown) =>
  error instanceof Problem && error.code === code ? true : assert.fail(String(error));

const TABLES = [
  "ledger_leaf",
  "ledger_kind_block",
  "ledger_tile",
  "ledger_head",
  "ledger_kind_count",
  "ledger_outbox",
  "ledger_document",
];

/** The database as it is now, and the way back to it: what restoring an old backup does. */
async function backUp({ database }: TestPlace): Promise<() => Promise<void>> {
  for (const table of TABLES) await database.pool.query(`create table backup_${table} as table ${table}`);
  return async () => {
    for (const table of TABLES) await database.pool.query(`delete from ${table}`);
    for (const table of TABLES)
      await database.pool.query(
        `insert into ${table} ${table === "ledger_outbox" ? "overriding system value " : ""}select * from backup_${table}`,
      );
  };
}

test("a restored database refuses to sign while the file or a witness knows better, and says which", async () => {
  const place = await newPlace();
  const ledger = await openTestLedger(place);
  await appendMany(place, ledger, 3);
  await ledger.beat();
  const restore = await backUp(place);
  await appendMany(place, ledger, 3);
  await ledger.beat();
  const known = (await ledger.head())?.published ?? Buffer.of();
  const url = await fakeWitness((_request, response) => response.end(known));
  await restore();
  await assert.rejects(
    (await openTestLedger(place)).beat(),
    (error) => refusal("ledger/rolled-back")(error) && /file of the last signed head/.test(String(error)),
  );

  const witness = ledger.ring.known.find(({ role }) => role === "witness")?.vkey ?? "";
  rmSync(join(place.home, "keys", `${Buffer.from(sha256(Buffer.from(ledger.origin))).toString("hex")}.last-signed`));
  const alone = await openTestLedger(place);
  await assert.rejects(alone.beat(), refusal("ledger/unsure"));
  await alone.witnesses.put({ name: "w", vkey: witness, url });
  await assert.rejects(
    (await openTestLedger(place)).beat(),
    (error) => refusal("ledger/rolled-back")(error) && /witness `w`/.test(String(error)),
  );
  const running = await openTestLedger(place);
  running.start();
  for (let i = 0; i < 100 && !running.refusal; i++) await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(running.refusal?.code, "ledger/rolled-back");
  await appendMany(place, running, 1);
  await running.stop();
  assert.equal((await running.head())?.size, 4, "appending goes on, signing does not");

  await alone.witnesses.remove("w");
  const told = await openTestLedger(place, { flags: { ledgerTrustDatabase: true } });
  await told.beat();
  const { rows } = await place.database.pool.query(
    "select kind from ledger_statement where kind = 'ledger/overridden'",
  );
  assert.equal(rows.length, 1, "the operator's word is on the log");
  await new Watcher(told).hold();
});

test("a home restored whole signs nothing while no witness answers, and signs on when one does", async () => {
  const place = await newPlace();
  const ledger = await openTestLedger(place);
  const witness = ledger.ring.known.find(({ role }) => role === "witness")?.vkey ?? "";
  let answer: { status: number; body?: Buffer } = { status: 503 };
  const url = await fakeWitness((_request, response) => response.writeHead(answer.status).end(answer.body));
  await ledger.witnesses.put({ name: "w", vkey: witness, url });
  await appendMany(place, ledger, 1);
  await ledger.beat();
  assert.equal((await ledger.head())?.size, 2, "a fresh log is not hindered");
  const early = (await ledger.head())?.published ?? Buffer.of();
  const restore = await backUp(place);
  const file = openSignedHeadFile(join(place.home, "keys"), ledger.origin);
  const kept = file.read();
  await appendMany(place, ledger, 1);
  await ledger.beat();
  const late = (await ledger.head())?.published ?? Buffer.of();
  await restore();
  assert.ok(kept);
  file.write(kept);
  const restored = await openTestLedger(place);
  await appendMany(place, restored, 1);
  await assert.rejects(restored.beat(), refusal("ledger/unsure"));
  answer = { status: 200, body: late };
  await assert.rejects(restored.beat(), refusal("ledger/rolled-back"));
  assert.equal((await restored.head())?.size, 2, "nothing was signed");
  answer = { status: 200, body: early };
  await restored.beat();
  assert.equal((await restored.head())?.size, 3, "a witness that has seen no more lets it sign on");
});

test("the last signed head is kept in a folder of its own where one is set", async () => {
  const place = await newPlace();
  const folder = join(place.home, "elsewhere");
  const ledger = await openTestLedger(place, { flags: { ledgerSignedHeadFolder: folder } });
  await appendMany(place, ledger, 1);
  await ledger.beat();
  assert.equal(openSignedHeadFile(folder, ledger.origin).read()?.size, 2);
  assert.equal(openSignedHeadFile(join(place.home, "keys"), ledger.origin).read(), undefined);
});

test("with the key folder alone, a new database under the old name signs nothing", async () => {
  const place = await newPlace();
  const ledger = await openTestLedger(place);
  await appendMany(place, ledger, 3);
  await ledger.beat();
  const fresh = await newPlace({ home: place.home });
  const started = await openTestLedger({ ...fresh, name: place.name });
  assert.equal(started.origin, ledger.origin);
  await assert.rejects(started.beat(), refusal("ledger/rolled-back"));
  assert.equal((await started.head())?.published, null);
});

test("a witness that cosigned another tree of our size convicts us: the fork is kept, and nothing is signed", async () => {
  const place = await newPlace();
  const ledger = await openTestLedger(place);
  await appendMany(place, ledger, 3);
  await ledger.beat();
  const [key] = ledger.ring.signing("checkpoint", ledger.origin);
  assert.ok(key);
  const text = formatCheckpoint({ origin: ledger.origin, size: 4n, root: new Uint8Array(32), extensions: [] });
  const other = formatNote({ text, signatures: [await signNote(text, key.key, key.signer)] });
  const url = await fakeWitness((_request, response) => response.end(other));
  await ledger.witnesses.put({
    name: "w",
    vkey: ledger.ring.known.find(({ role }) => role === "witness")?.vkey ?? "",
    url,
  });
  const started = await openTestLedger(place);
  await assert.rejects(started.beat(), refusal("ledger/forked"));
  const [fork] = await listForks(place.database.pool);
  const proof = unwrap(parseForkProof(new Uint8Array((await readFork(place.database.pool, fork?.id ?? "")) ?? [])));
  assert.equal(unwrap(verifyForkProof(proof, [key.key])).origin, ledger.origin);
});

test("a witness that lies, stalls or answers 409 for ever delays nobody and is named", async () => {
  const place = await newPlace();
  const ledger = await openTestLedger(place, { askMsMax: 800 });
  const vkey = ledger.ring.known.find(({ role }) => role === "witness")?.vkey ?? "";
  const behaviours: Record<string, RequestListener> = {
    stalls: () => undefined,
    forever: (_request, response) => response.writeHead(409, { "content-type": "text/x.tlog.size" }).end("0\n"),
    boasts: (_request, response) => response.writeHead(409).end("999999\n"),
    forges: (_request, response) =>
      response.end(
        `\u2014 ${vkey.split("+")[0]} ${Buffer.concat([Buffer.from(vkey.split("+")[1] ?? "", "hex"), Buffer.alloc(72, 1)]).toString("base64")}\n`,
      ),
    babbles: (_request, response) => response.end("x".repeat(1_000_000)),
    refuses: (_request, response) => response.writeHead(422).end("no\n"),
  };
  const said: Record<string, RegExp> = {
    stalls: /timeout|aborted/,
    forever: /409/,
    boasts: /999999/,
    forges: /does not verify/,
    babbles: /500000/,
    refuses: /422/,
  };
  const names = Object.keys(behaviours);
  for (const [i, name] of names.entries()) {
    // every witness has a key of its own
    const made = await ledger.ring.add(place.database.pool, {
      role: "witness",
      name: `w${i}.example`,
      algorithm: "ed25519",
      origin: null,
      at: new Date(),
    });
    await ledger.witnesses.put({
      name,
      vkey: name === "forges" ? vkey : made.vkey,
      url: await fakeWitness(behaviours[name]!),
    }); // its own key of the record
  }
  const ids = await appendMany(place, ledger, 3);
  const start = performance.now();
  await ledger.beat();
  await ledger.beat();
  assert.ok(performance.now() - start < 8_000);
  const asking = ledger.witnesses.ask((await ledger.head())?.log ?? 0);
  await appendMany(place, ledger, 1);
  await ledger.beat();
  await asking;
  const head = await ledger.head();
  assert.deepEqual([head?.published_size, head?.witnessed_size], [5, 0], "published is not witnessed");
  for (const row of await ledger.witnesses.list()) {
    assert.match(row.last_problem ?? "", said[row.name] ?? /never/, row.name);
    assert.ok(row.owes_since, row.name);
  }
  await new Watcher(ledger).hold(ids);
});
