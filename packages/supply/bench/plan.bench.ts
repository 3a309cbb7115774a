/**
 * An investment plan of 200 measures over 300 scenarios, proven to within 1 %. The floor is one scattered read per reduction,
 * what looking at the problem once costs.
 */
import { investmentPlan, loadSolver, type PlanProblem, uniformStream } from "../src/index.ts";
import { gatherNanoseconds } from "./gather-limit.ts";

export async function bench({ tiny }: { tiny: boolean }): Promise<unknown> {
  const [measures, scenarios] = tiny ? [8, 12] : [200, 300];
  const solver = await loadSolver();
  const problem = planProblem(measures, scenarios);
  const startedAt = performance.now();
  const plan = investmentPlan(solver, problem);
  const seconds = (performance.now() - startedAt) / 1_000;
  const gather = gatherNanoseconds(100_000);
  return {
    name: "plan",
    measures,
    scenarios,
    seconds,
    secondsMax: 30,
    gap: plan.gap,
    gapMax: 0.01,
    chosen: plan.chosen.length,
    betterThanGreedyBy: (plan.greedy.objective - plan.objective) / plan.greedy.objective,
    shadowPrice: plan.shadowPrice,
    ratioToGather: (seconds * 1e9) / (measures * scenarios * gather),
  };
}

/** Each measure helps against a tenth of the scenarios; losses are skewed, as years are. */
function planProblem(measures: number, scenarios: number): PlanProblem {
  const draw = uniformStream(5);
  return {
    measures: Array.from({ length: measures }, (_, i) => ({
      id: `measure ${i}`,
      cost: 10 + 90 * draw(),
      reduction: Float64Array.from({ length: scenarios }, () => (draw() < 0.1 ? 0.05 + 0.25 * draw() : 0)),
    })),
    loss: Float64Array.from({ length: scenarios }, () => 50 / draw() ** 0.7),
    budget: 4 * measures,
    meanWeight: 0.5,
  };
}
