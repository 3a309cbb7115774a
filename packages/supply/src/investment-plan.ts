/**
 * The measures that lower the expected and the tail loss most for a budget (reference sheet section 11): a mixed-integer
 * programme over loss scenarios with CVaR in Rockafellar and Uryasev's form, solved with a proven gap. Greedy's plan is the
 * starting point, so that the result is never worse than greedy. Reductions of several measures add up: simulate the chosen
 * plan again before believing the sum.
 * Invariants: cost at most the budget; a larger budget is never worse within the gap; the relaxation is at most the plan.
 * Refuses budgets that what must be bought exceeds, and measures that exclude or need what does not exist.
 * Indexing with `!` is bounded by the checked problem.
 */
import { LinearModel, type LinearSolution, ModelBuilder, type Solver, type Term } from "./linear-model.ts";
import { quoted, supplyProblem } from "./supply-problem.ts";

export interface PlanMeasure {
  readonly id: string;
  readonly cost: number;
  /** [scenarios], part of the scenario's loss that the measure takes away. */
  readonly reduction: ArrayLike<number>;
  /** At most one measure of the same set is chosen. */
  readonly exclusiveSet?: string;
  /** Chosen only together with this one. */
  readonly needs?: string;
  readonly mustBuy?: boolean;
}

export interface PlanProblem {
  readonly measures: readonly PlanMeasure[];
  /** [scenarios] */
  readonly loss: ArrayLike<number>;
  /** [scenarios], adding up to 1; equal when left out. */
  readonly probability?: ArrayLike<number>;
  readonly budget: number;
  /** Weight of the mean against the CVaR, 0 to 1. */
  readonly meanWeight: number;
  /** Level of the CVaR, default 0.95. */
  readonly level?: number;
}

export interface PlanOptions {
  /** Stop when the plan is proven to be within this part of the best, default 0.01. */
  readonly gap?: number;
  /** Stop anyway after this long, default 30; the gap reached is in the result. */
  readonly secondsMax?: number;
}

export interface PlanValue {
  readonly objective: number;
  readonly meanLoss: number;
  readonly conditionalValueAtRisk: number;
}

export interface InvestmentPlan extends PlanValue {
  /** Indices of the chosen measures, ascending. */
  readonly chosen: readonly number[];
  readonly cost: number;
  /** What no plan can be below. */
  readonly bound: number;
  /** (objective - bound) / objective: how far from the best the plan can be. */
  readonly gap: number;
  readonly without: PlanValue;
  readonly greedy: PlanValue & { readonly chosen: readonly number[] };
  /** What one more unit of money takes off the objective, from the relaxation. */
  readonly shadowPrice: number;
  /** [measures], what the measure takes off this plan's objective if it is in it, or would take off if it were added. */
  readonly marginalValue: Float64Array;
}

export const MEASURES_MAX = 5_000; // branch and bound beyond this does not end in minutes
export const SCENARIOS_MAX = 20_000; // two rows and two columns each
const CELLS_MAX = 20_000_000; // measures times scenarios

/** @throws Problem `supply/plan-infeasible`, `supply/number-invalid`, `supply/reference-unknown` or `supply/limit-exceeded` */
export function investmentPlan(solver: Solver, problem: PlanProblem, options: PlanOptions = {}): InvestmentPlan {
  const checked = checkPlan(problem);
  const greedy = greedyPlan(checked);
  const relaxed = relaxation(solver, checked);
  const found = branchAndBound(solver, checked, greedy, options);
  const best = checked.valueOf(found.chosen).objective <= checked.valueOf(greedy).objective ? found.chosen : greedy;
  const value = checked.valueOf(best);
  const bound = Math.min(value.objective, Math.max(found.bound, relaxed.objective));
  return {
    ...value,
    chosen: best,
    cost: checked.costOf(best),
    bound,
    gap: value.objective > 0 ? (value.objective - bound) / value.objective : 0,
    without: checked.valueOf(checked.required),
    greedy: { ...checked.valueOf(greedy), chosen: greedy },
    shadowPrice: relaxed.shadowPrice,
    marginalValue: Float64Array.from(checked.measures, (_, i) => {
      const other = best.includes(i) ? best.filter((each) => each !== i) : [...best, i];
      return Math.abs(checked.valueOf(other).objective - value.objective);
    }),
  };
}

/** The problem with its numbers checked and its references resolved. */
interface CheckedPlan {
  readonly measures: readonly PlanMeasure[];
  readonly loss: Float64Array;
  readonly probability: Float64Array;
  readonly budget: number;
  readonly meanWeight: number;
  readonly level: number;
  /** [measures], index of what it needs, or -1. */
  readonly needs: Int32Array;
  readonly exclusive: readonly (readonly number[])[];
  readonly required: readonly number[];
  costOf(chosen: readonly number[]): number;
  valueOf(chosen: readonly number[]): PlanValue;
  allows(chosen: readonly number[]): boolean;
}

