import { strict as assert } from "node:assert";
import { generateKeyPairSync, sign } from "node:crypto";
import { before, describe, test } from "node:test";
import {
  type ClaimSigner,
  didDocument,
  didKeyOf,
  didKeyUrl,
  issueVcJwt,
  type JsonObject,
  keyOfJwk,
  MIN_LIST_BITS,
  parseJws,
  readStatusList,
  statusListCredential,
  withBits,
} from "@holdfast/credential";
import { send, startTestNode, type TestAnswer, type TestCaller, type TestNode } from "../../../../../test/node.ts";
import { systemPorts } from "../../platform/ports.ts";
import { claimsOf } from "./claims.ts";
import { type Get, Outside } from "./outside.ts";

const { privateKey, publicKey } = generateKeyPairSync("ed25519");
const key = keyOfJwk({ kty: "OKP", crv: "Ed25519", x: String(publicKey.export({ format: "jwk" }).x) });
const signer: ClaimSigner = {
  algorithm: "EdDSA",
  sign: async (message) => new Uint8Array(sign(null, message, privateKey)),
};

const LOT_URN = "urn:epc:class:lgtin:4012345.012345.998877";
const LOT_LINK = "https://id.gs1.org/01/04012345123456/10/998877";

const product = (change: JsonObject = {}): JsonObject => ({
  type: ["Product"],
  id: LOT_LINK,
  name: "Neodymium oxide",
  idScheme: { id: "https://id.gs1.org", name: "GS1" },
  idGranularity: "batch",
  batchNumber: "998877",
  productCategory: [{ code: "34231", name: "Oxides", schemeId: "https://unstats.un.org/cpc", schemeName: "CPC" }],
  producedAtFacility: { id: "https://id.gs1.org/414/4012345000115", name: "Refinery north" },
  countryOfProduction: { countryCode: "EE" },
  ...change,
});

const conformity = (issuer: string, change: JsonObject = {}): JsonObject => ({
  "@context": ["https://www.w3.org/ns/credentials/v2", "https://vocabulary.uncefact.org/untp/0.7.0/context/"],
  id: `urn:uuid:${crypto.randomUUID()}`,
  type: ["DigitalConformityCredential", "VerifiableCredential"],
  issuer: { id: issuer, name: "Certifier" },
  validFrom: "2026-01-01T00:00:00Z",
  name: "Responsible sourcing certificate",
  credentialSubject: {
    id: "https://certifier.example/attestation/1",
    name: "Responsible sourcing",
    assessorLevel: "3rdParty",
    assessmentLevel: "scheme-cab",
    attestationType: "certification",
    issuedToParty: { id: "https://id.gs1.org/417/4012345000009", name: "Refinery" },
    referenceScheme: { id: "https://scheme.example", name: "Responsible Minerals" },
    conformityAssessment: [
      {
        id: "https://certifier.example/assessment/1",
        name: "Origin",
        assessmentCriteria: [{ id: "https://scheme.example/1", name: "Known origin" }],
        assessmentDate: "2026-01-01",
        assessedPerformance: [],
        conformityTopic: [{ id: "https://vocabulary.uncefact.org/topic#governance", name: "governance" }],
        assessedProduct: [{ product: { id: LOT_URN, name: "Neodymium oxide" } }],
        conformance: true,
      },
    ],
  },
  ...change,
});

let house: TestNode;
let quality: TestCaller;
let viewer: TestCaller;
before(async () => {
  house = await startTestNode({
    flags: { publicUrl: "https://refinery.example", credentialHosts: "certifier.example" },
  });
  quality = await house.signedIn("quality");
  viewer = await house.signedIn("viewer");
});

const issue = (change: JsonObject = {}) =>
  quality.send("POST", "/api/prove/credentials/issue", {
    kind: "DigitalProductPassport",
    name: "Passport of lot 998877",
    credentialSubject: product(),
    ...change,
  });
const receive = (text: string) => quality.send("POST", "/api/prove/credentials", { text });
const stateOf = (answer: TestAnswer, check: string): string | undefined =>
  answer.body.checks.find((each: { check: string }) => each.check === check)?.state;

