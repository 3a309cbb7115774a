/**
 * What stops if something fails: scenarios, their runs, and what an answer holds. A loss is a band: with perfect
 * reallocation it is at least `low`, without any adaptation it is `high`. Every result names its inputs' hash, the model's
 * version and its assumptions, so that it can be made again.
 */
import { z } from "zod";
import { digitsOr } from "../digits.ts";
import { page, pageQuery } from "../page.ts";
import { route } from "../route.ts";
import { asOf, country, line, note, sharePpm } from "./fact.ts";
import { threatCategory } from "./threat.ts";

const tag = "know/simulation";
const id = z.uuid();

export const PARTS_MAX = 20; // a scenario that people can still picture
export const EVENT_SITES_MAX = 200; // named one by one; more are given by country or as a circle
export const OUTAGE_DAYS_MAX = 1_825; // five years: the longest recovery that anyone plans for
export const HORIZON_DAYS_MAX = 3_650;
export const POOLS_MAX = 10; // agreements in one scenario
export const POOL_MEMBERS_MAX = 100; // organisations of one pool

export const simulationProblems = {
  "simulation/scenario-not-found": 404,
  "simulation/run-not-found": 404,
  "simulation/nothing-hit": 422,
  "simulation/no-network": 422,
  "simulation/reference-unknown": 422,
  "simulation/run-unfinished": 409,
  "simulation/too-large": 422,
  "simulation/failed": 500,
  // what packages/supply refuses of a network or a plan
  "supply/plan-infeasible": 422,
  "supply/number-invalid": 422,
  "supply/shares-unbalanced": 422,
  "supply/limit-exceeded": 422,
  "supply/option-invalid": 422,
  "supply/reference-unknown": 422,
  "supply/id-duplicate": 422,
  "supply/output-zero": 422,
  "supply/network-empty": 422,
  "supply/solver-failed": 500,
} as const;

/** When and how deep: part of what is hit that is lost, from a day on, for some days, then back in a straight line. */
const course = {
  depthPpm: sharePpm.min(1).default(1_000_000),
  startDay: z.int().min(0).max(OUTAGE_DAYS_MAX).default(0),
  days: z.int().min(1).max(OUTAGE_DAYS_MAX),
  rampDays: z.int().min(0).max(OUTAGE_DAYS_MAX).default(0),
};

/** What of it is hit: everything when absent. */
const items = z.array(id).min(1).max(50).optional();

export const scenarioPart = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("site"), site: id, ...course }),
  z.strictObject({ kind: z.literal("supplier"), organisation: id, items, ...course }),
  /** A country's sites stop; with `exportsOnly` they go on, and only buyers abroad get nothing. */
  z.strictObject({ kind: z.literal("country"), country, items, exportsOnly: z.boolean().default(false), ...course }),
  /** Every maker of an item stops. */
  z.strictObject({ kind: z.literal("item"), item: id, ...course }),
  /** A transport route, or every route through a chokepoint, is closed. */
  z.strictObject({ kind: z.literal("route"), route: id, ...course }),
  z.strictObject({ kind: z.literal("chokepoint"), chokepoint: line(80), ...course }),
  /** Something that hits several sites at once: named, or within a circle. */
  z.strictObject({
    kind: z.literal("event"),
    name: line(120),
    threat: threatCategory.optional(),
    sites: z.array(id).max(EVENT_SITES_MAX).default([]),
    circle: z
      .strictObject({
        latitude: z.number().min(-90).max(90),
        longitude: z.number().min(-180).max(180),
        radiusKm: z.number().min(1).max(5_000),
      })
      .optional(),
    ...course,
  }),
]);
export type ScenarioPart = z.output<typeof scenarioPart>;
export type ScenarioPartInput = z.input<typeof scenarioPart>;

export const POOL_RULES = ["equal", "need", "contribution"] as const;

/** Organisations that share their stocks, and where they say so their spare capacity, of an item while it is short. */
export const pool = z.strictObject({
  name: line(120),
  item: id,
  members: z.array(id).min(2).max(POOL_MEMBERS_MAX),
  rule: z.enum(POOL_RULES),
  /** Part of each member's own stock that it puts in. */
  stockPpm: sharePpm.default(1_000_000),
  shareCapacity: z.boolean().default(false),
});
export type Pool = z.output<typeof pool>;

export const scenarioContent = z.strictObject({
  parts: z.array(scenarioPart).min(1).max(PARTS_MAX),
  /** How far to look; long enough for the parts when absent. */
  horizonDays: z.int().min(1).max(HORIZON_DAYS_MAX).optional(),
  pools: z.array(pool).max(POOLS_MAX).default([]),
});
export type ScenarioContent = z.output<typeof scenarioContent>;

