/** Transport routes from and to a site, with the chokepoints on them. */
import { registry } from "@holdfast/api";
import type { Column, TableView } from "../../table/column.ts";
import { withAsOf } from "../as-of/as-of.tsx";
import { itemColumn, type Mentioned, RecordSection } from "./record-section.tsx";

export function RouteTable({ site, ...main }: { site: string; view: TableView; onView: (view: TableView) => void }) {
  const common = { kind: "route", list: registry.transportRoutes.list } as const;
  return (
    <>
      <RecordSection
        {...common}
        title="Routes to this site"
        of={{ to: site }}
        columns={columnsFrom}
        name={(route, { labels }) => `the route from ${labels[route.from] ?? route.from}`}
        empty="No route to this site is recorded. A route says how long goods travel, and through which straits."
        main={main}
      />
      <RecordSection
        {...common}
        title="Routes from this site"
        of={{ from: site }}
        columns={columnsTo}
        name={(route, { labels }) => `the route to ${labels[route.to] ?? route.to}`}
        empty="No route from this site is recorded."
      />
    </>
  );
}

const columnsFrom = (mentioned: Mentioned) => columnsOf("from", mentioned);
const columnsTo = (mentioned: Mentioned) => columnsOf("to", mentioned);

function columnsOf(end: "from" | "to", mentioned: Mentioned): readonly Column<registry.TransportRoute>[] {
  const { labels, asOf } = mentioned;
  return [
    {
      id: end,
      header: end === "from" ? "From" : "To",
      value: (one) => labels[one[end]] ?? one[end],
      cell: (one) => <a href={withAsOf(`/know/sites/${one[end]}`, asOf)}>{labels[one[end]] ?? one[end]}</a>,
    },
    { ...itemColumn<registry.TransportRoute>(mentioned), header: "What", width: 220 },
    { id: "mode", header: "Mode", value: (one) => one.mode, width: 130 },
    { id: "days", header: "Takes", unit: "d", value: (one) => one.days, align: "end", width: 90 },
    { id: "chokepoints", header: "Chokepoints", value: (one) => one.chokepoints.join(", "), width: 220 },
  ];
}
