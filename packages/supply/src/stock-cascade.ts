/**
 * What stops when, day by day, if nobody adapts: stocks bridge, deliveries take their lag, shortages are rationed in
 * proportion, sales are lost and not made up for (reference sheet section 3). The upper end of the loss bracket. With
 * `switching`, orders that go unmet move to qualified sources after their switch days, within their spare capacity.
 * Invariants: units are conserved, no stock is negative, the loss is at least that of the linear programme. A group that
 * matters to nothing (essentiality 0) takes its deliveries and stops nobody.
 * Indexing with `!` is bounded by the flat arrays built in `flatten`.
 */
import { checkHorizon, checkOutages, lostDays, type Outage } from "./outage.ts";
import { supplyProblem } from "./supply-problem.ts";
import type { SupplyNetwork } from "./supply-network.ts";

export interface CascadeOptions {
  readonly horizonDays: number;
  readonly switching?: boolean;
}

export interface StockCascade {
  readonly loss: number;
  /** [days], margin lost on each day. */
  readonly lossOnDay: Float64Array;
  /** [processes], units of final demand not served. */
  readonly unserved: Float64Array;
  /** [processes], first day with less than its full output, or -1. */
  readonly firstShortDay: Int32Array;
  /** [processes], last such day, or -1. */
  readonly lastShortDay: Int32Array;
  /** [processes], first day on which capacity or a delivery was missing, or -1: what stocks bridge begins here. */
  readonly firstHitDay: Int32Array;
  /** [processes], first and last day on which final demand went unserved, or -1. */
  readonly firstUnservedDay: Int32Array;
  readonly lastUnservedDay: Int32Array;
  /** [processes], units not made. */
  readonly notMade: Float64Array;
  /** First day with unserved final demand: how long the network survives. Undefined when it survives the horizon. */
  readonly firstLossDay: number | undefined;
  /** Why processes fell short, in the order of days: the group that bound first. */
  readonly trail: readonly { readonly day: number; readonly process: number; readonly group: number | undefined }[];
  /** [processes], money: value added not made. */
  readonly valueAddedLost: Float64Array;
}

const NOISE = 1e-9; // of a rate; less is rounding
const CELLS_MAX = 100_000_000; // remembered deliveries, processes times the longest lag: 800 MB

interface Flat {
  readonly groupStart: Int32Array;
  readonly arcStart: Int32Array;
  readonly groupNeed: Float64Array;
  readonly arcSupplier: Int32Array;
  readonly arcFlow: Float64Array;
  readonly arcLag: Int32Array;
  /** [processes], units a day asked of it in normal operation. */
  readonly orders: Float64Array;
  /** Arcs to qualified sources that are not used, with the group they serve. */
  readonly spare: readonly {
    readonly arc: number;
    readonly group: number;
    readonly capacity: number;
    readonly opensOn: number;
  }[];
  readonly lagMax: number;
}

/** The course of `outages`. O(arcs) per day. @throws Problem `supply/option-invalid` */
export function stockCascade(
  network: SupplyNetwork,
  outages: readonly Outage[],
  options: CascadeOptions,
): StockCascade {
  checkOutages(network, outages);
  return new StockRun(network, outages, options).run();
}

/** One run: the state of all stocks, and what was delivered on the days that arcs still look back to. */
class StockRun {
  readonly #network: SupplyNetwork;
  readonly #outages: readonly Outage[];
  readonly #days: number;
  readonly #flat: Flat;
  readonly #switching: boolean;
  readonly #groupStock: Float64Array;
  readonly #groupStockMax: Float64Array;
  readonly #stock: Float64Array;
  /** Ring of [lagMax + 1][processes]: the fraction of its orders that a process met. */
  readonly #met: Float64Array;
  /** Ring of [lagMax + 1][spare arcs]: units ordered over them. */
  readonly #spareOrdered: Float64Array;
  readonly #arrived: Float64Array;
  readonly #extraOrders: Float64Array;
  /** Processes that the outages can reach; all others run as on any other day. */
  readonly #reached: readonly number[];
  readonly #result;

