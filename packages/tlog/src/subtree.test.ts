import { strict as assert } from "node:assert";
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { skipUnless, vectors } from "../../../test/shared.ts";
import { equalBytes } from "./bytes.ts";
import { leafHash, nodeHash, treeHead } from "./merkle.ts";
import { proveConsistency, proveInclusion, proveSubtree, type TreeNode } from "./proof.ts";
import { isSubtree, verifyConsistency, verifyInclusion, verifySubtree, verifySubtreeInclusion } from "./subtree.ts";

const folder = vectors("tlog/merkle-proofs");

/** JSON whose integers are bigint, because a case has one past 2^63. */
function readCase(path: string): Record<string, unknown> {
  return JSON.parse(readFileSync(path, "utf8"), (_key, value: unknown, context?: { source?: string }) =>
    typeof value === "number" ? BigInt(context?.source ?? value) : value,
  ) as Record<string, unknown>;
}

function cases(kind: string): Record<string, unknown>[] {
  return globSync(join(folder!, kind, "**/*.json")).map(readCase);
}

const bytes = (value: unknown) => new Uint8Array(Buffer.from(String(value), "base64"));
const path = (value: unknown) => (Array.isArray(value) ? value.map(bytes) : []);
const size = (value: unknown) => value as bigint;

test("gives the published verdict on every inclusion proof (RFC 9162 2.1.3.2)", {
  skip: skipUnless("shared", folder),
}, () => {
  const all = cases("inclusion");
  assert.ok(all.length >= 98);
  for (const one of all) {
    const claim = {
      index: size(one["leafIdx"]),
      size: size(one["treeSize"]),
      leafHash: bytes(one["leafHash"]),
      root: bytes(one["root"]),
    };
    assert.equal(verifyInclusion(claim, path(one["proof"])), !one["wantErr"], String(one["desc"]));
  }
});

test("gives the published verdict on every consistency proof (RFC 9162 2.1.4.2)", {
  skip: skipUnless("shared", folder),
}, () => {
  const all = cases("consistency");
  assert.ok(all.length >= 98);
  for (const one of all) {
    const claim = {
      oldSize: size(one["size1"]),
      oldRoot: bytes(one["root1"]),
      newSize: size(one["size2"]),
      newRoot: bytes(one["root2"]),
    };
    assert.equal(verifyConsistency(claim, path(one["proof"])), !one["wantErr"], String(one["desc"]));
  }
});

test("gives the published verdict on every subtree inclusion proof", { skip: skipUnless("shared", folder) }, () => {
  const all = cases("subtreeinclusion");
  assert.ok(all.length >= 204);
  for (const one of all) {
    const range = { start: size(one["start"]), end: size(one["end"]) };
    const claim = { index: size(one["leafIdx"]), range, leafHash: bytes(one["leafHash"]), hash: bytes(one["root"]) };
    assert.equal(verifySubtreeInclusion(claim, path(one["proof"])), !one["wantErr"], String(one["desc"]));
  }
});

test("gives the published verdict on every subtree consistency proof", { skip: skipUnless("shared", folder) }, () => {
  const all = cases("subtreeconsistency");
  assert.ok(all.length >= 118);
  for (const one of all) {
    const range = { start: size(one["start"]), end: size(one["end"]) };
    const claim = { range, hash: bytes(one["root1"]), size: size(one["size"]), root: bytes(one["root2"]) };
    assert.equal(verifySubtree(claim, path(one["proof"])), !one["wantErr"], String(one["desc"]));
  }
});

const leaves = Array.from({ length: 70 }, (_, i) => leafHash(Uint8Array.of(i)));

/** Reads subtree heads out of `leaves` by the definition. */
const read = async (nodes: readonly TreeNode[]) =>
  nodes.map(({ height, index }) => {
    const from = Number(index) * 2 ** height;
    assert.ok(from + 2 ** height <= leaves.length);
    return treeHead(leaves.slice(from, from + 2 ** height));
  });

test("proves every leaf of every tree up to 70 leaves, and nothing else at that index", async () => {
  for (let n = 1; n <= leaves.length; n++) {
    const root = treeHead(leaves.slice(0, n));
    for (let i = 0; i < n; i++) {
      const proof = await proveInclusion(read, BigInt(i), BigInt(n));
      const claim = { index: BigInt(i), size: BigInt(n), leafHash: leaves[i]!, root };
      assert.ok(verifyInclusion(claim, proof));
      assert.ok(iterativeInclusion(i, n, leaves[i]!, proof, root), "the algorithm of RFC 9162 agrees");
      assert.ok(!verifyInclusion({ ...claim, leafHash: leaves[(i + 1) % 70]! }, proof));
      assert.ok(!verifyInclusion(claim, [...proof, root]));
      assert.ok(proof.length === 0 || !verifyInclusion(claim, proof.slice(1)));
    }
  }
});

test("proves consistency between every two of the first 40 trees, as RFC 9162 2.1.4.2 verifies it", async () => {
  for (let n = 1; n <= 40; n++) {
    for (let m = 1; m <= n; m++) {
      const [oldRoot, newRoot] = [treeHead(leaves.slice(0, m)), treeHead(leaves.slice(0, n))];
      const proof = await proveConsistency(read, BigInt(m), BigInt(n));
      const claim = { oldSize: BigInt(m), oldRoot, newSize: BigInt(n), newRoot };
      assert.ok(verifyConsistency(claim, proof), `${m} to ${n}`);
      assert.ok(iterativeConsistency(m, n, proof, oldRoot, newRoot), `${m} to ${n}`);
      assert.ok(m === n || !verifyConsistency({ ...claim, oldRoot: newRoot }, proof));
    }
  }
});

