/** What every change of the registry is asked for: who says so, as of when, how sure that is. */
import type { Field } from "../../ui/form/field.ts";

export const EVIDENCE_FIELD: Field = {
  kind: "group",
  name: "evidence",
  label: "Evidence of what you changed",
  hint: "Every fact keeps its source, its date and its confidence; old values stay with theirs.",
  required: true,
  fields: [
    {
      kind: "text",
      name: "source",
      label: "Source",
      hint: "A document, person, system or address that says so.",
      required: true,
    },
    {
      kind: "day",
      name: "observedAt",
      label: "Observed on",
      hint: "When it was true, not when you heard.",
      required: true,
    },
    {
      kind: "number",
      name: "confidencePercent",
      label: "Confidence",
      unit: "%",
      hint: "0 a guess, 50 as likely as not, 100 certain.",
      required: true,
    },
    { kind: "text", name: "note", label: "Note on the evidence" },
  ],
};

export const REASON_FIELD: Field = { kind: "paragraph", name: "reason", label: "Why", required: true };