describe("credentials of a node", () => {
  test("issues a passport in its did:web's name, puts it on the ledger and publishes the key", async () => {
    const answer = await issue();
    assert.equal(answer.status, 201, answer.text);
    assert.equal(answer.body.verdict, "valid", JSON.stringify(answer.body.checks));
    assert.equal(answer.body.issuer, "did:web:refinery.example");
    const published = await send(house.url, {}, "GET", "/.well-known/did.json");
    const { text } = await viewer.send("GET", `/api/prove/credentials/${answer.body.id}/document`);
    assert.ok(published.body.assertionMethod.includes(parseJws(text).kid));
    const { rows } = await house.node.database.pool.query(
      "select kind from ledger_outbox where subject = $1 union all select kind from ledger_statement where subject = $1",
      [`urn:uuid:${answer.body.id}`],
    );
    assert.deepEqual(rows, [{ kind: "credential/issued" }]);
  });

  test("issues with every securing, and conceals only with vc+sd-jwt", async () => {
    for (const securing of ["vc+jwt", "eddsa-jcs-2022", "vc+sd-jwt"]) {
      const answer = await issue({
        securing,
        conceal: securing === "vc+sd-jwt" ? ["/credentialSubject/batchNumber"] : [],
      });
      assert.equal(answer.status, 201, answer.text);
      assert.equal(answer.body.verdict, "valid", JSON.stringify(answer.body.checks));
    }
    const refused = await issue({ conceal: ["/credentialSubject/batchNumber"] });
    assert.equal(refused.body.code, "credential/sd-jwt");
  });

  test("refuses to issue what the schema refuses, with the path", async () => {
    const answer = await issue({ credentialSubject: product({ idGranularity: "pallet" }) });
    assert.equal(answer.status, 422);
    assert.equal(answer.body.code, "credential/form");
    assert.match(answer.body.detail, /idGranularity/);
  });

  test("revokes for good: the status list says so at once, and a second time is refused", async () => {
    const { body } = await issue();
    const { statusListIndex: index, statusListCredential: url } = body.content.credentialStatus;
    const bitAt = async () => {
      const text = await (await fetch(`${house.url}${new URL(url).pathname}`)).text();
      const { bits } = await readStatusList(JSON.parse(Buffer.from(parseJws(text).payload).toString()));
      return ((bits[index >> 3] ?? 0) >> (7 - (index & 7))) & 1;
    };
    assert.equal(await bitAt(), 0);
    const revoked = await quality.send("POST", `/api/prove/credentials/${body.id}/revoke`, { reason: "wrong lot" });
    assert.equal(revoked.status, 201, revoked.text);
    assert.equal(revoked.body.verdict, "invalid");
    assert.equal(await bitAt(), 1);
    const again = await quality.send("POST", `/api/prove/credentials/${body.id}/revoke`, { reason: "wrong lot" });
    assert.equal(again.body.code, "credential/already-revoked");
    const denied = await viewer.send("POST", `/api/prove/credentials/${body.id}/revoke`, { reason: "wrong lot" });
    assert.equal(denied.status, 403);
  });

  test("receives a credential, finds its claims by either spelling of the lot, and knows it the second time", async () => {
    const text = await issueVcJwt(conformity(didKeyOf(key)), { kid: didKeyUrl(key), signer });
    const answer = await receive(text);
    assert.equal(answer.status, 201, answer.text);
    assert.equal(answer.body.verdict, "valid", JSON.stringify(answer.body.checks));
    for (const subject of [LOT_URN, LOT_LINK]) {
      const { body } = await viewer.send("GET", `/api/prove/credential-claims?subject=${encodeURIComponent(subject)}`);
      const found = body.items.find((item: { credential: string }) => item.credential === answer.body.id);
      assert.equal(found.claim, "was assessed: Origin, under Responsible Minerals");
      assert.equal(found.issuer, didKeyOf(key));
      const list = await viewer.send(
        "GET",
        `/api/prove/credentials?direction=received&subject=${encodeURIComponent(subject)}`,
      );
      assert.ok(list.body.items.some((item: { id: string }) => item.id === answer.body.id));
    }
    const again = await receive(`  ${text}\n`);
    assert.deepEqual([again.status, again.body.code], [409, "credential/known"]);
  });

  test("keeps a damaged credential as invalid, and refuses what is none", async () => {
    const text = await issueVcJwt(conformity(didKeyOf(key)), { kid: didKeyUrl(key), signer });
    const damaged = await receive(`${text.slice(0, -6)}AAAAAA`);
    assert.equal(damaged.body.verdict ?? damaged.body.code, "invalid");
    assert.equal(stateOf(damaged, "proof"), "failed");
    for (const none of ["hello", "{}", "a.b.c", "[1]", '{"a":1,"a":2}'])
      assert.equal((await receive(none)).status, 422, none);
  });

  test("does not check the key of a host that nobody allowed, and never calls it valid", async () => {
    const text = await issueVcJwt(conformity("did:web:unknown.example"), { kid: "did:web:unknown.example#1", signer });
    const { body } = await receive(text);
    assert.equal(body.verdict, "not-checked");
    assert.match(body.reason, /^not checked: .*`unknown\.example` is not among those that may be asked/);
  });

  test("counts as expired what ended since it was checked", async () => {
    const validUntil = new Date(Date.now() + 60_000).toISOString();
    const text = await issueVcJwt(conformity(didKeyOf(key), { validUntil }), { kid: didKeyUrl(key), signer });
    const { body } = await receive(text);
    assert.equal(body.verdict, "valid", JSON.stringify(body));
    await house.node.database.pool.query(
      "update credential_document set valid_until = now() - interval '1 second' where id = $1",
      [body.id],
    );
    const later = await viewer.send("GET", `/api/prove/credentials/${body.id}`);
    assert.equal(later.body.verdict, "invalid");
  });

  test("pages through credentials, newest first", async () => {
    const first = await viewer.send("GET", "/api/prove/credentials?limit=2");
    const second = await viewer.send("GET", `/api/prove/credentials?limit=2&after=${first.body.next}`);
    const ids = [...first.body.items, ...second.body.items].map((item: { id: string }) => item.id);
    assert.deepEqual(ids, ids.toSorted().toReversed());
    assert.equal(new Set(ids).size, 4);
    assert.equal((await viewer.send("GET", "/api/prove/credentials?after=x")).status, 422);
  });
});

