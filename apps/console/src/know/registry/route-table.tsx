/** Transport routes from and to a site, with the chokepoints on them. */
import { registry } from "@holdfast/api";
import { useListing } from "../../shell/queries.ts";
import type { Column, TableView } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { useLocalView } from "../../table/local-view.ts";
import { Section } from "../../ui/page.tsx";

type Labels = Readonly<Record<string, string>>;

export function RouteTable({
  site,
  view,
  onView,
}: {
  site: string;
  view: TableView;
  onView: (view: TableView) => void;
}) {
  const incoming = useListing(registry.transportRoutes.list, { query: { to: site, limit: 500 } });
  const outgoing = useListing(registry.transportRoutes.list, { query: { from: site, limit: 500 } });
  const outgoingView = useLocalView();
  return (
    <>
      <Section title="Routes to this site">
        <DataTable
          caption="Routes to this site"
          columns={columnsOf("from", incoming.labels)}
          state={incoming.state}
          more={incoming.more}
          rowId={(one) => one.id}
          empty={{ what: "No route to this site is recorded.", start: <a href="/know/import">Import routes</a> }}
          view={view}
          onView={onView}
        />
      </Section>
      <Section title="Routes from this site">
        <DataTable
          caption="Routes from this site"
          columns={columnsOf("to", outgoing.labels)}
          state={outgoing.state}
          more={outgoing.more}
          rowId={(one) => one.id}
          empty={{ what: "No route from this site is recorded." }}
          isMain={false}
          {...outgoingView}
        />
      </Section>
    </>
  );
}

function columnsOf(end: "from" | "to", labels: Labels): readonly Column<registry.TransportRoute>[] {
  return [
    {
      id: end,
      header: end === "from" ? "From" : "To",
      value: (one) => labels[one[end]] ?? one[end],
      cell: (one) => <a href={`/know/sites/${one[end]}`}>{labels[one[end]] ?? one[end]}</a>,
    },
    {
      id: "item",
      header: "What",
      value: (one) => (one.item ? (labels[one.item] ?? one.item) : "everything"),
      width: 220,
    },
    { id: "mode", header: "Mode", value: (one) => one.mode, width: 130 },
    { id: "days", header: "Takes", unit: "d", value: (one) => one.days, align: "end", width: 90 },
    { id: "chokepoints", header: "Chokepoints", value: (one) => one.chokepoints.join(", "), width: 260 },
  ];
}
