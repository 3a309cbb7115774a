/**
 * What touches us: leads (advisories and STIX objects) joined with the registry's objects, three-valued and with reasons;
 * what people say about a pair; and reports of what happened in the world, as STIX objects of five types.
 */
import { z } from "zod";
import { country, line, name, note } from "../know/fact.ts";
import { page, pageQuery } from "../page.ts";
import { route } from "../route.ts";
import { tlp } from "./intel.ts";

const tag = "share/intel";

export const intelTouchProblems = {
  "intel/lead-not-found": 404,
  "intel/touch-not-found": 404,
  "intel/not-as-documented": 422,
} as const;

/** How many leads a day a small team is shown; the rest is counted and can be listed. */
export const DAILY_BUDGET = 10;

export const TOUCH_STATES = ["affected", "look", "not-affected"] as const;
export const touchState = z.enum(TOUCH_STATES);
export const TOUCHED_KINDS = ["asset", "site", "organisation", "item"] as const;
export const touchedKind = z.enum(TOUCHED_KINDS);
export const LEAD_LISTS = ["today", "open", "confirmed", "all"] as const;

export const verdict = z.object({
  id: z.uuid(),
  verdict: touchState,
  reason: z.string(),
  givenBy: z.string(),
  givenAt: z.iso.datetime(),
  /** False once either side has changed: then the pair waits for somebody again. */
  holds: z.boolean(),
});

export const touch = z.object({
  lead: z.string(),
  object: z.object({
    id: z.uuid(),
    kind: touchedKind,
    label: z.string(),
    site: z.object({ id: z.uuid(), label: z.string() }).nullable(),
    tier: z.int().nullable(),
    /** 0 to 100, from designation, safety, zone and lists. */
    criticality: z.int(),
  }),
  state: touchState,
  /** Which rule says so. */
  rule: z.string(),
  rank: z.int(),
  /** The advisory's tracking id, its product and the CVE, where they are the reason. */
  document: z.string().nullable(),
  productId: z.string().nullable(),
  cve: z.string().nullable(),
  /** The raw texts that were compared. */
  theirs: z.string(),
  ours: z.string(),
  since: z.iso.datetime(),
  verdict: verdict.nullable(),
});
export type Touch = z.output<typeof touch>;

export const counts = z.object({
  affected: z.int(),
  look: z.int(),
  notAffected: z.int(),
  /** Pairs that a person said are affected, or not. */
  confirmed: z.int(),
  dismissed: z.int(),
});

export const lead = z.object({
  id: z.string(),
  kind: z.string(),
  label: z.string(),
  cves: z.array(z.string()),
  cvss: z.number().nullable(),
  /** One of its vulnerabilities is in the catalogue of those known to be exploited. */
  isKev: z.boolean(),
  isRansomware: z.boolean(),
  rank: z.int(),
  /** Open pairs by state, and those that were settled. */
  counts,
  /** Sites of the same country or sector beyond those that are kept. */
  broadMore: z.int(),
  /** Why it touches nothing: revoked, expired, merged, doubted. */
  closed: z.string().nullable(),
  receivedAt: z.iso.datetime(),
  evaluatedAt: z.iso.datetime(),
  /** The weightiest open pair. */
  top: touch.nullable(),
});
export type Lead = z.output<typeof lead>;

export const touchSummary = z.object({
  budget: z.int(),
  /** Leads that people settled pairs of since midnight UTC. */
  judgedToday: z.int(),
  openLeads: z.int(),
  open: z.object({ affected: z.int(), look: z.int() }),
  confirmedLeads: z.int(),
  leads: z.int(),
  objects: z.int(),
  /** Leads and objects that wait to be looked at again. */
  waiting: z.int(),
});
export type TouchSummary = z.output<typeof touchSummary>;

export const getTouchSummary = route({
  id: "getIntelTouchSummary",
  method: "GET",
  path: "/api/share/intel/touch-summary",
  tag,
  summary: "How many leads touch us, and how many wait",
  action: "intel:read",
  status: 200,
  answer: touchSummary,
});

export const listLeads = route({
  id: "listIntelLeads",
  method: "GET",
  path: "/api/share/intel/leads",
  tag,
  summary: "Leads that touch us, the weightiest first",
  description:
    "`today` is what is left of the day's budget of about ten; `open` is everything that waits for a person. Each has its weightiest pair with the reason.",
  action: "intel:read",
  query: pageQuery.extend({
    list: z.enum(LEAD_LISTS).default("today"),
    state: z.enum(["affected", "look"]).optional(),
    kind: z.string().max(250).optional(),
    /** Only leads that touch this registry object. */
    object: z.uuid().optional(),
    text: z.string().max(300).optional(),
  }),
  status: 200,
  answer: page(lead),
});

export const getLead = route({
  id: "getIntelLead",
  method: "GET",
  path: "/api/share/intel/leads/:leadId",
  tag,
  summary: "One lead",
  action: "intel:read",
  params: z.object({ leadId: z.string().max(300) }),
  status: 200,
  answer: lead,
});