test("proves every subtree of every tree up to 33 leaves, and empty subtrees with an empty proof", async () => {
  for (let n = 1n; n <= 33n; n++) {
    for (let start = 0n; start <= n; start++) {
      for (let end = start; end <= n; end++) {
        if (!isSubtree({ start, end })) continue;
        const claim = {
          range: { start, end },
          hash: treeHead(leaves.slice(Number(start), Number(end))),
          size: n,
          root: treeHead(leaves.slice(0, Number(n))),
        };
        const proof = await proveSubtree(read, claim.range, n);
        assert.ok(verifySubtree(claim, proof), `[${start}, ${end}) of ${n}`);
      }
    }
  }
});

test("agrees with the algorithm of RFC 9162 on damaged proofs", async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.integer({ min: 1, max: 70 }),
      fc.nat(69),
      fc.nat(80),
      fc.nat(80),
      fc.constantFrom("none", "drop", "repeat", "swap"),
      async (n, at, claimedIndex, claimedSize, damage) => {
        const i = at % n;
        const proof = [...(await proveInclusion(read, BigInt(i), BigInt(n)))];
        if (damage === "drop") proof.splice(at % (proof.length + 1), 1);
        if (damage === "repeat") proof.push(...proof.slice(-1));
        if (damage === "swap") proof.reverse();
        const root = treeHead(leaves.slice(0, n));
        const claim = { index: BigInt(claimedIndex), size: BigInt(claimedSize), leafHash: leaves[i]!, root };
        assert.equal(
          verifyInclusion(claim, proof),
          iterativeInclusion(claimedIndex, claimedSize, leaves[i]!, proof, root),
        );
      },
    ),
  );
});

test("verifies past 2^31 and past 2^53", () => {
  const [leaf, filler] = [leafHash(Uint8Array.of(1)), leafHash(Uint8Array.of(2))];
  for (const n of [2n ** 31n + 5n, 2n ** 33n + 1n, 2n ** 53n + 3n, 2n ** 63n - 1n]) {
    for (const index of [0n, 2n ** 31n - 1n, n / 2n, n - 1n]) {
      const { root, proof } = chain(index, n, leaf, filler);
      assert.ok(verifyInclusion({ index, size: n, leafHash: leaf, root }, proof), `${index} of ${n}`);
      assert.ok(!verifyInclusion({ index: index === 0n ? 1n : index - 1n, size: n, leafHash: leaf, root }, proof));
    }
  }
});

test("refuses a consistency proof from size 0, because it says nothing (RFC 9162 2.1.4)", () => {
  const root = treeHead(leaves.slice(0, 2));
  assert.ok(!verifyConsistency({ oldSize: 0n, oldRoot: treeHead([]), newSize: 2n, newRoot: root }, []));
});

/** A path of `filler` hashes from `leaf` at `index`, and the root it leads to, folded as RFC 9162 2.1.3.2 folds it. */
function chain(index: bigint, n: bigint, leaf: Uint8Array, filler: Uint8Array) {
  let [fn, sn, root] = [index, n - 1n, leaf];
  const proof: Uint8Array[] = [];
  while (sn > 0n) {
    if (fn % 2n === 1n || fn === sn) {
      root = nodeHash(filler, root);
      proof.push(filler);
      while (fn % 2n === 0n && fn !== 0n) [fn, sn] = [fn / 2n, sn / 2n];
    } else {
      root = nodeHash(root, filler);
      proof.push(filler);
    }
    [fn, sn] = [fn / 2n, sn / 2n];
  }
  return { root, proof };
}

/** RFC 9162 2.1.3.2, step by step: the judge of the recursion. */
function iterativeInclusion(
  index: number,
  n: number,
  leaf: Uint8Array,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (index >= n) return false;
  let [fn, sn, r] = [index, n - 1, leaf];
  for (const p of proof) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      r = nodeHash(p, r);
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1];
    } else r = nodeHash(r, p);
    [fn, sn] = [fn >> 1, sn >> 1];
  }
  return sn === 0 && equalBytes(r, root);
}

/** RFC 9162 2.1.4.2, step by step. */
function iterativeConsistency(
  m: number,
  n: number,
  given: readonly Uint8Array[],
  oldRoot: Uint8Array,
  newRoot: Uint8Array,
): boolean {
  if (m === n) return given.length === 0 && equalBytes(oldRoot, newRoot);
  if (given.length === 0) return false;
  const proof = Math.log2(m) % 1 === 0 ? [oldRoot, ...given] : given;
  let [fn, sn] = [m - 1, n - 1];
  while (fn % 2 === 1) [fn, sn] = [fn >> 1, sn >> 1];
  let [fr, sr] = [proof[0]!, proof[0]!];
  for (const c of proof.slice(1)) {
    if (sn === 0) return false;
    if (fn % 2 === 1 || fn === sn) {
      [fr, sr] = [nodeHash(c, fr), nodeHash(c, sr)];
      while (fn % 2 === 0 && fn !== 0) [fn, sn] = [fn >> 1, sn >> 1];
    } else sr = nodeHash(sr, c);
    [fn, sn] = [fn >> 1, sn >> 1];
  }
  return equalBytes(fr, oldRoot) && equalBytes(sr, newRoot) && sn === 0;
}
