/**
 * Critical-facility designation: published, versioned criteria; which sites they make critical, and why; what a change of
 * criteria would do, before it is decided. A tier follows from rules over facts of the registry and from nothing else.
 */
import { z } from "zod";
import { page, pageQuery } from "../page.ts";
import { route } from "../route.ts";
import { country, days, line, note, sharePpm } from "./fact.ts";
import { publicSafety, SITE_KINDS, tier } from "./registry-object.ts";

const tag = "know/designation";
const id = z.uuid();

export const MAX_RULES = 50; // criteria that people can read
export const MAX_CONDITIONS = 10; // of one rule
export const DEPENDENTS_COUNTED_MAX = 1_000; // counting stops there: more says nothing more about one site

export const designationProblems = {
  "designation/criteria-not-found": 404,
  "designation/site-not-found": 404,
  "designation/none-in-force": 404,
  "designation/not-a-draft": 409,
  "designation/not-previewed": 409,
  "designation/preview-running": 409,
  "designation/preview-outdated": 409,
  "designation/duplicate-rule": 422,
} as const;

/** What a rule can ask of a site. All of a rule's conditions must hold. */
export const condition = z.discriminatedUnion("measure", [
  /** The largest share that the site has of the world's output of any of its items; of listed items only where asked. */
  z.strictObject({
    measure: z.literal("world-output-share"),
    atLeastPpm: sharePpm,
    listed: z.boolean().default(false),
  }),
  /** As above, of its own country's output. */
  z.strictObject({
    measure: z.literal("national-output-share"),
    atLeastPpm: sharePpm,
    listed: z.boolean().default(false),
  }),
  /** The registry knows no other site that makes one of its items: anywhere, or in its country. */
  z.strictObject({
    measure: z.literal("sole-source"),
    within: z.enum(["world", "country"]),
    listed: z.boolean().default(true),
  }),
  /** Sites that stop when it stops: reached over essential inputs that have no other supplier site; or all that it supplies. */
  z.strictObject({
    measure: z.literal("dependent-sites"),
    atLeast: z.int().min(1).max(DEPENDENTS_COUNTED_MAX),
    through: z.enum(["any-input", "sole-essential-input"]),
  }),
  z.strictObject({ measure: z.literal("public-safety"), atLeast: publicSafety.exclude(["none"]) }),
  z.strictObject({ measure: z.literal("replace-days"), atLeast: days }),
  z.strictObject({ measure: z.literal("site-kind"), anyOf: z.array(z.enum(SITE_KINDS)).min(1).max(SITE_KINDS.length) }),
  z.strictObject({ measure: z.literal("country"), anyOf: z.array(country).min(1).max(300) }),
]);
export type Condition = z.output<typeof condition>;

export const criteriaRule = z.strictObject({
  /** Stays the same from version to version, so that reasons can be compared. */
  id: z.string().regex(/^[a-z][a-z0-9-]{0,59}$/, "is not a rule id such as `sole-source-listed`"),
  title: line(200),
  tier,
  all: z.array(condition).min(1).max(MAX_CONDITIONS),
});
export type CriteriaRule = z.output<typeof criteriaRule>;

export const criteriaDraft = z.strictObject({
  title: line(200),
  /** Why these criteria, for the public. */
  rationale: note,
  rules: z.array(criteriaRule).min(1).max(MAX_RULES),
});

export const criteria = z.object({
  id,
  /** Counts from 1 over all criteria of this node: the number by which they are cited. */
  number: z.int(),
  version: z.int(),
  state: z.enum(["draft", "in-force", "superseded", "rejected"]),
  ...criteriaDraft.shape,
  proposedAt: z.iso.datetime(),
  proposedBy: z.string(),
  decidedAt: z.iso.datetime().nullable(),
  decidedBy: z.string().nullable(),
  decisionReason: z.string().nullable(),
});
export type Criteria = z.output<typeof criteria>;

/** One condition as it came out for one site: `value` is what was found, null when the registry does not know it. */
export const finding = z.object({
  measure: z.string(),
  /** In words, with numbers and units: "makes 23.4 % of the world's output of Gallium". */
  text: z.string(),
  value: z.number().nullable(),
  threshold: z.number().nullable(),
});

export const reason = z.object({ rule: z.string(), title: z.string(), tier, findings: z.array(finding) });
export type Reason = z.output<typeof reason>;

const siteLabel = z.object({ id, label: z.string(), country: z.string(), kind: z.enum(SITE_KINDS) });

export const siteTier = z.object({
  site: siteLabel,
  tier: tier.nullable(),
  since: z.iso.datetime().nullable(),
  criteria: id.nullable(),
  criteriaNumber: z.int().nullable(),
  /** Every rule that holds, the strictest first. */
  reasons: z.array(reason),
  /** Rules that could not be decided, and the facts that are missing. */
  undecided: z.array(z.object({ rule: z.string(), title: z.string(), tier, missing: z.array(z.string()) })),
});
export type SiteTier = z.output<typeof siteTier>;

export const tierChange = z.object({
  site: siteLabel,
  from: tier.nullable(),
  to: tier.nullable(),
  reasons: z.array(reason),
});
export type TierChange = z.output<typeof tierChange>;

const moves = z.array(z.object({ from: tier.nullable(), to: tier.nullable(), count: z.int() }));

export const preview = z.object({
  criteria: id,
  state: z.enum(["none", "running", "ready"]),
  jobId: id.nullable(),
  computedAt: z.iso.datetime().nullable(),
  sitesCount: z.int().nullable(),
  /** Sites by tier before and after; equal tiers are those that stay. */
  moves,
});

