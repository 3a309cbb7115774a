/**
 * What each hazard can cost, worked out before the years are simulated (reference sheet section 9): for every set of sites
 * that an event may stop, the loss at ten durations; between them the loss is linear, beyond them it grows on. A hazard
 * with up to eight sites has its every subset calculated; with more, the losses of the sites are added up and capped at the
 * loss of all together. Plain typed arrays, so that a table can be sent to a worker as it is.
 * Indexing with `!` is bounded by the offsets kept beside the values.
 */
import type { Outage } from "./outage.ts";
import { logarithm, lognormalOf } from "./risk-quantity.ts";
import { supplyProblem } from "./supply-problem.ts";
import type { SupplyNetwork } from "./supply-network.ts";

export const DURATIONS_DAYS = [1, 2, 4, 7, 14, 30, 60, 90, 180, 365] as const;
export const SUBSET_SITES_MAX = 8; // 255 subsets at ten durations

export interface LossTable {
  readonly hazards: readonly string[];
  /** [hazards], events a year. */
  readonly rate: Float64Array;
  readonly vulnerability: Float64Array;
  /** [hazards], of the logarithm of the downtime in days. */
  readonly downtimeMu: Float64Array;
  readonly downtimeSd: Float64Array;
  readonly siteCount: Int32Array;
  /** [hazards], where the hazard's rows of ten losses start in `loss`. */
  readonly rowStart: Int32Array;
  /** Row r is `loss[10 r]` and on. Up to eight sites: row is the set of stopped sites as bits. More: one row per site, then all. */
  readonly loss: Float64Array;
}

/** Money lost when these outages happen together; the caller chooses which loss, and from which model. */
export type LossOf = (outages: readonly Outage[]) => number;

/** The table of the network's hazards. `onRow` hears how many of the rows are done. @throws Problem */
export function lossTable(
  network: SupplyNetwork,
  lossOf: LossOf,
  onRow: (done: number, count: number) => void = () => undefined,
): LossTable {
  if (network.hazards.length === 0) throw supplyProblem("supply/network-empty", "the model has no hazard");
  const rowsOf = network.hazards.map(({ sites }) => rowsOfSites(sites.length));
  const count = rowsOf.reduce((sum, rows) => sum + rows.length, 0);
  const rowStart = new Int32Array(network.hazards.length);
  const loss = new Float64Array(count * DURATIONS_DAYS.length);
  let done = 0;
  for (const [h, { sites, depth }] of network.hazards.entries()) {
    rowStart[h] = done;
    for (const stopped of rowsOf[h]!) {
      const processes = stopped.flatMap((place) => network.sites[sites[place]!]!.processes);
      for (const [d, days] of DURATIONS_DAYS.entries()) {
        const value = stopped.length === 0 ? 0 : lossOf(processes.map((process) => ({ process, days, depth })));
        const before = d === 0 ? 0 : loss[done * DURATIONS_DAYS.length + d - 1]!;
        loss[done * DURATIONS_DAYS.length + d] = Math.max(before, value); // longer is never cheaper
      }
      onRow(++done, count);
    }
  }
  const downtime = network.hazards.map(({ downtimeDays }) => lognormalOf(downtimeDays));
  return {
    hazards: network.hazards.map(({ id }) => id),
    rate: Float64Array.from(network.hazards, ({ ratePerYear }) => ratePerYear.value),
    vulnerability: Float64Array.from(network.hazards, ({ vulnerability }) => vulnerability.value),
    downtimeMu: Float64Array.from(downtime, ({ mu }) => mu),
    downtimeSd: Float64Array.from(downtime, ({ sd }) => sd),
    siteCount: Int32Array.from(network.hazards, ({ sites }) => sites.length),
    rowStart,
    loss,
  };
}

/** The sets of sites, by position in the hazard, that rows stand for. */
function rowsOfSites(count: number): number[][] {
  const places = Array.from({ length: count }, (_, i) => i);
  if (count > SUBSET_SITES_MAX) return [...places.map((place) => [place]), places];
  return Array.from({ length: 2 ** count }, (_, set) => places.filter((place) => (set >> place) & 1));
}

/** The loss of row `row` after `days`: linear between the durations, from 0 at 0 days, and on beyond the last. */
export function lossAt(table: LossTable, row: number, days: number): number {
  const at = row * DURATIONS_DAYS.length;
  const last = DURATIONS_DAYS.length - 1;
  let d = 0;
  while (d < last && days > DURATIONS_DAYS[d]!) d++;
  const fromDays = d === 0 ? 0 : DURATIONS_DAYS[d - 1]!;
  const from = d === 0 ? 0 : table.loss[at + d - 1]!;
  return Math.max(0, from + ((table.loss[at + d]! - from) * (days - fromDays)) / (DURATIONS_DAYS[d]! - fromDays));
}

/** Natural logarithm of the longest downtime that is drawn: a hundred years. */
export const LOG_DAYS_MAX = logarithm(36_500);
