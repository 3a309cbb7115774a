/** Serves designation: criteria, previews, decisions, tiers and their history. */
import { designation as contract } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import { z } from "zod";
import type { Database } from "../../platform/database.ts";
import type { Server } from "../../platform/server.ts";
import type { Registry } from "../registry/index.ts";
import { type Designation, notFound } from "./designation.ts";
import {
  countTiers,
  listCriteria,
  listHistory,
  listOutcomes,
  listTiers,
  readCriteria,
  readEvaluation,
  readInForce,
  readPreview,
  readTier,
  type Tier,
} from "./store.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves

export interface RouteParts {
  readonly designation: Designation;
  readonly registry: Registry;
  readonly database: Database;
}

export function designationRoutes(server: Server, parts: RouteParts): void {
  serveCriteria(server, parts);
  servePreviews(server, parts);
  serveTiers(server, parts);
}

function serveCriteria(server: Server, { designation, database }: RouteParts): void {
  server.serve(contract.listCriteria, async (call) => {
    call.authorise();
    const { limit, after, state } = call.query;
    const found = await listCriteria(designation.db, {
      state,
      before: after === undefined ? undefined : count(after),
      limit: limit + 1,
    });
    const items = found.slice(0, limit);
    return { items, next: found.length > limit ? String(items.at(-1)?.number) : null };
  });
  server.serve(contract.getCriteria, async (call) => {
    call.authorise();
    const found = await readCriteria(designation.db, call.params.id);
    if (!found) throw notFound(call.params.id);
    return found;
  });
  server.serve(contract.getCriteriaInForce, async (call) => {
    call.authorise();
    const found = await readInForce(designation.db);
    if (!found) throw new Problem("designation/none-in-force", "no criteria are in force: propose and adopt some");
    return found;
  });
  server.serve(contract.proposeCriteria, async (call) => {
    call.authorise();
    return designation.propose(call.tx<NoTables>(), call.body, call.principal.name);
  });
  server.serve(contract.editCriteria, async (call) => {
    call.authorise();
    return designation.edit(call.tx<NoTables>(), call.params.id, call.body, call.ifMatch);
  });
  server.serve(contract.decideCriteria, async (call) => {
    call.authorise();
    const { decision, reason } = call.body;
    return database.transaction<NoTables, contract.Criteria>((tx) =>
      designation.decide(tx, call.params.id, { adopt: decision === "adopt", reason, by: call.principal.name }),
    );
  });
}

function servePreviews(server: Server, { designation, registry, database }: RouteParts): void {
  const previewOf = async (criteria: string) => {
    const preview = await readPreview(designation.db, criteria);
    if (!preview && !(await readCriteria(designation.db, criteria))) throw notFound(criteria);
    return {
      criteria,
      state: preview?.state ?? ("none" as const),
      jobId: preview?.jobId ?? null,
      computedAt: preview?.computedAt?.toISOString() ?? null,
      sitesCount: preview?.sitesCount ?? null,
      moves: [...(preview?.moves ?? [])],
    };
  };
  server.serve(contract.startPreview, async (call) => {
    call.authorise();
    await database.transaction<NoTables, string>((tx) => designation.startPreview(tx, call.params.id, call.principal));
    return previewOf(call.params.id);
  });
  server.serve(contract.getPreview, async (call) => {
    call.authorise();
    return previewOf(call.params.id);
  });
  server.serve(contract.listPreviewChanges, async (call) => {
    call.authorise();
    const { limit, after } = call.query;
    if (after !== undefined) uuidOf(after);
    const found = await listOutcomes(designation.db, call.params.id, { after, limit: limit + 1, changesOnly: true });
    const shown = found.slice(0, limit);
    const site = await siteLabels(
      registry,
      shown.map((outcome) => outcome.site),
    );
    return {
      items: shown.map((outcome) => ({
        site: site(outcome),
        from: outcome.from,
        to: outcome.to,
        reasons: [...outcome.reasons],
      })),
      next: found.length > limit ? (shown.at(-1)?.site ?? null) : null,
    };
  });
}

