/**
 * How fast the registry answers at 100,000 sites and 1,000,000 supply links: lists, search and objects over HTTP with a
 * session and 20 readers at once, each asking again as soon as it is answered, so that the node is always saturated; and the
 * look-through of products over 10,000 upstream sites. The floor of the same run is GET /readyz: the same server, and
 * `select 1`. Node, PostgreSQL and readers share the machine; `readerMs` says what a request took of it on the readers' side.
 */
import assert from "node:assert/strict";
import { cpus, loadavg } from "node:os";
import { postgresPids, processorSeconds } from "./process-figures.ts";
import { type PrivateNode, startPrivateNode } from "./private-node.ts";
import { quantile, type Readers, type ReadReport, round, startReaders } from "./readers.ts";
import { FULL_WORLD, loadWorld, placeName, TINY_WORLD } from "./registry-world.ts";

const READERS = 20;
const P99_TARGET_MS = 50;
const LOOK_THROUGH_TARGET_MS = 300;
const LOOK_THROUGH_SITES = 10_000;

const REGISTRY = "/api/know/registry";

/** With `home`, the world stays there for the next run; with `only`, what has it in its name is measured. */
export async function bench(options: {
  tiny: boolean;
  home?: string | undefined;
  only?: string | undefined;
}): Promise<Record<string, unknown>> {
  const { tiny, home, only = "" } = options;
  const running = await startPrivateNode(["analyst"], home);
  try {
    const world = (await keptWorld(running)) ?? (await loadWorld(running.node, tiny ? TINY_WORLD : FULL_WORLD));
    return { world, ...(await measureRegistry(running, { rounds: tiny ? 1 : 3, requests: tiny ? 20 : 600, only })) };
  } finally {
    await running.stop();
  }
}

/** The world that an earlier run left; undefined where there is none. */
async function keptWorld({ node }: PrivateNode): Promise<Record<string, unknown> | undefined> {
  const { counts, supplyLinks } = await node.registry.counts();
  if (counts.site === 0) return undefined;
  return { sites: counts.site, items: counts.item, recipes: counts.recipe, links: supplyLinks, kept: true };
}

/** Measures a node that holds a loaded world: the routes with `only` in their name, and look-through likewise. */
export async function measureRegistry(
  running: PrivateNode,
  { rounds, requests, only }: { rounds: number; requests: number; only: string },
): Promise<Record<string, unknown>> {
  const readers = startReaders();
  try {
    const every = Object.entries(await routesToRead(running));
    const routes = Object.fromEntries(every.filter(([name]) => name.includes(only)));
    const ask = async (paths: readonly string[], count: number, at = READERS): Promise<Round> => {
      const before = processorUse(running);
      const order = { url: running.url, cookie: running.cookie, paths, readers: at, requests: count };
      const report = await readers.read(order);
      const after = processorUse(running);
      return {
        ...report,
        nodeSeconds: after.node - before.node - report.processorSeconds,
        databaseSeconds: after.database - before.database,
      };
    };
    const floors: Round[] = [];
    const reports = new Map<string, Round[]>(Object.keys(routes).map((name) => [name, []]));
    await ask(["/readyz"], requests);
    for (const paths of Object.values(routes)) await ask(paths, Math.ceil(requests / 4)); // warm
    const loadBefore = loadavg();
    for (let i = 0; i < rounds; i++)
      for (const [name, paths] of Object.entries(routes)) {
        floors.push(await ask(["/readyz"], Math.ceil(requests / 2)));
        reports.get(name)!.push(await ask(paths, requests)); // made with the same names
      }
    const floor = summary(floors);
    const floorAlone = summary([await ask(["/readyz"], requests, 1)]);
    const answers: Record<string, unknown> = {};
    for (const [name, own] of reports) {
      const seen = summary(own);
      const alone = summary([await ask(routes[name]!, Math.ceil(requests / 4), 1)]); // a route of this name
      answers[name] = {
        ...seen,
        aloneP50Ms: alone.p50Ms,
        kilobytes: round(own[0]!.bytes / requests / 1_000), // there is a round at least
        p50ToFloor: round(seen.p50Ms / floor.p50Ms),
        p99ToFloor: round(seen.p99Ms / floor.p99Ms),
        met: seen.p99Ms <= P99_TARGET_MS,
      };
    }
    return {
      machine: { processors: cpus().length, loadBefore: loadBefore.map(round), loadAfter: loadavg().map(round) },
      target: { readers: READERS, p99Ms: P99_TARGET_MS, lookThroughMs: LOOK_THROUGH_TARGET_MS },
      floor: { ...floor, aloneP50Ms: floorAlone.p50Ms },
      routes: answers,
      ...("lookThrough".includes(only)
        ? { lookThrough: await measureLookThrough(running, readers, { runs: Math.max(3, Math.ceil(requests / 20)) }) }
        : {}),
    };
  } finally {
    await readers.stop();
  }
}

