import { strict as assert } from "node:assert";
import { before, test } from "node:test";
import { unwrap } from "@holdfast/kernel";
import { leafHash, parsePolicy, parseTlogProof, verifyTlogProof } from "@holdfast/tlog";
import { startTestNode, type TestCaller, type TestNode } from "../../../../../test/node.ts";

const SUBJECT = "urn:test:state";
let house: TestNode;
let auditor: TestCaller;
let admin: TestCaller;
before(async () => {
  house = await startTestNode({ flags: { ledgerBatchMilliseconds: 20 } });
  auditor = await house.signedIn("auditor");
  admin = await house.signedIn("admin");
});

const base = "/api/prove/ledger/statements";
const said = (wait: "durable" | "published" = "published") =>
  house.node.ledger.record({ kind: "test/said", subject: SUBJECT, payload: 1 }, { wait });

test("a statement tells since when it is durable and published, in which log, and that nobody witnessed it", async () => {
  const before = new Date().toISOString();
  const { id } = await said();
  const { body } = await auditor.send("GET", `${base}/${id}`);
  const { ledger } = house.node;
  assert.deepEqual(
    [body.state, body.origin, body.own, body.erasure, body.witnessedAt, body.witnessedBy],
    ["published", ledger.origin, true, null, null, []],
  );
  assert.ok(before <= body.acceptedAt && body.acceptedAt <= body.publishedAt, `${body.acceptedAt} ${body.publishedAt}`);
  const { body: later } = await auditor.send("GET", `${base}/${(await said()).id}`);
  const { body: again } = await auditor.send("GET", `${base}/${id}`);
  assert.ok(later.publishedAt > body.publishedAt);
  assert.equal(again.publishedAt, body.publishedAt, "the first checkpoint that holds it stays the one that counts");
});

test("what waits for its place is listed first, by its subject too, and its page has no proof yet", async () => {
  const { pool } = house.node.ledger;
  const lock = await pool.connect();
  try {
    await lock.query("begin");
    await lock.query("select 1 from ledger_head for update"); // no sequencer gets on
    const { id } = await said("durable");
    const { items } = (await auditor.send("GET", `${base}?subject=${SUBJECT}`)).body;
    assert.deepEqual([items[0].id, items[0].state, items[0].index], [id, "waiting", null]);
    assert.equal(items[1].state, "published");
    assert.deepEqual((await auditor.send("GET", `${base}?kind=test/other`)).body.items, []);
    const first = (await auditor.send("GET", `${base}?limit=1`)).body;
    assert.deepEqual([first.items.length, first.items[0].id], [1, id]);
    const next = (await auditor.send("GET", `${base}?limit=1&after=${first.next}`)).body;
    assert.notEqual(next.items[0].id, id);
    const { body } = await auditor.send("GET", `${base}/${id}`);
    assert.deepEqual([body.state, body.proof, body.publishedAt, body.origin], ["waiting", null, null, null]);
    const { waiting, waitingSince } = (await auditor.send("GET", "/api/prove/ledger")).body;
    assert.equal(waiting, 1);
    assert.equal(waitingSince, body.acceptedAt);
  } finally {
    await lock.query("rollback");
    lock.release();
  }
});

test("an erased statement names the statement of its erasure", async () => {
  const { id } = await said();
  const erased = await admin.send("POST", `${base}/${id}/erase`, { reason: "asked for" });
  assert.equal(erased.status, 201, erased.text);
  await said();
  const { body } = await auditor.send("GET", `${base}/${id}`);
  assert.deepEqual([body.erased, body.erasure], [true, erased.body.id]);
});

test("the policy still proves what a frozen log holds", async () => {
  const { id } = await said();
  const { origin } = house.node.ledger;
  assert.equal((await admin.send("POST", "/api/prove/ledger/keys", { algorithm: "ml-dsa-44" })).status, 200);
  const frozen = await admin.send("POST", "/api/prove/ledger/freeze", { origin });
  assert.equal(frozen.status, 200, frozen.text);
  const policy = unwrap(parsePolicy(Buffer.from((await auditor.send("GET", "/api/prove/ledger/policy")).text)));
  const file = (await auditor.send("GET", `${base}/${id}/proof`)).text;
  const proof = unwrap(parseTlogProof(Buffer.from(file)));
  const proven = unwrap(verifyTlogProof(proof, leafHash(Buffer.from(id, "hex")), policy));
  assert.equal(proven.checkpoint.origin, origin);
  await said();
  const { checkpoint } = (await auditor.send("GET", "/api/prove/ledger")).body;
  assert.equal(checkpoint.match(/^\u2014 /gm).length, 2, "the successor has an ML-DSA-44 line too");
  const { logs } = (await auditor.send("GET", "/api/prove/ledger")).body;
  assert.deepEqual(
    logs.map(({ state, path }: { state: string; path: string }) => [state, path]),
    [
      ["open", "/ledger/2/"],
      ["frozen", "/ledger/"],
    ],
  );
});

test("since when an entry is released comes from an index, among 100,000 releases", async () => {
  const { pool } = house.node.ledger;
  await pool.query(
    `insert into ledger_release (log, size, published_at, witnessed_at)
     select 1, 1000000 + i, now(), case when i % 2 = 0 then now() end from generate_series(1, 100000) as i`,
  );
  await pool.query("analyze ledger_release");
  for (const witnessed of ["", "and witnessed_at is not null"]) {
    const { rows } = await pool.query<{ "QUERY PLAN": string }>(
      `explain select published_at from ledger_release where log = 1 and size > 1050000 ${witnessed} order by size limit 1`,
    );
    const plan = rows.map((row) => row["QUERY PLAN"]).join("\n");
    assert.match(plan, /Index.* Scan/);
    assert.doesNotMatch(plan, /Seq Scan|Sort/);
  }
});
