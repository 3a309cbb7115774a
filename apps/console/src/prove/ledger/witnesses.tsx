/** Who cosigns this log, since when one is missing, and whose logs this node cosigns. */
import { ledger } from "@holdfast/api";
import { useAnswer } from "../../shell/queries.ts";
import type { Column, TableView } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { useLocalView } from "../../table/local-view.ts";
import { formatDecimal } from "../../ui/format.ts";
import { Id } from "../../ui/id.tsx";
import { type LoadState, mapState } from "../../ui/load-state.ts";
import { Section } from "../../ui/page.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { Time } from "../../ui/time.tsx";
import { WITNESS_LOOKS, type WitnessState, witnessState } from "./looks.ts";

interface WitnessRow extends ledger.Witness {
  readonly state: WitnessState;
}

const COLUMNS: readonly Column<WitnessRow>[] = [
  { id: "name", header: "Witness", value: (one) => one.name, width: 150 },
  {
    id: "state",
    header: "State",
    value: (one) => WITNESS_LOOKS[one.state].word,
    cell: (one) => <StateBadge state={one.state} looks={WITNESS_LOOKS} />,
    width: 190,
  },
  { id: "size", header: "Cosigned", unit: "entries", value: (one) => one.size, align: "end", width: 150 },
  {
    id: "cosignedAt",
    header: "Last seen",
    value: (one) => one.cosignedAt,
    cell: (one) => (one.cosignedAt ? <Time at={one.cosignedAt} as="age" /> : "never"),
    width: 120,
  },
  {
    id: "owesSince",
    header: "Silent since",
    value: (one) => one.owesSince,
    cell: (one) => (one.owesSince ? <Time at={one.owesSince} /> : <span className="dimmed">not silent</span>),
    width: 170,
  },
  { id: "lastProblem", header: "What went wrong last", value: (one) => one.lastProblem },
  { id: "url", header: "Asked at", value: (one) => one.url, width: 260, isExtra: true },
  {
    id: "vkey",
    header: "Its key",
    value: (one) => one.vkey,
    cell: (one) => <Id value={one.vkey} name="key of the witness" />,
    width: 200,
    isExtra: true,
  },
];

const WITNESSED_COLUMNS: readonly Column<WitnessedLog>[] = [
  { id: "origin", header: "Log", value: (one) => one.origin },
  { id: "size", header: "Cosigned", unit: "entries", value: (one) => one.size, align: "end", width: 150 },
  {
    id: "cosignedAt",
    header: "Last",
    value: (one) => one.cosignedAt,
    cell: (one) => (one.cosignedAt ? <Time at={one.cosignedAt} as="age" /> : "never"),
    width: 120,
  },
];

type WitnessedLog = ReturnType<typeof ledger.witnessedLog.parse>;

export function Witnesses({
  state,
  view,
  onView,
}: {
  state: LoadState<ledger.LedgerSummary>;
  view: TableView;
  onView: (view: TableView) => void;
}) {
  const rows = mapState(state, ({ witnesses, publishedSize }) =>
    witnesses.map((one): WitnessRow => ({ ...one, state: witnessState(one, publishedSize) })),
  );
  const summary = state.kind === "ready" ? state.value : undefined;
  const missing = summary?.witnesses.filter(({ alarm }) => alarm) ?? [];
  return (
    <>
      {missing.length > 0 && (
        <p role="alert">
          Missing: {missing.map(({ name }) => name).join(", ")}. Silent for more than{" "}
          {formatDecimal(summary?.witnessAlarmMinutes ?? 0)} min. Statements stay published; ask whoever runs that
          witness, or add another one.
        </p>
      )}
      <DataTable
        caption="Witnesses of this log"
        columns={COLUMNS}
        state={rows}
        rowId={(one) => one.name}
        empty={{
          what: "No witness is configured, so only this node itself stands behind its log. A partner, an auditor or the sector's hub can cosign it without seeing any business data: an administrator adds its key and address.",
        }}
        view={view}
        onView={onView}
      />
      <WitnessedLogs />
    </>
  );
}

function WitnessedLogs() {
  const { state } = useAnswer(ledger.listWitnessedLogs, {});
  const view = useLocalView();
  return (
    <Section title="Logs of others that this node witnesses">
      <DataTable
        caption="Logs that this node witnesses"
        columns={WITNESSED_COLUMNS}
        state={mapState(state, ({ items }) => items)}
        rowId={(one) => one.origin}
        empty={{ what: "Logs of partners that this node cosigns would be listed here, with how far it has seen them." }}
        isBrief
        {...view}
      />
    </Section>
  );
}
