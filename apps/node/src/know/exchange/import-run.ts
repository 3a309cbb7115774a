/**
 * One run of an import: reads the staged file, table by table in the order of dependence, and writes to the registry in one
 * transaction, or batch by batch when told to keep going. Safe to run again from the start: what was committed is found
 * unchanged. A dry run is the whole run and a rollback.
 */
import { exchange } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import type { Transaction } from "kysely";
import type { Database } from "../../platform/database.ts";
import type { Evidence } from "../../platform/evidence.ts";
import type { JobRun } from "../../platform/jobs.ts";
import type { Outbox } from "../../platform/outbox.ts";
import type { Ports } from "../../platform/ports.ts";
import type { Registry } from "../registry/index.ts";
import { openRowReader } from "./parsed-row.ts";
import { Resolver } from "./resolver.ts";
import { RunReport } from "./run-report.ts";
import { SeenObjects } from "./seen-objects.ts";
import { importSheet, inside, type Transact } from "./sheet-import.ts";
import { refusal } from "./sheet-row.ts";
import { chunkSource } from "./staged-file.ts";
import { clearFindings, clearRecipeRows, type Db, type ImportRecord, readImport, writeRun } from "./store.ts";
import type { BatchResult, RunState } from "./table-import.ts";
import { openTableFile, type TableFile } from "./table-file.ts";

export interface ImportInput {
  readonly importId: string;
  readonly mode: exchange.ImportMode;
  readonly startedByName: string;
}

export interface RunParts {
  readonly database: Database;
  readonly registry: Registry;
  readonly ports: Ports;
  readonly outbox: Outbox;
  /** Where a stored import is put on record. */
  readonly evidence?: Evidence;
}

/** Topic of the message that follows an import which stored something. */
export const REGISTRY_CHANGED = "registry/changed";

const REFUSED_NAMES_MAX = 10_000; // remembered, to explain what refers to them
const ATTEMPTS_MAX = 3; // of a transaction that another request got ahead of

type NoTables = Record<never, never>; // the statements name their tables themselves

/** @throws Problem `exchange/rows-refused` when an all-or-nothing import is refused, and those of the readers */
export async function runImport(parts: RunParts, job: JobRun<ImportInput>): Promise<exchange.ImportRun> {
  const { importId, mode } = job.input;
  const db: Db = parts.database.tables<NoTables>();
  const record = await readImport(db, importId);
  if (!record) throw refusal("exchange/import-not-found", "the import was deleted before it ran");
  if (!record.hasFile || !record.run)
    throw refusal("exchange/file-gone", "the file was forgotten before the import ran");
  let report = new RunReport(db, importId);
  const end = async (outcome: exchange.ImportRun["outcome"]): Promise<exchange.ImportRun> => {
    await report.flush();
    const run = {
      ...record.run,
      ...report.figures(),
      jobId: job.id,
      mode,
      outcome,
      endedAt: parts.ports.clock.now().toISOString(),
    };
    const whole = { ...run, startedAt: record.run?.startedAt ?? run.endedAt };
    await writeRun(db, importId, whole);
    return whole;
  };
  try {
    await retried(async () => {
      await clearFindings(db, importId);
      report = new RunReport(db, importId);
      const file = await openTableFile(chunkSource(db, importId, record.sizeBytes));
      try {
        await (mode === "keep-going" ? keepGoing : allOrNothing)({ parts, job, record, file, report });
      } finally {
        file.close();
      }
    });
  } catch (error) {
    const isCancelled = error instanceof Problem && error.code === "job/cancelled";
    const isFull = error instanceof Problem && error.code === "exchange/rows-refused";
    // a node that stops leaves the run to another one
    if (isCancelled || !job.signal.aborted) await end(isCancelled ? "cancelled" : isFull ? "refused" : "failed");
    throw error;
  }
  const { counts } = report;
  if (mode === "keep-going" || counts.refused === 0) return end(mode === "dry-run" ? "passed" : "stored");
  const run = await end("refused");
  if (mode === "dry-run") return run;
  throw refusal(
    "exchange/rows-refused",
    `\`${counts.refused}\` of \`${counts.rows}\` rows were refused, so nothing was stored`,
    {
      detail: { importId, counts },
    },
  );
}

/** Again, when another request wrote the same object in the meantime: then it is found. */
async function retried<Value>(attempt: () => Promise<Value>): Promise<Value> {
  for (let i = 1; ; i++) {
    try {
      return await attempt();
    } catch (error) {
      if (!(error instanceof Problem && error.code === "registry/duplicate") || i === ATTEMPTS_MAX) throw error;
    }
  }
}

