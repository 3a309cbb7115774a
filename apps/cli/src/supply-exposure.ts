/** `holdfast supply tts` and `ttr`: how long the network survives without a part, and what its outage costs until recovery. */
import {
  ExposureModel,
  type FailureGrouping,
  failureSets,
  HORIZON_DAYS_MAX,
  loadSolver,
  quoted,
  stockCascade,
  SurvivalModel,
  type SupplyNetwork,
} from "@holdfast/supply";
import { Problem } from "@holdfast/kernel";
import { type Command, Option } from "commander";
import { guarded } from "./supply-failure.ts";
import { readModel } from "./supply-input.ts";
import { formatOf, type FormatOptions, printRows, progressBar, type Row } from "./supply-output.ts";

interface ExposureOptions extends FormatOptions {
  readonly network: string;
  readonly by: FailureGrouping;
  readonly only?: readonly string[];
  readonly daysMax: string;
  readonly horizon?: string;
}

const GROUPINGS: readonly FailureGrouping[] = ["process", "site", "owner", "country", "exposure", "item"];

export function addExposure(supply: Command): void {
  common(supply.command("tts"))
    .description("time to survive: days until final demand goes unserved when a part stops for good")
    .action(guarded(timeToSurvive));
  common(supply.command("ttr"))
    .description("loss until recovery: between perfect reallocation and no adaptation, and who is exposed")
    .option("--horizon <days>", "days to look at (default: the longest recovery)")
    .action(guarded(timeToRecover));
}

function common(command: Command): Command {
  return command
    .requiredOption("--network <file>", "supply model, JSON, gzip accepted")
    .addOption(new Option("--by <part>", "what stops together").choices(GROUPINGS).default("process"))
    .option("--only <names...>", "only these parts (default: all)")
    .option("--days-max <days>", "longer survival counts as unlimited", "1000")
    .option("--json", "print JSON")
    .option("--csv", "print CSV");
}

async function timeToSurvive(options: ExposureOptions): Promise<void> {
  const network = await readModel(options.network);
  const sets = setsOf(network, options);
  const solver = await loadSolver();
  const daysMax = Number(options.daysMax);
  using without = new SurvivalModel(solver, network, { daysMax, unused: "forbidden" });
  using withAll = new SurvivalModel(solver, network, { daysMax, unused: "at-once" });
  const rows = withProgress("tts", sets, (name, processes): Row => {
    const [low, high] = [without.daysWithout(processes), withAll.daysWithout(processes)];
    const horizonDays = Math.max(1, Math.min(HORIZON_DAYS_MAX, Math.ceil(daysMax)));
    const outages = processes.map((process) => ({ process, days: horizonDays }));
    const { firstLossDay } = stockCascade(network, outages, { horizonDays });
    return {
      [options.by]: name,
      days: low.days,
      daysWithUnusedSources: high.days,
      daysWithoutAdaptation: firstLossDay ?? daysMax,
      dualityGap: Math.max(low.gap, high.gap),
    };
  });
  await printRows(rows, formatOf(options), [
    options.by,
    "days",
    "daysWithUnusedSources",
    "daysWithoutAdaptation",
    "dualityGap",
  ]);
}

async function timeToRecover(options: ExposureOptions): Promise<void> {
  const network = await readModel(options.network);
  const longest = network.processes.reduce((most, process) => Math.max(most, process.recoveryDays), 1);
  const horizonDays = Number(options.horizon ?? Math.min(HORIZON_DAYS_MAX, Math.ceil(longest)));
  const solver = await loadSolver();
  using model = new ExposureModel(solver, network, { horizonDays, daysMax: Number(options.daysMax) });
  const rows = withProgress("ttr", setsOf(network, options), (name, processes): Row => {
    return { [options.by]: name, ...model.of(processes) };
  });
  await printRows(rows, formatOf(options), [
    options.by,
    "recoverDays",
    "surviveDaysLow",
    "surviveDaysHigh",
    "isExposed",
    "gapDaysLow",
    "gapDaysHigh",
    "lossLow",
    "lossHigh",
    "dualityGap",
  ]);
}

function setsOf(network: SupplyNetwork, { by, only }: ExposureOptions): [string, readonly number[]][] {
  const sets = failureSets(network, by);
  if (only === undefined) return [...sets];
  return only.map((name) => {
    const processes = sets.get(name);
    if (!processes)
      throw new Problem("supply/reference-unknown", `--only names ${by} ${quoted(name)}, which does not exist`);
    return [name, processes];
  });
}

function withProgress(
  what: string,
  sets: readonly [string, readonly number[]][],
  rowOf: (name: string, processes: readonly number[]) => Row,
): Row[] {
  const bar = progressBar(what, sets.length);
  const rows = sets.map(([name, processes], i) => {
    const row = rowOf(name, processes);
    bar.update(i + 1);
    return row;
  });
  bar.stop();
  return rows;
}
