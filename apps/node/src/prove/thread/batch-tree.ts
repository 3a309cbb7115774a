/**
 * The RFC 9162 tree over the stored bodies of one batch of events: its root is what the ledger holds, and a path from a
 * body to the root proves that the batch had it. Hashing is native; the tree is the one of packages/tlog.
 */
import { hash } from "node:crypto";

type Digest = Buffer;

/** Root of the tree whose leaves are `bodies` in UTF-8, in order. @returns 32 bytes */
export function batchRoot(bodies: readonly string[]): Buffer {
  return rootOf(bodies.map(leafOf));
}

/** Siblings from the leaf at `index` up to the root, with the side each stands on. */
export function batchPath(
  bodies: readonly string[],
  index: number,
): { readonly hash: string; readonly side: "left" | "right" }[] {
  const path: { hash: string; side: "left" | "right" }[] = [];
  let leaves = bodies.map(leafOf);
  let at = index;
  while (leaves.length > 1) {
    const k = splitAt(leaves.length);
    const isLeft = at < k;
    const sibling = rootOf(isLeft ? leaves.slice(k) : leaves.slice(0, k));
    path.push({ hash: sibling.toString("hex"), side: isLeft ? "right" : "left" });
    leaves = isLeft ? leaves.slice(0, k) : leaves.slice(k);
    at = isLeft ? at : at - k;
  }
  return path.reverse();
}

/** SHA-256(0x00 || body), RFC 9162 2.1.1. */
export function leafOf(body: string): Digest {
  return hash("sha256", Buffer.from(`\u0000${body}`), "buffer");
}

function rootOf(leaves: readonly Digest[]): Digest {
  const [first] = leaves;
  if (first === undefined) return hash("sha256", "", "buffer");
  if (leaves.length === 1) return first;
  const k = splitAt(leaves.length);
  return hash("sha256", Buffer.concat([NODE, rootOf(leaves.slice(0, k)), rootOf(leaves.slice(k))]), "buffer");
}

const NODE = Buffer.of(1);

/** The largest power of two below `count`. */
function splitAt(count: number): number {
  return 2 ** Math.floor(Math.log2(count - 1));
}
