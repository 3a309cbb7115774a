/**
 * A plan worked out: every measure alone in every scenario, the best set for the budget by mixed-integer programme with its
 * certificate, and that set simulated again with everything bought together, because reductions don't simply add up. Losses
 * are those when orders move to qualified sources: a second source that nobody may turn to would be worth nothing.
 */
import type { investment as contract, simulation } from "@holdfast/api";
import {
  BLOCK_YEARS,
  DURATIONS_DAYS,
  type InvestmentPlan,
  investmentPlan,
  lossDistribution,
  LossSimulation,
  type PlanMeasure,
  type PlanProblem,
  readSupplyNetwork,
  type Solver,
  stockCascade,
} from "@holdfast/supply";
import { hardened, withMeasures } from "./apply-measure.ts";
import type { Prepared, Progress } from "./engine.ts";
import { scenarioCourse } from "./scenario-course.ts";
import type { PlanEffects } from "./plan-effects.ts";
import { reasonsOf } from "./plan-reason.ts";

const YEARS = 100_000; // of the curves before and after
const SEED = 1;
const FRONTIER_STEPS = 12;
const PPM = 1_000_000;

export interface PlanQuestion {
  readonly events: readonly { readonly perYear: number; readonly content: simulation.ScenarioContent }[];
  readonly measures: readonly contract.Measure[];
  readonly budgetPerYearMinor: number;
  readonly meanWeightPpm: number;
}

export interface RawPlan {
  readonly effects: PlanEffects;
  readonly best: contract.PlanAt;
  readonly frontier: contract.PlanResult["frontier"];
  readonly plannedMinor: readonly number[];
  readonly afterMinor: readonly number[];
  readonly before: contract.PlanResult["before"];
  readonly after: contract.PlanResult["after"];
}

export function planFigures(prepared: Prepared, solver: Solver, question: PlanQuestion, onProgress: Progress): RawPlan {
  const { events, measures, budgetPerYearMinor, meanWeightPpm } = question;
  const lossMinor = lossesWith(prepared, events, []);
  const reduction = measures.map((measure, i) => {
    onProgress(0.05 + (0.75 * i) / measures.length, `measure ${i + 1} of ${measures.length}`);
    const left = lossesWith(prepared, events, [measure]);
    return left.map((loss, s) => {
      const before = lossMinor[s] ?? 0;
      return before > 0 ? Math.min(1, Math.max(0, 1 - loss / before)) : 0;
    });
  });
  const effects: PlanEffects = {
    measures,
    perYear: events.map(({ perYear }) => perYear),
    lossMinor,
    reduction,
    meanWeightPpm,
    currency: prepared.built.currency,
  };
  onProgress(0.82, "the best set");
  const best = planAtBudget(solver, effects, budgetPerYearMinor);
  const total = measures.reduce((sum, { costPerYearMinor }) => sum + costPerYearMinor, 0);
  const frontier = frontierBudgets(effects, total).map((budget) => {
    const { plan, costPerYearMinor } = planAtBudget(solver, effects, budget);
    return { budgetPerYearMinor: budget, objectiveMinor: plan.objectiveMinor, costPerYearMinor };
  });
  onProgress(0.92, "simulating the set again");
  const isBought = new Set(best.measures.filter(({ isIn }) => isIn).map(({ id }) => id));
  const bought = measures.filter(({ id }) => isBought.has(id));
  const afterMinor = lossesWith(prepared, events, bought);
  const plannedMinor = lossMinor.map((loss, s) => {
    const taken = measures.reduce((sum, { id }, i) => sum + (isBought.has(id) ? (reduction[i]?.[s] ?? 0) : 0), 0);
    return Math.round(loss * Math.max(0, 1 - taken));
  });
  return {
    effects,
    best,
    frontier,
    plannedMinor,
    afterMinor,
    before: curveOf(effects.perYear, lossMinor),
    after: curveOf(effects.perYear, afterMinor),
  };
}

/** [scenarios], losses with these measures bought. */
export function lossesWith(
  { facts, built }: Prepared,
  events: PlanQuestion["events"],
  measures: readonly contract.Measure[],
): number[] {
  const model = withMeasures(built.model, measures);
  return events.map(({ content }) => {
    const course = scenarioCourse(facts, model, content);
    const outages = hardened(course.model, course.outages, measures);
    if (outages.length === 0) return 0;
    const network = readSupplyNetwork(course.model);
    return Math.round(stockCascade(network, outages, { horizonDays: course.horizonDays, switching: true }).loss);
  });
}

/** Budgets for the slider's curve; never below what must be bought. */
function frontierBudgets({ measures }: PlanEffects, total: number): number[] {
  const least = measures.reduce((sum, { mustBuy, costPerYearMinor }) => sum + (mustBuy ? costPerYearMinor : 0), 0);
  return Array.from({ length: FRONTIER_STEPS + 1 }, (_, i) =>
    Math.round(least + ((total - least) * i) / FRONTIER_STEPS),
  );
}

