/** A look-through in the contract's form: reads the names of what is shown, and of nothing else. */
import type { risk } from "@holdfast/api";
import type { Registry, SupplyChain } from "../registry/index.ts";
import { lookThrough, type LookThroughResult } from "./look-through.ts";

type Answer = Pick<
  risk.LookThrough,
  "sites" | "suppliers" | "countries" | "materials" | "counts" | "cycles" | "complete" | "truncated"
>;

/** Looks through a chain, letting others work now and then: each part takes some tens of milliseconds at most. */
export async function answerChain(
  registry: Registry,
  chain: SupplyChain,
  { limit, asOf }: { limit: number; asOf: Date | undefined },
): Promise<Answer> {
  const work = lookThrough(chain, limit);
  let step = work.next();
  for (; !step.done; step = work.next()) await new Promise((resolve) => setImmediate(resolve));
  return named(registry, chain, step.value, asOf);
}

async function named(
  registry: Registry,
  chain: SupplyChain,
  { sites, suppliers, countries, materials, counts, cycles, complete }: LookThroughResult,
  asOf: Date | undefined,
): Promise<Answer> {
  const steps = cycles.flat();
  const siteNumber = (place: number) => chain.siteNumbers[place]!; // results name places of the chain
  const itemNumber = (place: number) => chain.itemNumbers[place]!; // as above
  const mentionedSites = [...sites.map(({ site }) => site), ...steps.map((step) => chain.stepSite[step]!)]; // loops hold steps of the chain
  const mentionedItems = [
    ...sites.flatMap(({ items }) => items),
    ...materials.map(({ item }) => item),
    ...steps.map((step) => chain.stepItem[step]!), // as above
  ];
  const siteFacts = await registry.sitesByNumber([...new Set(mentionedSites.map(siteNumber))], asOf);
  const itemFacts = await registry.itemsByNumber([...new Set(mentionedItems.map(itemNumber))], asOf);
  const organisations = await registry.organisationNames(
    suppliers.map(({ organisation }) => organisation),
    asOf,
  );
  const siteOf = (place: number) => siteFacts.get(siteNumber(place))!; // a chain's sites and items are of its instant
  const itemOf = (place: number) => itemFacts.get(itemNumber(place))!; // as above
  return {
    sites: sites.map(({ site, dependencePpm, depth, items }) => {
      const { id, label, kind, country, organisation, organisationLabel, tier } = siteOf(site);
      const ids = items.map((item) => itemOf(item).id);
      return { id, label, dependencePpm, kind, country, organisation, organisationLabel, tier, depth, items: ids };
    }),
    suppliers: suppliers.map(({ organisation, ...supplier }) => ({
      id: organisation,
      label: organisations.get(organisation) ?? "",
      ...supplier,
    })),
    countries: [...countries],
    materials: materials.map(({ item, ...material }) => {
      const { id, label, kind, mineral } = itemOf(item);
      return { id, label, kind, mineral: mineral?.mineral ?? null, ...material };
    }),
    counts,
    cycles: cycles.map((loop) =>
      loop.map((step) => {
        const [site, item] = [siteOf(chain.stepSite[step]!), itemOf(chain.stepItem[step]!)]; // as above
        return { site: site.id, siteLabel: site.label, item: item.id, itemLabel: item.label };
      }),
    ),
    complete,
    truncated: chain.truncated,
  };
}
