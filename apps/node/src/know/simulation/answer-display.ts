/** An answer as people read it: names and places of what it mentions, as of its instant, and a paragraph of its figures. */
import { simulation as contract } from "@holdfast/api";
import type { Registry, SiteSketch } from "../registry/index.ts";
import type { Answered } from "./engine.ts";
import type { RawAlternative } from "./raw-answer.ts";
import { paragraphOf } from "./paragraph.ts";
import type { Treatment } from "./treatment.ts";

export interface Names {
  site(id: string): SiteSketch | undefined;
  siteLabel(id: string): string;
  itemLabel(id: string): string;
  itemUnit(id: string): string;
}

export async function namesOf(
  registry: Registry,
  wanted: { readonly sites: Iterable<string>; readonly items: Iterable<string> },
  asOf: Date | undefined,
): Promise<Names> {
  const sites = await registry.sites([...new Set(wanted.sites)], asOf);
  const items = await registry.items([...new Set(wanted.items)], asOf);
  return {
    site: (id) => sites.get(id),
    siteLabel: (id) => sites.get(id)?.label ?? "",
    itemLabel: (id) => items.get(id)?.label ?? "",
    itemUnit: (id) => items.get(id)?.unit ?? "",
  };
}

export async function answerOf(
  registry: Registry,
  answered: Answered,
  asOf: { readonly read: Date | undefined; readonly shown: Date },
): Promise<contract.Answer> {
  const { answer, key, resultHash } = answered;
  const sites = new Set<string>();
  const items = new Set<string>();
  for (const stop of answer.sites) {
    sites.add(stop.site);
    if (stop.causeItem !== null) items.add(stop.causeItem);
  }
  for (const { site, item } of answer.products) {
    sites.add(site);
    items.add(item);
  }
  for (const { buyer, supplier, item } of answer.alternatives) {
    sites.add(buyer).add(supplier);
    items.add(item);
  }
  mention(answer.treatments, sites, items);
  const names = await namesOf(registry, { sites, items }, asOf.read);
  const organisations = await registry.organisationNames(
    answer.pools.flatMap(({ members }) => members.map(({ organisation }) => organisation)),
    asOf.read,
  );
  const shown: Omit<contract.Answer, "paragraph"> = {
    ...answer,
    manifest: { ...key, resultHash, asOf: asOf.shown.toISOString() },
    counts: { ...answer.counts, countries: new Set(answer.sites.map(({ site }) => names.site(site)?.country)).size },
    sites: answer.sites.map(({ causeItem, ...stop }) => {
      const sketch = names.site(stop.site);
      return {
        ...stop,
        label: sketch?.label ?? "",
        country: sketch?.country ?? "",
        organisationLabel: sketch?.organisationLabel ?? "",
        position: sketch?.position ?? null,
        bridgeDays: bridge(stop.missingFrom, stop.shortFrom),
        cause: causeItem === null ? null : { item: causeItem, itemLabel: names.itemLabel(causeItem) },
      };
    }),
    products: answer.products.map((product) => ({
      ...product,
      siteLabel: names.siteLabel(product.site),
      itemLabel: names.itemLabel(product.item),
      unit: names.itemUnit(product.item),
      bridgeDays: bridge(product.missingFrom, product.unservedFrom),
    })),
    alternatives: answer.alternatives.map((each) => alternativeOf(each, names)),
    pools: answer.pools.map(({ pool, rule, members }) => ({
      pool,
      rule,
      members: members.map((member) => ({
        ...member,
        label: organisations.get(member.organisation) ?? "",
        gainMinor: member.lossAloneMinor - member.lossPooledMinor,
      })),
    })),
    treatments: treatmentsOf(answer.treatments, names),
  };
  return { ...shown, paragraph: paragraphOf(shown) };
}

export function alternativeOf(
  { buyer, supplier, item, ...each }: RawAlternative,
  names: Names,
): contract.Answer["alternatives"][number] {
  return {
    ...each,
    buyer: { id: buyer, label: names.siteLabel(buyer) },
    item: { id: item, label: names.itemLabel(item) },
    supplier: { id: supplier, label: names.siteLabel(supplier) },
    supplierCountry: names.site(supplier)?.country ?? "",
  };
}

function bridge(missingFrom: number | null, until: number): number {
  return missingFrom === null ? 0 : Math.max(0, until - missingFrom);
}

export function mention(treatments: readonly Treatment[], sites: Set<string>, items: Set<string>): void {
  for (const { examples } of treatments)
    for (const { site, item } of examples) {
      if (site !== null) sites.add(site);
      if (item !== null) items.add(item);
    }
}

export function treatmentsOf(treatments: readonly Treatment[], names: Names): contract.Answer["treatments"] {
  return treatments.map(({ code, count, examples }) => ({
    code,
    text: contract.TREATMENTS[code],
    count,
    examples: examples.map(({ site, item }) => ({
      site: site === null ? null : { id: site, label: names.siteLabel(site) },
      item: item === null ? null : { id: item, label: names.itemLabel(item) },
    })),
  }));
}
