/** The inbox of findings: what does not fit in the events, who looks after it and what came of it. By keyboard: j, k, Enter. */
import { custody } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useAnswer, useListing } from "../../shell/queries.ts";
import { useSearchChange } from "../../shell/table-search.ts";
import { DataTable } from "../../table/data-table.tsx";
import { Page } from "../../ui/page.tsx";
import { WordFilter } from "../../know/registry/filters.tsx";
import { FINDING_COLUMNS } from "./finding-columns.tsx";
import { FindingDrawer } from "./finding-drawer.tsx";

const route = getRouteApi("/shell/prove/findings");
const STATES = { open: "Open", resolved: "Resolved", undone: "No longer so", all: "Every state" } as const;
const WHOSE = { me: "Taken on by me", nobody: "Taken on by nobody" } as const;
const REFRESH_MS = 5_000; // while events are being checked

export function FindingsPage() {
  const { state: shown = "open", rule, whose, open, ...view } = route.useSearch();
  const change = useSearchChange();
  const summary = useAnswer(custody.findingSummary, {}, { everyMs: REFRESH_MS });
  const query = {
    ...(shown === "all" ? {} : { state: shown }),
    ...(rule ? { rule } : {}),
    ...(whose ? { assignee: whose } : {}),
  };
  const { state, more } = useListing(custody.listFindings, { query });
  const rules = summary.state.kind === "ready" ? summary.state.value.rules : [];
  return (
    <Page title="What does not fit?" meaning={<Meaning state={summary.state} />}>
      <DataTable
        caption="Findings"
        columns={FINDING_COLUMNS}
        state={state}
        more={more}
        rowId={(one) => one.id}
        onOpen={(one) => change({ open: one.id })}
        empty={{
          what:
            shown === "open"
              ? "Nothing is open. Gaps in custody, masses that do not add up and seals that changed would be listed here as soon as their events come in."
              : "No finding fits these filters.",
          start: <a href="/prove/captures">Look at what was captured</a>,
        }}
        view={view}
        onView={(next) => change({ ...next })}
        actions={
          <>
            <WordFilter
              name="State"
              any="Open"
              words={{ resolved: STATES.resolved, undone: STATES.undone, all: STATES.all }}
              value={shown === "open" ? undefined : shown}
              onChange={(next) => change({ state: next })}
            />
            <WordFilter
              name="Rule"
              any="Every rule"
              words={Object.fromEntries(rules.map((one) => [one.rule, one.title]))}
              value={rule}
              onChange={(next) => change({ rule: next })}
            />
            <WordFilter
              name="Whose"
              any="Everyone's"
              words={WHOSE}
              value={whose}
              onChange={(next) => change({ whose: next })}
            />
          </>
        }
      />
      <FindingDrawer id={open} onClose={() => change({ open: undefined })} />
    </Page>
  );
}

function Meaning({ state }: { state: ReturnType<typeof useAnswer<typeof custody.findingSummary>>["state"] }) {
  if (state.kind !== "ready") return "Rules of custody over all events, each finding with the events that show it.";
  const { rules, checkedEvents, events } = state.value;
  const open = rules.reduce((sum, one) => sum + one.open, 0);
  const kinds = rules.filter((one) => one.open > 0).length;
  const checked =
    checkedEvents < events
      ? `; ${checkedEvents} of ${events} events are checked so far`
      : ` in ${events} checked events`;
  return `${open} open ${open === 1 ? "finding" : "findings"} of ${kinds} ${kinds === 1 ? "kind" : "kinds"}${checked}.`;
}
