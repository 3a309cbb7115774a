/**
 * What to buy against what could happen: candidate measures with their cost and their effect on unit cost and lead time,
 * beside the loss they avoid in chosen scenarios; the best set for a budget with a certificate of how near the best it is;
 * and afterwards what was delivered of what was planned.
 */
import { z } from "zod";
import { digits } from "../digits.ts";
import { page, pageQuery } from "../page.ts";
import { route } from "../route.ts";
import { asOf, days, line, note, sharePpm } from "./fact.ts";
import { manifest } from "./simulation.ts";

const tag = "know/investment";
const id = z.uuid();

export const MEASURES_MAX = 100; // candidates of one plan: each is simulated in every scenario
export const EVENTS_MAX = 30; // scenarios of one plan

export const investmentProblems = {
  "investment/plan-not-found": 404,
  "investment/scenario-unknown": 422,
  "investment/measure-invalid": 422,
  "investment/no-result": 409,
  "investment/not-a-draft": 409,
  "investment/not-decided": 409,
} as const;

const money = z.int().min(0).max(9_007_199_254_740_991);

const effect = {
  id: z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/, "is not an id such as `second-source-1`"),
  title: line(200),
  /** A year, all in: capital spread over its life, upkeep, tied-up money. */
  costPerYearMinor: money,
  /** What it does to the unit cost of what is made with it, in parts per million; negative is cheaper. */
  unitCostPpm: z.int().min(-1_000_000).max(10_000_000).default(0),
  /** What it does to lead time; negative is sooner. */
  leadDaysChange: z.int().min(-3_650).max(3_650).default(0),
  /** At most one measure of the same set is bought. */
  exclusiveSet: line(60).optional(),
  /** Bought only together with this one. */
  needs: z.string().max(60).optional(),
  mustBuy: z.boolean().default(false),
};

export const MEASURE_KINDS = ["stock", "second-source", "hardening", "spare-line", "onshoring"] as const;

export const measure = z.discriminatedUnion("kind", [
  /** More days of an item on a site's shelf: an input, or what the site makes itself. */
  z.strictObject({ kind: z.literal("stock"), site: id, item: id, days: days.min(1), ...effect }),
  /** A supplier is qualified for a buyer's input; it delivers up to a part of it, some days after it is called. */
  z.strictObject({
    kind: z.literal("second-source"),
    buyer: id,
    supplier: id,
    item: id,
    partPpm: sharePpm.min(1),
    switchDays: days,
    ...effect,
  }),
  /** What hits the site takes less of it. */
  z.strictObject({ kind: z.literal("hardening"), site: id, avoidedPpm: sharePpm.min(1), ...effect }),
  /** The site could make more than it does. */
  z.strictObject({ kind: z.literal("spare-line"), site: id, item: id, capacityPpm: sharePpm.min(1), ...effect }),
  /** A part of what every buyer in a country takes comes from a site there, whose output grows by it. */
  z.strictObject({ kind: z.literal("onshoring"), site: id, item: id, partPpm: sharePpm.min(1), ...effect }),
]);
export type Measure = z.output<typeof measure>;

export const planDraft = z.strictObject({
  name: line(200),
  note: note.optional(),
  /** What could happen, and how often a year. */
  events: z
    .array(z.strictObject({ scenario: id, perYear: z.number().min(0).max(10) }))
    .min(1)
    .max(EVENTS_MAX),
  measures: z.array(measure).min(1).max(MEASURES_MAX),
  budgetPerYearMinor: money,
  /** Weight of the expected loss against the mean of the worst 5 % of years. */
  meanWeightPpm: sharePpm.default(500_000),
});
export type PlanDraft = z.output<typeof planDraft>;

const value = z.object({ objectiveMinor: z.number(), meanMinor: z.number(), cvarMinor: z.number() });

export const VERDICTS = [
  "bought",
  "must-buy",
  "no-effect",
  "over-budget",
  "worth-less",
  "excluded",
  "needs-other",
] as const;

export const chosenMeasure = z.object({
  id: z.string(),
  isIn: z.boolean(),
  verdict: z.enum(VERDICTS),
  /** Why, in a sentence with its figures. */
  reason: z.string(),
  /** What it takes off the objective in this plan, or would if it were added. */
  valueMinor: z.number(),
  costPerYearMinor: z.number(),
});

export const planAt = z.object({
  budgetPerYearMinor: z.number(),
  costPerYearMinor: z.number(),
  plan: value,
  without: value,
  greedy: value,
  boundMinor: z.number(),
  gap: z.number(),
  /** What one more unit of money a year takes off the objective. */
  shadowPrice: z.number(),
  measures: z.array(chosenMeasure),
  /** The best that onshoring alone can do for the same budget; null without such measures. */
  onshoringOnly: value.extend({ costPerYearMinor: z.number() }).nullable(),
});
export type PlanAt = z.output<typeof planAt>;

const curve = z.object({
  meanMinor: z.number(),
  cvar95Minor: z.number(),
  exceedance: z.array(z.object({ probability: z.number(), lossMinor: z.number() })),
});

