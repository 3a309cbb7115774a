/**
 * The risk register: what could go wrong, who owns it, what is done about it, and until when somebody accepted it. Each risk
 * is linked to what it is about (site, supplier, item), to the measure of its site, and to evidence. Accepting one is put on
 * record in the ledger, and an acceptance ends on its day.
 */
import { z } from "zod";
import { page, pageQuery } from "../page.ts";
import { route } from "../route.ts";
import { line, note } from "./fact.ts";
import { threatCategory } from "./threat.ts";

const tag = "know/risk";
const id = z.uuid();

export const LINKS_MAX = 50; // of one risk

export const riskRegisterProblems = {
  "risk-register/not-found": 404,
  "risk-register/reference-unknown": 422,
  "risk-register/acceptance-past": 422,
  "risk-register/not-open": 409,
} as const;

export const TREATMENT_KINDS = ["mitigate", "avoid", "transfer", "accept"] as const;
export const RISK_STATES = ["open", "accepted", "expired", "closed"] as const;

export const riskDraft = z.strictObject({
  title: line(200),
  description: note.optional(),
  threat: threatCategory,
  site: id.optional(),
  organisation: id.optional(),
  item: id.optional(),
  /** Who answers for it: a person or a post. */
  owner: line(200),
  treatment: z.strictObject({ kind: z.enum(TREATMENT_KINDS), text: note, dueOn: z.iso.date().optional() }),
  /** What it rests on: a document, an address, a statement of the ledger. */
  evidence: z
    .array(z.strictObject({ text: line(300), reference: line(300).optional() }))
    .max(LINKS_MAX)
    .default([]),
  scenarios: z.array(id).max(LINKS_MAX).default([]),
});
export type RiskDraft = z.output<typeof riskDraft>;

export const registeredRisk = z.object({
  id,
  /** Counts from 1 over all risks of this node: the number by which it is cited. */
  number: z.int(),
  version: z.int(),
  state: z.enum(RISK_STATES),
  ...riskDraft.shape,
  acceptedUntil: z.iso.date().nullable(),
  acceptedBy: z.string().nullable(),
  acceptedBecause: z.string().nullable(),
  /** Of its site, in the last measurement. */
  expectedMinor: z.number().nullable(),
  currency: z.string().nullable(),
  changedAt: z.iso.datetime(),
  changedBy: z.string(),
  labels: z.record(z.string(), z.string()),
});
export type RegisteredRisk = z.output<typeof registeredRisk>;

const params = z.object({ id });

export const listRisks = route({
  id: "listRisks",
  method: "GET",
  path: "/api/know/risk/register",
  tag,
  summary: "Risks, the newest first",
  action: "risk:read",
  query: pageQuery.extend({
    state: z.enum(RISK_STATES).optional(),
    threat: threatCategory.optional(),
    site: id.optional(),
  }),
  status: 200,
  answer: page(registeredRisk),
});

export const getRisk = route({
  id: "getRisk",
  method: "GET",
  path: "/api/know/risk/register/:id",
  tag,
  summary: "One risk",
  action: "risk:read",
  params,
  status: 200,
  answer: registeredRisk,
});

export const createRisk = route({
  id: "createRisk",
  method: "POST",
  path: "/api/know/risk/register",
  tag,
  summary: "Enters a risk",
  action: "risk:manage",
  body: riskDraft,
  status: 201,
  answer: registeredRisk,
  creates: true,
});

export const editRisk = route({
  id: "editRisk",
  method: "PUT",
  path: "/api/know/risk/register/:id",
  tag,
  summary: "Changes a risk; an acceptance of what it was before ends with it",
  action: "risk:manage",
  params,
  body: riskDraft,
  status: 200,
  answer: registeredRisk,
  edits: true,
});

export const acceptRisk = route({
  id: "acceptRisk",
  method: "POST",
  path: "/api/know/risk/register/:id/acceptance",
  tag,
  summary: "Accepts a risk until a day, with the reason; the ledger keeps who, what and until when",
  action: "risk:accept",
  params,
  body: z.strictObject({ until: z.iso.date(), reason: note }),
  status: 200,
  answer: registeredRisk,
  edits: true,
});

export const closeRisk = route({
  id: "closeRisk",
  method: "POST",
  path: "/api/know/risk/register/:id/closing",
  tag,
  summary: "Closes a risk that is gone or handled, or opens it again",
  action: "risk:manage",
  params,
  body: z.strictObject({ state: z.enum(["closed", "open"]), reason: note }),
  status: 200,
  answer: registeredRisk,
  edits: true,
});

export const listRiskVersions = route({
  id: "listRiskVersions",
  method: "GET",
  path: "/api/know/risk/register/:id/versions",
  tag,
  summary: "What a risk was, newest first: who changed what, and who accepted it",
  action: "risk:read",
  params,
  query: pageQuery,
  status: 200,
  answer: page(
    z.object({
      version: z.int(),
      state: z.enum(RISK_STATES),
      title: z.string(),
      treatment: riskDraft.shape.treatment,
      acceptedUntil: z.iso.date().nullable(),
      acceptedBecause: z.string().nullable(),
      reason: z.string().nullable(),
      changedAt: z.iso.datetime(),
      changedBy: z.string(),
    }),
  ),
});

export const riskRegisterRoutes = [
  listRisks,
  getRisk,
  createRisk,
  editRisk,
  acceptRisk,
  closeRisk,
  listRiskVersions,
] as const;
