/** One risk: its facts, accepting and closing it, changing it, and what it was. */
import { riskRegister, THREAT_TEXTS } from "@holdfast/api";
import { Textarea, TextInput } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useAct, useAnswer, useListing } from "../../shell/queries.ts";
import { useRefusal } from "../../shell/session.tsx";
import { useSearchChange } from "../../shell/table-search.ts";
import type { Column } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { Facts } from "../../ui/facts.tsx";
import { useFollow } from "../../ui/follow.tsx";
import form from "../../ui/form.module.css";
import { Failed, Forbidden, Loaded } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { RefusableButton } from "../../ui/refusable.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { Time } from "../../ui/time.tsx";
import { moneyText } from "../simulation/money.ts";
import { BLANK_RISK, type RiskDraft, RiskForm } from "./risk-form.tsx";
import { RISK_LOOKS } from "./risk-looks.ts";

const route = getRouteApi("/shell/know/risks/$riskId");
type Risk = riskRegister.RegisteredRisk;
const CRUMBS = [{ label: "Risk register", href: "/know/risks" }];

export function RiskPage() {
  const { riskId } = route.useParams();
  const { tab = "facts" } = route.useSearch();
  const change = useSearchChange();
  const { state, etag } = useAnswer(riskRegister.getRisk, { params: { id: riskId } });
  const risk = state.kind === "ready" ? state.value : undefined;
  return (
    <Page
      breadcrumbs={CRUMBS}
      title={risk ? `${risk.number}. ${risk.title}` : "Risk"}
      state={risk && <StateBadge state={risk.state} looks={RISK_LOOKS} />}
      meaning={risk?.description ?? "Who answers for it, what is done about it, and until when somebody accepted it."}
    >
      <Loaded state={state} lines={6}>
        {(one) => (
          <Tabs
            label="Risk"
            tabs={[
              { name: "facts", label: "Facts" },
              { name: "accept", label: one.state === "closed" ? "Open again" : "Accept or close" },
              { name: "edit", label: "Change" },
              { name: "history", label: "History" },
            ]}
            chosen={tab}
            onChoose={(name) => change({ tab: name === "facts" ? undefined : name })}
          >
            {tab === "facts" && <RiskFacts risk={one} />}
            {tab === "accept" && (
              <Settle key={one.version} risk={one} etag={etag} onDone={() => change({ tab: undefined })} />
            )}
            {tab === "edit" && (
              <Edit key={one.version} risk={one} etag={etag} onDone={() => change({ tab: undefined })} />
            )}
            {tab === "history" && <Versions risk={one} />}
          </Tabs>
        )}
      </Loaded>
    </Page>
  );
}

function RiskFacts({ risk }: { risk: Risk }) {
  const link = (kind: string, id: string | undefined) =>
    id === undefined ? undefined : <a href={`/know/${kind}/${id}`}>{risk.labels[id] ?? id}</a>;
  return (
    <Facts
      label="Risk"
      facts={[
        { label: "Threat", value: THREAT_TEXTS[risk.threat].title },
        { label: "Owner", value: risk.owner },
        { label: "Site", value: link("sites", risk.site) ?? "none in particular" },
        { label: "Supplier", value: link("organisations", risk.organisation) ?? "none in particular" },
        { label: "Item", value: link("items", risk.item) ?? "none in particular" },
        {
          label: "Its site's expected loss a year",
          value:
            risk.site && risk.expectedMinor !== null ? (
              <a href={`/know/ranking/${risk.site}`}>{moneyText(risk.expectedMinor, risk.currency)}</a>
            ) : undefined,
        },
        { label: "Treatment", value: `${risk.treatment.kind}: ${risk.treatment.text}` },
        { label: "Due on", value: risk.treatment.dueOn ?? "no day set" },
        {
          label: "Accepted",
          value: risk.acceptedUntil
            ? `until ${risk.acceptedUntil} by ${risk.acceptedBy}: ${risk.acceptedBecause}`
            : "by nobody",
        },
        {
          label: "Evidence",
          value: risk.evidence.length > 0 ? risk.evidence.map(({ text }) => text).join("; ") : "none given",
        },
        {
          label: "Scenarios",
          value:
            risk.scenarios.length > 0
              ? risk.scenarios.map((id, i) => <a key={id} href={`/know/scenarios/${id}`}>{`scenario ${i + 1} `}</a>)
              : "none linked",
        },
        {
          label: "Changed",
          value: (
            <>
              <Time at={risk.changedAt} /> by {risk.changedBy}
            </>
          ),
        },
      ]}
    />
  );
}

interface Editing {
  readonly risk: Risk;
  readonly etag: string | undefined;
  readonly onDone: () => void;
}

