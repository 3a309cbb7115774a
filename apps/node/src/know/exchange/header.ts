/**
 * Finds the header of a sheet and suggests what its columns mean. People put titles above the header, merge its cells
 * over two rows and name columns in their own words, so the row that most columns are recognised in is taken.
 */
import { exchange } from "@holdfast/api";
import type { SheetRow } from "./sheet-row.ts";

export type Mapping = exchange.SheetMapping["columns"];

export interface Header {
  /** The row that holds it. */
  readonly row: number;
  readonly titles: readonly string[];
  /** The table that most columns speak for, or null when nothing is recognised. */
  readonly table: exchange.TableName | null;
}

/** Rows at the top of a sheet in which the header is looked for. */
export const HEADER_ROWS_MAX = 10;
const TITLE_LENGTH_MAX = 120; // what a wizard shows

/**
 * The header among the first rows, or undefined when there is none. `name` is the sheet's own, which may say the table.
 * @param wanted the table, where the caller knows it
 */
export function findHeader(top: readonly SheetRow[], name: string, wanted?: exchange.TableName): Header | undefined {
  const candidates = top.slice(0, HEADER_ROWS_MAX).filter(({ cells }) => !isRemark(cells));
  const scored = candidates.map((row, i) => ({
    ...bestTable(titlesOf(candidates, i), name, wanted),
    row: row.row,
    titles: titlesOf(candidates, i),
  }));
  const best = scored.reduce<(typeof scored)[number] | undefined>(
    (a, b) => (a && a.score >= b.score ? a : b),
    undefined,
  );
  if (!best) return undefined;
  if (best.score > 0) return best;
  const plain = scored.find(({ titles }) => titles.filter((title) => title !== "").length > 1) ?? scored[0];
  return plain && { row: plain.row, titles: plain.titles, table: wanted ?? null };
}

/** A row that speaks to people. */
export function isRemark(cells: readonly string[]): boolean {
  return (
    cells
      .find((cell) => cell.trim() !== "")
      ?.trimStart()
      .startsWith(exchange.REMARK_SIGN) ?? false
  );
}

/** A cell merged over two rows leaves the lower one blank: its title is the one above. */
function titlesOf(rows: readonly SheetRow[], at: number): string[] {
  const width = rows[at]?.cells.length ?? 0;
  return Array.from({ length: width }, (_, index) => {
    const own = (rows[at]?.cells[index] ?? "").trim();
    const above = (rows[at - 1]?.cells[index] ?? "").trim();
    return (own === "" ? above : own).slice(0, TITLE_LENGTH_MAX);
  });
}

function bestTable(
  titles: readonly string[],
  name: string,
  wanted: exchange.TableName | undefined,
): { table: exchange.TableName | null; score: number } {
  const named = exchange.TABLES.find((table) => exchange.foldedHeader(table) === exchange.foldedHeader(name));
  let best: { table: exchange.TableName | null; score: number } = { table: null, score: 0 };
  for (const table of wanted ? [wanted] : named ? [named] : exchange.TABLES) {
    const score = scoreOf(table, titles);
    if (score > best.score) best = { table, score };
  }
  return best;
}

/** Needed columns that are there count most, needed ones that lack count against; exact names count more than synonyms. */
function scoreOf(table: exchange.TableName, titles: readonly string[]): number {
  const mapped = new Set(suggestMapping(table, titles).map(({ column }) => column));
  const exact = new Set(titles.map(exchange.foldedHeader));
  let score = 0;
  for (const column of exchange.TABLE_COLUMNS[table].columns) {
    if (mapped.has(column.name))
      score += (column.required ? 4 : 2) + (exact.has(exchange.foldedHeader(column.name)) ? 1 : 0);
    else if (column.required) score -= 3;
  }
  return mapped.size === 0 ? 0 : Math.max(score, 0);
}

/** Which columns of the file hold which of the table: by their names, then by their synonyms, each once. */
export function suggestMapping(table: exchange.TableName, titles: readonly string[]): Mapping {
  const folded = titles.map(exchange.foldedHeader);
  const taken = new Map<number, string>();
  const columns = exchange.TABLE_COLUMNS[table].columns;
  const take = (index: number, column: string) => {
    if (index >= 0 && index < exchange.COLUMNS_MAX) taken.set(index, column);
  };
  const free = (title: string) =>
    folded.findIndex((other, index) => other === title && other !== "" && !taken.has(index));
  for (const { name } of columns) take(free(exchange.foldedHeader(name)), name);
  const schemes = new Set<string>();
  for (const [index, title] of titles.entries()) {
    const scheme = exchange.IDENTIFIER_HEADER.exec(title)?.[1]?.toLowerCase();
    if (scheme === undefined || taken.has(index) || schemes.has(scheme) || !takesIdentifiers(table)) continue;
    schemes.add(scheme);
    take(index, `identifier:${scheme}`);
  }
  const found = new Set(taken.values());
  for (const { name, synonyms } of columns) {
    if (found.has(name)) continue;
    const index = synonyms
      .split(" ")
      .map(free)
      .find((each) => each >= 0);
    if (index !== undefined) take(index, name);
  }
  return [...taken].sort(([a], [b]) => a - b).map(([index, column]) => ({ index, column }));
}

function takesIdentifiers(table: exchange.TableName): boolean {
  return exchange.TABLE_COLUMNS[table].columns.some((column) => column.form === "identifiers");
}

/** Whether `name` is a column of the table or one of its identifiers. */
export function isColumn(table: exchange.TableName, name: string): boolean {
  return (
    exchange.TABLE_COLUMNS[table].columns.some((column) => column.name === name) ||
    (takesIdentifiers(table) && exchange.IDENTIFIER_HEADER.test(name))
  );
}

/** Needed columns that `mapping` does not hold. */
export function missingColumns(table: exchange.TableName, mapping: Mapping): string[] {
  const held = new Set(mapping.map(({ column }) => column));
  return exchange.TABLE_COLUMNS[table].columns
    .filter((column) => column.required && !held.has(column.name))
    .map(({ name }) => name);
}
