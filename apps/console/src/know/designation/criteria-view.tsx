/** Criteria as the public reads them. */
import type { designation } from "@holdfast/api";
import { Facts } from "../../ui/facts.tsx";
import { Section } from "../../ui/page.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { Time } from "../../ui/time.tsx";
import { CRITERIA_LOOKS } from "../looks.ts";
import { RuleList } from "./rule-list.tsx";

export function CriteriaView({ criteria }: { criteria: designation.Criteria }) {
  return (
    <>
      <Facts
        label="Criteria"
        facts={[
          { label: "Number", value: <a href={`/know/designation/${criteria.id}`}>No. {criteria.number}</a> },
          { label: "State", value: <StateBadge state={criteria.state} looks={CRITERIA_LOOKS} /> },
          { label: "Proposed", value: <Act by={criteria.proposedBy} at={criteria.proposedAt} /> },
          {
            label: "Decided",
            value: criteria.decidedAt ? (
              <Act by={criteria.decidedBy ?? "unknown"} at={criteria.decidedAt} />
            ) : (
              "not yet"
            ),
          },
          { label: "Why these", value: criteria.rationale },
          { label: "Reason of the decision", value: criteria.decisionReason ?? "none yet" },
        ]}
      />
      <Section title={criteria.title} aside="A site has the strictest tier of the rules that hold for it.">
        <RuleList rules={criteria.rules} />
      </Section>
    </>
  );
}

function Act({ by, at }: { by: string; at: string }) {
  return (
    <>
      {by}, <Time at={at} />
    </>
  );
}
