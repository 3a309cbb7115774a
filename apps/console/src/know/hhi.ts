/**
 * The Herfindahl-Hirschman index as people read it: 0 to 10,000, and in words. Bands after the US merger guidelines of
 * 2023: above 1,800 is highly concentrated, above 1,000 moderately. Above 5,000 there is less than two equal sources. Low and high differ where a part of the whole is unknown.
 */
import type { Tone } from "../ui/state-badge.tsx";
import { formatDecimal } from "../ui/format.ts";

export const MODERATE_HHI = 1_000;
export const HIGH_HHI = 1_800;
export const DOMINATED_HHI = 5_000;

export interface Hhi {
  readonly low: number;
  readonly high: number;
}

/** `2 540`, or `2 100 to 2 900` where the unknown rest leaves that room. */
export function formatHhi({ low, high }: Hhi): string {
  return low === high ? formatDecimal(low) : `${formatDecimal(low)} to ${formatDecimal(high)}`;
}

/** How concentrated, by the cautious end of the range. */
export function hhiLook({ high }: Hhi): { readonly word: string; readonly tone: Tone } {
  if (high > DOMINATED_HHI) return { word: "dominated by one", tone: "attention" };
  if (high > HIGH_HHI) return { word: "highly concentrated", tone: "normal" };
  if (high > MODERATE_HHI) return { word: "moderately concentrated", tone: "normal" };
  return { word: "spread", tone: "normal" };
}
