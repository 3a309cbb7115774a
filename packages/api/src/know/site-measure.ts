/**
 * One measure for every site: the yearly loss of value added that its failures cause, as a distribution (expected, and the
 * mean of the worst 5 % and 1 % of years), with uncovered days and the share of all value that goes with it. Hazard levels
 * become numbers by a table that anybody can see and the node's people can change. Scores of other methods are kept beside
 * it as what they are, inputs to judgement, and never mixed in.
 */
import { z } from "zod";
import { page, pageQuery } from "../page.ts";
import { route } from "../route.ts";
import { asOf, country, line, note, observedAt } from "./fact.ts";
import { SITE_KINDS } from "./registry-object.ts";
import { THREATS, threatCategory } from "./threat.ts";

const tag = "know/risk";
const id = z.uuid();

export const YEARS_MAX = 1_000_000; // simulated for each site
export const SCORES_MAX = 5_000; // of one import

export const siteMeasureProblems = {
  "site-measure/none-yet": 404,
  "site-measure/site-not-found": 404,
  "site-measure/calibration-incomplete": 422,
  "site-measure/score-invalid": 422,
} as const;

const perYear = z.number().min(0).max(100);
const downDays = z.number().min(0.1).max(3_650);

/** What a hazard's level and threat mean in numbers: 90 % intervals, with where they come from. */
export const calibrationContent = z.strictObject({
  /** Level 1 to 5: events a year that stop the site. */
  levels: z.array(z.strictObject({ lowPerYear: perYear, perYear, highPerYear: perYear })).length(5),
  downtimes: z
    .array(z.strictObject({ threat: threatCategory, lowDays: downDays, highDays: downDays }))
    .max(THREATS.length),
  /** A site whose expected loss moves by more than this part is told of. */
  alertPpm: z.int().min(1_000).max(100_000_000),
  source: line(300),
});
export type CalibrationContent = z.output<typeof calibrationContent>;

export const calibration = z.object({
  version: z.int(),
  /** True while nobody has calibrated it: rules of thumb of the program. */
  isDefault: z.boolean(),
  changedAt: z.iso.datetime().nullable(),
  changedBy: z.string().nullable(),
  ...calibrationContent.shape,
});
export type Calibration = z.output<typeof calibration>;

const money = z.number().describe("minor units of the measurement's currency");

export const siteMeasure = z.object({
  site: id,
  label: z.string(),
  kind: z.enum(SITE_KINDS),
  country: z.string(),
  organisationLabel: z.string(),
  /** Expected annual loss, with the interval that the rates' ranges leave. */
  expectedMinor: money,
  expectedLowMinor: money,
  expectedHighMinor: money,
  standardErrorMinor: money,
  cvar95Minor: money,
  cvar99Minor: money,
  surviveDaysLow: z.number().nullable(),
  surviveDaysHigh: z.number().nullable(),
  /** False where the solver gave up, so that the upper end is unknown rather than unlimited. */
  isSurvivalProven: z.boolean(),
  recoverDays: z.number(),
  gapDaysLow: z.number(),
  gapDaysHigh: z.number(),
  esriPpm: z.int().nullable(),
  since: z.iso.datetime(),
  measurement: id,
});
export type SiteMeasure = z.output<typeof siteMeasure>;

export const measurement = z.object({
  id,
  asOf: z.iso.datetime(),
  computedAt: z.iso.datetime(),
  currency: z.string().nullable(),
  sitesCount: z.int(),
  years: z.int(),
  seed: z.int(),
  modelVersion: z.string(),
  inputHash: z.string(),
  assumptionsHash: z.string(),
  calibrationVersion: z.int(),
  /** Of all sites together: the loss exceedance curve. */
  portfolio: z.object({
    expectedMinor: money,
    standardErrorMinor: money,
    cvar95Minor: money,
    cvar99Minor: money,
    exceedance: z.array(z.object({ probability: z.number(), lossMinor: money })),
  }),
});
export type Measurement = z.output<typeof measurement>;

export const SCORE_METHODS = ["carver", "api-780", "nist-800-30"] as const;

export const siteScoreDraft = z.strictObject({
  site: id,
  method: z.enum(SCORE_METHODS),
  /** Ordinal values by the method's own words: criticality 1 to 10, likelihood 1 to 5. Never multiplied. */
  values: z.record(z.string().regex(/^[a-z][a-z0-9-]{0,39}$/), z.int().min(0).max(100)),
  /** As the source printed it; for CARVER it is compared with the sum. */
  statedTotal: z.int().min(0).max(1_000).optional(),
  source: line(300),
  assessedAt: observedAt,
  note: note.optional(),
});
export type SiteScoreDraft = z.output<typeof siteScoreDraft>;

