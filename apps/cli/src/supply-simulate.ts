/** `holdfast supply simulate`: years of losses from the hazards of a model; same seed, same bytes. */
import {
  expectedLossInterval,
  LossSimulation,
  lossDistribution,
  type LossOf,
  lossTable,
  loadSolver,
  manifestOf,
  RecoveryModel,
  stockCascade,
  type SupplyNetwork,
} from "@holdfast/supply";
import { type Command, Option } from "commander";
import { guarded } from "./supply-failure.ts";
import { readModelDocument } from "./supply-input.ts";
import { formatOf, type FormatOptions, printJson, printRows, progressBar } from "./supply-output.ts";
import { simulateOnAllCores } from "./supply-simulate-pool.ts";

type Measure = "no-adaptation" | "reallocation" | "value-added";

interface SimulateOptions extends FormatOptions {
  readonly network: string;
  readonly years: string;
  readonly seed: string;
  readonly measure: Measure;
}

const AFTERMATH_DAYS = 30; // after the last process is back, so that what arrives late still counts

export function addSimulate(supply: Command): void {
  supply
    .command("simulate")
    .description(
      "annual losses from the model's hazards: expected loss, VaR, CVaR, exceedance curve, share of each hazard",
    )
    .requiredOption("--network <file>", "supply model with hazards, JSON, gzip accepted")
    .option("--years <count>", "years to simulate", "100000")
    .option("--seed <number>", "whole number", "1")
    .addOption(
      new Option("--measure <loss>", "margin without adaptation, margin after perfect reallocation, or value added")
        .choices(["no-adaptation", "reallocation", "value-added"])
        .default("no-adaptation"),
    )
    .option("--json", "print JSON")
    .option("--csv", "print the exceedance curve as CSV")
    .action(guarded(simulate));
}

async function simulate(options: SimulateOptions): Promise<void> {
  const { network, document } = await readModelDocument(options.network);
  const [years, seed] = [Number(options.years), Number(options.seed)];
  using losses = await lossesOf(network, options.measure);
  const tableBar = progressBar("outages", 1);
  const table = lossTable(network, losses.of, (done, count) => tableBar.update(done / count));
  tableBar.stop();
  new LossSimulation(table, seed, years); // refuses wrong years and seeds before any thread starts
  const bar = progressBar("years", years);
  const blocks = await simulateOnAllCores(table, seed, years, (count) => bar.update(count));
  bar.stop();
  const distribution = lossDistribution(table, seed, years, blocks);
  const format = formatOf(options);
  if (format !== "json") {
    for (const { level, valueAtRisk, conditionalValueAtRisk } of distribution.tails)
      console.error(`${100 * level} %: VaR ${valueAtRisk}, CVaR ${conditionalValueAtRisk}`);
    console.error(
      `expected annual loss ${distribution.expectedAnnualLoss} +- ${distribution.standardError} (standard error)`,
    );
    await printRows(
      distribution.exceedance.map((point) => ({ ...point })),
      format,
      ["probability", "loss"],
    );
    return;
  }
  await printJson({
    manifest: manifestOf({ inputs: document, assumptions: { ...ASSUMPTIONS, measure: options.measure }, seed }),
    assumptions: { ...ASSUMPTIONS, measure: options.measure },
    ...distribution,
    expectedAnnualLossOverInputRanges: expectedLossInterval(network.hazards, distribution, seed),
  });
}

const ASSUMPTIONS = {
  events: "Poisson, independent between hazards",
  vulnerability: "each site in scope stops independently, given the event",
  downtime: "lognormal on the 90 % range, one for all sites of an event",
  overlap: "losses of a year's events add up",
};

interface Losses extends Disposable {
  readonly of: LossOf;
}

/** The loss of outages by the chosen measure; models of each horizon are kept, and freed at the end. */
async function lossesOf(network: SupplyNetwork, measure: Measure): Promise<Losses> {
  const solver = measure === "reallocation" ? await loadSolver() : undefined;
  const models = new Map<number, RecoveryModel>();
  const horizonOf = (days: number) => Math.ceil(days) + AFTERMATH_DAYS;
  return {
    of: (outages) => {
      const horizonDays = horizonOf(Math.max(...outages.map(({ days }) => days)));
      if (solver) {
        const model = models.get(horizonDays) ?? new RecoveryModel(solver, network, horizonDays);
        models.set(horizonDays, model);
        return model.lossOf(outages).loss;
      }
      const { loss, valueAddedLost } = stockCascade(network, outages, { horizonDays });
      return measure === "value-added" ? valueAddedLost.reduce((sum, lost) => sum + lost, 0) : loss;
    },
    [Symbol.dispose]: () => {
      for (const model of models.values()) model[Symbol.dispose]();
    },
  };
}
