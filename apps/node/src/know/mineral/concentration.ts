/**
 * Concentration as the Herfindahl-Hirschman index: market shares in per cent, squared and added, 0 to 10,000. What no share
 * accounts for is bounded from both sides instead of being left out.
 */
import { assert } from "@holdfast/kernel";

export interface Concentration {
  /** The unknown rest is many small ones. */
  readonly low: number;
  /** The unknown rest is one more. */
  readonly high: number;
}

const PPM = 1_000_000;

/** The index of `sharesPpm`, parts per million each, which add up to at most 1,000,000 apart from rounding. */
export function concentration(sharesPpm: readonly number[]): Concentration {
  let sum = 0;
  let squares = 0;
  for (const share of sharesPpm) {
    assert(share >= 0 && share <= PPM, `share ${share} ppm is outside 0 to 1,000,000`);
    sum += share;
    squares += share ** 2;
  }
  const rest = Math.max(0, PPM - sum);
  const index = (total: number) => Math.min(10_000, Math.round((total / PPM ** 2) * 10_000)); // (100 s)² summed
  return { low: index(squares), high: index(squares + rest ** 2) };
}