interface Run {
  readonly parts: RunParts;
  readonly job: JobRun<ImportInput>;
  readonly record: ImportRecord;
  readonly file: TableFile;
  readonly report: RunReport;
}

/** Takes the transaction back; never leaves this file. */
class RolledBack extends Error {}

async function allOrNothing(run: Run): Promise<void> {
  try {
    await run.parts.database.transaction<NoTables, void>(async (tx) => {
      await importSheets(run, (work) => work(tx));
      if (run.job.input.mode === "dry-run" || run.report.counts.refused > 0) throw new RolledBack();
      await announce(run, tx);
    });
  } catch (error) {
    if (!(error instanceof RolledBack)) throw error;
  }
}

async function keepGoing(run: Run): Promise<void> {
  await clearRecipeRows(run.parts.database.tables<NoTables>(), run.record.id); // what a broken run left
  await importSheets(run, (work) => retried(() => run.parts.database.transaction<NoTables, BatchResult>(work)));
  await run.parts.database.transaction<NoTables, void>((tx) => announce(run, tx));
}

/** Tells whoever draws conclusions from the registry that it changed, after the commit, and puts it on record. */
async function announce({ parts, record, report }: Run, tx: Transaction<NoTables>): Promise<void> {
  await parts.evidence?.append(tx, {
    kind: "registry/imported",
    subject: `urn:uuid:${record.id}`,
    payload: { fileSha256: record.sha256, source: record.options.source, counts: { ...report.counts } },
  });
  await parts.outbox.put(tx, { topic: REGISTRY_CHANGED, key: "registry", payload: { import: record.id } });
}

async function importSheets(run: Run, transact: Transact): Promise<void> {
  const { parts, record, file, job, report } = run;
  const { options } = record;
  const chosen = chosenSheets(file, options.sheets);
  const resolver = await inside(transact, (tx) => Resolver.open(tx));
  const seen = new SeenObjects();
  const refused = new Map<string, { table: exchange.TableName; row: number }>();
  const evidence = {
    source: options.source,
    observedAt: options.observedAt,
    confidencePercent: options.confidencePercent,
  };
  const now = parts.ports.clock.now();
  const state = (): RunState => ({
    registry: parts.registry,
    resolver,
    author: { ...parts.registry.author(job.input.startedByName), importId: record.id },
    evidence,
    now,
    seen,
    refused,
  });
  const note = (table: exchange.TableName, { refusals }: BatchResult) => {
    for (const { row, names } of refusals)
      for (const name of names) {
        const key = `${exchange.TABLE_KIND[table]} ${name}`;
        if (refused.size < REFUSED_NAMES_MAX && !refused.has(key)) refused.set(key, { table, row });
      }
  };
  for (const [i, { sheet, sheetIndex, table, columns }] of chosen.entries())
    await importSheet({
      importId: record.id,
      sheet,
      table,
      headerRow: record.analysis.sheets.find((each) => each.sheet === sheet.name)?.headerRow ?? 1,
      reader: openRowReader(table, columns, options),
      transact,
      state,
      countRows: (read) => report.countRows(table, read),
      take: async (result) => {
        await report.take({ sheet: sheet.name, sheetIndex, table }, result);
        for (const { id, row } of result.seen) seen.add(id, row);
        note(table, result);
        if (report.isFull && job.input.mode !== "keep-going")
          throw refusal(
            "exchange/rows-refused",
            `\`${report.counts.refused}\` rows are refused so far: the rest was not looked at, and nothing was stored`,
          );
      },
      progress: (fraction) => {
        job.progress((i + fraction) / chosen.length, `${table}: ${report.counts.rows} rows`);
        job.signal.throwIfAborted();
      },
    });
}

/** In the order of dependence, and of the file within one table. */
function chosenSheets(file: TableFile, mappings: exchange.ImportOptions["sheets"]) {
  return mappings
    .flatMap(({ sheet: name, table, columns }) => {
      const sheetIndex = file.sheets.findIndex((each) => each.name === name);
      const sheet = file.sheets[sheetIndex];
      return table === null || !sheet ? [] : [{ sheet, sheetIndex, table, columns }];
    })
    .sort((a, b) => exchange.TABLES.indexOf(a.table) - exchange.TABLES.indexOf(b.table) || a.sheetIndex - b.sheetIndex);
}