describe("what a node asks outside", () => {
  const did = "did:web:certifier.example";
  const document = JSON.stringify(didDocument(did, [{ fragment: "1", key }]));
  const asked: string[] = [];
  const outside = (get: Get) =>
    new Outside({
      database: house.node.database,
      ports: systemPorts,
      hosts: "certifier.example, list.example:8443",
      get,
    });
  const answering = (body: string, status = 200): Get => {
    return async (url) => {
      asked.push(url);
      return new Response(body, { status });
    };
  };

  test("fetches the document of an allowed host once a day, and keeps it", async () => {
    assert.equal((await outside(answering(document)).resolveDid(did, false)).state, "not-checked");
    assert.equal((await outside(answering(document)).resolveDid(did, true)).state, "found");
    assert.equal((await outside(answering("", 500)).resolveDid(did, false)).state, "found");
    assert.deepEqual(asked, ["https://certifier.example/.well-known/did.json"]);
  });

  test("asks no host that is not allowed, no other port, and nothing but https", async () => {
    asked.length = 0;
    const none = outside(answering("x"));
    for (const url of [
      "https://evil.example/1",
      "https://certifier.example:444/1",
      "http://certifier.example/1",
      "https://a@certifier.example/1",
      "file:///etc/passwd",
      "nonsense",
    ])
      assert.equal((await none.fetchStatus(url, true)).state, "not-checked", url);
    assert.deepEqual(asked, []);
    assert.equal((await none.fetchStatus("https://list.example:8443/1", true)).state, "found");
  });

  test("does not wait for ever, nor take an answer without end", async () => {
    const endless: Get = async () =>
      new Response(new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(1 << 20)) }));
    const answer = await outside(endless).fetchStatus("https://certifier.example/1", true);
    assert.ok(answer.state === "not-checked" && /exceeds/.test(answer.reason), JSON.stringify(answer));
    const broken: Get = async () => Promise.reject(new Error("connection refused"));
    assert.equal((await outside(broken).fetchStatus("https://certifier.example/1", true)).state, "not-checked");
  });

  test("verifies by a job with the fetched key and status list, and finds a revocation", async () => {
    const url = "https://certifier.example/status/9";
    const list = await statusListCredential({
      id: url,
      issuer: did,
      purpose: "revocation",
      bits: withBits(new Uint8Array(MIN_LIST_BITS / 8), [5]),
      validFrom: "2026-01-01T00:00:00Z",
    });
    const signed = await issueVcJwt(list, { kid: `${did}#1`, signer });
    const original = globalThis.fetch;
    globalThis.fetch = async (input, init) => {
      const address = input instanceof Request ? input.url : String(input);
      if (address === url) return new Response(signed);
      if (address.startsWith("https://")) return new Response(document);
      return original(input, init);
    };
    try {
      const status = (statusListIndex: number) => ({
        type: "BitstringStatusListEntry",
        statusPurpose: "revocation",
        statusListIndex,
        statusListCredential: url,
      });
      for (const [index, expected] of [
        [4, "valid"],
        [5, "invalid"],
      ] as const) {
        const text = await issueVcJwt(conformity(did, { credentialStatus: status(index) }), {
          kid: `${did}#1`,
          signer,
        });
        const { body } = await receive(text);
        assert.equal(body.verdict, "not-checked");
        let now = body;
        for (let i = 0; i < 100 && now.verdict === "not-checked"; i++) {
          await new Promise((resolve) => setTimeout(resolve, 100));
          now = (await viewer.send("GET", `/api/prove/credentials/${body.id}`)).body;
        }
        assert.equal(now.verdict, expected, JSON.stringify(now.checks));
        assert.notEqual(now.statusCheckedAt, null);
      }
    } finally {
      globalThis.fetch = original;
    }
  });
});

test("reads claims out of hostile credentials without breaking, and keeps at most 1,000", () => {
  const many = {
    type: ["DigitalProductPassport"],
    credentialSubject: { id: "urn:a", performanceClaim: Array.from({ length: 5_000 }, () => ({ name: "x\u0000" })) },
  };
  assert.equal(claimsOf(many).length, 1_000);
  assert.equal(claimsOf(many)[1]?.claim, "x\u{fffd}");
  for (const subject of [null, 5, "x", [], [null, 5], { id: 5 }, { id: { id: "x" } }])
    for (const type of ["DigitalProductPassport", "DigitalConformityCredential", "DigitalTraceabilityEvent", "Other"])
      assert.ok(Array.isArray(claimsOf({ type: [type], credentialSubject: subject })));
});
