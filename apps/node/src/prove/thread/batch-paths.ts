/**
 * Paths in the tree of one batch (see batch-tree), many at once: a subtree's root is computed once, so all paths of a batch
 * cost little more than its root. Equal to `batchPath`, which is the plain one.
 */
import { hash } from "node:crypto";
import { leafOf } from "./batch-tree.ts";

const NODE = Buffer.of(1);

/** Siblings from a leaf up to the root's child, with the side each stands on. */
export type BatchPath = readonly { readonly hash: string; readonly side: "left" | "right" }[];

/** The tree of one batch. */
export class BatchPaths {
  readonly #leaves: readonly Buffer[];
  readonly #roots = new Map<string, Buffer>();

  constructor(bodies: readonly string[]) {
    this.#leaves = bodies.map(leafOf);
  }

  /** The path of the body at `index`. */
  path(index: number): BatchPath {
    const path: { hash: string; side: "left" | "right" }[] = [];
    let [from, to] = [0, this.#leaves.length];
    while (to - from > 1) {
      const middle = from + splitOf(to - from);
      const isLeft = index < middle;
      const sibling = isLeft ? this.#root(middle, to) : this.#root(from, middle);
      path.push({ hash: sibling.toString("hex"), side: isLeft ? "right" : "left" });
      [from, to] = isLeft ? [from, middle] : [middle, to];
    }
    return path.reverse();
  }

  /** Root of the leaves from `from` to before `to`. */
  #root(from: number, to: number): Buffer {
    const [leaf] = to - from === 1 ? this.#leaves.slice(from, to) : [];
    if (leaf) return leaf;
    const key = `${from} ${to}`;
    const known = this.#roots.get(key);
    if (known) return known;
    const middle = from + splitOf(to - from);
    const root = hash("sha256", Buffer.concat([NODE, this.#root(from, middle), this.#root(middle, to)]), "buffer");
    this.#roots.set(key, root);
    return root;
  }
}

/** The largest power of two below `count`. */
function splitOf(count: number): number {
  return 2 ** Math.floor(Math.log2(count - 1));
}
