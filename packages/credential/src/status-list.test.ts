import { strict as assert } from "node:assert";
import { test } from "node:test";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { ed25519Of } from "../test/test-keys.ts";
import { didKeyOf, didKeyUrl } from "./did-key.ts";
import { encodeBase64url } from "./encoding.ts";
import type { JsonObject } from "./json.ts";
import { CredentialProblem } from "./refusal.ts";
import {
  MAX_LIST_BYTES,
  MIN_LIST_BITS,
  readStatusList,
  statusEntries,
  statusListCredential,
  statusOf,
  withBits,
} from "./status-list.ts";
import { issueVcJwt } from "./vc-jose.ts";
import { verifyCredential } from "./verify.ts";

const LIST = "https://refinery.example/status/1";
const { key, signer } = ed25519Of(21);
const other = ed25519Of(22);
const empty = new Uint8Array(MIN_LIST_BITS / 8);
const listOf = (bits: Uint8Array, change: JsonObject = {}): JsonObject => ({
  type: ["VerifiableCredential", "BitstringStatusListCredential"],
  credentialSubject: {
    type: "BitstringStatusList",
    statusPurpose: "revocation",
    encodedList: `u${encodeBase64url(gzipSync(bits))}`,
    ...change,
  },
});
const code = async (work: () => Promise<unknown>): Promise<string> => {
  try {
    await work();
  } catch (error) {
    if (error instanceof CredentialProblem) return error.code;
    throw error;
  }
  return "none";
};

test("decodes the empty list that Bitstring Status List 1.0 prints as its example", async () => {
  const printed = "uH4sIAAAAAAAAA-3BMQEAAADCoPVPbQwfoAAAAAAAAAAAAAAAAAAAAIC3AYbSVKsAQAAA";
  const { bits } = await readStatusList(listOf(empty, { encodedList: printed }));
  assert.equal(bits.length, 16_384);
  assert.ok(bits.every((byte) => byte === 0));
});

test("reads the bit that was set and no other; index 0 is the leftmost bit of the first byte (3.1)", async () => {
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: MIN_LIST_BITS - 1 }), fc.nat({ max: MIN_LIST_BITS - 1 }), async (set, asked) => {
      const list = await readStatusList(listOf(withBits(empty, [set])));
      const entry = { purpose: "revocation", index: asked, list: LIST, size: 1 } as const;
      assert.equal(statusOf(list, entry), set === asked ? 1 : 0);
    }),
    { numRuns: 40 },
  );
  assert.equal(withBits(empty, [0])[0], 0x80);
});

test("reads messages of several bits, the first of them the most significant (2.1)", async () => {
  const list = await readStatusList(listOf(withBits(empty, [9]), { statusPurpose: ["message", "revocation"] }));
  assert.equal(statusOf(list, { purpose: "message", index: 4, list: LIST, size: 2 }), 1);
  assert.equal(statusOf(list, { purpose: "message", index: 2, list: LIST, size: 4 }), 4);
});

test("refuses an index outside the list and another purpose", async () => {
  const list = await readStatusList(listOf(empty));
  const entry = { purpose: "revocation", index: MIN_LIST_BITS - 1, list: LIST, size: 1 } as const;
  assert.equal(statusOf(list, entry), 0);
  assert.throws(() => statusOf(list, { ...entry, index: MIN_LIST_BITS }), { code: "credential/status" });
  assert.throws(() => statusOf(list, { ...entry, purpose: "suspension" }), { code: "credential/status" });
});

test("refuses lists that are too small, not gzip, not multibase `u`, or cut off", async () => {
  const whole = `u${encodeBase64url(gzipSync(empty))}`;
  assert.equal(await code(() => readStatusList(listOf(empty.subarray(1)))), "credential/status");
  for (const encodedList of ["uAAAA", "zAAAA", whole.slice(0, -8), whole.slice(1), 5])
    assert.equal(
      await code(() => readStatusList(listOf(empty, { encodedList }))),
      "credential/status",
      String(encodedList),
    );
  assert.equal(
    await code(() => readStatusList({ ...listOf(empty), type: ["VerifiableCredential"] })),
    "credential/status",
  );
});