export const planResult = z.object({
  manifest,
  currency: z.string().nullable(),
  /** At the plan's own budget. */
  best: planAt,
  /** Budget and what is left of the objective, for the slider. */
  frontier: z.array(
    z.object({ budgetPerYearMinor: z.number(), objectiveMinor: z.number(), costPerYearMinor: z.number() }),
  ),
  /** Each scenario: today, as the plan adds it up, and simulated again with everything bought. */
  events: z.array(
    z.object({
      scenario: id,
      name: z.string(),
      perYear: z.number(),
      beforeMinor: z.number(),
      plannedMinor: z.number(),
      afterMinor: z.number(),
    }),
  ),
  before: curve,
  after: curve,
});
export type PlanResult = z.output<typeof planResult>;

export const delivery = z.object({
  id,
  at: z.iso.datetime(),
  by: z.string(),
  currency: z.string().nullable(),
  /** Expected loss a year: when it was planned, as planned, and on the registry of `at`. */
  beforeMinor: z.number(),
  plannedMinor: z.number(),
  nowMinor: z.number(),
  events: z.array(
    z.object({
      scenario: id,
      name: z.string(),
      beforeMinor: z.number(),
      plannedMinor: z.number(),
      nowMinor: z.number(),
    }),
  ),
});
export type Delivery = z.output<typeof delivery>;

export const plan = z.object({
  id,
  version: z.int(),
  state: z.enum(["draft", "decided"]),
  ...planDraft.shape,
  changedAt: z.iso.datetime(),
  changedBy: z.string(),
  decidedAt: z.iso.datetime().nullable(),
  decidedBy: z.string().nullable(),
  /** Measures that were decided to be bought. */
  bought: z.array(z.string()),
  jobId: id.nullable(),
  /** True when there is a result of this version. */
  hasResult: z.boolean(),
  labels: z.record(z.string(), z.string()),
});
export type Plan = z.output<typeof plan>;

const params = z.object({ id });

export const listPlans = route({
  id: "listPlans",
  method: "GET",
  path: "/api/know/investment/plans",
  tag,
  summary: "Plans, the newest first",
  action: "investment:read",
  query: pageQuery,
  status: 200,
  answer: page(plan),
});

export const getPlan = route({
  id: "getPlan",
  method: "GET",
  path: "/api/know/investment/plans/:id",
  tag,
  summary: "One plan: what could happen, what could be bought, for which budget",
  action: "investment:read",
  params,
  status: 200,
  answer: plan,
});

export const createPlan = route({
  id: "createPlan",
  method: "POST",
  path: "/api/know/investment/plans",
  tag,
  summary: "Begins a plan",
  action: "investment:plan",
  body: planDraft,
  status: 201,
  answer: plan,
  creates: true,
});

export const editPlan = route({
  id: "editPlan",
  method: "PUT",
  path: "/api/know/investment/plans/:id",
  tag,
  summary: "Changes a plan that is not decided; it has to be worked out again",
  action: "investment:plan",
  params,
  body: planDraft,
  status: 200,
  answer: plan,
  edits: true,
});

export const startPlan = route({
  id: "startPlan",
  method: "POST",
  path: "/api/know/investment/plans/:id/run",
  tag,
  summary: "Works a plan out, as a job: every measure in every scenario, the best set, and that set simulated again",
  action: "investment:plan",
  params,
  body: z.strictObject({ asOf }),
  status: 202,
  answer: z.object({ jobId: id }),
});

export const getPlanResult = route({
  id: "getPlanResult",
  method: "GET",
  path: "/api/know/investment/plans/:id/result",
  tag,
  summary: "What is best to buy, why each measure is in or out, and the losses before and after",
  action: "investment:read",
  params,
  status: 200,
  answer: planResult,
});

export const getPlanAtBudget = route({
  id: "getPlanAtBudget",
  method: "GET",
  path: "/api/know/investment/plans/:id/at",
  tag,
  summary: "The best set for another budget, from the effects that were simulated",
  action: "investment:read",
  params,
  query: z.object({ budgetPerYearMinor: digits(0) }),
  status: 200,
  answer: planAt,
});

export const decidePlan = route({
  id: "decidePlan",
  method: "POST",
  path: "/api/know/investment/plans/:id/decision",
  tag,
  summary: "Says what of a plan is bought; on record, and measured against afterwards",
  action: "investment:plan",
  params,
  body: z.strictObject({ bought: z.array(z.string().max(60)).max(MEASURES_MAX), reason: note }),
  status: 200,
  answer: plan,
  edits: true,
});

export const startDelivery = route({
  id: "startDelivery",
  method: "POST",
  path: "/api/know/investment/plans/:id/deliveries",
  tag,
  summary: "Works out, as a job, what the registry of today loses in a decided plan's scenarios",
  action: "investment:plan",
  params,
  status: 202,
  answer: z.object({ jobId: id }),
});

export const listDeliveries = route({
  id: "listDeliveries",
  method: "GET",
  path: "/api/know/investment/plans/:id/deliveries",
  tag,
  summary: "What was delivered of what was planned, newest first",
  action: "investment:read",
  params,
  query: pageQuery,
  status: 200,
  answer: page(delivery),
});

export const investmentRoutes = [
  listPlans,
  getPlan,
  createPlan,
  editPlan,
  startPlan,
  getPlanResult,
  getPlanAtBudget,
  decidePlan,
  startDelivery,
  listDeliveries,
] as const;
