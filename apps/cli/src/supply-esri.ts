/** `holdfast supply esri`: what the failure of each firm does to the whole network. */
import {
  type CascadeLayout,
  cascadeLayout,
  csvRows,
  EPSILON_DEFAULT,
  EsriEngine,
  type EsriOptions,
  type FirmNetwork,
  quoted,
} from "@holdfast/supply";
import { Problem } from "@holdfast/kernel";
import type { Command } from "commander";
import { surveyOnAllCores } from "./supply-esri-pool.ts";
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
  const settings = { epsilon: Number(options.epsilon), replaceability: options.replaceability ?? false };
  const network = await readNetwork(options, () => undefined);
  const layout = cascadeLayout(network);
  const named = options.shock === undefined ? undefined : firmsNamed(network, options.shock);
  const rows = options.together
    ? [together(network, layout, named ?? [], settings)]
    : await eachAlone(network, layout, named ?? network.firms.map((_, firm) => firm), settings);
  await printRows(rows, formatOf(options), ["firm", "esri", "esriDown", "esriUp", "iterations"]);
}

async function eachAlone(
  network: FirmNetwork,
  layout: CascadeLayout,
  firms: readonly number[],
  settings: EsriOptions,
): Promise<Row[]> {
  const different = Int32Array.from(new Set(firms));
  const bar = progressBar("esri", different.length);
  const columns = await surveyOnAllCores(layout, different, settings, (count) => bar.update(count));
  bar.stop();
  const placeOf = new Map(Array.from(different, (firm, place) => [firm, place]));
  return firms.map((firm) => {
    const place = placeOf.get(firm)!; // every firm is among the different ones
    return {
      firm: network.firms[firm]!, // firms are indices of the network
      esri: columns.esri[place]!,
      esriDown: columns.esriDown[place]!,
      esriUp: columns.esriUp[place]!,
      iterations: columns.iterations[place]!,
    };
  });
}

function together(network: FirmNetwork, layout: CascadeLayout, firms: readonly number[], settings: EsriOptions): Row {
  if (firms.length === 0) throw new Problem("supply/option-invalid", "--together needs --shock");
  const stops = [...new Set(firms)].map((firm) => ({ firm, lost: 1 }));
  const [outcome] = new EsriEngine(layout, settings).run([stops]);
  if (!outcome?.settled) throw new Problem("supply/no-convergence", "the cascade did not settle");
  const { esri, esriDown, esriUp, iterations } = outcome;
  return { firm: stops.map((stop) => network.firms[stop.firm]).join("+"), esri, esriDown, esriUp, iterations };
}

/** Indices of the firms in a comma separated list, quoted where a name has a comma. */
function firmsNamed(network: FirmNetwork, list: string): number[] {
  const indexOf = new Map(network.firms.map((firm, index) => [firm, index]));
  const names = csvRows(new TextEncoder().encode(list)).flatMap((row) => row.fields.map((name) => name.trim()));
  if (names.length === 0) throw new Problem("supply/option-invalid", "--shock names no firm");
  return names.map((name) => {
    const index = indexOf.get(name);
    if (index === undefined)
      throw new Problem("supply/firm-unknown", `--shock names ${quoted(name)}, which is not in the firms file`);
    return index;
  });
}
