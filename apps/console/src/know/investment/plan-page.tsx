/** One plan: the best set for a budget and why, the curves before and after, the scenarios, the decision, what was delivered. */
import { investment } from "@holdfast/api";
import { Slider, Textarea } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { JobProgress, useJob } from "../../platform/job-progress.tsx";
import { useAct, useAnswer, useListing } from "../../shell/queries.ts";
import { useRefusal } from "../../shell/session.tsx";
import { useSearchChange } from "../../shell/table-search.ts";
import type { Column } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { useDraft } from "../../ui/draft.ts";
import { formatShare } from "../../ui/format.ts";
import form from "../../ui/form.module.css";
import { ready } from "../../ui/load-state.ts";
import { EmptyState, Failed, Loaded } from "../../ui/notice.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { RefusableButton } from "../../ui/refusable.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { Time } from "../../ui/time.tsx";
import { LossCurve } from "../risk/loss-curve.tsx";
import { FigureRow } from "../simulation/figures.tsx";
import { digitsOf, major, moneyText } from "../simulation/money.ts";
import styles from "./investment.module.css";
import { effectText, KIND_WORDS, PLAN_LOOKS, planState, VERDICT_LOOKS } from "./plan-words.ts";

const route = getRouteApi("/shell/know/plans/$planId");
const BRIEF = { isBrief: true, view: {}, onView: () => undefined } as const;
const COMMIT_MS = 200;

export function PlanPage() {
  const { planId } = route.useParams();
  const { tab = "choice", budget } = route.useSearch();
  const change = useSearchChange();
  const refusal = useRefusal("investment:plan");
  const { state, etag } = useAnswer(investment.getPlan, { params: { id: planId } });
  const run = useAct(investment.startPlan);
  const [jobId, setJobId] = useState<string>();
  const plan = state.kind === "ready" ? state.value : undefined;
  return (
    <Page
      breadcrumbs={[{ label: "Plans", href: "/know/plans" }]}
      title={plan?.name ?? "Plan"}
      state={plan && <StateBadge state={planState(plan)} looks={PLAN_LOOKS} />}
      meaning={plan?.note ?? "What is bought for the budget, why each measure is in or out, and what is left to lose."}
      actions={
        <RefusableButton
          refusal={plan?.state === "decided" ? "The plan is decided" : refusal}
          loading={run.isBusy}
          variant={plan?.hasResult ? "default" : "filled"}
          onClick={() =>
            void run.act({ params: { id: planId }, body: {} }).then((done) => done.ok && setJobId(done.body.jobId))
          }
        >
          {plan?.hasResult ? "Work it out again" : "Work it out"}
        </RefusableButton>
      }
    >
      {run.failure && <Failed failure={run.failure} />}
      {jobId && <Job jobId={jobId} />}
      <Loaded state={state} lines={8}>
        {(one) => (
          <Tabs
            label="Plan"
            tabs={[
              { name: "choice", label: "What to buy" },
              { name: "losses", label: "Before and after" },
              { name: "decision", label: "Decision and delivery" },
            ]}
            chosen={tab}
            onChoose={(name) => change({ tab: name === "choice" ? undefined : name })}
          >
            {!one.hasResult && <Candidates plan={one} />}
            {one.hasResult && (
              <Result
                plan={one}
                tab={tab}
                budget={budget}
                etag={etag}
                onBudget={(next) => change({ budget: String(next) })}
              />
            )}
          </Tabs>
        )}
      </Loaded>
    </Page>
  );
}

function Job({ jobId }: { jobId: string }) {
  return (
    <Loaded state={useJob(jobId)}>{(job) => (job.state === "succeeded" ? null : <JobProgress job={job} />)}</Loaded>
  );
}

function Candidates({ plan }: { plan: investment.Plan }) {
  const columns: readonly Column<investment.Measure>[] = [
    { id: "title", header: "Measure", value: (row) => row.title },
    { id: "kind", header: "Kind", value: (row) => KIND_WORDS[row.kind], width: 130 },
    { id: "effect", header: "What it does", value: (row) => effectText(row, plan.labels), width: 460 },
    {
      id: "cost",
      header: "Cost a year",
      unit: "minor units",
      value: (row) => row.costPerYearMinor,
      align: "end",
      width: 200,
    },
  ];
  return (
    <>
      <EmptyState what="This version was not worked out yet: every measure is simulated in every scenario, then the best set is found." />
      <DataTable
        {...BRIEF}
        caption="Candidate measures"
        columns={columns}
        state={ready(plan.measures)}
        rowId={(row) => row.id}
        empty={{ what: "No candidates." }}
      />
    </>
  );
}

