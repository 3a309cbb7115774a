import { strict as assert } from "node:assert";
import { test } from "node:test";
import { ed25519Of, p256Of } from "../test/test-keys.ts";
import { didDocument, methodKey } from "./did-document.ts";
import { didKeyOf, didKeyUrl, keyOfDidKey, keyOfMultikey, multikeyOf } from "./did-key.ts";
import { didWebOf, didWebUrl } from "./did-web.ts";
import type { JsonObject } from "./json.ts";
import { sameKey } from "./jwk.ts";
import { CredentialProblem } from "./refusal.ts";

const refusal = (work: () => unknown): string => {
  try {
    work();
  } catch (error) {
    if (error instanceof CredentialProblem) return error.code;
    throw error;
  }
  return "none";
};

test("finds the document of a did:web by its method specification", () => {
  const addresses: readonly (readonly [did: string, url: string])[] = [
    ["did:web:w3c-ccg.github.io", "https://w3c-ccg.github.io/.well-known/did.json"],
    ["did:web:w3c-ccg.github.io:user:alice", "https://w3c-ccg.github.io/user/alice/did.json"],
    ["did:web:example.com%3A3000:user:alice", "https://example.com:3000/user/alice/did.json"],
    ["did:web:example.com%3A3000", "https://example.com:3000/.well-known/did.json"],
    ["did:web:samplecompany.com:12345", "https://samplecompany.com/12345/did.json"],
  ];
  for (const [did, url] of addresses) assert.equal(didWebUrl(did), url);
});

test("refuses a did:web that names no host, an address, or a way out of its path", () => {
  for (const did of [
    "did:web:",
    "did:web:127.0.0.1",
    "did:web:10.0.0.1:a",
    "did:web:%5B::1%5D",
    "did:web:Example.com",
    "did:web:example.com%3A99999",
    "did:web:example.com%2Fa",
    "did:web:example.com:..:a",
    "did:web:example.com::a",
    "did:web:example.com:a/b",
    "did:web:user@example.com",
    `did:web:${"a".repeat(3_000)}`,
    "did:key:z6Mk",
  ])
    assert.equal(
      refusal(() => didWebUrl(did)),
      "credential/did",
      did,
    );
});

test("names an https address as the did:web that leads back to it", () => {
  assert.equal(didWebOf("https://mine.example/"), "did:web:mine.example");
  assert.equal(didWebOf("https://mine.example:8443/node/a"), "did:web:mine.example%3A8443:node:a");
  for (const url of ["http://mine.example", "https://mine.example?a", "https://127.0.0.1"])
    assert.equal(
      refusal(() => didWebOf(url)),
      "credential/did",
      url,
    );
});

test("reads and writes did:key for Ed25519 and P-256", () => {
  // the key of the W3C eddsa test vectors
  const known = "did:key:z6MkrJVnaZkeFzdQyMZu1cgjg7k1pZZ6pvBQ7XJPt4swbTQ2";
  assert.equal(didKeyOf(keyOfDidKey(known)), known);
  for (const { key } of [ed25519Of(1), p256Of(2)]) {
    assert.ok(sameKey(keyOfDidKey(didKeyUrl(key)), key));
    assert.ok(sameKey(keyOfMultikey(multikeyOf(key)), key));
  }
  assert.equal(
    refusal(() => keyOfDidKey(`${known}#other`)),
    "credential/did",
  );
  assert.equal(
    refusal(() => keyOfMultikey("z6LSbysY2xFMRpGMhb7tFTLMpeuPRaqaWM1yECx2AtzE3KCc")),
    "credential/unsupported",
  );
});

test("lets only the keys that `assertionMethod` lists make claims, and only in the DID's own document", () => {
  const did = "did:web:refinery.example";
  const { key } = ed25519Of(7);
  const document = didDocument(did, [{ fragment: "key-1", key }]);
  assert.ok(sameKey(methodKey(`${did}#key-1`, document), key));
  assert.ok(sameKey(methodKey(`${did}#key-1-multikey`, document), key));
  const relative: JsonObject = {
    ...document,
    verificationMethod: [{ id: "#key-1", type: "Multikey", controller: did, publicKeyMultibase: multikeyOf(key) }],
    assertionMethod: ["#key-1"],
  };
  assert.ok(sameKey(methodKey(`${did}#key-1`, relative), key));
  assert.equal(
    refusal(() => methodKey(`${did}#key-1`, { ...document, assertionMethod: [] })),
    "credential/key",
  );
  assert.equal(
    refusal(() => methodKey(`${did}#key-2`, document)),
    "credential/key",
  );
  assert.equal(
    refusal(() => methodKey("did:web:other.example#key-1", document)),
    "credential/did",
  );
  const foreign = JSON.parse(
    JSON.stringify(document).replaceAll(`"controller":"${did}"`, '"controller":"did:web:other.example"'),
  );
  assert.equal(
    refusal(() => methodKey(`${did}#key-1`, foreign)),
    "credential/did",
  );
});

test("refuses a document with more than 200 methods", () => {
  const did = "did:web:refinery.example";
  const document = (count: number): JsonObject => ({
    id: did,
    assertionMethod: Array.from({ length: count }, (_, i) => `${did}#${i}`),
  });
  assert.equal(
    refusal(() => methodKey(`${did}#0`, document(200))),
    "credential/did",
    "listed and not defined",
  );
  assert.equal(
    refusal(() => methodKey(`${did}#x`, document(201))),
    "credential/did",
  );
});
