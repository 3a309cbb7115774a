/** Modelled money as people read it: three digits and a word. Exact sums are elsewhere; these come out of a simulation. */

const SIZES = [
  [1e12, " trillion"],
  [1e9, " billion"],
  [1e6, " million"],
  [1e3, " thousand"],
] as const;

/** `12.3 million USD` of an amount in minor units; units of the model where there is no currency. */
export function moneyText(minor: number | null | undefined, currency: string | null): string {
  if (minor === null || minor === undefined) return "unknown";
  if (currency === null) return "no margin stated";
  return `${amountText(minor / 10 ** digitsOf(currency))} ${currency}`;
}

/** In whole units of the currency, for tables that sort. */
export function major(minor: number | null | undefined, currency: string | null): number | undefined {
  return minor === null || minor === undefined || currency === null
    ? undefined
    : Math.round(minor / 10 ** digitsOf(currency));
}

export function amountText(amount: number): string {
  const [size, word] = SIZES.find(([least]) => Math.abs(amount) >= least) ?? [1, ""];
  const value = amount / size;
  return `${Number(value.toPrecision(3))}${word}`.replace("-", "\u2212");
}

export function digitsOf(currency: string): number {
  try {
    return new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  } catch {
    return 2;
  }
}