const params = z.object({ id });

export const listCriteria = route({
  id: "listCriteria",
  method: "GET",
  path: "/api/know/designation/criteria",
  tag,
  summary: "Every version of the criteria, newest first",
  action: "designation:read",
  query: pageQuery.extend({ state: z.enum(["draft", "in-force", "superseded", "rejected"]).optional() }),
  status: 200,
  answer: page(criteria),
});

export const getCriteria = route({
  id: "getCriteria",
  method: "GET",
  path: "/api/know/designation/criteria/:id",
  tag,
  summary: "One version of the criteria",
  action: "designation:read",
  params,
  status: 200,
  answer: criteria,
});

export const getCriteriaInForce = route({
  id: "getCriteriaInForce",
  method: "GET",
  path: "/api/know/designation/in-force",
  tag,
  summary: "The criteria in force",
  action: "designation:read",
  status: 200,
  answer: criteria,
});

export const proposeCriteria = route({
  id: "proposeCriteria",
  method: "POST",
  path: "/api/know/designation/criteria",
  tag,
  summary: "Proposes new criteria as a draft; nothing changes yet",
  action: "designation:propose",
  body: criteriaDraft,
  status: 201,
  answer: criteria,
  creates: true,
});

export const editCriteria = route({
  id: "editCriteria",
  method: "PUT",
  path: "/api/know/designation/criteria/:id",
  tag,
  summary: "Changes a draft; its preview has to be made again",
  action: "designation:propose",
  params,
  body: criteriaDraft,
  status: 200,
  answer: criteria,
  edits: true,
});

export const startPreview = route({
  id: "startCriteriaPreview",
  method: "POST",
  path: "/api/know/designation/criteria/:id/preview",
  tag,
  summary: "Works out, as a job, which sites would change tier under a draft",
  action: "designation:propose",
  params,
  status: 202,
  answer: preview,
});

export const getPreview = route({
  id: "getCriteriaPreview",
  method: "GET",
  path: "/api/know/designation/criteria/:id/preview",
  tag,
  summary: "What the criteria would change: sites by tier before and after",
  action: "designation:read",
  params,
  status: 200,
  answer: preview,
});

export const listPreviewChanges = route({
  id: "listCriteriaPreviewChanges",
  method: "GET",
  path: "/api/know/designation/criteria/:id/preview/changes",
  tag,
  summary: "The sites that would change tier, with the reasons",
  action: "designation:read",
  params,
  query: pageQuery,
  status: 200,
  answer: page(tierChange),
});

export const decideCriteria = route({
  id: "decideCriteria",
  method: "POST",
  path: "/api/know/designation/criteria/:id/decision",
  tag,
  summary: "Puts a previewed draft in force, or rejects it; adopting applies exactly what the preview showed",
  action: "designation:decide",
  params,
  body: z.strictObject({ decision: z.enum(["adopt", "reject"]), reason: note }),
  status: 200,
  answer: criteria,
});

export const evaluateSites = route({
  id: "evaluateSites",
  method: "POST",
  path: "/api/know/designation/evaluation",
  tag,
  summary: "Applies the criteria in force to the registry as it stands now, as a job",
  action: "designation:decide",
  status: 202,
  answer: z.object({ jobId: id }),
});

export const designationSummary = route({
  id: "getDesignationSummary",
  method: "GET",
  path: "/api/know/designation/summary",
  tag,
  summary: "How many sites stand in each tier",
  action: "designation:read",
  status: 200,
  answer: z.object({
    criteria: id.nullable(),
    criteriaNumber: z.int().nullable(),
    evaluatedAt: z.iso.datetime().nullable(),
    counts: z.array(z.object({ tier: tier.nullable(), count: z.int() })),
  }),
});

export const listDesignatedSites = route({
  id: "listDesignatedSites",
  method: "GET",
  path: "/api/know/designation/sites",
  tag,
  summary: "Designated sites with their reasons, the strictest tier first",
  action: "designation:read",
  query: pageQuery.extend({ tier: z.enum(["1", "2", "3"]).optional(), country: country.optional() }),
  status: 200,
  answer: page(siteTier),
});

export const getSiteTier = route({
  id: "getSiteTier",
  method: "GET",
  path: "/api/know/designation/sites/:id",
  tag,
  summary: "One site's tier: the rules that hold, those that could not be decided",
  action: "designation:read",
  params,
  status: 200,
  answer: siteTier,
});

export const listSiteTierHistory = route({
  id: "listSiteTierHistory",
  method: "GET",
  path: "/api/know/designation/sites/:id/history",
  tag,
  summary: "Every tier that one site has had, newest first, with criteria and reasons",
  action: "designation:read",
  params,
  query: pageQuery,
  status: 200,
  answer: page(
    z.object({
      tier: tier.nullable(),
      from: z.iso.datetime(),
      until: z.iso.datetime().nullable(),
      criteria: id,
      criteriaNumber: z.int(),
      reasons: z.array(reason),
    }),
  ),
});

export const designationRoutes = [
  listCriteria,
  getCriteria,
  getCriteriaInForce,
  proposeCriteria,
  editCriteria,
  startPreview,
  getPreview,
  listPreviewChanges,
  decideCriteria,
  evaluateSites,
  designationSummary,
  listDesignatedSites,
  getSiteTier,
  listSiteTierHistory,
] as const;
