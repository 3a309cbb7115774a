/** Plans of what to buy against what could happen. */
import { investment } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useListing } from "../../shell/queries.ts";
import { useRefusal } from "../../shell/session.tsx";
import { useSearchChange } from "../../shell/table-search.ts";
import type { Column } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { useFollow } from "../../ui/follow.tsx";
import { Page } from "../../ui/page.tsx";
import { RefusableButton } from "../../ui/refusable.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { Time } from "../../ui/time.tsx";
import { PLAN_LOOKS, planState } from "./plan-words.ts";

const route = getRouteApi("/shell/know/plans");

const COLUMNS: readonly Column<investment.Plan>[] = [
  { id: "name", header: "Plan", value: (one) => one.name },
  {
    id: "state",
    header: "State",
    value: planState,
    cell: (one) => <StateBadge state={planState(one)} looks={PLAN_LOOKS} />,
    width: 170,
  },
  {
    id: "events",
    header: "Against",
    value: (one) => one.events.map(({ scenario }) => one.labels[scenario] ?? "").join(", "),
    width: 340,
  },
  { id: "measures", header: "Candidates", value: (one) => one.measures.length, align: "end", width: 120 },
  { id: "changedBy", header: "By", value: (one) => one.changedBy, width: 150 },
  {
    id: "changedAt",
    header: "Changed",
    value: (one) => one.changedAt,
    cell: (one) => <Time at={one.changedAt} as="age" />,
    width: 120,
  },
];

export function PlansPage() {
  const view = route.useSearch();
  const change = useSearchChange();
  const follow = useFollow();
  const refusal = useRefusal("investment:plan");
  const { state, more } = useListing(investment.listPlans, { query: {} });
  return (
    <Page
      title="What should we buy against it?"
      meaning="Candidate measures with what they cost, beside the loss they avoid. The best set for a budget comes with proof of how near the best it is."
      actions={
        <RefusableButton refusal={refusal} onClick={() => follow("/know/plans/new")}>
          Begin a plan
        </RefusableButton>
      }
    >
      <DataTable
        caption="Plans"
        columns={COLUMNS}
        state={state}
        more={more}
        rowId={(one) => one.id}
        href={(one) => `/know/plans/${one.id}`}
        empty={{ what: "Plans would be here: a few saved scenarios, a few candidate measures, a budget." }}
        view={view}
        onView={(next) => change({ ...next })}
      />
    </Page>
  );
}