function Result({
  plan,
  tab,
  budget,
  etag,
  onBudget,
}: {
  plan: investment.Plan;
  tab: "choice" | "losses" | "decision";
  budget: string | undefined;
  etag: string | undefined;
  onBudget: (budget: number) => void;
}) {
  const { state } = useAnswer(investment.getPlanResult, { params: { id: plan.id } });
  return (
    <Loaded state={state} lines={8}>
      {(result) => (
        <>
          {tab === "choice" && <Choice plan={plan} result={result} budget={budget} onBudget={onBudget} />}
          {tab === "losses" && <BeforeAndAfter result={result} />}
          {tab === "decision" && <Decision plan={plan} result={result} etag={etag} />}
        </>
      )}
    </Loaded>
  );
}

function Choice({
  plan,
  result,
  budget: text,
  onBudget,
}: {
  plan: investment.Plan;
  result: investment.PlanResult;
  budget: string | undefined;
  onBudget: (budget: number) => void;
}) {
  const { currency, frontier, best } = result;
  const most = frontier.at(-1)?.budgetPerYearMinor ?? best.budgetPerYearMinor;
  const asked = text === undefined ? best.budgetPerYearMinor : Math.max(0, Math.round(Number(text) || 0));
  const [budget, setBudget] = useDraft(asked, onBudget, COMMIT_MS);
  const isOwn = asked === best.budgetPerYearMinor;
  const { state } = useAnswer(
    investment.getPlanAtBudget,
    { params: { id: plan.id }, query: { budgetPerYearMinor: asked } },
    { isOff: isOwn },
  );
  const digits = 10 ** digitsOf(currency ?? "EUR");
  return (
    <>
      <div className={styles.budget}>
        <label id="budget-label" className={styles.label}>
          Budget a year: <strong>{moneyText(budget, currency)}</strong>
        </label>
        <Slider
          thumbProps={{ "aria-labelledby": "budget-label" }}
          thumbLabel="Budget a year"
          min={0}
          max={Math.max(most, best.budgetPerYearMinor)}
          step={Math.max(1, Math.round(most / 200 / digits) * digits)}
          value={budget}
          onChange={setBudget}
          label={(value) => moneyText(value, currency)}
        />
      </div>
      <Loaded state={isOwn ? ready(best) : state} lines={6}>
        {(at) => <At plan={plan} at={at} currency={currency} />}
      </Loaded>
    </>
  );
}

function At({ plan, at, currency }: { plan: investment.Plan; at: investment.PlanAt; currency: string | null }) {
  const measures = new Map(plan.measures.map((measure) => [measure.id, measure]));
  const rows = at.measures.flatMap((chosen) => {
    const measure = measures.get(chosen.id);
    return measure ? [{ ...chosen, measure }] : [];
  });
  const onshoring = at.onshoringOnly;
  return (
    <>
      <FigureRow
        label="The plan in figures"
        figures={[
          {
            label: "Bought",
            value: `${rows.filter(({ isIn }) => isIn).length} of ${rows.length}`,
            note: `${moneyText(at.costPerYearMinor, currency)} a year`,
          },
          {
            label: "Expected loss a year",
            value: moneyText(at.plan.meanMinor, currency),
            note: `${moneyText(at.without.meanMinor, currency)} without`,
          },
          {
            label: "Worst 5 % of years",
            value: moneyText(at.plan.cvarMinor, currency),
            note: `${moneyText(at.without.cvarMinor, currency)} without`,
          },
          {
            label: "Best possible within",
            value: `${(at.gap * 100).toFixed(2)} %`,
            note: `greedy choice: ${moneyText(at.greedy.objectiveMinor, currency)}, this: ${moneyText(at.plan.objectiveMinor, currency)}`,
          },
          {
            label: "One more unit of money",
            value: `saves ${at.shadowPrice.toFixed(2)}`,
            note: "of expected and worst loss, weighed",
          },
        ]}
      />
      {onshoring && (
        <p>
          Onshoring alone would leave {moneyText(onshoring.objectiveMinor, currency)} for{" "}
          {moneyText(onshoring.costPerYearMinor, currency)} a year; this plan leaves{" "}
          {moneyText(at.plan.objectiveMinor, currency)} for {moneyText(at.costPerYearMinor, currency)}.
        </p>
      )}
      <DataTable
        {...BRIEF}
        caption="Measures, in and out"
        columns={measureColumns(plan, currency)}
        state={ready(rows)}
        rowId={(row) => row.id}
        empty={{ what: "The plan has no candidate measures." }}
      />
    </>
  );
}