function checkPlan(problem: PlanProblem): CheckedPlan {
  const { measures, budget, meanWeight, level = 0.95 } = problem;
  const loss = Float64Array.from(problem.loss);
  if (measures.length > MEASURES_MAX || loss.length > SCENARIOS_MAX || measures.length * loss.length > CELLS_MAX)
    throw supplyProblem(
      "supply/limit-exceeded",
      `\`${measures.length}\` measures and \`${loss.length}\` scenarios are too many`,
    );
  if (loss.length === 0) throw supplyProblem("supply/network-empty", "a plan needs a scenario");
  const probability = probabilities(problem, loss.length);
  requireNumber("budget", budget, 0, 1e15);
  requireNumber("meanWeight", meanWeight, 0, 1);
  if (!(level > 0 && level < 1)) requireNumber("level", Number.NaN, 0, 1);
  for (const value of loss) requireNumber("loss", value, 0, 1e15);
  const index = new Map(measures.map(({ id }, i) => [id, i]));
  if (index.size < measures.length) throw supplyProblem("supply/id-duplicate", "two measures have the same id");
  for (const { id, cost, reduction } of measures) {
    requireNumber(`the cost of ${quoted(id)}`, cost, 0, 1e15);
    if (reduction.length !== loss.length)
      throw supplyProblem(
        "supply/number-invalid",
        `${quoted(id)} has \`${reduction.length}\` reductions for ${loss.length} scenarios`,
      );
    for (let s = 0; s < reduction.length; s++) requireNumber(`a reduction of ${quoted(id)}`, reduction[s]!, 0, 1);
  }
  const needs = Int32Array.from(measures, ({ id, needs: needed }) => {
    const at = needed === undefined ? -1 : index.get(needed);
    if (at === undefined)
      throw supplyProblem(
        "supply/reference-unknown",
        `${quoted(id)} needs ${quoted(needed ?? "")}, which does not exist`,
      );
    return at;
  });
  const sets = new Map<string, number[]>();
  for (const [i, { exclusiveSet }] of measures.entries())
    if (exclusiveSet !== undefined) sets.set(exclusiveSet, [...(sets.get(exclusiveSet) ?? []), i]);
  const required = measures.flatMap(({ mustBuy }, i) => (mustBuy ? [i] : []));
  const checked = {
    measures,
    loss,
    probability,
    budget,
    meanWeight,
    level,
    needs,
    exclusive: [...sets.values()],
    required,
  };
  const plan: CheckedPlan = {
    ...checked,
    costOf: (chosen) => chosen.reduce((sum, i) => sum + measures[i]!.cost, 0),
    valueOf: (chosen) => valueOf(checked, chosen),
    allows: (chosen) =>
      chosen.every((i) => needs[i] === -1 || chosen.includes(needs[i]!)) &&
      checked.exclusive.every((set) => set.filter((i) => chosen.includes(i)).length <= 1),
  };
  if (!plan.allows(required) || plan.costOf(required) > budget)
    throw supplyProblem(
      "supply/plan-infeasible",
      `what must be bought costs \`${plan.costOf(required)}\` of a budget of \`${budget}\`, or contradicts itself`,
    );
  return plan;
}

function probabilities({ probability }: PlanProblem, count: number): Float64Array {
  if (probability === undefined) return new Float64Array(count).fill(1 / count);
  const parts = Float64Array.from(probability);
  let sum = 0;
  for (const part of parts) sum += part;
  if (parts.length !== count || parts.some((part) => !(part >= 0)) || Math.abs(sum - 1) > 1e-6)
    throw supplyProblem(
      "supply/shares-unbalanced",
      `probabilities of ${count} scenarios add up to \`${sum}\`, not to 1`,
    );
  return parts.map((part) => part / sum);
}

function requireNumber(name: string, value: number, min: number, max: number): void {
  if (!(value >= min && value <= max))
    throw supplyProblem("supply/number-invalid", `${name} \`${value}\` is not a number from ${min} to ${max}`);
}

type Scenarios = Pick<CheckedPlan, "measures" | "loss" | "probability" | "meanWeight" | "level">;

function valueOf({ measures, loss, probability, meanWeight, level }: Scenarios, chosen: readonly number[]): PlanValue {
  const left = loss.map(
    (each, s) => each * Math.max(0, 1 - chosen.reduce((sum, i) => sum + measures[i]!.reduction[s]!, 0)),
  );
  const meanLoss = left.reduce((sum, each, s) => sum + each * probability[s]!, 0);
  const worstFirst = Array.from(left.keys()).sort((a, b) => left[b]! - left[a]!);
  let [tail, sum] = [1 - level, 0];
  for (const s of worstFirst) {
    const part = Math.min(tail, probability[s]!);
    sum += part * left[s]!;
    tail -= part;
    if (tail <= 0) break;
  }
  const conditionalValueAtRisk = sum / (1 - level);
  return {
    objective: meanWeight * meanLoss + (1 - meanWeight) * conditionalValueAtRisk,
    meanLoss,
    conditionalValueAtRisk,
  };
}

