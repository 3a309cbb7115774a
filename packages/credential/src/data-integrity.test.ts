import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, test } from "node:test";
import { ed25519 } from "@noble/curves/ed25519.js";
import { skipUnless, vectors } from "../../../test/shared.ts";
import { ed25519Of } from "../test/test-keys.ts";
import { addProof, proofsOf, readProof, signedBytes, verifyProof } from "./data-integrity.ts";
import { didKeyOf, didKeyUrl, keyOfDidKey } from "./did-key.ts";
import { decodeMultibase, encodeHex, encodeMultibase58 } from "./encoding.ts";
import { isObject, type JsonObject, without } from "./json.ts";
import { CredentialProblem } from "./refusal.ts";
import { verifyCredential } from "./verify.ts";

const folder = vectors("untp/vc-di-eddsa/TestVectors");
const skip = skipUnless("shared", folder);
const root = folder ?? "";
const text = (name: string) => readFileSync(join(root, name), "utf8").trim();
const json = (name: string): JsonObject => JSON.parse(text(name));

const proofOf = (secured: JsonObject): JsonObject => {
  const { proof } = secured;
  assert.ok(isObject(proof));
  return proof;
};
const outcome = (secured: JsonObject, proof: JsonObject = proofOf(secured)): boolean | string => {
  try {
    const read = readProof(secured, proof);
    return verifyProof(read, keyOfDidKey(read.verificationMethod));
  } catch (error) {
    if (error instanceof CredentialProblem) return error.code;
    throw error;
  }
};
const unreachablePorts = {
  at: new Date("2026-06-01T00:00:00Z"),
  resolveDid: async () => ({ state: "not-checked", reason: "no network" }) as const,
  fetchStatus: async () => ({ state: "not-checked", reason: "no network" }) as const,
};

describe("eddsa-jcs-2022 of the W3C vectors", { skip }, () => {
  test("hashes options and document as the vector's intermediates (vc-di-eddsa 3.3.4)", () => {
    const read = readProof(json("eddsa-jcs-2022/signedJCS.json"), proofOf(json("eddsa-jcs-2022/signedJCS.json")));
    assert.equal(encodeHex(read.signedBytes), text("eddsa-jcs-2022/combinedHashJCS.txt"));
    assert.equal(encodeHex(read.signature), text("eddsa-jcs-2022/sigHexJCS.txt"));
  });

  test("verifies the signed vector", () => {
    assert.equal(outcome(json("eddsa-jcs-2022/signedJCS.json")), true);
  });

  test("signs the vector's document into the vector's proof", async () => {
    const secret = decodeMultibase(String(json("keyPair.json")["privateKeyMultibase"])).subarray(2);
    const options = json("eddsa-jcs-2022/proofConfigJCS.json");
    const signed = await addProof(json("unsigned.json"), {
      verificationMethod: String(options["verificationMethod"]),
      created: String(options["created"]),
      signer: { sign: async (message) => ed25519.sign(message, secret) },
    });
    assert.deepEqual(signed, json("eddsa-jcs-2022/signedJCS.json"));
  });

  test("refuses the vector with any member of document or proof changed", () => {
    const signed = json("eddsa-jcs-2022/signedJCS.json");
    for (const name of Object.keys(signed).filter((each) => each !== "proof"))
      assert.notEqual(outcome({ ...signed, [name]: "x" }), true, name);
    for (const name of Object.keys(proofOf(signed)))
      assert.notEqual(outcome({ ...signed, proof: { ...proofOf(signed), [name]: "x" } }), true, name);
    assert.notEqual(outcome({ ...signed, extra: 1 }), true);
  });

  test("says that the key of an issuer which is no DID may be anybody's", async () => {
    const verification = await verifyCredential(text("eddsa-jcs-2022/signedJCS.json"), unreachablePorts);
    const state = (check: string) => verification.checks.find((each) => each.check === check)?.state;
    assert.equal(state("proof"), "passed");
    assert.equal(state("issuer"), "not-checked");
    assert.equal(verification.verdict, "not-checked");
  });

  test("tells the RDF suites apart and does not check them", async () => {
    for (const name of [
      "eddsa-rdfc-2022/signedDataInt.json",
      "eddsa-rdfc-2022/employ/signedDataInt.json",
      "Ed25519Signature2020/signedEdSig.json",
    ]) {
      assert.equal(outcome(json(name)), "credential/unsupported", name);
      const { checks } = await verifyCredential(text(name), unreachablePorts);
      assert.equal(checks.find(({ check }) => check === "proof")?.state, "not-checked", name);
    }
    for (const name of ["signedProofSet2.json", "signedProofChain2.json"]) {
      const signed = json(`proof-set-chain/${name}`);
      for (const proof of proofsOf(signed)) assert.equal(outcome(signed, proof), "credential/unsupported", name);
    }
  });
});

