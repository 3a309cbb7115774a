/**
 * Saved questions of the demo world, each with a plan against it. What is asked is written here; answers, sentences and what
 * the plans are worth come out of the simulation. Costs of measures are invented, as parts of the loss, and labelled so.
 */
import type { Principal } from "@holdfast/access";
import { investment, simulation as contract } from "@holdfast/api";
import type { Database } from "../platform/database.ts";
import type { Investment } from "../know/investment/index.ts";
import type { ModelFacts, Registry } from "../know/registry/index.ts";
import type { SiteMeasures } from "../know/risk/index.ts";
import type { Simulation } from "../know/simulation/index.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves
type Content = contract.ScenarioContent;
type Part = contract.ScenarioPartInput;

const BY: Principal = { kind: "anonymous", id: "demo", name: "demo world", roles: [] };
const NOTE = "Synthetic: asked of the invented demo world";
const PORT = "Port of Nagoya";
const STOCK_SITES = 3; // bridged by stock in a plan
const YEARS = 20_000;

/** Costs a year as parts of the loss that a scenario causes. */
const COSTS = { stock: 0.004, "second-source": 0.006, hardening: 0.012, "spare-line": 0.003, onshoring: 0.09 } as const;

export interface DemoParts {
  readonly database: Database;
  readonly registry: Registry;
  readonly simulation: Simulation;
  readonly investment: Investment;
  readonly measures: SiteMeasures;
}

interface Asked {
  readonly name: string;
  readonly perYear: number;
  readonly parts: readonly Part[];
}

/** Saves the demo's scenarios and plans and asks for their runs; they run once the node listens. */
export async function loadDemoScenarios(parts: DemoParts): Promise<void> {
  const { database, registry, simulation, investment: plans, measures } = parts;
  const facts = await registry.modelFacts(undefined);
  const asked = await questions(registry, facts);
  for (const { name, perYear, parts: given } of asked) {
    const content: Content = {
      parts: given.map((part) => contract.scenarioPart.parse(part)),
      pools: [],
    };
    const measured = await candidates(simulation, facts, content);
    const scenario = await database.transaction<NoTables, string>(async (tx) => {
      const { id } = await simulation.create(tx, { name, note: NOTE, ...content }, BY.name);
      await simulation.start(tx, id, { asOf: undefined, principal: BY });
      return id;
    });
    if (measured.measures.length === 0) continue;
    await database.transaction<NoTables, void>(async (tx) => {
      const plan = await plans.create(
        tx,
        {
          name: `Against: ${name}`,
          note: "Synthetic: costs are invented as parts of the loss",
          events: [{ scenario, perYear }],
          measures: [...measured.measures],
          budgetPerYearMinor: measured.budget,
          meanWeightPpm: 500_000,
        },
        BY.name,
      );
      await plans.start(tx, plan.id, { asOf: undefined, principal: BY });
    });
  }
  await database.transaction<NoTables, string>((tx) => measures.begin(tx, { years: YEARS, seed: 1, principal: BY }));
}

async function questions(registry: Registry, facts: ModelFacts): Promise<Asked[]> {
  const itemsNamed = async (text: string) =>
    (await registry.list("item", { text }, { state: "active", limit: 50 })).versions.map(({ id }) => id);
  const gallium = await itemsNamed("gallium");
  const separation = await registry.list("site", { text: "refinery NdPr oxide" }, { state: "active", limit: 50 });
  const port = await registry.list("site", { text: PORT }, { state: "active", limit: 1 });
  const tungsten = supplierOfMost(facts, await itemsNamed("ammonium paratungstate"));
  return [
    {
      name: "The leading country stops exporting gallium for 12 weeks",
      perYear: 0.05,
      parts: [{ kind: "country", country: "CN", exportsOnly: true, items: gallium, days: 84 }],
    },
    {
      name: "A flood closes one port for 60 days",
      perYear: 0.02,
      parts: [
        {
          kind: "event",
          name: `Flood at the ${PORT}`,
          threat: "natural-hazard",
          sites: port.versions.map(({ id }) => id),
          days: 60,
        },
      ],
    },
    {
      name: "Ransomware stops one separation plant for 21 days",
      perYear: 0.1,
      parts: [
        {
          kind: "event",
          name: "Ransomware",
          threat: "cyber",
          sites: separation.versions.slice(0, 1).map(({ id }) => id),
          days: 21,
          rampDays: 60,
        },
      ],
    },
    ...(tungsten === undefined
      ? []
      : [
          {
            name: "A fraudulent tungsten supplier is cut off",
            perYear: 0.03,
            parts: [{ kind: "supplier" as const, organisation: tungsten, days: 180 }],
          },
        ]),
  ];
}

