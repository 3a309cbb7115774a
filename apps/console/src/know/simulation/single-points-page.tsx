/** What alone stops a product, counting every qualified source: sites, suppliers, countries, items. */
import { simulation } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useAnswer } from "../../shell/queries.ts";
import { useSearchChange } from "../../shell/table-search.ts";
import type { Column } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { mapState } from "../../ui/load-state.ts";
import { Page } from "../../ui/page.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { countryName } from "../country-name.ts";
import { major } from "./money.ts";
import { Treatments } from "./treatments.tsx";

const route = getRouteApi("/shell/know/single-points");
type Level = (typeof simulation.SINGLE_POINT_LEVELS)[number];

export function SinglePointsPage() {
  const { level = "site", ...view } = route.useSearch();
  const change = useSearchChange();
  const { state } = useAnswer(simulation.listSinglePoints, { query: { level } });
  const currency = state.kind === "ready" ? state.value.currency : null;
  return (
    <Page
      title="What alone stops a product?"
      meaning="Exact over the whole chain: without it some product can't be made, whatever stocks there are and whoever else is qualified."
    >
      <Tabs
        label="Single points by"
        tabs={[
          { name: "site", label: "Site" },
          { name: "supplier", label: "Supplier" },
          { name: "country", label: "Country" },
          { name: "item", label: "Item" },
        ]}
        chosen={level}
        onChoose={(name) => change({ level: name === "site" ? undefined : name, row: undefined, filter: undefined })}
      >
        <DataTable
          caption="Single points of failure"
          columns={columnsOf(level, currency)}
          state={mapState(state, ({ items }) => items)}
          rowId={(row) => row.id}
          href={(row) => whatIfOf(level, row.id)}
          empty={{
            what: "Nothing at this level stops a product alone: every essential input has a second source, down to the raw end.",
          }}
          view={view}
          onView={(next) => change({ ...next })}
        />
      </Tabs>
      {state.kind === "ready" && <Treatments treatments={state.value.treatments} />}
    </Page>
  );
}

/** A single point leads to the question that it raises. */
function whatIfOf(level: Level, id: string): string {
  return `/know/what-if?parts=${level}.${id}.30`;
}

function columnsOf(level: Level, currency: string | null): readonly Column<simulation.SinglePoint>[] {
  return [
    { id: "label", header: "Without", value: (row) => (level === "country" ? countryName(row.id) : row.label) },
    ...(level === "site"
      ? [
          {
            id: "country",
            header: "Country",
            value: (row: simulation.SinglePoint) => row.country && countryName(row.country),
            width: 140,
          },
        ]
      : []),
    { id: "products", header: "Products that stop", value: (row) => row.productsCount, align: "end", width: 170 },
    { id: "processes", header: "Steps that stop", value: (row) => row.stopsProcesses, align: "end", width: 150 },
    {
      id: "margin",
      header: "Their margin a year",
      ...(currency ? { unit: currency } : {}),
      value: (row) => major(row.marginPerYearMinor, currency),
      align: "end",
      width: 230,
    },
    {
      id: "which",
      header: "Among them",
      value: (row) =>
        row.products
          .slice(0, 3)
          .map(({ item, site }) => `${item.label} (${site.label})`)
          .join(", "),
      width: 420,
    },
  ];
}
