import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import fc from "fast-check";
import { certifier, issuer, LOT, policy, smallDossier, smallParts } from "../test/small-dossier.ts";
import { ed25519Of } from "../test/test-keys.ts";
import { didDocument } from "./did-document.ts";
import { didKeyOf } from "./did-key.ts";
import { contentOf, formatDossier, openDossier, readDossier, sealDossier } from "./dossier.ts";
import { redactDossier, type Redaction } from "./dossier-redaction.ts";
import { type DossierPorts, verifyDossier } from "./dossier-verification.ts";
import type { JsonObject } from "./json.ts";

const ports: DossierPorts = {
  policy,
  resolveDid: async () => ({ state: "not-checked", reason: "give --did" }),
  fetchStatus: async () => ({ state: "not-checked", reason: "give --status" }),
};
const lines = async (bytes: Uint8Array, change: Partial<DossierPorts> = {}) =>
  (await verifyDossier(bytes, { ...ports, ...change })).claims.map(({ status, claim }) => `${status}: ${claim}`);
const negative = (found: readonly string[]) => found.filter((line) => line.startsWith("not proven"));
const has = (found: readonly string[], pattern: RegExp) =>
  assert.ok(
    found.some((line) => pattern.test(line)),
    `${pattern}\n${found.join("\n")}`,
  );
const nothing: Redaction = { part: () => false, member: () => false };

test("proves seal, issuer, log, witness, events and credential, and says what nobody can check", async () => {
  const found = await lines(await smallDossier());
  assert.deepEqual(negative(found), []);
  has(
    found,
    /^proven: every part is as it was sealed: 6 parts about `https:\/\/id\.gs1\.org\/01\/04012345123456\/10\/998877`/,
  );
  has(found, /^proven: the key .* is one of `did:key:/);
  has(
    found,
    /^proven: statement \w+… is entry 1 of the log `log\.example\/ledger`, 2 entries, cosigned by `witness\.example`/,
  );
  has(found, /^proven: statement \w+… is signed with the key that sealed the dossier/);
  has(found, /^proven: quorum `quorum` of the policy is met/);
  assert.equal(found.filter((line) => line.startsWith("proven: the ledger has `ObjectEvent of")).length, 2);
  has(found, /^proven: `Certificate of origin` by `did:key:.*` is valid at 2026-06-01/);
  has(found, /^not checked: that the 1 finding part\(s\) say everything/);
});

test("fails on any one changed byte", async () => {
  const bytes = await smallDossier();
  const fails = async (changed: Uint8Array): Promise<boolean> => {
    try {
      return negative(await lines(changed)).length > 0;
    } catch (error) {
      assert.ok(error instanceof Problem, String(error));
      return true;
    }
  };
  for (let at = 0; at < bytes.length; at++) {
    const changed = Uint8Array.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
    assert.ok(await fails(changed), `byte ${at}`);
  }
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: bytes.length - 1 }), fc.integer({ min: 1, max: 255 }), async (at, mask) => {
      const changed = Uint8Array.from(bytes);
      changed[at] = (changed[at] ?? 0) ^ mask;
      assert.ok(await fails(changed));
    }),
    { numRuns: 300 },
  );
  assert.ok(await fails(bytes.subarray(0, -1)));
  assert.ok(await fails(Uint8Array.of(...bytes, 0x0a)));
});

test("shows a withheld part as withheld, and proves the rest under the same seal", async () => {
  const redacted = redactDossier(await smallDossier(), { ...nothing, part: (_, i) => i === 1 });
  const found = await lines(redacted);
  assert.deepEqual(negative(found), []);
  assert.equal(found.filter((line) => line.startsWith("proven: the ledger has")).length, 1);
  has(found, /^not checked: 1 event part\(s\): withheld/);
  assert.equal(new TextDecoder().decode(redacted).includes("urn:uuid:2"), false);
});

test("withholds one member of an event, keeps the others, and gives up the proof of its exact text", async () => {
  const redacted = redactDossier(await smallDossier(), { ...nothing, member: (_, name) => name === "body/customer" });
  const text = new TextDecoder().decode(redacted);
  assert.equal(text.includes("ACME"), false);
  assert.ok(text.includes("urn:uuid:1"));
  const found = await lines(redacted);
  assert.deepEqual(negative(found), []);
  has(found, /^not checked: that the ledger has `ObjectEvent of 2026-05-01T10:00:00Z urn:uuid:1`: it is shown in part/);
  has(found, /^not checked: 1 event part\(s\): some members withheld/);
  const [part] = openDossier(redacted).parts;
  assert.equal(contentOf(part!)["body/bizStep"], "shipping"); // the dossier has parts
});

test("redacts again what was redacted, down to nothing, under one seal", async () => {
  let bytes = await smallDossier();
  bytes = redactDossier(bytes, { ...nothing, member: (_, name) => name === "body/customer" });
  bytes = redactDossier(bytes, { ...nothing, member: (_, name) => name === "body/bizStep" });
  assert.equal(new TextDecoder().decode(bytes).includes("shipping"), false);
  bytes = redactDossier(bytes, { ...nothing, part: () => true });
  assert.deepEqual(negative(await lines(bytes)), []);
  assert.throws(() => redactDossier(bytes, { ...nothing, part: () => true }), { code: "credential/dossier" });
});

