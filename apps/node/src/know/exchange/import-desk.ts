/**
 * Imports as people handle them: a file is staged, looked at, mapped, run, and its report read. Every refusal of a file
 * leaves nothing behind.
 */
import type { Principal } from "@holdfast/access";
import { exchange } from "@holdfast/api";
import { Problem, uuid7 } from "@holdfast/kernel";
import type { Transaction } from "kysely";
import type { Readable } from "node:stream";
import type { Database } from "../../platform/database.ts";
import type { Jobs } from "../../platform/jobs.ts";
import type { Ports } from "../../platform/ports.ts";
import { analyse, suggestDecimal } from "./analysis.ts";
import { isColumn } from "./header.ts";
import type { ImportInput } from "./import-run.ts";
import { refuseMissingColumns } from "./needed-column.ts";
import { futureFault } from "./observation-day.ts";
import { refusal } from "./sheet-row.ts";
import { chunkSource, stageBytes } from "./staged-file.ts";
import {
  addImport,
  completeImport,
  type Db,
  deleteImport,
  findByKey,
  type ImportRecord,
  readImport,
  sweep,
  writeOptions,
  writeRun,
} from "./store.ts";
import { openTableFile } from "./table-file.ts";

export const IMPORT_JOB = "exchange/import";

const CONFIDENCE_PERCENT = 75; // "probably true" in the scale of STIX 2.1 appendix A: a company's own records, unchecked

type NoTables = Record<never, never>; // the statements name their tables themselves

export interface DeskParts {
  readonly database: Database;
  readonly jobs: Jobs;
  readonly ports: Ports;
  /** The largest file, in bytes. */
  readonly sizeBytesMax: number;
}

export interface NewImport {
  readonly stream: Readable;
  readonly fileName: string;
  /** The table of a CSV file. */
  readonly as: exchange.TableName | undefined;
  readonly principal: Principal;
  readonly idempotencyKey: string | undefined;
}

export class ImportDesk {
  readonly #parts: DeskParts;

  constructor(parts: DeskParts) {
    this.#parts = parts;
  }

  get db(): Db {
    return this.#parts.database.tables<NoTables>();
  }

  /** Stages a file. @throws Problem `http/body-too-large` and those of the readers, after forgetting what came */
  async stage({ stream, fileName, as, principal, idempotencyKey }: NewImport): Promise<ImportRecord> {
    const { ports, sizeBytesMax } = this.#parts;
    const id = uuid7(ports);
    const at = ports.clock.now();
    await sweep(this.db, at, exchange.STAGED_DAYS);
    await addImport(this.db, { id, fileName, principal, at });
    try {
      const { sizeBytes, sha256 } = await stageBytes(this.db, id, { stream, sizeBytesMax });
      const before = idempotencyKey === undefined ? undefined : await findByKey(this.db, principal.id, idempotencyKey);
      if (before) {
        await deleteImport(this.db, id);
        if (before.sha256 === sha256) return before;
        throw new Problem(
          "http/idempotency-mismatch",
          "the Idempotency-Key was used for another file: choose a new one",
        );
      }
      const file = await openTableFile(chunkSource(this.db, id, sizeBytes));
      try {
        const sheets = await analyse(file, as);
        const { format, delimiter } = file;
        const options = optionsOf(sheets, { fileName, at, format });
        return await completeImport(this.db, id, {
          format,
          sizeBytes,
          sha256,
          analysis: { delimiter, sheets },
          options,
          idempotencyKey,
        });
      } finally {
        file.close();
      }
    } catch (error) {
      await deleteImport(this.db, id);
      throw error;
    }
  }

