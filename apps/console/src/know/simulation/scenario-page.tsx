/** One saved scenario: its newest answer, its runs, and its question to ask differently. */
import { simulation } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { JobProgress, useJob } from "../../platform/job-progress.tsx";
import { useAct, useAnswer, useListing } from "../../shell/queries.ts";
import { useRefusal } from "../../shell/session.tsx";
import { useSearchChange } from "../../shell/table-search.ts";
import type { Column, TableView } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { EmptyState, Failed, Loaded } from "../../ui/notice.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { RefusableButton } from "../../ui/refusable.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { Time } from "../../ui/time.tsx";
import { AnswerView } from "./answer-view.tsx";
import { RUN_LOOKS } from "./looks.ts";
import { moneyText } from "./money.ts";
import { scenarioText } from "./scenario-text.ts";

const route = getRouteApi("/shell/know/scenarios/$scenarioId");
const FOLLOW_MS = 1_000;

export function ScenarioPage() {
  const { scenarioId } = route.useParams();
  const { run: asked, tab = "course", ...view } = route.useSearch();
  const change = useSearchChange();
  const refusal = useRefusal("simulation:run");
  const { state } = useAnswer(simulation.getScenario, { params: { id: scenarioId } });
  const runs = useListing(simulation.listRuns, { query: { scenario: scenarioId } }, { everyMs: FOLLOW_MS * 3 });
  const start = useAct(simulation.startRun);
  const shown =
    asked ??
    (state.kind === "ready" ? state.value.latestRun : null) ??
    (runs.state.kind === "ready" ? runs.state.value[0]?.id : undefined);
  const scenario = state.kind === "ready" ? state.value : undefined;
  return (
    <Page
      breadcrumbs={[{ label: "What stops if …?", href: "/know/what-if" }]}
      title={scenario?.name ?? "Scenario"}
      meaning={
        scenario?.note ??
        "A saved question; each run keeps what was asked, of which day's registry, and every byte of the answer."
      }
      actions={
        <>
          {scenario && (
            <a href={`/know/what-if?parts=${encodeURIComponent(scenarioText(scenario.parts) ?? "")}`}>
              Ask it differently
            </a>
          )}
          <RefusableButton
            refusal={refusal}
            loading={start.isBusy}
            onClick={() =>
              void start
                .act({ body: { scenario: scenarioId } })
                .then((done) => done.ok && change({ run: done.body.id }))
            }
          >
            Run on today's registry
          </RefusableButton>
        </>
      }
    >
      {start.failure && <Failed failure={start.failure} />}
      <Loaded state={state}>
        {() =>
          shown ? (
            <RunAnswer
              key={shown}
              run={shown}
              tab={tab}
              onTab={(name) => change({ tab: name === "course" ? undefined : name, row: undefined, filter: undefined })}
              view={view}
              onView={(next) => change({ ...next })}
            />
          ) : (
            <EmptyState what="It was not run yet. Run it on today's registry to have its answer." />
          )
        }
      </Loaded>
      <Section title="Runs">
        <DataTable
          caption="Runs of this scenario"
          isBrief
          columns={runColumns(shown)}
          state={runs.state}
          more={runs.more}
          rowId={(one) => one.id}
          href={(one) => `/know/scenarios/${scenarioId}?run=${one.id}`}
          empty={{ what: "Each run of this scenario would be listed here." }}
          view={{}}
          onView={() => undefined}
        />
      </Section>
    </Page>
  );
}

function RunAnswer(props: {
  run: string;
  tab: Parameters<typeof AnswerView>[0]["tab"];
  onTab: Parameters<typeof AnswerView>[0]["onTab"];
  view: TableView;
  onView: (view: TableView) => void;
}) {
  const { run, ...rest } = props;
  const first = useAnswer(simulation.getRun, { params: { id: run } });
  const isOpen =
    first.state.kind !== "ready" || first.state.value.state === "waiting" || first.state.value.state === "running";
  const { state } = useAnswer(simulation.getRun, { params: { id: run } }, { everyMs: isOpen ? FOLLOW_MS : false });
  return (
    <Loaded state={state} lines={6}>
      {(one) => (one.state === "done" ? <FinishedRun run={run} {...rest} /> : <Job jobId={one.jobId} />)}
    </Loaded>
  );
}

function FinishedRun({ run, ...rest }: Parameters<typeof RunAnswer>[0]) {
  const { state } = useAnswer(simulation.getRunAnswer, { params: { id: run } });
  return (
    <Loaded state={state} lines={6}>
      {(answer) => <AnswerView answer={answer} {...rest} />}
    </Loaded>
  );
}

function Job({ jobId }: { jobId: string }) {
  return <Loaded state={useJob(jobId)}>{(job) => <JobProgress job={job} />}</Loaded>;
}

function runColumns(shown: string | undefined): readonly Column<simulation.Run>[] {
  return [
    {
      id: "createdAt",
      header: "Asked",
      value: (one) => one.createdAt,
      cell: (one) => <Time at={one.createdAt} />,
      width: 180,
    },
    {
      id: "asOf",
      header: "Registry as of",
      value: (one) => one.asOf,
      cell: (one) => <Time at={one.asOf} />,
      width: 180,
    },
    {
      id: "state",
      header: "State",
      value: (one) => one.state,
      cell: (one) => <StateBadge state={one.state} looks={RUN_LOOKS} />,
      width: 120,
    },
    {
      id: "loss",
      header: "Loss",
      value: (one) =>
        one.lossMinor
          ? `${moneyText(one.lossMinor.low, one.currency)} to ${moneyText(one.lossMinor.high, one.currency)}`
          : "",
    },
    { id: "reused", header: "Calculated", value: (one) => (one.reused ? "before" : "now"), width: 110 },
    { id: "createdBy", header: "By", value: (one) => one.createdBy, width: 140 },
    {
      id: "compare",
      header: "Beside it",
      value: (one) => one.id,
      cell: (one) =>
        shown !== undefined && shown !== one.id && one.state === "done" ? (
          <a href={`/know/comparison?left=${shown}&right=${one.id}`}>compare</a>
        ) : (
          <span className="dimmed">{shown === one.id ? "shown above" : ""}</span>
        ),
      width: 130,
      sortable: false,
    },
  ];
}
