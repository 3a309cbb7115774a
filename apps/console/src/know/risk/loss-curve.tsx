/** The loss exceedance curve: how likely a year is that costs at least so much. Up to four curves, such as before and after. */
import { useCallback } from "react";
import { ChartFrame } from "../../chart/chart-frame.tsx";
import { Drawing, tooltip } from "../../chart/drawing.tsx";
import type { Column } from "../../table/column.ts";
import type { Palette } from "../../theme.ts";
import { type LoadState, mapState } from "../../ui/load-state.ts";
import { amountText, digitsOf, major } from "../simulation/money.ts";

export interface Curve {
  readonly name: string;
  readonly points: readonly { readonly probability: number; readonly lossMinor: number }[];
}

interface Row {
  readonly name: string;
  readonly probability: number;
  readonly lossMinor: number;
}

const HEIGHT = 280;

export function LossCurve({
  title,
  meaning,
  currency,
  state,
  empty,
}: {
  title: string;
  meaning: string;
  currency: string | null;
  state: LoadState<readonly Curve[]>;
  empty: string;
}) {
  const curves = state.kind === "ready" ? state.value : [];
  const columns: readonly Column<Row>[] = [
    { id: "name", header: "Curve", value: (row) => row.name },
    {
      id: "probability",
      header: "In one year of",
      value: (row) => Math.round(1 / row.probability),
      align: "end",
      width: 160,
    },
    {
      id: "loss",
      header: "At least",
      ...(currency ? { unit: currency } : {}),
      value: (row) => major(row.lossMinor, currency),
      align: "end",
      width: 240,
    },
  ];
  return (
    <ChartFrame
      title={title}
      meaning={meaning}
      state={mapState(state, (all) => all.flatMap(({ name, points }) => points.map((point) => ({ name, ...point }))))}
      empty={empty}
      columns={columns}
      rowId={(row) => `${row.name} ${row.probability}`}
    >
      {() => <Drawn curves={curves} currency={currency} label={title} />}
    </ChartFrame>
  );
}

function Drawn({ curves, currency, label }: { curves: readonly Curve[]; currency: string | null; label: string }) {
  const option = useCallback((palette: Palette) => curveOption(curves, currency, palette), [curves, currency]);
  return <Drawing label={`${label}: ${curves.map(({ name }) => name).join(", ")}`} height={HEIGHT} option={option} />;
}

function curveOption(curves: readonly Curve[], currency: string | null, palette: Palette) {
  const quiet = { color: palette.dimmed, fontSize: 12 };
  const scale = 10 ** digitsOf(currency ?? "EUR");
  return {
    grid: { left: 0, right: 110, top: 12, bottom: 24, containLabel: true },
    tooltip: { ...tooltip(palette), trigger: "axis" },
    xAxis: {
      type: "log",
      name: "once in so many years",
      nameLocation: "middle",
      nameGap: 28,
      nameTextStyle: quiet,
      axisLabel: quiet,
      axisLine: { lineStyle: { color: palette.edge } },
      splitLine: { show: false },
    },
    yAxis: {
      type: "value",
      axisLabel: { ...quiet, formatter: (value: number) => `${amountText(value)} ${currency ?? ""}`.trim() },
      splitLine: { lineStyle: { color: palette.rule } },
    },
    series: curves.slice(0, 4).map(({ name, points }, i) => ({
      type: "line",
      name,
      symbol: "none",
      lineStyle: { color: palette.series[i] ?? palette.dimmed, width: 2, type: i === 0 ? "solid" : "dashed" },
      itemStyle: { color: palette.series[i] ?? palette.dimmed },
      data: points.map(({ probability, lossMinor }) => [1 / probability, lossMinor / scale]),
      endLabel: { show: true, formatter: "{a}", color: palette.text, fontSize: 12 },
      labelLayout: { moveOverlap: "shiftY" },
    })),
  };
}
