/** What a node tells of itself: health, figures, configuration, OpenAPI, jobs and access decisions. */
import { Readable } from "node:stream";
import { policyTexts } from "@holdfast/access";
import { decision, job, openApi, system } from "@holdfast/api";
import { parseUuid, Problem } from "@holdfast/kernel";
import { apiPage } from "./api-page.ts";
import { type Config, describeConfig } from "./config.ts";
import type { Database } from "./database.ts";
import type { DecisionLog } from "./decision-log.ts";
import { type Jobs, jobOf } from "./jobs.ts";
import type { Server } from "./server.ts";
import type { Metrics } from "./telemetry.ts";

export interface SystemParts {
  readonly config: Config;
  readonly database: Database;
  readonly decisions: DecisionLog;
  readonly jobs: Jobs;
  readonly metrics: Metrics;
  readonly version: string;
  readonly isDraining: () => boolean;
  readonly describe: () => Promise<system.NodeInfo>;
  /** What is wrong though the node serves, a line each; anyone may read it. */
  readonly notices: () => readonly string[];
}

export function systemRoutes(server: Server, parts: SystemParts): void {
  const { config, database, decisions, jobs, version } = parts;
  const { fastify } = server;

  fastify.get("/healthz", async (_request, reply) => reply.type("text/plain").send("ok\n"));
  fastify.get("/readyz", async (_request, reply) => {
    if (parts.isDraining()) return reply.code(503).type("text/plain").send("draining\n");
    try {
      await database.pool.query("select 1");
      return await reply.type("text/plain").send(["ready", ...parts.notices(), ""].join("\n"));
    } catch {
      return reply.code(503).type("text/plain").send("the database does not answer\n");
    }
  });
  server.serve(system.getMetrics, async (call) => {
    call.authorise();
    return Readable.from([await parts.metrics.registry.metrics()]);
  });
  fastify.get("/api/openapi.json", async (_request, reply) =>
    reply.type("application/json").send(JSON.stringify(openApi(server.routes, { title: "Holdfast", version }))),
  );
  fastify.get("/api/", async (_request, reply) =>
    reply
      .type("text/html; charset=utf-8")
      .header("content-security-policy", "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'")
      .send(apiPage(server.routes, version)),
  );

  server.serve(system.getNode, async (call) => {
    call.authorise();
    return parts.describe();
  });
  server.serve(system.getConfig, async (call) => {
    call.authorise();
    return { items: describeConfig(config) };
  });

  const seesAll = (call: { principal: { roles: readonly string[] } }) => call.principal.roles.includes("admin");
  server.serve(job.listJobs, async (call) => {
    call.authorise();
    const { limit, state, kind } = call.query;
    const after = afterId(call.query.after);
    const rows = await jobs.list({
      limit: limit + 1,
      after,
      state,
      kind,
      startedBy: seesAll(call) ? undefined : call.principal.id,
    });
    return { items: rows.slice(0, limit).map(jobOf), next: rows.length > limit ? (rows[limit - 1]?.id ?? null) : null };
  });
  server.serve(job.getJob, async (call) => {
    const row = await jobs.get(call.params.jobId);
    call.authorise({ type: "Job", id: call.params.jobId }, { hide: true });
    if (!row || (row.started_by !== call.principal.id && !seesAll(call)))
      throw new Problem("job/not-found", `there is no job \`${call.params.jobId}\``);
    return jobOf(row);
  });
  server.serve(job.cancelJob, async (call) => {
    call.authorise({ type: "Job", id: call.params.jobId }, { hide: true });
    const row = await jobs.get(call.params.jobId);
    if (!row || (row.started_by !== call.principal.id && !seesAll(call)))
      throw new Problem("job/not-found", `there is no job \`${call.params.jobId}\``);
    await jobs.cancel(row.id);
    const after = await jobs.get(row.id);
    return jobOf(after ?? row);
  });

  server.serve(decision.listDecisions, async (call) => {
    call.authorise();
    await decisions.flush();
    const { limit, ...filter } = call.query;
    const rows = await decisions.list({ ...filter, after: afterId(filter.after), limit: limit + 1 });
    const items = rows.slice(0, limit).map((row) => ({
      id: row.id,
      decidedAt: row.decided_at.toISOString(),
      principalKind: row.principal_kind,
      principalId: row.principal_id,
      principalName: row.principal_name,
      action: row.action,
      resourceType: row.resource_type,
      resourceId: row.resource_id,
      allowed: row.allowed,
      policy: row.policy,
      requestId: row.request_id,
    }));
    return { items, next: rows.length > limit ? (items.at(-1)?.id ?? null) : null };
  });
  server.serve(decision.listPolicies, async (call) => {
    call.authorise();
    return { items: Object.entries(policyTexts()).map(([id, text]) => ({ id, text })) };
  });
}

/** The id in the `next` of these lists. @throws Problem `id/malformed` */
function afterId(after: string | undefined): string | undefined {
  return after === undefined ? undefined : parseUuid(after);
}