test("stops a bomb at 16 MiB, and takes a list of exactly that", async () => {
  assert.equal((await readStatusList(listOf(new Uint8Array(MAX_LIST_BYTES)))).bits.length, MAX_LIST_BYTES);
  assert.equal(await code(() => readStatusList(listOf(new Uint8Array(MAX_LIST_BYTES + 1)))), "credential/status");
  const bomb = listOf(new Uint8Array(400 * 1_048_576));
  const before = process.memoryUsage.rss();
  assert.equal(await code(() => readStatusList(bomb)), "credential/status");
  assert.ok(process.memoryUsage.rss() - before < 200 * 1_048_576);
});

test("reads an index as a decimal string and as the integer of the UNTP schema, and nothing else", () => {
  const entry = (statusListIndex: unknown) => ({
    credentialStatus: {
      type: "BitstringStatusListEntry",
      statusPurpose: "revocation",
      statusListIndex,
      statusListCredential: LIST,
    },
  });
  for (const index of ["94567", 94567]) assert.equal(statusEntries(entry(index) as JsonObject)[0]?.index, 94_567);
  for (const index of ["-1", "01", "1.5", 1.5, -1, "1e3", null, "", 2 ** 60])
    assert.throws(() => statusEntries(entry(index) as JsonObject), { code: "credential/status" }, String(index));
});

const at = new Date("2026-06-01T00:00:00Z");
const issuer = didKeyOf(key);
const signedList = async (bits: Uint8Array, by = { key, signer }, change: JsonObject = {}) =>
  issueVcJwt(
    {
      ...(await statusListCredential({
        id: LIST,
        issuer: didKeyOf(by.key),
        purpose: "revocation",
        bits,
        validFrom: "2026-01-01T00:00:00Z",
      })),
      ...change,
    },
    { kid: didKeyUrl(by.key), signer: by.signer },
  );
const subject = {
  "@context": ["https://www.w3.org/ns/credentials/v2"],
  type: ["VerifiableCredential"],
  issuer,
  validFrom: "2026-01-01T00:00:00Z",
  credentialSubject: { id: "urn:example:1" },
  credentialStatus: {
    type: "BitstringStatusListEntry",
    statusPurpose: "revocation",
    statusListIndex: "42",
    statusListCredential: LIST,
  },
};
const verdictWith = async (list: string | undefined) => {
  const text = await issueVcJwt(subject, { kid: didKeyUrl(key), signer });
  const verification = await verifyCredential(text, {
    at,
    resolveDid: async () => ({ state: "not-checked", reason: "no network" }),
    fetchStatus: async () =>
      list === undefined
        ? { state: "not-checked", reason: "its host is not on the list" }
        : { state: "found", text: list },
  });
  return verification.verdict;
};

test("is valid while its bit is 0 and invalid when it is 1", async () => {
  assert.equal(await verdictWith(await signedList(empty)), "valid");
  assert.equal(await verdictWith(await signedList(withBits(empty, [41]))), "valid");
  assert.equal(await verdictWith(await signedList(withBits(empty, [42]))), "invalid");
});

test("is not checked without its list, or with a list that another issued", async () => {
  assert.equal(await verdictWith(undefined), "not-checked");
  assert.equal(await verdictWith(await signedList(empty, other)), "not-checked");
});

test("does not believe a list that is not signed, expired, of another address, or damaged", async () => {
  const good = await signedList(empty);
  assert.equal(await verdictWith(good.slice(0, -4) + "AAAA"), "invalid");
  assert.equal(
    await verdictWith(await signedList(empty, { key, signer }, { validUntil: "2026-02-01T00:00:00Z" })),
    "invalid",
  );
  assert.equal(await verdictWith(await signedList(empty, { key, signer }, { id: `${LIST}0` })), "invalid");
  assert.equal(await verdictWith("nonsense"), "invalid");
  assert.equal(
    await verdictWith(
      JSON.stringify(
        await statusListCredential({
          id: LIST,
          issuer,
          purpose: "revocation",
          bits: empty,
          validFrom: "2026-01-01T00:00:00Z",
        }),
      ),
    ),
    "invalid",
  );
});
