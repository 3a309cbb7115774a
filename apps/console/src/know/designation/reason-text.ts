/** Why a site has its tier, as short as a table's cell: what was found, each finding once, those of the strictest rules first. */
import type { designation } from "@holdfast/api";

export function foundTexts(reasons: readonly designation.Reason[]): string[] {
  return [...new Set(reasons.flatMap((reason) => reason.findings.map((finding) => finding.text)))];
}
