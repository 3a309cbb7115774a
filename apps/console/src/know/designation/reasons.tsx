/** Why a site has its tier: the rules that hold, with what was found; and the rules that could not be decided, with what is missing. */
import type { designation } from "@holdfast/api";
import { Badge, StateBadge } from "../../ui/state-badge.tsx";
import { TIER_LOOKS, tierName } from "../looks.ts";
import styles from "./designation.module.css";

export function Reasons({ reasons }: { reasons: readonly designation.Reason[] }) {
  return (
    <ol className={styles.rules}>
      {reasons.map((reason) => (
        <li key={reason.rule} className={styles.rule}>
          <div className={styles.ruleHead}>
            <h3>{reason.title}</h3>
            <StateBadge state={tierName(reason.tier)} looks={TIER_LOOKS} />
          </div>
          <ul>
            {reason.findings.map((finding) => (
              <li key={`${finding.measure} ${finding.text}`}>{finding.text}</li>
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}

export function Undecided({ undecided }: { undecided: designation.SiteTier["undecided"] }) {
  return (
    <ol className={styles.rules}>
      {undecided.map((rule) => (
        <li key={rule.rule} className={styles.rule}>
          <div className={styles.ruleHead}>
            <h3>{rule.title}</h3>
            <Badge word={`not decided, would be ${TIER_LOOKS[tierName(rule.tier)].word}`} tone="unknown" />
          </div>
          <p className="dimmed">Missing:</p>
          <ul>
            {rule.missing.map((fact) => (
              <li key={fact}>{fact}</li>
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}
