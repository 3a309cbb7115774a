/**
 * The right edge of a tree: the roots of its full subtrees, one for each bit of its size, from the largest to the
 * smallest. RFC 9162 2.1.1 folded from the right. Invariant: 64 hashes at most hold everything that a root, and every
 * later root, needs. An Edge is a value; appending gives a new one.
 */
import { HASH_BYTES, EMPTY_ROOT, nodeHash } from "./merkle.ts";
import { refuse } from "./refusal.ts";
import { MAX_SIZE } from "./decimal.ts";

export interface Edge {
  readonly size: bigint;
  /** Roots of the full subtrees, one for each one bit of `size`, from the largest to the smallest. */
  readonly hashes: readonly Uint8Array[];
}

export const EMPTY_EDGE: Edge = { size: 0n, hashes: [] };

/** @throws TlogProblem `tlog/range` when `hashes` cannot be the edge of a tree of `size` entries */
export function edgeOf(size: bigint, hashes: readonly Uint8Array[]): Edge {
  if (size < 0n || size > MAX_SIZE) refuse("tlog/range", `size \`${size}\` is not a tree size`);
  if (hashes.length !== oneBits(size) || hashes.some((hash) => hash.length !== HASH_BYTES))
    refuse("tlog/range", `a tree of size \`${size}\` has an edge of \`${oneBits(size)}\` hashes of 32 bytes`);
  return { size, hashes };
}

/** The edge after one more leaf. Amortised one node hash. */
export function append(edge: Edge, leaf: Uint8Array): Edge {
  if (edge.size >= MAX_SIZE) refuse("tlog/range", "the tree is full at `2^63 - 1` entries");
  const hashes = [...edge.hashes];
  let hash = leaf;
  // every trailing one bit of the size is a full subtree that the new leaf completes
  for (let rest = edge.size; rest % 2n === 1n; rest /= 2n) {
    const left = hashes.pop()!; // one hash for each one bit, by the invariant
    hash = nodeHash(left, hash);
  }
  hashes.push(hash);
  return { size: edge.size + 1n, hashes };
}

export function edgeRoot(edge: Edge): Uint8Array {
  const last = edge.hashes.at(-1);
  if (last === undefined) return EMPTY_ROOT;
  return edge.hashes.slice(0, -1).reduceRight((right, left) => nodeHash(left, right), last);
}

function oneBits(size: bigint): number {
  return size.toString(2).replaceAll("0", "").length;
}
