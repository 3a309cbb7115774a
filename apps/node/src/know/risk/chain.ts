/**
 * Order and depth of a supply chain, for what is worked out along it. Loops, which only merges make, are strongly connected
 * components (Tarjan 1972): found, told, and kept together in the order.
 */
import type { SupplyChain } from "../registry/index.ts";

/** A loop of steps, each supplied by the next, the last by the first. */
export type Loop = readonly number[];

export interface Order {
  /** Step of each rank. A supplier's rank is below its consumer's, but for supplies within a component and those cut; step 0 is last. */
  readonly order: Int32Array;
  readonly rankOf: Int32Array;
  /** Ranks of component c are componentStart[c] to componentStart[c + 1]: one step, or all steps of loops that touch. */
  readonly componentStart: Int32Array;
  /** 1 for a component with a loop. */
  readonly isLoop: Uint8Array;
  readonly loops: readonly Loop[];
  /** 1 for each supply that closes a loop on a walk from the product, by supply. */
  readonly cut: Uint8Array;
}

export const LOOPS_TOLD_MAX = 100; // recipes can't loop; only merges of sites or items make loops, and few

const NEW = -1;
const DONE = -2;

/** Puts a chain in order. Depth first from step 0 in the order given, without recursion; O(supplies). */
export function orderChain(chain: SupplyChain): Order {
  const { groupStart, supplyStart, supplyStep } = chain;
  const count = chain.stepSite.length;
  const cut = new Uint8Array(supplyStep.length);
  const loops: Loop[] = [];
  const place = new Int32Array(count).fill(NEW); // on the path; DONE when left
  const path: number[] = [];
  const cursor = new Int32Array(count); // next supply of a step on the path
  const found = new Int32Array(count); // order in which steps were met
  const low = new Int32Array(count); // the first met step that a step leads back to
  const left = new Int32Array(count); // order in which steps were left
  const pending: number[] = []; // left, and their component is not yet known
  const component: number[] = [];
  const order = new Int32Array(count);
  const [componentStart, isLoop] = [[0], [] as number[]];
  let [met, gone, rank] = [0, 0, 0];
  const enter = (step: number) => {
    place[step] = path.length;
    path.push(step);
    pending.push(step);
    cursor[step] = supplyStart[groupStart[step]!]!; // every step, group and supply below has its place in the columns
    found[step] = low[step] = met++;
  };
  const inComponent = new Uint8Array(count); // 1 once a step's component is known
  const looped = new Uint8Array(count); // 1 for a step that closes a loop
  const leave = (step: number) => {
    place[step] = DONE;
    left[step] = gone++;
    path.pop();
    const consumer = path.at(-1);
    if (consumer !== undefined && low[step]! < low[consumer]!) low[consumer] = low[step]!;
    if (low[step] !== found[step]) return;
    component.length = 0;
    for (let member = -1; member !== step; ) {
      member = pending.pop()!; // the step itself is pending
      inComponent[member] = 1;
      component.push(member);
    }
    component.sort((a, b) => left[a]! - left[b]!);
    for (const member of component) order[rank++] = member;
    componentStart.push(rank);
    isLoop.push(component.some((member) => looped[member] === 1) ? 1 : 0);
  };
  enter(0);
  while (path.length > 0) {
    const step = path[path.length - 1]!; // the path is not empty
    const supply = cursor[step]!;
    if (supply === supplyStart[groupStart[step + 1]!]) {
      leave(step);
      continue;
    }
    cursor[step] = supply + 1;
    const supplier = supplyStep[supply]!;
    if (place[supplier] === NEW) enter(supplier);
    else if (inComponent[supplier] === 0) {
      if (found[supplier]! < low[step]!) low[step] = found[supplier]!;
      if (place[supplier]! < 0) continue;
      cut[supply] = 1;
      looped[step] = 1;
      if (loops.length < LOOPS_TOLD_MAX && !isCutBefore(chain, cut, step, supply))
        loops.push(path.slice(place[supplier]));
    }
  }
  const rankOf = new Int32Array(count);
  for (let at = 0; at < count; at++) rankOf[order[at]!] = at;
  return {
    order,
    rankOf,
    componentStart: Int32Array.from(componentStart),
    isLoop: Uint8Array.from(isLoop),
    loops,
    cut,
  };
}

/** Whether an earlier supply of `step` by the same supplier was cut, so that its loop is told. */
function isCutBefore(chain: SupplyChain, cut: Uint8Array, step: number, supply: number): boolean {
  for (let i = chain.supplyStart[chain.groupStart[step]!]!; i < supply; i++)
    if (cut[i] === 1 && chain.supplyStep[i] === chain.supplyStep[supply]) return true;
  return false;
}

/** Steps from the product, the shortest way; by step. */
export function depths({ stepSite, groupStart, supplyStart, supplyStep }: SupplyChain): Int32Array {
  const found = new Int32Array(stepSite.length).fill(-1);
  const queue = new Int32Array(stepSite.length);
  let queued = 1; // step 0
  found[0] = 0;
  for (let at = 0; at < queued; at++) {
    const step = queue[at]!; // at is within the queue
    const end = supplyStart[groupStart[step + 1]!]!; // every step has its groups, every group its supplies
    for (let supply = supplyStart[groupStart[step]!]!; supply < end; supply++) {
      const supplier = supplyStep[supply]!; // within the column
      if (found[supplier] !== -1) continue;
      found[supplier] = found[step]! + 1; // a queued step has a depth
      queue[queued++] = supplier;
    }
  }
  return found;
}

/**
 * How much of each step's output one unit of the product draws on, following shares only: 1 for the product, then
 * flow(supplier) += flow(consumer) · share over all groups. The weights of "as this chain buys it". A loop is gone round
 * once: what it returns to itself is no purchase of the chain. By step.
 */
export function flowFromProduct(chain: SupplyChain, { order, cut }: Order): Float64Array {
  const { groupStart, supplyStart, supplyStep, supplySharePpm } = chain;
  const flow = new Float64Array(chain.stepSite.length);
  flow[0] = 1;
  for (let rank = order.length - 1; rank >= 0; rank--) {
    const step = order[rank]!; // within the order
    const amount = flow[step]! / PPM; // every step has one
    const end = supplyStart[groupStart[step + 1]!]!; // as above
    for (let supply = supplyStart[groupStart[step]!]!; supply < end; supply++)
      if (cut[supply] === 0) flow[supplyStep[supply]!]! += amount * supplySharePpm[supply]!; // suppliers are steps
  }
  return flow;
}

const PPM = 1_000_000;