/** The organisation whose sites make any of `items` in the most recipes. */
function supplierOfMost({ recipes, sites }: ModelFacts, items: readonly string[]): string | undefined {
  const ownerOf = new Map(sites.map(({ id, organisation }) => [id, organisation]));
  const uses = new Map<string, number>();
  for (const { groups } of recipes)
    for (const { suppliers } of groups)
      for (const { site, item } of suppliers) {
        const owner = ownerOf.get(site);
        if (owner !== undefined && items.includes(item)) uses.set(owner, (uses.get(owner) ?? 0) + 1);
      }
  return [...uses].sort((a, b) => b[1] - a[1] || (a[0] < b[0] ? -1 : 1))[0]?.[0];
}

/** Measures at the sites that the scenario hits hardest, priced by the loss. */
async function candidates(
  simulation: Simulation,
  facts: ModelFacts,
  content: Content,
): Promise<{ measures: readonly investment.Measure[]; budget: number }> {
  const { answer } = await simulation.ask(content, new AbortController().signal);
  const loss = answer.lossMinor.high;
  if (loss === 0) return { measures: [], budget: 0 };
  const hit = new Set(answer.sites.filter(({ isHit }) => isHit).map(({ site }) => site));
  const countryOf = new Map(facts.sites.map(({ id, country }) => [id, country]));
  const price = (kind: keyof typeof COSTS) => Math.max(1, Math.round(loss * COSTS[kind]));
  const drafts: object[] = [];
  const lossOf = new Map(answer.products.map(({ site, lossMinor }) => [site, lossMinor]));
  const short = answer.sites
    .filter(({ isHit, causeItem }) => !isHit && causeItem !== null)
    .sort((a, b) => (lossOf.get(b.site) ?? 0) - (lossOf.get(a.site) ?? 0))
    .slice(0, STOCK_SITES);
  for (const { site, causeItem: item } of short) {
    drafts.push({
      kind: "stock",
      title: "Sixty more days of what runs out",
      site,
      item,
      days: 60,
      costPerYearMinor: price("stock"),
      unitCostPpm: 2_000,
    });
    const makers = facts.recipes.filter(
      (recipe) => recipe.item === item && recipe.site !== site && !hit.has(recipe.site),
    );
    const [other] = makers;
    if (other)
      drafts.push({
        kind: "second-source",
        title: "A second source, qualified ahead",
        buyer: site,
        supplier: other.site,
        item,
        partPpm: 500_000,
        switchDays: 30,
        costPerYearMinor: price("second-source"),
        unitCostPpm: 8_000,
        leadDaysChange: 5,
      });
    const home = makers.find((recipe) => countryOf.get(recipe.site) === countryOf.get(site));
    if (home)
      drafts.push({
        kind: "onshoring",
        title: "All of it from the own country",
        site: home.site,
        item,
        partPpm: 1_000_000,
        costPerYearMinor: price("onshoring"),
        unitCostPpm: 180_000,
        leadDaysChange: -20,
      });
  }
  const [first] = hit;
  if (first !== undefined && facts.recipes.some(({ site }) => site === first))
    drafts.push({
      kind: "hardening",
      title: "Harden the site that is hit",
      site: first,
      avoidedPpm: 600_000,
      costPerYearMinor: price("hardening"),
    });
  const [product] = answer.products;
  if (product)
    drafts.push({
      kind: "spare-line",
      title: "A spare line at the product's maker",
      site: product.site,
      item: product.item,
      capacityPpm: 200_000,
      costPerYearMinor: price("spare-line"),
    });
  return {
    measures: drafts.map((draft, i) => investment.measure.parse({ id: `measure-${i + 1}`, ...draft })),
    budget: Math.round(loss * 0.015),
  };
}
