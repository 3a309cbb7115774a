/** One mineral: world production by country, stage by stage, with shares and what the statistics leave out. */
import { mineral } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { BarChart } from "../../chart/bar-chart.tsx";
import { useAnswer } from "../../shell/queries.ts";
import { useSearchChange } from "../../shell/table-search.ts";
import type { Column, TableView } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { Facts } from "../../ui/facts.tsx";
import { formatShare } from "../../ui/format.ts";
import { ready } from "../../ui/load-state.ts";
import { Loaded, Partial } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { Badge } from "../../ui/state-badge.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { formatHhi, hhiLook } from "../hhi.ts";
import { shareColumn } from "../risk/origin-columns.tsx";
import { Citation } from "./citation.tsx";
import { figureText } from "./figure.ts";

const route = getRouteApi("/shell/know/minerals/$mineralId");

export function MineralPage() {
  const { mineralId } = route.useParams();
  const { series: wanted, ...view } = route.useSearch();
  const change = useSearchChange();
  const { state } = useAnswer(mineral.getMineral, { params: { mineral: mineralId } });
  const one = state.kind === "ready" ? state.value : undefined;
  return (
    <Page
      breadcrumbs={[{ label: "Minerals", href: "/know/minerals" }]}
      title={one ? `Who produces the world's ${one.name.toLowerCase()}?` : "Mineral"}
      meaning={one && <Citation citation={one.citation} />}
    >
      <Loaded state={state} lines={8}>
        {(loaded) => {
          const chosen = loaded.series.find((series) => series.product === wanted) ?? loaded.series[0];
          if (!chosen) return <Partial why="the release has no production table for it" />;
          return (
            <Tabs
              label="Production"
              tabs={loaded.series.map((series) => ({
                name: series.product,
                label: `${series.stage}: ${series.product}`,
              }))}
              chosen={chosen.product}
              onChoose={(name) => change({ series: name, filter: undefined, sort: undefined, row: undefined })}
            >
              <SeriesView mineral={loaded} series={chosen} view={view} onView={(next) => change({ ...next })} />
            </Tabs>
          );
        }}
      </Loaded>
    </Page>
  );
}

interface SeriesViewProps {
  readonly mineral: mineral.Mineral;
  readonly series: mineral.Series;
  readonly view: TableView;
  readonly onView: (view: TableView) => void;
}

function SeriesView({ mineral: one, series, view, onView }: SeriesViewProps) {
  const world = series.world.find((figure) => figure.year === series.latestYear);
  const isOther = (producer: mineral.Producer) => producer.country === null;
  return (
    <>
      {series.mixed && <Partial why="the rows count different products: there are no shares" />}
      <Facts
        label="The world"
        facts={[
          { label: `World, ${series.latestYear}`, value: world && figureText(world, series.unit) },
          { label: "Left out of the total", value: series.worldNote ?? "nothing, as printed" },
          {
            label: "Leads",
            value: series.top ? `${series.top.name}, ${formatShare(series.top.sharePpm)} %` : undefined,
          },
          {
            label: "HHI",
            value: series.hhi ? (
              <>
                {formatHhi(series.hhi)} <Badge {...hhiLook(series.hhi)} />
              </>
            ) : undefined,
            hint: "Shares squared and added, 0 to 10,000. A range where the unknown rest leaves room.",
          },
          {
            label: "Of no named country",
            value: series.unattributedPpm === null ? undefined : `${formatShare(series.unattributedPpm)} %`,
          },
          { label: "On lists", value: one.lists.join("; ") || "none" },
          { label: "Printed in", value: series.printedUnit },
          { label: "File of the release", value: series.file },
        ]}
      />
      <BarChart
        title={`${series.product}, by country`}
        meaning={`Share of the world, ${series.latestYear}.`}
        nameHeader="Country"
        valueHeader="Share"
        unit="%"
        state={ready(
          series.producers
            .filter((producer) => !isOther(producer))
            .map((producer) => ({
              id: producer.name,
              name: producer.name,
              value: producer.sharePpm === null ? null : producer.sharePpm / 10_000,
              text: formatShare(producer.sharePpm ?? 0),
              isMarked: producer.country !== null && producer.country === series.top?.country,
            })),
        )}
        empty="No country's figure is published."
      />
      <DataTable
        caption={`Producers of ${one.name.toLowerCase()}`}
        columns={producerColumns(series)}
        state={ready(series.producers)}
        rowId={(producer) => producer.name}
        empty={{ what: "No producer is named." }}
        view={view}
        onView={onView}
      />
    </>
  );
}

function producerColumns(series: mineral.Series): readonly Column<mineral.Producer>[] {
  const years = [
    ...new Set(series.producers.flatMap((producer) => producer.figures.map((figure) => figure.year))),
  ].sort();
  return [
    { id: "name", header: "Country", value: (producer) => producer.name },
    ...years.map((year): Column<mineral.Producer> => {
      const figureOf = (producer: mineral.Producer) => producer.figures.find((figure) => figure.year === year);
      return {
        id: `year-${year}`,
        header: String(year),
        value: (producer) => figureOf(producer)?.amount,
        cell: (producer) => {
          const figure = figureOf(producer);
          return figure ? (
            <span title={`printed: ${figure.printed}`}>{figureText(figure, series.unit)}</span>
          ) : (
            "unknown"
          );
        },
        align: "end",
        width: 170,
      };
    }),
    shareColumn({ id: "share", header: "Of the world", ppm: (producer) => producer.sharePpm }),
    { id: "note", header: "Note", value: (producer) => producer.note, width: 260 },
  ];
}
