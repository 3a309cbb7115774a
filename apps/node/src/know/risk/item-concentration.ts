/** How concentrated the supply of one item is over the whole registry: by capacity where every maker states one, else by purchases. */
import type { risk } from "@holdfast/api";
import { concentration } from "../mineral/index.ts";
import type { SiteSketch, Sources } from "../registry/index.ts";

const PPM = 1_000_000;
const ROUNDING_PPM = 10; // of shares that are divided and rounded down
const NANO = 1_000_000_000n; // quantities have at most nine decimals

type Answer = Pick<
  risk.ItemConcentration,
  "basis" | "sites" | "suppliers" | "countries" | "hhiBySite" | "hhiBySupplier" | "hhiByCountry" | "single"
>;

/** Shares and concentration of an item's sources; `makers` are the sites known to make it. */
export function concentrationOf(source: {
  makers: readonly string[];
  sources: Sources;
  siteOf: (id: string) => SiteSketch | undefined;
}): Answer {
  const { makers, sources, siteOf } = source;
  const { basis, shares } = sharesOf(makers, sources);
  const by = (key: (site: string) => { id: string; label: string }) => {
    const sums = new Map<string, { id: string; label: string; sharePpm: number }>();
    for (const [site, sharePpm] of shares) {
      const { id, label } = key(site);
      sums.set(id, { id, label, sharePpm: Math.min(PPM, (sums.get(id)?.sharePpm ?? 0) + sharePpm) });
    }
    return [...sums.values()].sort((a, b) => b.sharePpm - a.sharePpm || (a.id < b.id ? -1 : 1));
  };
  const sites = by((site) => ({ id: site, label: siteOf(site)?.label ?? "" }));
  const suppliers = by((site) => ({
    id: siteOf(site)?.organisation ?? site,
    label: siteOf(site)?.organisationLabel ?? "",
  }));
  const countries = by((site) => ({ id: siteOf(site)?.country ?? "", label: siteOf(site)?.country ?? "" }));
  const hhi = (entries: readonly { sharePpm: number }[]) =>
    basis === "none" ? null : concentration(entries.map(({ sharePpm }) => sharePpm));
  const whole =
    [...shares.values()].reduce((sum, share) => sum + share, 0) >= PPM - ROUNDING_PPM * Math.max(1, shares.size);
  const single = (
    [
      ["site", sites],
      ["supplier", suppliers],
      ["country", countries],
    ] as const
  )
    .filter(([, entries]) => whole && entries.filter(({ sharePpm }) => sharePpm > 0).length === 1)
    .map(([level]) => level);
  return {
    basis,
    sites,
    suppliers,
    countries,
    hhiBySite: hhi(sites),
    hhiBySupplier: hhi(suppliers),
    hhiByCountry: hhi(countries),
    single,
  };
}

function sharesOf(
  makers: readonly string[],
  { capacities, purchases, buyersCount }: Sources,
): { basis: Answer["basis"]; shares: Map<string, number> } {
  const stated = new Map<string, bigint>();
  for (const { site, quantityPerYear } of capacities)
    stated.set(site, (stated.get(site) ?? 0n) + nanoOf(quantityPerYear));
  const total = [...stated.values()].reduce((sum, quantity) => sum + quantity, 0n);
  const known = new Set([...makers, ...purchases.map(({ site }) => site)]);
  if (total > 0n && [...known].every((site) => stated.has(site)))
    return {
      basis: "capacity",
      shares: new Map([...stated].map(([site, quantity]) => [site, Number((quantity * BigInt(PPM)) / total)])),
    };
  if (buyersCount > 0)
    return {
      basis: "purchases",
      shares: new Map(purchases.map(({ site, sharePpmSum }) => [site, Math.floor(sharePpmSum / buyersCount)])),
    };
  return { basis: "none", shares: new Map() };
}

function nanoOf(quantity: string): bigint {
  const [whole = "0", fraction = ""] = quantity.split(".");
  return BigInt(whole) * NANO + BigInt(fraction.padEnd(9, "0"));
}
