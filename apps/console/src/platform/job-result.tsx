/** What came of a job: plain values as facts with their names in words, anything deeper as the text it is. */
import type { ReactNode } from "react";
import { type Fact, Facts } from "../ui/facts.tsx";
import { formatDecimal } from "../ui/format.ts";
import styles from "./decisions-page.module.css";

export function JobResult({ result }: { result: unknown }) {
  const facts = factsOf(result);
  if (facts) return <Facts label="Result" facts={facts} />;
  return (
    <pre className={styles.policy} tabIndex={0} aria-label="Result">
      {JSON.stringify(result, null, 2)}
    </pre>
  );
}

function factsOf(result: unknown): Fact[] | undefined {
  if (typeof result !== "object" || result === null || Array.isArray(result)) return undefined;
  const entries = Object.entries(result).map(([name, value]) => [name, shown(value)] as const);
  if (entries.length === 0 || entries.some(([, value]) => value === undefined)) return undefined;
  return entries.map(([name, value]) => ({ label: wordsOf(name), value }));
}

/** undefined for what is no plain value. */
function shown(value: unknown): ReactNode | undefined {
  if (typeof value === "number") return formatDecimal(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (value === null) return "none";
  return typeof value === "string" ? value : undefined;
}

/** `sitesChanged` reads "Sites changed". */
function wordsOf(name: string): string {
  const words = name.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}
