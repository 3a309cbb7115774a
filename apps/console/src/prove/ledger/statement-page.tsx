/**
 * One statement of the ledger: what it says, who signed it, since when it is durable, published and witnessed, and its
 * inclusion proof, checked in this browser from the files that can be downloaded and checked offline.
 */
import { ledger } from "@holdfast/api";
import { getRouteApi } from "@tanstack/react-router";
import { useMemo } from "react";
import { useAnswer } from "../../shell/queries.ts";
import { useMe } from "../../shell/session.tsx";
import { Facts } from "../../ui/facts.tsx";
import { formatDecimal } from "../../ui/format.ts";
import { Id } from "../../ui/id.tsx";
import { Loaded } from "../../ui/notice.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { Time } from "../../ui/time.tsx";
import { kindWords, subjectHref } from "./kind-words.ts";
import { STATEMENT_LOOKS } from "./looks.ts";
import { checkProof, type ProofFiles } from "./proof-check.ts";
import { useProofFiles } from "./proof-files.ts";
import { ProofView } from "./proof-view.tsx";
import styles from "./statement-page.module.css";
import { StatementDownloads } from "./statement-downloads.tsx";

const route = getRouteApi("/shell/prove/ledger/$statementId");
const FOLLOW_MS = 1_000; // until it has its place
const WITNESS_MS = 5_000; // until the quorum has cosigned it

export function StatementPage() {
  const { statementId } = route.useParams();
  const input = { params: { id: statementId } };
  const first = useAnswer(ledger.getStatement, input);
  const known = first.state.kind === "ready" ? first.state.value.state : undefined;
  const everyMs = known === undefined || known === "witnessed" ? false : known === "published" ? WITNESS_MS : FOLLOW_MS;
  const { state } = useAnswer(ledger.getStatement, input, { everyMs });
  const statement = state.kind === "ready" ? state.value : undefined;
  return (
    <Page
      breadcrumbs={[{ label: "Ledger", href: "/prove/ledger" }]}
      title={statement ? kindWords(statement.kind) : "Statement"}
      state={statement && <StateBadge state={statement.state} looks={STATEMENT_LOOKS} />}
      meaning="A signed statement. Whoever keeps the log can neither change it nor take it back without everyone seeing it."
    >
      <Loaded state={state} lines={10}>
        {(loaded) => <Statement statement={loaded} />}
      </Loaded>
    </Page>
  );
}

function Statement({ statement }: { statement: ledger.ProvenStatement }) {
  const { actions } = useMe();
  const mayRead = actions.includes("ledger:document");
  const files = useProofFiles(statement, mayRead);
  return (
    <>
      <StatementFacts statement={statement} />
      <Section title="What it says">
        <Said
          statement={statement}
          mayRead={mayRead}
          document={files.kind === "ready" ? files.value.document : undefined}
        />
      </Section>
      <Section title="Is it so?">
        <Loaded state={files} lines={6}>
          {(loaded) => <CheckedProof id={statement.id} files={loaded} />}
        </Loaded>
      </Section>
      <Section title="Check it without us" aside="Years later, offline, with this program or another one.">
        <StatementDownloads statement={statement} />
      </Section>
    </>
  );
}

function CheckedProof({ id, files }: { id: string; files: ProofFiles }) {
  // some milliseconds of hashing and curve arithmetic: once for the same files
  const report = useMemo(() => checkProof(id, files), [id, files]);
  return <ProofView report={report} />;
}

function StatementFacts({ statement }: { statement: ledger.ProvenStatement }) {
  const { kind, subject, issuer, own, index, origin, acceptedAt, publishedAt, witnessedAt } = statement;
  const href = subjectHref(kind, subject);
  return (
    <Facts
      label="Statement"
      facts={[
        { label: "Kind", value: `${kindWords(kind)} (${kind})` },
        { label: "About", value: href ? <a href={href}>{subject}</a> : subject },
        { label: "Signed by", value: own ? `this node (${issuer})` : issuer },
        {
          label: "Identifier",
          value: <Id value={statement.id} name="identifier of the statement" />,
          hint: "SHA-256 of the signed statement",
        },
        { label: "Log", value: origin ?? "none yet" },
        { label: "Entry", value: index === null ? "none yet: it waits for its place" : formatDecimal(index) },
        { label: "Durable since", value: <Time at={acceptedAt} /> },
        { label: "Published since", value: since(publishedAt, statement.published, "not published yet") },
        { label: "Witnessed since", value: since(witnessedAt, statement.witnessed, "not by the quorum yet") },
        { label: "Witnessed by", value: witnessesOf(statement) },
      ]}
    />
  );
}

function witnessesOf({ witnessedBy, witnessed }: ledger.ProvenStatement): string {
  if (witnessedBy.length > 0) return witnessedBy.join(", ");
  return witnessed ? "those asked at that time: see the checks below" : "nobody yet";
}

/** An instant that is known, one that was not kept, or none yet. */
function since(at: string | null, isSo: boolean, notYet: string) {
  if (at) return <Time at={at} />;
  return isSo ? undefined : notYet;
}

const decoder = new TextDecoder();

function Said({
  statement,
  mayRead,
  document,
}: {
  statement: ledger.ProvenStatement;
  mayRead: boolean;
  document: Uint8Array | undefined;
}) {
  if (statement.erased)
    return (
      <p>
        Erased: this node holds no copy of what it says any more. The entry and its proof stay as they were.{" "}
        {statement.erasure && <a href={`/prove/ledger/${statement.erasure}`}>The statement of its erasure</a>}
      </p>
    );
  if (!statement.own)
    return (
      <p className="dimmed">
        Someone else signed it: what it says lies in the signed statement itself, to be downloaded below.
      </p>
    );
  if (!mayRead)
    return (
      <p className="dimmed">
        Your roles show that it is on record, and not what it says: that needs the right ledger:document.
      </p>
    );
  if (!document) return <p className="dimmed">On its way.</p>;
  return (
    <pre className={styles.document} tabIndex={0} aria-label="What the statement says">
      {indented(decoder.decode(document))}
    </pre>
  );
}

/** The same JSON, indented for reading; the check takes the bytes as they are. */
function indented(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), null, 2);
  } catch {
    return text;
  }
}
