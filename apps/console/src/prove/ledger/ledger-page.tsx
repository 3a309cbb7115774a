/** The ledger: how far it is, who stands behind it, what is on record, its keys, and what would show a broken word. */
import { ledger } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { BarChart } from "../../chart/bar-chart.tsx";
import { useAnswer } from "../../shell/queries.ts";
import { defined } from "../../shell/search-params.ts";
import { useSearchChange } from "../../shell/table-search.ts";
import { Facts } from "../../ui/facts.tsx";
import { formatAge, formatDecimal } from "../../ui/format.ts";
import { Id } from "../../ui/id.tsx";
import { mapState, type LoadState } from "../../ui/load-state.ts";
import { Loaded } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { useReading } from "../../ui/reading.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { Time } from "../../ui/time.tsx";
import { CheckpointView } from "./checkpoint-view.tsx";
import { ForkTable } from "./fork-table.tsx";
import { Keys } from "./keys.tsx";
import { kindWords } from "./kind-words.ts";
import { LEDGER_LOOKS, ledgerState } from "./looks.ts";
import { Statements } from "./statements.tsx";
import { Witnesses } from "./witnesses.tsx";

const route = getRouteApi("/shell/prove/ledger");
const REFRESH_MS = 5_000;

export function LedgerPage() {
  const { tab = "statements", kind, subject, ...view } = route.useSearch();
  const change = useSearchChange();
  const { state } = useAnswer(ledger.getLedger, {}, { everyMs: REFRESH_MS });
  const summary = state.kind === "ready" ? state.value : undefined;
  const onView = (next: object) => change({ ...next });
  return (
    <Page
      title="What is on record, and who would notice a change?"
      state={summary && <StateBadge state={ledgerState(summary)} looks={LEDGER_LOOKS} />}
      meaning="Every statement that matters is signed and in a log that only grows. Witnesses cosign its size, so that nothing in it can be changed or left out unnoticed."
    >
      <Loaded state={state} lines={8}>
        {(loaded) => <LedgerFacts one={loaded} />}
      </Loaded>
      <Tabs
        label="Ledger"
        tabs={[
          { name: "statements", label: "Statements" },
          { name: "kinds", label: "By kind", count: summary?.kinds.length },
          { name: "witnesses", label: "Witnesses", count: summary?.witnesses.length },
          { name: "checkpoint", label: "Checkpoint" },
          { name: "keys", label: "Keys and policy" },
          { name: "forks", label: "Fork proofs", count: summary?.forks },
        ]}
        chosen={tab}
        onChoose={(name) =>
          change({ tab: name === "statements" ? undefined : name, filter: undefined, sort: undefined, row: undefined })
        }
      >
        {tab === "statements" && (
          <Statements
            query={defined({ kind, subject })}
            kinds={summary?.kinds.map((one) => one.kind) ?? []}
            onQuery={change}
            view={view}
            onView={onView}
          />
        )}
        {tab === "kinds" && <Kinds state={state} />}
        {tab === "witnesses" && <Witnesses state={state} view={view} onView={onView} />}
        {tab === "checkpoint" && <Loaded state={state}>{(loaded) => <CheckpointView one={loaded} />}</Loaded>}
        {tab === "keys" && <Keys state={state} view={view} onView={onView} />}
        {tab === "forks" && <ForkTable view={view} onView={onView} />}
      </Tabs>
    </Page>
  );
}

function LedgerFacts({ one }: { one: ledger.LedgerSummary }) {
  const { now } = useReading();
  const owed = one.size - one.witnessedSize;
  return (
    <Facts
      label="Ledger"
      facts={[
        { label: "Log", value: one.origin, hint: "The origin: the name in its checkpoints" },
        { label: "Entries", value: formatDecimal(one.size) },
        {
          label: "Last checkpoint",
          value: one.publishedAt ? (
            <>
              {formatDecimal(one.publishedSize)} entries, <Time at={one.publishedAt} as="age" />
            </>
          ) : (
            "none yet"
          ),
        },
        {
          label: "Witnessed",
          value: one.witnessedAt ? (
            <>
              {formatDecimal(one.witnessedSize)} entries, <Time at={one.witnessedAt} as="age" />
              {owed > 0 && <span className="dimmed"> ({formatDecimal(owed)} not yet)</span>}
            </>
          ) : (
            "by nobody"
          ),
        },
        {
          label: "Waiting",
          value:
            one.waitingSince === null
              ? "nothing: every accepted statement is in the log"
              : `${formatDecimal(one.waiting)}, the oldest for ${formatAge(new Date(one.waitingSince), now)}`,
          hint: "Accepted and durable, without a place in the log",
        },
        { label: "Quorum", value: quorumWords(one) },
        ...(one.refusal
          ? [
              {
                label: "Why nothing is signed",
                value: `${one.refusal.message.replaceAll("`", "")} (${one.refusal.code})`,
              },
            ]
          : []),
        { label: "Root", value: <Id value={one.root} name="root hash" />, hint: "SHA-256 of the whole tree" },
        {
          label: "For machines",
          value: (
            <>
              <a href={`${one.path}checkpoint`}>checkpoint</a>, tiles below <code>{one.path}tile/</code>
            </>
          ),
        },
      ]}
    />
  );
}

function quorumWords({ witnessQuorum, witnesses }: ledger.LedgerSummary): string {
  if (witnesses.length === 0) return "no witness is configured";
  return `${witnessQuorum} of ${witnesses.length} ${witnesses.length === 1 ? "witness" : "witnesses"}`;
}

function Kinds({ state }: { state: LoadState<ledger.LedgerSummary> }) {
  return (
    <BarChart
      title="Statements by kind"
      meaning="Of all logs of this node, since the first."
      nameHeader="Kind"
      valueHeader="In the log"
      unit="logged"
      state={mapState(state, ({ kinds }) =>
        kinds.map(({ kind, statements }) => ({ id: kind, name: kindWords(kind), value: statements })),
      )}
      empty="Each kind of statement would have its bar here as soon as there is one."
      href={(bar) => `/prove/ledger?${new URLSearchParams({ kind: bar.id })}`}
    />
  );
}
