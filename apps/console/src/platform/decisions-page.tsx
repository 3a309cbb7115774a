/** Access decisions: who asked for what, what was decided, and the policies that decide. */
import { ACTIONS } from "@holdfast/access";
import { decision } from "@holdfast/api";
import { NativeSelect, Switch } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useAnswer, useListing } from "../shell/queries.ts";
import { defined } from "../shell/search-params.ts";
import { useSearchChange } from "../shell/table-search.ts";
import type { Column } from "../table/column.ts";
import { DataTable } from "../table/data-table.tsx";
import { OnRecord } from "../prove/evidence.tsx";
import { SideDrawer } from "../ui/drawer.tsx";
import { Facts } from "../ui/facts.tsx";
import { Id } from "../ui/id.tsx";
import { EmptyState, Loaded } from "../ui/notice.tsx";
import { Page, Section } from "../ui/page.tsx";
import { StateBadge } from "../ui/state-badge.tsx";
import { Tabs } from "../ui/tabs.tsx";
import { Time } from "../ui/time.tsx";
import styles from "./decisions-page.module.css";
import { DECISION_LOOKS } from "./looks.ts";

const route = getRouteApi("/shell/decisions");

export function DecisionsPage() {
  const { tab = "decisions" } = route.useSearch();
  const change = useSearchChange();
  return (
    <Page
      title="Who asked for what, and was it allowed?"
      meaning="Every decision of this node, with the policy that made it. Nobody can change or delete one."
    >
      <Tabs
        label="Access decisions"
        tabs={[
          { name: "decisions", label: "Decisions" },
          { name: "policies", label: "Policies in force" },
        ]}
        chosen={tab}
        onChoose={(name) => change({ tab: name === "decisions" ? undefined : name })}
      >
        {tab === "decisions" ? <Decisions /> : <Policies />}
      </Tabs>
    </Page>
  );
}

const COLUMNS: readonly Column<decision.DecisionRecord>[] = [
  {
    id: "decidedAt",
    header: "When",
    value: (one) => one.decidedAt,
    cell: (one) => <Time at={one.decidedAt} />,
    width: 170,
  },
  { id: "principalName", header: "Who", value: (one) => one.principalName },
  { id: "principalKind", header: "Kind", value: (one) => one.principalKind, width: 100 },
  { id: "action", header: "Asked for", value: (one) => one.action, width: 170 },
  { id: "resource", header: "Of", value: (one) => `${one.resourceType} ${one.resourceId}`, width: 220 },
  {
    id: "outcome",
    header: "Outcome",
    value: (one) => outcomeOf(one),
    cell: (one) => <StateBadge state={outcomeOf(one)} looks={DECISION_LOOKS} />,
    width: 120,
  },
  { id: "policy", header: "By policy", value: (one) => one.policy, cell: (one) => policyWords(one), width: 190 },
];

/** Several policies may permit the same: the record names them all, the table one and how many more. */
function policyWords({ policy }: decision.DecisionRecord): string {
  const [first = policy, ...others] = policy.split(",");
  return others.length === 0 ? first : `${first} and ${others.length} more`;
}

function outcomeOf(one: decision.DecisionRecord): "allowed" | "denied" {
  return one.allowed ? "allowed" : "denied";
}

function Decisions() {
  const { denied, action, principalId, tab: _, ...view } = route.useSearch();
  const change = useSearchChange();
  const [opened, setOpened] = useState<decision.DecisionRecord>();
  const query = defined({ action, principalId, denied });
  const { state, more } = useListing(decision.listDecisions, { query });
  return (
    <>
      <DataTable
        caption="Access decisions"
        columns={COLUMNS}
        state={state}
        more={more}
        rowId={(one) => one.id}
        onOpen={setOpened}
        empty={{ what: "No decision fits these filters." }}
        view={view}
        onView={(next) => change({ ...next })}
        actions={
          <>
            <NativeSelect
              aria-label="Asked for"
              value={action ?? ""}
              data={[{ value: "", label: "Anything asked for" }, ...ACTIONS]}
              onChange={(event) => change({ action: event.currentTarget.value || undefined })}
            />
            <Switch
              size="xs"
              label="Only refusals"
              checked={denied === "true"}
              onChange={(event) => change({ denied: event.currentTarget.checked ? "true" : undefined })}
            />
          </>
        }
      />
      <SideDrawer title="Decision" opened={opened !== undefined} onClose={() => setOpened(undefined)}>
        {opened && <Decision one={opened} />}
      </SideDrawer>
    </>
  );
}

function Decision({ one }: { one: decision.DecisionRecord }) {
  return (
    <>
      <DecisionFacts one={one} />
      <OnRecord
        subjects={[POLICY_SET, `urn:uuid:${one.principalId}`]}
        nothing="The policies in force, and the roles given to whoever asked, go on record when they change."
      />
    </>
  );
}

const POLICY_SET = "urn:holdfast:policy-set";

function DecisionFacts({ one }: { one: decision.DecisionRecord }) {
  return (
    <Facts
      label="Decision"
      facts={[
        { label: "When", value: <Time at={one.decidedAt} /> },
        { label: "Outcome", value: <StateBadge state={outcomeOf(one)} looks={DECISION_LOOKS} /> },
        { label: "Who", value: `${one.principalName} (${one.principalKind})` },
        { label: "Identifier", value: <Id value={one.principalId} name="identifier of who asked" /> },
        { label: "Asked for", value: one.action },
        { label: "Of", value: one.resourceType },
        { label: "Which one", value: <Id value={one.resourceId} name="identifier of what was asked for" /> },
        {
          label: "By policy",
          value: one.policy.split(",").map((policy) => (
            <div key={policy}>
              <a className={styles.link} href={`/decisions?tab=policies#${policy}`}>
                {policy}
              </a>
            </div>
          )),
        },
        { label: "Request", value: <Id value={one.requestId} name="identifier of the request" /> },
      ]}
    />
  );
}

function Policies() {
  const { state } = useAnswer(decision.listPolicies, {});
  return (
    <Loaded state={state}>
      {({ items }) =>
        items.length === 0 ? (
          <EmptyState what="No policy is in force: everything is refused." />
        ) : (
          items.map((policy) => (
            <Section key={policy.id} title={policy.id}>
              <pre id={policy.id} className={styles.policy} tabIndex={0} aria-label={`Text of ${policy.id}`}>
                {policy.text}
              </pre>
            </Section>
          ))
        )
      }
    </Loaded>
  );
}
