/** How the states of risks look. */
import type { riskRegister } from "@holdfast/api";
import type { Looks } from "../../ui/state-badge.tsx";

export const RISK_LOOKS: Looks<riskRegister.RegisteredRisk["state"]> = {
  open: { word: "open", tone: "active" },
  accepted: { word: "accepted", tone: "normal" },
  expired: { word: "acceptance expired", tone: "critical" },
  closed: { word: "closed", tone: "muted" },
};
