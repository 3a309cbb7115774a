/** Serves investment: plans, their results at any budget, decisions and what was delivered. */
import { investment as contract } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import { z } from "zod";
import type { Database } from "../../platform/database.ts";
import type { Server } from "../../platform/server.ts";
import type { Registry } from "../registry/index.ts";
import type { Simulation } from "../simulation/index.ts";
import { type Investment, planNotFound } from "./investment.ts";
import { listDeliveries, listPlans, type PlanRecord, readPlan } from "./store.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves

export interface RouteParts {
  readonly investment: Investment;
  readonly simulation: Simulation;
  readonly registry: Registry;
  readonly database: Database;
}

export function investmentRoutes(server: Server, parts: RouteParts): void {
  servePlans(server, parts);
  serveResults(server, parts);
  serveDeliveries(server, parts);
}

function servePlans(server: Server, { investment, registry, database, simulation }: RouteParts): void {
  const shown = (plans: readonly PlanRecord[]) => shownPlans(plans, { registry, simulation });
  const one = async (plan: PlanRecord): Promise<contract.Plan> => {
    const [first] = await shown([plan]);
    if (!first) throw planNotFound(plan.id);
    return first;
  };
  server.serve(contract.listPlans, async (call) => {
    call.authorise();
    const { limit, after } = call.query;
    const found = await listPlans(investment.db, {
      before: after === undefined ? undefined : uuidOf(after),
      limit: limit + 1,
    });
    const items = await shown(found.slice(0, limit));
    return { items, next: found.length > limit ? (items.at(-1)?.id ?? null) : null };
  });
  server.serve(contract.getPlan, async (call) => {
    call.authorise({ type: "Plan", id: call.params.id });
    const plan = await readPlan(investment.db, call.params.id);
    if (!plan) throw planNotFound(call.params.id);
    return one(plan);
  });
  server.serve(contract.createPlan, async (call) => {
    call.authorise();
    return one(await investment.create(call.tx<NoTables>(), call.body, call.principal.name));
  });
  server.serve(contract.editPlan, async (call) => {
    call.authorise({ type: "Plan", id: call.params.id });
    const change = { expected: call.ifMatch, by: call.principal.name };
    return one(await investment.edit(call.tx<NoTables>(), call.params.id, call.body, change));
  });
  server.serve(contract.decidePlan, async (call) => {
    call.authorise({ type: "Plan", id: call.params.id });
    const change = { expected: call.ifMatch, by: call.principal.name };
    return one(await investment.decide(call.tx<NoTables>(), call.params.id, call.body, change));
  });
  server.serve(contract.startPlan, async (call) => {
    call.authorise({ type: "Plan", id: call.params.id });
    const { id } = call.params;
    const asOf = call.body.asOf === undefined ? undefined : new Date(call.body.asOf);
    const options = { asOf, principal: call.principal };
    return { jobId: await database.transaction<NoTables, string>((tx) => investment.start(tx, id, options)) };
  });
}

function serveResults(server: Server, { investment, simulation }: RouteParts): void {
  server.serve(contract.getPlanResult, async (call) => {
    call.authorise({ type: "Plan", id: call.params.id });
    const { plan, result } = await investment.result(call.params.id);
    const { effects, plannedMinor, afterMinor, ...body } = result.body;
    const names = await simulation.contents(plan.draft.events.map(({ scenario }) => scenario));
    return {
      ...body,
      frontier: [...body.frontier],
      currency: effects.currency,
      manifest: {
        modelVersion: result.modelVersion,
        inputHash: result.inputHash,
        assumptionsHash: result.assumptionsHash,
        seed: null,
        resultHash: result.resultHash,
        asOf: result.asOf.toISOString(),
      },
      events: plan.draft.events.map(({ scenario, perYear }, s) => ({
        scenario,
        name: names.get(scenario)?.name ?? "",
        perYear,
        beforeMinor: effects.lossMinor[s] ?? 0,
        plannedMinor: plannedMinor[s] ?? 0,
        afterMinor: afterMinor[s] ?? 0,
      })),
    };
  });
  server.serve(contract.getPlanAtBudget, async (call) => {
    call.authorise({ type: "Plan", id: call.params.id });
    return investment.at(call.params.id, call.query.budgetPerYearMinor);
  });
}

function serveDeliveries(server: Server, { investment, simulation, database }: RouteParts): void {
  server.serve(contract.startDelivery, async (call) => {
    call.authorise({ type: "Plan", id: call.params.id });
    const { id } = call.params;
    return {
      jobId: await database.transaction<NoTables, string>((tx) => investment.startDelivery(tx, id, call.principal)),
    };
  });
  server.serve(contract.listDeliveries, async (call) => {
    call.authorise({ type: "Plan", id: call.params.id });
    const { limit, after } = call.query;
    const { plan, result } = await investment.result(call.params.id);
    const before = after === undefined ? undefined : uuidOf(after);
    const found = await listDeliveries(investment.db, plan.id, { before, limit: limit + 1 });
    const names = await simulation.contents(plan.draft.events.map(({ scenario }) => scenario));
    const { effects, plannedMinor } = result.body;
    const expected = (minor: readonly number[]) =>
      Math.round(plan.draft.events.reduce((sum, { perYear }, s) => sum + perYear * (minor[s] ?? 0), 0));
    const items = found.slice(0, limit).map(({ id, at, by, nowMinor }) => ({
      id,
      at: at.toISOString(),
      by,
      currency: effects.currency,
      beforeMinor: expected(effects.lossMinor),
      plannedMinor: expected(plannedMinor),
      nowMinor: expected(nowMinor),
      events: plan.draft.events.map(({ scenario }, s) => ({
        scenario,
        name: names.get(scenario)?.name ?? "",
        beforeMinor: effects.lossMinor[s] ?? 0,
        plannedMinor: plannedMinor[s] ?? 0,
        nowMinor: nowMinor[s] ?? 0,
      })),
    }));
    return { items, next: found.length > limit ? (items.at(-1)?.id ?? null) : null };
  });
}

/** Plans with the names of the sites, items and scenarios that they mention. */
async function shownPlans(
  plans: readonly PlanRecord[],
  { registry, simulation }: { registry: Registry; simulation: Simulation },
): Promise<contract.Plan[]> {
  const sites = new Set<string>();
  const items = new Set<string>();
  for (const measure of plans.flatMap(({ draft }) => draft.measures)) {
    if ("site" in measure) sites.add(measure.site);
    if ("item" in measure) items.add(measure.item);
    if (measure.kind === "second-source") sites.add(measure.buyer).add(measure.supplier);
  }
  const siteNames = await registry.sites([...sites], undefined);
  const itemNames = await registry.items([...items], undefined);
  const scenarios = await simulation.contents(
    plans.flatMap(({ draft }) => draft.events.map(({ scenario }) => scenario)),
  );
  const labels: Record<string, string> = {};
  for (const [id, { label }] of siteNames) labels[id] = label;
  for (const [id, { label }] of itemNames) labels[id] = label;
  for (const [id, { name }] of scenarios) labels[id] = name;
  return plans.map(({ draft, changedAt, decidedAt, bought, ...rest }) => ({
    ...rest,
    ...draft,
    changedAt: changedAt.toISOString(),
    decidedAt: decidedAt?.toISOString() ?? null,
    bought: [...bought],
    labels,
  }));
}

function uuidOf(text: string): string {
  if (!z.uuid().safeParse(text).success)
    throw new Problem("registry/page-token-invalid", "`after` is not the `next` of a page of this list");
  return text;
}
