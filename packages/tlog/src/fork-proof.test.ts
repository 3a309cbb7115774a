import { strict as assert } from "node:assert";
import { test } from "node:test";
import { unwrap } from "@holdfast/kernel";
import { ed25519 } from "@noble/curves/ed25519.js";
import { concat, utf8 } from "./bytes.ts";
import { formatCheckpoint } from "./checkpoint.ts";
import { type ForkProof, formatForkProof, parseForkProof, verifyForkProof } from "./fork-proof.ts";
import { leafHash, treeHead } from "./merkle.ts";
import { formatNote } from "./note.ts";
import { signNote } from "./note-signing.ts";
import { proveInclusion, type TreeNode } from "./proof.ts";
import type { TlogCode, TlogResult } from "./refusal.ts";
import { noteKey, SIGNATURE_TYPE } from "./vkey.ts";

const secret = new Uint8Array(32).fill(1);
const key = noteKey("log.example", SIGNATURE_TYPE.ed25519, ed25519.getPublicKey(secret));
const honest = Array.from({ length: 20 }, (_, i) => leafHash(Uint8Array.of(i)));
const forked = honest.with(6, leafHash(utf8("another story")));

async function checkpoint(leaves: readonly Uint8Array[], size: number, origin = "log.example"): Promise<Uint8Array> {
  const text = formatCheckpoint({ origin, size: BigInt(size), root: treeHead(leaves.slice(0, size)), extensions: [] });
  return formatNote({ text, signatures: [await signNote(text, key, { sign: async (m) => ed25519.sign(m, secret) })] });
}

async function side(leaves: readonly Uint8Array[], index: number, size: number) {
  const read = async (nodes: readonly TreeNode[]) =>
    nodes.map((node) =>
      treeHead(leaves.slice(Number(node.index) * 2 ** node.height, (Number(node.index) + 1) * 2 ** node.height)),
    );
  return { leafHash: leaves[index]!, path: await proveInclusion(read, BigInt(index), BigInt(size)) };
}

function codeOf(result: TlogResult<unknown>): TlogCode | "ok" {
  return result.ok ? "ok" : result.problem.code;
}

test("proves a fork by two roots of one size", async () => {
  const proof: ForkProof = { checkpoints: [await checkpoint(honest, 9), await checkpoint(forked, 9)] };
  const again = unwrap(parseForkProof(formatForkProof(proof)));
  const fork = unwrap(verifyForkProof(again, [key]));
  assert.deepEqual([fork.origin, fork.index, fork.checkpoints[0].size], ["log.example", undefined, 9n]);
});

test("proves a fork between two sizes by one index that holds two leaves", async () => {
  const divergence = { index: 6n, sides: [await side(honest, 6, 9), await side(forked, 6, 17)] as const };
  const proof: ForkProof = { checkpoints: [await checkpoint(honest, 9), await checkpoint(forked, 17)], divergence };
  const again = unwrap(parseForkProof(formatForkProof(proof)));
  assert.equal(unwrap(verifyForkProof(again, [key])).index, 6n);
});

test("proves nothing against an honest log, whatever is claimed of it", async () => {
  const [nine, seventeen] = [await checkpoint(honest, 9), await checkpoint(honest, 17)];
  const six = [await side(honest, 6, 9), await side(honest, 6, 17)] as const;
  const lie = { ...six[1], leafHash: forked[6]! };
  const claims: ForkProof[] = [
    { checkpoints: [nine, nine] },
    { checkpoints: [nine, seventeen] },
    { checkpoints: [nine, seventeen], divergence: { index: 6n, sides: six } },
    { checkpoints: [nine, seventeen], divergence: { index: 6n, sides: [six[0], lie] } },
    { checkpoints: [nine, seventeen], divergence: { index: 6n, sides: [six[0], await side(honest, 7, 17)] } },
    { checkpoints: [nine, await checkpoint(forked, 9, "other.example")] },
  ];
  for (const [i, claim] of claims.entries()) assert.notEqual(codeOf(verifyForkProof(claim, [key])), "ok", `${i}`);
  const stranger = noteKey("log.example", SIGNATURE_TYPE.ed25519, ed25519.getPublicKey(new Uint8Array(32).fill(2)));
  const real: ForkProof = { checkpoints: [nine, await checkpoint(forked, 9)] };
  assert.equal(codeOf(verifyForkProof(real, [stranger])), "tlog/unsigned");
});

test("reads a fork proof in its one spelling only, and bounds it", async () => {
  const divergence = { index: 6n, sides: [await side(honest, 6, 9), await side(forked, 6, 17)] as const };
  const file = formatForkProof({
    checkpoints: [await checkpoint(honest, 9), await checkpoint(forked, 17)],
    divergence,
  });
  const text = new TextDecoder().decode(file);
  const bad = [
    "",
    "null",
    "[]",
    "{}",
    ` ${text}`,
    text.replace("@v1", "@v2"),
    text.replace('"index":"6"', '"index":6'),
    text.replace('"index":"6"', '"index":"06"'),
  ];
  bad.push(
    text.replace("{", '{"a":1,'),
    text.replace(/"path":\[[^\]]*\]/, '"path":"x"'),
    text.replace(/"checkpoints":\[[^\]]*\]/, '"checkpoints":[]'),
  );
  for (const one of bad) assert.equal(parseForkProof(utf8(one)).ok, false, one.slice(0, 40));
  assert.equal(parseForkProof(concat(new Uint8Array(3_000_000).fill(0x20), utf8("x"))).ok, false);
  assert.equal(parseForkProof(file).ok, true);
});
