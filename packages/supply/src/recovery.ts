/**
 * Loss until recovery and time to survive by linear programme, with perfect reallocation: the lower bound of what an outage
 * costs (reference sheet section 4). A horizon is one bucket. One model is solved for outage after outage.
 * Invariants: the loss is at most the loss of the time-stepped cascade for the same outage; a longer outage or less stock
 * never lowers it; a process is exposed when its time to survive is shorter than its time to recover.
 */
import { FlowModel } from "./flow-model.ts";
import type { Solver } from "./linear-model.ts";
import { checkHorizon, checkOutages, lostDays, type Outage } from "./outage.ts";
import { supplyProblem } from "./supply-problem.ts";
import type { SupplyNetwork } from "./supply-network.ts";

export interface RecoveryLoss {
  /** Margin lost over the horizon, at least. */
  readonly loss: number;
  readonly gap: number;
  /** [processes], units of final demand not served. */
  readonly unserved: Float64Array;
  /** [processes][groups], money saved per unit of further stock of the group. */
  readonly stockValue: readonly (readonly number[])[];
  /** [processes], money saved per unit that the process could further make within the horizon. */
  readonly outputValue: Float64Array;
}

/** Losses of outages over one horizon. Dispose it. */
export class RecoveryModel {
  readonly #network: SupplyNetwork;
  readonly #horizonDays: number;
  readonly #flow: FlowModel;

  /** @throws Problem `supply/option-invalid` when the horizon is not a whole number of days from 1 to 3,650 */
  constructor(solver: Solver, network: SupplyNetwork, horizonDays: number) {
    this.#network = network;
    this.#horizonDays = checkHorizon(horizonDays);
    this.#flow = new FlowModel(solver, network, {
      days: horizonDays,
      price: (process) => process.margin,
      openPart: ({ status, switchDays }) =>
        status === "qualified" && switchDays < horizonDays ? 1 - switchDays / horizonDays : undefined,
    });
  }

  /** The least loss that the network can reach when `outages` happen together. @throws Problem `supply/option-invalid` */
  lossOf(outages: readonly Outage[]): RecoveryLoss {
    checkOutages(this.#network, outages);
    const lost = new Map<number, number>();
    for (const outage of outages)
      lost.set(outage.process, (lost.get(outage.process) ?? 0) + lostDays(outage, 0, this.#horizonDays));
    for (const [process, days] of lost) this.#flow.limit(process, Math.max(0, 1 - days / this.#horizonDays));
    this.#flow.startNormal();
    const { cost, gap, unserved, stockValue, outputValue } = this.#flow.solve();
    for (const process of lost.keys()) this.#flow.limit(process, 1);
    return {
      loss: cost * this.#horizonDays,
      gap,
      unserved: unserved.map((perDay) => perDay * this.#horizonDays),
      stockValue,
      outputValue,
    };
  }

  [Symbol.dispose](): void {
    this.#flow[Symbol.dispose]();
  }
}

/** Sources that are qualified and not used today: left out, or available at once (time to survive has no switch days). */
export type UnusedSources = "forbidden" | "at-once";

export interface Survival {
  readonly days: number;
  /** Relative error of the days, at most. */
  readonly gap: number;
}

const STEPS_MAX = 200; // each step passes one break of a piecewise linear function; a handful is usual
const SERVED = 1e-9; // of all demand; less is rounding of the solver
const PACE_MAX = 1e9;

/**
 * Times to survive. Dispose it. The unserved demand is convex and falling in the pace at which stocks are drawn down, so
 * Newton's steps along its slope reach the least pace that serves all from below. The days are `daysMax` over that pace.
 */
export class SurvivalModel {
  readonly daysMax: number;
  readonly #demand: number;
  readonly #flow: FlowModel;

  /** @throws Problem `supply/option-invalid` when `daysMax` is not positive */
  constructor(solver: Solver, network: SupplyNetwork, options: { daysMax: number; unused: UnusedSources }) {
    if (!(options.daysMax > 0 && Number.isFinite(options.daysMax)))
      throw supplyProblem("supply/option-invalid", `at most \`${options.daysMax}\` days is not a positive number`);
    this.daysMax = options.daysMax;
    this.#demand = network.processes.reduce((sum, process) => sum + process.demand, 0);
    this.#flow = new FlowModel(solver, network, {
      days: options.daysMax,
      price: () => 1,
      openPart: ({ status }) => (status === "qualified" && options.unused === "at-once" ? 1 : undefined),
    });
  }

  /** Days until final demand first goes unserved when `processes` stop for good; `daysMax` when it never does. */
  daysWithout(processes: readonly number[]): Survival {
    for (const process of processes) this.#flow.limit(process, 0);
    this.#flow.startNormal();
    const { pace, gap } = this.#leastPace();
    for (const process of processes) this.#flow.limit(process, 1);
    return { days: this.daysMax / pace, gap };
  }

  /** The least pace at which all demand is served; infinite when stocks can't help. */
  #leastPace(): { pace: number; gap: number } {
    let pace = 1;
    for (let step = 0; step < STEPS_MAX; step++) {
      this.#flow.setPace(pace);
      const { cost, gap, slope } = this.#flow.solve();
      if (cost <= SERVED * this.#demand) return { pace, gap };
      const next = slope < 0 ? pace - cost / slope : Number.POSITIVE_INFINITY;
      if (next > PACE_MAX) return { pace: Number.POSITIVE_INFINITY, gap };
      if (next <= pace * (1 + SERVED)) return { pace: next, gap: Math.max(gap, (next - pace) / pace) };
      pace = next;
    }
    throw supplyProblem("supply/solver-failed", `no time to survive after ${STEPS_MAX} steps`);
  }

  [Symbol.dispose](): void {
    this.#flow[Symbol.dispose]();
  }
}