/** A report with the processor time that answering took. */
interface Round extends ReadReport {
  readonly nodeSeconds: number;
  readonly databaseSeconds: number;
}

function processorUse({ postgresFolder }: PrivateNode): { node: number; database: number } {
  const { user, system } = process.cpuUsage();
  const database = postgresPids(postgresFolder).reduce((sum, pid) => sum + processorSeconds(pid), 0);
  return { node: (user + system) / 1_000_000, database };
}

/**
 * Of all rounds together; the best round beside it, because the machine may have had other work, and the processor time
 * of a request, which that changes least.
 */
function summary(reports: readonly Round[]) {
  const all = Float64Array.from(reports.flatMap(({ milliseconds }) => [...milliseconds])).sort();
  const seconds = reports.reduce((sum, report) => sum + report.seconds, 0);
  const perRequest = (of: (report: Round) => number) =>
    round((reports.reduce((sum, report) => sum + of(report), 0) * 1_000) / all.length);
  const nodeMs = perRequest(({ nodeSeconds }) => nodeSeconds);
  const databaseMs = perRequest(({ databaseSeconds }) => databaseSeconds);
  const readerMs = perRequest(({ processorSeconds: own }) => own);
  return {
    p50Ms: quantile(all, 0.5),
    p99Ms: quantile(all, 0.99),
    bestRoundP99Ms: Math.min(...reports.map(({ milliseconds }) => quantile(milliseconds, 0.99))),
    perSecond: round(all.length / seconds),
    nodeMs,
    databaseMs,
    readerMs,
    // what the readers would wait on average with the processors to themselves: one request's share of the busiest part
    unsharedMs: round(READERS * Math.max(nodeMs, (nodeMs + databaseMs + readerMs) / cpus().length)),
  };
}

