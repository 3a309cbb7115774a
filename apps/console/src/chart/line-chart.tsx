/** At most four lines over time, each labelled at its end; uncertainty is a band around its line. */
import { useCallback } from "react";
import type { Palette } from "../theme.ts";
import type { Column } from "../table/column.ts";
import { formatDecimal } from "../ui/format.ts";
import type { LoadState } from "../ui/load-state.ts";
import { ChartFrame } from "./chart-frame.tsx";
import { Drawing, tooltip } from "./drawing.tsx";

export interface Point {
  readonly at: string;
  readonly value: number;
  readonly low?: number;
  readonly high?: number;
}

export interface Line {
  readonly name: string;
  readonly points: readonly Point[];
}

/** More than four lines can't be told apart: choose, or draw them one by one. */
export type Lines =
  | readonly []
  | readonly [Line]
  | readonly [Line, Line]
  | readonly [Line, Line, Line]
  | readonly [Line, Line, Line, Line];

export interface LineChartProps {
  readonly title: string;
  readonly meaning?: string;
  readonly unit: string;
  readonly state: LoadState<Lines>;
  readonly empty: string;
}

interface PointRow extends Point {
  readonly name: string;
}

const HEIGHT = 240;

export function LineChart({ title, meaning, unit, state, empty }: LineChartProps) {
  const columns: readonly Column<PointRow>[] = [
    { id: "at", header: "When", value: (row) => row.at, width: 180 },
    { id: "name", header: "Series", value: (row) => row.name },
    { id: "value", header: "Value", unit, value: (row) => row.value, align: "end", width: 120 },
    { id: "low", header: "Low", unit, value: (row) => row.low, align: "end", width: 120 },
    { id: "high", header: "High", unit, value: (row) => row.high, align: "end", width: 120 },
  ];
  const lines: Lines = state.kind === "ready" ? state.value : [];
  const rows =
    state.kind === "ready"
      ? { ...state, value: lines.flatMap((line) => line.points.map((point) => ({ ...point, name: line.name }))) }
      : state;
  return (
    <ChartFrame
      title={title}
      meaning={meaning}
      state={rows}
      empty={empty}
      columns={columns}
      rowId={(row) => `${row.name} ${row.at}`}
    >
      {() => <Drawn lines={lines} unit={unit} label={title} />}
    </ChartFrame>
  );
}

function Drawn({ lines, unit, label }: { lines: Lines; unit: string; label: string }) {
  const option = useCallback((palette: Palette) => lineOption({ lines, unit, palette }), [lines, unit]);
  return <Drawing label={`${label}: ${lines.map((line) => line.name).join(", ")}`} height={HEIGHT} option={option} />;
}

function lineOption({ lines, unit, palette }: { lines: Lines; unit: string; palette: Palette }) {
  const quiet = { color: palette.dimmed, fontSize: 12 };
  return {
    grid: { left: 0, right: 96, top: 12, bottom: 4, containLabel: true },
    tooltip: { ...tooltip(palette), trigger: "axis" },
    xAxis: { type: "time", axisLabel: quiet, axisLine: { lineStyle: { color: palette.edge } } },
    yAxis: {
      type: "value",
      scale: true,
      axisLabel: { ...quiet, formatter: `{value} ${unit}` },
      splitLine: { lineStyle: { color: palette.rule } },
    },
    series: lines.flatMap((line, i) =>
      seriesOf({ line, colour: palette.series[i] ?? palette.dimmed, palette, index: i }),
    ),
  };
}

/** A line, and under it the band from low to high as two stacked, unmarked lines. */
function seriesOf({ line, colour, palette, index }: { line: Line; colour: string; palette: Palette; index: number }) {
  const dash = (["solid", "dashed", "dotted", [8, 3, 2, 3]] as const)[index] ?? "solid";
  const hasBand = line.points.some((point) => point.low !== undefined && point.high !== undefined);
  const silent = {
    type: "line",
    stack: `band-${line.name}`,
    symbol: "none",
    silent: true,
    lineStyle: { opacity: 0 },
    tooltip: { show: false },
  };
  return [
    ...(hasBand
      ? [
          { ...silent, data: line.points.map((point) => [point.at, point.low ?? point.value]) },
          {
            ...silent,
            areaStyle: { color: palette.band, opacity: 0.7 },
            data: line.points.map((point) => [point.at, (point.high ?? point.value) - (point.low ?? point.value)]),
          },
        ]
      : []),
    {
      type: "line",
      name: line.name,
      symbol: "none",
      lineStyle: { color: colour, width: 2, type: dash },
      itemStyle: { color: colour },
      data: line.points.map((point) => [point.at, point.value]),
      endLabel: { show: true, formatter: "{a}", color: palette.text, fontSize: 12 },
      tooltip: { valueFormatter: (value: unknown) => formatDecimal(String(value)) },
    },
  ];
}
