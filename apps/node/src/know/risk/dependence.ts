/**
 * How much of a product stops when some steps of its chain stop, with no stock and no switching.
 *   loss(step) = 1                                             for a step that stops
 *   loss(step) = max over groups of weight · Σ share · loss(supplier)   otherwise
 * with weight 1 for an essential group, 1/2 for an important and 0 for a negligible one. Invariants: 0 ≤ loss ≤ 1; stopping
 * more never loses less. One question costs O(affected steps and their supplies), not O(chain).
 */
import type { Step } from "../registry/index.ts";
import { type Order, orderChain } from "./chain.ts";

export const ESSENTIALITY_WEIGHTS = { essential: 1, important: 0.5, negligible: 0 } as const;

const PPM = 1_000_000;

/** The chain turned round: from a supplier to the groups that it supplies. Built once, asked many times. */
export interface Dependences {
  readonly order: Order;
  /** Lost part of step 0 when `steps` stop, in parts per million. */
  lossPpm(steps: Iterable<number>): number;
  /** Supplies looked at so far, over all questions: what the work costs. */
  visitsCount(): number;
}

/** The chain in flat columns, by rank in its order: a supplier's rank is below its consumer's. */
interface Ranked {
  readonly rankOf: Int32Array;
  /** Groups of rank r are groupStart[r] to groupStart[r + 1]; their weights by group. */
  readonly groupStart: Int32Array;
  readonly groupWeight: Float64Array;
  /** Supplies of rank r to others are supplyStart[r] to supplyStart[r + 1]; rank of consumer, group and share by supply. */
  readonly supplyStart: Int32Array;
  readonly supplyConsumer: Int32Array;
  readonly supplyGroup: Int32Array;
  readonly supplyShare: Float64Array;
}

export function prepareDependences({ steps }: { readonly steps: readonly Step[] }): Dependences {
  const order = orderChain(steps);
  const { rankOf, groupStart, groupWeight, supplyStart, supplyConsumer, supplyGroup, supplyShare } = rankChain(
    steps,
    order,
  );
  const root = order.order.length - 1; // step 0 is last
  const groupLoss = new Float64Array(groupWeight.length); // all 0 between two questions
  const stopped = new Uint8Array(order.order.length); // as above
  const dirty = new Int32Array((order.order.length >> 5) + 1); // one bit per rank that loses something; all 0 as above
  let visits = 0;

  // Every index below is within its column: ranks, groups and supplies are numbered without gaps.
  const lossPpm = (stops: Iterable<number>): number => {
    let word = dirty.length;
    for (const step of stops) {
      const rank = rankOf[step] ?? -1;
      if (rank < 0) continue;
      stopped[rank] = 1;
      dirty[rank >> 5]! |= 1 << (rank & 31);
      if (rank >> 5 < word) word = rank >> 5;
    }
    let answer = 0;
    for (; word < dirty.length; word++) {
      while (dirty[word] !== 0) {
        const lowest = dirty[word]! & -dirty[word]!;
        dirty[word]! ^= lowest;
        const rank = (word << 5) + (31 - Math.clz32(lowest));
        let loss = 0;
        for (let group = groupStart[rank]!; group < groupStart[rank + 1]!; group++) {
          const lost = groupWeight[group]! * groupLoss[group]!;
          if (lost > loss) loss = lost;
          groupLoss[group] = 0;
        }
        if (loss > 1 || stopped[rank] === 1) loss = 1;
        stopped[rank] = 0;
        if (rank === root) answer = loss;
        if (loss === 0) continue;
        const end = supplyStart[rank + 1]!;
        visits += end - supplyStart[rank]!;
        for (let supply = supplyStart[rank]!; supply < end; supply++) {
          groupLoss[supplyGroup[supply]!]! += supplyShare[supply]! * loss;
          const consumer = supplyConsumer[supply]!;
          dirty[consumer >> 5]! |= 1 << (consumer & 31);
        }
      }
    }
    return Math.round(answer * PPM);
  };
  return { order, lossPpm, visitsCount: () => visits };
}

/** Every index below is within its column, as above. */
function rankChain(steps: readonly Step[], order: Order): Ranked {
  const count = order.order.length;
  const rankOf = new Int32Array(steps.length).fill(-1);
  const groupStart = new Int32Array(count + 1);
  for (let rank = 0; rank < count; rank++) {
    rankOf[order.order[rank]!] = rank;
    groupStart[rank + 1] = groupStart[rank]! + steps[order.order[rank]!]!.groups.length;
  }
  const groupWeight = new Float64Array(groupStart[count]!);
  const supplyStart = new Int32Array(count + 1);
  for (let rank = 0; rank < count; rank++) {
    const step = order.order[rank]!;
    for (const [i, { essentiality, suppliers }] of steps[step]!.groups.entries()) {
      groupWeight[groupStart[rank]! + i] = ESSENTIALITY_WEIGHTS[essentiality];
      for (const supply of suppliers) if (!isCut(order, step, supply.step)) supplyStart[rankOf[supply.step]! + 1]! += 1;
    }
  }
  for (let rank = 0; rank < count; rank++) supplyStart[rank + 1]! += supplyStart[rank]!;
  const fill = supplyStart.slice();
  const supplyConsumer = new Int32Array(supplyStart[count]!);
  const supplyGroup = new Int32Array(supplyConsumer.length);
  const supplyShare = new Float64Array(supplyConsumer.length);
  for (let rank = 0; rank < count; rank++) {
    const step = order.order[rank]!;
    for (const [i, { suppliers }] of steps[step]!.groups.entries())
      for (const supply of suppliers) {
        if (isCut(order, step, supply.step)) continue;
        const at = fill[rankOf[supply.step]!]!++;
        supplyConsumer[at] = rank;
        supplyGroup[at] = groupStart[rank]! + i;
        supplyShare[at] = supply.sharePpm / PPM;
      }
  }
  return { rankOf, groupStart, groupWeight, supplyStart, supplyConsumer, supplyGroup, supplyShare };
}

function isCut(order: Order, consumer: number, supplier: number): boolean {
  return order.cut.size > 0 && order.cut.has(`${consumer} ${supplier}`);
}

export interface Spread {
  /**
   * How much of each step's output one unit of the product draws on, following shares only: 1 for the product, then
   * flow(supplier) += flow(consumer) · share over all groups. The weights of "as this chain buys it". By step.
   */
  readonly flow: Float64Array;
  /**
   * For each step a number that its loss is never above: as the loss, but with the groups of a recipe added up instead of
   * the largest taken. For a set of steps their sum is such a number. So it says which losses are worth working out.
   */
  readonly bounds: Float64Array;
}

/** Both spreads from the product to its ends, in one pass. */
export function spreadFromProduct({ steps }: { readonly steps: readonly Step[] }, order: Order): Spread {
  const flow = new Float64Array(steps.length);
  const bounds = new Float64Array(steps.length);
  flow[0] = 1;
  bounds[0] = 1;
  for (let rank = order.order.length - 1; rank >= 0; rank--) {
    const step = order.order[rank]!; // within the order
    for (const { essentiality, suppliers } of steps[step]!.groups) {
      const amount = flow[step]! / PPM; // every step has one
      const bound = (bounds[step]! * ESSENTIALITY_WEIGHTS[essentiality]) / PPM; // as above
      for (const supply of suppliers) {
        if (isCut(order, step, supply.step)) continue;
        flow[supply.step]! += amount * supply.sharePpm; // suppliers are steps
        bounds[supply.step]! += bound * supply.sharePpm; // as above
      }
    }
  }
  return { flow, bounds };
}