const { key, signer } = ed25519Of(9);
const credential: JsonObject = {
  "@context": ["https://www.w3.org/ns/credentials/v2"],
  id: "urn:uuid:58172aac-d8ba-11ed-83dd-0b3aef56cc33",
  type: ["VerifiableCredential"],
  issuer: didKeyOf(key),
  validFrom: "2026-01-01T00:00:00Z",
  credentialSubject: { id: "https://id.gs1.org/01/04012345123456/10/998877", origin: "EE" },
};
const signed = () =>
  addProof(credential, { verificationMethod: didKeyUrl(key), created: "2026-01-02T00:00:00Z", signer });

test("verifies a credential that its issuer signed with a did:key", async () => {
  const { verdict, checks, securing } = await verifyCredential(JSON.stringify(await signed()), unreachablePorts);
  assert.equal(verdict, "valid", JSON.stringify(checks));
  assert.equal(securing, "data-integrity");
});

test("fails a proof that has expired, and one of another purpose", async () => {
  const secured = await signed();
  const options = { ...proofOf(secured), expires: "2026-05-01T00:00:00Z" };
  const { checks } = await verifyCredential(JSON.stringify({ ...secured, proof: options }), unreachablePorts);
  assert.ok(checks.some(({ check, state }) => check === "period" && state === "failed"));
  assert.equal(
    outcome({ ...secured, proof: { ...proofOf(secured), proofPurpose: "authentication" } }),
    "credential/proof",
  );
});

test("takes a document whose contexts continue those of its proof, and no other (vc-di-eddsa 3.3.2)", async () => {
  const secured = await signed();
  const more = { ...secured, "@context": [...(credential["@context"] as string[]), "https://example.org/more"] };
  assert.equal(outcome(more), true);
  assert.equal(outcome({ ...secured, "@context": ["https://example.org/more"] }), "credential/proof");
});

test("judges a chain: a proof that builds on another covers it (VC Data Integrity 4.3)", async () => {
  const first = { ...proofOf(await signed()), id: "urn:uuid:1" };
  const resigned = async (options: JsonObject, document: JsonObject): Promise<JsonObject> => {
    const rest = without(options, "proofValue");
    return { ...rest, proofValue: encodeMultibase58(await signer.sign(signedBytes(document, rest))) };
  };
  const one = await resigned(first, credential);
  const two = await resigned(
    { ...first, id: "urn:uuid:2", previousProof: "urn:uuid:1" },
    { ...credential, proof: [one] },
  );
  const chain = { ...credential, proof: [one, two] };
  assert.deepEqual(
    proofsOf(chain).map((proof) => outcome(chain, proof)),
    [true, true],
  );
  const broken = { ...credential, proof: [{ ...one, created: "2026-01-03T00:00:00Z" }, two] };
  assert.deepEqual(
    proofsOf(broken).map((proof) => outcome(broken, proof)),
    [false, false],
  );
  assert.equal(outcome({ ...credential, proof: [two] }, two), "credential/proof");
});

test("takes 16 proofs and refuses 17", async () => {
  const proof = proofOf(await signed());
  assert.equal(proofsOf({ proof: Array.from({ length: 16 }, () => proof) }).length, 16);
  assert.throws(() => proofsOf({ proof: Array.from({ length: 17 }, () => proof) }), { code: "credential/proof" });
});
