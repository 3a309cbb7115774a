/** Modelled money in words, for sentences made from figures. */

/** Three significant digits and a word: 12.3 million USD. */
export function moneyWords(minor: number, currency: string): string {
  const digits =
    new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  const amount = minor / 10 ** digits;
  const [size, word] = (
    [
      [1e9, " billion"],
      [1e6, " million"],
      [1e3, " thousand"],
    ] as const
  ).find(([scale]) => amount >= scale) ?? [1, ""];
  return `${Number((amount / size).toPrecision(3))}${word} ${currency}`;
}
