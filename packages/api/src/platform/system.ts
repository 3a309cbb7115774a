/** The node about itself: is it alive, is it ready, what is it, what does it do. */
import { z } from "zod";
import { route } from "../route.ts";

const tag = "platform/system";

export const nodeInfo = z.object({
  name: z.string(),
  organisationName: z.string(),
  version: z.string(),
  nodeId: z.uuid(),
  startedAt: z.iso.datetime(),
  demo: z.boolean().describe("true when the data is the labelled synthetic world"),
  /** What a person can sign in with. */
  signIn: z.object({ password: z.boolean(), passkey: z.boolean(), oidc: z.boolean() }),
  /** True until the first account has been made with the set-up link. */
  needsSetUp: z.boolean(),
});
export type NodeInfo = z.output<typeof nodeInfo>;

export const getNode = route({
  id: "getNode",
  method: "GET",
  path: "/api/node",
  tag,
  summary: "What this node is, for a sign-in page",
  action: "public",
  status: 200,
  answer: nodeInfo,
});

export const configEntry = z.object({ name: z.string(), value: z.string(), source: z.string(), meaning: z.string() });

export const getConfig = route({
  id: "getConfig",
  method: "GET",
  path: "/api/platform/config",
  tag,
  summary: "The configuration in force and where each value came from, secrets masked",
  action: "system:read",
  status: 200,
  answer: z.object({ items: z.array(configEntry) }),
});

export const getMetrics = route({
  id: "getMetrics",
  method: "GET",
  path: "/metrics",
  tag,
  summary: "The process's figures in Prometheus' text form; scrape with an API token",
  action: "system:read",
  status: 200,
  download: { contentType: "text/plain; version=0.0.4; charset=utf-8" },
});

export const systemRoutes = [getNode, getConfig, getMetrics] as const;
