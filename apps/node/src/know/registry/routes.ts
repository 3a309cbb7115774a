/** Serves the registry: contract in, rules, contract out. */
import { registry as contract, type Route } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import { z } from "zod";
import type { Database } from "../../platform/database.ts";
import type { Jobs } from "../../platform/jobs.ts";
import type { Call, Server } from "../../platform/server.ts";
import { factsOf, mergedInto, objectOf } from "./answer.ts";
import type { Drafts, Kind } from "./draft-check.ts";
import { exportGeoJson, exportJson } from "./export.ts";
import { labelsOf, ownNames } from "./label-store.ts";
import { countObjects, type Filters } from "./list-store.ts";
import { readNetwork } from "./network.ts";
import { type MergeKind, referencesOf } from "./object-kind.ts";
import type { Registry } from "./registry.ts";
import { search } from "./search.ts";
import { dismissSuspect, listMerges, listSuspects, type MergeRow, readMerge, readSuspect } from "./suspect-store.ts";
import { changedFields, type Db, type ListedVersion, type Version } from "./version-store.ts";

const FIND_SUSPECTS = "registry/find-suspects";

type NoTables = Record<never, never>; // the statements name their tables themselves

export interface RegistryParts {
  readonly registry: Registry;
  readonly database: Database;
  readonly jobs: Jobs;
}

const KIND_ROUTES = {
  organisation: contract.organisations,
  site: contract.sites,
  asset: contract.assets,
  item: contract.items,
  recipe: contract.recipes,
  stock: contract.stocks,
  capacity: contract.capacities,
  demand: contract.demands,
  route: contract.transportRoutes,
} as const satisfies Record<Kind, unknown>;

/** What the seven operations of any kind have in common; each kind's own schemas have parsed what arrives here. */
interface KindCall {
  readonly params: { id: string };
  readonly query: { limit: number; after?: string; asOf?: string; sort?: string; state: "active" | "retired" } & Record<
    string,
    string | undefined
  >;
  readonly body: { evidence: contract.Evidence; reason: string };
}

export function registryRoutes(server: Server, parts: RegistryParts): void {
  for (const kind of Object.keys(KIND_ROUTES) as Kind[]) serveKind(server, parts, kind); // the keys of a record of kinds
  serveWhole(server, parts);
  serveSuspects(server, parts);
  serveMerges(server, parts);
  parts.jobs.define(FIND_SUSPECTS, async ({ progress }) => ({ added: await parts.registry.findSuspects(progress) }));
}

function serveKind<K extends Kind>(server: Server, { registry }: RegistryParts, kind: K): void {
  const routes: Readonly<Record<"list" | "get" | "create" | "edit" | "retire" | "reinstate" | "history", Route>> =
    KIND_ROUTES[kind];
  const inputOf = (call: Call<Route>) => call as unknown as KindCall; // parsed by this kind's schemas
  const transactionOf = (call: Call<Route>): Db => call.tx<NoTables>();
  const answerOf = async (db: Db, version: Version<K>) => ({
    ...objectOf(kind, version),
    labels: await labelsOf(db, kind, [version], undefined),
  });

  server.serve(routes.list, async (call) => {
    call.authorise();
    const { limit, after, asOf, state, sort, ...filters } = inputOf(call).query;
    const at = instant(asOf);
    const page = await registry.list(kind, await filtersOf(registry, filters), { limit, after, state, sort, asOf: at });
    return {
      items: page.versions.map((version) => objectOf(kind, version)),
      next: page.next,
      labels: await labelsOf(registry.db, kind, page.versions, at),
      units: await unitsOf(registry, kind, page.versions, at),
    };
  });
  server.serve(routes.get, async (call) => {
    const { params, query } = inputOf(call);
    call.authorise({ type: "RegistryObject", id: params.id });
    const at = instant(query.asOf);
    const version = await registry.get(kind, params.id, at);
    return {
      ...objectOf(kind, version),
      labels: await labelsOf(registry.db, kind, [version], at),
      facts: await factsOf(registry.db, kind, version),
      mergedFrom: await mergedInto(registry.db, kind, params.id),
    };
  });
  server.serve(routes.create, async (call) => {
    call.authorise();
    const { evidence, ...draft } = inputOf(call).body;
    const tx = transactionOf(call);
    return answerOf(
      tx,
      await registry.save(
        tx,
        kind,
        { draft: draft as unknown as Drafts[K], evidence },
        registry.author(call.principal.name),
      ),
    ); // parsed by the kind's draft schema
  });
  server.serve(routes.edit, async (call) => {
    const { params, body } = inputOf(call);
    call.authorise({ type: "RegistryObject", id: params.id });
    const { evidence, ...draft } = body;
    const tx = transactionOf(call);
    const entry = { id: params.id, expected: call.ifMatch, draft: draft as unknown as Drafts[K], evidence }; // as above
    return answerOf(tx, await registry.save(tx, kind, entry, registry.author(call.principal.name)));
  });
  for (const action of ["retire", "reinstate"] as const) {
    server.serve(routes[action], async (call) => {
      const { params, body } = inputOf(call);
      call.authorise({ type: "RegistryObject", id: params.id });
      const tx = transactionOf(call);
      return answerOf(
        tx,
        await registry[action](
          tx,
          kind,
          params.id,
          { ...body, expected: call.ifMatch },
          registry.author(call.principal.name),
        ),
      );
    });
  }
  server.serve(routes.history, async (call) => {
    const { params, query } = inputOf(call);
    call.authorise({ type: "RegistryObject", id: params.id });
    await registry.get(kind, params.id, undefined);
    const before = query.after === undefined ? undefined : versionNumber(query.after);
    const versions = await registry.history(kind, params.id, { limit: query.limit + 1, before });
    const shown = versions.slice(0, query.limit);
    return {
      items: shown.map((version, i) => ({
        ...objectOf(kind, version),
        changed: changedFields(versions[i + 1]?.body ?? {}, version.body),
        reason: version.reason,
        importId: version.importId,
      })),
      next: versions.length > query.limit ? String(shown.at(-1)?.version) : null,
      labels: await labelsOf(registry.db, kind, shown, undefined),
    };
  });
}

