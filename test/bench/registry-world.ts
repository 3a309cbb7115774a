/**
 * A made-up registry of any size for measuring: sectors whose sites stand in six tiers, each site supplied by some of the
 * tier above it, so that a sector's product depends on nearly every site of the sector. Deterministic. It is loaded by the
 * registry's own `saveAll`, so it holds every invariant that the registry keeps.
 */
import { registry as contract } from "@holdfast/api";
import { assert } from "@holdfast/kernel";
import type { HoldfastNode } from "../../apps/node/src/compose.ts";
import type { Drafts, Kind } from "../../apps/node/src/know/registry/draft-check.ts";

export interface WorldSize {
  readonly sectors: number;
  /** The part of a full sector's sites and items that is made, 0 to 1; a full one has 11,011 sites. */
  readonly scale: number;
  readonly organisations: number;
  /** Sites that make nothing. */
  readonly warehouses: number;
}

/** 100,000 sites and 1,000,000 supply links. */
export const FULL_WORLD: WorldSize = { sectors: 9, scale: 1, organisations: 10_000, warehouses: 901 };
export const TINY_WORLD: WorldSize = { sectors: 1, scale: 0.02, organisations: 20, warehouses: 10 };

export interface LoadedWorld {
  readonly sites: number;
  readonly items: number;
  readonly recipes: number;
  readonly links: number;
  readonly seconds: number;
}

/** Sites and items of each tier of a full sector, the product first and raw materials last. */
const TIERS = [
  { kind: "plant", sites: 1, items: 1 },
  { kind: "fab", sites: 150, items: 30 },
  { kind: "plant", sites: 1_010, items: 100 },
  { kind: "refinery", sites: 2_800, items: 200 },
  { kind: "smelter", sites: 4_000, items: 200 },
  { kind: "mine", sites: 3_050, items: 60 },
] as const;

const GROUPS = 4; // inputs of a recipe
const GROUP_SUPPLIERS = [3, 4, 3, 4] as const; // 14 links a recipe
const BATCH = 25_000; // objects a transaction: recipes read the whole network once for each

const COUNTRIES =
  "AR AT AU BE BO BR CA CD CH CL CN CZ DE DK EE ES FI FR GB GR HU ID IE IN IT JP KE KR KZ LA LT LV MA MG MM MN MX MY MZ NA NL NO NZ PE PH PL PT RO RW SE SG SI SK TH TR TW UA US VN ZA".split(
    " ",
  );
const SYLLABLES = "ba ce di fo gu ha je ki lo mu na pe ri so tu va we xi yo zu".split(" ");
const MATERIALS =
  "magnet alloy oxide wafer cathode carbide optic powder resin bearing rotor sensor valve cable casting".split(" ");

const EVIDENCE: contract.Evidence = { source: "made for measuring", observedAt: "2026-01-31", confidencePercent: 50 };

/** A place's name: one of 8,000, so that each names a dozen sites of 100,000. */
export function placeName(index: number): string {
  const at = (index * 2_654_435_761) % 8_000;
  const syllable = (power: number) => SYLLABLES[Math.floor(at / power) % SYLLABLES.length]!; // within the list
  const word = `${syllable(400)}${syllable(20)}${syllable(1)}nor`;
  return word.charAt(0).toUpperCase() + word.slice(1);
}

/** Loads the world into an empty registry. */
export async function loadWorld(node: HoldfastNode, size: WorldSize): Promise<LoadedWorld> {
  const start = performance.now();
  const save = <K extends Kind>(kind: K, drafts: readonly unknown[]) => saveDrafts(node, kind, drafts);
  const organisations = await save(
    "organisation",
    Array.from({ length: size.organisations }, (_, i) => organisation(i)),
  );
  const tiers = Array.from({ length: size.sectors }, (_, sector) =>
    TIERS.map((tier, depth) => ({
      ...tier,
      sector,
      depth,
      sites: depth === 0 ? 1 : Math.max(2, Math.round(tier.sites * size.scale)),
      items: depth === 0 ? 1 : Math.max(2, Math.round(tier.items * size.scale)),
    })),
  ).flat();
  const itemDrafts = tiers.flatMap((tier) => Array.from({ length: tier.items }, (_, i) => item(tier, i)));
  const items = await save("item", itemDrafts);
  const siteDrafts = tiers.flatMap((tier) => Array.from({ length: tier.sites }, () => tier.kind as string));
  siteDrafts.push(...Array.from({ length: size.warehouses }, () => "warehouse"));
  const owners = organisations.length;
  const sites = await save(
    "site",
    siteDrafts.map((kind, i) => site(i, kind, organisations[(i * 7) % owners]!)), // there is an organisation at least
  );
  const recipes = recipesOf(tiers, sites, items);
  await save("recipe", recipes);
  await node.database.transaction<Record<never, never>, void>((tx) =>
    node.registry.recordTiers(
      tx,
      sites.flatMap((id, i) => (i % 40 === 0 ? [{ site: id, tier: 1 + ((i / 40) % 3) }] : [])),
    ),
  );
  await node.database.pool.query("vacuum (analyze)"); // what autovacuum does in the minutes after a load
  return {
    sites: sites.length,
    items: items.length,
    recipes: recipes.length,
    links: recipes.reduce(
      (sum, { groups }) => sum + groups.reduce((count, group) => count + group.suppliers.length, 0),
      0,
    ),
    seconds: (performance.now() - start) / 1_000,
  };
}

