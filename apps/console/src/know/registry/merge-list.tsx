/** Merges, newest first, each with the way back. */
import { registry } from "@holdfast/api";
import { Textarea } from "@mantine/core";
import { useState } from "react";
import { useAct, useListing } from "../../shell/queries.ts";
import { useRefusal } from "../../shell/session.tsx";
import type { Column, TableView } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { SideDrawer } from "../../ui/drawer.tsx";
import { Facts } from "../../ui/facts.tsx";
import form from "../../ui/form.module.css";
import { Failed } from "../../ui/notice.tsx";
import { RefusableButton } from "../../ui/refusable.tsx";
import { type Looks, StateBadge } from "../../ui/state-badge.tsx";
import { Time } from "../../ui/time.tsx";

const MERGE_LOOKS: Looks<"merged" | "undone"> = {
  merged: { word: "in force", tone: "normal" },
  undone: { word: "taken back", tone: "muted" },
};

function stateOf(merge: registry.Merge): "merged" | "undone" {
  return merge.undoneAt === null ? "merged" : "undone";
}

const COLUMNS: readonly Column<registry.Merge>[] = [
  { id: "kept", header: "Stays", value: (one) => one.kept.label },
  { id: "merged", header: "Merged into it", value: (one) => one.merged.label, width: 280 },
  { id: "kind", header: "Kind", value: (one) => one.kind, width: 120 },
  {
    id: "state",
    header: "State",
    value: (one) => stateOf(one),
    cell: (one) => <StateBadge state={stateOf(one)} looks={MERGE_LOOKS} />,
    width: 120,
  },
  { id: "mergedBy", header: "By", value: (one) => one.mergedBy, width: 160 },
  {
    id: "mergedAt",
    header: "When",
    value: (one) => one.mergedAt,
    cell: (one) => <Time at={one.mergedAt} />,
    width: 170,
  },
];

export function MergeList({ view, onView }: { view: TableView; onView: (view: TableView) => void }) {
  const { state, more } = useListing(registry.listMerges, { query: { limit: 500 } });
  const [opened, setOpened] = useState<registry.Merge>();
  const close = () => setOpened(undefined);
  return (
    <>
      <DataTable
        caption="Merges"
        columns={COLUMNS}
        state={state}
        more={more}
        rowId={(one) => one.id}
        onOpen={setOpened}
        empty={{ what: "Merges would be listed here, with those that were taken back." }}
        view={view}
        onView={onView}
      />
      <SideDrawer title="Merge" opened={opened !== undefined} onClose={close}>
        {opened && <OneMerge key={opened.id} merge={opened} onDone={close} />}
      </SideDrawer>
    </>
  );
}

function OneMerge({ merge, onDone }: { merge: registry.Merge; onDone: () => void }) {
  const [reason, setReason] = useState("");
  const { act, isBusy, failure } = useAct(registry.undoMerge);
  const mayNot = useRefusal("registry:merge");
  const undo = async () => {
    if ((await act({ params: { id: merge.id }, body: { reason } })).ok) onDone();
  };
  return (
    <div className={form.form}>
      <Facts
        label="Merge"
        facts={[
          { label: "Stays", value: merge.kept.label },
          { label: "Merged into it", value: merge.merged.label },
          { label: "Why", value: merge.reason },
          { label: "By", value: merge.mergedBy },
          { label: "When", value: <Time at={merge.mergedAt} /> },
          ...(merge.undoneAt
            ? [
                { label: "Taken back", value: <Time at={merge.undoneAt} /> },
                { label: "Taken back by", value: merge.undoneBy ?? undefined },
                { label: "Why taken back", value: merge.undoneReason ?? undefined },
              ]
            : []),
        ]}
      />
      {merge.undoneAt === null && (
        <>
          <Textarea
            label="Why take it back"
            autosize
            minRows={2}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
          {failure && <Failed failure={failure} />}
          <div className={form.actions}>
            <RefusableButton
              refusal={mayNot ?? (reason.trim() === "" ? "Say why first" : undefined)}
              loading={isBusy}
              onClick={() => void undo()}
            >
              Take the merge back
            </RefusableButton>
          </div>
        </>
      )}
    </div>
  );
}
