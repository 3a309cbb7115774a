/**
 * Amounts of things: decimals with a unit, exact. Masses of any unit become grams by the table below (UN/ECE
 * Recommendation 20); counts and other measures keep their own unit. Invariants: no rounding anywhere; amounts of
 * different units never meet in one sum; an unknown amount is kept as unknown and never counts as zero.
 */
import { compareDecimals, type Decimal, decimalOf, decimalText, type Numeric } from "@holdfast/epcis";

/** `g` for masses, `count` where the event names no unit, else the event's unit code. */
export type Unit = string;

export interface Amount {
  readonly unit: Unit;
  readonly value: Decimal;
}

export const GRAM: Unit = "g";
export const COUNT: Unit = "count";
export const ZERO: Decimal = { coefficient: 0n, scale: 0 };

/** Grams in one unit of mass, exact by definition of each unit. */
const GRAMS: ReadonlyMap<string, Decimal> = new Map(
  Object.entries({
    GRM: "1",
    KGM: "1000",
    TNE: "1000000",
    KTN: "1000000000",
    DTN: "100000",
    HGM: "100",
    DG: "0.1",
    CGM: "0.01",
    MGM: "0.001",
    MC: "0.000001",
    LBR: "453.59237",
    ONZ: "28.349523125",
    STN: "907184.74",
    LTN: "1016046.9088",
    APZ: "31.1034768",
    CTM: "0.2",
  }).map(([code, grams]) => [code, decimalOf(grams)]),
);

/** The amount that a quantity and its unit code stand for. */
export function amountOf(quantity: Numeric, uom: string | undefined): Amount {
  const value = decimalOf(quantity);
  if (uom === undefined) return { unit: COUNT, value };
  const grams = GRAMS.get(uom);
  return grams ? { unit: GRAM, value: multiply(value, grams) } : { unit: uom, value };
}

export const ONE_PIECE: Amount = { unit: COUNT, value: decimalOf(1) };

export function add(a: Decimal, b: Decimal): Decimal {
  const scale = Math.max(a.scale, b.scale);
  return shortest(lift(a, scale) + lift(b, scale), scale);
}

export function subtract(a: Decimal, b: Decimal): Decimal {
  return add(a, negate(b));
}

export function multiply(a: Decimal, b: Decimal): Decimal {
  return shortest(a.coefficient * b.coefficient, a.scale + b.scale);
}

export function negate({ coefficient, scale }: Decimal): Decimal {
  return { coefficient: -coefficient, scale };
}

export function isZero({ coefficient }: Decimal): boolean {
  return coefficient === 0n;
}

export function isNegative({ coefficient }: Decimal): boolean {
  return coefficient < 0n;
}

export function isLess(a: Decimal, b: Decimal): boolean {
  return compareDecimals(a, b) < 0;
}

/** `12.5 g`, `3 pieces`, `7 LTR`. */
export function amountText({ unit, value }: Amount): string {
  return `${decimalText(value)} ${unit === COUNT ? "pieces" : unit}`;
}

/** A sum over things of several units. Owned by whoever builds it; give `frozen()` away. */
export class Sum {
  readonly #values = new Map<Unit, Decimal>();
  #hasUnknown = false;

  /** Adds an amount, or that some unknown amount was there. */
  add(amount: Amount | undefined): this {
    if (amount === undefined) this.#hasUnknown = true;
    else this.#values.set(amount.unit, add(this.#values.get(amount.unit) ?? ZERO, amount.value));
    return this;
  }

  addAll({ amounts, hasUnknown }: Amounts): this {
    for (const amount of amounts) this.add(amount);
    this.#hasUnknown ||= hasUnknown;
    return this;
  }

  subtractAll({ amounts }: Amounts): this {
    for (const { unit, value } of amounts) this.add({ unit, value: negate(value) });
    return this;
  }

  of(unit: Unit): Decimal {
    return this.#values.get(unit) ?? ZERO;
  }

  frozen(): Amounts {
    const amounts = [...this.#values].map(([unit, value]) => ({ unit, value }));
    return {
      amounts: amounts.sort((a, b) => (a.unit < b.unit ? -1 : a.unit > b.unit ? 1 : 0)),
      hasUnknown: this.#hasUnknown,
    };
  }
}

/** What is known of a sum: one amount a unit, in unit order, and whether something unknown comes on top. */
export interface Amounts {
  readonly amounts: readonly Amount[];
  readonly hasUnknown: boolean;
}

export function sumOf(amounts: Iterable<Amount | undefined>): Amounts {
  const sum = new Sum();
  for (const amount of amounts) sum.add(amount);
  return sum.frozen();
}

/** The value of one unit in a sum. */
export function inUnit({ amounts }: Amounts, unit: Unit): Decimal {
  return amounts.find((amount) => amount.unit === unit)?.value ?? ZERO;
}

function lift({ coefficient, scale }: Decimal, to: number): bigint {
  return to === scale ? coefficient : coefficient * 10n ** BigInt(to - scale);
}

function shortest(coefficient: bigint, scale: number): Decimal {
  let [digits, places] = [coefficient, scale];
  while (places > 0 && digits % 10n === 0n) [digits, places] = [digits / 10n, places - 1];
  return { coefficient: digits, scale: places };
}
