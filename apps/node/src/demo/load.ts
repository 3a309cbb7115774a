/** Loads the demo world into an empty registry, in one transaction: all of it is there, or none. */
import { registry as contract } from "@holdfast/api";
import { assert } from "@holdfast/kernel";
import type { z } from "zod";
import { findMineral } from "../know/mineral/index.ts";
import { type Kind, problemOf, type Registry } from "../know/registry/index.ts";
import type { Database } from "../platform/database.ts";
import { buildWorld, type Keyed, type World } from "./world.ts";

const SEED = "holdfast-demo-1"; // a new number makes another world; screenshots and docs speak of this one

const EVIDENCE: contract.Evidence = {
  source: "Holdfast demo world (synthetic; national shares after USGS Mineral Commodity Summaries 2024)",
  observedAt: "2024-01-31",
  confidencePercent: 50,
};

/** The kinds in an order in which each refers only to those before it. */
const ORDER = [
  ["organisation", "organisations", contract.organisationDraft],
  ["item", "items", contract.itemDraft],
  ["site", "sites", contract.siteDraft],
  ["asset", "assets", contract.assetDraft],
  ["recipe", "recipes", contract.recipeDraft],
  ["stock", "stocks", contract.stockDraft],
  ["capacity", "capacities", contract.capacityDraft],
  ["demand", "demands", contract.demandDraft],
  ["route", "routes", contract.routeDraft],
] as const satisfies readonly (readonly [Kind, keyof World, z.ZodType])[];

const REFERENCE_FIELDS: ReadonlySet<string> = new Set(["organisation", "parent", "site", "item", "from", "to"]);

/** The world of the demo, always the same. */
export function demoWorld(): World {
  return buildWorld({ seed: SEED, share: nationalShare });
}

/** @returns how many records were loaded; 0 when the registry holds something already */
export async function loadDemoWorld(options: { database: Database; registry: Registry }): Promise<number> {
  const world = demoWorld();
  const { database, registry } = options;
  const author = registry.author("demo world");
  const { versions } = await registry.list("organisation", {}, { state: "active", limit: 1 });
  if (versions.length > 0) return 0;
  return database.transaction<Record<never, never>, number>(async (tx) => {
    const ids = new Map<string, string>();
    let count = 0;
    for (const [kind, list, schema] of ORDER) {
      const records: readonly Keyed<unknown>[] = world[list];
      const entries = records.map(({ draft }) => ({ draft: schema.parse(withIds(draft, ids)), evidence: EVIDENCE }));
      const { saved, faulty } = await registry.saveAll(tx, kind, entries, author);
      const [fault] = faulty;
      if (fault) throw problemOf(fault);
      for (const { index, version } of saved) {
        const record = records[index];
        assert(record, "an outcome names its entry");
        ids.set(record.key, version.id);
      }
      count += saved.length;
    }
    return count;
  });
}

/** Replaces keys of the world by the ids that the registry gave. */
function withIds(draft: unknown, ids: ReadonlyMap<string, string>): unknown {
  return JSON.parse(JSON.stringify(draft), (field, value: unknown) =>
    REFERENCE_FIELDS.has(field) && typeof value === "string" ? (ids.get(value) ?? value) : value,
  );
}

function nationalShare({ mineral, stage }: { mineral: string; stage: string }, country: string): number | undefined {
  const series = findMineral(mineral)?.series.find((candidate) => candidate.stage === stage && !candidate.mixed);
  return series?.producers.find((producer) => producer.country === country)?.sharePpm ?? undefined;
}
