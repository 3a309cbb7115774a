/** Bringing tables in: choose a file, or look at what was imported. */
import { exchange } from "@holdfast/api";
import { Button, FileButton } from "@mantine/core";
import { getRouteApi } from "@tanstack/react-router";
import { type DragEvent, useState } from "react";
import { api, queryClient } from "../../shell/api.ts";
import { failureOf } from "../../shell/failure.ts";
import { useListing } from "../../shell/queries.ts";
import { useRefusal } from "../../shell/session.tsx";
import { useSearchChange } from "../../shell/table-search.ts";
import type { Column } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { useFollow } from "../../ui/follow.tsx";
import { formatBytes } from "../../ui/format.ts";
import type { Failure } from "../../ui/load-state.ts";
import { Failed, Forbidden } from "../../ui/notice.tsx";
import { Page, Section } from "../../ui/page.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { Time } from "../../ui/time.tsx";
import styles from "./exchange.module.css";
import { OUTCOME_LOOKS, outcomeOf } from "./looks.ts";

const route = getRouteApi("/shell/know/import");

const COLUMNS: readonly Column<exchange.FileImport>[] = [
  { id: "fileName", header: "File", value: (one) => one.fileName },
  {
    id: "outcome",
    header: "Outcome",
    value: (one) => OUTCOME_LOOKS[outcomeOf(one)].word,
    cell: (one) => <StateBadge state={outcomeOf(one)} looks={OUTCOME_LOOKS} />,
    width: 240,
  },
  { id: "rows", header: "Rows", value: (one) => one.run?.counts.rows, align: "end", width: 100 },
  { id: "created", header: "Added", value: (one) => one.run?.counts.created, align: "end", width: 90 },
  { id: "changed", header: "Changed", value: (one) => one.run?.counts.changed, align: "end", width: 100 },
  { id: "refused", header: "Refused", value: (one) => one.run?.counts.refused, align: "end", width: 100 },
  {
    id: "size",
    header: "Size",
    value: (one) => one.sizeBytes,
    cell: (one) => formatBytes(one.sizeBytes),
    align: "end",
    width: 100,
  },
  { id: "createdByName", header: "By", value: (one) => one.createdByName, width: 150 },
  {
    id: "createdAt",
    header: "When",
    value: (one) => one.createdAt,
    cell: (one) => <Time at={one.createdAt} as="age" />,
    width: 110,
  },
];

export function ImportsPage() {
  const view = route.useSearch();
  const change = useSearchChange();
  const mayNot = useRefusal("registry:import");
  const { state, more } = useListing(exchange.listImports, { query: {} }, { isOff: mayNot !== undefined });
  return (
    <Page
      title="How do our sites, items and suppliers get in here?"
      meaning="From CSV or XLSX. You see what each column means and what each row would do before anything is stored."
    >
      {mayNot ? (
        <Forbidden why={mayNot} />
      ) : (
        <>
          <Choose />
          <Templates />
          <Section title="Imports so far">
            <DataTable
              caption="Imports"
              columns={COLUMNS}
              state={state}
              more={more}
              rowId={(one) => one.id}
              href={(one) => `/know/import/${one.id}${one.run ? "?step=report" : ""}`}
              empty={{ what: "Files that were brought in would be listed here, each with its report." }}
              view={view}
              onView={(next) => change({ ...next })}
            />
          </Section>
        </>
      )}
    </Page>
  );
}

function Choose() {
  const follow = useFollow();
  const [sending, setSending] = useState<File>();
  const [isOver, setOver] = useState(false);
  const [failure, setFailure] = useState<Failure>();
  const send = async (file: File | null | undefined) => {
    if (!file) return;
    setFailure(undefined);
    setSending(file);
    try {
      const upload = { content: file, contentType: contentTypeOf(file) };
      const query = { fileName: file.name.slice(0, 300) || "upload" };
      const { body } = await api.upload(exchange.createImport, { query }, upload);
      await queryClient.invalidateQueries();
      follow(`/know/import/${body.id}`);
    } catch (error) {
      setFailure(failureOf(error));
    } finally {
      setSending(undefined);
    }
  };
  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    void send(event.dataTransfer.files[0]);
  };
  return (
    <div
      className={styles.drop}
      data-over={isOver}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <FileButton accept=".csv,.tsv,.txt,.xlsx" onChange={(file) => void send(file)}>
        {(props) => (
          <Button {...props} loading={sending !== undefined}>
            Choose a file
          </Button>
        )}
      </FileButton>
      <p className="dimmed" role="status">
        {sending
          ? `Sending ${sending.name}, ${formatBytes(sending.size)}`
          : "or drop a CSV or XLSX file here. Choosing it stores nothing in the registry yet."}
      </p>
      {failure && <Failed failure={failure} />}
    </div>
  );
}

/** What a file is, is seen in its bytes; a type that the node does not know would only be refused. */
function contentTypeOf(file: File): string {
  return exchange.UPLOAD_TYPES.find((type) => type === file.type) ?? "application/octet-stream";
}

function Templates() {
  return (
    <p>
      Templates with a remark for each column: <a href="/api/know/exchange/templates/workbook">one workbook for all</a>,
      or CSV for{" "}
      {exchange.TABLES.map((table, i) => (
        <span key={table}>
          {i > 0 && ", "}
          <a href={`/api/know/exchange/templates/${table}`} download={`${table}.csv`}>
            {table}
          </a>
        </span>
      ))}
      .
    </p>
  );
}
