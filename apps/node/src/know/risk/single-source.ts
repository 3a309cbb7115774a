/** Inputs with one source only: one site, one supplier or one country delivers all of an input. */
import type { registry, risk } from "@holdfast/api";
import type { SiteSketch, Version } from "../registry/index.ts";

const PPM = 1_000_000;
const ROUNDING_PPM = 10; // shares such as 333,333 three times leave no unknown supplier

type Level = risk.SingleSource["level"];
type Group = registry.Recipe["groups"][number];

export interface Single {
  readonly groupIndex: number;
  readonly group: Group;
  /** Id of the one site or supplier, or code of the one country. */
  readonly source: string;
}

/** The inputs of `recipe` that have one source at `level`. An input with unknown suppliers, or none, is not one of them. */
export function singleSources(
  recipe: Version<"recipe">,
  level: Level,
  siteOf: (id: string) => SiteSketch | undefined,
): Single[] {
  return recipe.body.groups.flatMap((group, groupIndex) => {
    const known = group.suppliers.reduce((sum, { sharePpm }) => sum + sharePpm, 0);
    if (known < PPM - ROUNDING_PPM) return [];
    const sources = new Set(
      group.suppliers
        .filter(({ sharePpm }) => sharePpm > 0)
        .map(({ site }) => sourceAt(level, siteOf(site)) ?? `unknown ${site}`),
    );
    const [source] = sources;
    return sources.size === 1 && source !== undefined ? [{ groupIndex, group, source }] : [];
  });
}

function sourceAt(level: Level, site: SiteSketch | undefined): string | undefined {
  return site && { site: site.id, supplier: site.organisation, country: site.country }[level];
}
