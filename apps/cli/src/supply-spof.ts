/** `holdfast supply spof` and `concentration`: what alone, or in pairs and threes, stops a product; who holds how much. */
import {
  CUT_ORDER_MAX,
  type CountedSources,
  type FailureGrouping,
  failureSets,
  herfindahl,
  itemConcentration,
  lookThroughShares,
  minimalCutSets,
  recipeGraph,
  singlePoints,
  type SupplyNetwork,
} from "@holdfast/supply";
import { type Command, Option } from "commander";
import { guarded } from "./supply-failure.ts";
import { readModel } from "./supply-input.ts";
import { formatOf, type FormatOptions, printRows, type Row } from "./supply-output.ts";

interface SpofOptions extends FormatOptions {
  readonly network: string;
  readonly by: FailureGrouping;
  readonly sources: CountedSources;
  readonly cutSets?: string;
}

const GROUPINGS: readonly FailureGrouping[] = ["process", "site", "owner", "country", "exposure", "item"];
const PARTS_SHOWN_MAX = 20; // of a list inside one cell

export function addSpof(supply: Command): void {
  supply
    .command("spof")
    .description("single points of failure, exact; --cut-sets adds pairs and threes of processes")
    .requiredOption("--network <file>", "supply model, JSON, gzip accepted")
    .addOption(new Option("--by <part>", "what fails together").choices(GROUPINGS).default("process"))
    .addOption(
      new Option("--sources <kind>", "which sources keep an input alive")
        .choices(["used", "qualified"])
        .default("qualified"),
    )
    .option("--cut-sets <order>", `minimal sets of processes that stop a product, up to ${CUT_ORDER_MAX} at a time`)
    .option("--json", "print JSON")
    .option("--csv", "print CSV")
    .action(guarded(spof));
  supply
    .command("concentration")
    .description(
      "Herfindahl-Hirschman index of makers and countries of every item, and where products come from in the end",
    )
    .requiredOption("--network <file>", "supply model, JSON, gzip accepted")
    .option("--json", "print JSON")
    .option("--csv", "print CSV")
    .action(guarded(concentration));
}

async function spof(options: SpofOptions): Promise<void> {
  const network = await readModel(options.network);
  if (options.cutSets !== undefined) {
    await printRows(cutSetRows(network, options), formatOf(options), ["product", "order", "parts"]);
    return;
  }
  const rows = singlePoints(network, failureSets(network, options.by), options.sources).map(
    ({ part, processCount, products }) => ({
      [options.by]: part,
      stopsProcesses: processCount,
      stopsProducts: products.length,
      products: listed(products.map((product) => network.processes[product]!.id)), // indices of the network
    }),
  );
  await printRows(rows, formatOf(options), [options.by, "stopsProcesses", "stopsProducts", "products"]);
}

function cutSetRows(network: SupplyNetwork, options: SpofOptions): Row[] {
  const products = [...network.processes.keys()].filter((j) => network.processes[j]!.demand > 0);
  const partOf = Int32Array.from(network.processes, (_, j) => j);
  const cuts = minimalCutSets(recipeGraph(network, options.sources), partOf, products, Number(options.cutSets));
  return products.flatMap((product, i) =>
    cuts[i]!.map((cut) => ({
      product: network.processes[product]!.id,
      order: cut.length,
      parts: cut.map((part) => network.processes[part]!.id).join(" + "),
    })),
  );
}

async function concentration(options: FormatOptions & { readonly network: string }): Promise<void> {
  const network = await readModel(options.network);
  const items = itemConcentration(network).map(({ item, processCount, herfindahl, countryHerfindahl, countries }) => ({
    of: item,
    kind: "item",
    makers: processCount,
    herfindahl,
    countryHerfindahlLow: countryHerfindahl.low,
    countryHerfindahlHigh: countryHerfindahl.high,
    countries: listed(countries.map(({ country, share }) => `${country} ${(100 * share).toFixed(1)} %`)),
  }));
  const products = [...network.processes.keys()].filter((j) => network.processes[j]!.demand > 0);
  const columns = ["of", "kind", "makers", "herfindahl", "countryHerfindahlLow", "countryHerfindahlHigh", "countries"];
  await printRows(
    [...items, ...products.map((product) => lookThroughRow(network, product))],
    formatOf(options),
    columns,
  );
}

/** The sources of one product: their number, their concentration, and that of their countries. */
function lookThroughRow(network: SupplyNetwork, product: number): Row {
  const shares = lookThroughShares(network, product);
  const byCountry = new Map<string, number>();
  for (const [source, share] of shares) {
    const country = network.sites[network.processes[source]!.site]!.country;
    if (country !== undefined) byCountry.set(country, (byCountry.get(country) ?? 0) + share);
  }
  const countries = herfindahl([...byCountry.values()], 1);
  return {
    of: network.processes[product]!.id,
    kind: "look-through",
    makers: shares.size,
    herfindahl: herfindahl([...shares.values()], 1).low,
    countryHerfindahlLow: countries.low,
    countryHerfindahlHigh: countries.high,
    countries: listed(
      [...byCountry].sort((a, b) => b[1] - a[1]).map(([country, share]) => `${country} ${(100 * share).toFixed(1)} %`),
    ),
  };
}

function listed(names: readonly string[]): string {
  const rest = names.length - PARTS_SHOWN_MAX;
  return rest > 0 ? `${names.slice(0, PARTS_SHOWN_MAX).join(", ")} and ${rest} more` : names.join(", ");
}
