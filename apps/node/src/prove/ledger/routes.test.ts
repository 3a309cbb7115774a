import { strict as assert } from "node:assert";
import { generateKeyPairSync } from "node:crypto";
import { before, test } from "node:test";
import { unwrap } from "@holdfast/kernel";
import {
  formatCoseKey,
  fsck,
  keyThumbprint,
  leafHash,
  parseConciseProblem,
  parseCoseKeySet,
  parseForkProof,
  parsePolicy,
  parseReceipt,
  parseStatement,
  parseTlogProof,
  parseVkey,
  signStatement,
  verifyForkProof,
  verifyInclusion,
  verifyInclusionReceipt,
  verifyTlogProof,
} from "@holdfast/tlog";
import { send, startTestNode, type TestCaller, type TestNode } from "../../../../../test/node.ts";
import { publicKeyOf, signerOf } from "./native-crypto.ts";

let house: TestNode;
let auditor: TestCaller;
let admin: TestCaller;
before(async () => {
  house = await startTestNode({ flags: { ledgerLoadPath: true, ledgerBatchMilliseconds: 20 } });
  auditor = await house.signedIn("auditor");
  admin = await house.signedIn("admin");
});

const raw = async (method: string, path: string, body?: Uint8Array, contentType = "application/cose") => {
  const answer = await fetch(`${house.url}${path}`, {
    method,
    redirect: "manual",
    ...(body ? { body: Buffer.from(body), headers: { "content-type": contentType } } : {}),
  });
  return { status: answer.status, headers: answer.headers, bytes: new Uint8Array(await answer.arrayBuffer()) };
};
const said = (payload = {}) =>
  house.node.ledger.record({ kind: "test/said", subject: "urn:test:1", payload }, { wait: "published" });

test("the log is served as tlog-tiles, and fsck over HTTP finds it sound", async () => {
  for (let i = 0; i < 3; i++) await said({ i });
  const summary = (await auditor.send("GET", "/api/prove/ledger")).body;
  const keys = summary.keys.flatMap((key: { role: string; vkey: string }) =>
    key.role === "checkpoint" ? [unwrap(parseVkey(key.vkey))] : [],
  );
  const read = async (path: string) => {
    const answer = await raw("GET", `${summary.path}${path}`);
    return answer.status === 200 ? answer.bytes : undefined;
  };
  const report = await fsck(read, { keys });
  assert.deepEqual([report.findings, report.signature], [[], "verified"]);
  const tile = await raw("GET", `${summary.path}tile/0/000.p/2`);
  assert.match(tile.headers.get("cache-control") ?? "", /immutable/);
  assert.equal(tile.headers.get("content-type"), "application/octet-stream");
  const checkpoint = await raw("GET", `${summary.path}checkpoint`);
  assert.equal(checkpoint.headers.get("content-type"), "text/plain; charset=utf-8");
  for (const path of [
    "tile/0/000",
    "tile/0/000.p/0",
    "tile/0/001.p/1",
    "tile/0/0.p/1",
    "tile/x",
    "../api",
    "1/checkpoint",
    "2/checkpoint",
  ])
    assert.equal((await raw("GET", `/ledger/${path}`)).status, 404, path);
});

