/** The addresses of every page of the console, with objects of the demo world in them. */
import type { TestCaller } from "../node.ts";

/** Name and address of each page, tabs that differ in kind included. */
export async function everyPage(caller: TestCaller): Promise<readonly (readonly [string, string])[]> {
  const first = async (path: string): Promise<string> => (await caller.send("GET", path)).body.items[0].id;
  const [site, organisation, asset, product] = await Promise.all([
    first("/api/know/registry/sites?text=refinery&limit=1"),
    first("/api/know/registry/organisations?limit=1"),
    first("/api/know/registry/assets?limit=1"),
    first("/api/know/registry/items?kind=product&limit=1"),
  ]);
  const staged = await caller.send("POST", "/api/know/exchange/imports?fileName=sites.csv", SITES_CSV, {
    "content-type": "text/csv",
  });
  const statement = await first("/api/prove/ledger/statements?limit=1");
  const finding = await first("/api/prove/custody/findings?limit=1");
  const lot = encodeURIComponent(await first("/api/prove/custody/things?level=instance&text=/21/&limit=1"));
  const capture = await first("/api/prove/thread/captures?limit=1");
  const criteria = await first("/api/know/designation/criteria?limit=1");
  const intelligence = await someIntelligence(caller);
  return [
    ["touches us", "/share"],
    ["touches us: everything", "/share?list=all"],
    ["intelligence", `/share/intel/${intelligence}`],
    ["intelligence: around it", `/share/intel/${intelligence}?tab=graph`],
    ["intelligence: versions", `/share/intel/${intelligence}?tab=versions`],
    ["intelligence: sightings", `/share/intel/${intelligence}?tab=sightings`],
    ["intelligence: on record", `/share/intel/${intelligence}?tab=record`],
    ["intelligence sources", "/share/sources"],
    ["intelligence documents", "/share/sources?tab=documents"],
    ["intelligence objects", "/share/sources?tab=objects"],
    ["collections", "/share/collections"],
    ["overview", "/"],
    ["sites", "/know/sites"],
    ["site map", "/know/sites?tab=map"],
    ["site", `/know/sites/${site}`],
    ["site: what it makes", `/know/sites/${site}?tab=makes`],
    ["site: network", `/know/sites/${site}?tab=network`],
    ["site: assets", `/know/sites/${site}?tab=assets`],
    ["site: stocks", `/know/sites/${site}?tab=stocks`],
    ["site: routes", `/know/sites/${site}?tab=routes`],
    ["site: tier", `/know/sites/${site}?tab=tier`],
    ["site: history", `/know/sites/${site}?tab=history`],
    ["organisations", "/know/organisations"],
    ["organisation", `/know/organisations/${organisation}`],
    ["organisation: sites", `/know/organisations/${organisation}?tab=sites`],
    ["assets", "/know/assets"],
    ["asset", `/know/assets/${asset}`],
    ["items", "/know/items"],
    ["item: where it comes from", `/know/items/${product}`],
    ["item: network", `/know/items/${product}?tab=network`],
    ["item: who makes it", `/know/items/${product}?tab=makers`],
    ["item: facts", `/know/items/${product}?tab=facts`],
    ["adding a site", "/know/add/site"],
    ["adding a recipe", `/know/add/recipe?site=${site}`],
    ["editing a site", `/know/edit/site/${site}`],
    ["sites as of an instant", "/know/sites?asOf=2026-01-01T00:00:00.000Z"],
    ["minerals", "/know/minerals"],
    ["mineral", "/know/minerals/gallium"],
    ["single sources", "/know/single-sources"],
    ["what stops if", "/know/what-if"],
    ["what stops if a site fails", `/know/what-if?parts=site.${site}.60`],
    ["single points", "/know/single-points"],
    ["alternatives", `/know/alternatives?site=${site}`],
    ["comparison", "/know/comparison"],
    ["ranking", "/know/ranking"],
    ["what levels mean", "/know/ranking?tab=calibration"],
    ["risk register", "/know/risks"],
    ["entering a risk", "/know/risks/new"],
    ["plans", "/know/plans"],
    ["beginning a plan", "/know/plans/new"],
    ["critical facilities", "/know/designation"],
    ["criteria in force", "/know/designation?tab=criteria"],
    ["versions of the criteria", "/know/designation?tab=versions"],
    ["criteria", `/know/designation/${criteria}`],
    ["proposing criteria", "/know/designation/new"],
    ["duplicates", "/know/duplicates"],
    ["merges", "/know/duplicates?tab=merges"],
    ["imports", "/know/import"],
    ["import", `/know/import/${staged.body.id}`],
    ["import: report", `/know/import/${staged.body.id}?step=report`],
    ["lots", "/prove/lots"],
    ["lot", `/prove/lots/${lot}`],
    ["lot: what it went into", `/prove/lots/${lot}?tab=products`],
    ["lot: timeline", `/prove/lots/${lot}?tab=events`],
    ["lot: journey", `/prove/lots/${lot}?tab=map`],
    ["lot: findings", `/prove/lots/${lot}?tab=findings`],
    ["lot: credentials", `/prove/lots/${lot}?tab=credentials`],
    ["lot: evidence", `/prove/lots/${lot}?tab=evidence`],
    ["no such lot", "/prove/lots/urn%3Anone"],
    ["findings", "/prove/findings"],
    ["finding", `/prove/findings?state=all&open=${finding}`],
    ["mass balance", "/prove/balance?from=2020-01-01"],
    ["captures", "/prove/captures"],
    ["capture", `/prove/captures?open=${capture}`],
    ["subscriptions", "/prove/captures?tab=subscriptions"],
    ["ledger", "/prove/ledger"],
    ["ledger: kinds", "/prove/ledger?tab=kinds"],
    ["ledger: witnesses", "/prove/ledger?tab=witnesses"],
    ["ledger: checkpoint", "/prove/ledger?tab=checkpoint"],
    ["ledger: keys", "/prove/ledger?tab=keys"],
    ["ledger: forks", "/prove/ledger?tab=forks"],
    ["statement", `/prove/ledger/${statement}`],
    ["no such statement", `/prove/ledger/${"0".repeat(64)}`],
    ["people", "/people"],
    ["tokens", "/tokens"],
    ["decisions", "/decisions"],
    ["policies", "/decisions?tab=policies"],
    ["jobs", "/jobs"],
    ["account", "/account"],
    ["passkeys", "/account?tab=passkeys"],
    ["password", "/account?tab=password"],
    ["no such page", "/nowhere"],
    ["no such site", "/know/sites/00000000-0000-7000-8000-000000000000"],
  ];
}

const SITES_CSV =
  "name,kind,country,organisation,unheard of\nTest mine,mine,AU,Nobody Ltd,x\nTest plant,plant,XX,Nobody Ltd,y\n";

/** A report that touches a site of the demo world. @returns its id */
async function someIntelligence(caller: TestCaller): Promise<string> {
  const report = { kind: "drone-sighting", name: "Drone over a test site", country: "AU", sectors: ["mining"] };
  const made = await caller.send("POST", "/api/share/intel/reports", report, {
    "idempotency-key": "a report for every page",
  });
  return String(made.body.id);
}
