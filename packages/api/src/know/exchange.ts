/**
 * Import and export of tables. A file is staged first, looked at and mapped, then run as a job: a dry run, all or nothing,
 * or keep going. Nothing of a refused file is stored. Files are CSV (RFC 4180, UTF-8) or XLSX (ISO/IEC 29500).
 */
import { z } from "zod";
import { page, pageQuery } from "../page.ts";
import { route } from "../route.ts";
import { TABLES } from "./exchange-table.ts";
import { asOf, line, observedAt } from "./fact.ts";

export { TABLE_COLUMNS } from "./exchange-columns.ts";
export * from "./exchange-csv.ts";
export * from "./exchange-table.ts";
export { csvTemplateOf, GUIDE_SHEET, workbookTemplateOf } from "./exchange-template.ts";

const tag = "know/exchange";
const params = z.object({ importId: z.uuid() });

export const PREVIEW_ROWS = 20; // what the wizard shows
export const SHEETS_MAX = 64; // of one workbook
export const COLUMNS_MAX = 256; // of one table; wider ones are matrices, not tables
export const CELL_CHARACTERS_MAX = 32_767; // what a spreadsheet's own cell holds
export const FILE_BYTES_MAX = 1_099_511_627_776; // the node's uploadBytesMax sets the limit in force
/** Staged files that nobody ran are forgotten after this. */
export const STAGED_DAYS = 7;

export const CSV_TYPE = "text/csv";
export const XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
/** What a file is, is seen in its bytes; browsers name a CSV as any of these. */
export const UPLOAD_TYPES = [
  CSV_TYPE,
  XLSX_TYPE,
  "text/tab-separated-values",
  "application/csv",
  "application/vnd.ms-excel",
  "application/octet-stream",
] as const;

export const exchangeProblems = {
  "exchange/import-not-found": 404,
  "exchange/running": 409,
  "exchange/file-gone": 409,
  "exchange/empty-file": 422,
  "exchange/not-a-table": 422,
  "exchange/old-or-encrypted-workbook": 422,
  "exchange/invalid-encoding": 422,
  "exchange/malformed-csv": 422,
  "exchange/malformed-workbook": 422,
  "exchange/limit-exceeded": 422,
  "exchange/archive-bomb": 422,
  "exchange/no-header": 422,
  "exchange/unknown-sheet": 422,
  "exchange/unknown-column": 422,
  "exchange/column-mapped-twice": 422,
  "exchange/column-missing": 422,
  "exchange/nothing-to-import": 422,
  "exchange/rows-refused": 422,
} as const;

export const table = z.enum(TABLES);

/** Which column of the file holds which column of the table; a file's column that is not named is left out. */
const mapping = z
  .array(
    z.strictObject({
      index: z
        .int()
        .min(0)
        .max(COLUMNS_MAX - 1),
      column: line(60),
    }),
  )
  .max(COLUMNS_MAX)
  .describe("`index` counts the file's columns from 0; `column` is a column of the table, or `identifier:scheme`");

export const sheetMapping = z.strictObject({
  /** The workbook's sheet; "" is a CSV file's only one. */
  sheet: z.string().max(200),
  /** Null leaves the sheet out. */
  table: table.nullable(),
  columns: mapping,
});
export type SheetMapping = z.output<typeof sheetMapping>;

export const importOptions = z.strictObject({
  sheets: z.array(sheetMapping).max(SHEETS_MAX),
  source: line(300).describe("document, person or system that the facts come from, where a row does not say"),
  observedAt: observedAt.describe("the day or instant that the facts are of, where a row does not say"),
  confidencePercent: z.int().min(0).max(100).describe("how sure they are, where a row does not say"),
  decimal: z
    .enum(["point", "comma", "undecided"])
    .describe(
      "the decimal sign of numbers; thousands have none. undecided: as point, and what could be thousands, such as 1.234, is refused",
    ),
  /** What an empty cell of a mapped column says about an object that exists. */
  emptyCells: z.enum(["keep", "clear"]).describe("keep: nothing is said; clear: the field is unknown from now on"),
});
export type ImportOptions = z.output<typeof importOptions>;

