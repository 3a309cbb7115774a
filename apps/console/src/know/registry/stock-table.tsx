/** What lies at a site, how much it could make, and what it needs in a year. */
import { registry } from "@holdfast/api";
import { useListing } from "../../shell/queries.ts";
import type { Column, TableView } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { useLocalView } from "../../table/local-view.ts";
import { formatDecimal, formatShare } from "../../ui/format.ts";
import { Section } from "../../ui/page.tsx";
import { Time } from "../../ui/time.tsx";

type Labels = Readonly<Record<string, string>>;

export function StockTable({
  site,
  view,
  onView,
}: {
  site: string;
  view: TableView;
  onView: (view: TableView) => void;
}) {
  const stocks = useListing(registry.stocks.list, { query: { site, limit: 500 } });
  const capacities = useListing(registry.capacities.list, { query: { site, limit: 500 } });
  const demands = useListing(registry.demands.list, { query: { site, limit: 500 } });
  const capacityView = useLocalView();
  const demandView = useLocalView();
  return (
    <>
      <Section title="Stocks">
        <DataTable
          caption="Stocks"
          columns={stockColumns(stocks.labels)}
          state={stocks.state}
          more={stocks.more}
          rowId={(one) => one.id}
          empty={{ what: "No stock is recorded here.", start: <a href="/know/import">Import stocks</a> }}
          view={view}
          onView={onView}
        />
      </Section>
      <Section title="Capacity and output">
        <DataTable
          caption="Capacities"
          columns={capacityColumns(capacities.labels)}
          state={capacities.state}
          more={capacities.more}
          rowId={(one) => one.id}
          empty={{ what: "What this site can make in a year is not recorded." }}
          isMain={false}
          {...capacityView}
        />
      </Section>
      <Section title="Demand and margin">
        <DataTable
          caption="Demands"
          columns={demandColumns(demands.labels)}
          state={demands.state}
          more={demands.more}
          rowId={(one) => one.id}
          empty={{ what: "What this site sells or needs in a year is not recorded." }}
          isMain={false}
          {...demandView}
        />
      </Section>
    </>
  );
}

function itemColumn<Row extends { readonly item: string }>(labels: Labels): Column<Row> {
  return {
    id: "item",
    header: "Item",
    value: (one) => labels[one.item] ?? one.item,
    cell: (one) => <a href={`/know/items/${one.item}`}>{labels[one.item] ?? one.item}</a>,
  };
}

function observedColumn<Row extends { readonly evidence: registry.Evidence }>(): Column<Row> {
  return {
    id: "observedAt",
    header: "Observed",
    value: (one) => one.evidence.observedAt,
    cell: (one) => <Time at={one.evidence.observedAt} as="age" />,
    width: 110,
  };
}

function stockColumns(labels: Labels): readonly Column<registry.Stock>[] {
  return [
    itemColumn(labels),
    {
      id: "quantity",
      header: "Quantity",
      unit: "in the item's unit",
      value: (one) => one.quantity,
      cell: (one) => formatDecimal(one.quantity),
      align: "end",
      width: 220,
    },
    observedColumn(),
    { id: "source", header: "Source", value: (one) => one.evidence.source, width: 260 },
  ];
}

function capacityColumns(labels: Labels): readonly Column<registry.Capacity>[] {
  const share = (ppm: number | undefined) => (ppm === undefined ? undefined : formatShare(ppm));
  return [
    itemColumn(labels),
    {
      id: "capacity",
      header: "Capacity",
      unit: "a year",
      value: (one) => one.quantityPerYear,
      cell: (one) => formatDecimal(one.quantityPerYear),
      align: "end",
      width: 160,
    },
    {
      id: "output",
      header: "Output",
      unit: "a year",
      value: (one) => one.outputPerYear,
      cell: (one) => one.outputPerYear && formatDecimal(one.outputPerYear),
      align: "end",
      width: 160,
    },
    {
      id: "world",
      header: "Of the world",
      unit: "%",
      value: (one) => share(one.worldSharePpm),
      align: "end",
      width: 140,
    },
    {
      id: "nation",
      header: "Of the country",
      unit: "%",
      value: (one) => share(one.nationalSharePpm),
      align: "end",
      width: 150,
    },
    observedColumn(),
  ];
}

function demandColumns(labels: Labels): readonly Column<registry.Demand>[] {
  return [
    itemColumn(labels),
    {
      id: "quantity",
      header: "Quantity",
      unit: "a year",
      value: (one) => one.quantityPerYear,
      cell: (one) => formatDecimal(one.quantityPerYear),
      align: "end",
      width: 160,
    },
    {
      id: "margin",
      header: "Margin a year",
      value: (one) => one.marginPerYearMinor,
      cell: (one) => marginText(one),
      align: "end",
      width: 200,
    },
    observedColumn(),
  ];
}

/** Minor units with the currency's own number of decimals (ISO 4217). */
function marginText({ marginPerYearMinor, currency }: registry.Demand): string | undefined {
  if (marginPerYearMinor === undefined || currency === undefined) return undefined;
  const digits =
    new Intl.NumberFormat("en", { style: "currency", currency }).resolvedOptions().maximumFractionDigits ?? 2;
  const sign = marginPerYearMinor < 0 ? "-" : "";
  const text = String(Math.abs(marginPerYearMinor)).padStart(digits + 1, "0");
  const amount = digits === 0 ? text : `${text.slice(0, -digits)}.${text.slice(-digits)}`;
  return `${formatDecimal(sign + amount)} ${currency}`;
}
