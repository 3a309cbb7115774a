/** Columns of statements, the same wherever they are listed. */
import type { ledger } from "@holdfast/api";
import type { Column } from "../../table/column.ts";
import { cutMiddle } from "../../ui/format.ts";
import { Id } from "../../ui/id.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { Time } from "../../ui/time.tsx";
import { kindWords, subjectHref } from "./kind-words.ts";
import { STATEMENT_LOOKS } from "./looks.ts";

export const STATEMENT_COLUMNS: readonly Column<ledger.Statement>[] = [
  { id: "kind", header: "Statement", value: (one) => kindWords(one.kind), width: 230 },
  {
    id: "index",
    header: "Entry",
    value: (one) => one.index,
    cell: (one) => one.index ?? <span className="dimmed">none yet</span>,
    align: "end",
    width: 90,
  },
  {
    id: "acceptedAt",
    header: "Durable since",
    value: (one) => one.acceptedAt,
    cell: (one) => <Time at={one.acceptedAt} />,
    width: 170,
  },
  {
    id: "state",
    header: "State",
    value: (one) => STATEMENT_LOOKS[one.state].word,
    cell: (one) => <StateBadge state={one.state} looks={STATEMENT_LOOKS} />,
    width: 210,
  },
  { id: "subject", header: "About", value: (one) => one.subject, cell: (one) => <Subject one={one} /> },
  { id: "issuer", header: "Signed by", value: (one) => one.issuer, width: 240, isExtra: true },
  {
    id: "id",
    header: "Identifier",
    value: (one) => one.id,
    cell: (one) => <Id value={one.id} name="identifier of the statement" />,
    width: 190,
    isExtra: true,
  },
];

function Subject({ one }: { one: ledger.Statement }) {
  const href = subjectHref(one.kind, one.subject);
  const shown = <span title={one.subject}>{cutMiddle(one.subject, { head: 24, tail: 8 })}</span>;
  return href ? <a href={href}>{shown}</a> : shown;
}
