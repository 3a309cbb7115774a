/**
 * How much of a product stops when some steps of its chain stop, with no stock and no switching.
 *   loss(step) = 1                                             for a step that stops
 *   loss(step) = max over groups of weight · Σ share · loss(supplier), at most 1, otherwise
 * with weight 1 for an essential group, 1/2 for an important and 0 for a negligible one; in a loop the least solution.
 * Invariants: 0 ≤ loss ≤ 1; stopping more never loses less.
 *
 * Thousands of sets are asked about at once. Each step, suppliers first, gets a row with its loss in each set in which it
 * loses something; a row is worked out once from the rows of its suppliers. So the cost is one multiplication for each
 * supply and set that it matters to, over memory in order. Sets are taken in blocks, so that the rows fit.
 *
 * In a loop the rows are worked out again and again, from nothing upwards (Gauss-Seidel): exact when nothing changes any
 * more. Otherwise the distance to the solution after k sweeps is at most what k sweeps leave of a loss of 1 in every step of
 * the loop, because the right-hand side is sublinear; that is worked out beforehand, and TOLERANCE is asked of it.
 */
import { ESSENTIALITIES, type SupplyChain } from "../registry/index.ts";
import type { Order } from "./chain.ts";

export const ESSENTIALITY_WEIGHTS = { essential: 1, important: 0.5, negligible: 0 } as const;

const PPM = 1_000_000;
const BLOCK_SETS_MAX = 512; // a block of 10,000 steps takes some 10 ms, and others are let in between
const ENTRIES_MAX = 3_000_000; // of the rows of a block: 36 MB
const TOLERANCE = 1e-8; // of a loss in a loop; an answer is in millionths
const SWEEPS_MAX = 1_000; // a loop that keeps more than 98 % of what goes round needs more

/** Sets of steps: of set i members[start[i]] to members[start[i + 1]]. */
export interface StepSets {
  readonly start: Int32Array;
  readonly members: Int32Array;
}

export interface Losses {
  /** Lost part of step 0 when a set's steps stop, in parts per million, by set; -1 where it was not worked out. */
  readonly lossPpm: Int32Array;
  /** False when not every set was worked out, or a loop not to TOLERANCE. */
  readonly complete: boolean;
  /** Multiplications: what the work cost. */
  readonly visitsCount: number;
}

/** The chain turned into what the rows need, in order of rank. */
interface Ranked {
  readonly order: Order;
  /** Groups of rank r are groupStart[r] to groupStart[r + 1], without those that can't lose anything; weights by group. */
  readonly groupStart: Int32Array;
  readonly groupWeight: Float64Array;
  /** Supplies of group g are supplyStart[g] to supplyStart[g + 1]; rank of the supplier and share by supply. */
  readonly supplyStart: Int32Array;
  readonly supplier: Int32Array;
  readonly share: Float64Array;
  /** Sweeps after which a component's losses are certain to TOLERANCE; by component, 0 without a loop, more than SWEEPS_MAX for never. */
  readonly sweeps: Int32Array;
  /** Steps of the largest component with a loop. */
  readonly loopStepsMax: number;
}

/** A chain made ready for questions about sets of its steps. */
export interface LossWork {
  /**
   * The losses of `sets`, in their order, until `visitsMax` is spent. Yields between blocks, so that a caller who shares its
   * thread can let others work; one question at a time.
   */
  lossesOf(sets: StepSets, visitsMax: number): Generator<void, Losses>;
}