export const IMPORT_MODES = ["dry-run", "all-or-nothing", "keep-going"] as const;
export const importMode = z.enum(IMPORT_MODES);
export type ImportMode = z.output<typeof importMode>;

const count = z.int().min(0);

/** What became of the rows. A recipe has several rows and is counted once. */
export const importCounts = z.object({
  rows: count,
  remarks: count,
  created: count,
  changed: count,
  unchanged: count,
  refused: count,
});
export type ImportCounts = z.output<typeof importCounts>;

export const importRun = z.object({
  jobId: z.uuid(),
  mode: importMode,
  /** stored: the registry has the rows that were not refused. passed and refused: nothing was stored. */
  outcome: z.enum(["running", "passed", "stored", "refused", "failed", "cancelled"]),
  counts: importCounts,
  /** Per table, in the order of import. */
  tables: z.array(z.object({ table, counts: importCounts })),
  /** Rows in the report; refused rows and warnings may have several. */
  findings: count,
  startedAt: z.iso.datetime(),
  endedAt: z.iso.datetime().nullable(),
});
export type ImportRun = z.output<typeof importRun>;

export const fileImport = z.object({
  id: z.uuid(),
  version: z.int().min(1),
  fileName: z.string(),
  format: z.enum(["csv", "xlsx"]),
  sizeBytes: count,
  sha256: z.string(),
  options: importOptions,
  /** False once the file itself is forgotten; the report stays. */
  hasFile: z.boolean(),
  run: importRun.nullable(),
  createdByName: z.string(),
  createdAt: z.iso.datetime(),
});
export type FileImport = z.output<typeof fileImport>;

export const listImports = route({
  id: "listImports",
  method: "GET",
  path: "/api/know/exchange/imports",
  tag,
  summary: "Imports, newest first",
  action: "registry:import",
  query: pageQuery,
  status: 200,
  answer: page(fileImport),
});

export const createImport = route({
  id: "createImport",
  method: "POST",
  path: "/api/know/exchange/imports",
  tag,
  summary: "Stages a CSV or XLSX file and suggests what its columns mean; nothing is imported yet",
  description: "The body is the file. Sent again with the same Idempotency-Key, it is staged once.",
  action: "registry:import",
  query: z.object({
    fileName: line(200).default("upload"),
    /** The table of a CSV file; guessed from its header when absent. */
    as: table.optional(),
  }),
  upload: { contentTypes: UPLOAD_TYPES, sizeBytesMax: FILE_BYTES_MAX },
  remembers: true,
  status: 201,
  answer: fileImport,
});

export const getImport = route({
  id: "getImport",
  method: "GET",
  path: "/api/know/exchange/imports/:importId",
  tag,
  summary: "One import with its mapping and its last run",
  action: "registry:import",
  params,
  status: 200,
  answer: fileImport,
});

export const sheetAnalysis = z.object({
  sheet: z.string(),
  /** The best guess, or null when no table's columns are there. */
  table: table.nullable(),
  header: z.array(z.string()),
  /** The row that holds the header, counted from 1. */
  headerRow: z.int(),
  suggestion: mapping,
  /** Columns that a new object needs and that no column of the file seems to hold. */
  missing: z.array(z.string()),
  /** The first rows under the header, cells in the file's order. */
  rows: z.array(z.object({ row: z.int(), cells: z.array(z.string()) })),
});
export type SheetAnalysis = z.output<typeof sheetAnalysis>;

export const analyseImport = route({
  id: "analyseImport",
  method: "GET",
  path: "/api/know/exchange/imports/:importId/analysis",
  tag,
  summary: "What the file seems to hold: its sheets, headers, first rows, and a suggested mapping",
  action: "registry:import",
  params,
  status: 200,
  answer: z.object({
    format: z.enum(["csv", "xlsx"]),
    /** Of a CSV file. */
    delimiter: z.string().nullable(),
    sheets: z.array(sheetAnalysis),
  }),
});

