/** Minerals: who leads the world's production at each stage, and how concentrated that is. */
import { mineral, registry } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useAnswer } from "../../shell/queries.ts";
import { defined } from "../../shell/search-params.ts";
import { useSearchChange } from "../../shell/table-search.ts";
import type { Column } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { mapState } from "../../ui/load-state.ts";
import { Page } from "../../ui/page.tsx";
import { Badge } from "../../ui/state-badge.tsx";
import { formatHhi, hhiLook } from "../hhi.ts";
import { CountryFilter, WordFilter } from "../registry/filters.tsx";
import { shareColumn } from "../risk/origin-columns.tsx";
import { Citation } from "./citation.tsx";
import { figureText } from "./figure.ts";

const route = getRouteApi("/shell/know/minerals");

interface SeriesRow {
  readonly mineral: mineral.MineralSummary;
  readonly series: mineral.MineralSummary["series"][number];
}

const COLUMNS: readonly Column<SeriesRow>[] = [
  { id: "mineral", header: "Mineral", value: (row) => row.mineral.name, width: 150 },
  { id: "stage", header: "Stage", value: (row) => row.series.stage, width: 85 },
  { id: "product", header: "What is counted", value: (row) => row.series.product },
  { id: "top", header: "Leads", value: (row) => row.series.top?.name, width: 130 },
  shareColumn({ id: "topShare", header: "Of the world", ppm: (row) => row.series.top?.sharePpm, width: 130 }),
  {
    id: "hhi",
    header: "HHI",
    value: (row) => row.series.hhi?.high,
    cell: (row) => (row.series.hhi ? formatHhi(row.series.hhi) : "unknown"),
    align: "end",
    width: 125,
  },
  {
    id: "concentration",
    header: "That is",
    value: (row) => row.series.hhi && hhiLook(row.series.hhi).word,
    cell: (row) => row.series.hhi && <Badge {...hhiLook(row.series.hhi)} />,
    width: 185,
  },
  {
    id: "world",
    header: "World",
    value: (row) => row.series.world?.amount,
    cell: (row) => (row.series.world ? figureText(row.series.world, row.series.unit) : "unknown"),
    align: "end",
    width: 150,
  },
  {
    id: "year",
    header: "Year",
    value: (row) => row.series.latestYear,
    cell: (row) => String(row.series.latestYear),
    align: "end",
    width: 80,
    isExtra: true,
  },
  { id: "lists", header: "On lists", value: (row) => row.mineral.lists.join("; "), width: 240, isExtra: true },
];

export function MineralsPage() {
  const { stage, country, ...view } = route.useSearch();
  const change = useSearchChange();
  const { state } = useAnswer(mineral.listMinerals, { query: defined({ stage, country }) });
  const rows = mapState(state, (answer) =>
    answer.items.flatMap((one) => one.series.map((series): SeriesRow => ({ mineral: one, series }))),
  );
  return (
    <Page
      title="Which country produces what the world's supply rests on?"
      meaning={
        state.kind === "ready" ? <Citation citation={state.value.citation} /> : "Published production statistics."
      }
    >
      <DataTable
        caption="Minerals"
        columns={COLUMNS}
        state={rows}
        rowId={(row) => `${row.mineral.id} ${row.series.stage} ${row.series.product}`}
        href={(row) => `/know/minerals/${row.mineral.id}?${new URLSearchParams({ series: row.series.product })}`}
        empty={{ what: "No mineral fits these filters." }}
        view={view}
        onView={(next) => change({ ...next })}
        actions={
          <>
            <WordFilter
              name="Stage"
              any="Every stage"
              words={registry.MINERAL_STAGES}
              value={stage}
              onChange={(next) => change({ stage: next })}
            />
            <CountryFilter value={country} onChange={(next) => change({ country: next })} />
          </>
        }
      />
    </Page>
  );
}