export function prepareLosses(chain: SupplyChain, order: Order): LossWork {
  const ranked = rankChain(chain, order);
  const rows = new Rows(ranked);
  const widest = Math.max(1, Math.min(BLOCK_SETS_MAX, Math.floor(ENTRIES_MAX / (2 * ranked.loopStepsMax + 1))));
  return {
    lossesOf: function* (sets, visitsMax) {
      const count = sets.start.length - 1;
      const lossPpm = new Int32Array(count).fill(-1);
      const spent = rows.visitsCount;
      let width = widest;
      for (let from = 0; from < count; ) {
        const visitsCount = rows.visitsCount - spent;
        if (visitsCount > visitsMax) return { lossPpm, complete: false, visitsCount };
        const to = Math.min(count, from + width);
        if (!rows.workOut(sets, from, to)) {
          width = Math.max(1, width >> 1); // a row has at most `width` entries, so some width fits
          continue;
        }
        rows.writeProduct(lossPpm, from);
        from = to;
        yield;
      }
      return { lossPpm, complete: rows.isCertain, visitsCount: rows.visitsCount - spent };
    },
  };
}

/**
 * The rows of one block of sets, used again for the next. Every index below is within its column: ranks, groups, supplies
 * and sets are numbered without gaps.
 */
class Rows {
  visitsCount = 0;
  /** False once a loop was left while it still changed, and no bound says that it may. */
  isCertain = true;
  #width = 0;
  readonly #ranked: Ranked;
  /** Entries of rank r are start[r] to end[r]: a set of the block, and the loss in it. */
  readonly #start: Int32Array;
  readonly #end: Int32Array;
  #set = new Uint16Array(1 << 18);
  #loss = new Float64Array(1 << 18);
  /** The sets in which a rank stops, as a list: the first of its entries in `stopping`, -1 for none. */
  readonly #stopFirst: Int32Array;
  // Of the step at work, by set: the group that last added to it, what that group adds up to, the largest of the groups before.
  readonly #inGroup = new Int32Array(BLOCK_SETS_MAX);
  readonly #sum = new Float64Array(BLOCK_SETS_MAX);
  readonly #largest = new Float64Array(BLOCK_SETS_MAX);
  #groups = 0; // numbered over all blocks, so that nothing has to be cleared

  constructor(ranked: Ranked) {
    const count = ranked.order.order.length;
    this.#ranked = ranked;
    this.#start = new Int32Array(count);
    this.#end = new Int32Array(count);
    this.#stopFirst = new Int32Array(count).fill(-1);
  }

