/** A site's tier: since when, by which criteria, why, what is not known, and every tier it has had. */
import type { designation } from "@holdfast/api";
import { Button } from "@mantine/core";
import { useState } from "react";
import type { Listing } from "../../shell/queries.ts";
import type { Column } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { useLocalView } from "../../table/local-view.ts";
import { EvidenceOnRecord } from "../../prove/evidence.tsx";
import { SideDrawer } from "../../ui/drawer.tsx";
import { type Evidence } from "../../ui/evidence-drawer.tsx";
import { Facts } from "../../ui/facts.tsx";
import { EmptyState } from "../../ui/notice.tsx";
import { Section } from "../../ui/page.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { Time } from "../../ui/time.tsx";
import { TIER_LOOKS, tierName } from "../looks.ts";
import { Reasons, Undecided } from "./reasons.tsx";

export interface PastTier {
  readonly tier: number | null;
  readonly from: string;
  readonly until: string | null;
  readonly criteria: string;
  readonly criteriaNumber: number;
  readonly reasons: readonly designation.Reason[];
}

export function SiteTierView({ tier, history }: { tier: designation.SiteTier; history: Listing<PastTier> }) {
  const [isShown, setShown] = useState(false);
  return (
    <>
      <Facts
        label="Tier"
        facts={[
          { label: "Tier", value: <StateBadge state={tierName(tier.tier)} looks={TIER_LOOKS} /> },
          { label: "Since", value: tier.since ? <Time at={tier.since} /> : undefined },
          {
            label: "By criteria",
            value: tier.criteria ? (
              <a href={`/know/designation/${tier.criteria}`}>No. {tier.criteriaNumber}</a>
            ) : (
              "none applied yet"
            ),
          },
          ...(tier.criteria
            ? [
                {
                  label: "On record",
                  value: (
                    <Button variant="default" size="compact-xs" onClick={() => setShown(true)}>
                      Evidence for the tier
                    </Button>
                  ),
                },
              ]
            : []),
        ]}
      />
      <EvidenceOnRecord
        of={isShown ? "tier" : undefined}
        evidence={tierEvidence(tier)}
        subjects={[`urn:uuid:${tier.site.id}`, ...(tier.criteria ? [`urn:uuid:${tier.criteria}`] : [])]}
        nothing="These criteria were put in force without a decision on record: the node began with them."
        onClose={() => setShown(false)}
      />
      <Section title="Why">
        {tier.reasons.length === 0 ? (
          <EmptyState what="No rule of the criteria in force holds for this site." />
        ) : (
          <Reasons reasons={tier.reasons} />
        )}
      </Section>
      {tier.undecided.length > 0 && (
        <Section title="What could not be decided" aside="These facts would settle it.">
          <Undecided undecided={tier.undecided} />
        </Section>
      )}
      <Section title="Every tier it has had">
        <TierHistory history={history} />
      </Section>
    </>
  );
}

/** A tier is nobody's estimate: it follows from rules and facts, and those have evidence of their own. */
function tierEvidence({ criteriaNumber, since, reasons }: designation.SiteTier): Evidence | undefined {
  if (since === null || criteriaNumber === null) return undefined;
  return {
    source: `Criteria no. ${criteriaNumber}, applied to the facts of the registry`,
    observedAt: since,
    note: `${reasons.length} ${reasons.length === 1 ? "rule holds" : "rules hold"}; each names the facts that it rests on`,
  };
}

const COLUMNS: readonly Column<PastTier>[] = [
  {
    id: "tier",
    header: "Tier",
    value: (one) => TIER_LOOKS[tierName(one.tier)].word,
    cell: (one) => <StateBadge state={tierName(one.tier)} looks={TIER_LOOKS} />,
    width: 180,
  },
  { id: "from", header: "From", value: (one) => one.from, cell: (one) => <Time at={one.from} />, width: 170 },
  {
    id: "until",
    header: "Until",
    value: (one) => one.until,
    cell: (one) => (one.until ? <Time at={one.until} /> : "now"),
    width: 170,
  },
  {
    id: "criteria",
    header: "Criteria",
    value: (one) => one.criteriaNumber,
    cell: (one) => <a href={`/know/designation/${one.criteria}`}>No. {one.criteriaNumber}</a>,
    width: 110,
  },
  { id: "reasons", header: "Why", value: (one) => one.reasons.map((reason) => reason.title).join("; ") },
];

function TierHistory({ history }: { history: Listing<PastTier> }) {
  const view = useLocalView();
  const [opened, setOpened] = useState<PastTier>();
  return (
    <>
      <DataTable
        caption="Tiers over time"
        columns={COLUMNS}
        state={history.state}
        more={history.more}
        rowId={(one) => one.from}
        onOpen={setOpened}
        empty={{ what: "Each tier that this site gets would be listed here." }}
        {...view}
      />
      <SideDrawer title="Reasons" opened={opened !== undefined} onClose={() => setOpened(undefined)}>
        {opened && <Reasons reasons={opened.reasons} />}
      </SideDrawer>
    </>
  );
}
