/** How the outcome of an import's run looks. */
import type { exchange } from "@holdfast/api";
import type { Looks } from "../../ui/state-badge.tsx";

export type Outcome = exchange.ImportRun["outcome"] | "staged";

export const OUTCOME_LOOKS: Looks<Outcome> = {
  staged: { word: "not run yet", tone: "muted" },
  running: { word: "running", tone: "active" },
  passed: { word: "dry run passed", tone: "normal" },
  stored: { word: "stored", tone: "normal" },
  refused: { word: "rows refused, nothing stored", tone: "attention" },
  failed: { word: "failed", tone: "critical" },
  cancelled: { word: "cancelled", tone: "muted" },
};

export function outcomeOf(file: exchange.FileImport): Outcome {
  return file.run?.outcome ?? "staged";
}