function Settle({ risk, etag, onDone }: Editing) {
  const [until, setUntil] = useState("");
  const [reason, setReason] = useState("");
  const accept = useAct(riskRegister.acceptRisk);
  const close = useAct(riskRegister.closeRisk);
  const mayNotAccept = useRefusal("risk:accept");
  const mayNotClose = useRefusal("risk:manage");
  const options = etag === undefined ? {} : { ifMatch: etag };
  const state = risk.state === "closed" ? "open" : "closed";
  const failure = accept.failure ?? close.failure;
  const because = reason.trim() === "" ? "Say why first" : undefined;
  return (
    <div className={form.form}>
      <Textarea
        label="Why"
        required
        autosize
        minRows={2}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      {risk.state !== "closed" && (
        <TextInput
          label="Accepted until"
          description="The acceptance ends on this day, and when the risk is changed."
          type="date"
          value={until}
          onChange={(event) => setUntil(event.currentTarget.value)}
        />
      )}
      {failure && <Failed failure={failure} />}
      <div className={form.actions}>
        {risk.state !== "closed" && (
          <RefusableButton
            refusal={mayNotAccept ?? because ?? (until === "" ? "Choose the day first" : undefined)}
            loading={accept.isBusy}
            onClick={() =>
              void accept
                .act({ params: { id: risk.id }, body: { until, reason } }, options)
                .then((done) => done.ok && onDone())
            }
          >
            Accept until that day
          </RefusableButton>
        )}
        <RefusableButton
          variant="default"
          refusal={mayNotClose ?? because}
          loading={close.isBusy}
          onClick={() =>
            void close
              .act({ params: { id: risk.id }, body: { state, reason } }, options)
              .then((done) => done.ok && onDone())
          }
        >
          {risk.state === "closed" ? "Open it again" : "Close it"}
        </RefusableButton>
      </div>
    </div>
  );
}

function Edit({ risk, etag, onDone }: Editing) {
  const { act, isBusy, failure, fields } = useAct(riskRegister.editRisk);
  const refusal = useRefusal("risk:manage");
  if (refusal) return <Forbidden why={refusal} />;
  const submit = async (body: RiskDraft) => {
    const done = await act({ params: { id: risk.id }, body }, etag === undefined ? {} : { ifMatch: etag });
    if (done.ok) onDone();
  };
  return (
    <RiskForm
      draft={draftOf(risk)}
      word="Save the change"
      isBusy={isBusy}
      failure={failure}
      fields={fields}
      onSubmit={(draft) => void submit(draft)}
    />
  );
}

function draftOf({
  title,
  description,
  threat,
  site,
  organisation,
  item,
  owner,
  treatment,
  evidence,
  scenarios,
}: Risk): RiskDraft {
  return {
    title,
    threat,
    owner,
    treatment,
    evidence,
    scenarios,
    ...(description === undefined ? {} : { description }),
    ...(site === undefined ? {} : { site }),
    ...(organisation === undefined ? {} : { organisation }),
    ...(item === undefined ? {} : { item }),
  };
}

type Version = Pick<
  Risk,
  "version" | "state" | "title" | "treatment" | "acceptedUntil" | "acceptedBecause" | "changedAt" | "changedBy"
> & {
  readonly reason: string | null;
};

const VERSION_COLUMNS: readonly Column<Version>[] = [
  { id: "version", header: "Version", value: (one) => one.version, align: "end", width: 90 },
  {
    id: "state",
    header: "State",
    value: (one) => one.state,
    cell: (one) => <StateBadge state={one.state} looks={RISK_LOOKS} />,
    width: 170,
  },
  { id: "title", header: "Risk", value: (one) => one.title },
  { id: "why", header: "Why", value: (one) => one.acceptedBecause ?? one.reason, width: 260 },
  { id: "until", header: "Accepted until", value: (one) => one.acceptedUntil, width: 140 },
  { id: "changedBy", header: "By", value: (one) => one.changedBy, width: 140 },
  {
    id: "changedAt",
    header: "When",
    value: (one) => one.changedAt,
    cell: (one) => <Time at={one.changedAt} />,
    width: 180,
  },
];

function Versions({ risk }: { risk: Risk }) {
  const { state, more } = useListing(riskRegister.listRiskVersions, { params: { id: risk.id }, query: {} });
  return (
    <DataTable
      caption="Versions of this risk"
      isBrief
      columns={VERSION_COLUMNS}
      state={state}
      more={more}
      rowId={(one) => String(one.version)}
      empty={{ what: "Every change of this risk would be listed here." }}
      view={{}}
      onView={() => undefined}
    />
  );
}

export function NewRiskPage() {
  const follow = useFollow();
  const { act, isBusy, failure, fields } = useAct(riskRegister.createRisk);
  const refusal = useRefusal("risk:manage");
  const submit = async (body: RiskDraft) => {
    const done = await act({ body });
    if (done.ok) follow(`/know/risks/${done.body.id}`);
  };
  return (
    <Page
      breadcrumbs={CRUMBS}
      title="What could go wrong?"
      meaning="A risk without an owner is nobody's: name who answers for it, and what is done."
    >
      {refusal ? (
        <Forbidden why={refusal} />
      ) : (
        <RiskForm
          draft={BLANK_RISK}
          word="Enter the risk"
          isBusy={isBusy}
          failure={failure}
          fields={fields}
          onSubmit={(draft) => void submit(draft)}
        />
      )}
    </Page>
  );
}
