/** What measures do in scenarios: simulated once, then asked for any budget. */
import type { investment as contract } from "@holdfast/api";

/** What a plan for any budget is made of: simulated once. */
export interface PlanEffects {
  readonly measures: readonly contract.Measure[];
  readonly perYear: readonly number[];
  /** [scenarios] */
  readonly lossMinor: readonly number[];
  /** [measures][scenarios], part of the loss that the measure alone takes away. */
  readonly reduction: readonly (readonly number[])[];
  readonly meanWeightPpm: number;
  readonly currency: string | null;
}
