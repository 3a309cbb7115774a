/** Serves the risk register. */
import { riskRegister as contract } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import { z } from "zod";
import type { Server } from "../../platform/server.ts";
import type { Registry } from "../registry/index.ts";
import { readMeasurement, readMeasures } from "./measure-store.ts";
import { listRisks, listVersions, readRisk, type RiskRecord } from "./register-store.ts";
import { riskNotFound, type RiskRegister } from "./risk-register.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves

export function registerRoutes(server: Server, parts: { register: RiskRegister; registry: Registry }): void {
  const { register, registry } = parts;
  const shown = (records: readonly RiskRecord[]) => shownRisks(records, { registry, register });
  const one = async (record: RiskRecord): Promise<contract.RegisteredRisk> => {
    const [risk] = await shown([record]);
    if (!risk) throw riskNotFound(record.id);
    return risk;
  };
  server.serve(contract.listRisks, async (call) => {
    call.authorise();
    const { limit, after, ...filters } = call.query;
    const found = await listRisks(register.db, {
      state: filters.state,
      threat: filters.threat,
      site: filters.site,
      today: register.today(),
      before: after === undefined ? undefined : uuidOf(after),
      limit: limit + 1,
    });
    const items = await shown(found.slice(0, limit));
    return { items, next: found.length > limit ? (items.at(-1)?.id ?? null) : null };
  });
  server.serve(contract.getRisk, async (call) => {
    call.authorise({ type: "Risk", id: call.params.id });
    const found = await readRisk(register.db, call.params.id);
    if (!found) throw riskNotFound(call.params.id);
    return one(found);
  });
  server.serve(contract.createRisk, async (call) => {
    call.authorise();
    return one(await register.create(call.tx<NoTables>(), call.body, call.principal.name));
  });
  server.serve(contract.editRisk, async (call) => {
    call.authorise({ type: "Risk", id: call.params.id });
    const change = { expected: call.ifMatch, by: call.principal.name };
    return one(await register.edit(call.tx<NoTables>(), call.params.id, call.body, change));
  });
  server.serve(contract.acceptRisk, async (call) => {
    call.authorise({ type: "Risk", id: call.params.id });
    const change = { expected: call.ifMatch, by: call.principal.name };
    return one(await register.accept(call.tx<NoTables>(), call.params.id, call.body, change));
  });
  server.serve(contract.closeRisk, async (call) => {
    call.authorise({ type: "Risk", id: call.params.id });
    const change = { expected: call.ifMatch, by: call.principal.name };
    return one(await register.setClosed(call.tx<NoTables>(), call.params.id, call.body, change));
  });
  server.serve(contract.listRiskVersions, async (call) => {
    call.authorise({ type: "Risk", id: call.params.id });
    const { limit, after } = call.query;
    const before = after === undefined ? undefined : numberOf(after);
    const found = await listVersions(register.db, call.params.id, { before, limit: limit + 1 });
    const records = found.slice(0, limit);
    return {
      items: records.map((record) => ({
        version: record.version,
        state: record.state,
        title: record.draft.title,
        treatment: record.draft.treatment,
        acceptedUntil: record.acceptedUntil,
        acceptedBecause: record.acceptedBecause,
        reason: record.reason,
        changedAt: record.changedAt.toISOString(),
        changedBy: record.changedBy,
      })),
      next: found.length > limit ? String(records.at(-1)?.version) : null,
    };
  });
}

/** Risks with the names of what they are about, and the measure of their site. */
async function shownRisks(
  records: readonly RiskRecord[],
  { registry, register }: { registry: Registry; register: RiskRegister },
): Promise<contract.RegisteredRisk[]> {
  const ids = (of: (draft: contract.RiskDraft) => string | undefined) => [
    ...new Set(records.flatMap(({ draft }) => of(draft) ?? [])),
  ];
  const siteIds = ids(({ site }) => site);
  const sites = await registry.sites(siteIds, undefined);
  const items = await registry.items(
    ids(({ item }) => item),
    undefined,
  );
  const organisations = await registry.organisationNames(
    ids(({ organisation }) => organisation),
    undefined,
  );
  const measures = await readMeasures(register.db, siteIds, undefined);
  const first = measures.values().next().value;
  const currency = first ? ((await readMeasurement(register.db, first.measurement))?.currency ?? null) : null;
  const today = register.today();
  return records.map((record) => {
    const { draft, acceptedUntil } = record;
    const { site, item, organisation } = draft;
    const labels: Record<string, string> = {};
    if (site !== undefined) labels[site] = sites.get(site)?.label ?? "";
    if (item !== undefined) labels[item] = items.get(item)?.label ?? "";
    if (organisation !== undefined) labels[organisation] = organisations.get(organisation) ?? "";
    return {
      id: record.id,
      number: record.number,
      version: record.version,
      ...draft,
      state: acceptedUntil !== null && acceptedUntil < today ? "expired" : record.state,
      acceptedUntil,
      acceptedBy: record.acceptedBy,
      acceptedBecause: record.acceptedBecause,
      expectedMinor: (site === undefined ? undefined : measures.get(site)?.measure.expectedMinor) ?? null,
      currency,
      changedAt: record.changedAt.toISOString(),
      changedBy: record.changedBy,
      labels,
    };
  });
}

function tokenInvalid(): Problem {
  return new Problem("registry/page-token-invalid", "`after` is not the `next` of a page of this list");
}

function uuidOf(text: string): string {
  if (!z.uuid().safeParse(text).success) throw tokenInvalid();
  return text;
}

function numberOf(text: string): number {
  if (!/^\d{1,9}$/.test(text)) throw tokenInvalid();
  return Number(text);
}