  /** Works out the rows of sets `from` to `to`; false when they don't fit. */
  workOut(sets: StepSets, from: number, to: number): boolean {
    const { componentStart, isLoop, rankOf } = this.#ranked.order;
    this.#width = to - from;
    const first = sets.start[from]!;
    const stops = sets.start[to]! - first;
    const next = new Int32Array(stops);
    const setOf = new Uint16Array(stops);
    for (let set = from; set < to; set++)
      for (let at = sets.start[set]!; at < sets.start[set + 1]!; at++) {
        const rank = rankOf[sets.members[at]!]!;
        setOf[at - first] = set - from;
        next[at - first] = this.#stopFirst[rank]!;
        this.#stopFirst[rank] = at - first;
      }
    const stopping: Stopping = { next, setOf };
    let top = 0;
    for (let component = 0; top !== NO_ROOM && component < isLoop.length; component++) {
      const rank = componentStart[component]!;
      if (!this.#makeRoom(top + this.#width)) top = NO_ROOM;
      else if (isLoop[component] === 1) top = this.#workOutLoop(component, top, stopping);
      else {
        this.#start[rank] = top;
        this.#end[rank] = top = this.#workOutRank(rank, top, stopping);
      }
    }
    for (let at = 0; at < stops; at++) this.#stopFirst[rankOf[sets.members[first + at]!]!] = -1;
    return top !== NO_ROOM;
  }

  /** The product's losses of the block, into `lossPpm` from set `from` on. */
  writeProduct(lossPpm: Int32Array, from: number): void {
    const root = this.#start.length - 1;
    lossPpm.fill(0, from, from + this.#width);
    for (let at = this.#start[root]!; at < this.#end[root]!; at++)
      lossPpm[from + this.#set[at]!] = Math.round(this.#loss[at]! * PPM);
  }

  /** Writes the row of a rank to place `from`, from the rows of its suppliers. @returns its end */
  #workOutRank(rank: number, from: number, { next, setOf }: Stopping): number {
    const { groupStart, groupWeight, supplyStart, supplier, share } = this.#ranked;
    const [inGroup, sum, largest] = [this.#inGroup, this.#sum, this.#largest];
    const [start, end, sets, losses] = [this.#start, this.#end, this.#set, this.#loss];
    const before = this.#groups;
    let [group, to, visits] = [before, from, 0];
    for (let at = groupStart[rank]!; at < groupStart[rank + 1]!; at++) {
      group += 1;
      const weight = groupWeight[at]!;
      for (let supply = supplyStart[at]!; supply < supplyStart[at + 1]!; supply++) {
        const source = supplier[supply]!;
        const part = share[supply]! * weight;
        const rowEnd = end[source]!;
        visits += rowEnd - start[source]!;
        for (let entry = start[source]!; entry < rowEnd; entry++) {
          const set = sets[entry]!;
          const last = inGroup[set]!;
          if (last === group) {
            sum[set]! += part * losses[entry]!;
            continue;
          }
          if (last <= before) {
            sets[to++] = set;
            largest[set] = 0;
          } else if (sum[set]! > largest[set]!) largest[set] = sum[set]!;
          inGroup[set] = group;
          sum[set] = part * losses[entry]!;
        }
      }
    }
    this.visitsCount += visits;
    this.#groups = group + 1;
    for (let stop = this.#stopFirst[rank]!; stop !== -1; stop = next[stop]!) {
      const set = setOf[stop]!;
      if (inGroup[set]! <= before) {
        sets[to++] = set;
        inGroup[set] = this.#groups;
        sum[set] = 0;
      }
      largest[set] = 1;
    }
    for (let entry = from; entry < to; entry++) {
      const set = sets[entry]!;
      losses[entry] = Math.min(1, Math.max(largest[set]!, sum[set]!));
    }
    return to;
  }

  #makeRoom(entries: number): boolean {
    if (entries > ENTRIES_MAX) return false;
    if (entries <= this.#set.length) return true;
    const length = Math.min(ENTRIES_MAX, Math.max(entries, 2 * this.#set.length));
    const [sets, losses] = [new Uint16Array(length), new Float64Array(length)];
    sets.set(this.#set);
    losses.set(this.#loss);
    [this.#set, this.#loss] = [sets, losses];
    return true;
  }

  /** Writes the rows of a loop's ranks from place `from`, a full row's width for each. @returns the end of the last, or NO_ROOM */
  #workOutLoop(component: number, from: number, stopping: Stopping): number {
    const { order, sweeps } = this.#ranked;
    const [first, last] = [order.componentStart[component]!, order.componentStart[component + 1]!];
    const aside = from + (last - first) * this.#width; // where a row is worked out before it takes its place
    if (!this.#makeRoom(aside + this.#width)) return NO_ROOM;
    for (let rank = first; rank < last; rank++)
      this.#start[rank] = this.#end[rank] = from + (rank - first) * this.#width;
    const sweepsMax = Math.min(SWEEPS_MAX, sweeps[component]!);
    let changed = true;
    for (let sweep = 0; changed && sweep < sweepsMax; sweep++) {
      changed = false;
      for (let rank = first; rank < last; rank++) {
        const end = this.#workOutRank(rank, aside, stopping);
        changed = this.#replaceRow(rank, aside, end) || changed;
      }
    }
    if (changed && sweeps[component]! > SWEEPS_MAX) this.isCertain = false;
    return aside;
  }

  /** Gives a rank the row from `from` to `to`. @returns whether a loss has grown */
  #replaceRow(rank: number, from: number, to: number): boolean {
    const [start, end, old] = [this.#start[rank]!, this.#end[rank]!, this.#sum]; // free to use between two rows
    for (let at = from; at < to; at++) old[this.#set[at]!] = 0;
    for (let at = start; at < end; at++) old[this.#set[at]!] = this.#loss[at]!;
    let grown = false;
    for (let at = from; at < to; at++) grown ||= this.#loss[at]! > old[this.#set[at]!]!;
    this.#set.copyWithin(start, from, to);
    this.#loss.copyWithin(start, from, to);
    this.#end[rank] = start + to - from;
    return grown;
  }
}

const NO_ROOM = -1;

/** The sets in which steps stop, as lists: the set of an entry, and the next entry of the same step. */
interface Stopping {
  readonly next: Int32Array;
  readonly setOf: Uint16Array;
}

/** Every index below is within its column, as above. */
function rankChain(chain: SupplyChain, order: Order): Ranked {
  const count = order.order.length;
  const groupStart = new Int32Array(count + 1);
  const groupWeight = new Float64Array(chain.groupEssentiality.length);
  const supplyStart = new Int32Array(chain.groupEssentiality.length + 1);
  const supplier = new Int32Array(chain.supplyStep.length);
  const share = new Float64Array(chain.supplyStep.length);
  let [groups, supplies] = [0, 0];
  for (let rank = 0; rank < count; rank++) {
    const step = order.order[rank]!;
    for (let group = chain.groupStart[step]!; group < chain.groupStart[step + 1]!; group++) {
      const weight = ESSENTIALITY_WEIGHTS[ESSENTIALITIES[chain.groupEssentiality[group]!]!];
      if (weight === 0) continue;
      for (let supply = chain.supplyStart[group]!; supply < chain.supplyStart[group + 1]!; supply++) {
        if (chain.supplySharePpm[supply] === 0) continue;
        supplier[supplies] = order.rankOf[chain.supplyStep[supply]!]!;
        share[supplies++] = chain.supplySharePpm[supply]! / PPM;
      }
      groupWeight[groups++] = weight;
      supplyStart[groups] = supplies;
    }
    groupStart[rank + 1] = groups;
  }
  const columns = { order, groupStart, groupWeight, supplyStart, supplier, share };
  const sweeps = new Int32Array(order.isLoop.length);
  let loopStepsMax = 0;
  for (let component = 0; component < sweeps.length; component++) {
    if (order.isLoop[component] === 0) continue;
    sweeps[component] = sweepsFor(columns, component);
    loopStepsMax = Math.max(loopStepsMax, order.componentStart[component + 1]! - order.componentStart[component]!);
  }
  return { ...columns, sweeps, loopStepsMax };
}

const TRIAL_SWEEPS = 16;

/** Sweeps that leave at most TOLERANCE of a loss of 1 in every step of a loop; SWEEPS_MAX + 1 where that many may not do. */
function sweepsFor(ranked: Omit<Ranked, "sweeps" | "loopStepsMax">, component: number): number {
  const { order, groupStart, groupWeight, supplyStart, supplier, share } = ranked;
  const [first, end] = [order.componentStart[component]!, order.componentStart[component + 1]!];
  const rest = new Float64Array(end - first).fill(1);
  for (let sweep = 0; sweep < TRIAL_SWEEPS; sweep++)
    for (let rank = first; rank < end; rank++) {
      let largest = 0;
      for (let group = groupStart[rank]!; group < groupStart[rank + 1]!; group++) {
        let sum = 0;
        for (let supply = supplyStart[group]!; supply < supplyStart[group + 1]!; supply++) {
          const from = supplier[supply]!;
          if (from >= first && from < end) sum += share[supply]! * rest[from - first]!;
        }
        largest = Math.max(largest, groupWeight[group]! * sum);
      }
      rest[rank - first] = largest;
    }
  const left = rest.reduce((most, loss) => Math.max(most, loss), 0); // of 1; n times as many sweeps leave its n-th power
  if (left <= TOLERANCE) return TRIAL_SWEEPS;
  return left < 1
    ? Math.min(SWEEPS_MAX + 1, TRIAL_SWEEPS * Math.ceil(Math.log(TOLERANCE) / Math.log(left)))
    : SWEEPS_MAX + 1;
}