export const scenarioDraft = z.strictObject({ name: line(200), note: note.optional(), ...scenarioContent.shape });
export type ScenarioDraft = z.output<typeof scenarioDraft>;

export const scenario = z.object({
  id,
  version: z.int(),
  state: z.enum(["active", "retired"]),
  ...scenarioDraft.shape,
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
  changedAt: z.iso.datetime(),
  changedBy: z.string(),
  /** The newest run of this version, when there is one. */
  latestRun: id.nullable(),
});
export type Scenario = z.output<typeof scenario>;

export const TREATMENTS = {
  "share-missing":
    "Shares don't add up to 100 %: the rest comes from sources that the registry doesn't know and keeps coming",
  "share-over-whole": "Shares add up to more than 100 %: they were scaled down",
  "input-without-supplier": "An input names no supplier: it is taken to be always there",
  "no-capacity": "No capacity is stated: it is taken to be what is bought today",
  "sells-more-than-stated": "More is bought than the stated capacity: the capacity is raised to the purchases",
  "sells-elsewhere": "More is made than the registry's buyers take: the rest goes to others and is no reserve",
  "demand-assumed":
    "A product that nobody in the registry buys, without a stated demand: all of its output counts as demand without a margin",
  "no-output": "Neither output nor buyers are known: it is left out",
  "no-margin": "A demand states no margin: its loss counts units, not money",
  "other-currency": "A margin in another currency: without a rate it is left out",
  "negative-margin": "A negative margin: losing it would be a gain, so it counts as none",
  cycle: "It needs what needs it: the delivery that closes the circle comes from outside",
  "important-inputs-shared": "More than two important inputs: together they can stop all output, each an equal part",
  "switch-days-default": "A source could take over more and doesn't say when: 90 days",
  "rise-unknown": "A source doesn't say how much more it could deliver: no more than today",
  "several-recipes": "Merged sites bring several recipes of one item: the first is taken",
  "route-by-country": "No route is known for a delivery: routes between ports stand for trade between their countries",
} as const;
export type TreatmentCode = keyof typeof TREATMENTS;

const named = z.object({ id, label: z.string() });

export const treatment = z.object({
  code: z.string(),
  text: z.string(),
  count: z.int(),
  /** Some of the cases. */
  examples: z.array(z.object({ site: named.nullable(), item: named.nullable() })),
});

export const manifest = z.object({
  modelVersion: z.string(),
  inputHash: z.string(),
  assumptionsHash: z.string(),
  seed: z.int().nullable(),
  /** SHA-256 of the result's canonical JSON. */
  resultHash: z.string(),
  asOf: z.iso.datetime(),
});
export type Manifest = z.output<typeof manifest>;

const dayOrNone = z.int().nullable();

/** A site that makes less than usual, and what bridged until then. */
export const stoppedSite = z.object({
  site: id,
  label: z.string(),
  country: z.string(),
  organisationLabel: z.string(),
  position: z.object({ latitude: z.number(), longitude: z.number() }).nullable(),
  /** The scenario stops it; the others are short of something. */
  isHit: z.boolean(),
  /** First day on which something is missing: stocks bridge from here to `shortFrom`. */
  missingFrom: dayOrNone,
  shortFrom: z.int(),
  shortUntil: z.int(),
  bridgeDays: z.int(),
  /** Of its output over the horizon, lost. */
  lostPpm: sharePpm,
  /** What ran out first, when nobody stopped it. */
  cause: z.object({ item: id, itemLabel: z.string() }).nullable(),
});

/** A product that no longer reaches its customers in full. */
export const shortProduct = z.object({
  site: id,
  siteLabel: z.string(),
  item: id,
  itemLabel: z.string(),
  unit: z.string(),
  missingFrom: dayOrNone,
  unservedFrom: z.int(),
  unservedUntil: z.int(),
  bridgeDays: z.int(),
  unservedUnits: z.number(),
  unservedPpm: sharePpm,
  lossMinor: z.number(),
});

export const alternative = z.object({
  buyer: named,
  item: named,
  supplier: named,
  supplierCountry: z.string(),
  status: z.enum(["qualified", "unqualified"]),
  switchDays: z.number(),
  savesMinor: z.number(),
});

export const poolGain = z.object({
  pool: z.string(),
  rule: z.enum(POOL_RULES),
  members: z.array(
    z.object({
      organisation: id,
      label: z.string(),
      putsInUnits: z.number(),
      takesOutUnits: z.number(),
      lossAloneMinor: z.number(),
      lossPooledMinor: z.number(),
      gainMinor: z.number(),
    }),
  ),
});