function serveTiers(server: Server, { designation, registry, database }: RouteParts): void {
  server.serve(contract.evaluateSites, async (call) => {
    call.authorise();
    return {
      jobId: await database.transaction<NoTables, string>((tx) => designation.startEvaluation(tx, call.principal)),
    };
  });
  server.serve(contract.designationSummary, async (call) => {
    call.authorise();
    const criteria = await readInForce(designation.db);
    const evaluation = criteria && (await readEvaluation(designation.db, criteria.id));
    const tiers = await countTiers(designation.db);
    const { counts } = await registry.counts();
    const designated = tiers.reduce((sum, tier) => sum + tier.count, 0);
    return {
      criteria: criteria?.id ?? null,
      criteriaNumber: criteria?.number ?? null,
      evaluatedAt: evaluation?.at.toISOString() ?? null,
      counts: [...tiers, { tier: null, count: Math.max(0, counts.site - designated) }],
    };
  });
  server.serve(contract.listDesignatedSites, async (call) => {
    call.authorise();
    const { limit, after, tier, country } = call.query;
    const place = after === undefined ? undefined : placeOf(after);
    const found = await listTiers(designation.db, {
      tier: tier === undefined ? undefined : Number(tier),
      country,
      after: place,
      limit: limit + 1,
    });
    const shown = found.slice(0, limit);
    const site = await siteLabels(
      registry,
      shown.map((row) => row.site),
    );
    const last = shown.at(-1);
    return {
      items: shown.map((row) => siteTierOf(row, site(row))),
      next: found.length > limit && last ? `${last.tier} ${last.site}` : null,
    };
  });
  server.serve(contract.getSiteTier, async (call) => {
    call.authorise({ type: "RegistryObject", id: call.params.id });
    const { id } = call.params;
    const sketch = (await registry.sites([id], undefined)).get(id);
    if (!sketch) throw new Problem("designation/site-not-found", `there is no site \`${id}\``);
    const { label, country, kind } = sketch;
    const found = await readTier(designation.db, id);
    const undecided = await designation.undecided(id);
    const site = { id, label, country, kind };
    if (!found) return { site, tier: null, since: null, criteria: null, criteriaNumber: null, reasons: [], undecided };
    return { ...siteTierOf(found, site), undecided };
  });
  server.serve(contract.listSiteTierHistory, async (call) => {
    call.authorise({ type: "RegistryObject", id: call.params.id });
    const { limit, after } = call.query;
    const before = after === undefined ? undefined : instant(after);
    const found = await listHistory(designation.db, call.params.id, { before, limit: limit + 1 });
    const shown = found.slice(0, limit);
    return {
      items: shown.map((row) => ({
        tier: row.tier,
        from: row.since.toISOString(),
        until: row.until?.toISOString() ?? null,
        criteria: row.criteria,
        criteriaNumber: row.criteriaNumber,
        reasons: [...row.reasons],
      })),
      next: found.length > limit ? (shown.at(-1)?.since.toISOString() ?? null) : null,
    };
  });
}

type SiteLabel = contract.SiteTier["site"];

/** Name, country and kind of each site; a site that is gone keeps the country it had. */
async function siteLabels(
  registry: Registry,
  ids: readonly string[],
): Promise<(row: { site: string; country: string }) => SiteLabel> {
  const sketches = await registry.sites(ids, undefined);
  return ({ site, country }) => {
    const sketch = sketches.get(site);
    return { id: site, label: sketch?.label ?? "", country: sketch?.country ?? country, kind: sketch?.kind ?? "plant" };
  };
}

function siteTierOf(row: Tier, site: SiteLabel): contract.SiteTier {
  return {
    site,
    tier: row.tier,
    since: row.since.toISOString(),
    criteria: row.criteria,
    criteriaNumber: row.criteriaNumber,
    reasons: [...row.reasons],
    undecided: [...row.undecided],
  };
}

function tokenInvalid(): Problem {
  return new Problem("registry/page-token-invalid", "`after` is not the `next` of a page of this list");
}

function count(text: string): number {
  if (!/^\d{1,15}$/.test(text)) throw tokenInvalid();
  return Number(text);
}

function uuidOf(text: string): string {
  if (!z.uuid().safeParse(text).success) throw tokenInvalid();
  return text;
}

function placeOf(text: string): { tier: number; site: string } {
  const [tier = "", site = ""] = text.split(" ");
  if (!/^[123]$/.test(tier)) throw tokenInvalid();
  return { tier: Number(tier), site: uuidOf(site) };
}

function instant(text: string): Date {
  if (!z.iso.datetime().safeParse(text).success) throw tokenInvalid();
  return new Date(text);
}
