import { strict as assert } from "node:assert";
import { chmodSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Problem, unwrap } from "@holdfast/kernel";
import {
  covers,
  formatCoseKey,
  leafHash,
  parsePolicy,
  parseReceipt,
  parseStatement,
  parseTlogProof,
  signStatement,
  verifyInclusionReceipt,
  verifyTlogProof,
} from "@holdfast/tlog";
import { generateKeyPairSync } from "node:crypto";
import { putIssuer } from "./issuer-store.ts";
import { publicKeyOf, signerOf } from "./native-crypto.ts";
import { proofFile } from "./proof.ts";
import { findStatement, readDocument } from "./statement-store.ts";
import { appendMany, newPlace, openTestLedger, Watcher } from "./test/harness.ts";

const refusal = (code: string) => (error: unknown) => error instanceof Problem && error.code === code;

test("a statement appended in a transaction is published, proven, and covers its document", async () => {
  const place = await newPlace();
  const ledger = await openTestLedger(place);
  const { id } = await place.database.transaction((tx) =>
    ledger.append(tx, { kind: "test/said", subject: "urn:test:1", payload: { lot: 42 } }),
  );
  assert.equal((await findStatement(place.database.pool, id))?.leaf_index, null, "durable before it has an index");
  await assert.rejects(ledger.proof(id), refusal("ledger/not-published"));
  assert.equal(await ledger.beat(), 2, "the first statement of the log, and this one");
  const { statement, evidence } = await ledger.proof(id);
  assert.equal(evidence.index, 1n);
  const [vkey] = ledger.ring.known.filter(({ role }) => role === "checkpoint");
  const policy = unwrap(parsePolicy(Buffer.from(`log ${vkey?.vkey}\nquorum none\n`)));
  const file = proofFile(evidence);
  const signed = unwrap(parseStatement(new Uint8Array(statement.statement ?? [])));
  assert.equal(unwrap(verifyTlogProof(unwrap(parseTlogProof(file)), leafHash(signed.entry), policy)).index, 1n);
  const document = await readDocument(place.database.pool, id);
  assert.ok(unwrap(covers(signed, new Uint8Array(document ?? []))));
  assert.deepEqual(JSON.parse(String(document)).payload, { lot: 42 });
  await new Watcher(ledger).hold([id]);
});

test("a rolled back transaction leaves nothing for the log", async () => {
  const place = await newPlace();
  const ledger = await openTestLedger(place);
  await assert.rejects(
    place.database.transaction(async (tx) => {
      await ledger.append(tx, { kind: "test/said", subject: "s", payload: {} });
      throw new Error("changed my mind");
    }),
  );
  assert.equal(await ledger.beat(), 1, "only the log's first statement");
});

test("a receipt of a statement verifies with the node's key (RFC 9942 4.1)", async () => {
  const place = await newPlace();
  const ledger = await openTestLedger(place);
  const [id = ""] = await appendMany(place, ledger, 5);
  await ledger.beat();
  const receipt = unwrap(parseReceipt(await ledger.receipt(id)));
  const [key] = ledger.ring.signing("statement");
  assert.ok(key);
  const entry = new Uint8Array(Buffer.from(id, "hex"));
  const publicKey = { kind: "ed25519", bytes: key.key.publicKey } as const;
  assert.ok(unwrap(verifyInclusionReceipt(receipt, entry, publicKey)));
  assert.ok(!unwrap(verifyInclusionReceipt(receipt, new Uint8Array(32), publicKey)));
});

test("tiles grow over 255, 256, 257 and 65,537 entries, and a restarted process goes on", async () => {
  const place = await newPlace();
  let ledger = await openTestLedger(place);
  const watcher = new Watcher(ledger);
  for (const count of [254, 1, 1, 1]) {
    await appendMany(place, ledger, count);
    await ledger.beat();
    await watcher.look();
    ledger = await openTestLedger(place);
  }
  await place.database.pool.query(
    `insert into ledger_outbox (entry, kind, subject, issuer, statement, accepted_at)
     select sha256(i::text::bytea), 'test/bulk', 's', 'i', i::text::bytea, now() from generate_series(1, 65280) i`,
  );
  assert.equal(await ledger.beat(), 65_280);
  await watcher.look();
  const last = await appendMany(place, ledger, 3);
  await ledger.beat();
  await watcher.hold(last);
});

test("erasing destroys the document, keeps the proof, and is itself on the log", async () => {
  const place = await newPlace();
  const ledger = await openTestLedger(place);
  const [id = ""] = await appendMany(place, ledger, 1);
  await ledger.beat();
  const erasure = await place.database.transaction((tx) => ledger.erase(tx, id, "asked to"));
  await ledger.beat();
  assert.equal(await readDocument(place.database.pool, id), undefined);
  await ledger.proof(id);
  const said = JSON.parse(String(await readDocument(place.database.pool, erasure.id)));
  assert.deepEqual([said.kind, said.payload], ["ledger/erased", { reason: "asked to", statement: id }]);
  await assert.rejects(
    place.database.transaction((tx) => ledger.erase(tx, id, "again")),
    refusal("ledger/erased"),
  );
  await new Watcher(ledger).hold([id, erasure.id]);
});

