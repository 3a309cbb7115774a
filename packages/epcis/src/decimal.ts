/**
 * Exact decimals. A JSON number with at most 15 significant digits survives a double: its shortest decimal form is the
 * literal's value. Longer literals become an ExactNumber, so that no quantity is ever rounded.
 */
import { excerpt, refusal } from "./refusal.ts";

/** A JSON number literal that a double cannot hold exactly; `text` is the literal. */
export class ExactNumber {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

/** A number of an event: a double where that is exact, else its literal. */
export type Numeric = number | ExactNumber;

/** coefficient * 10^-scale, scale >= 0. */
export interface Decimal {
  readonly coefficient: bigint;
  readonly scale: number;
}

const NUMBER = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,6}))?$/;
const MAX_DIGITS = 4_096; // bounds the work on `1e999999`
const SAFE_DIGITS = 15; // every decimal with so few significant digits survives a round trip through a double

export function isNumeric(value: unknown): value is Numeric {
  return typeof value === "number" || value instanceof ExactNumber;
}

/**
 * The exact value of a JSON number, an ExactNumber or decimal text.
 * @throws Problem `epcis/bad-number` when it is no decimal, or has more than 4,096 digits written out
 */
export function decimalOf(value: Numeric | string): Decimal {
  const text = (value instanceof ExactNumber ? value.text : String(value)).trim();
  const match = NUMBER.exec(text);
  const [, sign, whole = "", fraction = "", exponent = "0"] = match ?? [];
  if (!match || whole + fraction === "") throw refusal("epcis/bad-number", `\`${excerpt(text)}\` is not a number`);
  let scale = fraction.length - Number(exponent);
  if (Math.abs(scale) + whole.length + fraction.length > MAX_DIGITS)
    throw refusal("epcis/bad-number", `\`${excerpt(text)}\` has more than ${MAX_DIGITS} digits`);
  let coefficient = BigInt(whole + fraction) * (sign === "-" ? -1n : 1n);
  if (scale < 0) [coefficient, scale] = [coefficient * 10n ** BigInt(-scale), 0];
  while (scale > 0 && coefficient % 10n === 0n) [coefficient, scale] = [coefficient / 10n, scale - 1];
  return { coefficient, scale };
}

/** The shortest plain form: no exponent, no trailing zeros, no plus sign, no negative zero. */
export function decimalText({ coefficient, scale }: Decimal): string {
  if (scale === 0) return String(coefficient);
  const digits = String(coefficient < 0n ? -coefficient : coefficient).padStart(scale + 1, "0");
  return `${coefficient < 0n ? "-" : ""}${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
}

/** Negative, zero or positive as a is less than, equal to or greater than b. */
export function compareDecimals(a: Decimal, b: Decimal): number {
  const scale = Math.max(a.scale, b.scale);
  const difference = a.coefficient * 10n ** BigInt(scale - a.scale) - b.coefficient * 10n ** BigInt(scale - b.scale);
  return difference < 0n ? -1 : difference > 0n ? 1 : 0;
}

/** The number of a JSON number literal: a double where that is exact, else an ExactNumber. */
export function numericOf(literal: string): Numeric {
  const number = Number(literal);
  if (significantDigits(literal) <= SAFE_DIGITS && Number.isFinite(number) && (number !== 0 || isZero(literal)))
    return number;
  if (Number.isFinite(number) && String(number) === literal) return number;
  return new ExactNumber(literal);
}

function significantDigits(literal: string): number {
  const mantissa = literal
    .replace(/[eE].*$/, "")
    .replace(/[-+.]/g, "")
    .replace(/^0+/, "");
  return literal.includes(".") ? mantissa.replace(/0+$/, "").length : mantissa.length;
}

function isZero(literal: string): boolean {
  return /^[-+]?[0.]+(?:[eE].*)?$/.test(literal);
}
