import { strict as assert } from "node:assert";
import { test } from "node:test";
import { unwrap } from "@holdfast/kernel";
import { ed25519 } from "@noble/curves/ed25519.js";
import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js";
import fc from "fast-check";
import { concat, equalBytes, utf8 } from "./bytes.ts";
import { formatCheckpoint } from "./checkpoint.ts";
import { EMPTY_ROOT, leafHash, treeHead } from "./merkle.ts";
import { subtreeMessage } from "./cosignature.ts";
import { formatNote, formatSignatureLine, openNote } from "./note.ts";
import { signNote } from "./note-signing.ts";
import { proveConsistency, proveSubtree, type TreeNode } from "./proof.ts";
import { formatSignSubtree, parseSignSubtree, signSubtree, verifySubtreeLine } from "./sign-subtree.ts";
import { isSubtree } from "./subtree.ts";
import { addCosignatures, MAX_REPLY_BYTES, parseSizeReply, witnessedCheckpointPath } from "./witness-reply.ts";
import {
  addCheckpoint,
  formatAddCheckpoint,
  MAX_ADD_CHECKPOINT_BYTES,
  parseAddCheckpoint,
  type WitnessAnswer,
  type WitnessRecord,
} from "./witness.ts";
import { type NoteKey, noteKey, SIGNATURE_TYPE } from "./vkey.ts";

const secret = new Uint8Array(32).fill(1);
const signer = { sign: async (message: Uint8Array) => ed25519.sign(message, secret) };
const logKey = noteKey("log.example", SIGNATURE_TYPE.ed25519, ed25519.getPublicKey(secret));
const rotated = noteKey("log.example", SIGNATURE_TYPE.ed25519, ed25519.getPublicKey(new Uint8Array(32).fill(2)));
const leaves = Array.from({ length: 40 }, (_, i) => leafHash(Uint8Array.of(i)));
const rootAt = (size: number) => treeHead(leaves.slice(0, size));
const recordAt = (size: number): WitnessRecord => ({ size: BigInt(size), root: rootAt(size) });
const read = async (nodes: readonly TreeNode[]) =>
  nodes.map(({ height, index }) =>
    treeHead(leaves.slice(Number(index) * 2 ** height, (Number(index) + 1) * 2 ** height)),
  );

async function checkpointOf(
  size: number,
  root: Uint8Array = rootAt(size),
  origin = "log.example",
): Promise<Uint8Array> {
  const text = formatCheckpoint({ origin, size: BigInt(size), root, extensions: [] });
  return formatNote({ text, signatures: [await signNote(text, logKey, signer)] });
}

async function request(
  oldSize: number,
  size: number,
  change: { root?: Uint8Array; path?: readonly Uint8Array[]; origin?: string } = {},
): Promise<Uint8Array> {
  const proof = oldSize > 0 && oldSize < size ? await proveConsistency(read, BigInt(oldSize), BigInt(size)) : [];
  return formatAddCheckpoint({
    oldSize: BigInt(oldSize),
    path: change.path ?? proof,
    checkpoint: await checkpointOf(size, change.root, change.origin),
  });
}

function ask(body: Uint8Array, recorded?: WitnessRecord, keys: readonly NoteKey[] = [rotated, logKey]): WitnessAnswer {
  return addCheckpoint(body, {
    logKeys: (origin) => (origin === "log.example" ? keys : undefined),
    recorded: () => recorded,
  });
}

test("cosigns a first checkpoint with an empty proof, and says what to record (tlog-witness)", async () => {
  const answer = ask(await request(0, 7));
  assert.equal(answer.status, 200);
  assert.deepEqual(answer.accepted?.record, recordAt(7));
  assert.equal(ask(await request(0, 0)).status, 200);
});

test("cosigns growth with a proof, and the same checkpoint again without one", async () => {
  assert.deepEqual(ask(await request(7, 21), recordAt(7)).accepted?.record, recordAt(21));
  assert.deepEqual(ask(await request(21, 21), recordAt(21)).accepted?.record, recordAt(21));
});

test("answers 400 to a request, a note or a checkpoint that is malformed", async () => {
  const note = await checkpointOf(3);
  const text = new TextDecoder().decode(note);
  const bodies = [
    "",
    "old 0\n",
    `old 00\n\n${text}`,
    `old -1\n\n${text}`,
    `new 0\n\n${text}`,
    `old 0\nAAAA\n\n${text}`,
    `old 0\n\n${text.slice(0, -1)}`,
    "old 0\n\no\nx\n\n— k AAAAAAA=\n",
  ];
  for (const body of bodies) assert.equal(ask(utf8(body)).status, 400, body.slice(0, 20));
  assert.equal(ask(Uint8Array.of(0xff)).status, 400);
});

test("answers 400 when the old size exceeds the checkpoint's", async () => {
  assert.equal(ask(await request(9, 8), recordAt(9)).status, 400);
});

test("answers 404 to an origin it does not know", async () => {
  assert.equal(ask(await request(0, 3, { origin: "other.example" })).status, 404);
});

