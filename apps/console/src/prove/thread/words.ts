/** Words and looks of custody, the same on every page: amounts, levels, states of findings, and where a thing's page is. */
import type { custody } from "@holdfast/api";
import { formatDecimal } from "../../ui/format.ts";
import type { Looks } from "../../ui/state-badge.tsx";

/** The page of a thing: the identifier is one part of the path. */
export function thingHref(id: string, tab?: string): string {
  return `/prove/lots/${encodeURIComponent(id)}${tab === undefined ? "" : `?tab=${tab}`}`;
}

const SIGNS: Readonly<Record<string, string>> = { count: "pcs", H87: "pcs", LTR: "l", MTR: "m", MTK: "m²", KWH: "kWh" };
const KILO_DIGITS = 3;

/** `1 250 kg`: masses in kilograms, from a gram up to 1,000 t, exact. */
export function amountWords({ value, unit }: custody.Amount): string {
  if (unit !== "g") return `${formatDecimal(value)}\u00a0${SIGNS[unit] ?? unit}`;
  return Math.abs(Number(value)) < 1 ? `${formatDecimal(value)}\u00a0g` : `${formatDecimal(kilograms(value))}\u00a0kg`;
}

/** Grams as kilograms: the decimal point moves, no digit is lost. */
export function kilograms(grams: string): string {
  const [, sign = "", whole = "0", part = ""] = /^(-?)(\d+)(?:\.(\d+))?$/.exec(grams) ?? [];
  const digits = whole.padStart(KILO_DIGITS + 1, "0");
  const decimals = `${digits.slice(-KILO_DIGITS)}${part}`.replace(/0+$/, "");
  return `${sign}${digits.slice(0, -KILO_DIGITS)}${decimals === "" ? "" : `.${decimals}`}`;
}

export function amountsWords(amounts: readonly custody.Amount[], hasUnknown: boolean): string {
  const words = amounts.map(amountWords).join(", ");
  return hasUnknown ? `${words === "" ? "" : `${words} and `}some, unknown how much` : words;
}

export const FINDING_LOOKS: Looks<custody.Finding["state"]> = {
  open: { word: "open", tone: "attention" },
  resolved: { word: "resolved", tone: "normal" },
  undone: { word: "no longer so", tone: "muted" },
};

export const OUTCOME_WORDS: Readonly<Record<NonNullable<custody.Finding["outcome"]>, string>> = {
  confirmed: "Confirmed: it is as the finding says",
  explained: "Explained: there is a reason that the events do not show",
  "false-alarm": "False alarm: the events are right, the rule does not fit",
};

export const LEVEL_WORDS: Readonly<Record<custody.KnownThing["level"], string>> = {
  instance: "serial or shipment",
  lot: "lot",
  product: "product",
  unknown: "identifier",
};

/** `shipping` as "Shipping", `creating_class_instance` as "Creating class instance". */
export function stepWords(bizStep: string | null): string {
  if (bizStep === null) return "not said";
  const text = bizStep.replaceAll("_", " ");
  return text.charAt(0).toUpperCase() + text.slice(1);
}
