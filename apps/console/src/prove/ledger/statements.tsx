/** What is on record, newest first, by kind and by what it is about. */
import { ledger } from "@holdfast/api";
import { NativeSelect, TextInput } from "@mantine/core";
import { useListing } from "../../shell/queries.ts";
import type { TableView } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { useDraft } from "../../ui/draft.ts";
import { kindWords } from "./kind-words.ts";
import { STATEMENT_COLUMNS } from "./statement-columns.tsx";

const REFRESH_MS = 5_000;
const COMMIT_MS = 400;

export interface StatementQuery {
  readonly kind?: string | undefined;
  readonly subject?: string | undefined;
}

export function Statements({
  query,
  kinds,
  onQuery,
  view,
  onView,
}: {
  query: StatementQuery;
  /** Those that there are. */
  kinds: readonly string[];
  onQuery: (query: StatementQuery & Readonly<Record<string, unknown>>) => void;
  view: TableView;
  onView: (view: TableView) => void;
}) {
  const { kind, subject } = query;
  const { state, more } = useListing(ledger.listStatements, { query }, { everyMs: REFRESH_MS });
  const [draft, setDraft] = useDraft(
    subject ?? "",
    (next) => onQuery({ subject: next.trim() || undefined }),
    COMMIT_MS,
  );
  const choices = [...new Set([...kinds, ...(kind ? [kind] : [])])].sort();
  const isFiltered = kind !== undefined || subject !== undefined;
  return (
    <DataTable
      caption="Statements"
      columns={STATEMENT_COLUMNS}
      state={state}
      more={more}
      rowId={(one) => one.id}
      href={(one) => `/prove/ledger/${one.id}`}
      empty={
        isFiltered
          ? { what: "No statement fits these filters." }
          : {
              what: "Nothing is on record yet. Whatever matters goes in by itself: an import, criteria that are decided, access that is granted.",
              start: <a href="/know/import">Import a file</a>,
            }
      }
      view={view}
      onView={onView}
      actions={
        <>
          <NativeSelect
            aria-label="Kind"
            value={kind ?? ""}
            data={[
              { value: "", label: "Every kind" },
              ...choices.map((one) => ({ value: one, label: kindWords(one) })),
            ]}
            onChange={(event) => onQuery({ kind: event.currentTarget.value || undefined })}
          />
          <TextInput
            aria-label="About exactly"
            placeholder="About: urn:uuid:…"
            w={220}
            value={draft}
            onChange={(event) => setDraft(event.currentTarget.value)}
          />
        </>
      }
    />
  );
}
