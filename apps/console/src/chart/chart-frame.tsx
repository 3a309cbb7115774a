/** Around every chart: its title, its six states, its twin as a table, and its rows as a file. */
import { Button } from "@mantine/core";
import { IconChartBar, IconDownload, IconTable } from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import type { Column } from "../table/column.ts";
import { csvOf } from "../table/csv.ts";
import { DataTable } from "../table/data-table.tsx";
import { download } from "../table/download.ts";
import { useLocalView } from "../table/local-view.ts";
import type { LoadState } from "../ui/load-state.ts";
import { EmptyState, Loaded } from "../ui/notice.tsx";
import styles from "./chart-frame.module.css";

export interface ChartFrameProps<Row> {
  readonly title: string;
  /** What the axes count, and as of when. */
  readonly meaning?: ReactNode;
  readonly state: LoadState<readonly Row[]>;
  readonly empty: string;
  /** The same rows as the picture, for the twin and the download. */
  readonly columns: readonly Column<Row>[];
  readonly rowId: (row: Row) => string;
  readonly href?: (row: Row) => string;
  /** Why there is only the table, when the picture would be unreadable. */
  readonly tableOnly?: string | undefined;
  readonly children: (rows: readonly Row[]) => ReactNode;
}

export function ChartFrame<Row extends object>(props: ChartFrameProps<Row>) {
  const { title, state, columns } = props;
  const [wantsTable, setWantsTable] = useState(false);
  const twin = useLocalView();
  const isTable = wantsTable || props.tableOnly !== undefined;
  const rows = state.kind === "ready" ? state.value : [];
  return (
    <figure className={styles.frame} aria-label={title}>
      <figcaption className={styles.caption}>
        <div>
          <h2>{title}</h2>
          {props.meaning && <p className={styles.meaning}>{props.meaning}</p>}
          {props.tableOnly && <p className={styles.meaning}>{props.tableOnly}</p>}
        </div>
        <div className={styles.tools}>
          <Button
            variant="subtle"
            color="gray"
            leftSection={isTable ? <IconChartBar size={14} aria-hidden /> : <IconTable size={14} aria-hidden />}
            disabled={props.tableOnly !== undefined}
            onClick={() => setWantsTable(!isTable)}
          >
            {isTable ? "Picture" : "Table"}
          </Button>
          {!isTable && (
            <Button
              variant="subtle"
              color="gray"
              leftSection={<IconDownload size={14} aria-hidden />}
              disabled={rows.length === 0}
              onClick={() => download(`${title.toLowerCase().replace(/[^a-z0-9]+/g, "-")}.csv`, csvOf(rows, columns))}
            >
              CSV
            </Button>
          )}
        </div>
      </figcaption>
      {isTable ? (
        <DataTable
          caption={title}
          columns={columns}
          state={state}
          rowId={props.rowId}
          {...(props.href ? { href: props.href } : {})}
          empty={{ what: props.empty }}
          view={twin.view}
          onView={twin.onView}
          isMain={false}
        />
      ) : (
        <Loaded state={state} lines={8}>
          {(value) => (value.length === 0 ? <EmptyState what={props.empty} /> : props.children(value))}
        </Loaded>
      )}
    </figure>
  );
}
