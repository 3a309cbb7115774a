/** The rows to show: filtered and sorted by TanStack Table over plain values, in an instance that keeps its work between renders. */
import {
  type ColumnDef,
  columnFilteringFeature,
  createFilteredRowModel,
  createSortedRowModel,
  globalFilteringFeature,
  rowSortingFeature,
  tableFeatures,
  useTable,
} from "@tanstack/react-table";
import { useDeferredValue, useMemo } from "react";
import { type Column, compareValues, matches, parseSort, type TableView } from "./column.ts";

const features = tableFeatures({
  columnFilteringFeature,
  globalFilteringFeature,
  rowSortingFeature,
  filteredRowModel: createFilteredRowModel(),
  sortedRowModel: createSortedRowModel(),
});

/** The one column that the filter runs on: it looks at all of them at once. */
const FILTER_COLUMN = "__filter";

export interface RowModelOptions<Row> {
  readonly rows: readonly Row[];
  readonly columns: readonly Column<Row>[];
  readonly rowId: (row: Row) => string;
  readonly view: TableView;
  /** Whoever delivers the rows has filtered them already. */
  readonly isFiltered: boolean;
  /** All rows are here, so that their order means something. */
  readonly canSort: boolean;
}

export interface ShownRow<Row> {
  readonly id: string;
  readonly original: Row;
}

/** Filtering lags behind typing rather than blocking it. */
export function useRowModel<Row extends object>(options: RowModelOptions<Row>): readonly ShownRow<Row>[] {
  const { rows, columns, rowId, isFiltered, canSort } = options;
  const filter = useDeferredValue(options.view.filter ?? "");
  const sort = parseSort(options.view.sort, columns);
  const definitions = useMemo(() => columnDefinitions(columns), [columns]);
  const data = useMemo(() => [...rows], [rows]);
  const sorting = useMemo(() => (sort ? [{ id: sort.id, desc: sort.desc }] : []), [sort?.id, sort?.desc]);
  const table = useTable({
    features,
    data,
    columns: definitions,
    getRowId: rowId,
    state: { globalFilter: filter, sorting },
    globalFilterFn: (row, columnId, wanted: string) =>
      columnId === FILTER_COLUMN && matches(row.original, columns, wanted),
    getColumnCanGlobalFilter: (column) => column.id === FILTER_COLUMN,
    manualFiltering: isFiltered,
    manualSorting: !canSort,
  });
  return table.getRowModel().rows;
}

function columnDefinitions<Row extends object>(columns: readonly Column<Row>[]): ColumnDef<typeof features, Row>[] {
  return [
    ...columns.map(
      (column): ColumnDef<typeof features, Row> => ({
        id: column.id,
        accessorFn: column.value,
        enableGlobalFilter: false,
        sortFn: (a, b) => compareValues(column.value(a.original), column.value(b.original)),
      }),
    ),
    { id: FILTER_COLUMN, accessorFn: () => "", enableSorting: false },
  ];
}
