/** Serves simulation: scenarios, questions answered at once, runs and their answers, single points. */
import { simulation as contract } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import { z } from "zod";
import type { Database } from "../../platform/database.ts";
import type { Server } from "../../platform/server.ts";
import type { Registry } from "../registry/index.ts";
import { alternativeOf, answerOf, mention, namesOf, treatmentsOf } from "./answer-display.ts";
import { compareAnswers } from "./comparison.ts";
import { runNotFound, scenarioNotFound, type Simulation } from "./simulation.ts";
import {
  latestRuns,
  listRuns,
  listScenarios,
  readRun,
  readScenario,
  type RunRecord,
  type ScenarioRecord,
} from "./store.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves

export interface RouteParts {
  readonly simulation: Simulation;
  readonly registry: Registry;
  readonly database: Database;
}

export function simulationRoutes(server: Server, parts: RouteParts): void {
  serveScenarios(server, parts);
  serveRuns(server, parts);
  serveNetwork(server, parts);
}

function serveScenarios(server: Server, { simulation, registry }: RouteParts): void {
  const shown = async (records: readonly ScenarioRecord[]): Promise<contract.Scenario[]> => {
    const runs = await latestRuns(simulation.db, records);
    return records.map((record) => ({ ...record, latestRun: runs.get(record.id) ?? null }));
  };
  const one = async (record: ScenarioRecord): Promise<contract.Scenario> => {
    const [scenario] = await shown([record]);
    return scenario ?? { ...record, latestRun: null };
  };
  server.serve(contract.listScenarios, async (call) => {
    call.authorise();
    const { limit, after, state } = call.query;
    const found = await listScenarios(simulation.db, { state, before: placeOf(after), limit: limit + 1 });
    const items = await shown(found.slice(0, limit));
    const last = items.at(-1);
    return { items, next: found.length > limit && last ? `${last.changedAt} ${last.id}` : null };
  });
  server.serve(contract.getScenario, async (call) => {
    call.authorise({ type: "Scenario", id: call.params.id });
    const found = await readScenario(simulation.db, call.params.id);
    if (!found) throw scenarioNotFound(call.params.id);
    return one(found);
  });
  server.serve(contract.createScenario, async (call) => {
    call.authorise();
    return { ...(await simulation.create(call.tx<NoTables>(), call.body, call.principal.name)), latestRun: null };
  });
  server.serve(contract.editScenario, async (call) => {
    call.authorise({ type: "Scenario", id: call.params.id });
    const change = { expected: call.ifMatch, by: call.principal.name };
    return { ...(await simulation.edit(call.tx<NoTables>(), call.params.id, call.body, change)), latestRun: null };
  });
  server.serve(contract.retireScenario, async (call) => {
    call.authorise({ type: "Scenario", id: call.params.id });
    const change = { state: call.body.state, expected: call.ifMatch, by: call.principal.name };
    return { ...(await simulation.setState(call.tx<NoTables>(), call.params.id, change)), latestRun: null };
  });
  server.serve(contract.askWhatIf, async (call) => {
    call.authorise();
    const { asOf, ...answered } = await simulation.ask(call.body, call.signal);
    return answerOf(registry, answered, { read: undefined, shown: asOf });
  });
}

