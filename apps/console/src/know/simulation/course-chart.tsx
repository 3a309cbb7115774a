/** What stops when: one row per site or product, first bridged by stocks, then short. Its twin is the table of the same rows. */
import { ChartFrame } from "../../chart/chart-frame.tsx";
import type { Column } from "../../table/column.ts";
import type { LoadState } from "../../ui/load-state.ts";
import styles from "./simulation.module.css";

export interface CourseRow {
  readonly id: string;
  readonly label: string;
  readonly href: string;
  readonly isHit: boolean;
  readonly missingFrom: number | null;
  readonly shortFrom: number;
  readonly shortUntil: number;
}

const ROWS_MAX = 40; // what a screen shows; the table has them all
const WIDTH = 1_000;
const HEIGHT = 16;

const COLUMNS: readonly Column<CourseRow>[] = [
  { id: "label", header: "What", value: (row) => row.label },
  { id: "missingFrom", header: "Missing from", unit: "day", value: (row) => row.missingFrom, align: "end", width: 150 },
  { id: "bridge", header: "Bridged", unit: "d", value: bridgeDays, align: "end", width: 110 },
  { id: "shortFrom", header: "Short from", unit: "day", value: (row) => row.shortFrom, align: "end", width: 140 },
  { id: "shortUntil", header: "Until", unit: "day", value: (row) => row.shortUntil, align: "end", width: 110 },
];

function bridgeDays(row: CourseRow): number {
  return row.missingFrom === null ? 0 : Math.max(0, row.shortFrom - row.missingFrom);
}

export function CourseChart({
  title,
  state,
  horizonDays,
  empty,
}: {
  title: string;
  state: LoadState<readonly CourseRow[]>;
  horizonDays: number;
  empty: string;
}) {
  const count = state.kind === "ready" ? state.value.length : 0;
  return (
    <ChartFrame
      title={title}
      meaning={`Days from the first event, to day ${horizonDays}.${count > ROWS_MAX ? ` The first ${ROWS_MAX} of ${count}; the table has all.` : ""}`}
      state={state}
      empty={empty}
      columns={COLUMNS}
      rowId={(row) => row.id}
      href={(row) => row.href}
    >
      {(rows) => (
        <>
          <Axis horizonDays={horizonDays} />
          <div className={styles.course}>
            {rows.slice(0, ROWS_MAX).map((row) => (
              <div key={row.id} className={styles.courseRow}>
                <a href={row.href} className={styles.courseLabel} title={row.label}>
                  {row.label}
                </a>
                <Spans row={row} horizonDays={horizonDays} />
              </div>
            ))}
          </div>
          <ul className={styles.legend}>
            <li>
              <Sample className={styles.spanBridge} /> bridged by stocks
            </li>
            <li>
              <Sample className={styles.spanShort} /> makes less, or serves less
            </li>
            <li>
              <Sample className={styles.spanHit} /> stopped by the scenario itself
            </li>
          </ul>
        </>
      )}
    </ChartFrame>
  );
}

function Sample({ className }: { className: string | undefined }) {
  return (
    <svg viewBox="0 0 24 10" aria-hidden>
      <rect width="24" height="10" className={className} />
    </svg>
  );
}

function Spans({ row, horizonDays }: { row: CourseRow; horizonDays: number }) {
  const x = (day: number) => (day / horizonDays) * WIDTH;
  const bridge = row.missingFrom ?? row.shortFrom;
  const text = `${row.label}: ${bridgeDays(row)} days bridged, short from day ${row.shortFrom} to day ${row.shortUntil}`;
  return (
    <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" role="img" aria-label={text}>
      <line
        x1="0"
        x2={WIDTH}
        y1={HEIGHT / 2}
        y2={HEIGHT / 2}
        stroke="var(--hf-rule)"
        vectorEffect="non-scaling-stroke"
      />
      {row.shortFrom > bridge && (
        <rect x={x(bridge)} width={x(row.shortFrom) - x(bridge)} y="4" height="8" className={styles.spanBridge} />
      )}
      <rect
        x={x(row.shortFrom)}
        width={Math.max(2, x(row.shortUntil + 1) - x(row.shortFrom))}
        y="2"
        height="12"
        className={row.isHit ? styles.spanHit : styles.spanShort}
      />
    </svg>
  );
}

function Axis({ horizonDays }: { horizonDays: number }) {
  const step = [7, 14, 30, 60, 90, 180, 365].find((days) => horizonDays / days <= 10) ?? 730;
  const ticks = Array.from({ length: Math.floor(horizonDays / step) + 1 }, (_, i) => i * step);
  return (
    <div className={styles.courseRow}>
      <span className="visually-hidden">Days</span>
      <span aria-hidden />
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="xMinYMid meet" aria-hidden>
        {ticks.map((day) => (
          <text key={day} x={(day / horizonDays) * WIDTH} y="12" className={styles.axis}>
            {day}
          </text>
        ))}
      </svg>
    </div>
  );
}
