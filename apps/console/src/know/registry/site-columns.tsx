/** The columns of every table of sites. */
import type { registry } from "@holdfast/api";
import type { Column } from "../../table/column.ts";
import { StateBadge } from "../../ui/state-badge.tsx";
import { Time } from "../../ui/time.tsx";
import { countryName } from "../country-name.ts";
import { TIER_LOOKS, tierName } from "../looks.ts";

/** `labels` names the organisations. */
export function siteColumns(labels: Readonly<Record<string, string>>): readonly Column<registry.Site>[] {
  return [
    { id: "name", header: "Site", value: (site) => site.name },
    { id: "kind", header: "Kind", value: (site) => site.kind, width: 120 },
    { id: "country", header: "Country", value: (site) => countryName(site.country), width: 150 },
    {
      id: "organisation",
      header: "Organisation",
      value: (site) => labels[site.organisation] ?? site.organisation,
      cell: (site) => (
        <a href={`/know/organisations/${site.organisation}`}>{labels[site.organisation] ?? site.organisation}</a>
      ),
      width: 240,
    },
    {
      id: "tier",
      header: "Tier",
      value: (site) => TIER_LOOKS[tierName(site.tier)].word,
      cell: (site) => <StateBadge state={tierName(site.tier)} looks={TIER_LOOKS} />,
      width: 160,
    },
    { id: "replaceDays", header: "To replace", unit: "d", value: (site) => site.replaceDays, align: "end", width: 120 },
    {
      id: "observedAt",
      header: "Observed",
      value: (site) => site.evidence.observedAt,
      cell: (site) => <Time at={site.evidence.observedAt} as="age" />,
      width: 110,
    },
    { id: "publicSafety", header: "Public safety", value: (site) => site.publicSafety, width: 130, isExtra: true },
    { id: "gln", header: "GLN", value: (site) => site.gln, width: 140, isExtra: true },
    { id: "source", header: "Source", value: (site) => site.evidence.source, width: 220, isExtra: true },
    { id: "id", header: "Identifier", value: (site) => site.id, width: 300, isExtra: true },
  ];
}