test("answers 403 without a trusted signature, and when a trusted key's line fails", async () => {
  assert.equal(ask(await request(0, 3), undefined, [rotated]).status, 403);
  const text = formatCheckpoint({ origin: "log.example", size: 3n, root: rootAt(3), extensions: [] });
  const good = await signNote(text, logKey, signer);
  const bad = { ...good, signature: good.signature.with(9, good.signature[9]! ^ 1) };
  const body = formatAddCheckpoint({
    oldSize: 0n,
    path: [],
    checkpoint: formatNote({ text, signatures: [good, bad] }),
  });
  assert.equal(ask(body).status, 403);
});

test("answers 409 with the recorded size when the old size is another", async () => {
  const answer = ask(await request(0, 30), recordAt(21));
  assert.deepEqual([answer.status, answer.body, answer.contentType], [409, "21\n", "text/x.tlog.size"]);
  assert.equal(ask(await request(5, 30)).body, "0\n");
});

test("answers 422 to a wrong root of size 0, a proof from size 0, a bad proof and a proof between equal sizes", async () => {
  assert.equal(ask(await request(0, 0, { root: rootAt(1) })).status, 422);
  assert.equal(ask(await request(0, 3, { path: [rootAt(1)] })).status, 422);
  assert.equal(ask(await request(7, 21, { path: [] }), recordAt(7)).status, 422);
  assert.equal(ask(await request(7, 21, { root: rootAt(20) }), recordAt(7)).status, 422);
  assert.equal(ask(await request(7, 7, { path: [rootAt(1)] }), recordAt(7)).status, 422);
});

test("answers 422 to a fork at the recorded size, and hands out the evidence", async () => {
  const answer = ask(await request(7, 7, { root: rootAt(8) }), recordAt(7));
  assert.equal(answer.status, 422);
  assert.deepEqual(answer.fork?.recorded, recordAt(7));
  assert.deepEqual(answer.fork?.checkpoint.root, rootAt(8));
});

