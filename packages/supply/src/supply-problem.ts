/** The expected failures of this package: one closed set of codes, so that callers can switch on them. */
import { Problem } from "@holdfast/kernel";

export type SupplyCode =
  | "supply/csv-malformed"
  | "supply/column-missing"
  | "supply/number-invalid"
  | "supply/limit-exceeded"
  | "supply/firm-unknown"
  | "supply/firm-duplicate"
  | "supply/sector-unknown"
  | "supply/essentiality-unknown"
  | "supply/network-empty"
  | "supply/option-invalid"
  | "supply/no-convergence"
  | "supply/document-malformed"
  | "supply/reference-unknown"
  | "supply/id-duplicate"
  | "supply/shares-unbalanced"
  | "supply/output-zero"
  | "supply/recipe-cycle"
  | "supply/plan-infeasible"
  | "supply/solver-failed";

export type SupplyProblem = Problem<SupplyCode>;

/** A Problem of this package; `detail` names row, column, path or value where the input has them. */
export function supplyProblem(code: SupplyCode, message: string, detail: Record<string, unknown> = {}): SupplyProblem {
  return new Problem(code, message, { detail });
}

/** `text` as it is shown in a message: in backticks, without control characters, at most 60 characters. */
export function quoted(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters of hostile input must not reach a terminal
  const printable = text.replace(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/g, "?");
  return printable.length > 60 ? `\`${printable.slice(0, 59)}…\`` : `\`${printable}\``;
}
