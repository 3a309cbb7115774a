/** The rules of criteria, in words: every rule with its tier and what must hold. */
import type { designation } from "@holdfast/api";
import { StateBadge } from "../../ui/state-badge.tsx";
import { TIER_LOOKS, tierName } from "../looks.ts";
import { conditionText } from "./condition-text.ts";
import styles from "./designation.module.css";

export function RuleList({ rules }: { rules: readonly designation.CriteriaRule[] }) {
  return (
    <ol className={styles.rules}>
      {rules.map((rule) => (
        <li key={rule.id} className={styles.rule}>
          <div className={styles.ruleHead}>
            <h3>{rule.title}</h3>
            <StateBadge state={tierName(rule.tier)} looks={TIER_LOOKS} />
          </div>
          <p className="dimmed">A site {rule.all.length === 1 ? "that" : "for which all of these hold:"}</p>
          <ul>
            {rule.all.map((condition) => (
              <li key={JSON.stringify(condition)}>{conditionText(condition)}</li>
            ))}
          </ul>
        </li>
      ))}
    </ol>
  );
}
