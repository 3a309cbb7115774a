/**
 * Proofs over a Merkle tree and their verification. RFC 9162 2.1.3 (inclusion), 2.1.4 (consistency), and
 * draft-ietf-plants-merkle-tree-certs section 4 (subtrees). One recursion carries all of them: an inclusion proof is
 * the subtree proof of [i, i + 1), a consistency proof that of [0, m). Invariant: a proof has exactly one shape, given
 * the subtree and the size, so a longer or a shorter one is refused. Refuses a consistency proof from size 0: it says
 * nothing (a witness handles `old 0` itself).
 */
import { equalBytes } from "./bytes.ts";
import { MAX_SIZE } from "./decimal.ts";
import { EMPTY_ROOT, HASH_BYTES, nodeHash } from "./merkle.ts";

/** The leaves [start, end). */
export interface Range {
  readonly start: bigint;
  readonly end: bigint;
}

export interface InclusionClaim {
  readonly index: bigint;
  readonly size: bigint;
  readonly leafHash: Uint8Array;
  readonly root: Uint8Array;
}

export interface ConsistencyClaim {
  readonly oldSize: bigint;
  readonly oldRoot: Uint8Array;
  readonly newSize: bigint;
  readonly newRoot: Uint8Array;
}

/** Whether [start, end) may be proven as a subtree: start is a multiple of the smallest power of two not below its width. */
export function isSubtree({ start, end }: Range): boolean {
  if (start < 0n || end < start || end > MAX_SIZE) return false;
  return start === end || start % powerOfTwoAtLeast(end - start) === 0n;
}

/** The root that `path` leads to from the leaf at `index`, or undefined when the path has not the proof's shape. */
export function inclusionRoot(
  index: bigint,
  size: bigint,
  leafHash: Uint8Array,
  path: readonly Uint8Array[],
): Uint8Array | undefined {
  if (index < 0n || index >= size || size > MAX_SIZE || leafHash.length !== HASH_BYTES) return undefined;
  return walk({ start: index, end: index + 1n }, size, leafHash, path)?.root;
}

/** The root of the tree of `newSize` that `path` leads to, or undefined when it does not begin at `oldRoot`. */
export function consistencyRoot(
  oldSize: bigint,
  oldRoot: Uint8Array,
  newSize: bigint,
  path: readonly Uint8Array[],
): Uint8Array | undefined {
  if (oldSize <= 0n || oldSize > newSize || newSize > MAX_SIZE) return undefined;
  const found = walk({ start: 0n, end: oldSize }, newSize, oldRoot, path);
  return found !== undefined && equalBytes(found.subtree, oldRoot) ? found.root : undefined;
}

/** Whether `path` leads from the leaf at `index` to `root`, RFC 9162 2.1.3.2. */
export function verifyInclusion({ index, size, leafHash, root }: InclusionClaim, path: readonly Uint8Array[]): boolean {
  const found = inclusionRoot(index, size, leafHash, path);
  return found !== undefined && equalBytes(found, root);
}

/** Whether the tree of `newSize` extends the tree of `oldSize`, RFC 9162 2.1.4.2. False from size 0. */
export function verifyConsistency(claim: ConsistencyClaim, path: readonly Uint8Array[]): boolean {
  const found = consistencyRoot(claim.oldSize, claim.oldRoot, claim.newSize, path);
  return found !== undefined && equalBytes(found, claim.newRoot);
}

/** Whether `hash` is the head of the subtree `range` of the tree of `size` entries with `root`. */
export function verifySubtree(
  claim: { readonly range: Range; readonly hash: Uint8Array; readonly size: bigint; readonly root: Uint8Array },
  path: readonly Uint8Array[],
): boolean {
  const { range, hash, size, root } = claim;
  if (!isSubtree(range) || range.end > size || size > MAX_SIZE) return false;
  // an empty subtree belongs to every tree that reaches it, and nothing needs to prove that
  if (range.start === range.end) return path.length === 0 && equalBytes(hash, EMPTY_ROOT);
  const found = walk(range, size, hash, path);
  return found !== undefined && equalBytes(found.subtree, hash) && equalBytes(found.root, root);
}