export const configureImport = route({
  id: "configureImport",
  method: "PUT",
  path: "/api/know/exchange/imports/:importId",
  tag,
  summary: "Sets what the columns mean and what holds for every row",
  description:
    "Refused with `exchange/column-missing` when a column that every new object needs is not mapped and none of the first rows means an object that the registry has.",
  action: "registry:import",
  params,
  body: importOptions,
  status: 200,
  answer: fileImport,
  edits: true,
});

export const runImport = route({
  id: "runImport",
  method: "POST",
  path: "/api/know/exchange/imports/:importId/runs",
  tag,
  summary: "Starts a dry run or the import itself, as a job",
  description:
    "all-or-nothing stores nothing when one row is refused; keep-going stores what it can, in batches, and reports the rest.",
  action: "registry:import",
  params,
  body: z.strictObject({ mode: importMode }),
  status: 202,
  answer: z.object({ jobId: z.uuid() }),
  creates: true,
});

export const deleteImport = route({
  id: "deleteImport",
  method: "DELETE",
  path: "/api/know/exchange/imports/:importId",
  tag,
  summary: "Forgets a staged file and its report; what was imported stays",
  action: "registry:import",
  params,
  status: 204,
});

/** One remark about one row. A refused row was not stored; a warning is worth reading and changes nothing. */
export const finding = z.object({
  level: z.enum(["refused", "warning"]),
  sheet: z.string(),
  table,
  /** As the file counts its rows, the header being one of them. */
  row: z.int(),
  /** The table's column; null when the row as a whole is meant. */
  column: z.string().nullable(),
  /** The cell as it stands in the file, shortened. */
  value: z.string().nullable(),
  /** A code that scripts can rely on: `cell/…`, `row/…`, or a problem code of the registry. */
  rule: z.string(),
  message: z.string(),
});
export type Finding = z.output<typeof finding>;

export const listFindings = route({
  id: "listImportFindings",
  method: "GET",
  path: "/api/know/exchange/imports/:importId/findings",
  tag,
  summary: "The last run's report, row by row, in the order of the file",
  action: "registry:import",
  params,
  query: pageQuery,
  status: 200,
  answer: page(finding),
});

export const downloadFindings = route({
  id: "downloadImportFindings",
  method: "GET",
  path: "/api/know/exchange/imports/:importId/findings.csv",
  tag,
  summary: "The last run's report as CSV; cells that a spreadsheet would calculate are escaped",
  action: "registry:import",
  params,
  status: 200,
  download: { contentType: CSV_TYPE },
});

export const exportTable = route({
  id: "exportTable",
  method: "GET",
  path: "/api/know/exchange/tables/:table",
  tag,
  summary: "All objects of one kind as CSV; importing it again changes nothing",
  action: "registry:read",
  params: z.object({ table }),
  query: z.object({ asOf }),
  status: 200,
  download: { contentType: CSV_TYPE },
});

export const csvTemplate = route({
  id: "getCsvTemplate",
  method: "GET",
  path: "/api/know/exchange/templates/:table",
  tag,
  summary: "An empty table as CSV: header, a remark per column, an example",
  action: "registry:read",
  params: z.object({ table }),
  status: 200,
  download: { contentType: CSV_TYPE },
});

export const workbookTemplate = route({
  id: "getWorkbookTemplate",
  method: "GET",
  path: "/api/know/exchange/templates/workbook",
  tag,
  summary: "Empty tables as an XLSX workbook: one sheet per kind, and one that explains the columns",
  action: "registry:read",
  status: 200,
  download: { contentType: XLSX_TYPE },
});

export const exchangeRoutes = [
  listImports,
  createImport,
  getImport,
  analyseImport,
  configureImport,
  runImport,
  deleteImport,
  listFindings,
  downloadFindings,
  exportTable,
  workbookTemplate,
  csvTemplate,
] as const;
