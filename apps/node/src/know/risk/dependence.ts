/**
 * How much of a product stops when some steps of its chain stop, with no stock and no switching.
 *   loss(step) = 1                                             for a step that stops
 *   loss(step) = max over groups of weight · Σ share · loss(supplier)   otherwise
 * with weight 1 for an essential group, 1/2 for an important and 0 for a negligible one. Invariants: 0 ≤ loss ≤ 1; stopping
 * more never loses less. One question costs O(affected steps and their supplies), not O(chain).
 */
import { type Chain, type Order, orderChain } from "./chain.ts";

export const ESSENTIALITY_WEIGHTS = { essential: 1, important: 0.5, negligible: 0 } as const;

const PPM = 1_000_000;

/** The chain turned round: from a supplier to the groups that it supplies. Built once, asked many times. */
export interface Dependences {
  readonly order: Order;
  /** Lost part of step 0 when `steps` stop, in parts per million. */
  lossPpm(steps: Iterable<number>): number;
}

export function prepareDependences(chain: Chain): Dependences {
  const order = orderChain(chain.steps);
  const rankOf = new Int32Array(chain.steps.length).fill(-1);
  for (const [rank, step] of order.order.entries()) rankOf[step] = rank;
  const groups = chain.steps.flatMap((step, index) => step.groups.map((group) => ({ step: index, group })));
  const groupRank = Int32Array.from(groups, ({ step }) => rankOf[step] ?? -1);
  const groupWeight = Float64Array.from(groups, ({ group }) => ESSENTIALITY_WEIGHTS[group.essentiality]);

  // Supplies sorted by the supplier's rank: those of rank r stand at start[r] to start[r + 1].
  const start = new Int32Array(order.order.length + 1);
  const supplies = groups.flatMap(({ step, group }, index) =>
    group.suppliers
      .filter((supply) => !order.cut.has(`${step} ${supply.step}`))
      .map((supply) => ({ rank: rankOf[supply.step] ?? -1, group: index, share: supply.sharePpm / PPM })),
  );
  for (const { rank } of supplies) start[rank + 1]! += 1; // ranks are below the length
  for (let rank = 0; rank < order.order.length; rank++) start[rank + 1]! += start[rank]!; // as above
  const fill = start.slice();
  const supplyGroup = new Int32Array(supplies.length);
  const supplyShare = new Float64Array(supplies.length);
  for (const { rank, group, share } of supplies) {
    const at = fill[rank]!++; // as above
    supplyGroup[at] = group;
    supplyShare[at] = share;
  }

  const root = order.order.length - 1; // step 0 is last
  const loss = new Float64Array(order.order.length);
  const groupLoss = new Float64Array(groups.length);
  const dirty = new Int32Array((order.order.length >> 5) + 1); // one bit per rank whose loss must still be passed on
  const touchedRanks: number[] = [];
  const touchedGroups: number[] = [];

  const lossPpm = (steps: Iterable<number>): number => {
    let word = dirty.length;
    for (const step of steps) {
      const rank = rankOf[step] ?? -1;
      if (rank < 0 || loss[rank] === 1) continue;
      loss[rank] = 1;
      touchedRanks.push(rank);
      dirty[rank >> 5]! |= 1 << (rank & 31); // within the bit set
      word = Math.min(word, rank >> 5);
    }
    for (; word < dirty.length; word++) {
      while (dirty[word] !== 0) {
        const bits = dirty[word]!; // within the bit set
        const lowest = bits & -bits;
        dirty[word] = bits ^ lowest;
        const rank = (word << 5) + (31 - Math.clz32(lowest));
        const lost = loss[rank]!; // every dirty rank has a loss
        for (let at = start[rank]!; at < start[rank + 1]!; at++) {
          const group = supplyGroup[at]!; // start[] bounds `at`
          if (groupLoss[group] === 0) touchedGroups.push(group);
          const sum = groupLoss[group]! + supplyShare[at]! * lost;
          groupLoss[group] = sum;
          const consumer = groupRank[group]!;
          const now = Math.min(1, groupWeight[group]! * sum);
          if (now <= loss[consumer]!) continue;
          if (loss[consumer] === 0) touchedRanks.push(consumer);
          loss[consumer] = now;
          dirty[consumer >> 5]! |= 1 << (consumer & 31);
        }
      }
    }
    const answer = Math.round(loss[root]! * PPM);
    for (const rank of touchedRanks) loss[rank] = 0;
    for (const group of touchedGroups) groupLoss[group] = 0;
    touchedRanks.length = 0;
    touchedGroups.length = 0;
    return answer;
  };
  return { order, lossPpm };
}

/**
 * How much of each step's output one unit of the product draws on, following shares only: 1 for the product, then
 * flow(supplier) += flow(consumer) · share over all groups. The weights of "as this chain buys it". By step.
 */
export function flows(chain: Chain, order: Order): Float64Array {
  const flow = new Float64Array(chain.steps.length);
  flow[0] = 1;
  for (const step of order.order.toReversed())
    for (const group of chain.steps[step]?.groups ?? [])
      for (const supply of group.suppliers)
        if (!order.cut.has(`${step} ${supply.step}`)) flow[supply.step]! += (flow[step]! * supply.sharePpm) / PPM; // steps of the chain
  return flow;
}
