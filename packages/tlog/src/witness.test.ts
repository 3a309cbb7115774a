import { strict as assert } from "node:assert";
import { test } from "node:test";
import { unwrap } from "@holdfast/kernel";
import { ed25519 } from "@noble/curves/ed25519.js";
import fc from "fast-check";
import { equalBytes, utf8 } from "./bytes.ts";
import { formatCheckpoint } from "./checkpoint.ts";
import { EMPTY_ROOT, leafHash, treeHead } from "./merkle.ts";
import { formatNote } from "./note.ts";
import { signNote } from "./note-signing.ts";
import { proveConsistency, type TreeNode } from "./proof.ts";
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
