/**
 * Who could replace whom: the sources that are not used today, ranked by the loss that each of them alone would save in an
 * outage, with its switch time. Qualified sources can be turned to; unqualified ones have to be qualified first, and their
 * switch days are meant to say how long that takes. Loss is the linear programme's, so a saving is one between two optima.
 * Indexing with `!` is bounded by the network.
 */
import { type ArcPlace, FlowModel, type FlowSolution } from "./flow-model.ts";
import type { Solver } from "./linear-model.ts";
import { checkHorizon, checkOutages, lostDays, type Outage } from "./outage.ts";
import type { SupplyNetwork } from "./supply-network.ts";

export interface Alternative extends ArcPlace {
  readonly supplier: number;
  readonly status: "qualified" | "unqualified";
  readonly switchDays: number;
  /** Money over the horizon, never negative. */
  readonly saves: number;
}

export interface Alternatives {
  /** With the sources used today only. */
  readonly loss: number;
  /** Best first; those that save nothing are left out. */
  readonly ranked: readonly Alternative[];
}

/** @throws Problem `supply/option-invalid` for a horizon or an outage that makes no sense */
export function alternatives(
  solver: Solver,
  network: SupplyNetwork,
  outages: readonly Outage[],
  horizonDays: number,
): Alternatives {
  checkHorizon(horizonDays);
  checkOutages(network, outages);
  using flow = new FlowModel(solver, network, { days: horizonDays, price: ({ margin }) => margin, openPart: () => 0 });
  for (const process of new Set(outages.map((outage) => outage.process))) {
    const lost = outages.filter((outage) => outage.process === process);
    const days = lost.reduce((sum, outage) => sum + lostDays(outage, 0, horizonDays), 0);
    flow.limit(process, Math.max(0, 1 - days / horizonDays));
  }
  flow.startNormal();
  const without = flow.solve();
  const ranked = unusedArcs(network).flatMap((place): Alternative[] => {
    const { supplier, status, switchDays } = network.processes[place.process]!.groups[place.group]!.arcs[place.arc]!;
    if (status === "used" || switchDays >= horizonDays || !canSave(without, place, supplier)) return [];
    flow.open(place, 1 - switchDays / horizonDays);
    const saves = Math.max(0, (without.cost - flow.solve().cost) * horizonDays);
    flow.open(place, 0);
    return saves > without.cost * horizonDays * NOISE ? [{ ...place, supplier, status, switchDays, saves }] : [];
  });
  return {
    loss: without.cost * horizonDays,
    ranked: ranked.sort((a, b) => b.saves - a.saves || a.supplier - b.supplier),
  };
}

const NOISE = 1e-9; // of the loss; the solver's own rounding

/** An arc can lower the optimum only where a unit is worth more to its buyer than to its supplier: its reduced cost. */
function canSave({ stockValue, outputValue }: FlowSolution, { process, group }: ArcPlace, supplier: number): boolean {
  return stockValue[process]![group]! > outputValue[supplier]!;
}

function unusedArcs(network: SupplyNetwork): ArcPlace[] {
  return network.processes.flatMap(({ groups }, process) =>
    groups.flatMap(({ arcs, essentiality }, group) =>
      arcs.flatMap(({ status }, arc) => (status === "used" || essentiality === 0 ? [] : [{ process, group, arc }])),
    ),
  );
}
