/** Order and depth of a supply chain, for what is worked out along it. Loops are cut once, and told. */
import type { Step } from "../registry/index.ts";

/** A loop of steps, each supplied by the next, the last by the first. */
export type Loop = readonly number[];

export interface Order {
  /** Steps with every supplier before its consumer, once the cut supplies are left out; step 0 is last. */
  readonly order: readonly number[];
  readonly loops: readonly Loop[];
  /** "consumer supplier" of each supply that would close a loop, and is therefore walked no further. */
  readonly cut: ReadonlySet<string>;
}

export const LOOPS_TOLD_MAX = 100; // recipes can't loop; only merges of sites or items make loops, and few

/** Puts a chain in order, cutting the supply that closes each loop. Depth first from step 0 in the order given; O(supplies). */
export function orderChain(steps: readonly Step[]): Order {
  const place = new Int32Array(steps.length).fill(-1); // on the path; -2 when done
  const order: number[] = [];
  const loops: Loop[] = [];
  const cut = new Set<string>();
  const path = [{ step: 0, group: 0, supplier: 0 }];
  place[0] = 0;
  while (path.length > 0) {
    const top = path[path.length - 1]!; // the path is not empty
    const group = steps[top.step]?.groups[top.group];
    const supplier = group?.suppliers[top.supplier]?.step;
    if (!group) {
      place[top.step] = -2;
      order.push(top.step);
      path.pop();
    } else if (supplier === undefined) {
      top.group += 1;
      top.supplier = 0;
    } else {
      top.supplier += 1;
      if (place[supplier] === -1) {
        place[supplier] = path.length;
        path.push({ step: supplier, group: 0, supplier: 0 });
      } else if (place[supplier] !== -2 && !cut.has(`${top.step} ${supplier}`)) {
        cut.add(`${top.step} ${supplier}`);
        if (loops.length < LOOPS_TOLD_MAX) loops.push(path.slice(place[supplier]).map(({ step }) => step));
      }
    }
  }
  return { order, loops, cut };
}

/** Steps from the product, the shortest way; by step. */
export function depths(steps: readonly Step[]): Int32Array {
  const found = new Int32Array(steps.length).fill(-1);
  found[0] = 0;
  const queue = [0];
  for (let at = 0; at < queue.length; at++) {
    const step = queue[at]!; // at is within the queue
    for (const group of steps[step]?.groups ?? [])
      for (const { step: supplier } of group.suppliers)
        if (found[supplier] === -1) {
          found[supplier] = found[step]! + 1; // a queued step has a depth
          queue.push(supplier);
        }
  }
  return found;
}