test("leaves nothing to guess a withheld member by: neither salts nor the part's own salt", async () => {
  const whole = await smallDossier();
  const redacted = redactDossier(whole, {
    ...nothing,
    member: (part, name) => part.kind === "finding" && name === "rule",
  });
  const salts = readDossier(whole).parts.flatMap((part) =>
    part.kind === "finding" && "salt" in part ? [part.salt] : [],
  );
  assert.equal(salts.length, 1);
  for (const salt of salts) assert.equal(new TextDecoder().decode(redacted).includes(salt), false);
});

test("fails parts that were added, dropped, exchanged or put in another order", async () => {
  const { parts, seal } = readDossier(await smallDossier());
  for (const changed of [parts.slice(1), [...parts, parts[0]!], parts.toReversed(), parts.with(0, parts[1]!)]) // six parts
    assert.throws(() => openDossier(formatDossier(changed, seal)), { code: "credential/dossier" });
});

test("does not believe a seal by somebody else: the issuer's own document must have the key", async () => {
  const bytes = await smallDossier();
  const other = didDocument(didKeyOf(issuer.key), [{ fragment: "x", key: ed25519Of(1).key }]);
  has(
    await lines(bytes, { resolveDid: async () => ({ state: "found", document: other }) }),
    /^proven: the key .* is one of/,
  ); // a did:key is its own document
  const did = "did:web:refinery.example";
  const sealed = await sealDossier(await smallParts(), {
    subject: LOT,
    madeAt: "2026-06-01T00:00:00Z",
    issuer: did,
    issuerName: "Refinery",
    key: issuer.key,
    kid: `${did}#1`,
    signer: issuer.signer,
    random: (length) => new Uint8Array(length),
  });
  has(await lines(sealed), /^not checked: that the key `did:web:refinery\.example#1` .*: give --did/);
  const resolved = (document: JsonObject) => lines(sealed, { resolveDid: async () => ({ state: "found", document }) });
  has(await resolved(didDocument(did, [{ fragment: "1", key: issuer.key }])), /^proven: the key/);
  has(await resolved(didDocument(did, [{ fragment: "1", key: certifier.key }])), /^not proven: the key/);
  has(await resolved(didDocument(did, [])), /^not proven: the key/);
});

test("says that a policy of the dossier's own proves no trust, and fails another log's", async () => {
  const { policy: _mine, ...without } = ports;
  const found = (await verifyDossier(await smallDossier(), without)).claims.map(
    ({ status, claim }) => `${status}: ${claim}`,
  );
  assert.deepEqual(negative(found), []);
  has(found, /^not checked: that the log and its witnesses are those you trust/);
  const foreign = { ...policy, logs: [{ key: { ...policy.logs[0]!.key, publicKey: ed25519Of(2).key.bytes } }] }; // one log
  has(await lines(await smallDossier(), { policy: foreign }), /^not proven: statement part 1 is in the log/);
});

test("fails a statement that is not in the tree, a document that it is not about, and an event that its batch lacks", async () => {
  const parts = await smallParts();
  const changed = async (at: number, change: JsonObject) =>
    negative(
      await lines(await smallDossier(parts.with(at, { ...parts[at]!, content: { ...parts[at]!.content, ...change } }))),
    ); // six parts
  const proof = String(parts[4]!.content["proof"]);
  has(await changed(4, { proof: proof.replace("index 1", "index 0") }), /statement \w+… is entry 0/);
  has(await changed(4, { document: Buffer.from("{}").toString("base64") }), /is about the document beside it/);
  has(
    await changed(0, { body: '{"type":"ObjectEvent","eventTime":"2026-05-01T10:00:00Z","eventID":"urn:uuid:9"}' }),
    /the ledger has `ObjectEvent of .* urn:uuid:9`/,
  );
  has(await changed(4, { statement: "AAAA" }), /statement part 1 is in the log/);
});

test("judges credentials as of when the dossier was made, or when the reader asks", async () => {
  has(
    await lines(await smallDossier(), { at: new Date("2027-01-01T00:00:00Z") }),
    /^not proven: `Certificate of origin`.*it expired at/,
  );
});

test("takes 100,000 parts and refuses one more, before any work", async () => {
  const digest = "0".repeat(64);
  const file = (count: number) =>
    formatDossier(
      Array.from({ length: count }, () => ({ kind: "event", digest })),
      "x",
    );
  assert.equal(readDossier(file(100_000)).parts.length, 100_000);
  assert.throws(() => readDossier(file(100_001)), { code: "credential/dossier" });
});

test("refuses what is no dossier", () => {
  const open = (text: string) => () => openDossier(new TextEncoder().encode(text));
  for (const text of [
    "",
    "{}",
    "[]",
    '{"format":"holdfast-dossier/2","parts":[],"seal":""}',
    '{"format":"holdfast-dossier/1","parts":{},"seal":""}',
  ])
    assert.throws(open(text), Problem);
});
