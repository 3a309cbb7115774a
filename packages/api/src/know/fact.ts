/**
 * What every object of the registry is made of: texts, exact quantities, shares, evidence, and the header that its
 * versions carry. Shares are integers in parts per million, money is in minor units (ISO 4217), quantities are decimal texts.
 */
import { z } from "zod";
import { line } from "../text.ts";

export { invisibleIn, line } from "../text.ts";

export const SHARE_WHOLE = 1_000_000; // 100 %, in parts per million
export const NAME_LENGTH_MAX = 200; // what a table can still show
export const NOTE_LENGTH_MAX = 2_000; // a paragraph, not a report

export const name = line(NAME_LENGTH_MAX);
export const note = line(NOTE_LENGTH_MAX);

/** An exact amount that is not negative: up to 15 digits before and 9 after the point, without sign, exponent or leading zeros. */
export const quantity = z
  .string()
  .regex(/^(0|[1-9]\d{0,14})(\.\d{1,9})?$/, "is not a decimal number such as `12.5`")
  .describe("exact decimal, as text");

/** A part of a whole, in parts per million. */
export const sharePpm = z.int().min(0).max(SHARE_WHOLE).describe("parts per million; 1,000,000 is 100 %");

export const days = z.int().min(0).max(36_500).describe("calendar days");

/** Two capital letters; whether they are assigned is checked where the answer can say so by its own code. */
export const country = z
  .string()
  .regex(/^[A-Z]{2}$/, "is not an ISO 3166-1 alpha-2 code")
  .describe("ISO 3166-1 alpha-2");
export const currency = z
  .string()
  .regex(/^[A-Z]{3}$/, "is not an ISO 4217 code")
  .describe("ISO 4217");

const OBSERVED_YEAR_MIN = 1900; // what a spreadsheet's dates begin with; an earlier one is a typing error
const OBSERVED_YEAR_MAX = 2099; // as is a later one

/** A day or an instant with its offset. */
export const observedAt = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })])
  .refine(
    (text) => Number(text.slice(0, 4)) >= OBSERVED_YEAR_MIN && Number(text.slice(0, 4)) <= OBSERVED_YEAR_MAX,
    `is not between ${OBSERVED_YEAR_MIN} and ${OBSERVED_YEAR_MAX}`,
  );

/** Why a version is believed: who says so, as of when, and how sure that is (0 to 100, as in STIX 2.1 appendix A). */
export const evidence = z.strictObject({
  source: line(300).describe("document, person, system or address that the facts come from"),
  observedAt,
  confidencePercent: z.int().min(0).max(100),
  note: note.optional(),
});
export type Evidence = z.output<typeof evidence>;

export const asOf = z.iso
  .datetime({ offset: true })
  .optional()
  .describe("answers as the node knew things at this instant; now when absent");

/** A name that some scheme gives: duns, vat, cage, gtin, an ERP's own key. Values are compared as they stand. */
export const identifier = z.strictObject({
  scheme: z.string().regex(/^[a-z][a-z0-9-]{0,39}$/, "is not a scheme such as `duns`"),
  value: line(100),
});
export type Identifier = z.output<typeof identifier>;

export const OBJECT_STATES = ["active", "retired", "merged"] as const;

/** What the node adds to every object. `version` counts from 1; the ETag is made of it. */
export const header = {
  id: z.uuid(),
  version: z.int().min(1),
  state: z.enum(OBJECT_STATES),
  /** The object that this one was merged into. */
  mergedInto: z.uuid().nullable(),
  recordedAt: z.iso.datetime(),
  recordedBy: z.string(),
  evidence,
} as const;
