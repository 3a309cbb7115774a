/** `holdfast supply esri`: what the failure of each firm does to the whole network. */
import { cascadePlain, csvRows, EPSILON_DEFAULT, type FirmNetwork, fullShock, quoted } from "@holdfast/supply";
import { Problem } from "@holdfast/kernel";
import type { Command } from "commander";
import { guarded } from "./supply-failure.ts";
import { readNetwork } from "./supply-input.ts";
import { formatOf, type FormatOptions, printRows, progressBar, type Row } from "./supply-output.ts";

interface EsriCommandOptions extends FormatOptions {
  readonly links: string;
  readonly firms: string;
  readonly essentiality?: string;
  readonly replaceability?: boolean;
  readonly epsilon: string;
  readonly shock?: string;
  readonly together?: boolean;
}

export function addEsri(supply: Command): void {
  supply
    .command("esri")
    .description("economic systemic risk index: the share of the network's output lost when a firm stops")
    .requiredOption("--links <file>", "CSV `supplier,buyer,value`, gzip accepted")
    .requiredOption("--firms <file>", "CSV `firm,sector`, optionally `market,weight,revenue,costs`")
    .option(
      "--essentiality <file>",
      "CSV matrix of 0, 1, 2; supplier sector in rows (default: every input non-essential)",
    )
    .option("--replaceability", "customers turn to other firms of the same market")
    .option("--epsilon <number>", "stop when no firm moves by more than this", String(EPSILON_DEFAULT))
    .option("--shock <firms>", "only these firms, comma separated (default: every firm alone)")
    .option("--together", "stop the firms of --shock at the same time, as one event")
    .option("--json", "print JSON")
    .option("--csv", "print CSV")
    .action(guarded(esri));
}

async function esri(options: EsriCommandOptions): Promise<void> {
  const network = await readNetwork(options, () => undefined);
  const shocks = shocksOf(network, options);
  const settings = { epsilon: Number(options.epsilon), replaceability: options.replaceability ?? false };
  const bar = progressBar("esri", shocks.length);
  const rows = shocks.map((firms, i): Row => {
    const { esri, esriDown, esriUp, iterations } = cascadePlain(
      network,
      fullShock(network.firms.length, firms),
      settings,
    );
    bar.update(i + 1);
    return { firm: firms.map((firm) => network.firms[firm]).join("+"), esri, esriDown, esriUp, iterations };
  });
  bar.stop();
  await printRows(rows, formatOf(options), ["firm", "esri", "esriDown", "esriUp", "iterations"]);
}

/** Sets of firms to stop, as indices. */
function shocksOf(network: FirmNetwork, options: EsriCommandOptions): number[][] {
  if (options.shock === undefined) return network.firms.map((_, firm) => [firm]);
  const indexOf = new Map(network.firms.map((firm, index) => [firm, index]));
  const names = csvRows(new TextEncoder().encode(options.shock)).flatMap((row) =>
    row.fields.map((name) => name.trim()),
  );
  const firms = names.map((name) => {
    const index = indexOf.get(name);
    if (index === undefined)
      throw new Problem("supply/firm-unknown", `--shock names ${quoted(name)}, which is not in the firms file`);
    return index;
  });
  if (firms.length === 0) throw new Problem("supply/option-invalid", "--shock names no firm");
  return options.together ? [firms] : firms.map((firm) => [firm]);
}
