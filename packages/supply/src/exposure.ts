/**
 * Who is exposed: how long the network survives without a process or a site, how long that takes to recover, and what the
 * outage costs, each as a bracket between perfect reallocation and no adaptation (reference sheet section 5). Every
 * process, site, owner or country is measured alike, so that they compare.
 */
import type { Solver } from "./linear-model.ts";
import type { Outage } from "./outage.ts";
import { RecoveryModel, SurvivalModel } from "./recovery.ts";
import { stockCascade } from "./stock-cascade.ts";
import type { SupplyNetwork } from "./supply-network.ts";

export interface Exposure {
  /** Days until final demand goes unserved: without adaptation, and with perfect reallocation. */
  readonly surviveDaysLow: number;
  readonly surviveDaysHigh: number;
  readonly recoverDays: number;
  /** Whether the network stops before the process is back even with perfect reallocation. */
  readonly isExposed: boolean;
  /** Days without service: between perfect reallocation and no adaptation. */
  readonly gapDaysLow: number;
  readonly gapDaysHigh: number;
  readonly lossLow: number;
  readonly lossHigh: number;
  /** The worst duality gap of the solves. */
  readonly dualityGap: number;
}

export interface ExposureOptions {
  readonly horizonDays: number;
  /** Longer survival counts as unlimited. */
  readonly daysMax: number;
}

/** The models that measure exposures of one network. Dispose it. */
export class ExposureModel {
  readonly #network: SupplyNetwork;
  readonly #options: ExposureOptions;
  readonly #recovery: RecoveryModel;
  readonly #survival: SurvivalModel;

  /** @throws Problem `supply/option-invalid` */
  constructor(solver: Solver, network: SupplyNetwork, options: ExposureOptions) {
    this.#network = network;
    this.#options = options;
    this.#recovery = new RecoveryModel(solver, network, options.horizonDays);
    this.#survival = new SurvivalModel(solver, network, { daysMax: options.daysMax, unused: "forbidden" });
  }

  /** What stopping `processes` together means; each is back after its own recovery days, cut off at the horizon. */
  of(processes: readonly number[]): Exposure {
    const { horizonDays } = this.#options;
    const recoverDays = Math.max(0, ...processes.map((process) => this.#network.processes[process]?.recoveryDays ?? 0));
    const outages = processes.map((process): Outage => {
      const days = this.#network.processes[process]?.recoveryDays ?? 0;
      return { process, days: Math.min(days, horizonDays) };
    });
    const survival = this.#survival.daysWithout(processes);
    const low = this.#recovery.lossOf(outages);
    const high = stockCascade(this.#network, outages, { horizonDays });
    const surviveDaysLow = high.firstLossDay ?? Math.min(horizonDays, survival.days);
    return {
      surviveDaysLow,
      surviveDaysHigh: survival.days,
      recoverDays,
      isExposed: survival.days < recoverDays,
      gapDaysLow: Math.max(0, recoverDays - survival.days),
      gapDaysHigh: Math.max(0, recoverDays - surviveDaysLow),
      lossLow: low.loss,
      lossHigh: high.loss,
      dualityGap: Math.max(survival.gap, low.gap),
    };
  }

  [Symbol.dispose](): void {
    this.#recovery[Symbol.dispose]();
    this.#survival[Symbol.dispose]();
  }
}

/** Ways to name sets of processes that fail together. */
export type FailureGrouping = "process" | "site" | "owner" | "country" | "exposure" | "item";

/** Named sets of processes that stop together, in the order of the network; processes without the property are left out. */
export function failureSets(network: SupplyNetwork, by: FailureGrouping): Map<string, number[]> {
  const sets = new Map<string, number[]>();
  for (const j of network.processes.keys()) {
    for (const name of namesOf(network, j, by)) {
      const members = sets.get(name);
      if (members) members.push(j);
      else sets.set(name, [j]);
    }
  }
  return sets;
}

function namesOf(network: SupplyNetwork, j: number, by: FailureGrouping): readonly string[] {
  const process = network.processes[j];
  const site = process && network.sites[process.site];
  if (!process || !site) return [];
  if (by === "exposure") return site.exposures;
  const item = network.items[process.item]?.id;
  const name = { process: process.id, site: site.id, owner: site.owner, country: site.country, item }[by];
  return name === undefined ? [] : [name];
}
