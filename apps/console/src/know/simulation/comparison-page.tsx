/** Two runs side by side: what changed, and whether it was the facts or the question. */
import { simulation } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useAnswer } from "../../shell/queries.ts";
import { useSearchChange } from "../../shell/table-search.ts";
import type { Column } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { formatShare } from "../../ui/format.ts";
import { ready } from "../../ui/load-state.ts";
import { EmptyState, Loaded } from "../../ui/notice.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { countryName } from "../country-name.ts";
import { major, moneyText } from "./money.ts";

const route = getRouteApi("/shell/know/comparison");

export function ComparisonPage() {
  const { left, right, ...view } = route.useSearch();
  const change = useSearchChange();
  const isAsked = left !== undefined && right !== undefined;
  const { state } = useAnswer(
    simulation.compareRuns,
    { query: { left: left ?? "", right: right ?? "" } },
    { isOff: !isAsked },
  );
  return (
    <Page
      breadcrumbs={[{ label: "What stops if …?", href: "/know/what-if" }]}
      title="What is different between these two answers?"
      meaning="Equal facts and another question, or the same question on another day's facts."
    >
      {isAsked ? (
        <Loaded state={state} lines={8}>
          {(both) => (
            <>
              <p>
                {both.left.name} and {both.right.name}:{" "}
                {both.sameInputs ? "both on the same facts." : "the registry changed between them."}
              </p>
              <Section title="Figures">
                <DataTable
                  caption="Figures of both"
                  isBrief
                  columns={figureColumns(both)}
                  state={ready(both.figures)}
                  rowId={(row) => row.name}
                  empty={{ what: "Nothing to compare." }}
                  view={{}}
                  onView={() => undefined}
                />
              </Section>
              <Section title="Products whose loss differs">
                <DataTable
                  caption="Products whose loss differs"
                  columns={productColumns(both)}
                  state={ready(both.products)}
                  rowId={(row) => `${row.site} ${row.item}`}
                  href={(row) => `/know/items/${row.item}?site=${row.site}`}
                  empty={{ what: "Every product loses the same in both." }}
                  view={view}
                  onView={(next) => change({ ...next })}
                />
              </Section>
              <Section title="Sites whose lost output differs">
                <DataTable
                  caption="Sites whose lost output differs"
                  isBrief
                  columns={siteColumns()}
                  state={ready(both.sites)}
                  rowId={(row) => row.site}
                  href={(row) => `/know/sites/${row.site}`}
                  empty={{ what: "Every site loses the same in both." }}
                  view={{}}
                  onView={() => undefined}
                />
              </Section>
            </>
          )}
        </Loaded>
      ) : (
        <EmptyState
          what="Open a scenario's page and choose “compare” beside one of its runs."
          start={<a href="/know/what-if">Saved scenarios</a>}
        />
      )}
    </Page>
  );
}

type Both = simulation.Comparison;

function figureColumns({ left, right }: Both): readonly Column<Both["figures"][number]>[] {
  const text = (row: Both["figures"][number], value: number | null) => {
    if (value === null) return "beyond";
    const isMoney = row.unit === (left.currency ?? right.currency ?? "") && row.unit !== "";
    return isMoney ? moneyText(value, row.unit) : `${Math.round(value)} ${row.unit}`.trim();
  };
  return [
    { id: "name", header: "Figure", value: (row) => row.name },
    { id: "left", header: "Left", value: (row) => text(row, row.left), align: "end", width: 200 },
    { id: "right", header: "Right", value: (row) => text(row, row.right), align: "end", width: 200 },
  ];
}

function productColumns({ left }: Both): readonly Column<Both["products"][number]>[] {
  const money = left.currency ? { unit: left.currency } : {};
  return [
    { id: "item", header: "Product", value: (row) => row.itemLabel },
    { id: "site", header: "Made at", value: (row) => row.siteLabel, width: 260 },
    {
      id: "left",
      header: "Left",
      ...money,
      value: (row) => major(row.leftMinor ?? 0, left.currency),
      align: "end",
      width: 180,
    },
    {
      id: "right",
      header: "Right",
      ...money,
      value: (row) => major(row.rightMinor ?? 0, left.currency),
      align: "end",
      width: 180,
    },
  ];
}

function siteColumns(): readonly Column<Both["sites"][number]>[] {
  const part = (ppm: number | null) => (ppm === null ? "none" : `${formatShare(ppm)} %`);
  return [
    { id: "label", header: "Site", value: (row) => row.label },
    { id: "country", header: "Country", value: (row) => countryName(row.country), width: 160 },
    {
      id: "left",
      header: "Left",
      value: (row) => row.leftPpm,
      cell: (row) => part(row.leftPpm),
      align: "end",
      width: 140,
    },
    {
      id: "right",
      header: "Right",
      value: (row) => row.rightPpm,
      cell: (row) => part(row.rightPpm),
      align: "end",
      width: 140,
    },
  ];
}
