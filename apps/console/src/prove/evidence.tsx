/** What is on the ledger about something, asked by its subject, as a part of a page or in the evidence drawer. */
import { ledger } from "@holdfast/api";
import { useQueries } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { api } from "../shell/api.ts";
import { stateOf } from "../shell/queries.ts";
import { useRefusal } from "../shell/session.tsx";
import { type Evidence, EvidenceDrawer, OnRecordList, type RecordedStatement } from "../ui/evidence-drawer.tsx";
import type { LoadState } from "../ui/load-state.ts";
import { kindWords } from "./ledger/kind-words.ts";
import { STATEMENT_LOOKS } from "./ledger/looks.ts";

const SHOWN_MAX = 20; // of each subject; the ledger's page lists them all
const FOLLOW_MS = 5_000; // while one of them is not witnessed yet

export interface OnRecordProps {
  /** URIs that statements are about: `urn:uuid:…` of an object, an import, a person. */
  readonly subjects: readonly string[];
  /** What would go on record about it, and when; said where there is nothing. */
  readonly nothing: string;
}

/** The statements about `subjects`, newest first, with how far each has come. */
export function OnRecord({ subjects, nothing }: OnRecordProps) {
  const refusal = useRefusal("ledger:read");
  const state = useStatements(subjects, refusal !== undefined);
  return <OnRecordList state={refusal ? { kind: "forbidden", why: refusal } : state} nothing={nothing} />;
}

/** The evidence drawer with what is on record. */
export function EvidenceOnRecord({
  of,
  evidence,
  onClose,
  children,
  ...record
}: OnRecordProps & {
  of: string | undefined;
  evidence?: Evidence | undefined;
  onClose: () => void;
  children?: ReactNode;
}) {
  return (
    <EvidenceDrawer of={of} evidence={evidence} onClose={onClose}>
      {children}
      {of !== undefined && <OnRecord {...record} />}
    </EvidenceDrawer>
  );
}

function useStatements(subjects: readonly string[], isOff: boolean): LoadState<readonly RecordedStatement[]> {
  const asked = useQueries({
    queries: subjects.map((subject) => ({
      queryKey: [ledger.listStatements.id, "of", subject],
      queryFn: async ({ signal }: { signal: AbortSignal }) => {
        const query = { subject, limit: SHOWN_MAX };
        return (await api.call(ledger.listStatements, { query }, { signal })).body.items;
      },
      enabled: !isOff,
      refetchInterval: (query: { state: { data?: readonly ledger.Statement[] | undefined } }) =>
        query.state.data?.every((one) => one.state === "witnessed") ? false : FOLLOW_MS,
    })),
  });
  const states = asked.map(stateOf);
  const open = states.find((state) => state.kind !== "ready");
  if (open) return open;
  const items = states.flatMap((state) => (state.kind === "ready" ? state.value : []));
  return { kind: "ready", value: items.sort((a, b) => (a.acceptedAt < b.acceptedAt ? 1 : -1)).map(recordedOf) };
}

function recordedOf(one: ledger.Statement): RecordedStatement {
  const { id, kind, state, acceptedAt, witnessedBy } = one;
  const isPublished = state === "published" || state === "witnessed";
  return {
    id,
    what: kindWords(kind),
    state: STATEMENT_LOOKS[state],
    at: acceptedAt,
    witnessedBy,
    href: `/prove/ledger/${id}`,
    ...(isPublished ? { proofHref: `/api/prove/ledger/statements/${id}/proof` } : {}),
  };
}