type Chosen = investment.PlanAt["measures"][number] & { readonly measure: investment.Measure };

function measureColumns(plan: investment.Plan, currency: string | null): readonly Column<Chosen>[] {
  const money = currency ? { unit: currency } : {};
  const signed = (value: number, unit: string) =>
    value === 0 ? "none" : `${value > 0 ? "+" : "\u2212"}${Math.abs(value)} ${unit}`;
  return [
    {
      id: "title",
      header: "Measure",
      value: (row) => row.measure.title,
      cell: (row) => <span title={effectText(row.measure, plan.labels)}>{row.measure.title}</span>,
      width: 210,
    },
    {
      id: "verdict",
      header: "Verdict",
      value: (row) => row.verdict,
      cell: (row) => <StateBadge state={row.verdict} looks={VERDICT_LOOKS} />,
      width: 150,
    },
    { id: "reason", header: "Why", value: (row) => row.reason },
    {
      id: "cost",
      header: "Cost a year",
      ...money,
      value: (row) => major(row.costPerYearMinor, currency),
      align: "end",
      width: 135,
    },
    {
      id: "value",
      header: "Takes off",
      ...money,
      value: (row) => major(row.valueMinor, currency),
      align: "end",
      width: 135,
    },
    {
      id: "unitCost",
      header: "Unit cost",
      value: (row) => row.measure.unitCostPpm,
      cell: (row) =>
        row.measure.unitCostPpm === 0
          ? "none"
          : `${row.measure.unitCostPpm > 0 ? "+" : "\u2212"}${formatShare(Math.abs(row.measure.unitCostPpm))} %`,
      align: "end",
      width: 95,
    },
    {
      id: "lead",
      header: "Lead time",
      value: (row) => row.measure.leadDaysChange,
      cell: (row) => signed(row.measure.leadDaysChange, "d"),
      align: "end",
      width: 95,
    },
  ];
}

function BeforeAndAfter({ result }: { result: investment.PlanResult }) {
  const { currency, before, after, events } = result;
  const money = currency ? { unit: currency } : {};
  const columns: readonly Column<investment.PlanResult["events"][number]>[] = [
    { id: "name", header: "Scenario", value: (row) => row.name },
    { id: "perYear", header: "A year", value: (row) => row.perYear, align: "end", width: 100 },
    {
      id: "before",
      header: "Loses today",
      ...money,
      value: (row) => major(row.beforeMinor, currency),
      align: "end",
      width: 190,
    },
    {
      id: "planned",
      header: "Adding measures up",
      ...money,
      value: (row) => major(row.plannedMinor, currency),
      align: "end",
      width: 220,
    },
    {
      id: "after",
      header: "Simulated again",
      ...money,
      value: (row) => major(row.afterMinor, currency),
      align: "end",
      width: 210,
    },
  ];
  return (
    <>
      <FigureRow
        label="Losses before and after"
        figures={[
          { label: "Expected a year, before", value: moneyText(before.meanMinor, currency) },
          { label: "After", value: moneyText(after.meanMinor, currency) },
          { label: "Worst 5 % of years, before", value: moneyText(before.cvar95Minor, currency) },
          {
            label: "After",
            value: moneyText(after.cvar95Minor, currency),
            note: "everything bought, simulated together",
          },
        ].map((figure, i) => ({ ...figure, label: i === 3 ? "Worst 5 %, after" : figure.label }))}
      />
      <LossCurve
        title="Loss of a year, before and after"
        meaning="Scenarios of this plan only, as often as the plan says; 100 000 simulated years."
        currency={currency}
        state={ready([
          { name: "before", points: before.exceedance },
          { name: "after", points: after.exceedance },
        ])}
        empty="No year loses anything."
      />
      <DataTable
        {...BRIEF}
        caption="Scenarios before and after"
        columns={columns}
        state={ready(events)}
        rowId={(row) => row.scenario}
        href={(row) => `/know/scenarios/${row.scenario}`}
        empty={{ what: "The plan has no scenarios." }}
      />
    </>
  );
}

