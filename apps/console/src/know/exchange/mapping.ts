/** Which column of a file holds which column of a table: the rules of the wizard's choices, without its looks. */
import { exchange } from "@holdfast/api";

export type SheetMapping = exchange.SheetMapping;

/** What the node suggests, as the options' sheets. */
export function suggestedSheets(sheets: readonly exchange.SheetAnalysis[]): SheetMapping[] {
  return sheets.map((sheet) => ({ sheet: sheet.sheet, table: sheet.table, columns: sheet.suggestion }));
}

/** The table's column that the file's column `index` holds; undefined when it is left out. */
export function columnAt(mapping: SheetMapping, index: number): string | undefined {
  return mapping.columns.find((entry) => entry.index === index)?.column;
}

/** The mapping with the file's column `index` holding `column`. Another that held it no longer does: a column is filled once. */
export function mapColumn(mapping: SheetMapping, index: number, column: string | undefined): SheetMapping {
  const others = mapping.columns.filter((entry) => entry.index !== index && entry.column !== column);
  const columns = column === undefined ? others : [...others, { index, column }];
  return { ...mapping, columns: columns.sort((a, b) => a.index - b.index) };
}

/** The mapping for another table; what was mapped meant columns of the table before. */
export function chooseTable(mapping: SheetMapping, table: exchange.TableName | null): SheetMapping {
  return table === mapping.table ? mapping : { ...mapping, table, columns: [] };
}

/** Columns that a new object needs and that no column of the file holds. */
export function missingColumns(mapping: SheetMapping): string[] {
  if (mapping.table === null) return [];
  const mapped = new Set(mapping.columns.map((entry) => entry.column));
  return exchange.TABLE_COLUMNS[mapping.table].columns
    .filter((column) => column.required && !mapped.has(column.name))
    .map((column) => column.name);
}
