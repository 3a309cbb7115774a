/** The day's list: what touches us, the weightiest first, with the reason; settled by keyboard. */
import { intelTouch } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useAnswer, useListing } from "../../shell/queries.ts";
import { defined } from "../../shell/search-params.ts";
import { useSearchChange } from "../../shell/table-search.ts";
import { objectHref } from "../../shell/object-href.ts";
import type { Column } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { formatDecimal } from "../../ui/format.ts";
import { Page } from "../../ui/page.tsx";
import { Badge, StateBadge } from "../../ui/state-badge.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { Time } from "../../ui/time.tsx";
import { TIER_LOOKS, tierName } from "../../know/looks.ts";
import { WordFilter } from "../../know/registry/filters.tsx";
import { kindWord, ruleWords, TOUCH_LOOKS } from "./looks.ts";
import { VerdictButtons } from "./verdict.tsx";

const route = getRouteApi("/shell/share");
const REFRESH_MS = 15_000;

const COLUMNS: readonly Column<intelTouch.Lead>[] = [
  { id: "label", header: "What", value: (one) => one.label },
  {
    id: "state",
    header: "State",
    value: (one) => one.top?.state,
    cell: (one) =>
      one.top ? <StateBadge state={one.top.state} looks={TOUCH_LOOKS} /> : <span className="dimmed">settled</span>,
    width: 170,
  },
  {
    id: "object",
    header: "Touches",
    value: (one) => one.top?.object.label,
    cell: (one) => <Touched one={one} />,
    width: 210,
  },
  { id: "why", header: "Why", value: (one) => one.top && ruleWords(one.top.rule), width: 220 },
  {
    id: "tier",
    header: "Site",
    value: (one) => one.top?.object.tier,
    cell: (one) =>
      one.top &&
      one.top.object.tier !== null && <StateBadge state={tierName(one.top.object.tier)} looks={TIER_LOOKS} />,
    width: 160,
    isExtra: true,
  },
  {
    id: "kev",
    header: "Exploited",
    value: (one) => (one.isRansomware ? "by ransomware" : one.isKev ? "yes" : undefined),
    cell: (one) => one.isKev && <Badge word={one.isRansomware ? "by ransomware" : "exploited"} tone="critical" />,
    width: 120,
  },
  { id: "cvss", header: "CVSS", value: (one) => one.cvss, align: "end", width: 75 },
  { id: "kind", header: "Kind", value: (one) => kindWord(one.kind), width: 140, isExtra: true },
  { id: "theirs", header: "Their words", value: (one) => one.top?.theirs, width: 260, isExtra: true },
  { id: "ours", header: "Our record", value: (one) => one.top?.ours, width: 260, isExtra: true },
  {
    id: "receivedAt",
    header: "Received",
    value: (one) => one.receivedAt,
    cell: (one) => <Time at={one.receivedAt} as="age" />,
    width: 100,
  },
];

function Touched({ one }: { one: intelTouch.Lead }) {
  if (!one.top) return null;
  const { id, kind, label, tier } = one.top.object;
  const more = one.counts.affected + one.counts.look - 1;
  return (
    <>
      <a href={objectHref(kind, id)}>{label}</a>
      {tier !== null && <span className="dimmed">, tier {tier}</span>}
      {more > 0 && <span className="dimmed"> and {formatDecimal(more)} more</span>}
    </>
  );
}

export function TouchesPage() {
  const { list = "today", state: only, object, ...view } = route.useSearch();
  const change = useSearchChange();
  const { state, more } = useListing(
    intelTouch.listLeads,
    { query: { list, ...defined({ state: only, object }), limit: 200 } },
    { everyMs: REFRESH_MS },
  );
  const rows = state.kind === "ready" ? state.value : [];
  const at = rows.find(({ id }) => id === view.row);
  const open = at ? at.counts.affected + at.counts.look : 0;
  return (
    <Page title="What touches us today?" meaning={<Meaning />}>
      <Tabs
        label="Lists"
        tabs={[
          { name: "today", label: "Today" },
          { name: "open", label: "Everything open" },
          { name: "confirmed", label: "Confirmed" },
          { name: "all", label: "All intelligence" },
        ]}
        chosen={list}
        onChoose={(name) => change({ list: name === "today" ? undefined : name, row: undefined })}
      >
        <DataTable
          caption="What touches us"
          columns={COLUMNS}
          state={state}
          more={more}
          rowId={(one) => one.id}
          href={(one) => `/share/intel/${encodeURIComponent(one.id)}`}
          empty={EMPTY[list]}
          view={view}
          onView={(next) => change({ ...next })}
          actions={
            <>
              <VerdictButtons judged={at && open > 0 ? { lead: at.id, label: at.label, count: open } : undefined} />
              <WordFilter
                name="State"
                any="Affected or to look at"
                words={{ affected: "Affected", look: "A person must look" }}
                value={only}
                onChange={(next) => change({ state: next, row: undefined })}
              />
            </>
          }
        />
      </Tabs>
    </Page>
  );
}

const EMPTY = {
  today: {
    what: "Nothing waits for you today. What vendors and partners tell is joined with your assets, sites, suppliers and items as it comes; the ten that matter most would be here.",
    start: <a href="/share/sources">Bring in an advisory or a bundle</a>,
  },
  open: {
    what: "Nothing is open: no advisory, indicator or report touches the registry without somebody having said so.",
    start: <a href="/share/sources">Bring in an advisory or a bundle</a>,
  },
  confirmed: {
    what: "What people said does affect us would be listed here, until the intelligence or the object changes.",
  },
  all: {
    what: "No intelligence is here yet. Advisories (CSAF), the catalogue of exploited vulnerabilities (KEV) and STIX bundles can be brought in.",
    start: <a href="/share/sources">Bring some in</a>,
  },
} as const;

function Meaning() {
  const { state } = useAnswer(intelTouch.getTouchSummary, {}, { everyMs: REFRESH_MS });
  if (state.kind !== "ready")
    return "Intelligence joined with the registry: affected, not affected, or for a person to look at.";
  const { budget, judgedToday, openLeads, leads, objects, waiting } = state.value;
  const done =
    judgedToday >= budget
      ? "Today's ten are settled. "
      : judgedToday > 0
        ? `${judgedToday} of ${budget} settled today. `
        : "";
  return `${done}${formatDecimal(openLeads)} of ${formatDecimal(leads)} leads touch something among ${formatDecimal(objects)} objects and wait for a verdict${waiting > 0 ? `; ${formatDecimal(waiting)} changes are still being looked at` : ""}.`;
}
