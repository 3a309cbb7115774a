/** The columns of every table of sites. */
import type { registry } from "@holdfast/api";
import type { Column } from "../../table/column.ts";
import { StateBadge } from "../../ui/state-badge.tsx";
import { withAsOf } from "../as-of/as-of.tsx";
import { TIER_LOOKS, tierName } from "../looks.ts";
import { countryColumn, observedColumn, updatedColumn } from "./common-columns.tsx";

/** `labels` names the organisations; links stay at the instant that is looked at. */
export function siteColumns(
  labels: Readonly<Record<string, string>>,
  asOf: string | undefined,
): readonly Column<registry.Site>[] {
  return [
    { id: "name", header: "Site", value: (site) => site.name },
    { id: "kind", header: "Kind", value: (site) => site.kind, width: 105 },
    countryColumn(),
    {
      id: "organisation",
      header: "Organisation",
      value: (site) => labels[site.organisation] ?? site.organisation,
      cell: (site) => (
        <a href={withAsOf(`/know/organisations/${site.organisation}`, asOf)}>
          {labels[site.organisation] ?? site.organisation}
        </a>
      ),
      width: 210,
    },
    {
      id: "tier",
      header: "Tier",
      value: (site) => TIER_LOOKS[tierName(site.tier)].word,
      cell: (site) => <StateBadge state={tierName(site.tier)} looks={TIER_LOOKS} />,
      width: 140,
    },
    { id: "replaceDays", header: "To replace", unit: "d", value: (site) => site.replaceDays, align: "end", width: 110 },
    observedColumn(),
    updatedColumn(),
    { id: "publicSafety", header: "Public safety", value: (site) => site.publicSafety, width: 130, isExtra: true },
    { id: "gln", header: "GLN", value: (site) => site.gln, width: 140, isExtra: true },
    { id: "source", header: "Source", value: (site) => site.evidence.source, width: 220, isExtra: true },
    { id: "id", header: "Identifier", value: (site) => site.id, width: 300, isExtra: true },
  ];
}
