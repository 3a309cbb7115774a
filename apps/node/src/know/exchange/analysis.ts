/** What a file seems to hold: for each sheet its header, the table it speaks of, a mapping, and its first rows. */
import { exchange } from "@holdfast/api";
import { shown } from "./cell-value.ts";
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
 * Comma when the numbers of the preview are written so, and never with a point. `1,234` says nothing: it may be a number
 * between one and two or one above a thousand, and a wrong guess would be wrong by a thousand.
 */
export function suggestDecimal(sheets: readonly SheetAnalysis[]): exchange.ImportOptions["decimal"] {
  let [commas, points] = [0, 0];
  for (const { table, suggestion, rows } of sheets) {
    if (table === null) continue;
    const numeric = suggestion.filter(({ column }) => isNumeric(table, column));
    for (const { cells } of rows)
      for (const { index } of numeric) {
        const text = cells[index]?.trim() ?? "";
        if (/^-?\d+,\d+\s*%?$/.test(text) && !/^-?[1-9]\d{0,2},\d{3}\s*%?$/.test(text)) commas += 1;
        if (/^-?\d+\.\d+\s*%?$/.test(text)) points += 1;
      }
  }
  return commas > 0 && points === 0 ? "comma" : "point";
}

function isNumeric(table: exchange.TableName, name: string): boolean {
  const form = exchange.TABLE_COLUMNS[table].columns.find((column) => column.name === name)?.form;
  return form === "quantity" || form === "money" || form === "degrees" || form === "percent" || form === "integer";
}