/** What is read, by name: each with several paths, asked for in turn. */
async function routesToRead(running: PrivateNode): Promise<Record<string, readonly string[]>> {
  const ids = (table: string) => sampleIds(running, table);
  const sites = await ids("registry_site");
  const organisations = await ids("registry_organisation");
  const list = (query: Record<string, string>) => `${REGISTRY}/sites?${new URLSearchParams(query)}`;
  const search = (q: string) => `${REGISTRY}/search?${new URLSearchParams({ q })}`;
  const kinds = ["mine", "plant", "refinery", "smelter", "fab", "warehouse"];
  const countries = ["AU", "CL", "CN", "DE", "JP", "US", "ZA"];
  const places = Array.from({ length: 40 }, (_, i) => placeName(i * 211).toLowerCase());
  return {
    listFirstPage: [`${REGISTRY}/sites`],
    listDeepPage: (await deepTokens(running)).map((after) => list({ after })),
    listByKind: kinds.map((kind) => list({ kind })),
    listByCountry: countries.map((country) => list({ country })),
    listByKindAndCountry: countries.map((country, i) => list({ country, kind: kinds[i % 5]! })), // within the list
    listByOrganisation: organisations.map((organisation) => list({ organisation })),
    listByTier: ["1", "2", "3"].map((tier) => list({ tier })),
    listByCommonText: ["refinery", "magnet", "plant", "pl", "road"].map((text) => list({ text })),
    listByRareText: places.map((text) => list({ text })),
    listByTwoWords: places.map((place, i) => list({ text: `${place} ${kinds[i % kinds.length]}` })),
    searchCommonPrefix: ["p", "re", "ma", "smel", "w"].map(search),
    searchCommonWord: ["refinery", "magnet", "plant", "mine", "group"].map(search),
    searchRareWord: places.map(search),
    searchTwoWords: places.map((place, i) => search(`${place} ${kinds[i % kinds.length]}`)),
    searchTwoCommonWords: ["magnet plant", "refinery alloy", "mine oxide"].map(search),
    searchIdentifier: places.map((_, i) => search(`SITE-${String(i * 5).padStart(6, "0")}`)),
    site: sites.map((id) => `${REGISTRY}/sites/${id}`),
    item: (await ids("registry_item")).map((id) => `${REGISTRY}/items/${id}`),
    recipe: (await ids("registry_recipe")).map((id) => `${REGISTRY}/recipes/${id}`),
  };
}

/** 200 objects, spread over the table. */
async function sampleIds({ node }: PrivateNode, table: string): Promise<string[]> {
  const { rows } = await node.database.pool.query<{ id: string }>(
    `select id from (select id, row_number() over (order by id) as place, count(*) over () as count from ${table}) s
     where place % greatest(1, count / 200) = 0 limit 200`,
  );
  return rows.map(({ id }) => id);
}

/** Places far into the list of all sites, as its own pages name them; in a list of one page, the first of it. */
async function deepTokens(place: PrivateNode): Promise<string[]> {
  const tokens: string[] = [];
  for (let i = 0; i < 60; i++) {
    const next = await nextOf(place, 1_000, tokens.at(-1));
    if (next === null) break;
    tokens.push(next);
  }
  return tokens.length === 0 ? [(await nextOf(place, 1, undefined)) ?? ""] : tokens.slice(-20);
}

async function nextOf({ url, cookie }: PrivateNode, limit: number, after: string | undefined): Promise<string | null> {
  const from = after === undefined ? "" : `&after=${after}`;
  const answer = await fetch(`${url}${REGISTRY}/sites?limit=${limit}${from}`, { headers: { cookie } });
  return ((await answer.json()) as { next: string | null }).next; // the contract of a list
}

/** Products one after the other, alone. */
async function measureLookThrough(running: PrivateNode, readers: Readers, { runs }: { runs: number }) {
  const { rows } = await running.node.database.pool.query<{ id: string }>(
    "select id from registry_item where kind = 'product' and superseded_at is null order by id limit 20",
  );
  const paths = rows.map(({ id }) => `/api/know/risk/items/${id}/look-through`);
  const order = { url: running.url, cookie: running.cookie, paths, readers: 1 };
  const answer = await fetch(`${running.url}${paths[0]}`, { headers: { cookie: running.cookie } });
  assert.equal(answer.status, 200);
  const { counts, complete } = (await answer.json()) as { counts: { sites: number; links: number }; complete: boolean }; // the contract
  await readers.read({ ...order, requests: paths.length });
  const { milliseconds } = await readers.read({ ...order, requests: runs });
  const p50Ms = quantile(milliseconds, 0.5);
  return {
    upstreamSites: counts.sites,
    links: counts.links,
    complete,
    p50Ms,
    p99Ms: quantile(milliseconds, 0.99),
    leastMs: quantile(milliseconds, 0),
    bigEnough: counts.sites >= LOOK_THROUGH_SITES,
    met: p50Ms <= LOOK_THROUGH_TARGET_MS,
  };
}