function serveWhole(server: Server, { registry }: RegistryParts): void {
  server.serve(contract.search, async (call) => {
    call.authorise();
    const { q, kind, limit } = call.query;
    return { hits: await search(registry.db, { q, kind, limit }) };
  });
  server.serve(contract.registrySummary, async (call) => {
    call.authorise();
    return countObjects(registry.db);
  });
  server.serve(contract.network, async (call) => {
    call.authorise();
    const { asOf, ...query } = call.query;
    return readNetwork(registry.db, { ...query, asOf: instant(asOf) });
  });
  server.serve(contract.sitesGeoJson, async (call) => {
    call.authorise();
    const { asOf, ...query } = call.query;
    call.setHeader("content-disposition", 'attachment; filename="sites.geojson"');
    return exportGeoJson(registry.db, await filtersOf(registry, query), instant(asOf) ?? registry.author("").at);
  });
  server.serve(contract.exportJson, async (call) => {
    call.authorise();
    call.setHeader("content-disposition", 'attachment; filename="registry.json"');
    return exportJson(registry.db, instant(call.query.asOf) ?? registry.author("").at);
  });
}

const suspectToken = z.tuple([z.int(), z.uuid()]);

function serveSuspects(server: Server, { registry, database, jobs }: RegistryParts): void {
  const { db } = registry;
  const answersOf = async (rows: Awaited<ReturnType<typeof listSuspects>>): Promise<contract.Suspect[]> => {
    const named = await namedOf(
      db,
      rows.flatMap(
        ({ kind, first_id, second_id }) =>
          [
            [kind, first_id],
            [kind, second_id],
          ] as const,
      ),
    );
    return rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      first: named(row.first_id),
      second: named(row.second_id),
      reasons: row.reasons,
      scorePpm: row.score_ppm,
      state: row.state,
      foundAt: row.found_at.toISOString(),
    }));
  };
  server.serve(contract.listSuspects, async (call) => {
    call.authorise();
    const { limit, after, kind, state, object } = call.query;
    const place = after === undefined ? undefined : readPlace(after);
    const rows = await listSuspects(db, {
      kind,
      state,
      object,
      after: place && { scorePpm: place[0], id: place[1] },
      limit: limit + 1,
    });
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return { items: await answersOf(shown), next: rows.length > limit && last ? `${last.score_ppm} ${last.id}` : null };
  });
  server.serve(contract.findSuspects, async (call) => {
    call.authorise();
    const request = { kind: FIND_SUSPECTS, title: "Looking for duplicates", input: {}, principal: call.principal };
    return { jobId: await database.transaction((tx) => jobs.enqueue(tx, request)) };
  });
  server.serve(contract.dismissSuspect, async (call) => {
    call.authorise();
    const { id } = call.params;
    const { name, at } = registry.author(call.principal.name);
    const done = await database.transaction<NoTables, boolean>((tx) =>
      dismissSuspect(tx, id, { name, at, reason: call.body.reason }),
    );
    const row = await readSuspect(db, id);
    if (!row) throw new Problem("registry/not-found", `there is no suspect \`${id}\``);
    if (!done) throw new Problem("registry/suspect-settled", `the pair was settled before: it is ${row.state}`);
    return (await answersOf([row]))[0]!; // one row gives one answer
  });
}

function readPlace(text: string): z.output<typeof suspectToken> {
  const [score, id] = text.split(" ");
  const place = suspectToken.safeParse([Number(score), id]);
  if (!place.success)
    throw new Problem("registry/page-token-invalid", "`after` is not the `next` of a page of this list");
  return place.data;
}

