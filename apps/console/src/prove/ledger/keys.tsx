/** The node's keys with their rotation, the logs that they signed, the policy to check by, and whose statements are accepted. */
import { ledger } from "@holdfast/api";
import { useAnswer } from "../../shell/queries.ts";
import type { Column, TableView } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { useLocalView } from "../../table/local-view.ts";
import { Id } from "../../ui/id.tsx";
import { type LoadState, mapState } from "../../ui/load-state.ts";
import { Section } from "../../ui/page.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { Time } from "../../ui/time.tsx";
import { KEY_LOOKS, LOG_LOOKS } from "./looks.ts";

type SigningKey = ReturnType<typeof ledger.signingKey.parse>;
type Issuer = ReturnType<typeof ledger.issuer.parse>;
type LogRow = ledger.LedgerSummary["logs"][number];

const ROLES: Readonly<Record<SigningKey["role"], string>> = {
  checkpoint: "signs checkpoints",
  statement: "signs statements and receipts",
  witness: "cosigns logs of others",
};

const COLUMNS: readonly Column<SigningKey>[] = [
  { id: "role", header: "Key", value: (one) => ROLES[one.role], width: 230 },
  {
    id: "state",
    header: "State",
    value: (one) => one.state,
    cell: (one) => <StateBadge state={one.state} looks={KEY_LOOKS} />,
    width: 110,
  },
  { id: "madeAt", header: "Made", value: (one) => one.madeAt, cell: (one) => <Time at={one.madeAt} />, width: 170 },
  {
    id: "retiredAt",
    header: "Retired",
    value: (one) => one.retiredAt,
    cell: (one) => (one.retiredAt ? <Time at={one.retiredAt} /> : <span className="dimmed">not retired</span>),
    width: 170,
  },
  { id: "held", header: "Held here", value: (one) => (one.held ? "yes" : "no"), width: 110 },
  {
    id: "vkey",
    header: "Public key",
    value: (one) => one.vkey,
    cell: (one) => <Id value={one.vkey} name="public key" />,
  },
];

const LOG_COLUMNS: readonly Column<LogRow>[] = [
  { id: "origin", header: "Log", value: (one) => one.origin },
  {
    id: "state",
    header: "State",
    value: (one) => one.state,
    cell: (one) => <StateBadge state={one.state} looks={LOG_LOOKS} />,
    width: 110,
  },
  { id: "size", header: "Entries", value: (one) => one.size, align: "end", width: 110 },
  {
    id: "openedAt",
    header: "Opened",
    value: (one) => one.openedAt,
    cell: (one) => <Time at={one.openedAt} />,
    width: 170,
  },
  {
    id: "frozenAt",
    header: "Frozen",
    value: (one) => one.frozenAt,
    cell: (one) => (one.frozenAt ? <Time at={one.frozenAt} /> : <span className="dimmed">not frozen</span>),
    width: 170,
  },
  {
    id: "path",
    header: "Served at",
    value: (one) => one.path,
    cell: (one) => <a href={`${one.path}checkpoint`}>{one.path}</a>,
    width: 130,
  },
];

const ISSUER_COLUMNS: readonly Column<Issuer>[] = [
  { id: "issuer", header: "Issuer", value: (one) => one.issuer },
  { id: "subjectPrefix", header: "May speak about", value: (one) => one.subjectPrefix || "anything", width: 240 },
  {
    id: "kid",
    header: "Key",
    value: (one) => one.kid,
    cell: (one) => <Id value={one.kid} name="key of the issuer" />,
    width: 190,
  },
  { id: "addedAt", header: "Since", value: (one) => one.addedAt, cell: (one) => <Time at={one.addedAt} />, width: 170 },
  {
    id: "removedAt",
    header: "Until",
    value: (one) => one.removedAt,
    cell: (one) => (one.removedAt ? <Time at={one.removedAt} /> : "now"),
    width: 170,
  },
];

export function Keys({
  state,
  view,
  onView,
}: {
  state: LoadState<ledger.LedgerSummary>;
  view: TableView;
  onView: (view: TableView) => void;
}) {
  const logs = useLocalView();
  const issuers = useLocalView();
  const accepted = useAnswer(ledger.listIssuers, {});
  return (
    <>
      <p className="dimmed">
        Retired keys stay: what they signed is checked with them.{" "}
        <a href="/api/prove/ledger/policy" download="ledger.policy">
          Download the policy
        </a>{" "}
        that says by which keys and witnesses this log is believed, and keep it apart from this node.
      </p>
      <DataTable
        caption="Keys of this node"
        columns={COLUMNS}
        state={mapState(state, ({ keys }) => keys)}
        rowId={(one) => `${one.role} ${one.vkey}`}
        empty={{ what: "The keys that this node signs with, and those it signed with before, would be listed here." }}
        view={view}
        onView={onView}
      />
      <Section title="Logs of this node">
        <DataTable
          caption="Logs of this node"
          columns={LOG_COLUMNS}
          state={mapState(state, (one) => one.logs)}
          rowId={(one) => one.origin}
          empty={{ what: "The open log, and those that were frozen before it, would be listed here." }}
          isBrief
          {...logs}
        />
      </Section>
      <Section title="Whose statements are accepted">
        <DataTable
          caption="Accepted issuers"
          columns={ISSUER_COLUMNS}
          state={mapState(accepted.state, ({ items }) => items)}
          rowId={(one) => one.kid}
          empty={{
            what: "No one else's statements are accepted yet. An administrator adds a supplier's or a laboratory's key; what they sign then goes on record here.",
          }}
          isBrief
          {...issuers}
        />
      </Section>
    </>
  );
}
