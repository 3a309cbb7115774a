/** Horizontal bars, the longest first, labelled directly. For shares and amounts over names; at most 20 bars, the rest is in the twin. */
import { useCallback } from "react";
import type { Palette } from "../theme.ts";
import type { Column } from "../table/column.ts";
import { formatDecimal } from "../ui/format.ts";
import type { LoadState } from "../ui/load-state.ts";
import { ChartFrame } from "./chart-frame.tsx";
import { Drawing, tooltip } from "./drawing.tsx";

export const BARS_MAX = 20; // what one look can compare

export interface Bar {
  readonly id: string;
  readonly name: string;
  /** null is unknown: it has a row in the twin and no bar. */
  readonly value: number | null;
  /** The value as it is written beside the bar, without its unit; exact digits when absent. */
  readonly text?: string;
  /** Drawn in the accent; the others are grey. */
  readonly isMarked?: boolean;
}

export interface BarChartProps {
  readonly title: string;
  readonly meaning?: string;
  readonly nameHeader: string;
  readonly valueHeader: string;
  readonly unit: string;
  readonly state: LoadState<readonly Bar[]>;
  readonly empty: string;
  readonly href?: (bar: Bar) => string;
}

const BAR_HEIGHT = 26;

export function BarChart({ title, meaning, nameHeader, valueHeader, unit, state, empty, href }: BarChartProps) {
  const columns: readonly Column<Bar>[] = [
    { id: "name", header: nameHeader, value: (bar) => bar.name },
    { id: "value", header: valueHeader, unit, value: (bar) => bar.value, align: "end", width: 160 },
  ];
  const more = state.kind === "ready" ? state.value.length - BARS_MAX : 0;
  const remark =
    more > 0 ? `The ${BARS_MAX} largest of ${state.kind === "ready" ? state.value.length : 0}.` : undefined;
  return (
    <ChartFrame
      title={title}
      meaning={[meaning, remark].filter(Boolean).join(" ")}
      state={state}
      empty={empty}
      columns={columns}
      rowId={(bar) => bar.id}
      {...(href ? { href } : {})}
    >
      {(bars) => <Bars bars={bars} unit={unit} label={title} />}
    </ChartFrame>
  );
}

function Bars({ bars, unit, label }: { bars: readonly Bar[]; unit: string; label: string }) {
  const shown = bars
    .filter((bar) => bar.value !== null)
    .toSorted((a, b) => (b.value ?? 0) - (a.value ?? 0))
    .slice(0, BARS_MAX);
  const key = JSON.stringify(shown);
  // `shown` is made anew by each render; its text says whether it differs
  const option = useCallback((palette: Palette) => barOption({ bars: shown, unit, palette }), [key, unit]);
  const first = shown[0];
  const summary = first
    ? `${label}: ${first.name} leads with ${first.text ?? formatDecimal(first.value ?? 0)} ${unit}`
    : label;
  return <Drawing label={summary} height={shown.length * BAR_HEIGHT + 8} option={option} />;
}

function barOption({ bars, unit, palette }: { bars: readonly Bar[]; unit: string; palette: Palette }) {
  const hasMarks = bars.some((bar) => bar.isMarked);
  return {
    grid: { left: 0, right: 72, top: 4, bottom: 4, containLabel: true },
    tooltip: {
      ...tooltip(palette),
      trigger: "item",
      valueFormatter: (value: unknown) => `${formatDecimal(String(value))} ${unit}`,
    },
    xAxis: { type: "value", show: false, min: 0 },
    yAxis: {
      type: "category",
      inverse: true,
      data: bars.map((bar) => bar.name),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: palette.edge } },
      axisLabel: { color: palette.text, fontSize: 12, width: 180, overflow: "break" },
    },
    series: [
      {
        type: "bar",
        barWidth: 14,
        data: bars.map((bar) => ({
          value: bar.value,
          label: { formatter: `${bar.text ?? formatDecimal(bar.value ?? 0)} ${unit}` },
          itemStyle: { color: hasMarks && !bar.isMarked ? palette.series[1] : palette.series[0] },
        })),
        label: {
          show: true,
          position: "right",
          color: palette.text,
        },
      },
    ],
  };
}
