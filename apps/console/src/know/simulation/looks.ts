/** How the states of runs look. */
import type { simulation } from "@holdfast/api";
import type { Looks } from "../../ui/state-badge.tsx";

export const RUN_LOOKS: Looks<simulation.Run["state"]> = {
  waiting: { word: "waiting", tone: "muted" },
  running: { word: "running", tone: "active" },
  done: { word: "answered", tone: "normal" },
  failed: { word: "failed", tone: "critical" },
  cancelled: { word: "cancelled", tone: "muted" },
};
