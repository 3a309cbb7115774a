/** Scenarios that somebody saved, each with its newest answer. */
import { simulation } from "@holdfast/api";
import { useListing } from "../../shell/queries.ts";
import type { Column, TableView } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { Time } from "../../ui/time.tsx";
import { kindOf, PART_KINDS } from "./part-words.ts";

const COLUMNS: readonly Column<simulation.Scenario>[] = [
  { id: "name", header: "Scenario", value: (one) => one.name },
  {
    id: "parts",
    header: "What fails",
    value: (one) => one.parts.map((part) => PART_KINDS[kindOf(part)]).join(", "),
    width: 260,
  },
  {
    id: "days",
    header: "Longest",
    unit: "d",
    value: (one) => Math.max(...one.parts.map(({ days }) => days)),
    align: "end",
    width: 110,
  },
  {
    id: "answer",
    header: "Answer",
    value: (one) => (one.latestRun ? "there" : "not run yet"),
    width: 120,
  },
  { id: "changedBy", header: "Changed by", value: (one) => one.changedBy, width: 160 },
  {
    id: "changedAt",
    header: "Changed",
    value: (one) => one.changedAt,
    cell: (one) => <Time at={one.changedAt} as="age" />,
    width: 120,
  },
];

export function SavedScenarios({ view, onView }: { view: TableView; onView: (view: TableView) => void }) {
  const { state, more } = useListing(simulation.listScenarios, { query: {} });
  return (
    <DataTable
      caption="Saved scenarios"
      columns={COLUMNS}
      state={state}
      more={more}
      rowId={(one) => one.id}
      href={(one) => `/know/scenarios/${one.id}`}
      empty={{ what: "Questions that somebody saved under a name would be here. Ask one above, then save it." }}
      view={view}
      onView={onView}
    />
  );
}
