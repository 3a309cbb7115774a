/**
 * What partners write into extensions and ILMD, whatever namespace they use for it: seal numbers, declared losses and
 * yields, country of origin, assays. Only the local name counts: `sealNumber`, `replacedSealNumber`, `sealStatus`,
 * `declaredLoss` ({quantity, uom}, or a number of kilograms), `declaredYield` (0 to 1), `countryOfOrigin` and `assay`
 * (fractions by element). Values that are no such thing are passed over: extensions are anyone's.
 */
import { type Decimal, decimalOf, type ExactJson, isNumeric, isObject } from "@holdfast/epcis";
import { amountOf, GRAM } from "./amount.ts";
import type { StepDeclaration } from "./facts.ts";
import type { Happening } from "./happening.ts";

/** Values of the members of `holder` whose local name is `name`, arrays taken apart. */
function valuesOf(holder: unknown, name: string): ExactJson[] {
  if (!isObject(holder)) return [];
  return Object.entries(holder).flatMap(([key, value]) => {
    if (!new RegExp(`[:/#]${name}$`).test(key)) return [];
    return Array.isArray(value) ? value : [value];
  });
}

/** Text of a value: a string, a number, or the text of an XML element with attributes. */
function textOf(value: ExactJson): string | undefined {
  if (typeof value === "string") return value.trim();
  if (typeof value === "number") return String(value);
  return isObject(value) && typeof value["#text"] === "string" ? value["#text"].trim() : undefined;
}

/** Seal numbers as ISO 17712 compares them: letters in capitals, no spaces or hyphens. */
export function sealNumbers({ event }: Happening, name: "sealNumber" | "replacedSealNumber" = "sealNumber"): string[] {
  const numbers = valuesOf(event, name).flatMap((value) => textOf(value)?.toUpperCase().replace(/[\s-]/g, "") ?? []);
  return [...new Set(numbers)].filter((number) => number !== "").sort();
}

/** Whether an event says that a seal is broken. */
export function saysBroken({ event }: Happening): boolean {
  return valuesOf(event, "sealStatus").some((value) => /^(?:broken|missing|tampered)$/i.test(textOf(value) ?? ""));
}

/** ISO 3166-1 alpha-2 country of origin in ILMD or event, in capitals. */
export function originCountries({ event }: Happening): string[] {
  const ilmd = "ilmd" in event ? event.ilmd : undefined;
  const countries = [...valuesOf(ilmd, "countryOfOrigin"), ...valuesOf(event, "countryOfOrigin")];
  return [...new Set(countries.flatMap((value) => textOf(value)?.toUpperCase() ?? []))].sort();
}

/** Fractions of elements that ILMD states for the things of the event. */
export function statedAssay({ event }: Happening): Readonly<Record<string, Decimal>> | undefined {
  const [assay] = valuesOf("ilmd" in event ? event.ilmd : undefined, "assay");
  if (!isObject(assay)) return undefined;
  const grade: Record<string, Decimal> = {};
  for (const [key, value] of Object.entries(assay)) {
    const fraction = decimalText(value);
    if (fraction) grade[key.slice(Math.max(key.lastIndexOf(":"), key.lastIndexOf("/")) + 1)] = fraction;
  }
  return grade;
}

/** What the events of a step declare about its loss and yield. */
export function statedDeclaration(happenings: readonly Happening[]): StepDeclaration {
  let declaration: StepDeclaration = {};
  for (const { event } of happenings) {
    for (const value of valuesOf(event, "declaredLoss")) {
      const lossGrams = gramsOf(value);
      if (lossGrams) declaration = { ...declaration, lossGrams };
    }
    for (const value of valuesOf(event, "declaredYield")) {
      const yieldFraction = decimalText(value);
      if (yieldFraction) declaration = { ...declaration, yieldFraction };
    }
  }
  return declaration;
}

function gramsOf(value: ExactJson): Decimal | undefined {
  const [quantity, uom] = isObject(value)
    ? [value["quantity"] ?? value["#text"], value["uom"] ?? value["@uom"]]
    : [value, "KGM"];
  const number = quantity === undefined ? undefined : decimalText(quantity);
  if (!number || typeof uom !== "string") return undefined;
  const amount = amountOf(1, uom);
  if (amount.unit !== GRAM) return undefined;
  return { coefficient: number.coefficient * amount.value.coefficient, scale: number.scale + amount.value.scale };
}

/** A decimal from a number or decimal text. */
function decimalText(value: ExactJson): Decimal | undefined {
  if (isNumeric(value)) return decimalOf(value);
  const text = textOf(value);
  return text !== undefined && /^[+-]?\d{1,30}(?:\.\d{1,30})?$/.test(text) ? decimalOf(text) : undefined;
}