  constructor(network: SupplyNetwork, outages: readonly Outage[], { horizonDays, switching = false }: CascadeOptions) {
    this.#network = network;
    this.#outages = outages;
    this.#days = checkHorizon(horizonDays);
    this.#switching = switching;
    this.#flat = flatten(network, switching, horizonDays);
    const count = network.processes.length;
    const ring = this.#flat.lagMax + 1;
    if (ring * (count + this.#flat.spare.length) > CELLS_MAX)
      throw supplyProblem(
        "supply/limit-exceeded",
        `\`${count}\` processes with lags of \`${ring - 1}\` days need too much memory`,
      );
    this.#groupStock = Float64Array.from(network.processes.flatMap(({ groups }) => groups.map((group) => group.stock)));
    this.#groupStockMax = this.#groupStock.slice();
    this.#stock = Float64Array.from(network.processes, (process) => process.stock);
    this.#met = new Float64Array(ring * count).fill(1);
    this.#spareOrdered = new Float64Array(ring * this.#flat.spare.length);
    this.#arrived = new Float64Array(this.#groupStock.length);
    this.#extraOrders = new Float64Array(count);
    this.#reached = reachedFrom(network, this.#flat, outages);
    this.#result = {
      loss: 0,
      lossOnDay: new Float64Array(this.#days),
      unserved: new Float64Array(count),
      firstShortDay: new Int32Array(count).fill(-1),
      lastShortDay: new Int32Array(count).fill(-1),
      firstHitDay: new Int32Array(count).fill(-1),
      firstUnservedDay: new Int32Array(count).fill(-1),
      lastUnservedDay: new Int32Array(count).fill(-1),
      notMade: new Float64Array(count),
      firstLossDay: undefined as number | undefined,
      trail: [] as { day: number; process: number; group: number | undefined }[],
      valueAddedLost: new Float64Array(count),
    };
  }

  run(): StockCascade {
    const capacity = new Map<number, Outage[]>();
    for (const outage of this.#outages) capacity.set(outage.process, [...(capacity.get(outage.process) ?? []), outage]);
    for (let day = 0; day < this.#days; day++) {
      this.#receive(day);
      for (const j of this.#reached) {
        const missing = (capacity.get(j) ?? []).reduce((sum, outage) => sum + lostDays(outage, day, day + 1), 0);
        this.#produce(day, j, Math.max(0, 1 - missing));
      }
    }
    for (const lost of this.#result.lossOnDay) this.#result.loss += lost;
    return this.#result;
  }

  /** Deliveries of the day, and what is ordered from spare sources because of them. */
  #receive(day: number): void {
    const { groupStart, arcStart, arcSupplier, arcFlow, arcLag, lagMax } = this.#flat;
    const count = this.#network.processes.length;
    const ring = lagMax + 1;
    for (const j of this.#reached) {
      for (let g = groupStart[j]!; g < groupStart[j + 1]!; g++) {
        let sum = 0;
        for (let a = arcStart[g]!; a < arcStart[g + 1]!; a++) {
          const sentOn = day - arcLag[a]!;
          const met = sentOn < 0 ? 1 : this.#met[(sentOn % ring) * count + arcSupplier[a]!]!;
          sum += arcFlow[a]! * met;
        }
        this.#arrived[g] = sum;
      }
    }
    if (this.#switching) this.#switch(day);
  }

  /** Deliveries of sources that were switched to, and new orders to them for what did not arrive. */
  #switch(day: number): void {
    const { arcSupplier, arcLag, groupNeed, lagMax, spare } = this.#flat;
    const count = this.#network.processes.length;
    const ring = lagMax + 1;
    this.#extraOrders.fill(0);
    const shortOf = new Float64Array(groupNeed.length);
    for (const j of this.#reached)
      for (let g = this.#flat.groupStart[j]!; g < this.#flat.groupStart[j + 1]!; g++)
        shortOf[g] = Math.max(0, groupNeed[g]! - this.#arrived[g]!);
    for (const [s, { arc, group, capacity, opensOn }] of spare.entries()) {
      const sentOn = day - arcLag[arc]!;
      if (sentOn >= 0) {
        const place = (sentOn % ring) * spare.length + s;
        this.#arrived[group]! += this.#spareOrdered[place]! * this.#met[(sentOn % ring) * count + arcSupplier[arc]!]!;
      }
      const ordered = day < opensOn ? 0 : Math.min(capacity, shortOf[group]!, this.#unpromised(arcSupplier[arc]!));
      shortOf[group]! -= ordered;
      this.#extraOrders[arcSupplier[arc]!]! += ordered;
      this.#spareOrdered[(day % ring) * spare.length + s] = ordered;
    }
  }

  /** Capacity that a source has not promised to anyone; a process with non-essential inputs makes no more than its rate. */
  #unpromised(j: number): number {
    const process = this.#network.processes[j]!;
    const hasLinearInputs = process.rate > 0 && process.groups.some((group) => group.essentiality === 1);
    return hasLinearInputs
      ? 0
      : Math.max(0, process.capacity - Math.max(process.rate, this.#flat.orders[j]!) - this.#extraOrders[j]!);
  }

  #produce(day: number, j: number, capacityLeft: number): void {
    const process = this.#network.processes[j]!;
    const start = this.#flat.groupStart[j]!;
    const extra = this.#extraOrders[j]!;
    const target = Math.min(process.capacity, process.rate + extra);
    let limit = Math.min(target, process.capacity * capacityLeft, process.rate * capacityLeft + extra);
    let binding: number | undefined;
    let linear = target;
    let worstLinear: number | undefined;
    let largestLack = 0;
    let isHit = capacityLeft < 1;
    for (const [g, { quantity, essentiality, costShare }] of process.groups.entries()) {
      if (essentiality === 0 || target === 0) continue;
      if (this.#arrived[start + g]! < this.#flat.groupNeed[start + g]! * (1 - NOISE)) isHit = true;
      const units = this.#groupStock[start + g]! + this.#arrived[start + g]!;
      const fill = Math.min(1, units / (quantity * target));
      if (essentiality === 2 && fill * target < limit) {
        limit = fill * target;
        binding = g;
      } else if (essentiality === 1) {
        const lack = costShare * (1 - fill) * target;
        linear -= lack;
        if (lack > largestLack) [largestLack, worstLinear] = [lack, g];
      }
    }
    if (isHit && this.#result.firstHitDay[j] === -1) this.#result.firstHitDay[j] = day;
    if (linear < limit) [limit, binding] = [linear, worstLinear];
    const made = Math.max(0, limit);
    this.#consume(j, made);
    this.#deliver(day, j, made, binding);
  }

  #consume(j: number, made: number): void {
    const start = this.#flat.groupStart[j]!;
    for (const [g, { quantity, essentiality }] of this.#network.processes[j]!.groups.entries()) {
      const left = this.#groupStock[start + g]! + this.#arrived[start + g]! - quantity * made;
      const kept = essentiality === 2 ? left : Math.max(0, left);
      this.#groupStock[start + g] = Math.max(0, Math.min(Math.max(this.#groupStockMax[start + g]!, 0), kept));
    }
  }

  #deliver(day: number, j: number, made: number, binding: number | undefined): void {
    const process = this.#network.processes[j]!;
    const orders = this.#flat.orders[j]! + this.#extraOrders[j]!;
    const available = this.#stock[j]! + made;
    const met = orders > 0 ? Math.min(1, available / orders) : 1;
    this.#stock[j] = Math.max(0, available - met * orders);
    this.#met[(day % (this.#flat.lagMax + 1)) * this.#network.processes.length + j] = met;
    this.#result.valueAddedLost[j]! +=
      process.rate > 0 ? process.valueAddedPerDay * Math.max(0, 1 - made / process.rate) : 0;
    if (made < process.rate * (1 - NOISE)) {
      this.#result.notMade[j]! += process.rate - made;
      this.#result.lastShortDay[j] = day;
      if (this.#result.firstShortDay[j] === -1) {
        this.#result.firstShortDay[j] = day;
        this.#result.trail.push({ day, process: j, group: binding });
      }
    }
    const lost = process.demand * (1 - met);
    if (!(lost > NOISE * process.demand)) return;
    this.#result.unserved[j]! += lost;
    if (this.#result.firstUnservedDay[j] === -1) this.#result.firstUnservedDay[j] = day;
    this.#result.lastUnservedDay[j] = day;
    this.#result.lossOnDay[day]! += lost * process.margin;
    this.#result.firstLossDay ??= day;
  }
}

/** The outages' processes, those out of balance already, sources that may be switched to, and all that they supply. */
function reachedFrom(network: SupplyNetwork, flat: Flat, outages: readonly Outage[]): number[] {
  const customers = network.processes.map((): number[] => []);
  for (const [j, { groups }] of network.processes.entries())
    for (const { arcs } of groups) for (const { supplier } of arcs) customers[supplier]!.push(j);
  const reached = new Set(outages.map(({ process }) => process));
  for (const [j, { rate }] of network.processes.entries()) if (flat.orders[j]! > rate * (1 + NOISE)) reached.add(j);
  for (const { arc } of flat.spare) reached.add(flat.arcSupplier[arc]!);
  for (const j of reached) for (const customer of customers[j]!) reached.add(customer); // a Set grows while it is walked
  return [...reached].sort((a, b) => a - b);
}

function flatten(network: SupplyNetwork, switching: boolean, horizonDays: number): Flat {
  const groups = network.processes.flatMap((process) => process.groups.map((group) => ({ process, group })));
  const groupStart = new Int32Array(network.processes.length + 1);
  for (const [j, process] of network.processes.entries()) groupStart[j + 1] = groupStart[j]! + process.groups.length;
  const arcs = groups.flatMap(({ group }, g) => group.arcs.map((arc) => ({ arc, g })));
  const arcStart = new Int32Array(groups.length + 1);
  for (const { g } of arcs) arcStart[g + 1]!++;
  for (let g = 0; g < groups.length; g++) arcStart[g + 1]! += arcStart[g]!;
  const orders = Float64Array.from(network.processes, (process) => process.demand);
  for (const { arc } of arcs) orders[arc.supplier]! += arc.flow;
  return {
    groupStart,
    arcStart,
    groupNeed: Float64Array.from(groups, ({ process, group }) => group.quantity * process.rate),
    arcSupplier: Int32Array.from(arcs, ({ arc }) => arc.supplier),
    arcFlow: Float64Array.from(arcs, ({ arc }) => arc.flow),
    arcLag: Int32Array.from(arcs, ({ arc }) => Math.min(arc.lagDays, horizonDays)),
    orders,
    spare: switching
      ? arcs.flatMap(({ arc, g }, a) =>
          arc.status === "qualified" ? [{ arc: a, group: g, capacity: arc.capacity, opensOn: arc.switchDays }] : [],
        )
      : [],
    lagMax: arcs.reduce((most, { arc }) => Math.max(most, Math.min(arc.lagDays, horizonDays)), 1),
  };
}
