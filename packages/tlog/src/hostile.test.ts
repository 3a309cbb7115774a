import { strict as assert } from "node:assert";
import { test } from "node:test";
import { unwrap } from "@holdfast/kernel";
import { ed25519 } from "@noble/curves/ed25519.js";
import { encode } from "cbor2";
import fc from "fast-check";
import { decodeBase64 } from "./base64.ts";
import { utf8 } from "./bytes.ts";
import { type CborValue, decodeCbor, encodeCbor, Tag } from "./cbor.ts";
import { formatCheckpoint, parseCheckpoint } from "./checkpoint.ts";
import { formatSign1, parseSign, parseSign1, verifySign1 } from "./cose.ts";
import { formatCoseKey, keyThumbprint, parseCoseKey, parseCoseKeySet } from "./cose-key.ts";
import { parseBundle } from "./entry-bundle.ts";
import { formatForkProof, parseForkProof, verifyForkProof } from "./fork-proof.ts";
import { leafHash, nodeHash } from "./merkle.ts";
import { formatNote, openNote, parseNote, parseSignatureLine } from "./note.ts";
import { signNote } from "./note-signing.ts";
import { formatReceipt, parseReceipt, signInclusionReceipt, verifyInclusionReceipt } from "./receipt.ts";
import { type TlogCode, TlogProblem, type TlogResult } from "./refusal.ts";
import { parseConciseProblem } from "./scrapi.ts";
import { formatSignSubtree, parseSignSubtree, signSubtree } from "./sign-subtree.ts";
import { attachReceipts, covers, parseStatement, signStatement } from "./statement.ts";
import { parseTilePath } from "./tile.ts";
import { evaluatePolicy, parsePolicy } from "./tlog-policy.ts";
import { formatTlogProof, parseTlogProof, verifyTlogProof } from "./tlog-proof.ts";
import { formatVkey, noteKey, parseVkey, SIGNATURE_TYPE } from "./vkey.ts";
import { addCheckpoint, formatAddCheckpoint, MAX_ADD_CHECKPOINT_BYTES, parseAddCheckpoint } from "./witness.ts";
import { addCosignatures, parseSizeReply } from "./witness-reply.ts";

const secret = new Uint8Array(32).fill(1);
const publicKey = { kind: "ed25519", bytes: ed25519.getPublicKey(secret) } as const;
const signer = { sign: async (message: Uint8Array) => ed25519.sign(message, secret) };
const key = noteKey("log.example", SIGNATURE_TYPE.ed25519, publicKey.bytes);
const [a, b] = [leafHash(utf8("a")), leafHash(utf8("b"))];
const text = formatCheckpoint({ origin: "log.example", size: 2n, root: nodeHash(a, b), extensions: [] });
const checkpoint = formatNote({ text, signatures: [await signNote(text, key, signer)] });
const policyFile = utf8(`log ${formatVkey(key)}\nquorum none\n`);
const policy = unwrap(parsePolicy(policyFile));
const kid = keyThumbprint(publicKey);
const names = { algorithm: -8n, kid, issuer: "i", subject: "s" };
const receipt = await signInclusionReceipt(
  { ...names, root: nodeHash(a, b) },
  { size: 2n, index: 0n, path: [b] },
  signer,
);
const statement = await signStatement({ ...names, payload: utf8("p") }, signer);