/** @returns the ids, in the order of the drafts */
async function saveDrafts<K extends Kind>(node: HoldfastNode, kind: K, drafts: readonly unknown[]): Promise<string[]> {
  const { database, registry } = node;
  const author = registry.author("bench");
  const ids: string[] = [];
  for (let at = 0; at < drafts.length; at += BATCH) {
    const entries = drafts.slice(at, at + BATCH).map((draft) => ({
      draft: SCHEMAS[kind].parse(draft) as Drafts[K], // the kind's own schema parsed it
      evidence: EVIDENCE,
    }));
    await database.transaction<Record<never, never>, void>(async (tx) => {
      const { saved, faulty } = await registry.saveAll(tx, kind, entries, author);
      assert(faulty.length === 0, `the made-up world has a fault: ${faulty[0]?.faults[0]?.message}`);
      ids.push(...saved.map(({ version }) => version.id));
    });
  }
  return ids;
}

const SCHEMAS = {
  organisation: contract.organisationDraft,
  site: contract.siteDraft,
  asset: contract.assetDraft,
  item: contract.itemDraft,
  recipe: contract.recipeDraft,
  stock: contract.stockDraft,
  capacity: contract.capacityDraft,
  demand: contract.demandDraft,
  route: contract.routeDraft,
} as const;

function organisation(i: number): unknown {
  return {
    name: `${placeName(i * 3 + 1)} ${MATERIALS[i % MATERIALS.length]} group ${i}`,
    country: COUNTRIES[i % COUNTRIES.length],
    identifiers: [{ scheme: "erp", value: `ORG-${String(i).padStart(6, "0")}` }],
  };
}

function item({ sector, depth }: { sector: number; depth: number }, i: number): unknown {
  return {
    name: `${MATERIALS[(sector + i) % MATERIALS.length]} ${placeName(sector * 7 + depth)} grade ${i}`,
    kind: (["product", "component", "component", "component", "material", "material"] as const)[depth],
    unit: "KGM",
    hsCode: `28${String(1 + (i % 50)).padStart(2, "0")}${String(depth + 1).padStart(2, "0")}`,
    lists: depth === 5 ? ["EU critical raw materials 2024"] : [],
  };
}

function site(i: number, kind: string, organisation: string): unknown {
  return {
    name: `${placeName(i)} ${MATERIALS[i % MATERIALS.length]} ${kind} ${i}`,
    kind,
    organisation,
    country: COUNTRIES[(i * 13) % COUNTRIES.length],
    address: `${1 + (i % 200)} ${placeName(i + 5)} road`,
    position: { latitude: ((i * 37) % 12_000) / 100 - 60, longitude: ((i * 101) % 36_000) / 100 - 180 },
    hazards: i % 4 === 0 ? [{ threat: "natural-hazard", level: 1 + (i % 5) }] : [],
    publicSafety: i % 50 === 0 ? "upper-tier" : "none",
    replaceDays: 90 + (i % 900),
    identifiers: [{ scheme: "erp", value: `SITE-${String(i).padStart(6, "0")}` }],
  };
}

interface Tier {
  readonly depth: number;
  readonly sites: number;
  readonly items: number;
}

type Group = { name: string; suppliers: { site: string; item: string; sharePpm: number; leadDays: number }[] };

/** What each site makes of what the next tier makes. Site `i` of a tier makes item `i` modulo the tier's items. */
function recipesOf(tiers: readonly Tier[], sites: readonly string[], items: readonly string[]) {
  const starts: { site: number; item: number }[] = [];
  let [siteAt, itemAt] = [0, 0];
  for (const tier of tiers) {
    starts.push({ site: siteAt, item: itemAt });
    siteAt += tier.sites;
    itemAt += tier.items;
  }
  const recipes: { site: string; item: string; groups: Group[] }[] = [];
  for (const [t, tier] of tiers.entries()) {
    const [own, next, from] = [starts[t]!, starts[t + 1], tiers[t + 1]]; // one start for each tier
    if (!from || !next || from.depth === 0) continue; // raw materials have no recipe
    for (let i = 0; i < tier.sites; i++) {
      const made = i % tier.items;
      const needed =
        tier.depth === 0
          ? Array.from({ length: from.items }, (_, k) => k)
          : [...new Set(Array.from({ length: GROUPS }, (_, k) => (made * GROUPS + k) % from.items))];
      const groups = needed.map((need, k) => {
        const makers = Math.floor((from.sites - 1 - need) / from.items) + 1;
        const count = Math.min(makers, tier.depth === 0 ? makers : GROUP_SUPPLIERS[k % GROUPS]!); // within the list
        const share = Math.floor(1_000_000 / count) - ((i + k) % 3) * 1_000;
        const suppliers = Array.from({ length: count }, (_, s) => ({
          site: sites[next.site + need + ((Math.floor(i / tier.items) * count + s) % makers) * from.items]!, // a maker
          item: items[next.item + need]!, // an item of the tier
          sharePpm: share,
          leadDays: 10 + ((i + s) % 80),
        }));
        return {
          name: `input ${k}`,
          quantityPerUnit: "1.25",
          essentiality: k === 3 ? "important" : "essential",
          suppliers,
        };
      });
      recipes.push({ site: sites[own.site + i]!, item: items[own.item + made]!, groups }); // of this tier
    }
  }
  return recipes;
}
