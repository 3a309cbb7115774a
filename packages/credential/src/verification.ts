/**
 * What came out of looking at a credential, part by part, three-valued: passed, failed, or not checked with the reason.
 * Invariant: a verdict is `valid` only when nothing failed and nothing was left unchecked; silence is never a yes.
 */
export type CheckName = "form" | "proof" | "issuer" | "period" | "status" | "holder";
export type CheckState = "passed" | "failed" | "not-checked";

export interface Check {
  readonly check: CheckName;
  readonly state: CheckState;
  /** One lower-case line. */
  readonly reason: string;
}

export type CredentialVerdict = "valid" | "invalid" | "not-checked";

export const passed = (check: CheckName, reason: string): Check => ({ check, state: "passed", reason });
export const failed = (check: CheckName, reason: string): Check => ({ check, state: "failed", reason });
export const notChecked = (check: CheckName, reason: string): Check => ({ check, state: "not-checked", reason });

export function verdictOf(checks: readonly Check[]): CredentialVerdict {
  if (checks.some(({ state }) => state === "failed")) return "invalid";
  return checks.every(({ state }) => state === "passed") ? "valid" : "not-checked";
}
