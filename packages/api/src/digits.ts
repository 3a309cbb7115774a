/** Whole numbers in paths and queries: decimal digits and nothing else, so that `1e3`, `0x10`, ` 7` and an empty text are refused. */
import { z } from "zod";

/** A whole number from `min` to `max`, from its decimal digits. */
export function digits(min: number, max: number = Number.MAX_SAFE_INTEGER) {
  return z.preprocess(
    (given) => (typeof given === "string" && !/^\d+$/.test(given) ? Number.NaN : given),
    z.coerce.number().int().min(min).max(max),
  );
}

/** The same, or `otherwise` when it is left out, which the reference page shows too. */
export function digitsOr(otherwise: number, min: number, max: number) {
  return digits(min, max).default(otherwise).describe(`${otherwise} when it is left out`); // JSON Schema leaves out the default of what preprocesses
}
