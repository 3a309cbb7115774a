/**
 * The one table. Rows are virtual, so 100,000 scroll as 100 do; what is filtered, sorted and selected lives with the caller
 * (in the URL). Six states: loading keeps the layout, empty says what would be here, partial, forbidden, failed, stale.
 * Keys: `/` filters, j and k (or arrows) move, Enter opens. WAI-ARIA grid with aria-activedescendant.
 */
import { Skeleton } from "@mantine/core";
import { IconArrowDown, IconArrowUp } from "@tabler/icons-react";
import { useVirtualizer } from "@tanstack/react-virtual";
import {
  type CSSProperties,
  type KeyboardEvent,
  type ReactNode,
  useEffect,
  useId,
  useLayoutEffect,
  useMemo,
  useRef,
  useState,
} from "react";
import { ROW_HEIGHT } from "../theme.ts";
import { useDraft } from "../ui/draft.ts";
import { useFollow } from "../ui/follow.tsx";
import { formatDecimal } from "../ui/format.ts";
import { useHotkeys } from "../ui/hotkeys.ts";
import type { LoadState } from "../ui/load-state.ts";
import { EmptyState, Failed, Forbidden, Partial, Stale } from "../ui/notice.tsx";
import {
  type CellValue,
  type Column,
  nextSort,
  parseSort,
  type TableView,
  turnColumn,
  visibleColumns,
} from "./column.ts";
import { csvOf } from "./csv.ts";
import styles from "./data-table.module.css";
import { download } from "./download.ts";
import { type ShownRow, useRowModel } from "./row-model.ts";
import { TableToolbar } from "./table-toolbar.tsx";

const OVERSCAN = 24; // rows beyond the edges, so that a fast wheel shows no gap
const COMMIT_MS = 250; // typing and cursor moves reach the URL after this pause
const LOAD_AHEAD = 60; // rows from the end at which the next page is fetched
const GROWING_COLUMN_MIN = 160;
const LOADING_ROWS = 8;

export interface DataTableProps<Row> {
  /** What the rows are: the table's accessible name and the download's. */
  readonly caption: string;
  readonly columns: readonly Column<Row>[];
  readonly state: LoadState<readonly Row[]>;
  readonly rowId: (row: Row) => string;
  /** Where a row leads; its first column becomes the link and Enter follows it. */
  readonly href?: (row: Row) => string;
  /** What Enter does where a row leads nowhere, such as opening its evidence. */
  readonly onOpen?: (row: Row) => void;
  readonly empty: { readonly what: string; readonly start?: ReactNode };
  readonly view: TableView;
  readonly onView: (view: TableView) => void;
  /** How many rows there are in all, when more exist than are loaded. */
  readonly total?: number;
  /** The next page of rows that come in pages. */
  readonly more?: { readonly isLoading: boolean; readonly load: () => void } | undefined;
  /** Whoever delivers the rows filters them. */
  readonly isServerSide?: boolean;
  /** Columns by which whoever delivers the rows orders all of them; by others it is done here, which needs all rows. */
  readonly serverSorts?: readonly string[];
  /** Whether `/`, j and k work from anywhere on the page; for the page's main table only. */
  readonly isMain?: boolean;
  readonly actions?: ReactNode;
  /** A few rows of something that is whole elsewhere: no filter, no columns, no download. */
  readonly isBrief?: boolean;
}

const NO_ROWS: readonly never[] = [];