  /** An import as it stands; a run whose job ended without a word is told as what became of the job. */
  async get(id: string): Promise<ImportRecord> {
    const record = await readImport(this.db, id);
    if (!record) throw notFound(id);
    return { ...record, run: await this.#settled(record) };
  }

  async #settled({ id, run }: ImportRecord): Promise<exchange.ImportRun | null> {
    if (run?.outcome !== "running") return run;
    const job = await this.#parts.jobs.get(run.jobId);
    if (job && job.ended_at === null) return run;
    const settled = {
      ...run,
      outcome: job?.state === "cancelled" ? ("cancelled" as const) : ("failed" as const),
      endedAt: (job?.ended_at ?? this.#parts.ports.clock.now()).toISOString(),
    };
    // the run itself may have said more in the meantime
    const now = await readImport(this.db, id);
    if (now?.run?.outcome !== "running") return now?.run ?? null;
    await writeRun(this.db, id, settled);
    return settled;
  }

  /** Sets mapping and options. @throws Problem `http/precondition-failed`, `exchange/running`, and what is wrong with the mapping */
  async configure(
    tx: Transaction<NoTables>,
    id: string,
    { options, expected }: { options: exchange.ImportOptions; expected: number },
  ): Promise<ImportRecord> {
    const record = await this.#lock(tx, id);
    if (record.version !== expected)
      throw new Problem(
        "http/precondition-failed",
        `the import is at version \`${record.version}\`, not \`${expected}\``,
        { detail: { version: record.version } },
      );
    checkMapping(record, options);
    refuseFuture(options.observedAt, this.#parts.ports.clock.now());
    await refuseMissingColumns(tx, record, options);
    return writeOptions(tx, id, options);
  }

  /** Starts a run in `tx`. @returns the job's id */
  async run(
    tx: Transaction<NoTables>,
    id: string,
    { mode, principal }: { mode: exchange.ImportMode; principal: Principal },
  ): Promise<string> {
    const record = await this.#lock(tx, id);
    if (!record.hasFile)
      throw refusal(
        "exchange/file-gone",
        `the file was forgotten after \`${exchange.STAGED_DAYS}\` days: send it again`,
      );
    if (!record.options.sheets.some(({ table, columns }) => table !== null && columns.length > 0))
      throw refusal("exchange/nothing-to-import", "no sheet has a table and columns: say what the file holds first");
    await refuseMissingColumns(tx, record, record.options);
    const verb = mode === "dry-run" ? "Check" : "Import";
    const input = { importId: id, mode, startedByName: principal.name } satisfies ImportInput;
    const jobId = await this.#parts.jobs.enqueue(tx, {
      kind: IMPORT_JOB,
      title: `${verb} ${record.fileName}`,
      input,
      principal,
    });
    const startedAt = this.#parts.ports.clock.now().toISOString();
    await writeRun(
      tx,
      id,
      { jobId, mode, outcome: "running", counts: NO_COUNTS, tables: [], findings: 0, startedAt, endedAt: null },
      { isNew: true },
    );
    return jobId;
  }

  /** Forgets file and report. @throws Problem `exchange/running` */
  async delete(id: string): Promise<void> {
    await this.#parts.database.transaction<NoTables, void>(async (tx) => {
      await this.#lock(tx, id);
      await deleteImport(tx, id);
    });
  }

  /** Locks an import that is not running. */
  async #lock(tx: Db, id: string): Promise<ImportRecord> {
    const record = await readImport(tx, id, { lock: true });
    if (!record) throw notFound(id);
    if (record.run?.outcome === "running") {
      const job = await this.#parts.jobs.get(record.run.jobId);
      if (job && job.ended_at === null)
        throw refusal("exchange/running", "the import runs: wait for its end, or cancel its job", {
          detail: { jobId: record.run.jobId },
        });
    }
    return record;
  }
}

const NO_COUNTS: exchange.ImportCounts = { rows: 0, remarks: 0, created: 0, changed: 0, unchanged: 0, refused: 0 };

function notFound(id: string): Problem {
  return refusal("exchange/import-not-found", `there is no import \`${id}\``);
}

/** What an import starts with: the suggested mapping, and the file's name as the source. */
function optionsOf(
  sheets: readonly exchange.SheetAnalysis[],
  { fileName, at, format }: { fileName: string; at: Date; format: exchange.FileImport["format"] },
): exchange.ImportOptions {
  return {
    sheets: sheets.map(({ sheet, table, suggestion }) => ({ sheet, table, columns: suggestion })),
    source: fileName,
    observedAt: at.toISOString().slice(0, 10),
    confidencePercent: CONFIDENCE_PERCENT,
    decimal: suggestDecimal(sheets, format),
    emptyCells: "keep",
  };
}

function refuseFuture(observedAt: string, now: Date): void {
  const fault = futureFault(observedAt, now);
  if (fault) throw new Problem("http/invalid", `\`observedAt\`: ${fault.message}`, { detail: { observedAt } });
}

/** @throws Problem `exchange/unknown-sheet`, `exchange/unknown-column` or `exchange/column-mapped-twice` */
function checkMapping(record: ImportRecord, options: exchange.ImportOptions): void {
  const sheets = new Set<string>();
  for (const { sheet, table, columns } of options.sheets) {
    const analysed = record.analysis.sheets.find((each) => each.sheet === sheet);
    if (!analysed || sheets.has(sheet))
      throw refusal("exchange/unknown-sheet", `the file has no sheet \`${sheet}\`, or it is named twice`, {
        detail: { sheet },
      });
    sheets.add(sheet);
    const taken = new Set<string | number>();
    for (const { index, column } of columns) {
      const detail = { sheet, index, column };
      if (index >= analysed.header.length)
        throw refusal("exchange/unknown-column", `the file has no column number \`${index}\``, { detail });
      if (table !== null && !isColumn(table, column))
        throw refusal("exchange/unknown-column", `the table \`${table}\` has no column \`${column}\``, { detail });
      if (taken.has(column) || taken.has(index))
        throw refusal(
          "exchange/column-mapped-twice",
          `\`${column}\` is mapped twice, or a column of the file means two things`,
          { detail },
        );
      taken.add(column).add(index);
    }
  }
}