export const answer = z.object({
  manifest,
  /** In a paragraph, made from the figures below. */
  paragraph: z.string(),
  currency: z.string().nullable(),
  horizonDays: z.int(),
  /** Margin lost: proven at least, and without adaptation; between them, when orders move to qualified sources. */
  lossMinor: z.object({ low: z.number(), switching: z.number(), high: z.number() }),
  valueAddedLostMinor: z.number(),
  /** Largest relative duality gap of the linear programmes. */
  dualityGap: z.number(),
  /** Days until the first customer goes short: without adaptation, and with perfect reallocation; null is longer than looked at. */
  survive: z.object({ daysLow: z.int().nullable(), daysHigh: z.number().nullable() }),
  recoverDays: z.int(),
  isExposed: z.boolean(),
  gapDays: z.object({ low: z.number(), high: z.number() }),
  counts: z.object({
    sitesHit: z.int(),
    sitesStopped: z.int(),
    productsShort: z.int(),
    countries: z.int(),
    processes: z.int(),
    deliveries: z.int(),
  }),
  sites: z.array(stoppedSite),
  products: z.array(shortProduct),
  /** By day: loss of the day, sites short. At most 400 points, each of `stepDays`. */
  timeline: z.object({
    stepDays: z.int(),
    lossMinor: z.array(z.number()),
    sitesShort: z.array(z.int()),
    productsShort: z.array(z.int()),
  }),
  alternatives: z.array(alternative),
  pools: z.array(poolGain),
  treatments: z.array(treatment),
  /** Rows left out of `sites` and `products`. */
  truncated: z.object({ sites: z.int(), products: z.int() }),
  /** False in an interactive answer, which leaves alternatives out. */
  complete: z.boolean(),
});
export type Answer = z.output<typeof answer>;

export const run = z.object({
  id,
  scenario: id.nullable(),
  scenarioVersion: z.int().nullable(),
  name: z.string(),
  state: z.enum(["waiting", "running", "done", "failed", "cancelled"]),
  jobId: id,
  asOf: z.iso.datetime(),
  createdAt: z.iso.datetime(),
  createdBy: z.string(),
  /** True when the same inputs had been calculated before. */
  reused: z.boolean(),
  content: scenarioContent,
  lossMinor: z.object({ low: z.number(), high: z.number() }).nullable(),
  currency: z.string().nullable(),
});
export type Run = z.output<typeof run>;

export const comparison = z.object({
  left: run,
  right: run,
  sameInputs: z.boolean(),
  figures: z.array(
    z.object({ name: z.string(), unit: z.string(), left: z.number().nullable(), right: z.number().nullable() }),
  ),
  sites: z.array(
    z.object({
      site: id,
      label: z.string(),
      country: z.string(),
      leftPpm: sharePpm.nullable(),
      rightPpm: sharePpm.nullable(),
    }),
  ),
  products: z.array(
    z.object({
      site: id,
      siteLabel: z.string(),
      item: id,
      itemLabel: z.string(),
      leftMinor: z.number().nullable(),
      rightMinor: z.number().nullable(),
    }),
  ),
});
export type Comparison = z.output<typeof comparison>;

const params = z.object({ id });

export const listScenarios = route({
  id: "listScenarios",
  method: "GET",
  path: "/api/know/simulation/scenarios",
  tag,
  summary: "Saved scenarios, newest first, each with its newest run",
  action: "simulation:read",
  query: pageQuery.extend({ state: z.enum(["active", "retired"]).default("active") }),
  status: 200,
  answer: page(scenario),
});

export const getScenario = route({
  id: "getScenario",
  method: "GET",
  path: "/api/know/simulation/scenarios/:id",
  tag,
  summary: "One scenario",
  action: "simulation:read",
  params,
  status: 200,
  answer: scenario,
});

export const createScenario = route({
  id: "createScenario",
  method: "POST",
  path: "/api/know/simulation/scenarios",
  tag,
  summary: "Saves a scenario under a name",
  action: "simulation:run",
  body: scenarioDraft,
  status: 201,
  answer: scenario,
  creates: true,
});

export const editScenario = route({
  id: "editScenario",
  method: "PUT",
  path: "/api/know/simulation/scenarios/:id",
  tag,
  summary: "Changes a scenario; its earlier runs keep what they were asked",
  action: "simulation:run",
  params,
  body: scenarioDraft,
  status: 200,
  answer: scenario,
  edits: true,
});

export const retireScenario = route({
  id: "retireScenario",
  method: "POST",
  path: "/api/know/simulation/scenarios/:id/retirement",
  tag,
  summary: "Takes a scenario off the list, or puts it back",
  action: "simulation:run",
  params,
  body: z.strictObject({ state: z.enum(["active", "retired"]) }),
  status: 200,
  answer: scenario,
  edits: true,
});

