/**
 * Empty tables for people to fill: CSV, one file per table, or one XLSX workbook with a sheet per table. Under the header
 * stand two remarks, which an import does not read: what each column holds, and an example.
 */
import { BYTE_ORDER_MARK, csvLine, safeCell } from "./exchange-csv.ts";
import { TABLE_COLUMNS } from "./exchange-columns.ts";
import { type Column, REMARK_SIGN, type Table, type TableName, TABLES } from "./exchange-table.ts";
import { type WorkbookSheet, workbookBytes } from "./workbook-writer.ts";

/** The sheet that explains; it is no table and an import leaves it out. */
export const GUIDE_SHEET = "read me";

/** The text of a CSV template. */
export function csvTemplateOf(name: TableName): string {
  return BYTE_ORDER_MARK + rowsOf(TABLE_COLUMNS[name]).map(csvLine).join("");
}

/** The bytes of the workbook with all `names`. */
export function workbookTemplateOf(names: readonly TableName[] = TABLES): Uint8Array {
  const tables = names.map((name) => TABLE_COLUMNS[name]);
  return workbookBytes([guide(tables), ...tables.map(sheetOf)]);
}

function rowsOf(table: Table): string[][] {
  const remark = (cells: readonly string[]) =>
    cells.map((text, i) => (i === 0 ? `${REMARK_SIGN} ${text}` : safeCell(text)));
  return [
    table.columns.map((column) => column.name),
    remark(table.columns.map(helpOf)),
    remark(table.columns.map((column) => column.example)),
  ];
}

function helpOf(column: Column): string {
  const words = column.form === "choice" ? `${column.help}: ${column.of.join(", ")}` : column.help;
  return column.required ? `needed: ${words}` : words;
}

function sheetOf(table: Table): WorkbookSheet {
  const choices = new Map(
    table.columns.flatMap((column, i) => (column.form === "choice" ? [[i, column.of] as const] : [])),
  );
  return { name: table.name, rows: rowsOf(table), choices };
}

function guide(tables: readonly Table[]): WorkbookSheet {
  return {
    name: GUIDE_SHEET,
    rows: [
      ["table", "column", "needed", "meaning", "example"],
      [`Fill the sheets that you need and leave the others empty. A row that begins with ${REMARK_SIGN} is a remark.`],
      ...tables.flatMap((table) => [
        [table.name, "", "", table.help],
        ...table.columns.map((column) => [
          table.name,
          column.name,
          column.required ? "yes" : "",
          column.form === "choice" ? `${column.help}: ${column.of.join(", ")}` : column.help,
          column.example,
        ]),
      ]),
    ],
  };
}
