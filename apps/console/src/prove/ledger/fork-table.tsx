/** Proofs that a log told two stories: to be exported, filed with an incident, and checked by anyone. */
import { ledger } from "@holdfast/api";
import { useAnswer } from "../../shell/queries.ts";
import type { Column, TableView } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { mapState } from "../../ui/load-state.ts";
import { Time } from "../../ui/time.tsx";

type Fork = ReturnType<typeof ledger.fork.parse>;

const COLUMNS: readonly Column<Fork>[] = [
  { id: "foundAt", header: "Found", value: (one) => one.foundAt, cell: (one) => <Time at={one.foundAt} />, width: 170 },
  { id: "origin", header: "Log", value: (one) => one.origin, width: 280 },
  { id: "reason", header: "What it shows", value: (one) => one.reason },
  {
    id: "export",
    header: "Proof",
    value: (one) => one.id,
    cell: (one) => (
      <a href={`/api/prove/ledger/forks/${one.id}`} download={`fork-${one.id}.json`}>
        Export the proof
      </a>
    ),
    width: 150,
  },
];

export function ForkTable({ view, onView }: { view: TableView; onView: (view: TableView) => void }) {
  const { state } = useAnswer(ledger.listForks, {});
  return (
    <>
      <p className="dimmed">
        Two checkpoints that one key signed and that can't both be true. Check an exported proof with{" "}
        <code>./holdfast verify FILE --policy ledger.policy</code>.
      </p>
      <DataTable
        caption="Fork proofs"
        columns={COLUMNS}
        state={mapState(state, ({ items }) => items)}
        rowId={(one) => one.id}
        empty={{
          what: "No log that this node knows has told two stories. If one does, the proof is kept here, and it convicts whoever keeps that log, this node included.",
        }}
        view={view}
        onView={onView}
      />
    </>
  );
}
