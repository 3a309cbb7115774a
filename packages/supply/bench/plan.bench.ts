/**
 * Investment plans of 200 measures over 300 scenarios, to be proven within 1 %: measures that harden one of 40 sites, one per
 * site, and measures that each help a little against a tenth of all scenarios, where a proof is much harder. The floor is one
 * scattered read per reduction, what looking at the problem once costs.
 */
import { investmentPlan, loadSolver, type PlanProblem, uniformStream } from "../src/index.ts";
import { gatherNanoseconds } from "./gather-limit.ts";

const SITES = 40;

export async function bench({ tiny }: { tiny: boolean }): Promise<unknown> {
  const [measures, scenarios] = tiny ? [8, 12] : [200, 300];
  const solver = await loadSolver();
  const gather = gatherNanoseconds(100_000);
  const results = (["one site each", "scattered"] as const).map((effect) => {
    const problem = planProblem(measures, scenarios, effect);
    const startedAt = performance.now();
    const plan = investmentPlan(solver, problem);
    const seconds = (performance.now() - startedAt) / 1_000;
    return {
      effect,
      seconds,
      secondsMax: 30,
      gap: plan.gap,
      gapMax: 0.01,
      chosen: plan.chosen.length,
      betterThanGreedyBy: (plan.greedy.objective - plan.objective) / plan.greedy.objective,
      shadowPrice: plan.shadowPrice,
      ratioToGather: (seconds * 1e9) / (measures * scenarios * gather),
    };
  });
  return { name: "plan", measures, scenarios, results };
}

/** Losses are skewed, as years are. */
function planProblem(measures: number, scenarios: number, effect: "one site each" | "scattered"): PlanProblem {
  const draw = uniformStream(5);
  const site = () => Math.floor(draw() * SITES);
  const siteOfScenario = Array.from({ length: scenarios }, site);
  return {
    measures: Array.from({ length: measures }, (_, i) => {
      const [hardened, strength] = [site(), 0.2 + 0.6 * draw()];
      const measure = { id: `measure ${i}`, cost: 10 + 90 * draw() };
      if (effect === "scattered") {
        const some = () => (draw() < 0.1 ? 0.05 + 0.25 * draw() : 0);
        return { ...measure, reduction: Float64Array.from({ length: scenarios }, some) };
      }
      const reduction = Float64Array.from(siteOfScenario, (at) => (at === hardened ? strength : 0));
      return { ...measure, reduction, exclusiveSet: `site ${hardened}` };
    }),
    loss: Float64Array.from({ length: scenarios }, () => 50 / draw() ** 0.7),
    budget: 4 * measures,
    meanWeight: 0.5,
  };
}
