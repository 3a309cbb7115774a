/** Production figures as people read them. A withheld figure says so and is never zero. */
import type { mineral } from "@holdfast/api";
import { formatDecimal } from "../../ui/format.ts";
import { FIGURE_LOOKS } from "../looks.ts";

const GRAMS_PER = [
  [1_000_000, "t"],
  [1_000, "kg"],
] as const;

/** An exact amount in the largest unit that keeps it whole: grams as t or kg, litres as m³. */
export function amountText(amount: number, unit: mineral.Series["unit"]): string {
  if (unit === "LTR")
    return amount % 1_000 === 0 ? `${formatDecimal(amount / 1_000)} m³` : `${formatDecimal(amount)} l`;
  for (const [grams, sign] of GRAMS_PER) if (amount % grams === 0) return `${formatDecimal(amount / grams)} ${sign}`;
  return `${formatDecimal(amount)} g`;
}

/** `240 000 t`, `240 000 t, estimated`, `withheld`. */
export function figureText(figure: mineral.Figure, unit: mineral.Series["unit"]): string {
  if (figure.amount === null) return FIGURE_LOOKS[figure.state].word;
  const text = amountText(figure.amount, unit);
  return figure.state === "estimated" ? `${text}, est.` : text;
}