export const askWhatIf = route({
  id: "askWhatIf",
  method: "POST",
  path: "/api/know/simulation/what-if",
  tag,
  summary: "Answers at once what stops if …, when the network is small enough; nothing is saved",
  action: "simulation:read",
  body: scenarioContent,
  status: 200,
  answer,
});

export const startRun = route({
  id: "startSimulationRun",
  method: "POST",
  path: "/api/know/simulation/runs",
  tag,
  summary: "Runs a scenario as a job on the registry as it stands, or as it stood at `asOf`",
  action: "simulation:run",
  body: z.strictObject({ scenario: id, asOf }),
  status: 202,
  answer: run,
});

export const listRuns = route({
  id: "listSimulationRuns",
  method: "GET",
  path: "/api/know/simulation/runs",
  tag,
  summary: "Runs, newest first",
  action: "simulation:read",
  query: pageQuery.extend({ scenario: id.optional() }),
  status: 200,
  answer: page(run),
});

export const getRun = route({
  id: "getSimulationRun",
  method: "GET",
  path: "/api/know/simulation/runs/:id",
  tag,
  summary: "One run: who asked what, as of when, and how far it is",
  action: "simulation:read",
  params,
  status: 200,
  answer: run,
});

export const getRunAnswer = route({
  id: "getSimulationAnswer",
  method: "GET",
  path: "/api/know/simulation/runs/:id/answer",
  tag,
  summary: "What a finished run answered",
  action: "simulation:read",
  params,
  status: 200,
  answer,
});

export const replayRun = route({
  id: "replaySimulationRun",
  method: "POST",
  path: "/api/know/simulation/runs/:id/replay",
  tag,
  summary: "Calculates a finished run again, as a job, and says whether every byte is the same",
  action: "simulation:run",
  params,
  status: 202,
  answer: z.object({ jobId: id }),
});

export const compareRuns = route({
  id: "compareSimulationRuns",
  method: "GET",
  path: "/api/know/simulation/comparison",
  tag,
  summary: "Two finished runs side by side: the figures, and the sites and products that differ",
  action: "simulation:read",
  query: z.object({ left: id, right: id }),
  status: 200,
  answer: comparison,
});

/** Over the whole network, without a scenario: what alone stops a product. */
export const singlePoint = z.object({
  id: z.string(),
  label: z.string(),
  country: z.string().nullable(),
  stopsProcesses: z.int(),
  products: z.array(z.object({ site: named, item: named })),
  productsCount: z.int(),
  /** Margin of a year of the products that stop. */
  marginPerYearMinor: z.number(),
});
export type SinglePoint = z.output<typeof singlePoint>;

export const SINGLE_POINT_LEVELS = ["site", "supplier", "country", "item"] as const;

export const listSinglePoints = route({
  id: "listSinglePoints",
  method: "GET",
  path: "/api/know/simulation/single-points",
  tag,
  summary: "Sites, suppliers, countries or items that alone stop a product, counting every qualified source",
  action: "simulation:read",
  query: z.object({
    level: z.enum(SINGLE_POINT_LEVELS).default("site"),
    asOf,
    limit: digitsOr(500, 1, 2_000),
  }),
  status: 200,
  answer: z.object({ currency: z.string().nullable(), items: z.array(singlePoint), treatments: z.array(treatment) }),
});

export const listAlternatives = route({
  id: "listAlternatives",
  method: "GET",
  path: "/api/know/simulation/alternatives",
  tag,
  summary: "Who could deliver more when a site stops, ranked by the loss that each alone saves, with its switch time",
  action: "simulation:read",
  query: z.object({ site: id, days: digitsOr(90, 1, OUTAGE_DAYS_MAX) }),
  status: 200,
  answer: z.object({ currency: z.string().nullable(), items: z.array(alternative) }),
});

export const listCutSets = route({
  id: "listCutSets",
  method: "GET",
  path: "/api/know/simulation/cut-sets",
  tag,
  summary: "The smallest sets of sites, up to three, that together stop one product",
  action: "simulation:read",
  query: z.object({ site: id, item: id, order: digitsOr(2, 1, 3) }),
  status: 200,
  answer: z.object({ sets: z.array(z.array(named)), count: z.int() }),
});

export const simulationRoutes = [
  listScenarios,
  getScenario,
  createScenario,
  editScenario,
  retireScenario,
  askWhatIf,
  startRun,
  listRuns,
  getRun,
  getRunAnswer,
  replayRun,
  compareRuns,
  listSinglePoints,
  listAlternatives,
  listCutSets,
] as const;