export const listTouches = route({
  id: "listIntelTouches",
  method: "GET",
  path: "/api/share/intel/touches",
  tag,
  summary: "Pairs of a lead or of a registry object, the weightiest first",
  action: "intel:read",
  query: pageQuery.extend({
    lead: z.string().max(300).optional(),
    object: z.uuid().optional(),
    state: touchState.optional(),
  }),
  status: 200,
  answer: page(touch),
});

/** Why somebody says so: what a form asks for. */
export const verdictReason = z.strictObject({ reason: note });

export const verdictDraft = z.strictObject({
  lead: z.string().max(300),
  /** The registry objects that it is about; all open pairs of the lead when absent. */
  objects: z.array(z.uuid()).min(1).max(1_000).optional(),
  verdict: touchState,
  reason: note,
});

export const giveVerdict = route({
  id: "giveIntelVerdict",
  method: "POST",
  path: "/api/share/intel/verdicts",
  tag,
  summary: "Say whether a lead affects objects of the registry, and why",
  description:
    "Kept for each pair and held through every evaluation until the lead or the object changes in what is compared. Recorded in the ledger.",
  action: "intel:write",
  body: verdictDraft,
  status: 201,
  answer: z.object({ given: z.int() }),
  creates: true,
});

export const evaluateAll = route({
  id: "evaluateIntel",
  method: "POST",
  path: "/api/share/intel/evaluations",
  tag,
  summary: "Join every lead with the registry anew, as a job",
  description: "Not needed in daily work: what is new or changed is looked at by itself.",
  action: "intel:manage",
  status: 202,
  answer: z.object({ jobId: z.uuid() }),
  creates: true,
});

// --- what happened in the world --------------------------------------------------------------------------------------

export const PHYSICAL_KINDS = [
  "theft-ring",
  "sabotage-attempt",
  "counterfeit-lot",
  "suspicious-buyer",
  "drone-sighting",
] as const;
export type PhysicalKind = (typeof PHYSICAL_KINDS)[number];

/** The extension definition that declares each type. These ids never change. */
export const PHYSICAL_EXTENSIONS: Readonly<Record<PhysicalKind, string>> = {
  "theft-ring": "extension-definition--3b0f6c52-7c1d-4a39-9a55-0d6a6e6f1a01",
  "sabotage-attempt": "extension-definition--8e4d2b17-52f0-4c6e-8f0b-6b1f2f9c7a02",
  "counterfeit-lot": "extension-definition--c1a97e3d-0f64-4b8a-b2c7-94d3a5e8db03",
  "suspicious-buyer": "extension-definition--5f26d8b4-9be1-4d07-a6f3-1c8e07b4ee04",
  "drone-sighting": "extension-definition--a9d35c70-31c8-4f5b-8d12-e7f0629bfc05",
};

const day = z.union([z.iso.date(), z.iso.datetime()]);
const identifiers = z
  .array(z.strictObject({ scheme: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/), value: line(100) }))
  .min(1)
  .max(50);

const physicalShape = {
  name,
  description: z.string().max(10_000).optional(),
  country: country.optional(),
  latitude: z.number().min(-90).max(90).optional(),
  longitude: z.number().min(-180).max(180).optional(),
  /** How far from the position it may concern somebody. */
  radius_km: z.number().min(0.1).max(2_000).optional(),
  sectors: z.array(line(100)).min(1).max(20).optional(),
  /** Firms that it is about: buyers, suppliers, fronts. */
  organisation_names: z.array(name).min(1).max(50).optional(),
  identifiers: identifiers.optional(),
  goods: z
    .array(
      z.strictObject({
        name: name.optional(),
        hs_code: z
          .string()
          .regex(/^\d{4,10}$/)
          .optional(),
        lot_numbers: z.array(line(100)).min(1).max(100).optional(),
        identifiers: identifiers.optional(),
      }),
    )
    .min(1)
    .max(50)
    .optional(),
  first_seen: day.optional(),
  last_seen: day.optional(),
} as const;

/** What objects of the five types have beside STIX's common properties; others of theirs are kept and not read. */
export const physicalProperties = z.looseObject(physicalShape);

export const physicalDraft = z.strictObject({
  kind: z.enum(PHYSICAL_KINDS),
  tlp: tlp.default("amber"),
  ...physicalShape,
});
export type PhysicalDraft = z.output<typeof physicalDraft>;

export const addReport = route({
  id: "addIntelReport",
  method: "POST",
  path: "/api/share/intel/reports",
  tag,
  summary: "Report a theft ring, sabotage attempt, counterfeit lot, suspicious buyer or drone",
  description:
    "Becomes a STIX 2.1 object of the type that its kind names, declared by an extension definition of a fixed id.",
  action: "intel:write",
  body: physicalDraft,
  status: 201,
  answer: z.object({ id: z.string() }),
  creates: true,
});
