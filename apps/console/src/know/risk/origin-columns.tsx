/** The columns of a look-through's four tables. Dependence comes first: it is what they are sorted by. */
import type { risk } from "@holdfast/api";
import type { CellValue, Column } from "../../table/column.ts";
import { formatShare } from "../../ui/format.ts";
import { Badge, StateBadge } from "../../ui/state-badge.tsx";
import { countryName } from "../country-name.ts";
import { formatHhi, hhiLook } from "../hhi.ts";
import { TIER_LOOKS, tierName } from "../looks.ts";

type Row<List extends "sites" | "suppliers" | "countries" | "materials"> = risk.LookThrough[List][number];

/** A column of parts per million, shown and downloaded as percent. */
export function shareColumn<Row>(options: {
  id: string;
  header: string;
  ppm: (row: Row) => number | null | undefined;
  width?: number;
}): Column<Row> {
  const percent = (row: Row): CellValue => {
    const ppm = options.ppm(row);
    return ppm === null || ppm === undefined ? undefined : ppm / 10_000;
  };
  return {
    id: options.id,
    header: options.header,
    unit: "%",
    value: percent,
    cell: (row) => {
      const ppm = options.ppm(row);
      return ppm === null || ppm === undefined ? "unknown" : formatShare(ppm);
    },
    align: "end",
    width: options.width ?? 140,
  };
}

export const materialColumns: readonly Column<Row<"materials">>[] = [
  { id: "label", header: "Material", value: (one) => one.label },
  shareColumn({ id: "dependence", header: "Dependence", ppm: (one) => one.dependencePpm }),
  {
    id: "single",
    header: "One source only",
    value: (one) => one.single.join(", "),
    cell: (one) =>
      one.single.length === 0 ? "no" : <Badge word={`one ${one.single.join(", one ")}`} tone="attention" />,
    width: 230,
  },
  {
    id: "hhiByCountry",
    header: "HHI by country",
    value: (one) => one.hhiByCountry.high,
    cell: (one) => formatHhi(one.hhiByCountry),
    align: "end",
    width: 150,
  },
  {
    id: "concentration",
    header: "That is",
    value: (one) => hhiLook(one.hhiByCountry).word,
    cell: (one) => <Badge {...hhiLook(one.hhiByCountry)} />,
    width: 200,
  },
  { id: "countriesCount", header: "Countries", value: (one) => one.countriesCount, align: "end", width: 100 },
  { id: "suppliersCount", header: "Suppliers", value: (one) => one.suppliersCount, align: "end", width: 100 },
  { id: "sitesCount", header: "Sites", value: (one) => one.sitesCount, align: "end", width: 80 },
  shareColumn({ id: "unknown", header: "Unknown origin", ppm: (one) => one.unknownPpm, width: 150 }),
  { id: "raw", header: "Raw end", value: (one) => one.raw, width: 90, isExtra: true },
  {
    id: "hhiBySupplier",
    header: "HHI by supplier",
    value: (one) => one.hhiBySupplier.high,
    cell: (one) => formatHhi(one.hhiBySupplier),
    align: "end",
    width: 150,
    isExtra: true,
  },
];

export const countryColumns: readonly Column<Row<"countries">>[] = [
  { id: "country", header: "Country", value: (one) => countryName(one.country) },
  shareColumn({ id: "dependence", header: "Dependence", ppm: (one) => one.dependencePpm }),
  { id: "suppliersCount", header: "Suppliers", value: (one) => one.suppliersCount, align: "end", width: 120 },
  { id: "sitesCount", header: "Sites", value: (one) => one.sitesCount, align: "end", width: 120 },
];

export const supplierColumns: readonly Column<Row<"suppliers">>[] = [
  { id: "label", header: "Supplier", value: (one) => one.label },
  shareColumn({ id: "dependence", header: "Dependence", ppm: (one) => one.dependencePpm }),
  { id: "country", header: "Country", value: (one) => countryName(one.country), width: 180 },
  { id: "sitesCount", header: "Sites", value: (one) => one.sitesCount, align: "end", width: 120 },
];

export const siteColumns: readonly Column<Row<"sites">>[] = [
  { id: "label", header: "Site", value: (one) => one.label },
  shareColumn({ id: "dependence", header: "Dependence", ppm: (one) => one.dependencePpm }),
  { id: "kind", header: "Kind", value: (one) => one.kind, width: 120 },
  { id: "country", header: "Country", value: (one) => countryName(one.country), width: 150 },
  {
    id: "organisation",
    header: "Organisation",
    value: (one) => one.organisationLabel,
    cell: (one) => <a href={`/know/organisations/${one.organisation}`}>{one.organisationLabel}</a>,
    width: 230,
  },
  { id: "depth", header: "Steps away", value: (one) => one.depth, align: "end", width: 120 },
  {
    id: "tier",
    header: "Tier",
    value: (one) => TIER_LOOKS[tierName(one.tier)].word,
    cell: (one) => <StateBadge state={tierName(one.tier)} looks={TIER_LOOKS} />,
    width: 160,
  },
];
