/** Which facilities count as critical, by which published criteria, and the versions of those. */
import { designation } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useAct, useAnswer, useListing } from "../../shell/queries.ts";
import { useRefusal } from "../../shell/session.tsx";
import { useSearchChange } from "../../shell/table-search.ts";
import type { Column, TableView } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { useFollow } from "../../ui/follow.tsx";
import { EmptyState, Failed, Loaded } from "../../ui/notice.tsx";
import { Page } from "../../ui/page.tsx";
import { RefusableButton } from "../../ui/refusable.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { Tabs } from "../../ui/tabs.tsx";
import { Time } from "../../ui/time.tsx";
import { countryName } from "../country-name.ts";
import { CRITERIA_LOOKS, TIER_LOOKS, tierName } from "../looks.ts";
import { WordFilter } from "../registry/filters.tsx";
import { CriteriaView } from "./criteria-view.tsx";
import { foundTexts } from "./reason-text.ts";

const route = getRouteApi("/shell/know/designation");
const TIERS = { "1": "tier 1, critical", "2": "tier 2, important", "3": "tier 3, relevant" } as const;

export function DesignationPage() {
  const { tab = "sites", tier, ...view } = route.useSearch();
  const change = useSearchChange();
  const follow = useFollow();
  const mayPropose = useRefusal("designation:propose");
  const mayDecide = useRefusal("designation:decide");
  const { act, isBusy, failure } = useAct(designation.evaluateSites);
  const evaluate = async () => {
    const done = await act({});
    if (done.ok) follow(`/jobs/${done.body.jobId}`);
  };
  return (
    <Page
      title="Which facilities count as critical, and why?"
      meaning={<Meaning />}
      actions={
        <>
          <RefusableButton variant="default" refusal={mayDecide} loading={isBusy} onClick={() => void evaluate()}>
            Apply to the registry as it is now
          </RefusableButton>
          <RefusableButton refusal={mayPropose} onClick={() => follow("/know/designation/new")}>
            Propose new criteria
          </RefusableButton>
        </>
      }
    >
      {failure && <Failed failure={failure} />}
      <Tabs
        label="Critical facilities"
        tabs={[
          { name: "sites", label: "Designated sites" },
          { name: "criteria", label: "Criteria in force" },
          { name: "versions", label: "Versions and drafts" },
        ]}
        chosen={tab}
        onChoose={(name) => change({ tab: name === "sites" ? undefined : name, filter: undefined, row: undefined })}
      >
        {tab === "sites" && (
          <DesignatedSites
            tier={tier}
            onTier={(next) => change({ tier: next })}
            view={view}
            onView={(next) => change({ ...next })}
          />
        )}
        {tab === "criteria" && <InForce />}
        {tab === "versions" && <Versions view={view} onView={(next) => change({ ...next })} />}
      </Tabs>
    </Page>
  );
}

function Meaning() {
  const { state } = useAnswer(designation.designationSummary, {});
  if (state.kind !== "ready")
    return "Tiers follow from published rules over facts of the registry, and from nothing else.";
  const { counts, criteriaNumber, evaluatedAt } = state.value;
  const words = counts.map(({ tier, count }) => `${count} ${TIER_LOOKS[tierName(tier)].word}`).join(", ");
  if (criteriaNumber === null) return "No criteria are in force: no site has a tier.";
  if (evaluatedAt === null)
    return `Criteria no. ${criteriaNumber} are in force and were not applied to the registry yet.`;
  return (
    <>
      By criteria no. {criteriaNumber}: {words}.{" "}
      {evaluatedAt && (
        <>
          Applied <Time at={evaluatedAt} as="age" />.
        </>
      )}
    </>
  );
}

const COLUMNS: readonly Column<designation.SiteTier>[] = [
  { id: "site", header: "Site", value: (one) => one.site.label, width: 280 },
  {
    id: "tier",
    header: "Tier",
    value: (one) => one.tier,
    cell: (one) => <StateBadge state={tierName(one.tier)} looks={TIER_LOOKS} />,
    width: 170,
  },
  {
    id: "reasons",
    header: "Why",
    value: (one) => foundTexts(one.reasons).join("; "),
  },
  { id: "kind", header: "Kind", value: (one) => one.site.kind, width: 120 },
  { id: "country", header: "Country", value: (one) => countryName(one.site.country), width: 150 },
  {
    id: "since",
    header: "Since",
    value: (one) => one.since,
    cell: (one) => one.since && <Time at={one.since} as="age" />,
    width: 110,
  },
  {
    id: "undecided",
    header: "Not decided",
    unit: "rules",
    value: (one) => one.undecided.length,
    align: "end",
    width: 150,
    isExtra: true,
  },
];

function DesignatedSites({
  tier,
  onTier,
  view,
  onView,
}: {
  tier: "1" | "2" | "3" | undefined;
  onTier: (tier: "1" | "2" | "3" | undefined) => void;
  view: TableView;
  onView: (view: TableView) => void;
}) {
  const { state, more } = useListing(designation.listDesignatedSites, {
    query: { ...(tier ? { tier } : {}), limit: 500 },
  });
  return (
    <DataTable
      caption="Designated sites"
      columns={COLUMNS}
      state={state}
      more={more}
      rowId={(one) => one.site.id}
      href={(one) => `/know/sites/${one.site.id}?tab=tier`}
      empty={{ what: "No site has a tier, as far as the criteria in force were applied." }}
      view={view}
      onView={onView}
      actions={<WordFilter name="Tier" any="Every tier" words={TIERS} value={tier} onChange={onTier} />}
    />
  );
}

function InForce() {
  const { state } = useAnswer(designation.getCriteriaInForce, {});
  if (state.kind === "failed" && state.failure.code === "designation/none-in-force")
    return (
      <EmptyState what="No criteria are in force yet. Someone proposes them, looks at what they would change, and someone decides." />
    );
  return <Loaded state={state}>{(criteria) => <CriteriaView criteria={criteria} />}</Loaded>;
}

const VERSION_COLUMNS: readonly Column<designation.Criteria>[] = [
  { id: "number", header: "No.", value: (one) => one.number, align: "end", width: 70 },
  { id: "title", header: "Criteria", value: (one) => one.title },
  {
    id: "state",
    header: "State",
    value: (one) => one.state,
    cell: (one) => <StateBadge state={one.state} looks={CRITERIA_LOOKS} />,
    width: 130,
  },
  { id: "rules", header: "Rules", value: (one) => one.rules.length, align: "end", width: 80 },
  { id: "proposedBy", header: "Proposed by", value: (one) => one.proposedBy, width: 160 },
  {
    id: "proposedAt",
    header: "Proposed",
    value: (one) => one.proposedAt,
    cell: (one) => <Time at={one.proposedAt} />,
    width: 170,
  },
  { id: "decidedBy", header: "Decided by", value: (one) => one.decidedBy, width: 160 },
  {
    id: "decidedAt",
    header: "Decided",
    value: (one) => one.decidedAt,
    cell: (one) => (one.decidedAt ? <Time at={one.decidedAt} /> : "not yet"),
    width: 170,
  },
];

function Versions({ view, onView }: { view: TableView; onView: (view: TableView) => void }) {
  const { state, more } = useListing(designation.listCriteria, { query: {} });
  return (
    <DataTable
      caption="Versions of the criteria"
      columns={VERSION_COLUMNS}
      state={state}
      more={more}
      rowId={(one) => one.id}
      href={(one) => `/know/designation/${one.id}`}
      empty={{ what: "Every version and draft of the criteria would be listed here." }}
      view={view}
      onView={onView}
    />
  );
}
