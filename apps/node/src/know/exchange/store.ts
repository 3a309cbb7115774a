/** The slice's tables: imports, the bytes of their files, their reports, and recipe rows while they are gathered. */
import type { exchange } from "@holdfast/api";
import type { Principal } from "@holdfast/access";
import { type Kysely, sql } from "kysely";
import type { SheetAnalysis } from "./analysis.ts";
import type { RecipeLine } from "./recipe-rows.ts";

/** Statements name their tables themselves. */
export type Db = Kysely<Record<never, never>>;

/** An import whose bytes are all here. */
export interface ImportRecord {
  readonly id: string;
  readonly version: number;
  readonly fileName: string;
  readonly format: "csv" | "xlsx";
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly analysis: FileAnalysis;
  readonly options: exchange.ImportOptions;
  readonly run: exchange.ImportRun | null;
  readonly hasFile: boolean;
  readonly createdByName: string;
  readonly createdAt: Date;
}

export interface FileAnalysis {
  readonly delimiter: string | null;
  readonly sheets: readonly SheetAnalysis[];
}

interface ImportRow {
  readonly id: string;
  readonly version: number;
  readonly file_name: string;
  readonly format: "csv" | "xlsx";
  readonly size_bytes: number;
  readonly sha256: string;
  readonly analysis: FileAnalysis;
  readonly options: exchange.ImportOptions;
  readonly run: exchange.ImportRun | null;
  readonly has_file: boolean;
  readonly created_by_name: string;
  readonly created_at: Date;
}

const COLUMNS = sql`id, version, file_name, format, size_bytes, sha256, analysis, options, run, has_file, created_by_name, created_at`;

function recordOf(row: ImportRow): ImportRecord {
  const { id, version, format, sha256, analysis, options, run } = row;
  return {
    id,
    version,
    format,
    sha256,
    analysis,
    options,
    run,
    fileName: row.file_name,
    sizeBytes: row.size_bytes,
    hasFile: row.has_file,
    createdByName: row.created_by_name,
    createdAt: row.created_at,
  };
}

/** Begins an upload. */
export async function addImport(
  db: Db,
  entry: { id: string; fileName: string; principal: Principal; at: Date },
): Promise<void> {
  await sql`
    insert into exchange_import (id, state, file_name, created_by, created_by_name, created_at)
    values (${entry.id}, 'uploading', ${entry.fileName}, ${entry.principal.id}, ${entry.principal.name}, ${entry.at})`.execute(
    db,
  );
}

export interface StagedFile {
  readonly format: "csv" | "xlsx";
  readonly sizeBytes: number;
  readonly sha256: string;
  readonly analysis: FileAnalysis;
  readonly options: exchange.ImportOptions;
  readonly idempotencyKey: string | undefined;
}

/** Ends an upload: from now on the import is shown. */
export async function completeImport(db: Db, id: string, file: StagedFile): Promise<ImportRecord> {
  const { rows } = await sql<ImportRow>`
    update exchange_import
    set state = 'staged', format = ${file.format}, size_bytes = ${file.sizeBytes}, sha256 = ${file.sha256},
      analysis = ${JSON.stringify(file.analysis)}::jsonb, options = ${JSON.stringify(file.options)}::jsonb, idempotency_key = ${file.idempotencyKey ?? null}
    where id = ${id}::uuid returning ${COLUMNS}`.execute(db);
  return recordOf(rows[0]!); // the caller added it
}

/** The import that the same caller staged under the same key. */
export async function findByKey(db: Db, principalId: string, key: string): Promise<ImportRecord | undefined> {
  const { rows } = await sql<ImportRow>`
    select ${COLUMNS} from exchange_import where created_by = ${principalId} and idempotency_key = ${key} and state = 'staged' limit 1`.execute(
    db,
  );
  return rows[0] && recordOf(rows[0]);
}

export async function readImport(db: Db, id: string, { lock = false } = {}): Promise<ImportRecord | undefined> {
  const { rows } = await sql<ImportRow>`
    select ${COLUMNS} from exchange_import where id = ${id}::uuid and state = 'staged' limit 1 ${lock ? sql`for update` : sql``}`.execute(
    db,
  );
  return rows[0] && recordOf(rows[0]);
}

/** Newest first, below `after`. */
export async function listImports(db: Db, page: { limit: number; after: string | undefined }): Promise<ImportRecord[]> {
  const { rows } = await sql<ImportRow>`
    select ${COLUMNS} from exchange_import
    where state = 'staged' and (${page.after ?? null}::uuid is null or id < ${page.after ?? null}::uuid) order by id desc limit ${page.limit}`.execute(
    db,
  );
  return rows.map(recordOf);
}

export async function writeOptions(db: Db, id: string, options: exchange.ImportOptions): Promise<ImportRecord> {
  const { rows } = await sql<ImportRow>`
    update exchange_import set options = ${JSON.stringify(options)}::jsonb, version = version + 1 where id = ${id}::uuid returning ${COLUMNS}`.execute(
    db,
  );
  return recordOf(rows[0]!); // the caller locked it
}

