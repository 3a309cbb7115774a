/** How states of the node's own things look. */
import type { job, people } from "@holdfast/api";
import type { Looks } from "../ui/state-badge.tsx";

export const JOB_LOOKS: Looks<job.Job["state"]> = {
  waiting: { word: "waiting", tone: "muted" },
  running: { word: "running", tone: "active" },
  succeeded: { word: "succeeded", tone: "normal" },
  failed: { word: "failed", tone: "critical" },
  cancelled: { word: "cancelled", tone: "muted" },
};

export const PERSON_LOOKS: Looks<people.Person["state"]> = {
  invited: { word: "invited", tone: "active" },
  active: { word: "active", tone: "normal" },
  disabled: { word: "disabled", tone: "muted" },
};

export const DECISION_LOOKS: Looks<"allowed" | "denied"> = {
  allowed: { word: "allowed", tone: "normal" },
  denied: { word: "denied", tone: "attention" },
};
