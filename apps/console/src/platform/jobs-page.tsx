/** Long work: what runs, how far it is, what came of it. */
import { job } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useListing } from "../shell/queries.ts";
import { useSearchChange } from "../shell/table-search.ts";
import type { Column } from "../table/column.ts";
import { DataTable } from "../table/data-table.tsx";
import { Page } from "../ui/page.tsx";
import { StateBadge } from "../ui/state-badge.tsx";
import { Time } from "../ui/time.tsx";
import { JOB_LOOKS } from "./looks.ts";

const route = getRouteApi("/shell/jobs");
const FOLLOW_MS = 3_000;

const COLUMNS: readonly Column<job.Job>[] = [
  { id: "title", header: "Job", value: (one) => one.title },
  {
    id: "state",
    header: "State",
    value: (one) => one.state,
    cell: (one) => <StateBadge state={one.state} looks={JOB_LOOKS} />,
    width: 130,
  },
  {
    id: "fraction",
    header: "Done",
    unit: "%",
    value: (one) => Math.floor(one.fraction * 100),
    align: "end",
    width: 100,
  },
  { id: "detail", header: "At", value: (one) => one.problem?.message ?? one.detail, width: 300 },
  { id: "startedByName", header: "Started by", value: (one) => one.startedByName, width: 160 },
  {
    id: "createdAt",
    header: "When",
    value: (one) => one.createdAt,
    cell: (one) => <Time at={one.createdAt} as="age" />,
    width: 120,
  },
  { id: "kind", header: "Kind", value: (one) => one.kind, width: 200, isExtra: true },
];

export function JobsPage() {
  const view = route.useSearch();
  const change = useSearchChange();
  const { state, more } = useListing(job.listJobs, { query: {} }, { everyMs: FOLLOW_MS });
  return (
    <Page
      title="What is this node working on?"
      meaning="Imports, previews and searches run here; closing the page does not stop them."
    >
      <DataTable
        caption="Jobs"
        columns={COLUMNS}
        state={state}
        more={more}
        rowId={(one) => one.id}
        href={(one) => `/jobs/${one.id}`}
        empty={{ what: "Imports, previews of criteria and searches for duplicates would be listed here." }}
        view={view}
        onView={(next) => change({ ...next })}
      />
    </Page>
  );
}
