/** Entries that may stand for the same thing: suspects to settle, and merges, which can be taken back. */
import { registry } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useAct, useListing } from "../../shell/queries.ts";
import { useRefusal } from "../../shell/session.tsx";
import { useSearchChange } from "../../shell/table-search.ts";
import type { Column, TableView } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { useFollow } from "../../ui/follow.tsx";
import { Failed } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { RefusableButton } from "../../ui/refusable.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { Time } from "../../ui/time.tsx";
import { shareColumn } from "../risk/origin-columns.tsx";
import { WordFilter } from "./filters.tsx";
import { MergeList } from "./merge-list.tsx";
import { SuspectDrawer } from "./suspect-drawer.tsx";
import { REASON_WORDS } from "./suspect-words.ts";

const route = getRouteApi("/shell/know/duplicates");

type MergeKind = (typeof registry.MERGE_KINDS)[number];

export function DuplicatesPage() {
  const { tab = "suspects", kind, ...view } = route.useSearch();
  const change = useSearchChange();
  const follow = useFollow();
  const mayNot = useRefusal("registry:merge");
  const { act, isBusy, failure } = useAct(registry.findSuspects);
  const look = async () => {
    const done = await act({});
    if (done.ok) follow(`/jobs/${done.body.jobId}`);
  };
  return (
    <Page
      title="Which entries stand for the same thing?"
      meaning="Merging makes two entries one: every name and identifier still finds it, and it can be taken back."
      actions={
        <RefusableButton refusal={mayNot} loading={isBusy} onClick={() => void look()}>
          Look through the registry
        </RefusableButton>
      }
    >
      {failure && <Failed failure={failure} />}
      <Tabs
        label="Duplicates"
        tabs={[
          { name: "suspects", label: "Suspects" },
          { name: "merges", label: "Merges" },
        ]}
        chosen={tab}
        onChoose={(name) => change({ tab: name === "suspects" ? undefined : name, filter: undefined, row: undefined })}
      >
        {tab === "suspects" ? (
          <Suspects
            kind={kind}
            onKind={(next) => change({ kind: next })}
            view={view}
            onView={(next) => change({ ...next })}
          />
        ) : (
          <MergeList view={view} onView={(next) => change({ ...next })} />
        )}
      </Tabs>
    </Page>
  );
}

const COLUMNS: readonly Column<registry.Suspect>[] = [
  { id: "first", header: "One entry", value: (one) => one.first.label },
  { id: "second", header: "The other", value: (one) => one.second.label, width: 300 },
  { id: "kind", header: "Kind", value: (one) => one.kind, width: 120 },
  {
    id: "reasons",
    header: "Why",
    value: (one) => one.reasons.map((reason) => REASON_WORDS[reason.rule]).join(", "),
    width: 260,
  },
  shareColumn({ id: "score", header: "Likeness", ppm: (one) => one.scorePpm, width: 120 }),
  {
    id: "foundAt",
    header: "Found",
    value: (one) => one.foundAt,
    cell: (one) => <Time at={one.foundAt} as="age" />,
    width: 110,
  },
];

function Suspects({
  kind,
  onKind,
  view,
  onView,
}: {
  kind: MergeKind | undefined;
  onKind: (kind: MergeKind | undefined) => void;
  view: TableView;
  onView: (view: TableView) => void;
}) {
  const [opened, setOpened] = useState<registry.Suspect>();
  const { state, more } = useListing(registry.listSuspects, { query: { ...(kind ? { kind } : {}), limit: 500 } });
  return (
    <>
      <DataTable
        caption="Suspected duplicates"
        columns={COLUMNS}
        state={state}
        more={more}
        rowId={(one) => one.id}
        onOpen={setOpened}
        empty={{ what: "No two entries look like the same thing, as far as the registry was looked through." }}
        view={view}
        onView={onView}
        actions={
          <WordFilter name="Kind" any="Every kind" words={registry.MERGE_KINDS} value={kind} onChange={onKind} />
        }
      />
      <SuspectDrawer suspect={opened} onClose={() => setOpened(undefined)} />
    </>
  );
}
