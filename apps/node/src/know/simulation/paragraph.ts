/** An answer in a paragraph: every number of it is a figure of the answer, and nothing is said that no figure says. */
import type { simulation } from "@holdfast/api";
import { moneyWords } from "./money-words.ts";

type Figures = Omit<simulation.Answer, "paragraph">;

const PPM = 1_000_000;

export function paragraphOf(figures: Figures): string {
  return [stops(figures), firstLoss(figures), loss(figures), worst(figures), bridge(figures), help(figures)]
    .filter((sentence) => sentence !== "")
    .join(" ");
}

function stops({ counts, sites, horizonDays }: Figures): string {
  if (counts.sitesStopped === 0)
    return `Within ${days(horizonDays)}, no site makes less than usual: stocks and other sources bridge it.`;
  const others = sites.filter(({ isHit }) => !isHit);
  const hit = `${many(counts.sitesHit, "site")} ${counts.sitesHit === 1 ? "is" : "are"} hit`;
  const [next] = others;
  if (!next) return `${hit}, and no other site makes less than usual within ${days(horizonDays)}.`;
  const cause = next.cause ? `, when its ${next.cause.itemLabel} runs out` : "";
  const more = Math.max(0, counts.sitesStopped - counts.sitesHit);
  const total = more > others.length ? more : others.length;
  return `${hit}; ${many(total, "other site")} in ${many(counts.countries, "country", "countries")} make less than usual, the first of them ${next.label} on day ${next.shortFrom}${cause}.`;
}

function firstLoss({ survive, counts, recoverDays, isExposed, gapDays }: Figures): string {
  if (counts.productsShort === 0) return "No customer goes short.";
  const low = survive.daysLow === null ? "" : `after ${days(survive.daysLow)} if nobody adapts`;
  const high = survive.daysHigh === null ? "" : `after ${days(Math.floor(survive.daysHigh))} at best`;
  const when = [low, high].filter((part) => part !== "").join(" and ");
  const gap =
    isExposed && gapDays.low > 0
      ? ` It takes ${days(recoverDays)} to recover, so that at least ${days(Math.ceil(gapDays.low))} are not covered even with perfect reallocation.`
      : "";
  return `${many(counts.productsShort, "product")} no longer ${counts.productsShort === 1 ? "reaches its" : "reach their"} customers in full${when === "" ? "" : `, the first ${when}`}.${gap}`;
}

function loss({ lossMinor, currency }: Figures): string {
  if (currency === null || lossMinor.high === 0) return "";
  const [low, high] = [moneyWords(lossMinor.low, currency), moneyWords(lossMinor.high, currency)];
  return low === high
    ? `The lost margin is ${high}.`
    : `The lost margin is at least ${low} and, without any adaptation, ${high}.`;
}

function worst({ products, currency }: Figures): string {
  const [first] = products;
  if (!first || products.length < 2) return "";
  const part = Math.round((first.unservedPpm / PPM) * 100);
  const value = currency !== null && first.lossMinor > 0 ? ` (${moneyWords(first.lossMinor, currency)})` : "";
  return `Hit hardest is ${first.itemLabel} of ${first.siteLabel}: ${part} % of its demand goes unserved${value}.`;
}

function bridge({ sites }: Figures): string {
  const bridged = sites.filter(({ isHit, bridgeDays }) => !isHit && bridgeDays > 0);
  if (bridged.length === 0) return "";
  const longest = bridged.reduce((a, b) => (b.bridgeDays > a.bridgeDays ? b : a));
  return `Stocks bridge longest at ${longest.label}: ${days(longest.bridgeDays)}.`;
}

function help({ alternatives, currency }: Figures): string {
  const [best] = alternatives;
  if (!best || currency === null) return "";
  return `What would help most is ${best.supplier.label} delivering more ${best.item.label} to ${best.buyer.label}: ready in ${days(Math.round(best.switchDays))}, it saves ${moneyWords(best.savesMinor, currency)}.`;
}

function many(count: number, one: string, several = `${one}s`): string {
  return `${count} ${count === 1 ? one : several}`;
}

function days(count: number): string {
  return many(count, "day");
}