export const siteScore = z.object({
  id,
  ...siteScoreDraft.shape,
  /** Sum of the values where the method has one. */
  total: z.int().nullable(),
  /** The printed total is not the sum. */
  isTotalWrong: z.boolean(),
  recordedAt: z.iso.datetime(),
  recordedBy: z.string(),
});
export type SiteScore = z.output<typeof siteScore>;

export const measureAlert = z.object({
  id,
  site: id,
  label: z.string(),
  at: z.iso.datetime(),
  beforeMinor: money,
  afterMinor: money,
  currency: z.string().nullable(),
});

const params = z.object({ id });
export const MEASURE_SORTS = ["expected", "cvar95", "cvar99", "gap", "esri"] as const;

export const rankSites = route({
  id: "rankSites",
  method: "GET",
  path: "/api/know/risk/ranking",
  tag,
  summary: "Every site by one measure, the highest first",
  action: "risk:read",
  query: pageQuery.extend({
    sort: z.enum(MEASURE_SORTS).default("expected"),
    country: country.optional(),
    kind: z.enum(SITE_KINDS).optional(),
    asOf,
  }),
  status: 200,
  answer: page(siteMeasure).extend({ measurement: measurement.nullable() }),
});

export const getSiteMeasure = route({
  id: "getSiteMeasure",
  method: "GET",
  path: "/api/know/risk/sites/:id/measure",
  tag,
  summary: "One site's measure with its hazards, its loss by length of outage, and scores of other methods beside it",
  action: "risk:read",
  params,
  query: z.object({ asOf }),
  status: 200,
  answer: z.object({
    measure: siteMeasure,
    measurement,
    hazards: z.array(
      z.object({ threat: threatCategory, level: z.int(), ratePerYear: z.number(), expectedMinor: money }),
    ),
    losses: z.array(z.object({ days: z.int(), lossMinor: money })),
    scores: z.array(siteScore),
  }),
});

export const listMeasureHistory = route({
  id: "listSiteMeasureHistory",
  method: "GET",
  path: "/api/know/risk/sites/:id/measure/history",
  tag,
  summary: "What one site's measure was, newest first",
  action: "risk:read",
  params,
  query: pageQuery,
  status: 200,
  answer: page(siteMeasure),
});

export const startMeasurement = route({
  id: "startMeasurement",
  method: "POST",
  path: "/api/know/risk/measurements",
  tag,
  summary: "Measures every site on the registry as it stands, as a job",
  action: "risk:manage",
  body: z.strictObject({
    years: z.int().min(1_000).max(YEARS_MAX).default(50_000),
    seed: z.int().min(0).max(9_007_199_254_740_991).default(1),
  }),
  status: 202,
  answer: z.object({ jobId: id }),
});

export const listMeasurements = route({
  id: "listMeasurements",
  method: "GET",
  path: "/api/know/risk/measurements",
  tag,
  summary: "Measurements of all sites, newest first, each with its loss exceedance curve",
  action: "risk:read",
  query: pageQuery,
  status: 200,
  answer: page(measurement),
});

export const getCalibration = route({
  id: "getRiskCalibration",
  method: "GET",
  path: "/api/know/risk/calibration",
  tag,
  summary: "What a hazard's level means in numbers, and whether anybody has calibrated it",
  action: "risk:read",
  status: 200,
  answer: calibration,
});

export const editCalibration = route({
  id: "editRiskCalibration",
  method: "PUT",
  path: "/api/know/risk/calibration",
  tag,
  summary: "Changes what levels mean; the next measurement uses it",
  action: "risk:manage",
  body: calibrationContent,
  status: 200,
  answer: calibration,
  edits: true,
});

export const importScores = route({
  id: "importSiteScores",
  method: "POST",
  path: "/api/know/risk/scores",
  tag,
  summary: "Takes in CARVER, API 780 or NIST 800-30 scores; they are shown beside the measure and change nothing of it",
  action: "risk:manage",
  body: z.strictObject({ scores: z.array(siteScoreDraft).min(1).max(SCORES_MAX) }),
  status: 201,
  answer: z.object({ scores: z.array(siteScore) }),
  creates: true,
});

export const listMeasureAlerts = route({
  id: "listMeasureAlerts",
  method: "GET",
  path: "/api/know/risk/alerts",
  tag,
  summary: "Sites whose measure moved past the threshold when the registry changed, newest first",
  action: "risk:read",
  query: pageQuery,
  status: 200,
  answer: page(measureAlert),
});

export const siteMeasureRoutes = [
  rankSites,
  getSiteMeasure,
  listMeasureHistory,
  startMeasurement,
  listMeasurements,
  getCalibration,
  editCalibration,
  importScores,
  listMeasureAlerts,
] as const;
