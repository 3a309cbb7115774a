/**
 * Rows as CSV, RFC 4180. A text that a spreadsheet would take for a formula gets a leading apostrophe (OWASP, CSV
 * injection), since names and notes come from others; numbers stay numbers.
 */
import type { CellValue, Column } from "./column.ts";

const FORMULA = /^[=+\-@\t\r\n\uFF0B\uFF0D\uFF1D\uFF20]/; // also the full-width forms that spreadsheets fold
const QUOTED = /[",\r\n]/;

/** Header and rows, CRLF between and after lines. */
export function csvOf<Row>(rows: readonly Row[], columns: readonly Column<Row>[]): string {
  const lines = [columns.map((column) => csvCell(column.unit ? `${column.header} (${column.unit})` : column.header))];
  for (const row of rows) lines.push(columns.map((column) => csvCell(column.value(row))));
  return `${lines.map((line) => line.join(",")).join("\r\n")}\r\n`;
}

export function csvCell(value: CellValue): string {
  if (value === null || value === undefined) return "";
  if (typeof value !== "string") return String(value);
  const safe = FORMULA.test(value) && !isNumber(value) ? `'${value}` : value;
  return QUOTED.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** Exact decimals travel as text; `-12.5` is a number and not a formula. */
function isNumber(text: string): boolean {
  return /^-?\d+(\.\d+)?$/.test(text);
}
