/**
 * Whether several demands for instances can be met together, each instance serving one demand: a transport problem
 * between demands and groups of observations that serve the same demands. Invariant: exact; the common cases are
 * answered by counting.
 */
import type { Observation } from "./observation.ts";

/** `times` instances out of the observations `hits`. */
export interface Demand {
  readonly hits: readonly number[];
  readonly times: number;
}

/**
 * True when every demand gets its instances. `spend` is told of the work, about one for each observation or edge that is
 * looked at, and may throw to end it.
 */
export function isFeasible(
  demands: readonly Demand[],
  observations: readonly Observation[],
  spend: (steps: number) => void,
): boolean {
  const total = demands.reduce((sum, demand) => sum + demand.times, 0);
  let plenty = true;
  for (const { hits, times } of demands) {
    const supply = supplyOf(hits, observations, total);
    if (supply < times) return false;
    plenty &&= supply >= total; // whoever can serve all demands alone has enough after serving the others
  }
  return plenty || isTransportable(demands, observations, spend);
}

function supplyOf(hits: readonly number[], observations: readonly Observation[], enough: number): number {
  let supply = 0;
  for (const i of hits) {
    supply += observations[i]!.instances; // hits are indexes of the list
    if (supply >= enough) break;
  }
  return supply;
}

interface Group {
  readonly demands: readonly number[];
  spare: number;
}

/** Augmenting paths: a demand takes spare instances of a group, or those of a demand that can move elsewhere. */
function isTransportable(
  demands: readonly Demand[],
  observations: readonly Observation[],
  spend: (steps: number) => void,
): boolean {
  spend(demands.reduce((sum, { hits }) => sum + hits.length, 0));
  const groups = groupsOf(demands, observations);
  const groupsOfDemand: number[][] = demands.map(() => []);
  for (const [g, group] of groups.entries()) for (const d of group.demands) groupsOfDemand[d]!.push(g); // groups name the demands
  const flow = demands.map(() => new Map<number, number>());
  for (const [d, demand] of demands.entries()) {
    let missing = demand.times;
    while (missing > 0) {
      const moved = augment(d, missing, groups, groupsOfDemand, flow, spend);
      if (moved === 0) return false;
      missing -= moved;
    }
  }
  return true;
}

/** Moves up to `wanted` instances to `start` along the shortest path; returns how many. */
function augment(
  start: number,
  wanted: number,
  groups: readonly Group[],
  groupsOfDemand: readonly (readonly number[])[],
  flow: readonly Map<number, number>[],
  spend: (steps: number) => void,
): number {
  const takenFrom = new Map<number, { demand: number; via: number }>(); // demand -> who takes from it, and in which group
  const reached = new Set<number>();
  const queue = [start];
  for (let head = 0; head < queue.length; head += 1) {
    const demand = queue[head]!; // within the queue
    for (const g of groupsOfDemand[demand]!) {
      if (reached.has(g)) continue;
      reached.add(g);
      spend(groups[g]!.demands.length); // indexes come from the groups
      if (groups[g]!.spare > 0) return shift(demand, g, start, wanted, groups, flow, takenFrom);
      for (const other of groups[g]!.demands) {
        if (other === start || takenFrom.has(other) || (flow[other]!.get(g) ?? 0) === 0) continue;
        takenFrom.set(other, { demand, via: g });
        queue.push(other);
      }
    }
  }
  return 0;
}

function shift(
  last: number,
  lastGroup: number,
  start: number,
  wanted: number,
  groups: readonly Group[],
  flow: readonly Map<number, number>[],
  takenFrom: ReadonlyMap<number, { demand: number; via: number }>,
): number {
  let amount = Math.min(wanted, groups[lastGroup]!.spare); // indexes come from the groups
  for (let d = last; d !== start; d = takenFrom.get(d)!.demand)
    amount = Math.min(amount, flow[d]!.get(takenFrom.get(d)!.via)!); // each step was recorded
  groups[lastGroup]!.spare -= amount;
  let [demand, group] = [last, lastGroup];
  for (;;) {
    flow[demand]!.set(group, (flow[demand]!.get(group) ?? 0) + amount); // demands index the flow
    if (demand === start) return amount;
    const { demand: taker, via } = takenFrom.get(demand)!; // each step was recorded
    flow[demand]!.set(via, flow[demand]!.get(via)! - amount); // the path runs over positive flow
    [demand, group] = [taker, via];
  }
}

/** Observations that serve exactly the same demands, with their instances added up. */
function groupsOf(demands: readonly Demand[], observations: readonly Observation[]): Group[] {
  const served = new Map<number, number[]>();
  for (const [d, { hits }] of demands.entries()) {
    for (const i of hits) {
      const list = served.get(i);
      if (list) list.push(d);
      else served.set(i, [d]);
    }
  }
  const groups = new Map<string, Group>();
  for (const [i, list] of served) {
    const key = list.join(" ");
    const group = groups.get(key);
    const spare = observations[i]!.instances; // hits are indexes of the list
    if (group) group.spare += spare;
    else groups.set(key, { demands: list, spare });
  }
  return [...groups.values()];
}
