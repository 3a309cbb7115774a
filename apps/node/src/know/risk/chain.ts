/**
 * The supply chain behind one product, as steps "a site makes an item". Invariant: every supplier of a group is a step of
 * the chain; step 0 is the product itself; a step without groups is an end that the registry knows nothing behind.
 */
import type { registry } from "@holdfast/api";

export interface Supply {
  /** Index of the supplying step. */
  readonly step: number;
  readonly sharePpm: number;
}

export interface InputGroup {
  readonly name: string;
  readonly essentiality: registry.Recipe["groups"][number]["essentiality"];
  readonly suppliers: readonly Supply[];
}

export interface Step {
  readonly site: string;
  readonly item: string;
  readonly groups: readonly InputGroup[];
}

export interface Chain {
  readonly steps: readonly Step[];
  /** True when the walk stopped at its limit, so that some ends are not ends. */
  readonly truncated: boolean;
}

/** A loop of steps, each supplied by the next, the last by the first. */
export type Loop = readonly number[];

export interface Order {
  /** Steps with every supplier before its consumer, once the cut supplies are left out; step 0 is last. */
  readonly order: readonly number[];
  readonly loops: readonly Loop[];
  /** "consumer supplier" of each supply that would close a loop, and is therefore walked no further. */
  readonly cut: ReadonlySet<string>;
}

/** Puts a chain in order, cutting the supply that closes each loop. Depth first from step 0 in the order given; O(supplies). */
export function orderChain(steps: readonly Step[]): Order {
  const state = new Uint8Array(steps.length); // 0 new, 1 on the path, 2 done
  const order: number[] = [];
  const loops: Loop[] = [];
  const cut = new Set<string>();
  const suppliers = steps.map((step) => [
    ...new Set(step.groups.flatMap((group) => group.suppliers.map((supply) => supply.step))),
  ]);
  const path: { step: number; next: number }[] = [{ step: 0, next: 0 }];
  state[0] = 1;
  while (path.length > 0) {
    const top = path[path.length - 1]!; // the path is not empty
    const supplier = suppliers[top.step]?.[top.next];
    top.next += 1;
    if (supplier === undefined) {
      state[top.step] = 2;
      order.push(top.step);
      path.pop();
    } else if (state[supplier] === 1) {
      cut.add(`${top.step} ${supplier}`);
      loops.push(path.slice(path.findIndex(({ step }) => step === supplier)).map(({ step }) => step));
    } else if (state[supplier] === 0) {
      state[supplier] = 1;
      path.push({ step: supplier, next: 0 });
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
