/**
 * Imports one sheet as it is read: its rows in batches, each in a transaction that the run chooses. Organisations whose
 * parent stands further down wait for another pass over the file, which keeps memory flat; recipes are gathered first.
 */
import type { exchange } from "@holdfast/api";
import type { Db } from "../registry/index.ts";
import { isRemark } from "./header.ts";
import type { ParsedRow, RowReader } from "./parsed-row.ts";
import { gatheredRecipes, gatherRecipeRows, importRecipes } from "./recipe-import.ts";
import { RowSet } from "./seen-objects.ts";
import type { Sheet } from "./sheet-row.ts";
import { clearRecipeRows } from "./store.ts";
import { type BatchResult, emptyResult, importBatch, type RunState } from "./table-import.ts";

const BATCH_ROWS = 1_000; // one statement's worth: a few hundred kilobytes
export const PARENT_PASSES_MAX = 32; // levels of organisations that stand below their children in the file

/** Runs work in the transaction of the whole run, or in one of its own, which may be repeated. */
export type Transact = (work: (tx: Db) => Promise<BatchResult>) => Promise<BatchResult>;

export interface SheetRun {
  readonly importId: string;
  readonly sheet: Sheet;
  readonly table: exchange.TableName;
  readonly headerRow: number;
  readonly reader: RowReader;
  readonly transact: Transact;
  /** As it stands before each batch. */
  state(): RunState;
  /** Takes over what a committed batch did. */
  take(result: BatchResult): Promise<void>;
  countRows(read: { rows: number; remarks: number }): void;
  /** `fraction` of this sheet. Throws when the run is to stop. */
  progress(fraction: number): void;
}

export function importSheet(run: SheetRun): Promise<void> {
  return run.table === "recipes" ? importRecipeSheet(run) : importRows(run);
}

async function importRows(run: SheetRun): Promise<void> {
  let waiting: RowSet | undefined;
  let mayDefer = run.table === "organisations";
  for (let pass = 1; ; pass++) {
    const deferred = new RowSet();
    for await (const rows of ahead(batches(run, waiting))) {
      const result = await run.transact((tx) => importBatch(tx, { table: run.table, rows, mayDefer }, run.state()));
      await run.take(result);
      for (const row of result.deferred) deferred.add(row);
    }
    if (deferred.size === 0) return;
    // after a pass that helped no row comes one that says why
    mayDefer = deferred.size < (waiting?.size ?? Number.POSITIVE_INFINITY) && pass < PARENT_PASSES_MAX;
    waiting = deferred;
  }
}

/** Rows below the header, remarks left out; only those of `only` in a later pass. */
async function* batches(run: SheetRun, only: RowSet | undefined, share = 1): AsyncGenerator<ParsedRow[]> {
  let fraction = 0;
  let batch: ParsedRow[] = [];
  const rows = run.sheet.rows((read) => {
    fraction = read;
  });
  for await (const some of rows) {
    let remarks = 0;
    let count = 0;
    for (const row of some) {
      if (row.row <= run.headerRow || (only && !only.has(row.row))) continue;
      if (isRemark(row.cells)) {
        remarks += 1;
        continue;
      }
      count += 1;
      batch.push(run.reader.read(row));
    }
    if (!only) run.countRows({ rows: count, remarks });
    run.progress(only ? 1 : fraction * share);
    if (batch.length < BATCH_ROWS) continue;
    yield batch;
    batch = [];
  }
  if (batch.length > 0) yield batch;
}

/** Reads the next batch while the one before is worked on: the file and the database take turns otherwise. */
async function* ahead<Batch>(source: AsyncGenerator<Batch>): AsyncGenerator<Batch> {
  let next = source.next();
  try {
    for (;;) {
      const { done, value } = await next;
      if (done) return;
      next = source.next();
      next.catch(() => undefined); // whoever awaits it hears of it
      yield value;
    }
  } finally {
    await next.catch(() => undefined);
    await source.return(undefined);
  }
}

const GATHERING_SHARE = 0.4; // of a recipe sheet's time
const RECIPES_PER_BATCH = 500;

async function importRecipeSheet(run: SheetRun): Promise<void> {
  let rowCount = 0;
  for await (const rows of ahead(batches(run, undefined, GATHERING_SHARE))) {
    rowCount += rows.length;
    await run.take(await run.transact((tx) => gatherRecipeRows(tx, run.importId, rows, run.state())));
  }
  let done = 0;
  let after: Parameters<typeof gatheredRecipes>[2];
  for (;;) {
    const part = await inside(run.transact, (tx) => gatheredRecipes(tx, run.importId, after));
    for (let at = 0; at < part.recipes.length; at += RECIPES_PER_BATCH) {
      const recipes = part.recipes.slice(at, at + RECIPES_PER_BATCH);
      await run.take(await run.transact((tx) => importRecipes(tx, recipes, run.state())));
      done += recipes.reduce((sum, { rows }) => sum + rows.length, 0);
      run.progress(GATHERING_SHARE + (1 - GATHERING_SHARE) * Math.min(1, done / rowCount));
    }
    if (!part.next) break;
    after = part.next;
  }
  await inside(run.transact, (tx) => clearRecipeRows(tx, run.importId));
}

/** The value of `work` in a transaction that reports nothing. */
export async function inside<Value>(transact: Transact, work: (tx: Db) => Promise<Value>): Promise<Value> {
  const values: Value[] = [];
  await transact(async (tx) => {
    values[0] = await work(tx);
    return emptyResult();
  });
  return values[0]!; // transact ran the work, or threw
}
