/** What the check in the browser found: the verdict in a sentence, each question with its answer, and the path drawn. */
import { StateBadge } from "../../ui/state-badge.tsx";
import { CHECK_LOOKS, VERDICT_LOOKS } from "./looks.ts";
import type { ProofReport } from "./proof-check.ts";
import { ProofDrawing } from "./proof-drawing.tsx";
import styles from "./statement-page.module.css";

const VERDICTS: Readonly<Record<ProofReport["verdict"], string>> = {
  proven:
    "Checked here, in your browser: the statement is in the log, the log signed that tree, and witnesses cosigned it.",
  unwitnessed:
    "Checked here, in your browser: the statement is in the log and the log signed that tree. No quorum of witnesses stands behind it yet.",
  refused:
    "Refused here, in your browser: what this node delivered does not fit together. Don't rely on it; see below what fails, and ask for the files anew from elsewhere.",
  open: "Nothing to check yet: the statement is safe on this node, and no published checkpoint holds it. This page looks again by itself.",
};

export function ProofView({ report }: { report: ProofReport }) {
  const { checks, drawing, verdict } = report;
  return (
    <>
      <div className={styles.verdict} data-verdict={verdict} role={verdict === "refused" ? "alert" : "status"}>
        <StateBadge state={verdict} looks={VERDICT_LOOKS} />
        <p>{VERDICTS[verdict]}</p>
        {verdict !== "open" && (
          <p className="dimmed">
            By the keys in this node's policy. To be sure of those, compare the policy with one that you have from
            elsewhere.
          </p>
        )}
      </div>
      <div className={styles.proof}>
        <ul className={styles.checks} aria-label="Checks">
          {checks.map((check) => (
            <li key={check.id} className={styles.check} data-state={check.state}>
              <StateBadge state={check.state} looks={CHECK_LOOKS} />
              <div>
                <h3>{check.question}</h3>
                <p>{check.words}</p>
              </div>
            </li>
          ))}
        </ul>
        {drawing && <ProofDrawing drawing={drawing} />}
      </div>
    </>
  );
}
