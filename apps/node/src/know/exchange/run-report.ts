/**
 * What a run did, as it grows: counts per table, and findings row by row. Findings are written in batches beside the
 * import's own transaction, so that a rollback keeps the report.
 */
import { exchange } from "@holdfast/api";
import { addFindings, type Db, type PlacedFinding } from "./store.ts";
import type { BatchResult } from "./table-import.ts";

export const FINDINGS_MAX = 100_000; // kept of one run; who has more has one fault in every row
const BATCH = 500;

/** Where a batch's rows stand. */
export interface SheetPlace {
  readonly sheet: string;
  readonly sheetIndex: number;
  readonly table: exchange.TableName;
}

type Counts = { -readonly [Name in keyof exchange.ImportCounts]: number };

const NONE: exchange.ImportCounts = { rows: 0, remarks: 0, created: 0, changed: 0, unchanged: 0, refused: 0 };

export class RunReport {
  readonly #db: Db;
  readonly #importId: string;
  readonly #tables = new Map<exchange.TableName, Counts>();
  #batch: PlacedFinding[] = [];
  #findings = 0;

  constructor(db: Db, importId: string) {
    this.#db = db;
    this.#importId = importId;
  }

  get counts(): exchange.ImportCounts {
    const sum: Counts = { ...NONE };
    for (const counts of this.#tables.values())
      for (const name of Object.keys(NONE) as (keyof Counts)[]) sum[name] += counts[name]; // NONE has all names
    return sum;
  }

  /** Whether findings are no longer kept. */
  get isFull(): boolean {
    return this.#findings >= FINDINGS_MAX;
  }

  figures(): Pick<exchange.ImportRun, "counts" | "tables" | "findings"> {
    const tables = exchange.TABLES.flatMap((table) => {
      const counts = this.#tables.get(table);
      return counts ? [{ table, counts: { ...counts } }] : [];
    });
    return { counts: this.counts, tables, findings: Math.min(this.#findings, FINDINGS_MAX) };
  }

  /** Rows that were read, before anything is made of them. */
  countRows(table: exchange.TableName, read: { rows: number; remarks: number }): void {
    const counts = this.#countsOf(table);
    counts.rows += read.rows;
    counts.remarks += read.remarks;
  }

  async take(place: SheetPlace, result: BatchResult): Promise<void> {
    const counts = this.#countsOf(place.table);
    counts.created += result.created;
    counts.changed += result.changed;
    counts.unchanged += result.unchanged;
    counts.refused += result.refusals.filter(({ isPart }) => !isPart).length;
    for (const { faults } of result.refusals)
      for (const { row, column, value, rule, message } of faults)
        this.#add({ ...place, level: "refused", row, column, value, rule, message });
    for (const { row, rule, message } of result.warnings)
      this.#add({ ...place, level: "warning", row, column: null, value: null, rule, message });
    if (this.#batch.length >= BATCH) await this.flush();
  }

  async flush(): Promise<void> {
    const batch = this.#batch;
    this.#batch = [];
    if (batch.length > 0) await addFindings(this.#db, this.#importId, batch);
  }

  #countsOf(table: exchange.TableName): Counts {
    const counts = this.#tables.get(table) ?? { ...NONE };
    this.#tables.set(table, counts);
    return counts;
  }

  #add(finding: Omit<PlacedFinding, "sequence">): void {
    this.#findings += 1;
    if (this.#findings <= FINDINGS_MAX) this.#batch.push({ ...finding, sequence: this.#findings });
  }
}
