/**
 * Redaction by marking: what a channel may not carry goes. Granular markings stricter than the channel remove what they
 * mark; a stricter marking of the whole object, or a marking of unknown meaning, withholds the object. Invariant: what
 * remains carries no marking stricter than `ceiling` and none that the caller does not know.
 */
import { fail, ok, type Result } from "@holdfast/kernel";
import { granularMarkings, handlingOf, markingsAt } from "./marking.ts";
import type { StixObject } from "./object-type.ts";
import type { StixCode } from "./problem-code.ts";
import type { RedactionStep } from "./redact.ts";
import { compareTlp, type TlpLevel, tlpOfId } from "./tlp.ts";

export interface Ceiling {
  /** The strictest level that the channel may carry. */
  readonly tlp: TlpLevel;
  /** Markings other than TLP that the agreement covers. */
  readonly knownMarkings: ReadonlySet<string>;
}

/** The steps that bring `object` under `ceiling`, or the reason why it must be withheld. */
export function stepsForCeiling(object: StixObject, ceiling: Ceiling): Result<readonly RedactionStep[], StixCode> {
  const { tlp, others } = handlingOf(markingsAt(object, []).markingRefs);
  const unknown = others.find((id) => !ceiling.knownMarkings.has(id));
  if (unknown !== undefined)
    return fail("stix/redaction", `\`${object.id}\` carries the marking \`${unknown}\`, which nobody agreed on`);
  if (tlp !== undefined && compareTlp(tlp, ceiling.tlp) > 0)
    return fail(
      "stix/redaction",
      `\`${object.id}\` is TLP:${tlp.toUpperCase()}, above TLP:${ceiling.tlp.toUpperCase()}`,
    );
  const steps = new Map<string, RedactionStep>();
  for (const { text, markingRef } of granularMarkings(object)) {
    if (markingRef === undefined || steps.has(text)) continue;
    const level = tlpOfId(markingRef);
    if (level === undefined && !ceiling.knownMarkings.has(markingRef))
      steps.set(text, { selector: text, reason: `marked \`${markingRef}\`, which nobody agreed on` });
    else if (level !== undefined && compareTlp(level, ceiling.tlp) > 0)
      steps.set(text, {
        selector: text,
        reason: `TLP:${level.toUpperCase()} is above TLP:${ceiling.tlp.toUpperCase()}`,
      });
  }
  return ok([...steps.values()]);
}
