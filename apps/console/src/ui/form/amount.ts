/** Exact amounts between screen and body: percent and parts per million, amounts and minor units (ISO 4217). No floats. */

const SHARE_DECIMALS = 4; // a part per million is 0.0001 %
const DECIMALS_UNKNOWN = 2; // of a currency that nobody knows; the node refuses it by name

/** `33.3333` for 333,333 parts per million. */
export function shareText(ppm: number): string {
  return pointIn(ppm, SHARE_DECIMALS).replace(/\.?0+$/, "") || "0";
}

/** Parts per million of a percentage; undefined when it is none, or finer than a part per million. */
export function sharePpm(text: string): number | undefined {
  return scaled(text, SHARE_DECIMALS);
}

/** An amount of `currency` from its minor units: `1200.50`. */
export function amountText(minor: number, currency: string): string {
  return pointIn(minor, decimalsOf(currency));
}

/** Minor units of an amount of `currency`; undefined when it is none, or finer than the currency. */
export function minorUnits(text: string, currency: string): number | undefined {
  return scaled(text, decimalsOf(currency));
}

function decimalsOf(currency: string): number {
  try {
    const style = new Intl.NumberFormat("en", { style: "currency", currency: currency.trim() });
    return style.resolvedOptions().maximumFractionDigits ?? DECIMALS_UNKNOWN;
  } catch {
    return DECIMALS_UNKNOWN; // not three letters
  }
}

function scaled(text: string, decimals: number): number | undefined {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(text.replace(/\s/g, ""));
  if (!match) return undefined;
  const [, sign = "", whole = "", fraction = ""] = match;
  if (fraction.replace(/0+$/, "").length > decimals) return undefined;
  const value = Number(sign + whole + fraction.slice(0, decimals).padEnd(decimals, "0"));
  return Number.isSafeInteger(value) ? value + 0 : undefined; // -0 is 0
}

function pointIn(value: number, decimals: number): string {
  const digits = String(Math.abs(value)).padStart(decimals + 1, "0");
  const text = decimals === 0 ? digits : `${digits.slice(0, -decimals)}.${digits.slice(-decimals)}`;
  return (value < 0 ? "-" : "") + text;
}