export function DataTable<Row extends object>(props: DataTableProps<Row>) {
  const { caption, columns, state, rowId, view, onView, isMain = !props.isBrief } = props;
  const id = useId();
  const grid = useRef<HTMLTableElement>(null);
  const filterInput = useRef<HTMLInputElement>(null);
  const [filter, setFilter] = useDraft(
    view.filter ?? "",
    (next) => onView({ ...view, filter: next || undefined }),
    COMMIT_MS,
  );
  const [active, setActive] = useDraft(view.row, (row) => onView({ ...view, row }), COMMIT_MS);
  const visible = useMemo(() => visibleColumns(columns, view.columns), [columns, view.columns]);
  const loaded = state.kind === "ready" ? state.value : NO_ROWS;
  const sorted = parseSort(view.sort, columns);
  const isSorted = sorted !== undefined && (props.serverSorts?.includes(sorted.id) ?? false);
  const rows = useRowModel<Row>({
    rows: loaded,
    columns,
    rowId,
    view: { filter, sort: isSorted ? undefined : view.sort },
    isFiltered: props.isServerSide ?? false,
    canSort: !props.more,
  });
  const cursor = useCursor({ rows, active, setActive });
  const follow = useFollow();
  const open = (row: Row) => (props.href ? follow(props.href(row)) : props.onOpen?.(row));
  const openActive = () => {
    const row = rows[cursor.index];
    if (row) open(row.original);
  };

  useHotkeys(
    {
      "/": (event) => {
        event.preventDefault();
        filterInput.current?.focus();
      },
      j: () => {
        cursor.move(1);
        grid.current?.focus({ preventScroll: true });
      },
      k: () => {
        cursor.move(-1);
        grid.current?.focus({ preventScroll: true });
      },
    },
    isMain,
  );
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== grid.current) return;
    const page = 12;
    const step = { ArrowDown: 1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity }[
      event.key
    ];
    if (step === undefined && event.key !== "Enter") return;
    event.preventDefault();
    if (step === undefined) openActive();
    else cursor.move(step);
  };

  return (
    <section className={styles.table} aria-label={caption}>
      {!props.isBrief && (
        <TableToolbar
          caption={caption}
          filterInput={filterInput}
          filter={filter}
          onFilter={setFilter}
          onLeave={() => grid.current?.focus()}
          columns={columns}
          visible={visible}
          onTurn={(columnId) => onView({ ...view, columns: turnColumn(view.columns, columnId) })}
          count={
            state.kind === "ready"
              ? { shown: rows.length, loaded: loaded.length, total: props.total, hasMore: props.more !== undefined }
              : undefined
          }
          onDownload={rows.length > 0 ? () => downloadRows(caption, rows, visible) : undefined}
          actions={props.actions}
        />
      )}
      {state.kind === "ready" && state.staleSince && <Stale since={state.staleSince} />}
      {state.kind === "ready" && state.partial && <Partial why={state.partial} />}
      <Rows
        {...props}
        id={id}
        grid={grid}
        visible={visible}
        rows={rows}
        isFiltered={filter !== "" && loaded.length > 0}
        activeIndex={cursor.index}
        onSort={(columnId) => onView({ ...view, sort: nextSort(view.sort, columnId) })}
        onPoint={(row) => setActive(row.id)}
        onOpenRow={open}
        onKeyDown={onKeyDown}
      />
    </section>
  );
}

function downloadRows<Row>(caption: string, rows: readonly ShownRow<Row>[], visible: readonly Column<Row>[]): void {
  const originals = rows.map((row) => row.original);
  download(`${caption.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.csv`, csvOf(originals, visible));
}

/** The row that has the cursor, by id, so that it stays on its row when the order changes. */
function useCursor<Row>({
  rows,
  active,
  setActive,
}: {
  rows: readonly ShownRow<Row>[];
  active: string | undefined;
  setActive: (row: string | undefined) => void;
}) {
  const index = useMemo(() => (active === undefined ? -1 : rows.findIndex((row) => row.id === active)), [rows, active]);
  const move = (step: number) => {
    const next = index === -1 ? (step > 0 ? 0 : rows.length - 1) : Math.min(rows.length - 1, Math.max(0, index + step));
    setActive(rows[next]?.id);
  };
  return { index, move };
}

interface RowsProps<Row> extends DataTableProps<Row> {
  readonly id: string;
  readonly grid: React.RefObject<HTMLTableElement | null>;
  readonly visible: readonly Column<Row>[];
  readonly rows: readonly ShownRow<Row>[];
  readonly isFiltered: boolean;
  readonly activeIndex: number;
  readonly onSort: (columnId: string) => void;
  readonly onPoint: (row: ShownRow<Row>) => void;
  readonly onOpenRow: (row: Row) => void;
  readonly onKeyDown: (event: KeyboardEvent) => void;
}