/** Notes how the run goes; a later run's note is not overwritten by an earlier one. */
export async function writeRun(db: Db, id: string, run: exchange.ImportRun, { isNew = false } = {}): Promise<void> {
  await sql`
    update exchange_import set run = ${JSON.stringify(run)}::jsonb
    where id = ${id}::uuid and (${isNew} or run ->> 'jobId' = ${run.jobId})`.execute(db);
}

export async function deleteImport(db: Db, id: string): Promise<void> {
  await sql`delete from exchange_import where id = ${id}::uuid`.execute(db);
}

const SWEPT_AT_ONCE = 100; // imports; what is left waits for the next upload

/** Forgets what is left of broken uploads, and the files of old imports; their reports stay. */
export async function sweep(db: Db, at: Date, stagedDays: number): Promise<void> {
  const before = (days: number) => new Date(at.getTime() - days * 86_400_000);
  await sql`delete from exchange_import where state = 'uploading' and has_file and created_at < ${before(1)}`.execute(
    db,
  );
  const { rows } = await sql<{ id: string }>`
    select id from exchange_import where has_file and state = 'staged' and created_at < ${before(stagedDays)} order by created_at limit ${SWEPT_AT_ONCE}`.execute(
    db,
  );
  const ids = rows.map(({ id }) => id);
  await sql`delete from exchange_chunk where import_id = any(${ids}::uuid[])`.execute(db);
  await sql`update exchange_import set has_file = false where id = any(${ids}::uuid[])`.execute(db);
}

export async function writeChunk(db: Db, importId: string, index: number, bytes: Uint8Array): Promise<void> {
  await sql`insert into exchange_chunk (import_id, chunk_index, bytes) values (${importId}::uuid, ${index}, ${Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)})`.execute(
    db,
  );
}

export async function readChunk(db: Db, importId: string, index: number): Promise<Uint8Array | undefined> {
  const { rows } = await sql<{ bytes: Uint8Array }>`
    select bytes from exchange_chunk where import_id = ${importId}::uuid and chunk_index = ${index} limit 1`.execute(
    db,
  );
  return rows[0]?.bytes;
}

/** A finding with its place in the report. */
export interface PlacedFinding extends exchange.Finding {
  readonly sheetIndex: number;
  readonly sequence: number;
}

export async function addFindings(db: Db, importId: string, findings: readonly PlacedFinding[]): Promise<void> {
  await sql`
    insert into exchange_finding (import_id, sheet_index, row_number, sequence, level, sheet, table_name, column_name, value, rule, message)
    select ${importId}::uuid, f."sheetIndex", f.row, f.sequence, f.level, f.sheet, f."table", f."column", f.value, f.rule, f.message
    from jsonb_to_recordset(${JSON.stringify(findings)}::jsonb) as f (
      "sheetIndex" smallint, row int, sequence int, level text, sheet text, "table" text, "column" text, value text, rule text, message text)`.execute(
    db,
  );
}

export async function clearFindings(db: Db, importId: string): Promise<void> {
  await sql`delete from exchange_finding where import_id = ${importId}::uuid`.execute(db);
}

export interface FindingPlace {
  readonly sheetIndex: number;
  readonly row: number;
  readonly sequence: number;
}

/** The report in the order of the file, behind `after`. */
export async function listFindings(
  db: Db,
  importId: string,
  page: { limit: number; after: FindingPlace },
): Promise<PlacedFinding[]> {
  const { rows } = await sql<PlacedFinding>`
    select sheet_index as "sheetIndex", row_number as row, sequence, level, sheet, table_name as "table", column_name as "column", value, rule, message
    from exchange_finding
    where import_id = ${importId}::uuid and (sheet_index, row_number, sequence) > (${page.after.sheetIndex}, ${page.after.row}, ${page.after.sequence})
    order by sheet_index, row_number, sequence limit ${page.limit}`.execute(db);
  return rows;
}

/** A recipe's row with the recipe it belongs to. */
export interface GatheredRow {
  readonly site: string;
  readonly item: string;
  readonly row: number;
  readonly line: RecipeLine | null;
}

export async function addRecipeRows(db: Db, importId: string, rows: readonly GatheredRow[]): Promise<void> {
  await sql`
    insert into exchange_recipe_row (import_id, site_id, item_id, row_number, line)
    select ${importId}::uuid, r.site, r.item, r.row, nullif(r.line, 'null'::jsonb)
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (site uuid, item uuid, row int, line jsonb)`.execute(
    db,
  );
}

/** Gathered rows, recipe by recipe, behind `after`. */
export async function listRecipeRows(
  db: Db,
  importId: string,
  page: { limit: number; after: { site: string; item: string; row: number } },
): Promise<GatheredRow[]> {
  const { rows } = await sql<GatheredRow>`
    select site_id as site, item_id as item, row_number as row, line from exchange_recipe_row
    where import_id = ${importId}::uuid and (site_id, item_id, row_number) > (${page.after.site}::uuid, ${page.after.item}::uuid, ${page.after.row})
    order by site_id, item_id, row_number limit ${page.limit}`.execute(db);
  return rows;
}

export async function clearRecipeRows(db: Db, importId: string): Promise<void> {
  await sql`delete from exchange_recipe_row where import_id = ${importId}::uuid`.execute(db);
}
