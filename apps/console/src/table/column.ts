/** What a column is, how its text is found for filtering and download, and how two rows compare. Knows no React but the cell's type. */
import type { ReactNode } from "react";

export type CellValue = string | number | bigint | boolean | null | undefined;

export interface Column<Row> {
  readonly id: string;
  readonly header: string;
  /** The plain value: what is filtered, sorted and downloaded. Absent is null or undefined, and sorts last. */
  readonly value: (row: Row) => CellValue;
  /** What is drawn; the value's text when absent. */
  readonly cell?: (row: Row) => ReactNode;
  /** Numbers are aligned to the end. */
  readonly align?: "start" | "end";
  /** In CSS pixels. The one column without a width takes what is left, and at least 160. */
  readonly width?: number;
  /** The unit of the column, dimmed in its head and part of the downloaded header. */
  readonly unit?: string;
  readonly sortable?: boolean;
  /** Hidden until someone asks for it. */
  readonly isExtra?: boolean;
}

const collator = new Intl.Collator("en", { numeric: true, sensitivity: "base" });

/** Orders two plain values: numbers by size, texts as people read them (`Site 9` before `Site 10`), absent ones last. */
export function compareValues(a: CellValue, b: CellValue): number {
  const [hasA, hasB] = [a !== null && a !== undefined, b !== null && b !== undefined];
  if (!hasA || !hasB) return hasA ? -1 : hasB ? 1 : 0;
  if (isNumeric(a) && isNumeric(b)) return a < b ? -1 : a > b ? 1 : 0;
  return collator.compare(String(a), String(b));
}

function isNumeric(value: CellValue): value is number | bigint {
  return typeof value === "number" || typeof value === "bigint";
}

/** Whether every word of `filter` occurs in some column of `row`, letter case and accents aside. */
export function matches<Row>(row: Row, columns: readonly Column<Row>[], filter: string): boolean {
  const words = fold(filter).split(/\s+/).filter(Boolean);
  if (words.length === 0) return true;
  const text = columns.map((column) => fold(String(column.value(row) ?? ""))).join("\n");
  return words.every((word) => text.includes(word));
}

function fold(text: string): string {
  return text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
}

/** What a table shows of its rows; the caller keeps it in the URL. */
export interface TableView {
  readonly filter?: string | undefined;
  /** Column id, with a leading `-` for descending. */
  readonly sort?: string | undefined;
  /** Ids of columns whose default visibility was turned, comma-separated. */
  readonly columns?: string | undefined;
  /** Id of the row that has the cursor. */
  readonly row?: string | undefined;
}

/** `sort` as column and direction; undefined when it names no column that can be sorted. */
export function parseSort<Row>(
  sort: string | undefined,
  columns: readonly Column<Row>[],
): { id: string; desc: boolean } | undefined {
  if (!sort) return undefined;
  const desc = sort.startsWith("-");
  const id = desc ? sort.slice(1) : sort;
  return columns.some((column) => column.id === id && column.sortable !== false) ? { id, desc } : undefined;
}

/** The next value of `sort` when the head of `id` is pressed: ascending, descending, as delivered. */
export function nextSort(sort: string | undefined, id: string): string | undefined {
  return sort === id ? `-${id}` : sort === `-${id}` ? undefined : id;
}

/** The columns to show: the defaults, with those that `turned` names the other way around. */
export function visibleColumns<Row>(columns: readonly Column<Row>[], turned: string | undefined): Column<Row>[] {
  const other = new Set(turned?.split(","));
  return columns.filter((column) => (column.isExtra === true) === other.has(column.id));
}

/** The next value of `turned` when the column `id` is shown or hidden. */
export function turnColumn(turned: string | undefined, id: string): string | undefined {
  const other = new Set(turned?.split(",").filter(Boolean));
  if (!other.delete(id)) other.add(id);
  return [...other].sort().join(",") || undefined;
}
