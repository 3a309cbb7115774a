/** Columns of findings, the same wherever they are listed. */
import type { custody } from "@holdfast/api";
import type { Column } from "../../table/column.ts";
import { StateBadge } from "../../ui/state-badge.tsx";
import { Time } from "../../ui/time.tsx";
import { amountWords, FINDING_LOOKS } from "./words.ts";

export const FINDING_COLUMNS: readonly Column<custody.Finding>[] = [
  { id: "title", header: "What is wrong", value: (one) => one.title, width: 280 },
  {
    id: "state",
    header: "State",
    value: (one) => FINDING_LOOKS[one.state].word,
    cell: (one) => <StateBadge state={one.state} looks={FINDING_LOOKS} />,
    width: 130,
  },
  { id: "subject", header: "About", value: (one) => one.subjectLabel },
  { id: "amount", header: "Amount", value: (one) => one.amount && amountWords(one.amount), align: "end", width: 110 },
  { id: "place", header: "Where", value: (one) => one.placeLabel, width: 190 },
  { id: "at", header: "Since", value: (one) => one.at, cell: (one) => <Time at={one.at} as="age" />, width: 110 },
  { id: "assignee", header: "Taken on by", value: (one) => one.assignee, width: 110 },
  { id: "rule", header: "Rule", value: (one) => one.rule, width: 200, isExtra: true },
  { id: "reopened", header: "Reopened", value: (one) => one.reopened, align: "end", width: 100, isExtra: true },
];
