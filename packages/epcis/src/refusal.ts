/** The Problem codes of this package and the one way to make them; everything that can be wrong with outside bytes has one. */
import { Problem } from "@holdfast/kernel";

export type EpcisCode =
  | "epcis/malformed-json"
  | "epcis/malformed-xml"
  | "epcis/not-epcis"
  | "epcis/doctype"
  | "epcis/encoding"
  | "epcis/too-large"
  | "epcis/too-deep"
  | "epcis/too-many-events"
  | "epcis/late-context"
  | "epcis/no-xml-form"
  | "epcis/bad-time"
  | "epcis/bad-number"
  | "epcis/bad-id"
  | "epcis/unknown-prefix-length"
  | "epcis/no-other-form"
  | "epcis/bad-prefix-table";

/** A Problem of this package. `detail` carries the path, rule and value where there are any. */
export function refusal(code: EpcisCode, message: string, detail: Record<string, unknown> = {}): Problem<EpcisCode> {
  return new Problem(code, message, { detail });
}

/** At most the first 64 characters of outside text, for a message. */
export function excerpt(text: string): string {
  return text.length > 64 ? `${text.slice(0, 64)}…` : text;
}
