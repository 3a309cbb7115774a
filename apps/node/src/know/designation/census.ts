/** Measures of sites from the registry: of all of them in one walk over its columns, or of one. */
import { designation } from "@holdfast/api";
import type { Registry } from "../registry/index.ts";
import { dependentsCounter } from "./dependents.ts";
import { outputShares, type SiteMeasures, type SiteOutput } from "./measure.ts";

type Census = Awaited<ReturnType<Registry["census"]>>;
type SiteCensus = NonNullable<Awaited<ReturnType<Registry["siteCensus"]>>>;

/** How far the counts must go for some rules to be decided; 0 where no rule asks. */
export interface CountLimits {
  readonly dependents: number;
  readonly soleDependents: number;
}

export function countLimits(rules: readonly designation.CriteriaRule[]): CountLimits {
  const largest = (through: "any-input" | "sole-essential-input") =>
    Math.max(
      0,
      ...rules.flatMap(({ all }) =>
        all.flatMap((condition) =>
          condition.measure === "dependent-sites" && condition.through === through ? [condition.atLeast] : [],
        ),
      ),
    );
  return { dependents: largest("any-input"), soleDependents: largest("sole-essential-input") };
}

/** The measures of every site, one at a time: the caller can pause between two. */
export function* measureAll(census: Census, limits: CountLimits): Generator<SiteMeasures> {
  const { sites } = census;
  const sitesCount = sites.length;
  const countAll = dependentsCounter({ sitesCount, from: census.from, to: census.to });
  const countSole = dependentsCounter({ sitesCount, from: census.soleFrom, to: census.soleTo });
  const place = new Map(sites.map(({ number }, i) => [number, i]));
  const outputsOf = new Map<number, Census["outputs"][number][]>();
  const makersOf = new Map<number, number>();
  const makersInCountry = new Map<string, number>();
  for (const output of census.outputs) {
    const at = place.get(output.site);
    if (at === undefined) continue; // of a retired site
    outputsOf.set(at, [...(outputsOf.get(at) ?? []), output]);
    makersOf.set(output.item, (makersOf.get(output.item) ?? 0) + 1);
    const inCountry = `${output.item} ${sites[at]?.country}`;
    makersInCountry.set(inCountry, (makersInCountry.get(inCountry) ?? 0) + 1);
  }
  for (const [at, { id, kind, country, publicSafety, replaceDays }] of sites.entries()) {
    const outputs = (outputsOf.get(at) ?? []).flatMap((output): SiteOutput[] => {
      const facts = census.items.get(output.item);
      if (!facts) return []; // of a merged item that became a retired one
      const others = {
        otherMakers: (makersOf.get(output.item) ?? 1) - 1,
        otherMakersInCountry: (makersInCountry.get(`${output.item} ${country}`) ?? 1) - 1,
      };
      return [outputOf({ ...output, ...others, facts, country })];
    });
    yield {
      site: id,
      kind,
      country,
      publicSafety: publicSafety ?? undefined,
      replaceDays: replaceDays ?? undefined,
      outputs,
      dependents: countAll(at, limits.dependents),
      soleDependents: countSole(at, limits.soleDependents),
    };
  }
}

/** The measures of one site as the registry stands now; undefined when there is no such active site. */
export async function measureOne(registry: Registry, id: string): Promise<SiteMeasures | undefined> {
  const census = await registry.siteCensus(id, designation.DEPENDENTS_COUNTED_MAX);
  if (!census) return undefined;
  const { site, outputs, dependents, soleDependents } = census;
  return {
    site: site.id,
    kind: site.kind,
    country: site.country,
    publicSafety: site.publicSafety ?? undefined,
    replaceDays: site.replaceDays ?? undefined,
    outputs: outputs.map((output) => outputOf({ ...output, country: site.country })),
    dependents,
    soleDependents,
  };
}

function outputOf(output: SiteCensus["outputs"][number] & { country: string }): SiteOutput {
  const { facts, country } = output;
  const shares = outputShares({
    unit: facts.unit,
    mineral: facts.mineral ?? undefined,
    country,
    quantityPerYear: output.quantityPerYear ?? undefined,
    outputPerYear: output.outputPerYear ?? undefined,
    worldSharePpm: output.worldSharePpm ?? undefined,
    nationalSharePpm: output.nationalSharePpm ?? undefined,
  });
  return {
    itemLabel: facts.label,
    listed: facts.listed,
    ...shares,
    otherMakers: output.otherMakers,
    otherMakersInCountry: output.otherMakersInCountry,
  };
}
