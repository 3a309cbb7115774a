/** `holdfast supply screen`: an upper bound of the index of every firm, and the certified top of the list. */
import { cascadeLayout, EPSILON_DEFAULT, type EsriOptions, esriBounds, TopSearch } from "@holdfast/supply";
import type { Command } from "commander";
import { surveyOnAllCores } from "./supply-esri-pool.ts";
import { guarded } from "./supply-failure.ts";
import { readNetwork } from "./supply-input.ts";
import { formatOf, type FormatOptions, printRows, progressBar } from "./supply-output.ts";

interface ScreenOptions extends FormatOptions {
  readonly links: string;
  readonly firms: string;
  readonly essentiality?: string;
  readonly replaceability?: boolean;
  readonly epsilon: string;
  readonly top?: string;
}

export function addScreen(supply: Command): void {
  supply
    .command("screen")
    .description("upper bound of every firm's index in one solve; --top computes the highest exactly, certified")
    .requiredOption("--links <file>", "CSV `supplier,buyer,value`, gzip accepted")
    .requiredOption("--firms <file>", "CSV `firm,sector`, optionally `market,weight,revenue,costs`")
    .option(
      "--essentiality <file>",
      "CSV matrix of 0, 1, 2; supplier sector in rows (default: every input non-essential)",
    )
    .option("--replaceability", "customers turn to other firms of the same market")
    .option("--epsilon <number>", "of the exact values", String(EPSILON_DEFAULT))
    .option("--top <count>", "exact values of the highest firms, proven to be the highest")
    .option("--json", "print JSON")
    .option("--csv", "print CSV")
    .action(guarded(screen));
}

async function screen(options: ScreenOptions): Promise<void> {
  const settings = { epsilon: Number(options.epsilon), replaceability: options.replaceability ?? false };
  const network = await readNetwork(options, () => undefined);
  const layout = cascadeLayout(network);
  const bounds = esriBounds(layout, settings);
  if (options.top === undefined) {
    const rows = network.firms.map((firm, i) => ({
      firm,
      bound: bounds.esri[i]!, // one bound per firm, as in the two lines below
      boundDown: bounds.esriDown[i]!,
      boundUp: bounds.esriUp[i]!,
    }));
    await printRows(rows, formatOf(options), ["firm", "bound", "boundDown", "boundUp"]);
    return;
  }
  const search = await searched(new TopSearch(bounds.esri, Number(options.top)), layout, settings);
  const rows = search.top.map(({ firm, ...values }) => ({ firm: network.firms[firm]!, ...values })); // an index of the network
  console.error(`exact values: ${search.exactCount} of ${network.firms.length} firms; no other firm can be higher`);
  await printRows(rows, formatOf(options), ["firm", "esri", "esriDown", "esriUp", "iterations", "bound"]);
}

async function searched(
  search: TopSearch,
  layout: Parameters<typeof surveyOnAllCores>[0],
  settings: EsriOptions,
): Promise<TopSearch> {
  const bar = progressBar("screen", layout.firmCount);
  for (let firms = search.next(); firms; firms = search.next()) {
    search.accept(firms, await surveyOnAllCores(layout, firms, settings, () => undefined));
    bar.update(search.exactCount);
  }
  bar.stop();
  return search;
}
