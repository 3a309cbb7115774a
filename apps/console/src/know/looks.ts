/** How states of the registry, of designation and of minerals look. Healthy is grey; colour is for what wants attention. */
import type { designation, mineral, registry } from "@holdfast/api";
import type { Looks, Tone } from "../ui/state-badge.tsx";

export type TierName = "1" | "2" | "3" | "none";

export const TIER_LOOKS: Looks<TierName> = {
  "1": { word: "tier 1, critical", tone: "critical" },
  "2": { word: "tier 2, important", tone: "attention" },
  "3": { word: "tier 3, relevant", tone: "active" },
  none: { word: "not designated", tone: "normal" },
};

export function tierName(tier: number | null): TierName {
  return tier === 1 ? "1" : tier === 2 ? "2" : tier === 3 ? "3" : "none";
}

/** How a site's tier shows on the map and in networks. */
export function tierTone(tier: number | null): Tone {
  return TIER_LOOKS[tierName(tier)].tone;
}

export const OBJECT_LOOKS: Looks<(typeof registry.OBJECT_STATES)[number]> = {
  active: { word: "active", tone: "normal" },
  retired: { word: "retired", tone: "muted" },
  merged: { word: "merged into another", tone: "muted" },
};

export const CRITERIA_LOOKS: Looks<designation.Criteria["state"]> = {
  draft: { word: "draft", tone: "active" },
  "in-force": { word: "in force", tone: "normal" },
  superseded: { word: "superseded", tone: "muted" },
  rejected: { word: "rejected", tone: "muted" },
};

export const SUSPECT_LOOKS: Looks<registry.Suspect["state"]> = {
  open: { word: "open", tone: "attention" },
  dismissed: { word: "different", tone: "muted" },
  merged: { word: "merged", tone: "normal" },
};

/** What a printed production figure is; only the first two carry an amount. */
export const FIGURE_LOOKS: Looks<mineral.Figure["state"]> = {
  reported: { word: "reported", tone: "normal" },
  estimated: { word: "estimated", tone: "normal" },
  withheld: { word: "withheld", tone: "unknown" },
  "not-available": { word: "not available", tone: "unknown" },
  "below-half-unit": { word: "below half a unit", tone: "normal" },
};