test("a statement of someone else is taken once, after signature and registration policy (RFC 9943 5.1.1)", async () => {
  const place = await newPlace();
  const ledger = await openTestLedger(place);
  const { privateKey } = generateKeyPairSync("ed25519");
  const publicKey = publicKeyOf(privateKey);
  const kid = await putIssuer(place.database.pool, {
    key: formatCoseKey({ publicKey }),
    issuer: "https://lab.example",
    subjectPrefix: "urn:lot:",
    at: new Date(),
  });
  const sign = async (change: { subject?: string; issuer?: string; by?: typeof privateKey } = {}) =>
    (
      await signStatement(
        {
          algorithm: -8n,
          kid,
          issuer: change.issuer ?? "https://lab.example",
          subject: change.subject ?? "urn:lot:7",
          payload: new TextEncoder().encode("assay"),
          contentType: "text/plain",
        },
        signerOf(change.by ?? privateKey),
      )
    ).canonical;
  const send = (bytes: Uint8Array) => place.database.transaction((tx) => ledger.appendSigned(tx, bytes));
  const good = await sign();
  const { id } = await send(good);
  await send(good);
  await ledger.beat();
  await send(good);
  await ledger.beat();
  assert.equal((await ledger.head())?.size, 2, "three times the same is one leaf");
  for (const bad of [
    await sign({ subject: "urn:other:7" }),
    await sign({ issuer: "https://someone.example" }),
    await sign({ by: generateKeyPairSync("ed25519").privateKey }),
    new Uint8Array([1, 2, 3]),
    new Uint8Array(65_537),
  ])
    await assert.rejects(send(bad), refusal("ledger/statement-refused"));
  await place.database.transaction((tx) => ledger.erase(tx, id, "secret"));
  await ledger.beat();
  assert.equal((await findStatement(place.database.pool, id))?.statement, null);
  await new Watcher(ledger).hold([id]);
});

test("a key file that others may read is refused, and one that is made is for the owner alone", async () => {
  const place = await newPlace();
  await openTestLedger(place);
  const folder = join(place.home, "keys");
  const [file = ""] = readdirSync(folder).filter((name) => name.startsWith("checkpoint-"));
  assert.equal(statSync(join(folder, file)).mode & 0o777, 0o600);
  chmodSync(join(folder, file), 0o640);
  await assert.rejects(openTestLedger(place), refusal("ledger/key-exposed"));
  chmodSync(join(folder, file), 0o600);
  chmodSync(folder, 0o750);
  await assert.rejects(openTestLedger(place), refusal("ledger/key-exposed"));
});

test("rotation overlaps: two lines, then one, and each checkpoint verifies with a key of its time", async () => {
  const place = await newPlace();
  const ledger = await openTestLedger(place);
  const watcher = new Watcher(ledger);
  await ledger.beat();
  await watcher.look();
  const [old] = ledger.ring.signing("checkpoint", ledger.origin);
  await ledger.addCheckpointKey("ed25519");
  await ledger.beat();
  const lines = async () => String((await ledger.head())?.published).match(/^\u2014 /gm)?.length;
  assert.equal(await lines(), 2);
  await watcher.look();
  await ledger.retireCheckpointKey(old?.key.keyId ?? "");
  await ledger.beat();
  assert.equal(await lines(), 1);
  const [left] = ledger.ring.signing("checkpoint", ledger.origin);
  await assert.rejects(ledger.retireCheckpointKey(left?.key.keyId ?? ""), refusal("ledger/key-needed"));
  await watcher.hold();
});

test("with ML-DSA-44 enabled every checkpoint has both lines (FIPS 204, tlog-cosignature type 6)", async () => {
  const place = await newPlace();
  const ledger = await openTestLedger(place, { flags: { ledgerMlDsa44: true } });
  await ledger.beat();
  const types = ledger.ring.signing("checkpoint", ledger.origin).map(({ key }) => key.type);
  assert.deepEqual(types.toSorted(), [1, 6]);
  await new Watcher(ledger).hold();
});

test("a frozen log ends, and the first statement of its successor holds its last checkpoint", async () => {
  const place = await newPlace();
  const ledger = await openTestLedger(place);
  const before = await appendMany(place, ledger, 3);
  await ledger.beat();
  const old = await ledger.head();
  const { frozen, successor } = await ledger.freeze();
  const later = await appendMany(place, ledger, 2);
  await ledger.beat();
  assert.equal(old?.origin, frozen);
  assert.equal((await ledger.head())?.origin, successor);
  const { rows } = await place.database.pool.query(
    "select entry from ledger_statement where log = 2 and leaf_index = 0",
  );
  const first = JSON.parse(String(await readDocument(place.database.pool, rows[0].entry.toString("hex"))));
  assert.equal(first.payload.checkpoint, String(old?.checkpoint));
  assert.equal((await ledger.proof(before[0] ?? "")).statement.log, 1);
  await new Watcher(ledger).hold(later);
  const again = await openTestLedger(place);
  assert.equal(again.origin, successor);
});

test("a process without the log's key appends and reads, and sequences nothing", async () => {
  const first = await newPlace();
  const one = await openTestLedger(first);
  const second = await newPlace({ beside: first });
  const two = await openTestLedger(second);
  const ids = await appendMany(second, two, 3);
  assert.equal(await two.beat(), 0);
  assert.equal(await one.beat(), 4);
  for (const id of ids) await two.proof(id);
  assert.notDeepEqual(one.ring.signing("statement")[0]?.vkey, two.ring.signing("statement")[0]?.vkey);
  await new Watcher(two).hold(ids);
});

test("running, it publishes an append within a second", async () => {
  const place = await newPlace();
  const ledger = await openTestLedger(place);
  ledger.start();
  const start = performance.now();
  await ledger.record({ kind: "test/said", subject: "s", payload: {} }, { wait: "published" });
  assert.ok(performance.now() - start < 1_000);
  await ledger.stop();
});
