/** `holdfast supply plan`: the measures to buy for a budget, with a proof of how near the best they are. */
import { type InvestmentPlan, investmentPlan, loadSolver, type PlanProblem, readPlanProblem } from "@holdfast/supply";
import type { Command } from "commander";
import { guarded } from "./supply-failure.ts";
import { readJson } from "./supply-input.ts";
import { formatOf, type FormatOptions, printJson, printRows } from "./supply-output.ts";

interface PlanCommandOptions extends FormatOptions {
  readonly problem: string;
  readonly budget?: string;
  readonly gap: string;
  readonly seconds: string;
}

export function addPlan(supply: Command): void {
  supply
    .command("plan")
    .description("measures that lower the mean and the tail loss most for a budget, with a proven gap")
    .requiredOption("--problem <file>", "JSON with scenarios, measures and budget, gzip accepted")
    .option("--budget <money>", "instead of the budget in the file")
    .option("--gap <part>", "stop when proven to be this near the best", "0.01")
    .option("--seconds <count>", "stop after this long, with the gap reached", "30")
    .option("--json", "print JSON")
    .option("--csv", "print CSV")
    .action(guarded(plan));
}

async function plan(options: PlanCommandOptions): Promise<void> {
  const document = await readJson(options.problem);
  const problem = readPlanProblem(document, options.budget === undefined ? undefined : Number(options.budget));
  const limits = { gap: Number(options.gap), secondsMax: Number(options.seconds) };
  const found = investmentPlan(await loadSolver(), problem, limits);
  const format = formatOf(options);
  if (format === "json") {
    const named = (chosen: readonly number[]) => chosen.map((i) => problem.measures[i]!.id); // indices of the measures
    await printJson({
      ...found,
      chosen: named(found.chosen),
      greedy: { ...found.greedy, chosen: named(found.greedy.chosen) },
      marginalValue: Object.fromEntries(problem.measures.map(({ id }, i) => [id, found.marginalValue[i]])),
    });
    return;
  }
  console.error(
    `objective ${found.objective} (without measures ${found.without.objective}), at most ${100 * found.gap} % above the best`,
  );
  console.error(`cost ${found.cost} of ${problem.budget}; one more unit of budget saves about ${found.shadowPrice}`);
  await printRows(measureRows(problem, found), format, ["measure", "chosen", "cost", "value"]);
}

function measureRows({ measures }: PlanProblem, { chosen, marginalValue }: InvestmentPlan) {
  return measures
    .map(({ id, cost }, i) => ({ measure: id, chosen: chosen.includes(i), cost, value: marginalValue[i] ?? 0 }))
    .sort((a, b) => Number(b.chosen) - Number(a.chosen) || b.value - a.value);
}