/** The best set for a budget, with why each measure is in or out. @throws Problem `supply/plan-infeasible` */
export function planAtBudget(solver: Solver, effects: PlanEffects, budget: number): contract.PlanAt {
  const problem = problemOf(effects, effects.measures, budget);
  const plan = investmentPlan(solver, problem, { gap: 1e-4, secondsMax: 20 });
  const onshoring = effects.measures.filter(({ kind }) => kind === "onshoring");
  return {
    budgetPerYearMinor: budget,
    costPerYearMinor: plan.cost,
    plan: valueOf(plan),
    without: valueOf(plan.without),
    greedy: valueOf(plan.greedy),
    boundMinor: Math.round(plan.bound),
    gap: plan.gap,
    shadowPrice: plan.shadowPrice,
    measures: reasonsOf(effects, plan, budget),
    onshoringOnly: onshoring.length === 0 ? null : onshoringValue(solver, effects, onshoring, budget),
  };
}

function onshoringValue(solver: Solver, effects: PlanEffects, measures: readonly contract.Measure[], budget: number) {
  const free = measures.map((measure) => ({ ...measure, mustBuy: false }));
  const plan = investmentPlan(solver, problemOf(effects, free, budget), { gap: 1e-4, secondsMax: 5 });
  return { ...valueOf(plan), costPerYearMinor: plan.cost };
}

/**
 * Scenarios of the programme: each event's year, and the years in which nothing happens. Events that together come more than
 * once a year are weighed as parts of one.
 */
function problemOf(effects: PlanEffects, measures: readonly contract.Measure[], budget: number): PlanProblem {
  const place = new Map(effects.measures.map(({ id }, i) => [id, i]));
  const known = new Set(measures.map(({ id }) => id));
  const sum = effects.perYear.reduce((total, rate) => total + rate, 0);
  const scale = Math.max(1, sum);
  return {
    measures: measures.map((measure): PlanMeasure => {
      const { id, costPerYearMinor, exclusiveSet, needs, mustBuy } = measure;
      return {
        id,
        cost: costPerYearMinor,
        reduction: [...(effects.reduction[place.get(id) ?? -1] ?? []), 0],
        mustBuy,
        ...(exclusiveSet === undefined ? {} : { exclusiveSet }),
        ...(needs === undefined || !known.has(needs) ? {} : { needs }),
      };
    }),
    loss: [...effects.lossMinor.map((loss) => loss * scale), 0],
    probability: [...effects.perYear.map((rate) => rate / scale), Math.max(0, 1 - sum / scale)],
    budget,
    meanWeight: effects.meanWeightPpm / PPM,
  };
}

function valueOf({
  objective,
  meanLoss,
  conditionalValueAtRisk,
}: Pick<InvestmentPlan, "objective" | "meanLoss" | "conditionalValueAtRisk">) {
  return {
    objectiveMinor: Math.round(objective),
    meanMinor: Math.round(meanLoss),
    cvarMinor: Math.round(conditionalValueAtRisk),
  };
}

/** Simulated years of events that each cost what they cost. */
function curveOf(perYear: readonly number[], lossMinor: readonly number[]): contract.PlanResult["before"] {
  const count = perYear.length;
  const loss = new Float64Array(2 * count * DURATIONS_DAYS.length);
  for (const [s, each] of lossMinor.entries())
    loss.fill(each, (2 * s + 1) * DURATIONS_DAYS.length, (2 * s + 2) * DURATIONS_DAYS.length);
  const table = {
    hazards: perYear.map((_, s) => String(s)),
    rate: Float64Array.from(perYear),
    vulnerability: new Float64Array(count).fill(1),
    downtimeMu: new Float64Array(count), // one day: the loss is the scenario's, whatever the duration
    downtimeSd: new Float64Array(count),
    siteCount: new Int32Array(count).fill(1),
    rowStart: Int32Array.from(perYear, (_, s) => 2 * s),
    loss,
  };
  const simulation = new LossSimulation(table, SEED, YEARS);
  const blocks = Array.from({ length: Math.ceil(YEARS / BLOCK_YEARS) }, (_, number) => simulation.block(number));
  const { expectedAnnualLoss, tails, exceedance } = lossDistribution(table, SEED, YEARS, blocks);
  return {
    meanMinor: Math.round(expectedAnnualLoss),
    cvar95Minor: Math.round(tails[0]?.conditionalValueAtRisk ?? 0),
    exceedance: exceedance.map((point) => ({ probability: point.probability, lossMinor: Math.round(point.loss) })),
  };
}
