import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { ed25519Of, p256Of } from "../test/test-keys.ts";
import { didDocument } from "./did-document.ts";
import type { JsonObject } from "./json.ts";
import { signJws } from "./jws.ts";
import { CredentialProblem } from "./refusal.ts";
import { envelope, issueVcJwt } from "./vc-jose.ts";
import { verifyCredential, type VerifyPorts } from "./verify.ts";

const DID = "did:web:certifier.example";
const KID = `${DID}#key-1`;
const { key, signer } = ed25519Of(31);
const document = didDocument(DID, [{ fragment: "key-1", key }]);
const credential: JsonObject = {
  "@context": ["https://www.w3.org/ns/credentials/v2"],
  id: "https://certifier.example/credentials/1",
  type: ["VerifiableCredential"],
  issuer: { id: DID, name: "Certifier" },
  validFrom: "2026-01-01T00:00:00Z",
  validUntil: "2026-12-31T00:00:00Z",
  credentialSubject: { id: "https://id.gs1.org/01/04012345123456/10/998877", conformant: true },
};
const ports: VerifyPorts = {
  at: new Date("2026-06-01T00:00:00Z"),
  resolveDid: async (did) =>
    did === DID ? { state: "found", document } : { state: "not-checked", reason: "its host is not on the list" },
  fetchStatus: async () => ({ state: "not-checked", reason: "no network" }),
};
const signed = (change: JsonObject = {}) => issueVcJwt({ ...credential, ...change }, { kid: KID, signer });
const states = async (text: string, change: Partial<VerifyPorts> = {}) => {
  const { verdict, checks } = await verifyCredential(text, { ...ports, ...change });
  return {
    verdict,
    bad: checks.filter(({ state }) => state !== "passed").map(({ check, state }) => `${check} ${state}`),
  };
};

test("verifies a vc+jwt by the key of its issuer's did:web, alone and in its envelope", async () => {
  const text = await signed();
  assert.deepEqual(await states(text), { verdict: "valid", bad: [] });
  assert.deepEqual(await states(JSON.stringify(envelope(text))), { verdict: "valid", bad: [] });
});

test("verifies ES256 too", async () => {
  const p256 = p256Of(32);
  const text = await issueVcJwt(credential, { kid: KID, signer: p256.signer });
  const resolveDid = async () =>
    ({ state: "found", document: didDocument(DID, [{ fragment: "key-1", key: p256.key }]) }) as const;
  assert.equal((await states(text, { resolveDid })).verdict, "valid");
  assert.deepEqual(await states(text), { verdict: "invalid", bad: ["proof failed"] });
});

test("is invalid before it begins and after it ends", async () => {
  const text = await signed();
  assert.deepEqual(await states(text, { at: new Date("2025-12-31T23:59:59Z") }), {
    verdict: "invalid",
    bad: ["period failed"],
  });
  assert.equal((await states(text, { at: new Date("2026-12-31T00:00:00Z") })).verdict, "valid");
  assert.deepEqual(await states(text, { at: new Date("2026-12-31T00:00:01Z") }), {
    verdict: "invalid",
    bad: ["period failed"],
  });
  assert.deepEqual(await states(await signed({ exp: Date.parse("2026-05-01") / 1_000 })), {
    verdict: "invalid",
    bad: ["period failed"],
  });
});

test("is not checked when the issuer's document cannot be had, and never valid", async () => {
  const resolveDid = async () => ({ state: "not-checked", reason: "its host is not on the list" }) as const;
  assert.deepEqual(await states(await signed(), { resolveDid }), {
    verdict: "not-checked",
    bad: ["proof not-checked"],
  });
});

test("fails a key of another DID than the issuer's", async () => {
  const text = await signed({ issuer: "did:web:famous.example" });
  assert.deepEqual(await states(text), { verdict: "invalid", bad: ["issuer failed"] });
});

test("refuses the form of VC Data Model 1.1 inside a JWT, other types, and claims that contradict", async () => {
  const refused = async (header: JsonObject, payload: JsonObject) => {
    const text = await signJws({ typ: "vc+jwt", kid: KID, ...header }, payload, signer);
    await assert.rejects(verifyCredential(text, ports), { code: "credential/jose" });
  };
  await refused({}, { vc: credential, issuer: DID });
  await refused({ typ: "JWT" }, credential);
  await refused({ cty: "vp" }, credential);
  await refused({}, { ...credential, iss: "did:web:other.example" });
  await refused({}, { ...credential, jti: "urn:other" });
  await refused({}, { ...credential, sub: "urn:other" });
});

test("fails what VC Data Model 2.0 forbids, with the path", async () => {
  const forbidden: Record<string, JsonObject> = {
    "/@context/0": { "@context": ["https://www.w3.org/2018/credentials/v1"] },
    "/@context/1": { "@context": ["https://www.w3.org/ns/credentials/v2", { "@vocab": "https://x.example/" }] },
    "/type": { type: ["Credential"] },
    "/id": { id: "not a url" },
    "/validFrom": { validFrom: "2026-01-01T00:00:00" },
    "/validUntil": { validUntil: "2025-01-01T00:00:00Z" },
    "/credentialSubject": { credentialSubject: {} },
    "/credentialSchema": { credentialSchema: { type: "JsonSchema" } },
    "/name": { name: 5 },
  };
  for (const [path, change] of Object.entries(forbidden)) {
    const { checks } = await verifyCredential(await signed(change), ports);
    const form = checks.find(({ check }) => check === "form");
    assert.equal(form?.state, "failed", path);
    assert.ok(form.reason.includes(`\`${path}\``), form.reason);
  }
});

test("fails what nobody signed", async () => {
  assert.deepEqual((await states(JSON.stringify(credential))).bad, ["proof failed"]);
});

test("never says valid, and never breaks, when any character of a credential is changed", async () => {
  const text = await signed();
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: text.length - 1 }), fc.integer({ min: 33, max: 126 }), async (at, unit) => {
      const changed = `${text.slice(0, at)}${String.fromCharCode(unit)}${text.slice(at + 1)}`;
      fc.pre(changed !== text);
      try {
        assert.notEqual((await verifyCredential(changed, ports)).verdict, "valid");
      } catch (error) {
        assert.ok(error instanceof CredentialProblem, String(error));
      }
    }),
    { numRuns: 300 },
  );
});
