import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import fc from "fast-check";
import { investmentPlan, MEASURES_MAX, type PlanProblem, SCENARIOS_MAX } from "./investment-plan.ts";
import { loadSolver } from "./linear-model.ts";

const solver = await loadSolver();
const exact = { gap: 0 };

const part = fc.double({ min: 0, max: 0.6, noNaN: true });
const problems: fc.Arbitrary<PlanProblem> = fc
  .record({ measures: fc.integer({ min: 1, max: 6 }), scenarios: fc.integer({ min: 1, max: 8 }) })
  .chain((size) =>
    fc.record({
      measures: fc
        .array(
          fc.record({
            cost: fc.integer({ min: 1, max: 50 }),
            reduction: fc.array(part, { minLength: size.scenarios, maxLength: size.scenarios }),
            exclusiveSet: fc.constantFrom("a", undefined, undefined),
            needsFirst: fc.boolean(),
          }),
          { minLength: size.measures, maxLength: size.measures },
        )
        .map((measures) =>
          measures.map(({ cost, reduction, exclusiveSet, needsFirst }, i) => ({
            id: `m${i}`,
            cost,
            reduction,
            ...(exclusiveSet ? { exclusiveSet } : {}),
            ...(needsFirst && i > 0 ? { needs: "m0" } : {}),
          })),
        ),
      loss: fc.array(fc.double({ min: 0, max: 1_000, noNaN: true }), {
        minLength: size.scenarios,
        maxLength: size.scenarios,
      }),
      budget: fc.integer({ min: 0, max: 120 }),
      meanWeight: fc.constantFrom(0, 0.5, 1),
      level: fc.constantFrom(0.5, 0.95),
    }),
  );

/** Mean and CVaR of what is left, written again from section 11 and not from the code. */
const objectiveOf = ({ measures, loss, meanWeight, level = 0.95 }: PlanProblem, chosen: readonly number[]): number => {
  const left = Array.from(loss, (base, s) =>
    Math.max(0, base * (1 - chosen.reduce((sum, i) => sum + measures[i]!.reduction[s]!, 0))),
  );
  const excessOver = (eta: number) =>
    eta + left.reduce((sum, each) => sum + Math.max(0, each - eta), 0) / left.length / (1 - level);
  const tail = Math.min(...left.map(excessOver));
  return (meanWeight * left.reduce((sum, each) => sum + each, 0)) / left.length + (1 - meanWeight) * tail;
};

const bestByTrying = (problem: PlanProblem): number => {
  const { measures, budget } = problem;
  let best = Number.POSITIVE_INFINITY;
  for (let set = 0; set < 2 ** measures.length; set++) {
    const chosen = measures.flatMap((_, i) => ((set >> i) & 1 ? [i] : []));
    const cost = chosen.reduce((sum, i) => sum + measures[i]!.cost, 0);
    const inSet = chosen.filter((i) => measures[i]!.exclusiveSet === "a").length;
    const hasNeeds = chosen.every((i) => measures[i]!.needs === undefined || chosen.includes(0));
    if (cost <= budget && inSet <= 1 && hasNeeds) best = Math.min(best, objectiveOf(problem, chosen));
  }
  return best;
};

test("finds the best of all plans, never worse than greedy, with the relaxation below (section 14, 10)", () => {
  fc.assert(
    fc.property(problems, (problem) => {
      const plan = investmentPlan(solver, problem, exact);
      const tolerance = 1e-5 * Math.max(1, plan.without.objective);
      assert.ok(
        Math.abs(plan.objective - bestByTrying(problem)) <= tolerance,
        `${plan.objective} against ${bestByTrying(problem)}`,
      );
      assert.ok(Math.abs(plan.objective - objectiveOf(problem, plan.chosen)) <= tolerance);
      assert.ok(plan.objective <= plan.greedy.objective && plan.bound <= plan.objective);
      assert.ok(plan.cost <= problem.budget && plan.shadowPrice >= 0);
    }),
    { numRuns: 150 },
  );
});

test("a larger budget is never worse (section 14, 10)", () => {
  fc.assert(
    fc.property(problems, fc.integer({ min: 1, max: 60 }), (problem, more) => {
      const [small, large] = [problem, { ...problem, budget: problem.budget + more }].map((each) =>
        investmentPlan(solver, each, exact),
      );
      assert.ok(large!.objective <= small!.objective + 1e-5 * Math.max(1, small!.objective));
    }),
    { numRuns: 40 },
  );
});

const one = (change: Partial<PlanProblem> = {}, measure: object = {}): PlanProblem => ({
  measures: [{ id: "stock", cost: 10, reduction: [0.5, 0.5], ...measure }],
  loss: [100, 300],
  budget: 10,
  meanWeight: 1,
  ...change,
});

test("says what each measure is worth, what the plan leaves, and what more budget would do", () => {
  const plan = investmentPlan(solver, one());
  assert.deepEqual([plan.chosen, plan.meanLoss, plan.without.meanLoss, plan.marginalValue[0]], [[0], 100, 200, 100]);
  assert.ok(plan.gap <= 1e-9);
  const half = investmentPlan(solver, one({ budget: 5 }));
  assert.deepEqual([half.chosen, half.marginalValue[0]], [[], 100]);
  assert.ok(Math.abs(half.shadowPrice - 10) < 1e-6);
});

test("buys what must be bought, and refuses a budget that can't", () => {
  const must = { mustBuy: true, reduction: [0, 0] };
  assert.deepEqual(investmentPlan(solver, one({}, must)).chosen, [0]);
  const refuses = (code: string, problem: PlanProblem) =>
    assert.throws(
      () => investmentPlan(solver, problem),
      (error) => error instanceof Problem && error.code === code,
    );
  refuses("supply/plan-infeasible", one({ budget: 5 }, must));
  refuses("supply/reference-unknown", one({}, { needs: "moon" }));
  refuses("supply/number-invalid", one({ loss: [Number.NaN, 1] }));
  refuses("supply/number-invalid", one({ budget: -1 }));
  refuses("supply/number-invalid", one({ level: 1 }));
  refuses("supply/number-invalid", one({}, { reduction: [2, 0] }));
  refuses("supply/number-invalid", one({}, { reduction: [0.1] }));
  refuses("supply/shares-unbalanced", one({ probability: [0.5, 0.4] }));
  refuses("supply/network-empty", { ...one(), measures: [], loss: [] });
  refuses("supply/id-duplicate", one({ measures: [...one().measures, ...one().measures] }));
  refuses("supply/limit-exceeded", one({ measures: Array(MEASURES_MAX + 1).fill(one().measures[0]) }));
  refuses("supply/limit-exceeded", one({ loss: Array(SCENARIOS_MAX + 1).fill(1) }));
});
