/** Step two: what a run did or would do, row by row, and the import itself. */
import { exchange } from "@holdfast/api";
import { Button } from "@mantine/core";
import { JobProgress, useJob } from "../../platform/job-progress.tsx";
import { useAct, useListing } from "../../shell/queries.ts";
import type { Column, TableView } from "../../table/column.ts";
import { DataTable } from "../../table/data-table.tsx";
import { Facts } from "../../ui/facts.tsx";
import form from "../../ui/form.module.css";
import { formatDecimal } from "../../ui/format.ts";
import { EmptyState, Failed, Loaded } from "../../ui/notice.tsx";
import { RefusableButton } from "../../ui/refusable.tsx";
import { StateBadge } from "../../ui/state-badge.tsx";
import { OnRecord } from "../../prove/evidence.tsx";
import { OUTCOME_LOOKS } from "./looks.ts";

export interface ImportReportProps {
  readonly file: exchange.FileImport;
  readonly view: TableView;
  readonly onView: (view: TableView) => void;
}

export function ImportReport({ file, view, onView }: ImportReportProps) {
  const { run } = file;
  return (
    <>
      {run === null ? (
        <EmptyState what="No run yet. A dry run in step one shows what each row would do, and stores nothing." />
      ) : run.outcome === "running" ? (
        <Running jobId={run.jobId} />
      ) : (
        <Outcome run={run} />
      )}
      {run?.outcome === "stored" && (
        <OnRecord
          subjects={[`urn:uuid:${file.id}`]}
          nothing="An import that stores something goes on record with the SHA-256 of its file. This one was made before that."
        />
      )}
      {run?.outcome !== "running" && <Import file={file} />}
      {run && run.outcome !== "running" && <Findings file={file} view={view} onView={onView} />}
    </>
  );
}

function Running({ jobId }: { jobId: string }) {
  return <Loaded state={useJob(jobId)}>{(job) => <JobProgress job={job} />}</Loaded>;
}

const MODES: Readonly<Record<exchange.ImportMode, string>> = {
  "dry-run": "a dry run: nothing was stored",
  "all-or-nothing": "all or nothing",
  "keep-going": "keep going: what could be stored was",
};

function Outcome({ run }: { run: exchange.ImportRun }) {
  const { counts } = run;
  return (
    <Facts
      label="What the run did"
      facts={[
        { label: "Outcome", value: <StateBadge state={run.outcome} looks={OUTCOME_LOOKS} /> },
        { label: "Kind of run", value: MODES[run.mode] },
        { label: "Rows read", value: formatDecimal(counts.rows) },
        { label: "Rows refused", value: formatDecimal(counts.refused) },
        { label: "Objects added", value: formatDecimal(counts.created) },
        { label: "Objects changed", value: formatDecimal(counts.changed) },
        { label: "Objects unchanged", value: formatDecimal(counts.unchanged) },
        {
          label: "By table",
          value: run.tables.map(({ table, counts: one }) => (
            <div key={table}>
              {table}: {formatDecimal(one.created)} added, {formatDecimal(one.changed)} changed,{" "}
              {formatDecimal(one.refused)} refused
            </div>
          )),
        },
      ]}
    />
  );
}

function Import({ file }: { file: exchange.FileImport }) {
  const { act, isBusy, failure } = useAct(exchange.runImport);
  const { run } = file;
  const refusal = !file.hasFile
    ? "The file itself is forgotten: bring it again"
    : run === null
      ? "Try it with a dry run first"
      : run.outcome === "stored"
        ? "It is imported already"
        : undefined;
  const start = (mode: exchange.ImportMode) => void act({ params: { importId: file.id }, body: { mode } });
  const refused = run?.counts.refused ?? 0;
  return (
    <>
      {failure && <Failed failure={failure} />}
      <div className={form.actions}>
        <RefusableButton refusal={refusal} loading={isBusy} onClick={() => start("all-or-nothing")}>
          Import: all or nothing
        </RefusableButton>
        {refusal === undefined && refused > 0 && (
          <Button variant="default" loading={isBusy} onClick={() => start("keep-going")}>
            Import what can be, leave out {formatDecimal(refused)} {refused === 1 ? "row" : "rows"}
          </Button>
        )}
        {refusal === undefined && refused > 0 && (
          <span className="dimmed">With refused rows, all or nothing stores nothing.</span>
        )}
      </div>
    </>
  );
}

const COLUMNS: readonly Column<exchange.Finding>[] = [
  { id: "sheet", header: "Sheet", value: (one) => one.sheet, width: 130, isExtra: true },
  { id: "row", header: "Row", value: (one) => one.row, align: "end", width: 80 },
  { id: "table", header: "Table", value: (one) => one.table, width: 130 },
  { id: "column", header: "Column", value: (one) => one.column ?? "the row as a whole", width: 160 },
  { id: "value", header: "Value", value: (one) => one.value, width: 220 },
  { id: "message", header: "What is wrong", value: (one) => one.message },
  { id: "rule", header: "Rule", value: (one) => one.rule, cell: (one) => <code>{one.rule}</code>, width: 230 },
];

function Findings({ file, view, onView }: ImportReportProps) {
  const { state, more } = useListing(exchange.listFindings, { params: { importId: file.id }, query: { limit: 500 } });
  return (
    <DataTable
      caption="Report, row by row"
      columns={COLUMNS}
      state={state}
      more={more}
      rowId={(one) => `${one.sheet} ${one.row} ${one.column} ${one.rule}`}
      empty={{ what: "No row has anything to remark." }}
      view={view}
      onView={onView}
      {...(file.run ? { total: file.run.findings } : {})}
      actions={<a href={`/api/know/exchange/imports/${file.id}/findings.csv`}>Whole report as CSV</a>}
    />
  );
}
