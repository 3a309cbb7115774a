/**
 * The fourth level, evidence: where a figure comes from, of when it is and how sure, and which signed statements carry it
 * with how far each has come. One drawer for every page; what is on record is a part of it that can stand by itself too.
 */
import type { ReactNode } from "react";
import { SideDrawer } from "./drawer.tsx";
import styles from "./evidence-drawer.module.css";
import { Facts } from "./facts.tsx";
import type { LoadState } from "./load-state.ts";
import { Loaded } from "./notice.tsx";
import { Badge, type Look } from "./state-badge.tsx";
import { Time } from "./time.tsx";

/** What a figure rests on. */
export interface Evidence {
  readonly source: string;
  readonly observedAt: string;
  /** Absent where nobody estimates: what follows by rule. */
  readonly confidencePercent?: number;
  readonly recordedAt?: string;
  readonly recordedBy?: string;
  readonly note?: string;
}

export function EvidenceDrawer({
  of,
  evidence,
  onClose,
  children,
}: {
  /** What it is evidence of; undefined closes the drawer. */
  of: string | undefined;
  /** Absent where there is no single source: then the statements speak. */
  evidence?: Evidence | undefined;
  onClose: () => void;
  /** What is on record, older values, documents. */
  children?: ReactNode;
}) {
  return (
    <SideDrawer title={`Evidence: ${of ?? ""}`} opened={of !== undefined} onClose={onClose}>
      {evidence && (
        <Facts
          label="Evidence"
          facts={[
            { label: "Source", value: evidence.source },
            { label: "Observed", value: <Time at={evidence.observedAt} /> },
            ...(evidence.confidencePercent === undefined
              ? []
              : [{ label: "Confidence", value: `${evidence.confidencePercent} %` }]),
            ...(evidence.recordedAt ? [{ label: "Recorded", value: <Time at={evidence.recordedAt} /> }] : []),
            ...(evidence.recordedBy ? [{ label: "Recorded by", value: evidence.recordedBy }] : []),
            ...(evidence.note ? [{ label: "Note", value: evidence.note }] : []),
          ]}
        />
      )}
      {children}
    </SideDrawer>
  );
}

/** A signed statement that carries a figure or an act. */
export interface RecordedStatement {
  readonly id: string;
  /** What it says, in a word or two. */
  readonly what: string;
  readonly state: Look;
  /** Since when it is durable. */
  readonly at: string;
  readonly witnessedBy: readonly string[];
  readonly href: string;
  /** The proof file; absent until a published checkpoint holds the statement. */
  readonly proofHref?: string;
}

/** The statements on the ledger, newest first, each with its state and the ways to its page and its proof. */
export function OnRecordList({
  state,
  nothing,
}: {
  state: LoadState<readonly RecordedStatement[]>;
  /** Said when there is none: what would go on record, and when. */
  nothing: string;
}) {
  return (
    <section className={styles.record} aria-label="On the ledger">
      <h2 className={styles.heading}>On the ledger</h2>
      <Loaded state={state} lines={2}>
        {(statements) =>
          statements.length === 0 ? (
            <p className="dimmed">{nothing}</p>
          ) : (
            <ul className={styles.statements}>
              {statements.map((one) => (
                <Statement key={one.id} one={one} />
              ))}
            </ul>
          )
        }
      </Loaded>
    </section>
  );
}

function Statement({ one }: { one: RecordedStatement }) {
  return (
    <li className={styles.statement}>
      <div className={styles.line}>
        <a href={one.href}>{one.what}</a>
        <Badge {...one.state} />
      </div>
      <p className={styles.aside}>
        <span>
          Durable since <Time at={one.at} />
        </span>
        {one.witnessedBy.length > 0 && <span>witnessed by {one.witnessedBy.join(", ")}</span>}
        {one.proofHref && (
          <a href={one.proofHref} download={`${one.id}.tlog-proof`}>
            Proof
          </a>
        )}
      </p>
    </li>
  );
}