test("never lets its record shrink or fork, whatever it is asked (tlog-witness)", async () => {
  const sizes = fc.array(fc.tuple(fc.nat(40), fc.nat(40), fc.boolean()), { maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(sizes, async (asked) => {
      let recorded: WitnessRecord | undefined;
      for (const [oldSize, size, forged] of asked) {
        const answer = ask(await request(oldSize, size, forged ? { root: leaves[size % 40]! } : {}), recorded);
        assert.equal(answer.accepted !== undefined, answer.status === 200);
        if (answer.accepted === undefined) continue;
        const next = answer.accepted.record;
        assert.ok(next.size >= (recorded?.size ?? 0n));
        if (recorded !== undefined && recorded.size === next.size) assert.ok(equalBytes(recorded.root, next.root));
        recorded = next;
      }
    }),
    { numRuns: 60 },
  );
});

test("reads back every request it writes, takes 63 proof lines and refuses 64", async () => {
  const checkpoint = await checkpointOf(3);
  for (const lines of [0, 1, 63]) {
    const body = formatAddCheckpoint({
      oldSize: 2n,
      path: Array.from({ length: lines }, () => EMPTY_ROOT),
      checkpoint,
    });
    assert.deepEqual(formatAddCheckpoint(unwrap(parseAddCheckpoint(body))), body);
  }
  const long = formatAddCheckpoint({ oldSize: 2n, path: Array.from({ length: 64 }, () => EMPTY_ROOT), checkpoint });
  assert.equal(parseAddCheckpoint(long).ok, false);
  assert.equal(parseAddCheckpoint(new Uint8Array(MAX_ADD_CHECKPOINT_BYTES + 1)).ok, false);
});

const witnessSecret = new Uint8Array(32).fill(9);
const witnessSigner = { sign: async (message: Uint8Array) => ed25519.sign(message, witnessSecret) };
const witnessKey = noteKey("w.example", SIGNATURE_TYPE.cosignatureV1, ed25519.getPublicKey(witnessSecret));

async function cosign(size: number, timestamp: bigint): Promise<string> {
  const text = formatCheckpoint({ origin: "log.example", size: BigInt(size), root: rootAt(size), extensions: [] });
  return formatSignatureLine(await signNote(text, witnessKey, witnessSigner, timestamp));
}

test("adds a witness's cosignature to the checkpoint, a newer one in place of an older, strangers' not at all", async () => {
  const stranger = "— other.example AAAAAAA=\n";
  const first = unwrap(addCosignatures(await checkpointOf(7), utf8(stranger + (await cosign(7, 5n))), [witnessKey]));
  assert.deepEqual(first.cosigned, [{ key: witnessKey, timestamp: 5n }]);
  const second = unwrap(addCosignatures(first.checkpoint, utf8(await cosign(7, 8n)), [witnessKey]));
  const note = unwrap(openNote(second.checkpoint, [logKey, witnessKey]));
  assert.deepEqual(note.verified, [{ key: logKey }, { key: witnessKey, timestamp: 8n }]);
});

test("refuses a reply of no known witness, for another tree, without a time, or malformed", async () => {
  const checkpoint = await checkpointOf(7);
  const codeOf = (body: string, keys: readonly NoteKey[] = [witnessKey]) => {
    const result = addCosignatures(checkpoint, utf8(body), keys);
    return result.ok ? "ok" : result.problem.code;
  };
  assert.equal(codeOf(await cosign(7, 5n), [logKey]), "tlog/unsigned");
  assert.equal(codeOf(await cosign(8, 5n)), "tlog/signature");
  assert.equal(codeOf(await cosign(7, 0n)), "tlog/signature");
  assert.equal(codeOf(""), "tlog/note");
  assert.equal(codeOf((await cosign(7, 5n)).trimEnd()), "tlog/note");
  assert.equal(codeOf((await cosign(7, 5n)).repeat(129)), "tlog/note");
  assert.equal(addCosignatures(checkpoint, new Uint8Array(MAX_REPLY_BYTES + 1), [witnessKey]).ok, false);
  assert.equal(codeOf((await cosign(7, 5n)).repeat(128)), "ok");
});

test("reads the size of a 409 and knows where a witness publishes (tlog-witness)", () => {
  assert.equal(unwrap(parseSizeReply(utf8("20852014\n"))), 20_852_014n);
  for (const body of ["", "7", "07\n", "-1\n", "7\n\n", "7 \n"])
    assert.equal(parseSizeReply(utf8(body)).ok, false, body);
  const hash = "1ab7196fb58506b3622043435e3b65db68f2e1326829d39cd224aa9b3ef20f44";
  assert.equal(witnessedCheckpointPath("log.example/site-1"), `${hash}/checkpoint`);
});

const { publicKey, secretKey } = ml_dsa44.keygen(new Uint8Array(32).fill(4));
const subtreeKey = noteKey("mirror.example", SIGNATURE_TYPE.mlDsa44, publicKey);
const subtreeSigner = { sign: async (message: Uint8Array) => ml_dsa44.sign(message, secretKey) };

async function subtreeRequest(
  start: number,
  end: number,
  change: { hash?: Uint8Array; origin?: string; cosigned?: boolean } = {},
): Promise<Uint8Array> {
  const text = formatCheckpoint({
    origin: change.origin ?? "log.example",
    size: 23n,
    root: rootAt(23),
    extensions: [],
  });
  const signatures = [await signNote(text, logKey, signer)];
  if (change.cosigned !== false) signatures.push(await signNote(text, subtreeKey, subtreeSigner, 7n));
  const range = { start: BigInt(start), end: BigInt(end) };
  const path = isSubtree(range) && start < end && end <= 23 ? await proveSubtree(read, range, 23n) : [];
  const hash = change.hash ?? treeHead(leaves.slice(start, end));
  return formatSignSubtree({ range, hash, path, checkpoint: formatNote({ text, signatures }) });
}

const askSubtree = (body: Uint8Array) =>
  signSubtree(body, (origin) => (origin === "log.example" ? [subtreeKey] : undefined));

test("cosigns a subtree of a checkpoint it cosigned, with time 0 (tlog-witness sign-subtree)", async () => {
  const body = await subtreeRequest(16, 22);
  assert.deepEqual(formatSignSubtree(unwrap(parseSignSubtree(body))), body);
  const answer = askSubtree(body);
  assert.equal(answer.status, 200, answer.body);
  const subtree = answer.accepted!;
  const signature = concat(
    new Uint8Array(8),
    await subtreeSigner.sign(subtreeMessage({ ...subtree, cosigner: subtreeKey.name, timestamp: 0n })),
  );
  const line = { name: subtreeKey.name, keyId: subtreeKey.keyId, signature };
  assert.ok(verifySubtreeLine(line, subtreeKey, subtree));
  assert.ok(!verifySubtreeLine(line, subtreeKey, { ...subtree, range: { start: 16n, end: 21n } }));
  assert.ok(!verifySubtreeLine(line, subtreeKey, { ...subtree, range: { start: 15n, end: 22n } }), "no subtree at all");
  assert.ok(!verifySubtreeLine({ ...line, signature: signature.with(7, 1) }, subtreeKey, subtree), "a time");
  assert.ok(!verifySubtreeLine(line, witnessKey, subtree), "Ed25519 signs no subtree");
});

test("answers 400, 404, 403 and 422 to the subtrees that it must not cosign (tlog-witness sign-subtree)", async () => {
  assert.equal(askSubtree(utf8("subtree 0 8\n")).status, 400);
  assert.equal(askSubtree(utf8(`subtree 0\n${"A".repeat(43)}=\n\nx`)).status, 400);
  assert.equal(askSubtree(await subtreeRequest(16, 22, { origin: "other.example" })).status, 404);
  assert.equal(askSubtree(await subtreeRequest(16, 22, { cosigned: false })).status, 403);
  assert.equal(askSubtree(await subtreeRequest(16, 22, { hash: rootAt(1) })).status, 422);
  assert.equal(askSubtree(await subtreeRequest(15, 22)).status, 422);
  assert.equal(askSubtree(await subtreeRequest(16, 16, { hash: EMPTY_ROOT })).status, 422);
  assert.equal(askSubtree(await subtreeRequest(16, 32)).status, 422);
});
