/** Outages: how much of a process's capacity is missing on which day. The linear programmes and the cascade read the same. */
import { supplyProblem } from "./supply-problem.ts";
import type { SupplyNetwork } from "./supply-network.ts";

/** A process stopped from `startDay` on: `depth` of its capacity for `days`, then back to normal in a straight line. */
export interface Outage {
  readonly process: number;
  /** Default 0, at once. */
  readonly startDay?: number;
  readonly days: number;
  /** Default 1, all of the capacity. */
  readonly depth?: number;
  /** Days of recovery after `days`, default 0. */
  readonly rampDays?: number;
}

export const HORIZON_DAYS_MAX = 3_650; // ten years of days; a plan for longer is not about an outage

/** @throws Problem `supply/option-invalid` when an outage names no process, or is negative or deeper than all */
export function checkOutages(network: SupplyNetwork, outages: readonly Outage[]): void {
  for (const { process, startDay = 0, days, depth = 1, rampDays = 0 } of outages) {
    const isKnown = network.processes[process] !== undefined;
    if (!isKnown || !(startDay >= 0 && days >= 0 && rampDays >= 0) || !(depth >= 0 && depth <= 1))
      throw supplyProblem(
        "supply/option-invalid",
        `an outage of process \`${process}\` from day \`${startDay}\` for \`${days}\` days at depth \`${depth}\` with a ramp of \`${rampDays}\``,
      );
  }
}

/** @throws Problem `supply/option-invalid` when the horizon is not a whole number of days from 1 to 3,650 */
export function checkHorizon(days: number): number {
  if (Number.isInteger(days) && days >= 1 && days <= HORIZON_DAYS_MAX) return days;
  throw supplyProblem(
    "supply/option-invalid",
    `a horizon of \`${days}\` days is not a whole number to ${HORIZON_DAYS_MAX}`,
  );
}

/** Days of full capacity that are missing from day `from` to day `to`. */
export function lostDays({ startDay = 0, days, depth = 1, rampDays = 0 }: Outage, from: number, to: number): number {
  const missing = (t: number) => missingUntil(days, rampDays, Math.max(0, t - startDay));
  return depth * (missing(to) - missing(from));
}

/** The integral over [0, t] of 1 before `days`, falling to 0 over the ramp. */
function missingUntil(days: number, rampDays: number, t: number): number {
  if (t <= days) return t;
  const into = Math.min(t - days, rampDays);
  return rampDays === 0 ? days : days + into - (into * into) / (2 * rampDays);
}