/** What reads bytes from outside, and a good file for it. Each answers or refuses; none may do anything else. */
const readers: readonly [string, Uint8Array, (bytes: Uint8Array) => unknown][] = [
  ["note", checkpoint, (bytes) => [parseNote(bytes), openNote(bytes, [key])]],
  ["policy", policyFile, (bytes) => [parsePolicy(bytes), evaluatePolicy(policy, bytes)]],
  [
    "proof",
    formatTlogProof({ index: 0n, path: [b], checkpoint }),
    (bytes) => {
      const parsed = parseTlogProof(bytes);
      return parsed.ok ? verifyTlogProof(parsed.value, a, policy) : parsed;
    },
  ],
  [
    "add-checkpoint",
    formatAddCheckpoint({ oldSize: 0n, path: [], checkpoint }),
    (bytes) => addCheckpoint(bytes, { logKeys: () => [key], recorded: () => ({ size: 1n, root: a }) }),
  ],
  [
    "sign-subtree",
    formatSignSubtree({ range: { start: 0n, end: 1n }, hash: a, path: [b], checkpoint }),
    (bytes) => signSubtree(bytes, () => [key]),
  ],
  [
    "reply",
    utf8("— log.example AAAAAAA=\n"),
    (bytes) => [addCosignatures(checkpoint, bytes, [key]), parseSizeReply(bytes)],
  ],
  [
    "fork",
    formatForkProof({ checkpoints: [checkpoint, checkpoint] }),
    (bytes) => {
      const parsed = parseForkProof(bytes);
      return parsed.ok ? verifyForkProof(parsed.value, [key]) : parsed;
    },
  ],
  [
    "receipt",
    formatReceipt(receipt),
    (bytes) => {
      const parsed = parseReceipt(bytes);
      return parsed.ok ? verifyInclusionReceipt(parsed.value, utf8("a"), publicKey) : parsed;
    },
  ],
  [
    "statement",
    attachReceipts(statement, [formatReceipt(receipt)]),
    (bytes) => {
      const parsed = parseStatement(bytes);
      return parsed.ok
        ? [verifySign1(parsed.value.message, { key: publicKey }), covers(parsed.value, utf8("p"))]
        : parsed;
    },
  ],
  [
    "cose",
    formatSign1(statement.message),
    (bytes) => [parseSign1(bytes), parseSign(bytes), parseConciseProblem(bytes)],
  ],
  ["cose key", formatCoseKey({ kid, publicKey }), (bytes) => [parseCoseKey(bytes), parseCoseKeySet(bytes)]],
];

test("answers or refuses whatever it is given, and never throws anything else", () => {
  for (const [name, good, read] of readers) {
    read(good);
    const damaged = fc.tuple(fc.nat(good.length), fc.uint8Array({ maxLength: 6 }), fc.nat(4)).map(([at, more, cut]) => {
      const tail = good.subarray(at + cut);
      return Uint8Array.from([...good.subarray(0, at), ...more, ...tail]);
    });
    const junk = fc.uint8Array({ maxLength: 60 });
    fc.assert(
      fc.property(fc.oneof({ weight: 4, arbitrary: damaged }, junk), (bytes) => void read(bytes)),
      { numRuns: 400 },
    );
    assert.ok(name);
  }
});

const cbor: fc.Arbitrary<CborValue> = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 4 },
    fc.constantFrom<CborValue>(null, undefined, true, 1.5),
    fc.bigInt({ min: -300n, max: 400n }),
    fc.string({ maxLength: 5 }),
    fc.uint8Array({ maxLength: 40 }),
    fc.array(tie("value"), { maxLength: 4 }),
    fc
      .array(
        fc.tuple(fc.constantFrom<CborValue>(1n, 2n, 3n, 4n, 15n, 258n, 394n, 395n, 396n, -1n, "x"), tie("value")),
        { maxLength: 5 },
      )
      .map((entries) => new Map(entries)),
  ),
})).value;

test("encodes every value as the library does, and reads it back", () => {
  const big = fc.bigInt({ min: -(2n ** 70n), max: 2n ** 70n });
  const whole = fc.oneof(
    { weight: 5, arbitrary: cbor },
    big,
    fc.double(),
    fc.bigInt({ min: 0n, max: 2n ** 33n }).map((tag) => new Tag(Number(tag), "x")),
  );
  fc.assert(
    fc.property(fc.array(whole, { maxLength: 30 }), (value) => {
      const bytes = encodeCbor(value);
      assert.deepEqual(bytes, encode(value, { cde: true }));
    }),
    { numRuns: 500 },
  );
  for (const edge of [
    0n,
    23n,
    24n,
    255n,
    256n,
    65_535n,
    65_536n,
    2n ** 32n - 1n,
    2n ** 32n,
    2n ** 53n,
    2n ** 64n - 1n,
    -1n,
    -24n,
    -25n,
    -256n,
    -257n,
    -(2n ** 64n),
  ])
    assert.deepEqual(encodeCbor(edge), encode(edge, { cde: true }), `${edge}`);
  for (const edge of [0n, 24n, 2n ** 64n - 1n, -(2n ** 64n)]) assert.equal(decodeCbor(encodeCbor(edge)), edge);
});