function serveMerges(server: Server, { registry, database }: RegistryParts): void {
  const answersOf = async (db: Db, rows: readonly MergeRow[]): Promise<contract.Merge[]> => {
    const named = await namedOf(
      db,
      rows.flatMap(
        ({ kind, kept_id, merged_id }) =>
          [
            [kind, kept_id],
            [kind, merged_id],
          ] as const,
      ),
    );
    return rows.map((row) => ({
      id: row.id,
      kind: row.kind,
      kept: named(row.kept_id),
      merged: named(row.merged_id),
      reason: row.reason,
      mergedAt: row.merged_at.toISOString(),
      mergedBy: row.merged_by,
      undoneAt: row.undone_at?.toISOString() ?? null,
      undoneBy: row.undone_by,
      undoneReason: row.undone_reason,
    }));
  };
  server.serve(contract.listMerges, async (call) => {
    call.authorise();
    const { limit, after, kind, object } = call.query;
    if (after !== undefined && !z.uuid().safeParse(after).success)
      throw new Problem("registry/page-token-invalid", "`after` is not the `next` of a page of this list");
    const rows = await listMerges(registry.db, { kind, object, after, limit: limit + 1 });
    const shown = rows.slice(0, limit);
    return {
      items: await answersOf(registry.db, shown),
      next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null,
    };
  });
  server.serve(contract.createMerge, async (call) => {
    call.authorise();
    const { kind, kept, merged, reason, evidence } = call.body;
    const tx = call.tx<NoTables>();
    const row = await registry.merge(
      tx,
      kind,
      { kept, merged },
      { reason, evidence },
      registry.author(call.principal.name),
    );
    return (await answersOf(tx, [row]))[0]!; // one row gives one answer
  });
  server.serve(contract.undoMerge, async (call) => {
    call.authorise();
    const { id } = call.params;
    await database.transaction<NoTables, unknown>((tx) =>
      registry.undoMerge(tx, id, call.body.reason, registry.author(call.principal.name)),
    );
    const row = await readMerge(registry.db, id);
    return (await answersOf(registry.db, [row!]))[0]!; // undone above, so it is there
  });
}

/** The units of the items that `versions` mention, by id. */
async function unitsOf<K extends Kind>(
  registry: Registry,
  kind: K,
  versions: readonly ListedVersion<K>[],
  asOf: Date | undefined,
): Promise<Record<string, contract.Unit>> {
  const mentioned = versions.flatMap(({ body }) => referencesOf(kind, body).filter((one) => one.kind === "item"));
  if (mentioned.length === 0) return {};
  const items = await registry.items([...new Set(mentioned.map(({ id }) => id))], asOf);
  return Object.fromEntries([...items.values()].map(({ id, unit }) => [id, unit]));
}

/** Name and country of each object by id; names are the objects' own, not those of what they became. */
async function namedOf(
  db: Db,
  ids: readonly (readonly [kind: MergeKind, id: string])[],
): Promise<(id: string) => contract.Merge["kept"]> {
  const found = new Map<string, contract.Merge["kept"]>();
  for (const kind of ["organisation", "site", "item"] as const) {
    const own = ids.flatMap(([of, id]) => (of === kind ? [id] : []));
    for (const [id, { name, country }] of await ownNames(db, kind, own)) found.set(id, { id, label: name, country });
  }
  return (id) => found.get(id) ?? { id, label: "", country: null };
}

function instant(text: string | undefined): Date | undefined {
  return text === undefined ? undefined : new Date(text);
}

function versionNumber(text: string): number {
  if (!/^\d{1,9}$/.test(text))
    throw new Problem("registry/page-token-invalid", "`after` is not the `next` of a page of this list");
  return Number(text);
}

/** Filters of a query: ids stand for what was merged into them too. */
async function filtersOf(registry: Registry, query: Readonly<Record<string, string | undefined>>): Promise<Filters> {
  const members = async (kind: MergeKind, id: string | undefined) =>
    id === undefined ? undefined : registry.members(kind, id);
  const { organisation, parent, site, item, from, to, tier, bbox, ...rest } = query;
  return {
    ...rest,
    organisation: await members("organisation", organisation),
    parent: await members("organisation", parent),
    site: await members("site", site),
    from: await members("site", from),
    to: await members("site", to),
    item: await members("item", item),
    tier: tier === undefined ? undefined : Number(tier),
    bbox: bbox === undefined ? undefined : boxOf(bbox),
  };
}

function boxOf(text: string): NonNullable<Filters["bbox"]> {
  const [west = 0, south = 0, east = 0, north = 0] = text.split(",").map(Number); // the contract allows four numbers only
  return [west, south, east, north];
}