/**
 * The scrolling part. Rows stand at their place in a body as high as all of them; only those in view are there. The roles
 * are written out because laying a table out as a grid takes its own away.
 */
function Rows<Row extends object>(props: RowsProps<Row>) {
  const { id, rows, visible, activeIndex, more } = props;
  const [scroller, setScroller] = useState<HTMLDivElement | null>(null);
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller,
    estimateSize: () => ROW_HEIGHT,
    getItemKey: (index) => rows[index]?.id ?? index,
    overscan: OVERSCAN,
    scrollPaddingStart: ROW_HEIGHT, // the sticky head
  });
  const items = virtualizer.getVirtualItems();
  const last = items.at(-1)?.index ?? -1;
  const sorted = parseSort(props.view.sort, props.columns);
  const canSort = (columnId: string) => !more || (props.serverSorts?.includes(columnId) ?? false);
  const isActiveDrawn = items.some((item) => item.index === activeIndex);

  useRowStops(props.grid, activeIndex);
  useEffect(() => {
    if (activeIndex >= 0) virtualizer.scrollToIndex(activeIndex, { align: "auto" });
  }, [activeIndex, virtualizer]);
  useEffect(() => {
    if (more && !more.isLoading && last >= rows.length - LOAD_AHEAD) more.load();
  }, [more, last, rows.length]);

  return (
    <div className={styles.scroller} ref={setScroller}>
      <table
        ref={props.grid}
        role="grid"
        aria-label={props.caption}
        aria-rowcount={props.total ?? (more ? -1 : rows.length + 1)}
        aria-activedescendant={isActiveDrawn ? `${id}-${rows[activeIndex]?.id}` : undefined}
        aria-busy={props.state.kind === "loading"}
        tabIndex={0}
        className={styles.grid}
        style={gridStyle(visible)}
        onKeyDown={props.onKeyDown}
      >
        <thead role="rowgroup">
          <tr role="row" aria-rowindex={1}>
            {visible.map((column) => (
              <Head
                key={column.id}
                column={column}
                sorted={sorted && canSort(sorted.id) ? sorted : undefined}
                canSort={canSort(column.id)}
                onSort={props.onSort}
              />
            ))}
          </tr>
        </thead>
        {rows.length === 0 ? (
          <tbody role="rowgroup">
            <InsteadOfRows {...props} />
          </tbody>
        ) : (
          <tbody role="rowgroup" style={{ height: virtualizer.getTotalSize() }}>
            {items.map((item) => {
              const row = rows[item.index]!; // the virtualizer counts these rows
              return (
                <tr
                  key={row.id}
                  id={`${id}-${row.id}`}
                  role="row"
                  ref={virtualizer.measureElement}
                  data-index={item.index}
                  aria-rowindex={item.index + 2}
                  aria-selected={item.index === activeIndex}
                  className={styles.row}
                  style={{ transform: `translateY(${item.start}px)` }}
                  onClick={() => props.onPoint(row)}
                  onDoubleClick={() => props.onOpenRow(row.original)}
                >
                  {visible.map((column, i) => (
                    <td key={column.id} role="gridcell" data-align={column.align}>
                      <div>
                        <Cell column={column} row={row.original} href={i === 0 ? props.href : undefined} />
                      </div>
                    </td>
                  ))}
                </tr>
              );
            })}
          </tbody>
        )}
      </table>
      {more?.isLoading && <p className={styles.more}>Loading more rows</p>}
    </div>
  );
}

/**
 * Tab stops at the table and then at what is in the chosen row (the first one's before any is chosen), not at every link of
 * every row: hundreds of stops would be a trap. The first column's link never is one, since Enter on the table follows it.
 */