function Decision({
  plan,
  result,
  etag,
}: {
  plan: investment.Plan;
  result: investment.PlanResult;
  etag: string | undefined;
}) {
  const [reason, setReason] = useState("");
  const decide = useAct(investment.decidePlan);
  const deliver = useAct(investment.startDelivery);
  const refusal = useRefusal("investment:plan");
  const [jobId, setJobId] = useState<string>();
  const { state, more } = useListing(investment.listDeliveries, { params: { id: plan.id }, query: {} });
  const { currency } = result;
  const titles = new Map(plan.measures.map(({ id, title }) => [id, title]));
  if (plan.state === "draft") {
    const bought = result.best.measures.filter(({ isIn }) => isIn).map(({ id }) => id);
    return (
      <div className={form.form}>
        <p>
          To be bought, for {moneyText(result.best.costPerYearMinor, currency)} a year:{" "}
          {bought.map((id) => titles.get(id)).join(", ") || "nothing"}.
        </p>
        <Textarea
          label="Why this plan"
          required
          autosize
          minRows={2}
          value={reason}
          onChange={(event) => setReason(event.currentTarget.value)}
        />
        {decide.failure && <Failed failure={decide.failure} />}
        <div className={form.actions}>
          <RefusableButton
            refusal={refusal ?? (reason.trim() === "" ? "Say why first" : undefined)}
            loading={decide.isBusy}
            onClick={() =>
              void decide.act(
                { params: { id: plan.id }, body: { bought, reason } },
                etag === undefined ? {} : { ifMatch: etag },
              )
            }
          >
            Decide, on record
          </RefusableButton>
        </div>
      </div>
    );
  }
  const columns: readonly Column<investment.Delivery>[] = [
    { id: "at", header: "Measured", value: (row) => row.at, cell: (row) => <Time at={row.at} /> },
    {
      id: "before",
      header: "Expected then",
      value: (row) => row.beforeMinor,
      cell: (row) => moneyText(row.beforeMinor, currency),
      align: "end",
      width: 190,
    },
    {
      id: "planned",
      header: "As planned",
      value: (row) => row.plannedMinor,
      cell: (row) => moneyText(row.plannedMinor, currency),
      align: "end",
      width: 190,
    },
    {
      id: "now",
      header: "On that day's registry",
      value: (row) => row.nowMinor,
      cell: (row) => moneyText(row.nowMinor, currency),
      align: "end",
      width: 220,
    },
    { id: "delivered", header: "Delivered", unit: "%", value: deliveredPercent, align: "end", width: 140 },
  ];
  return (
    <Section
      title="What was delivered"
      aside={
        <RefusableButton
          variant="default"
          refusal={refusal}
          loading={deliver.isBusy}
          onClick={() =>
            void deliver.act({ params: { id: plan.id } }).then((done) => done.ok && setJobId(done.body.jobId))
          }
        >
          Measure on today's registry
        </RefusableButton>
      }
    >
      <p>
        Decided by {plan.decidedBy}: {plan.bought.map((id) => titles.get(id)).join(", ") || "nothing"}.
      </p>
      {jobId && <Job jobId={jobId} />}
      {deliver.failure && <Failed failure={deliver.failure} />}
      <DataTable
        {...BRIEF}
        caption="Deliveries"
        columns={columns}
        state={state}
        more={more}
        rowId={(row) => row.id}
        empty={{ what: "Once what was bought stands in the registry, measure what it delivered." }}
      />
    </Section>
  );
}

/** Of the planned fall of the expected loss. */
function deliveredPercent({ beforeMinor, plannedMinor, nowMinor }: investment.Delivery): number | undefined {
  return beforeMinor === plannedMinor
    ? undefined
    : Math.round(((beforeMinor - nowMinor) / (beforeMinor - plannedMinor)) * 100);
}
