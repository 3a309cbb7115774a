/** What lies at a site, how much it could make, and what it needs in a year. */
import { registry } from "@holdfast/api";
import type { Column, TableView } from "../../table/column.ts";
import { amountText } from "../../ui/form/amount.ts";
import { formatDecimal, formatShare } from "../../ui/format.ts";
import { itemColumn, type Mentioned, RecordSection } from "./record-section.tsx";
import { unitOf } from "./unit.ts";

export function StockTable({ site, ...main }: { site: string; view: TableView; onView: (view: TableView) => void }) {
  const of = { site };
  return (
    <>
      <RecordSection
        title="Stocks"
        kind="stock"
        list={registry.stocks.list}
        of={of}
        columns={stockColumns}
        name={itemName}
        empty="No stock is recorded here. A stock says how long this site goes on when supply stops."
        main={main}
      />
      <RecordSection
        title="Capacity and output"
        kind="capacity"
        list={registry.capacities.list}
        of={of}
        columns={capacityColumns}
        name={itemName}
        empty="What this site can make in a year is not recorded."
      />
      <RecordSection
        title="Demand and margin"
        kind="demand"
        list={registry.demands.list}
        of={of}
        columns={demandColumns}
        name={itemName}
        empty="What this site sells or needs in a year is not recorded."
      />
    </>
  );
}

function itemName(row: { readonly item: string }, { labels }: Mentioned): string {
  return labels[row.item] ?? row.item;
}

/** An amount of a row's item, with the item's unit behind it. */
function amountColumn<Row extends { readonly item: string }>(
  { units }: Mentioned,
  column: {
    readonly id: string;
    readonly header: string;
    readonly per?: string;
    readonly amount: (row: Row) => string | undefined;
  },
): Column<Row> {
  return {
    id: column.id,
    header: column.header,
    value: (row) => column.amount(row),
    cell: (row) => {
      const amount = column.amount(row);
      if (amount === undefined) return <span className="dimmed">unknown</span>;
      return (
        <>
          {formatDecimal(amount)}{" "}
          <span className="dimmed">
            {unitOf(units, row.item)}
            {column.per}
          </span>
        </>
      );
    },
    align: "end",
    width: 170,
  };
}

function stockColumns(mentioned: Mentioned): readonly Column<registry.Stock>[] {
  return [
    itemColumn(mentioned),
    amountColumn(mentioned, { id: "quantity", header: "Quantity", amount: (one) => one.quantity }),
    { id: "source", header: "Source", value: (one) => one.evidence.source, width: 260 },
  ];
}

function capacityColumns(mentioned: Mentioned): readonly Column<registry.Capacity>[] {
  const share = (ppm: number | undefined) => (ppm === undefined ? undefined : formatShare(ppm));
  return [
    itemColumn(mentioned),
    amountColumn(mentioned, { id: "capacity", header: "Capacity", per: "/y", amount: (one) => one.quantityPerYear }),
    amountColumn(mentioned, { id: "output", header: "Output", per: "/y", amount: (one) => one.outputPerYear }),
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
  ];
}

function demandColumns(mentioned: Mentioned): readonly Column<registry.Demand>[] {
  return [
    itemColumn(mentioned),
    amountColumn(mentioned, { id: "quantity", header: "Quantity", per: "/y", amount: (one) => one.quantityPerYear }),
    {
      id: "margin",
      header: "Margin a year",
      value: (one) => one.marginPerYearMinor,
      cell: ({ marginPerYearMinor: minor, currency }) =>
        minor === undefined || currency === undefined ? (
          <span className="dimmed">unknown</span>
        ) : (
          <>
            {formatDecimal(amountText(minor, currency))} <span className="dimmed">{currency}</span>
          </>
        ),
      align: "end",
      width: 200,
    },
  ];
}
