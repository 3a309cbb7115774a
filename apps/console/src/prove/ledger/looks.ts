/** How states of the ledger look. Healthy is grey; colour is for what wants attention. */
import type { ledger } from "@holdfast/api";
import type { Looks } from "../../ui/state-badge.tsx";
import type { CheckState, ProofReport } from "./proof-check.ts";

export const STATEMENT_LOOKS: Looks<ledger.Statement["state"]> = {
  waiting: { word: "durable, waits for its place", tone: "active" },
  logged: { word: "in the log, not published", tone: "active" },
  published: { word: "published", tone: "active" },
  witnessed: { word: "published and witnessed", tone: "normal" },
};

export type LedgerState = "stopped" | "forked" | "missing" | "alone" | "underway" | "sound";

export const LEDGER_LOOKS: Looks<LedgerState> = {
  stopped: { word: "not signing", tone: "critical" },
  forked: { word: "fork proof on record", tone: "critical" },
  missing: { word: "a witness is missing", tone: "attention" },
  alone: { word: "published, nobody witnesses it", tone: "unknown" },
  underway: { word: "published, cosignature on its way", tone: "active" },
  sound: { word: "published and witnessed", tone: "normal" },
};

/** The worst that is to be said of the log as a whole. */
export function ledgerState(one: ledger.LedgerSummary): LedgerState {
  if (one.refusal) return "stopped";
  if (one.forks > 0) return "forked";
  if (one.witnesses.some(({ alarm }) => alarm)) return "missing";
  if (one.witnesses.length === 0) return "alone";
  return one.witnessedSize < one.size ? "underway" : "sound";
}

export type WitnessState = "missing" | "late" | "behind" | "current";

export const WITNESS_LOOKS: Looks<WitnessState> = {
  missing: { word: "missing", tone: "critical" },
  late: { word: "owes a cosignature", tone: "attention" },
  behind: { word: "being asked", tone: "active" },
  current: { word: "cosigned the newest", tone: "normal" },
};

export function witnessState(one: ledger.Witness, publishedSize: number): WitnessState {
  if (one.alarm) return "missing";
  if (one.owesSince !== null) return "late";
  return one.size < publishedSize ? "behind" : "current";
}

export const KEY_LOOKS: Looks<"active" | "retired"> = {
  active: { word: "in use", tone: "normal" },
  retired: { word: "retired", tone: "muted" },
};

export const LOG_LOOKS: Looks<"open" | "frozen"> = {
  open: { word: "open", tone: "normal" },
  frozen: { word: "frozen", tone: "muted" },
};

export const CHECK_LOOKS: Looks<CheckState> = {
  holds: { word: "holds", tone: "normal" },
  refused: { word: "refused", tone: "critical" },
  open: { word: "not checked", tone: "unknown" },
};

export const VERDICT_LOOKS: Looks<ProofReport["verdict"]> = {
  proven: { word: "proven", tone: "normal" },
  unwitnessed: { word: "signed by the log, not witnessed", tone: "attention" },
  refused: { word: "refused", tone: "critical" },
  open: { word: "not published yet", tone: "active" },
};