test("a statement's page has a proof that verifies by hand, and its files check offline", async () => {
  const { id } = await said({ of: "interest" });
  const page = (await auditor.send("GET", `/api/prove/ledger/statements/${id}`)).body;
  const path = page.proof.path.map(({ hash }: { hash: string }) => new Uint8Array(Buffer.from(hash, "hex")));
  const root = new Uint8Array(Buffer.from(page.proof.root, "hex"));
  const leaf = leafHash(new Uint8Array(Buffer.from(id, "hex")));
  const claim = { index: BigInt(page.index), size: BigInt(page.proof.size), leafHash: leaf, root };
  assert.ok(verifyInclusion(claim, path));
  const policy = unwrap(parsePolicy(Buffer.from((await auditor.send("GET", "/api/prove/ledger/policy")).text)));
  const file = await auditor.send("GET", `/api/prove/ledger/statements/${id}/proof`);
  assert.match(file.headers.get("content-disposition") ?? "", /\.tlog-proof"/);
  assert.ok(unwrap(verifyTlogProof(unwrap(parseTlogProof(Buffer.from(file.text))), leaf, policy)));
  const document = (await auditor.send("GET", `/api/prove/ledger/statements/${id}/document`)).body;
  assert.deepEqual(document.payload, { of: "interest" });
  assert.equal((await admin.send("GET", `/api/prove/ledger/statements/${id}/document`)).status, 403);
  const cose = await fetch(`${house.url}/api/prove/ledger/statements/${id}/cose`, {
    headers: { cookie: auditor.cookie },
  });
  const transparent = unwrap(parseStatement(new Uint8Array(await cose.arrayBuffer())));
  assert.equal(Buffer.from(transparent.entry).toString("hex"), id, "receipts change no entry");
  assert.equal(transparent.receipts.length, 1);
});

test("statements are listed newest first, in pages, by kind and by subject", async () => {
  for (let i = 0; i < 3; i++) await said({ i });
  const first = (await auditor.send("GET", "/api/prove/ledger/statements?limit=2&kind=test/said")).body;
  const second = (await auditor.send("GET", `/api/prove/ledger/statements?limit=2&kind=test/said&after=${first.next}`))
    .body;
  const indices = [...first.items, ...second.items].map(({ index }) => index);
  assert.deepEqual(
    indices,
    indices.toSorted((a, b) => b - a),
  );
  assert.equal(new Set(indices).size, 4);
  assert.equal((await auditor.send("GET", "/api/prove/ledger/statements?subject=none")).body.items.length, 0);
  const bad = await auditor.send("GET", "/api/prove/ledger/statements?after=x");
  assert.equal(bad.body.code, "ledger/page-token-invalid");
});

test("U+0000 and other control characters in a query or a path are refused, and nothing fails after them", async () => {
  for (const [path, status] of [
    ["statements/%00", 400],
    ["statements/%00/cose", 400],
    ["statements?subject=%00", 400],
    ["statements?subject=%1b", 422],
    ["statements?kind=%7f", 422],
    ["statements/none", 422],
  ] as const)
    assert.equal((await auditor.send("GET", `/api/prove/ledger/${path}`)).status, status, path);
  assert.equal((await admin.send("POST", "/api/prove/ledger/keys/%00/retire")).status, 400);
  const policy = { key: "AA==", issuer: "https://a.example", subjectPrefix: "urn:\0" };
  assert.equal((await admin.send("POST", "/api/prove/ledger/issuers", policy)).status, 422);
  assert.equal((await auditor.send("GET", "/api/prove/ledger/statements")).status, 200);
  assert.equal(
    (await admin.send("POST", "/api/prove/ledger/keys/00000000/retire")).status,
    404,
    "decisions are recorded",
  );
});

test("an erasure is a statement, and what was erased is gone", async () => {
  const { id } = await said({ personal: "data" });
  const erased = await admin.send("POST", `/api/prove/ledger/statements/${id}/erase`, { reason: "their right" });
  assert.equal(erased.status, 201, erased.text);
  assert.equal((await auditor.send("GET", `/api/prove/ledger/statements/${id}/document`)).body.code, "ledger/erased");
  const page = (await auditor.send("GET", `/api/prove/ledger/statements/${id}`)).body;
  assert.deepEqual([page.erased, page.published], [true, true]);
});

test("SCRAPI: a supplier registers a statement and gets a receipt that verifies (draft-ietf-scitt-scrapi-10)", async () => {
  const { privateKey } = generateKeyPairSync("ed25519");
  const publicKey = publicKeyOf(privateKey);
  const sign = async (subject: string) => {
    const input = {
      algorithm: -8n,
      kid: keyThumbprint(publicKey),
      issuer: "https://supplier.example",
      subject,
      payload: new Uint8Array([1, 2, 3]),
      contentType: "application/octet-stream",
    };
    return (await signStatement(input, signerOf(privateKey))).canonical;
  };
  const unknown = await raw("POST", "/entries", await sign("urn:lot:1"));
  assert.equal(unknown.status, 400);
  assert.equal(unknown.headers.get("content-type"), "application/concise-problem-details+cbor");
  assert.equal(unwrap(parseConciseProblem(unknown.bytes)).title, "Rejected");
  const key = Buffer.from(formatCoseKey({ publicKey })).toString("base64");
  const put = await admin.send("POST", "/api/prove/ledger/issuers", {
    key,
    issuer: "https://supplier.example",
    subjectPrefix: "urn:lot:",
  });
  assert.equal(put.status, 200, put.text);
  const made = await raw("POST", "/entries", await sign("urn:lot:1"));
  assert.equal(made.status, 201);
  const viewer = await house.signedIn("viewer");
  const file = `/api/prove/ledger/statements/${Buffer.from(unwrap(parseStatement(await sign("urn:lot:1"))).entry).toString("hex")}/cose`;
  assert.equal((await viewer.send("GET", file)).status, 403, "its payload is the document itself");
  assert.equal((await auditor.send("GET", file)).status, 200);
  const own = await viewer.send("GET", `/api/prove/ledger/statements/${(await said()).id}/cose`);
  assert.equal(own.status, 200, "a hash envelope tells nothing");
  const keys = unwrap(parseCoseKeySet((await raw("GET", "/.well-known/scitt-keys")).bytes));
  const receipt = unwrap(parseReceipt(made.bytes));
  const signer = keys.find(({ kid }) => Buffer.compare(kid ?? Buffer.of(), receipt.kid ?? Buffer.of()) === 0);
  assert.ok(signer);
  const { entry } = unwrap(parseStatement(await sign("urn:lot:1")));
  assert.ok(unwrap(verifyInclusionReceipt(receipt, entry, signer.publicKey)));
  const one = await raw("GET", `/.well-known/scitt-keys/${Buffer.from(receipt.kid ?? []).toString("base64url")}`);
  assert.equal(one.status, 200);
  assert.equal((await raw("GET", made.headers.get("location") ?? "")).status, 200);
  assert.equal((await raw("GET", `/entries/${"0".repeat(64)}`)).status, 404);
  assert.equal((await raw("GET", "/.well-known/scitt-keys/none")).status, 404);
  for (const [status, title, ...request] of [
    [400, "Malformed request", "POST", "/entries", new Uint8Array([1, 2, 3])],
    [400, "Malformed request", "POST", "/entries"],
    [413, "Malformed request", "POST", "/entries", new Uint8Array(65_537)],
    [415, "Malformed request", "POST", "/entries", await sign("urn:lot:1"), "application/json"],
    [400, "Rejected", "POST", "/entries", await sign("urn:other:1")],
    [400, "Rejected", "POST", "/entries", await sign("urn:lot:\0")],
    [400, "Rejected", "POST", "/entries", await sign("urn:lot:\u009b31m")],
    [400, "Malformed request", "GET", "/entries/%00"],
    [404, "Not Found", "GET", `/entries/${"0".repeat(64)}`],
    [404, "Not Found", "GET", "/entries/nonsense"],
    [404, "No such key", "GET", "/.well-known/scitt-keys/none"],
  ] as const) {
    const [method, path, body, type] = request;
    const answer = await raw(method, path, body, type);
    assert.equal(answer.status, status, `${method} ${path}`);
    assert.equal(answer.headers.get("content-type"), "application/concise-problem-details+cbor");
    assert.equal(answer.headers.get("cache-control"), "no-store");
    assert.equal(unwrap(parseConciseProblem(answer.bytes)).title, title);
  }
  const typed = await raw("POST", "/entries", await sign("urn:lot:1"), 'application/cose; cose-type="cose-sign1"');
  assert.equal(typed.status, 201);
  const removed = await admin.send("DELETE", `/api/prove/ledger/issuers/${put.body.kid}`);
  assert.equal(removed.status, 204);
  assert.equal((await raw("POST", "/entries", await sign("urn:lot:2"))).status, 400);
});

test("a path that is not a tile of the log answers 404 and is not kept by caches, whatever its width (tlog-tiles)", async () => {
  await said();
  const { publishedSize: size } = (await auditor.send("GET", "/api/prove/ledger")).body;
  assert.ok(size < 250);
  const whole = await raw("GET", `/ledger/tile/0/000.p/${size}`);
  assert.deepEqual([whole.status, whole.bytes.length], [200, 32 * size]);
  assert.equal(whole.headers.get("content-type"), "application/octet-stream");
  const narrow = await raw("GET", "/ledger/tile/0/000.p/1");
  assert.deepEqual(narrow.bytes, whole.bytes.slice(0, 32), "an earlier width is the beginning");
  assert.equal((await raw("GET", "/ledger/tile/entries/000.p/2")).bytes.length, 68);
  for (const path of [
    `tile/0/000.p/${size + 100}`,
    "tile/0/000",
    "tile/0/000.p/0",
    "tile/0/000.p/256",
    "tile/0/000.p/01",
    "tile/0/000.p/-1",
    "tile/0/000.p/1.0",
    "tile/0/0",
    "tile/0/x000/000",
    "tile/0/001.p/1",
    "tile/1/000.p/1",
    "tile/00/000.p/1",
    "tile/64/000",
    "tile/63/000.p/1",
    "tile/8/0/000.p/1",
    "tile/-1/000.p/1",
    "tile/entries/000.p/257",
    "tile/data/000",
    "tile/0/x999/x999/x999/x999/x999/x999/999.p/255",
    "Checkpoint",
    "checkpoint/",
    "1/checkpoint",
    "01/checkpoint",
    "7/checkpoint",
    "8192/checkpoint",
    "99999/checkpoint",
    "",
  ]) {
    const answer = await raw("GET", `/ledger/${path}`);
    assert.equal(answer.status, 404, path);
    assert.equal(answer.headers.get("cache-control"), "no-store", path);
  }
  const checkpoint = await raw("GET", "/ledger/checkpoint");
  assert.equal(checkpoint.headers.get("content-type"), "text/plain; charset=utf-8");
  assert.match(checkpoint.headers.get("cache-control") ?? "", /max-age=[0-5]$/);
});

test("POST /ledger/add answers a load tool with the index, where it is configured", async () => {
  const answer = await raw("POST", "/ledger/add", new Uint8Array([9]), "application/octet-stream");
  assert.equal(answer.status, 200);
  assert.match(Buffer.from(answer.bytes).toString(), /^\d+$/);
  const other = await startTestNode();
  assert.equal((await send(other.url, {}, "POST", "/ledger/add", "{}")).status, 404);
  await other.stop();
});

test("keys are rotated and a log is frozen by whoever operates the ledger", async () => {
  const node = await startTestNode({ flags: { ledgerBatchMilliseconds: 20 } });
  const operator = await node.signedIn("admin");
  const added = await operator.send("POST", "/api/prove/ledger/keys", { algorithm: "ml-dsa-44" });
  assert.equal(added.status, 200, added.text);
  await node.node.ledger.record({ kind: "test/said", subject: "s", payload: 1 }, { wait: "published" });
  const summary = (await operator.send("GET", "/api/prove/ledger")).body;
  assert.equal(summary.checkpoint.match(/^\u2014 /gm).length, 2);
  const retired = await operator.send("POST", `/api/prove/ledger/keys/${added.body.vkey.split("+")[1]}/retire`);
  assert.equal(retired.status, 200, retired.text);
  await node.node.ledger.record({ kind: "test/said", subject: "s", payload: 2 }, { wait: "published" });
  const wrong = await operator.send("POST", "/api/prove/ledger/freeze", { origin: "another.example" });
  assert.equal(wrong.status, 404);
  const frozen = await operator.send("POST", "/api/prove/ledger/freeze", { origin: summary.origin });
  assert.equal(frozen.status, 200, frozen.text);
  await node.node.ledger.record({ kind: "test/said", subject: "s", payload: 3 }, { wait: "published" });
  const after = (await operator.send("GET", "/api/prove/ledger")).body;
  assert.deepEqual([after.origin, after.path], [frozen.body.successor, "/ledger/2/"]);
  assert.equal((await fetch(`${node.url}/ledger/2/checkpoint`)).status, 200);
  assert.equal((await fetch(`${node.url}/ledger/checkpoint`)).status, 200, "the frozen log stays served");
});

test("two nodes witness each other; a fork that one shows the other is kept as a proof", async () => {
  const other = await startTestNode({ flags: { ledgerBatchMilliseconds: 20 } });
  const theirs = await other.signedIn("admin");
  const vkeyOf = async (who: TestCaller, role: string) =>
    (await who.send("GET", "/api/prove/ledger")).body.keys.find((key: { role: string }) => key.role === role).vkey;
  const pair = async (asker: TestCaller, witness: TestCaller, url: string) => {
    const put = await witness.send("POST", "/api/prove/ledger/witnessed-logs", {
      vkey: await vkeyOf(asker, "checkpoint"),
    });
    assert.equal(put.status, 200, put.text);
    const vkey = await vkeyOf(witness, "witness");
    const set = await asker.send("PUT", "/api/prove/ledger/witnesses/peer", { vkey, url: `${url}/witness` });
    assert.equal(set.status, 200, set.text);
  };
  await pair(admin, theirs, other.url);
  await pair(theirs, admin, house.url);
  const witnessed = async (who: TestCaller) => {
    for (let i = 0; i < 200; i++) {
      const { body } = await who.send("GET", "/api/prove/ledger");
      if (body.witnessedSize === body.publishedSize) return body;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    throw new Error("no cosignature came");
  };
  for (const who of [admin, theirs]) {
    const body = await witnessed(who);
    assert.equal(body.witnesses[0].alarm, false);
    assert.equal(body.witnesses[0].owesSince, null);
  }
  const { id } = await said({ after: "witnesses" });
  const summary = await witnessed(auditor);
  const note = Buffer.from((await raw("GET", `${summary.path}checkpoint`)).bytes).toString();
  assert.equal(note.match(/^\u2014 /gm)?.length, 2, "the log's line and the witness's");
  const policy = unwrap(parsePolicy(Buffer.from((await auditor.send("GET", "/api/prove/ledger/policy")).text)));
  assert.equal(policy.quorum, "quorum");
  const file = await auditor.send("GET", `/api/prove/ledger/statements/${id}/proof`);
  const leaf = leafHash(new Uint8Array(Buffer.from(id, "hex")));
  const proven = unwrap(verifyTlogProof(unwrap(parseTlogProof(Buffer.from(file.text))), leaf, policy));
  assert.equal(proven.witnessed.length, 1);

  // this node's key signs a second tree of the size that the witness holds
  const { formatAddCheckpoint, formatCheckpoint, formatNote, signNote } = await import("@holdfast/tlog");
  const [key] = house.node.ledger.ring.signing("checkpoint", summary.origin);
  assert.ok(key);
  const text = formatCheckpoint({
    origin: summary.origin,
    size: BigInt(summary.witnessedSize),
    root: new Uint8Array(32),
    extensions: [],
  });
  const forged = formatNote({ text, signatures: [await signNote(text, key.key, key.signer)] });
  const answer = await fetch(`${other.url}/witness/add-checkpoint`, {
    method: "POST",
    body: Buffer.from(formatAddCheckpoint({ oldSize: BigInt(summary.witnessedSize), path: [], checkpoint: forged })),
  });
  assert.equal(answer.status, 422);
  const [fork] = (await theirs.send("GET", "/api/prove/ledger/forks")).body.items;
  const proof = unwrap(
    parseForkProof(Buffer.from((await theirs.send("GET", `/api/prove/ledger/forks/${fork.id}`)).text)),
  );
  assert.equal(unwrap(verifyForkProof(proof, [key.key])).origin, summary.origin);
  for (const [status, path, body] of [
    [400, "/witness/add-checkpoint", "nonsense"],
    [
      404,
      "/witness/add-checkpoint",
      Buffer.from(
        formatAddCheckpoint({
          oldSize: 0n,
          path: [],
          checkpoint: Buffer.from(note.replaceAll(summary.origin, "unknown.example")),
        }),
      ).toString(),
    ],
  ] as const) {
    const refused = await fetch(`${other.url}${path}`, { method: "POST", body });
    assert.equal(refused.status, status, await refused.text());
  }
  const behind = await fetch(`${other.url}/witness/add-checkpoint`, {
    method: "POST",
    body: Buffer.from(formatAddCheckpoint({ oldSize: 0n, path: [], checkpoint: Buffer.from(note) })),
  });
  assert.deepEqual([behind.status, behind.headers.get("content-type")], [409, "text/x.tlog.size"]);
  assert.match(await behind.text(), /^[1-9]\d*\n$/);
  await other.stop();
});
