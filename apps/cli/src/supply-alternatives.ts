/** `holdfast supply alternatives`: unused sources ranked by the loss they would save in an outage. */
import { alternatives, loadSolver, quoted, type SupplyNetwork } from "@holdfast/supply";
import { Problem } from "@holdfast/kernel";
import type { Command } from "commander";
import { guarded } from "./supply-failure.ts";
import { readModel } from "./supply-input.ts";
import { formatOf, type FormatOptions, printRows, type Row } from "./supply-output.ts";

interface AlternativesOptions extends FormatOptions {
  readonly network: string;
  readonly stop: readonly string[];
  readonly days?: string;
  readonly horizon?: string;
}

export function addAlternatives(supply: Command): void {
  supply
    .command("alternatives")
    .description("unused sources ranked by what each saves when processes stop, with their switch time")
    .requiredOption("--network <file>", "supply model, JSON, gzip accepted")
    .requiredOption("--stop <processes...>", "processes that stop together")
    .option("--days <days>", "how long (default: each process's recovery days)")
    .option("--horizon <days>", "days to look at (default: the longest outage)")
    .option("--json", "print JSON")
    .option("--csv", "print CSV")
    .action(guarded(rankAlternatives));
}

async function rankAlternatives(options: AlternativesOptions): Promise<void> {
  const network = await readModel(options.network);
  const outages = options.stop.map((id) => {
    const process = processNamed(network, id);
    return { process, days: Number(options.days ?? network.processes[process]!.recoveryDays) }; // an index of the network
  });
  const longest = Math.max(1, ...outages.map(({ days }) => Math.ceil(days)));
  const { loss, ranked } = alternatives(await loadSolver(), network, outages, Number(options.horizon ?? longest));
  const rows = ranked.map(({ process, group, supplier, status, switchDays, saves }): Row => {
    const buyer = network.processes[process]!; // indices of the network here and below
    return {
      supplier: network.processes[supplier]!.id,
      buyer: buyer.id,
      input: buyer.groups[group]!.id,
      status,
      switchDays,
      saves,
      lossWith: loss - saves,
    };
  });
  console.error(`loss with the sources used today: ${loss}`);
  await printRows(rows, formatOf(options), ["supplier", "buyer", "input", "status", "switchDays", "saves", "lossWith"]);
}

function processNamed(network: SupplyNetwork, id: string): number {
  const index = network.processes.findIndex((process) => process.id === id);
  if (index === -1) throw new Problem("supply/reference-unknown", `--stop names ${quoted(id)}, which does not exist`);
  return index;
}
