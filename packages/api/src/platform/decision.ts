/** The record of access decisions: who asked for what, and which policy decided. */
import { z } from "zod";
import { page, pageQuery } from "../page.ts";
import { route } from "../route.ts";

const tag = "platform/decision";

export const decisionRecord = z.object({
  id: z.uuid(),
  decidedAt: z.iso.datetime(),
  principalKind: z.string(),
  principalId: z.string(),
  principalName: z.string(),
  action: z.string(),
  resourceType: z.string(),
  resourceId: z.string(),
  allowed: z.boolean(),
  policy: z.string(),
  requestId: z.string(),
});
export type DecisionRecord = z.output<typeof decisionRecord>;

export const listDecisions = route({
  id: "listDecisions",
  method: "GET",
  path: "/api/platform/decisions",
  tag,
  summary: "Access decisions, newest first",
  action: "decision:read",
  query: pageQuery.extend({
    principalId: z.string().max(200).optional(),
    action: z.string().max(100).optional(),
    denied: z.stringbool().optional().describe("true: only refusals"),
  }),
  status: 200,
  answer: page(decisionRecord),
});

export const listPolicies = route({
  id: "listPolicies",
  method: "GET",
  path: "/api/platform/policies",
  tag,
  summary: "The policies in force, as Cedar text",
  action: "decision:read",
  status: 200,
  answer: z.object({ items: z.array(z.object({ id: z.string(), text: z.string() })) }),
});

export const decisionRoutes = [listDecisions, listPolicies] as const;
