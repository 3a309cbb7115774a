/** Above a table: filter, how many rows, which columns, download. */
import { Button, Checkbox, Popover, TextInput } from "@mantine/core";
import { IconColumns3, IconDownload, IconSearch } from "@tabler/icons-react";
import type { ReactNode, RefObject } from "react";
import { formatDecimal } from "../ui/format.ts";
import type { Column } from "./column.ts";
import styles from "./data-table.module.css";

export interface TableCount {
  readonly shown: number;
  readonly loaded: number;
  readonly total: number | undefined;
  readonly hasMore: boolean;
}

export interface TableToolbarProps<Row> {
  readonly caption: string;
  readonly filterInput: RefObject<HTMLInputElement | null>;
  readonly filter: string;
  readonly onFilter: (filter: string) => void;
  /** Leaves the filter for the rows. */
  readonly onLeave: () => void;
  readonly columns: readonly Column<Row>[];
  readonly visible: readonly Column<Row>[];
  readonly onTurn: (columnId: string) => void;
  readonly count: TableCount | undefined;
  readonly onDownload: (() => void) | undefined;
  readonly actions: ReactNode;
}

export function TableToolbar<Row>(props: TableToolbarProps<Row>) {
  const { caption, columns, visible } = props;
  return (
    <div className={styles.toolbar}>
      <TextInput
        ref={props.filterInput}
        type="search"
        aria-label={`Filter ${caption}`}
        placeholder="Filter"
        value={props.filter}
        leftSection={<IconSearch size={14} aria-hidden />}
        rightSection={<kbd aria-hidden>/</kbd>}
        rightSectionPointerEvents="none"
        className={styles.filter}
        onChange={(event) => props.onFilter(event.currentTarget.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") props.onFilter("");
          if (["Escape", "Enter", "ArrowDown"].includes(event.key)) {
            event.preventDefault();
            props.onLeave();
          }
        }}
      />
      {props.actions}
      <span className={styles.count} role="status">
        {props.count && countText(props.count)}
      </span>
      <Popover position="bottom-end" trapFocus returnFocus shadow="md">
        <Popover.Target>
          <Button variant="subtle" color="gray" leftSection={<IconColumns3 size={14} aria-hidden />}>
            Columns
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label={`Columns of ${caption}`}>
          <div className={styles.columnList}>
            {columns.map((column) => {
              const isShown = visible.includes(column);
              return (
                <Checkbox
                  key={column.id}
                  label={column.header}
                  checked={isShown}
                  disabled={isShown && visible.length === 1}
                  onChange={() => props.onTurn(column.id)}
                />
              );
            })}
          </div>
        </Popover.Dropdown>
      </Popover>
      <Button
        variant="subtle"
        color="gray"
        leftSection={<IconDownload size={14} aria-hidden />}
        disabled={!props.onDownload}
        title={props.onDownload ? "The rows shown, as CSV" : "There are no rows to download"}
        onClick={props.onDownload}
      >
        CSV
      </Button>
    </div>
  );
}

/** `353 rows`, `12 of 353 rows`, `the first 500 rows` of nobody knows how many. */
function countText({ shown, loaded, total, hasMore }: TableCount): string {
  const whole = total ?? loaded;
  const rows = whole === 1 ? "row" : "rows";
  const some = shown === loaded ? "" : `${formatDecimal(shown)} of `;
  if (hasMore && total === undefined) return `${some}the first ${formatDecimal(loaded)} ${rows}`;
  return shown === whole
    ? `${formatDecimal(whole)} ${rows}`
    : `${formatDecimal(shown)} of ${formatDecimal(whole)} ${rows}`;
}
