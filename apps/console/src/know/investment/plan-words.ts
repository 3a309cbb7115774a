/** Words and looks of plans: states, kinds of measures, verdicts. */
import type { investment } from "@holdfast/api";
import type { Looks } from "../../ui/state-badge.tsx";

type PlanState = "draft" | "worked-out" | "decided";

export function planState({ state, hasResult }: investment.Plan): PlanState {
  if (state === "decided") return "decided";
  return hasResult ? "worked-out" : "draft";
}

export const PLAN_LOOKS: Looks<PlanState> = {
  draft: { word: "not worked out", tone: "muted" },
  "worked-out": { word: "worked out", tone: "active" },
  decided: { word: "decided", tone: "normal" },
};

export const KIND_WORDS: Readonly<Record<investment.Measure["kind"], string>> = {
  stock: "stock",
  "second-source": "second source",
  hardening: "hardening",
  "spare-line": "spare line",
  onshoring: "onshoring",
};

export const VERDICT_LOOKS: Looks<(typeof investment.VERDICTS)[number]> = {
  bought: { word: "in", tone: "active" },
  "must-buy": { word: "in, set as a must", tone: "active" },
  "no-effect": { word: "out: no effect", tone: "muted" },
  "over-budget": { word: "out: over budget", tone: "normal" },
  "worth-less": { word: "out: worth less", tone: "normal" },
  excluded: { word: "out: excluded", tone: "normal" },
  "needs-other": { word: "out: needs another", tone: "normal" },
};

/** What a measure does, with the names of what it is about. */
export function effectText(measure: investment.Measure, labels: Readonly<Record<string, string>>): string {
  const name = (id: string) => labels[id] ?? "";
  const percent = (ppm: number) => `${ppm / 10_000} %`;
  switch (measure.kind) {
    case "stock":
      return `${measure.days} more days of ${name(measure.item)} at ${name(measure.site)}`;
    case "second-source":
      return `${name(measure.supplier)} may deliver ${percent(measure.partPpm)} of ${name(measure.item)} to ${name(measure.buyer)}, after ${measure.switchDays} days`;
    case "hardening":
      return `what hits ${name(measure.site)} takes ${percent(measure.avoidedPpm)} less of it`;
    case "spare-line":
      return `${name(measure.site)} could make ${percent(measure.capacityPpm)} more ${name(measure.item)}`;
    case "onshoring":
      return `${percent(measure.partPpm)} of the ${name(measure.item)} that its country buys comes from ${name(measure.site)}`;
  }
}
