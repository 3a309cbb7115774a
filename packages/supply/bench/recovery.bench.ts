/**
 * Time to survive and loss until recovery of every upstream process of a 2,000-process, 5,000-arc network, one thread. The
 * floor is one scattered read per coefficient of the two programmes and outage: what reading them once each costs.
 */
import { loadSolver, readSupplyNetwork, RecoveryModel, SurvivalModel } from "../src/index.ts";
import { gatherNanoseconds } from "./gather-limit.ts";
import { randomModel } from "./random-model.ts";

const COEFFICIENTS_PER_ARC = 12; // two columns per arc in two rows, and the rows of groups and balances

export async function bench({ tiny }: { tiny: boolean }): Promise<unknown> {
  const [processes, arcs] = tiny ? [60, 150] : [2_000, 5_000];
  const network = readSupplyNetwork(randomModel({ processes, arcs, seed: 1 }));
  const solver = await loadSolver();
  const upstream = network.processes.flatMap((process, j) =>
    process.groups.length === 0 || process.demand === 0 ? [j] : [],
  );
  const startedAt = performance.now();
  using recovery = new RecoveryModel(solver, network, 90);
  using survival = new SurvivalModel(solver, network, { daysMax: 1_000, unused: "forbidden" });
  let [gap, exposed] = [0, 0];
  for (const process of upstream) {
    const days = network.processes[process]!.recoveryDays; // an index of the network
    const loss = recovery.lossOf([{ process, days }]);
    const survived = survival.daysWithout([process]);
    gap = Math.max(gap, loss.gap, survived.gap);
    if (survived.days < days) exposed++;
  }
  const seconds = (performance.now() - startedAt) / 1_000;
  const gather = gatherNanoseconds(arcs * COEFFICIENTS_PER_ARC);
  return {
    name: "recovery",
    processes,
    arcs,
    upstream: upstream.length,
    exposed,
    seconds,
    secondsMax: 60,
    millisecondsPerSolve: (1_000 * seconds) / (2 * upstream.length),
    dualityGapMost: gap,
    dualityGapMax: 1e-7,
    ratioToGather: (seconds * 1e9) / (2 * upstream.length * arcs * COEFFICIENTS_PER_ARC * gather),
  };
}
