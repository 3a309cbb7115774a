/**
 * Makes proofs, RFC 9162 2.1.3.1 and 2.1.4.1 and draft-ietf-plants-merkle-tree-certs section 4: works out which subtree
 * heads a proof needs, and asks a reader for all of them at once. O(log n) heads, each from one tile.
 */
import { MAX_SIZE } from "./decimal.ts";
import { EMPTY_ROOT, nodeHash } from "./merkle.ts";
import { refuse } from "./refusal.ts";
import { consistencyRanges, inclusionRanges, isSubtree, type Range, subtreeRanges } from "./subtree.ts";

/** The full subtree over the leaves [index * 2^height, (index + 1) * 2^height). */
export interface TreeNode {
  readonly height: number;
  readonly index: bigint;
}

/** The heads of `nodes`, in their order. Rejects with a Problem when one cannot be read. */
export type NodeReader = (nodes: readonly TreeNode[]) => Promise<readonly Uint8Array[]>;

/** The inclusion path of the leaf at `index` in the tree of `size`. @throws TlogProblem `tlog/range` */
export async function proveInclusion(read: NodeReader, index: bigint, size: bigint): Promise<Uint8Array[]> {
  if (index < 0n || index >= size || size > MAX_SIZE)
    refuse("tlog/range", `index \`${index}\` is not in a tree of size \`${size}\``);
  return heads(read, inclusionRanges(index, size));
}

/** The path from the tree of `oldSize` to that of `newSize`; empty when they are equal. @throws TlogProblem `tlog/range` */
export async function proveConsistency(read: NodeReader, oldSize: bigint, newSize: bigint): Promise<Uint8Array[]> {
  if (oldSize <= 0n || oldSize > newSize || newSize > MAX_SIZE)
    refuse("tlog/range", `size \`${oldSize}\` has no consistency proof to size \`${newSize}\``);
  return heads(read, consistencyRanges(oldSize, newSize));
}

/** The path from the subtree `range` to the tree of `size`; empty for an empty subtree. @throws TlogProblem `tlog/range` */
export async function proveSubtree(read: NodeReader, range: Range, size: bigint): Promise<Uint8Array[]> {
  if (!isSubtree(range) || range.end > size)
    refuse("tlog/range", `[\`${range.start}\`, \`${range.end}\`) is not a subtree of a tree of size \`${size}\``);
  return heads(read, range.start === range.end ? [] : subtreeRanges(range, size));
}

/** The head of the tree of `size`. */
export async function treeRoot(read: NodeReader, size: bigint): Promise<Uint8Array> {
  if (size === 0n) return EMPTY_ROOT;
  const [root] = await heads(read, [{ start: 0n, end: size }]);
  return root ?? refuse("tlog/range", `size \`${size}\` is not a tree size`);
}

async function heads(read: NodeReader, ranges: readonly Range[]): Promise<Uint8Array[]> {
  const nodes = ranges.map(fullSubtrees);
  const hashes = await read(nodes.flat());
  let next = 0;
  return nodes.map(({ length }) => {
    const parts = hashes.slice(next, next + length);
    next += length;
    return parts.reduceRight((right, left) => nodeHash(left, right));
  });
}

/** `range` as full subtrees from left to right, largest first: the one bits of its width. Its start is aligned. */
function fullSubtrees({ start, end }: Range): TreeNode[] {
  const nodes: TreeNode[] = [];
  for (let at = start; at < end; ) {
    const height = (end - at).toString(2).length - 1;
    nodes.push({ height, index: at >> BigInt(height) });
    at += 1n << BigInt(height);
  }
  return nodes;
}
