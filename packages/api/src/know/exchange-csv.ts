/**
 * Cells and lines of the CSV that this product writes: RFC 4180, UTF-8 with a byte order mark, CRLF. A cell that a
 * spreadsheet would take for a formula gets an apostrophe in front; `plainCell` takes it off again, so nothing is lost.
 */

/** Spreadsheets read a file without it in the machine's old code page. */
export const BYTE_ORDER_MARK = "\ufeff";

/** What begins a formula in some spreadsheet, in ASCII and in full width, and what a reader here would take for an escape. */
const DANGEROUS = /^['=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]/;
const NUMBER = /^-?\d+(\.\d+)?$/;
const ESCAPED = /^'['=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20#]/;

/** `text` as no spreadsheet will calculate it. A plain number stays a number. */
export function safeCell(text: string): string {
  return DANGEROUS.test(text) && !NUMBER.test(text) ? `'${text}` : text;
}

/** As `safeCell`, for the first cell of a row, where `#` would make the row a remark. */
export function safeFirstCell(text: string): string {
  return text.startsWith("#") ? `'${text}` : safeCell(text);
}

/** The text of a cell as it was before an escape. plainCell(safeCell(text)) equals text. */
export function plainCell(cell: string): string {
  return ESCAPED.test(cell) ? cell.slice(1) : cell;
}

/** One line with its end. Cells are written as they are: escape them first. */
export function csvLine(cells: readonly string[]): string {
  return `${cells.map(quotedCell).join(",")}\r\n`;
}

/** RFC 4180 2.5 to 2.7. Semicolons and tabs are quoted too, so that no reader mistakes the delimiter. */
function quotedCell(text: string): string {
  return /[",;\t\r\n]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