function useRowStops(grid: React.RefObject<HTMLTableElement | null>, activeIndex: number): void {
  useLayoutEffect(() => {
    const chosen = String(Math.max(0, activeIndex));
    for (const row of grid.current?.querySelectorAll<HTMLElement>("tr[data-index]") ?? [])
      for (const stop of row.querySelectorAll<HTMLElement>("a, button, input"))
        if (!stop.matches(`.${styles.link}`)) stop.tabIndex = row.dataset["index"] === chosen ? 0 : -1;
  });
}

/** The columns' widths, for every row alike: those without one share what is left. */
function gridStyle<Row>(visible: readonly Column<Row>[]): CSSProperties {
  const hasGrowing = visible.some((column) => column.width === undefined);
  const columns = visible.map(({ width }) =>
    width === undefined
      ? `minmax(${GROWING_COLUMN_MIN}px, 1fr)`
      : hasGrowing
        ? `${width}px`
        : `minmax(${width}px, ${width}fr)`,
  );
  const minWidth = visible.reduce((sum, column) => sum + (column.width ?? GROWING_COLUMN_MIN), 0);
  // a custom property, which the type of `style` does not know
  return { minWidth, "--columns": columns.join(" ") } as CSSProperties;
}

function Cell<Row>({ column, row, href }: { column: Column<Row>; row: Row; href: ((row: Row) => string) | undefined }) {
  const content = column.cell ? column.cell(row) : textOf(column.value(row));
  return href ? (
    <a href={href(row)} tabIndex={-1} className={styles.link}>
      {content}
    </a>
  ) : (
    content
  );
}

function textOf(value: CellValue): ReactNode {
  if (value === null || value === undefined || value === "") return <span className={styles.unknown}>–</span>;
  if (typeof value === "boolean") return value ? "yes" : "no";
  return typeof value === "string" ? value : formatDecimal(value);
}

function Head<Row>({
  column,
  sorted,
  canSort,
  onSort,
}: {
  column: Column<Row>;
  sorted: { readonly id: string; readonly desc: boolean } | undefined;
  canSort: boolean;
  onSort: (columnId: string) => void;
}) {
  const direction = sorted?.id === column.id ? (sorted.desc ? "descending" : "ascending") : undefined;
  const label = (
    <>
      {column.header}
      {column.unit && <span className={styles.unit}> {column.unit}</span>}
    </>
  );
  return (
    <th role="columnheader" scope="col" data-align={column.align} aria-sort={direction}>
      {column.sortable === false ? (
        label
      ) : (
        <button
          type="button"
          className={styles.head}
          aria-disabled={!canSort}
          title={
            canSort ? undefined : "This would order the loaded rows only: filter until all fit, or scroll to the end"
          }
          onClick={() => canSort && onSort(column.id)}
        >
          <span>{label}</span>
          {direction === "ascending" && <IconArrowUp size={12} aria-hidden />}
          {direction === "descending" && <IconArrowDown size={12} aria-hidden />}
        </button>
      )}
    </th>
  );
}

/** The states that have no rows, inside the table so that its layout stays. */
function InsteadOfRows<Row extends object>({ state, visible, isFiltered, empty }: RowsProps<Row>) {
  if (state.kind === "loading")
    return Array.from({ length: LOADING_ROWS }, (_, i) => (
      <tr key={i} role="row" className={styles.still}>
        {visible.map((column, k) => (
          <td key={column.id} role="gridcell">
            {i === 0 && k === 0 && <span className="visually-hidden">Loading</span>}
            <Skeleton height={12} width={`${40 + ((i * 7 + k * 13) % 5) * 12}%`} radius={2} />
          </td>
        ))}
      </tr>
    ));
  return (
    <tr role="row" className={styles.whole}>
      <td role="gridcell" className={styles.notice}>
        {state.kind === "forbidden" ? (
          <Forbidden why={state.why} />
        ) : state.kind === "failed" ? (
          <Failed failure={state.failure} retry={state.retry} />
        ) : isFiltered ? (
          <EmptyState what="No row matches the filter." />
        ) : (
          <EmptyState what={empty.what} start={empty.start} />
        )}
      </td>
    </tr>
  );
}
