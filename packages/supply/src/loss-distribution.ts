/**
 * What simulated years say: expected annual loss, value at risk, conditional value at risk, the exceedance curve, and what
 * each hazard contributes (reference sheet section 9, estimators). Sums are taken block by block in the order of blocks, so
 * that the result has the same bytes however the blocks were made.
 * Indexing with `!` is bounded by the number of years.
 */
import { BLOCK_YEARS, checkSimulation, type LossBlock, YearDraw } from "./loss-simulation.ts";
import type { LossTable } from "./loss-table.ts";
import { supplyProblem } from "./supply-problem.ts";

export interface TailRisk {
  readonly level: number;
  readonly valueAtRisk: number;
  readonly conditionalValueAtRisk: number;
}

export interface LossDistribution {
  readonly years: number;
  readonly expectedAnnualLoss: number;
  readonly standardError: number;
  readonly tails: readonly TailRisk[];
  /** Falling probabilities of a year that costs at least `loss`. */
  readonly exceedance: readonly { readonly probability: number; readonly loss: number }[];
  readonly hazards: readonly HazardShare[];
}

export interface HazardShare {
  readonly hazard: string;
  readonly expectedAnnualLoss: number;
  readonly eventsPerYear: number;
  /** Part of the 95 % conditional value at risk; the parts add up to it. */
  readonly conditionalValueAtRisk95: number;
}

const EXCEEDANCE_PROBABILITIES = [
  0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001,
] as const;

/**
 * VaR and CVaR of losses sorted ascending: VaR is loss number ceil(aN), CVaR = [(ceil(aN) - aN) VaR + the sum of the larger
 * ones] / ((1 - a) N). @throws Problem `supply/option-invalid` for a level outside (0, 1) or no losses
 */
export function tailRisk(sorted: Float64Array, level: number): TailRisk {
  if (!(level > 0 && level < 1) || sorted.length === 0)
    throw supplyProblem(
      "supply/option-invalid",
      `level \`${level}\` of \`${sorted.length}\` losses is not between 0 and 1`,
    );
  const wanted = level * sorted.length;
  const rank = Math.min(sorted.length, Math.max(1, Math.ceil(wanted - 1e-9))); // 0.95 * 100 is a hair above 95
  const valueAtRisk = sorted[rank - 1]!;
  let sum = Math.max(0, rank - wanted) * valueAtRisk;
  for (let k = rank; k < sorted.length; k++) sum += sorted[k]!;
  return { level, valueAtRisk, conditionalValueAtRisk: Math.max(valueAtRisk, sum / (sorted.length - wanted)) };
}

/** The distribution of a run whose blocks are all there, in any order. @throws Problem `supply/option-invalid` */
export function lossDistribution(
  table: LossTable,
  seed: number,
  years: number,
  blocks: readonly LossBlock[],
): LossDistribution {
  checkSimulation(years, seed);
  const inOrder = [...blocks].sort((a, b) => a.number - b.number);
  const loss = new Float64Array(years);
  for (const block of inOrder) loss.set(block.loss, block.number * BLOCK_YEARS);
  const [mean, standardError] = meanOf(inOrder, loss, years);
  const sorted = loss.slice().sort();
  const tail95 = tailRisk(sorted, 0.95);
  const shares = tailShares(table, seed, loss, tail95);
  return {
    years,
    expectedAnnualLoss: mean,
    standardError,
    tails: [tail95, tailRisk(sorted, 0.99)],
    exceedance: EXCEEDANCE_PROBABILITIES.filter((probability) => probability * years >= 1).map((probability) => ({
      probability,
      loss: sorted[years - Math.ceil(probability * years)]!,
    })),
    hazards: table.hazards.map((hazard, h) => ({
      hazard,
      expectedAnnualLoss: inOrder.reduce((sum, block) => sum + block.lossOfHazard[h]!, 0) / years,
      eventsPerYear: inOrder.reduce((sum, block) => sum + block.eventsOfHazard[h]!, 0) / years,
      conditionalValueAtRisk95: shares[h]!,
    })),
  };
}

function meanOf(blocks: readonly LossBlock[], loss: Float64Array, years: number): [number, number] {
  let total = 0;
  for (const block of blocks) {
    let sum = 0;
    for (const each of block.loss) sum += each;
    total += sum;
  }
  const mean = total / years;
  let squares = 0;
  for (const each of loss) squares += (each - mean) ** 2;
  return [mean, years > 1 ? Math.sqrt(squares / (years - 1) / years) : 0];
}

/**
 * [hazards], parts of the CVaR. The tail is the years above the VaR and as many of those at it as CVaR counts; they are drawn
 * again, hazard by hazard, which costs a twentieth of the run.
 */
function tailShares(table: LossTable, seed: number, loss: Float64Array, tail: TailRisk): Float64Array {
  const draw = new YearDraw(table, seed);
  const above = {
    lossOfHazard: new Float64Array(table.hazards.length),
    eventsOfHazard: new Float64Array(table.hazards.length),
  };
  const at = {
    lossOfHazard: new Float64Array(table.hazards.length),
    eventsOfHazard: new Float64Array(table.hazards.length),
  };
  let [aboveCount, atCount] = [0, 0];
  for (let year = 0; year < loss.length; year++) {
    if (loss[year]! > tail.valueAtRisk) {
      aboveCount++;
      draw.draw(year, above);
    } else if (loss[year] === tail.valueAtRisk && tail.valueAtRisk > 0) {
      atCount++;
      draw.draw(year, at);
    }
  }
  const tailYears = loss.length * (1 - tail.level);
  const weight = atCount === 0 ? 0 : Math.max(0, tailYears - aboveCount) / atCount;
  return above.lossOfHazard.map((sum, h) => (sum + weight * at.lossOfHazard[h]!) / tailYears);
}
