/** The risk register: what could go wrong, who owns it, what is done, and until when somebody accepted it. */
import { riskRegister, THREAT_TEXTS, THREATS } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useListing } from "../../shell/queries.ts";
import { useRefusal } from "../../shell/session.tsx";
import { defined } from "../../shell/search-params.ts";
import { useSearchChange } from "../../shell/table-search.ts";
import type { Column } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { useFollow } from "../../ui/follow.tsx";
import { Page } from "../../ui/page.tsx";
import { RefusableButton } from "../../ui/refusable.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { WordFilter } from "../registry/filters.tsx";
import { moneyText } from "../simulation/money.ts";
import { RISK_LOOKS } from "./risk-looks.ts";

const route = getRouteApi("/shell/know/risks");
const THREAT_WORDS = Object.fromEntries(THREATS.map((threat) => [threat, THREAT_TEXTS[threat].title])) as Record<
  (typeof THREATS)[number],
  string
>; // made of every threat

const COLUMNS: readonly Column<riskRegister.RegisteredRisk>[] = [
  { id: "number", header: "No.", value: (one) => one.number, align: "end", width: 70 },
  { id: "title", header: "Risk", value: (one) => one.title },
  {
    id: "state",
    header: "State",
    value: (one) => one.state,
    cell: (one) => <StateBadge state={one.state} looks={RISK_LOOKS} />,
    width: 170,
  },
  { id: "threat", header: "Threat", value: (one) => THREAT_TEXTS[one.threat].title, width: 170 },
  { id: "about", header: "About", value: (one) => Object.values(one.labels).join(", "), width: 220 },
  { id: "owner", header: "Owner", value: (one) => one.owner, width: 150 },
  { id: "treatment", header: "Treatment", value: (one) => one.treatment.kind, width: 110 },
  { id: "until", header: "Accepted until", value: (one) => one.acceptedUntil, width: 140 },
  {
    id: "expected",
    header: "Its site, a year",
    value: (one) => one.expectedMinor,
    cell: (one) => (one.expectedMinor === null ? "" : moneyText(one.expectedMinor, one.currency)),
    align: "end",
    width: 170,
  },
];

export function RisksPage() {
  const { state: kept, threat, ...view } = route.useSearch();
  const change = useSearchChange();
  const follow = useFollow();
  const refusal = useRefusal("risk:manage");
  const { state, more } = useListing(riskRegister.listRisks, {
    query: { ...defined({ state: kept, threat }), limit: 500 },
  });
  return (
    <Page
      title="Which risks do we know, and who answers for them?"
      meaning="Each with its owner, what is done about it, and until when somebody accepted it. An acceptance ends on its day, and when the risk changes."
      actions={
        <RefusableButton refusal={refusal} onClick={() => follow("/know/risks/new")}>
          Enter a risk
        </RefusableButton>
      }
    >
      <DataTable
        caption="Risk register"
        columns={COLUMNS}
        state={state}
        more={more}
        rowId={(one) => one.id}
        href={(one) => `/know/risks/${one.id}`}
        empty={{ what: "Risks that somebody entered would be here, each with an owner and a treatment." }}
        view={view}
        onView={(next) => change({ ...next })}
        actions={
          <>
            <WordFilter
              name="State"
              any="Every state"
              words={riskRegister.RISK_STATES}
              value={kept}
              onChange={(next) => change({ state: next })}
            />
            <WordFilter
              name="Threat"
              any="Every threat"
              words={THREAT_WORDS}
              value={threat}
              onChange={(next) => change({ threat: next })}
            />
          </>
        }
      />
    </Page>
  );
}
