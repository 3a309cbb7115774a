/**
 * Concentration of supply (reference sheet section 7): Herfindahl-Hirschman indices of suppliers and of countries, with an
 * interval where a part is unknown, and look-through shares, which follow every input to the processes that buy nothing.
 * Indices are not losses: a source of 2 % can be essential and the only one. Print them beside the single points.
 */
import type { SupplyNetwork } from "./supply-network.ts";
import { quoted, supplyProblem } from "./supply-problem.ts";

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * The index of `amounts` out of `total`, in (0, 10,000]: the sum of squared percentages. The rest of `total` is unknown: at
 * the low end it is spread thin, at the high end it is one more supplier.
 * @throws Problem `supply/number-invalid` when an amount is negative or they add up to more than the total
 */
export function herfindahl(amounts: readonly number[], total?: number): Interval {
  const known = amounts.reduce((sum, amount) => sum + amount, 0);
  const all = total ?? known;
  const wrong = amounts.find((amount) => !(amount >= 0 && amount < Number.POSITIVE_INFINITY));
  if (wrong !== undefined || !(all > 0) || known > all * (1 + 1e-9))
    throw supplyProblem("supply/number-invalid", `amounts of \`${known}\` out of \`${all}\` have no concentration`);
  const low = amounts.reduce((sum, amount) => sum + ((100 * amount) / all) ** 2, 0);
  return { low, high: low + ((100 * Math.max(0, all - known)) / all) ** 2 };
}

export interface ItemConcentration {
  readonly item: string;
  readonly processCount: number;
  /** Of processes that make the item, by what they make. */
  readonly herfindahl: number;
  readonly countryHerfindahl: Interval;
  /** Share of each country in what is made, largest first. */
  readonly countries: readonly { readonly country: string; readonly share: number }[];
}

/** Concentration of every item that is made, in the order of the items. Sites without a country are unknown, not one. */
export function itemConcentration(network: SupplyNetwork): ItemConcentration[] {
  return network.items.flatMap((item, index) => {
    const makers = network.processes.filter((process) => process.item === index && process.rate > 0);
    const total = makers.reduce((sum, { rate }) => sum + rate, 0);
    if (total === 0) return [];
    const byCountry = new Map<string, number>();
    for (const { site, rate } of makers) {
      const country = network.sites[site]?.country;
      if (country !== undefined) byCountry.set(country, (byCountry.get(country) ?? 0) + rate);
    }
    return [
      {
        item: item.id,
        processCount: makers.length,
        herfindahl: herfindahl(makers.map(({ rate }) => rate)).low,
        countryHerfindahl: herfindahl([...byCountry.values()], total),
        countries: [...byCountry]
          .map(([country, rate]) => ({ country, share: rate / total }))
          .sort((a, b) => b.share - a.share || (a.country < b.country ? -1 : 1)),
      },
    ];
  });
}

const LEFT_OVER = 1e-12; // of the value that is followed; the rest is scaled away, so that shares add up to 1
const STEPS_MAX = 10_000;

/**
 * Where the value of what `process` buys comes from in the end: shares of the processes that buy nothing, adding up to 1.
 * Value is flow times price, and flow where no price is known. A process that buys nothing comes from itself.
 * @throws Problem `supply/no-convergence` when suppliers buy only from each other
 */
export function lookThroughShares(network: SupplyNetwork, process: number): Map<number, number> {
  const sources = network.processes.map(({ groups }) => supplierShares(network, groups));
  const leaves = new Map<number, number>();
  let moving = new Map([[process, 1]]);
  for (let step = 0; step < STEPS_MAX; step++) {
    const next = new Map<number, number>();
    let left = 0;
    for (const [at, value] of moving) {
      const shares = sources[at] ?? [];
      if (shares.length === 0) leaves.set(at, (leaves.get(at) ?? 0) + value);
      for (const [supplier, share] of shares) {
        next.set(supplier, (next.get(supplier) ?? 0) + value * share);
        left += value * share;
      }
    }
    if (left < LEFT_OVER) return scaled(leaves);
    moving = next;
  }
  const name = quoted(network.processes[process]?.id ?? "");
  throw supplyProblem(
    "supply/no-convergence",
    `what ${name} buys is never traced to a source: suppliers buy from each other`,
  );
}

function supplierShares(
  network: SupplyNetwork,
  groups: SupplyNetwork["processes"][number]["groups"],
): [number, number][] {
  const flows = new Map<number, number>();
  for (const { arcs } of groups)
    for (const { supplier, flow } of arcs) flows.set(supplier, (flows.get(supplier) ?? 0) + flow);
  const priceOf = (supplier: number) => network.items[network.processes[supplier]?.item ?? -1]?.price ?? 0;
  const isPriced = [...flows.keys()].some((supplier) => priceOf(supplier) > 0);
  const values = [...flows].map(([supplier, flow]): [number, number] => [
    supplier,
    isPriced ? flow * priceOf(supplier) : flow,
  ]);
  const total = values.reduce((sum, [, value]) => sum + value, 0);
  return values.flatMap(([supplier, value]): [number, number][] => (value > 0 ? [[supplier, value / total]] : []));
}

function scaled(shares: ReadonlyMap<number, number>): Map<number, number> {
  let total = 0;
  for (const share of shares.values()) total += share;
  return new Map([...shares].map(([leaf, share]) => [leaf, share / total]));
}
