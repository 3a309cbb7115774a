/** Facts about one thing, label and value, in two columns (one on a narrow screen). An absent value says that it is unknown. */
import type { ReactNode } from "react";
import styles from "./facts.module.css";

export interface Fact {
  readonly label: string;
  /** undefined reads "unknown": never zero, never blank. */
  readonly value: ReactNode | undefined;
  /** What the label means, for those who don't know the word. */
  readonly hint?: string;
}

export function Facts({ facts, label }: { facts: readonly Fact[]; label: string }) {
  return (
    <dl className={styles.facts} aria-label={label}>
      {facts.map((fact) => (
        <div key={fact.label} className={styles.fact}>
          <dt title={fact.hint}>{fact.label}</dt>
          <dd>{fact.value ?? <span className={styles.unknown}>unknown</span>}</dd>
        </div>
      ))}
    </dl>
  );
}