/** Whether `path` leads from the leaf at `index` to the head `hash` of the subtree `range`. */
export function verifySubtreeInclusion(
  claim: { readonly index: bigint; readonly range: Range; readonly leafHash: Uint8Array; readonly hash: Uint8Array },
  path: readonly Uint8Array[],
): boolean {
  const { index, range, leafHash: leaf, hash } = claim;
  if (!isSubtree(range) || index < range.start || index >= range.end) return false;
  return verifyInclusion(
    { index: index - range.start, size: range.end - range.start, leafHash: leaf, root: hash },
    path,
  );
}

/** The ranges whose heads prove the leaf at `index`, from its sibling up to the root's child, RFC 9162 2.1.3.1. */
export function inclusionRanges(index: bigint, size: bigint): Range[] {
  return subtreeRanges({ start: index, end: index + 1n }, size);
}

/** The ranges whose heads prove that a tree of `newSize` extends one of `oldSize`, RFC 9162 2.1.4.1. */
export function consistencyRanges(oldSize: bigint, newSize: bigint): Range[] {
  return subtreeRanges({ start: 0n, end: oldSize }, newSize);
}

/** The ranges whose heads prove the subtree `range`, in proof order. `range` is a non-empty subtree within `size`. */
export function subtreeRanges(range: Range, size: bigint): Range[] {
  const ranges: Range[] = [];
  const collect = ({ start, end }: Range, tree: Range, known: boolean): void => {
    if (start === tree.start && end === tree.end) {
      if (!known) ranges.push(tree);
      return;
    }
    const middle = tree.start + largestPowerOfTwoBelow(tree.end - tree.start);
    const left = { start: tree.start, end: middle };
    const right = { start: middle, end: tree.end };
    if (end <= middle) {
      collect({ start, end }, left, known);
      ranges.push(right);
    } else {
      // a subtree that straddles the middle begins with the whole left half, so only its rest is followed
      if (start >= middle) collect({ start, end }, right, known);
      else collect({ start: middle, end }, right, false);
      ranges.push(left);
    }
  };
  collect(range, { start: 0n, end: size }, true);
  return ranges;
}

/**
 * Follows `path` from the subtree with `hash` to the root and gives both heads as the path implies them, or undefined
 * when the path is too long, too short, or holds something that is not a hash. At most 63 steps deep.
 */
function walk(
  range: Range,
  size: bigint,
  hash: Uint8Array,
  path: readonly Uint8Array[],
): { subtree: Uint8Array; root: Uint8Array } | undefined {
  if (path.length > 64 || path.some((step) => step.length !== HASH_BYTES)) return undefined;
  let left = path.length;
  const step = (
    { start, end }: Range,
    n: bigint,
    known: boolean,
  ): { subtree: Uint8Array; root: Uint8Array } | undefined => {
    if (start === 0n && end === n) {
      if (known) return { subtree: hash, root: hash };
      const head = path[--left];
      return head && { subtree: head, root: head };
    }
    const sibling = path[--left];
    if (sibling === undefined) return undefined;
    const k = largestPowerOfTwoBelow(n);
    if (end <= k) {
      const below = step({ start, end }, k, known);
      return below && { subtree: below.subtree, root: nodeHash(below.root, sibling) };
    }
    if (start >= k) {
      const below = step({ start: start - k, end: end - k }, n - k, known);
      return below && { subtree: below.subtree, root: nodeHash(sibling, below.root) };
    }
    const below = step({ start: 0n, end: end - k }, n - k, false);
    return below && { subtree: nodeHash(sibling, below.subtree), root: nodeHash(sibling, below.root) };
  };
  const found = step(range, size, true);
  return left === 0 ? found : undefined;
}

/** The largest power of two less than `n`, for n > 1: the k of RFC 9162 2.1.1. */
function largestPowerOfTwoBelow(n: bigint): bigint {
  return 1n << BigInt((n - 1n).toString(2).length - 1);
}

function powerOfTwoAtLeast(n: bigint): bigint {
  return n <= 1n ? 1n : 1n << BigInt((n - 1n).toString(2).length);
}