function serveRuns(server: Server, { simulation, registry, database }: RouteParts): void {
  const shown = async (run: RunRecord): Promise<contract.Run> => {
    const { hasResult: _, asOf, createdAt, ...rest } = run;
    return {
      ...rest,
      state: await simulation.stateOf(run),
      asOf: asOf.toISOString(),
      createdAt: createdAt.toISOString(),
    };
  };
  const answerOfRun = async (id: string): Promise<contract.Answer> => {
    const { run, result } = await simulation.finished(id);
    return answerOf(registry, result, { read: run.asOf, shown: run.asOf });
  };
  server.serve(contract.startRun, async (call) => {
    call.authorise();
    const { scenario, asOf } = call.body;
    const options = { asOf: asOf === undefined ? undefined : new Date(asOf), principal: call.principal };
    const id = await database.transaction<NoTables, string>((tx) => simulation.start(tx, scenario, options));
    const run = await readRun(simulation.db, id);
    if (!run) throw runNotFound(id);
    return shown(run);
  });
  server.serve(contract.listRuns, async (call) => {
    call.authorise();
    const { limit, after, scenario } = call.query;
    const before = after === undefined ? undefined : uuidOf(after);
    const found = await listRuns(simulation.db, { scenario, before, limit: limit + 1 });
    const items = await Promise.all(found.slice(0, limit).map(shown));
    return { items, next: found.length > limit ? (items.at(-1)?.id ?? null) : null };
  });
  server.serve(contract.getRun, async (call) => {
    call.authorise({ type: "SimulationRun", id: call.params.id });
    const run = await readRun(simulation.db, call.params.id);
    if (!run) throw runNotFound(call.params.id);
    return shown(run);
  });
  server.serve(contract.getRunAnswer, async (call) => {
    call.authorise({ type: "SimulationRun", id: call.params.id });
    return answerOfRun(call.params.id);
  });
  server.serve(contract.replayRun, async (call) => {
    call.authorise({ type: "SimulationRun", id: call.params.id });
    const { id } = call.params;
    return {
      jobId: await database.transaction<NoTables, string>((tx) => simulation.startReplay(tx, id, call.principal)),
    };
  });
  server.serve(contract.compareRuns, async (call) => {
    call.authorise();
    const { left, right } = call.query;
    const [a, b] = [await simulation.finished(left), await simulation.finished(right)];
    return {
      left: await shown(a.run),
      right: await shown(b.run),
      ...compareAnswers(await answerOfRun(left), await answerOfRun(right)),
    };
  });
}

function serveNetwork(server: Server, { simulation, registry }: RouteParts): void {
  server.serve(contract.listSinglePoints, async (call) => {
    call.authorise();
    const { level, limit, asOf } = call.query;
    const at = asOf === undefined ? undefined : new Date(asOf);
    const { points, currency, treatments } = await simulation.question("single-points", { level }, at);
    const shown = points.slice(0, limit);
    const sites = new Set(shown.flatMap(({ products }) => products.map(({ site }) => site)));
    const items = new Set(shown.flatMap(({ products }) => products.map(({ item }) => item)));
    const parts = shown.map(({ part }) => part);
    if (level === "site") for (const part of parts) sites.add(part);
    if (level === "item") for (const part of parts) items.add(part);
    mention(treatments, sites, items);
    const names = await namesOf(registry, { sites, items }, at);
    const owners = level === "supplier" ? await registry.organisationNames(parts, at) : new Map<string, string>();
    const labelOf = (part: string): string => {
      if (level === "site") return names.siteLabel(part);
      if (level === "item") return names.itemLabel(part);
      return owners.get(part) ?? part;
    };
    return {
      currency,
      treatments: treatmentsOf(treatments, names),
      items: shown.map(({ part, products, ...point }) => ({
        ...point,
        id: part,
        label: labelOf(part),
        country: level === "country" ? part : (names.site(part)?.country ?? null),
        products: products.map(({ site, item }) => ({
          site: { id: site, label: names.siteLabel(site) },
          item: { id: item, label: names.itemLabel(item) },
        })),
      })),
    };
  });
  server.serve(contract.listAlternatives, async (call) => {
    call.authorise();
    const { site, days } = call.query;
    const { alternatives, currency } = await simulation.question("alternatives", { site, days }, undefined);
    const names = await namesOf(
      registry,
      {
        sites: alternatives.flatMap(({ buyer, supplier }) => [buyer, supplier]),
        items: alternatives.map(({ item }) => item),
      },
      undefined,
    );
    return { currency, items: alternatives.map((each) => alternativeOf(each, names)) };
  });
  server.serve(contract.listCutSets, async (call) => {
    call.authorise();
    const sets = await simulation.question("cut-sets", call.query, undefined);
    const shown = sets.slice(0, CUT_SETS_SHOWN);
    const names = await namesOf(registry, { sites: shown.flat(), items: [] }, undefined);
    return {
      sets: shown.map((set) => set.map((id) => ({ id, label: names.siteLabel(id) }))),
      count: sets.length,
    };
  });
}

const CUT_SETS_SHOWN = 500; // of one product; the count says how many there are

function tokenInvalid(): Problem {
  return new Problem("registry/page-token-invalid", "`after` is not the `next` of a page of this list");
}

function uuidOf(text: string): string {
  if (!z.uuid().safeParse(text).success) throw tokenInvalid();
  return text;
}

function placeOf(after: string | undefined): { at: Date; id: string } | undefined {
  if (after === undefined) return undefined;
  const [at = "", id = ""] = after.split(" ");
  if (!z.iso.datetime().safeParse(at).success) throw tokenInvalid();
  return { at: new Date(at), id: uuidOf(id) };
}
