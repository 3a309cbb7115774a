/** Inputs that have one source only: by site, by supplier, by country. */
import { registry, risk } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useListing } from "../../shell/queries.ts";
import { defined } from "../../shell/search-params.ts";
import { useSearchChange } from "../../shell/table-search.ts";
import type { Column } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { Page } from "../../ui/page.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { countryName } from "../country-name.ts";
import { WordFilter } from "../registry/filters.tsx";

const route = getRouteApi("/shell/know/single-sources");

const BOUGHT_WORDS = { goods: "Goods", services: "Services", both: "Goods and services" } as const;
const BOUGHT_TEXTS = {
  goods:
    "Goods only: nearly every site has one grid and one water main, so services are left out until you ask for them.",
  services: "Services only: power, water, gas and the like.",
  both: "Goods and services such as power and water.",
} as const;

export function SingleSourcesPage() {
  const { level = "site", essentiality, bought = "goods", ...view } = route.useSearch();
  const change = useSearchChange();
  const { state, more } = useListing(risk.listSingleSources, {
    query: { level, ...defined({ essentiality, bought: bought === "both" ? undefined : bought }), limit: 500 },
  });
  return (
    <Page
      title="Where is there only one source?"
      meaning={`If the one source fails, the input is gone: its stock is the time there is, a switch is the time it takes. ${BOUGHT_TEXTS[bought]}`}
    >
      <Tabs
        label="One source by"
        tabs={[
          { name: "site", label: "One site" },
          { name: "supplier", label: "One supplier" },
          { name: "country", label: "One country" },
        ]}
        chosen={level}
        onChoose={(name) => change({ level: name === "site" ? undefined : name, row: undefined })}
      >
        <DataTable
          caption="Single sources"
          columns={columnsOf(level)}
          state={state}
          more={more}
          rowId={(one) => `${one.recipe} ${one.group} ${one.source.id}`}
          href={(one) => `/know/items/${one.makes}?site=${one.site}`}
          empty={{ what: "Every input in the registry has more than one source at this level." }}
          view={view}
          onView={(next) => change({ ...next })}
          actions={
            <>
              <WordFilter
                name="What is bought"
                any={BOUGHT_WORDS.goods}
                words={{ services: BOUGHT_WORDS.services, both: BOUGHT_WORDS.both }}
                value={bought === "goods" ? undefined : bought}
                onChange={(next) => change({ bought: next, row: undefined })}
              />
              <WordFilter
                name="Essentiality"
                any="Every essentiality"
                words={registry.ESSENTIALITIES}
                value={essentiality}
                onChange={(next) => change({ essentiality: next })}
              />
            </>
          }
        />
      </Tabs>
    </Page>
  );
}

function columnsOf(level: "site" | "supplier" | "country"): readonly Column<risk.SingleSource>[] {
  return [
    { id: "makes", header: "Product", value: (one) => one.makesLabel },
    {
      id: "site",
      header: "Made at",
      value: (one) => one.siteLabel,
      cell: (one) => <a href={`/know/sites/${one.site}`}>{one.siteLabel}</a>,
      width: 220,
    },
    { id: "group", header: "Input", value: (one) => one.group, width: 180 },
    {
      id: "source",
      header: "The one source",
      value: (one) => (level === "country" ? countryName(one.source.id) : one.source.label),
      cell: (one) => <Source level={level} source={one.source} />,
      width: 220,
    },
    { id: "essentiality", header: "Essentiality", value: (one) => one.essentiality, width: 120 },
    { id: "stockDays", header: "Stock", unit: "d", value: (one) => one.stockDays, align: "end", width: 90 },
    { id: "switchDays", header: "Switch", unit: "d", value: (one) => one.switchDays, align: "end", width: 95 },
    { id: "gapDays", header: "Gap", unit: "d", value: gapDays, align: "end", width: 80 },
    {
      id: "items",
      header: "What is bought",
      value: (one) => one.items.map((item) => item.label).join(", "),
      width: 220,
      isExtra: true,
    },
  ];
}

/** How long there is nothing: until a switch takes effect, less what the stock bridges. Unknown where either is. */
function gapDays({ stockDays, switchDays }: risk.SingleSource): number | undefined {
  return stockDays === null || switchDays === null ? undefined : Math.max(0, switchDays - stockDays);
}

function Source({ level, source }: { level: "site" | "supplier" | "country"; source: { id: string; label: string } }) {
  if (level === "country") return <a href={`/know/sites?country=${source.id}`}>{countryName(source.id)}</a>;
  const kind = level === "site" ? "sites" : "organisations";
  return <a href={`/know/${kind}/${source.id}`}>{source.label}</a>;
}
