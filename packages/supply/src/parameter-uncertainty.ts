/**
 * What the ranges of the inputs do to the expected annual loss: an interval of its own beside the sampling error (reference
 * sheet section 9). The loss is linear in each hazard's rate and vulnerability, so the simulated shares are rescaled and
 * nothing is simulated again. Rates with a range are lognormal on it, vulnerabilities uniform; all are independent.
 */
import type { LossDistribution } from "./loss-distribution.ts";
import { uniformStream } from "./philox.ts";
import { exponential, lognormalOf, normalFrom } from "./risk-quantity.ts";
import type { NetworkHazard, UncertainNumber } from "./supply-network.ts";

const DRAWS = 10_000;

/** The 5th and 95th percentile of the expected annual loss over the ranges of `hazards`, which made `distribution`. */
export function expectedLossInterval(
  hazards: readonly NetworkHazard[],
  distribution: LossDistribution,
  seed: number,
): { low: number; high: number } {
  const draw = uniformStream(seed);
  const losses = Float64Array.from({ length: DRAWS }, () => {
    let sum = 0;
    for (const [h, { ratePerYear, vulnerability }] of hazards.entries())
      sum +=
        (distribution.hazards[h]?.expectedAnnualLoss ?? 0) *
        rateFactor(ratePerYear, draw) *
        partFactor(vulnerability, draw);
    return sum;
  }).sort();
  return { low: losses[Math.floor(0.05 * DRAWS)] ?? 0, high: losses[Math.floor(0.95 * DRAWS)] ?? 0 };
}

function rateFactor({ value, low, high }: UncertainNumber, draw: () => number): number {
  if (!(low > 0 && high > low)) return 1;
  const { mu, sd } = lognormalOf({ low, high });
  return exponential(mu + sd * normalFrom(draw(), draw())) / value;
}

function partFactor({ value, low, high }: UncertainNumber, draw: () => number): number {
  return high > low && value > 0 ? (low + (high - low) * draw()) / value : 1;
}