/** The better of repeated best value per money and the single best measure, each with what it needs. */
function greedyPlan(plan: CheckedPlan): number[] {
  const fits = (chosen: readonly number[]) => plan.allows(chosen) && plan.costOf(chosen) <= plan.budget;
  const steps = plan.measures.map((_, i) => withNeeds(plan, i));
  let chosen = [...plan.required];
  for (;;) {
    const now = plan.valueOf(chosen).objective;
    let [best, bestRate] = [chosen, 0];
    for (const step of steps) {
      const next = [...new Set([...chosen, ...step])];
      if (next.length === chosen.length || !fits(next)) continue;
      const drop = now - plan.valueOf(next).objective;
      const rate = drop / Math.max(plan.costOf(next) - plan.costOf(chosen), 1e-9);
      if (drop > 0 && rate > bestRate) [best, bestRate] = [next, rate];
    }
    if (best === chosen) break;
    chosen = best;
  }
  const single = steps
    .map((step) => [...new Set([...plan.required, ...step])])
    .filter(fits)
    .reduce(
      (best, each) => (plan.valueOf(each).objective < plan.valueOf(best).objective ? each : best),
      [...plan.required],
    );
  const better = plan.valueOf(single).objective < plan.valueOf(chosen).objective ? single : chosen;
  return better.sort((a, b) => a - b);
}

function withNeeds(plan: CheckedPlan, measure: number): number[] {
  const all: number[] = [];
  for (let at = measure; at >= 0 && !all.includes(at); at = plan.needs[at]!) all.push(at);
  return all;
}

interface PlanModel {
  readonly builder: ModelBuilder;
  /** The columns of the measures come first. */
  readonly budgetRow: number;
}

/** Scenario losses are scaled to a largest of 1, so that tolerances mean the same for any currency. */
function planModel(plan: CheckedPlan, integer: boolean, scale: number): PlanModel {
  const { measures, loss, probability, meanWeight, level } = plan;
  const builder = new ModelBuilder();
  for (const { mustBuy } of measures) builder.column({ lower: mustBuy ? 1 : 0, upper: 1, integer });
  const threshold = builder.column({ cost: 1 - meanWeight });
  for (const [s, base] of loss.entries()) {
    const left = builder.column({ cost: meanWeight * probability[s]! });
    const excess = builder.column({ cost: ((1 - meanWeight) * probability[s]!) / (1 - level) });
    const reductions = measures.map(({ reduction }, i): Term => [i, (-base / scale) * reduction[s]!]);
    builder.row([...reductions, [left, -1]], -base / scale); // left >= base (1 - sum of reductions)
    builder.row(
      [
        [left, 1],
        [threshold, -1],
        [excess, -1],
      ],
      0,
    ); // excess >= left - threshold
  }
  for (const set of plan.exclusive)
    builder.row(
      set.map((i): Term => [i, 1]),
      1,
    );
  for (const [i, needed] of plan.needs.entries())
    if (needed >= 0)
      builder.row(
        [
          [i, 1],
          [needed, -1],
        ],
        0,
      );
  const budgetScale = Math.max(plan.budget, 1);
  const budgetRow = builder.row(
    measures.map(({ cost }, i): Term => [i, cost / budgetScale]),
    plan.budget / budgetScale,
  );
  return { builder, budgetRow };
}

function scaleOf({ loss }: CheckedPlan): number {
  return loss.reduce((most, each) => Math.max(most, each), 0) || 1;
}

function relaxation(solver: Solver, plan: CheckedPlan): { objective: number; shadowPrice: number } {
  const scale = scaleOf(plan);
  const { builder, budgetRow } = planModel(plan, false, scale);
  using model = new LinearModel(solver, builder);
  const solution: LinearSolution | undefined = model.solve();
  if (!solution) throw supplyProblem("supply/plan-infeasible", "no choice of measures keeps all conditions");
  const price = (solution.rowValue[budgetRow]! * scale) / Math.max(plan.budget, 1);
  return { objective: Math.max(0, solution.objective * scale), shadowPrice: price };
}

function branchAndBound(
  solver: Solver,
  plan: CheckedPlan,
  start: readonly number[],
  { gap = 0.01, secondsMax = 30 }: PlanOptions,
): { chosen: number[]; bound: number } {
  const scale = scaleOf(plan);
  const { builder } = planModel(plan, true, scale);
  using model = new LinearModel(solver, builder, { mip_rel_gap: gap, time_limit: secondsMax, random_seed: 0 });
  const taken = new Set(start);
  model.startWith(plan.measures.map((_, i) => (taken.has(i) ? 1 : 0)));
  const { column, bound } = model.solveInteger();
  const chosen = column ? plan.measures.flatMap((_, i) => (column[i]! > 0.5 ? [i] : [])) : [...start];
  const keeps = plan.allows(chosen) && plan.costOf(chosen) <= plan.budget * (1 + 1e-9);
  return { chosen: keeps ? chosen : [...start], bound: bound * scale };
}