test("answers or refuses every COSE structure, whatever its headers hold", () => {
  fc.assert(
    fc.property(cbor, cbor, cbor, cbor, (header, unprotected, payload, signature) => {
      for (const parts of [[encodeCbor(header), unprotected, payload, signature], header]) {
        const bytes = Uint8Array.from([0xd2, ...encodeCbor(parts)]);
        parseReceipt(bytes);
        parseStatement(bytes);
        const parsed = parseSign1(bytes);
        if (parsed.ok) verifySign1(parsed.value, { key: publicKey, unprotectedAlgorithm: true });
      }
    }),
    { numRuns: 800 },
  );
});

test("answers or refuses every text", () => {
  const texts = fc.oneof(fc.string({ unit: "binary", maxLength: 40 }), fc.stringMatching(/^[—a-z0-9+/= .\n]{0,40}$/));
  fc.assert(
    fc.property(texts, (one) => {
      parseVkey(one);
      parseCheckpoint(one);
      for (const read of [parseTilePath, parseSignatureLine, decodeBase64, (word: string) => parseBundle(utf8(word))]) {
        try {
          read(one);
        } catch (error) {
          assert.ok(error instanceof TlogProblem, String(error));
        }
      }
    }),
    { numRuns: 500 },
  );
});

function codeOf(result: TlogResult<unknown>): TlogCode | "ok" {
  return result.ok ? "ok" : result.problem.code;
}

test("bounds what one file can make it do: 64 receipts, proofs and signatures, 1,000 keys, and not one more", () => {
  const times = (count: number, value: CborValue) => Array.from({ length: count }, () => value);
  const withReceipts = (count: number) =>
    formatSign1({
      ...statement.message,
      unprotected: new Map<CborValue, CborValue>([[394n, times(count, utf8("r"))]]),
    });
  assert.equal(codeOf(parseStatement(withReceipts(64))), "ok");
  assert.equal(codeOf(parseStatement(withReceipts(65))), "tlog/statement");
  const withProofs = (count: number, path = [b]) => {
    const vdp = new Map<CborValue, CborValue>([[-1n, times(count, encodeCbor([2n, 0n, path]))]]);
    return formatSign1({ ...receipt.message, unprotected: new Map<CborValue, CborValue>([[396n, vdp]]) });
  };
  assert.equal(codeOf(parseReceipt(withProofs(64))), "ok");
  assert.equal(codeOf(parseReceipt(withProofs(65))), "tlog/receipt");
  const hashes = (count: number) => Array.from({ length: count }, () => b);
  assert.equal(codeOf(parseReceipt(withProofs(1, hashes(64)))), "ok");
  assert.equal(codeOf(parseReceipt(withProofs(1, hashes(65)))), "tlog/receipt");
  const withSignatures = (count: number) =>
    encodeCbor([
      new Uint8Array(),
      new Map(),
      utf8("p"),
      times(count, [new Uint8Array(), new Map(), new Uint8Array(64)]),
    ]);
  assert.equal(codeOf(parseSign(withSignatures(64))), "ok");
  assert.equal(codeOf(parseSign(withSignatures(65))), "tlog/cose");
  const okp = new Map<CborValue, CborValue>([
    [1n, 1n],
    [-1n, 6n],
    [-2n, publicKey.bytes],
  ]);
  assert.equal(codeOf(parseCoseKeySet(encodeCbor(times(1_000, okp)))), "ok");
  assert.equal(codeOf(parseCoseKeySet(encodeCbor(times(1_001, okp)))), "tlog/key");
  const request = (length: number) => {
    const head = utf8("old 0\n\n");
    const bytes = new Uint8Array(length).fill(0x61);
    bytes.set(head);
    return bytes;
  };
  assert.equal(codeOf(parseAddCheckpoint(request(MAX_ADD_CHECKPOINT_BYTES))), "ok");
  assert.equal(codeOf(parseAddCheckpoint(request(MAX_ADD_CHECKPOINT_BYTES + 1))), "tlog/witness-request");
  assert.equal(codeOf(parseSignSubtree(request(MAX_ADD_CHECKPOINT_BYTES + 1))), "tlog/witness-request");
  assert.equal(codeOf(parseCheckpoint("")), "tlog/checkpoint");
});
