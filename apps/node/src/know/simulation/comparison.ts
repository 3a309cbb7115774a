/** Two answers side by side: their figures, and the sites and products that are not in both alike. */
import type { simulation as contract } from "@holdfast/api";

type Comparison = Omit<contract.Comparison, "left" | "right">;

const ROWS_MAX = 500;

export function compareAnswers(left: contract.Answer, right: contract.Answer): Comparison {
  const money = left.currency ?? right.currency ?? "";
  const figure = (name: string, unit: string, of: (answer: contract.Answer) => number | null) => ({
    name,
    unit,
    left: of(left),
    right: of(right),
  });
  return {
    sameInputs: left.manifest.inputHash === right.manifest.inputHash,
    figures: [
      figure("Loss, at least", money, ({ lossMinor }) => lossMinor.low),
      figure("Loss when orders move", money, ({ lossMinor }) => lossMinor.switching),
      figure("Loss without adaptation", money, ({ lossMinor }) => lossMinor.high),
      figure("Survived without adaptation", "d", ({ survive }) => survive.daysLow),
      figure("Survived at best", "d", ({ survive }) => survive.daysHigh),
      figure("To recover", "d", ({ recoverDays }) => recoverDays),
      figure("Sites that make less", "", ({ counts }) => counts.sitesStopped),
      figure("Products that go short", "", ({ counts }) => counts.productsShort),
    ],
    sites: sideBySide(left.sites, right.sites, ({ site }) => site)
      .map(({ a, b, either }) => ({
        site: either.site,
        label: either.label,
        country: either.country,
        leftPpm: a?.lostPpm ?? null,
        rightPpm: b?.lostPpm ?? null,
      }))
      .filter(({ leftPpm, rightPpm }) => leftPpm !== rightPpm)
      .sort((a, b) => difference(b.leftPpm, b.rightPpm) - difference(a.leftPpm, a.rightPpm))
      .slice(0, ROWS_MAX),
    products: sideBySide(left.products, right.products, ({ site, item }) => `${site} ${item}`)
      .map(({ a, b, either: { site, siteLabel, item, itemLabel } }) => ({
        site,
        siteLabel,
        item,
        itemLabel,
        leftMinor: a?.lossMinor ?? null,
        rightMinor: b?.lossMinor ?? null,
      }))
      .filter(({ leftMinor, rightMinor }) => leftMinor !== rightMinor)
      .sort((a, b) => difference(b.leftMinor, b.rightMinor) - difference(a.leftMinor, a.rightMinor))
      .slice(0, ROWS_MAX),
  };
}

function difference(left: number | null, right: number | null): number {
  return Math.abs((left ?? 0) - (right ?? 0));
}

function sideBySide<Row>(
  left: readonly Row[],
  right: readonly Row[],
  keyOf: (row: Row) => string,
): { a: Row | undefined; b: Row | undefined; either: Row }[] {
  const others = new Map(right.map((row) => [keyOf(row), row]));
  const both = left.map((a) => {
    const b = others.get(keyOf(a));
    others.delete(keyOf(a));
    return { a, b, either: a };
  });
  return [...both, ...[...others.values()].map((b) => ({ a: undefined, b, either: b }))];
}
