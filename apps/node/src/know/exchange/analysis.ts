/** What a file seems to hold: for each sheet its header, the table it speaks of, a mapping, and its first rows. */
import { exchange } from "@holdfast/api";
import { canBeThousands, provenDecimal, shown } from "./cell-value.ts";
import { findHeader, HEADER_ROWS_MAX, isRemark, missingColumns, suggestMapping } from "./header.ts";
import { refusal, type Sheet, type SheetRow } from "./sheet-row.ts";
import type { TableFile } from "./table-file.ts";

export type SheetAnalysis = exchange.SheetAnalysis;

const PREVIEW_CELL_CHARACTERS = 120; // what a preview shows of one cell
const ANALYSIS_CHARACTERS_MAX = 400_000; // of all previews together: it is one answer and one row of a table

/**
 * Analyses every sheet. `wanted` is the table of a CSV file, where the caller knows it.
 * @throws Problem `exchange/no-header` when no sheet has one
 */
export async function analyse(file: TableFile, wanted: exchange.TableName | undefined): Promise<SheetAnalysis[]> {
  const sheets: SheetAnalysis[] = [];
  let characters = 0;
  for (const sheet of file.sheets) {
    const top = await topRows(sheet);
    const analysed = analyseSheet(sheet.name, top, file.format === "csv" ? wanted : undefined);
    if (!analysed) continue; // an empty sheet
    const rows = analysed.rows.filter(({ cells }) => {
      characters += cells.reduce((sum, cell) => sum + cell.length + 4, 0);
      return characters <= ANALYSIS_CHARACTERS_MAX;
    });
    sheets.push({ ...analysed, rows });
  }
  if (sheets.length === 0) throw refusal("exchange/no-header", "the file has no row that could be a header");
  return sheets;
}

/** The rows that a header and a preview need; the rest of the sheet is not read. */
async function topRows(sheet: Sheet): Promise<SheetRow[]> {
  const top: SheetRow[] = [];
  for await (const batch of sheet.rows()) {
    top.push(...batch);
    if (top.length >= HEADER_ROWS_MAX + 2 * exchange.PREVIEW_ROWS) break;
  }
  return top;
}

function analyseSheet(
  name: string,
  top: readonly SheetRow[],
  wanted: exchange.TableName | undefined,
): SheetAnalysis | undefined {
  const header = findHeader(top, name, wanted);
  if (!header) return undefined;
  const suggestion = header.table === null ? [] : suggestMapping(header.table, header.titles);
  const rows = top.filter(({ row, cells }) => row > header.row && !isRemark(cells)).slice(0, exchange.PREVIEW_ROWS);
  return {
    sheet: name,
    table: header.table,
    header: header.titles.map((title) => shown(title, PREVIEW_CELL_CHARACTERS)),
    headerRow: header.row,
    suggestion,
    missing: header.table === null ? [] : missingColumns(header.table, suggestion),
    rows: rows.map(({ row, cells }) => ({ row, cells: cells.map((cell) => shown(cell, PREVIEW_CELL_CHARACTERS)) })),
  };
}

/**
 * The decimal sign that the preview's numbers prove, or `undecided` when none of them does, or they contradict each other.
 * Numbers such as 1,234 prove nothing: they are groups of thousands as well. In a workbook numbers are stored as numbers,
 * which we write with a point, so that only texts with a comma speak against it.
 */
export function suggestDecimal(
  sheets: readonly SheetAnalysis[],
  format: TableFile["format"],
): exchange.ImportOptions["decimal"] {
  const proven = new Set<"point" | "comma">();
  for (const { table, suggestion, rows } of sheets) {
    if (table === null) continue;
    for (const { index, column } of suggestion) {
      const form = exchange.TABLE_COLUMNS[table].columns.find(({ name }) => name === column)?.form;
      if (form === undefined || !NUMERIC.has(form)) continue;
      for (const { cells } of rows) {
        const sign = provenDecimal(cells[index] ?? "", canBeThousands(form));
        if (sign) proven.add(sign);
      }
    }
  }
  if (proven.size === 1) return proven.has("comma") ? "comma" : "point";
  return format === "xlsx" ? "point" : "undecided";
}

const NUMERIC: ReadonlySet<string> = new Set(["quantity", "money", "degrees", "percent", "integer"]);
