/** Flows from left to right, as wide as they are large. The same flows are the rows of its twin. */
import { useCallback } from "react";
import type { Column } from "../table/column.ts";
import type { Palette } from "../theme.ts";
import { formatDecimal } from "../ui/format.ts";
import type { LoadState } from "../ui/load-state.ts";
import { ChartFrame } from "./chart-frame.tsx";
import { Drawing, tooltip } from "./drawing.tsx";

export const FLOWS_MAX = 60; // what a picture can keep apart; the twin has all

export interface SankeyFlow {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** Drawn as a width only; `text` is what is written. */
  readonly size: number;
  readonly text: string;
}

export interface SankeyProps {
  readonly title: string;
  readonly meaning?: string;
  readonly unit: string;
  readonly state: LoadState<readonly SankeyFlow[]>;
  readonly empty: string;
}

const NODE_PX = 44;

export function Sankey({ title, meaning, unit, state, empty }: SankeyProps) {
  const columns: readonly Column<SankeyFlow>[] = [
    { id: "from", header: "From", value: (flow) => flow.from },
    { id: "to", header: "To", value: (flow) => flow.to, width: 320 },
    {
      id: "amount",
      header: "Amount",
      unit,
      value: (flow) => flow.size,
      cell: (flow) => flow.text,
      align: "end",
      width: 180,
    },
  ];
  return (
    <ChartFrame
      title={title}
      {...(meaning ? { meaning } : {})}
      state={state}
      empty={empty}
      columns={columns}
      rowId={(flow) => flow.id}
    >
      {(flows) => <Flows flows={flows} unit={unit} label={title} />}
    </ChartFrame>
  );
}

function Flows({ flows, unit, label }: { flows: readonly SankeyFlow[]; unit: string; label: string }) {
  const shown = flows
    .filter(({ size }) => size > 0)
    .toSorted((a, b) => b.size - a.size)
    .slice(0, FLOWS_MAX);
  const names = [...new Set(shown.flatMap(({ from, to }) => [from, to]))].sort();
  const key = JSON.stringify(shown);
  // `shown` is made anew by each render; its text says whether it differs
  const option = useCallback((palette: Palette) => sankeyOption({ flows: shown, names, unit, palette }), [key, unit]);
  const remark = flows.length > FLOWS_MAX ? `; the ${FLOWS_MAX} largest of ${flows.length} flows are drawn` : "";
  return (
    <Drawing
      label={`${label}: ${shown.length} flows${remark}`}
      height={Math.max(220, names.length * NODE_PX)}
      option={option}
    />
  );
}

function sankeyOption({
  flows,
  names,
  unit,
  palette,
}: {
  flows: readonly SankeyFlow[];
  names: readonly string[];
  unit: string;
  palette: Palette;
}) {
  return {
    tooltip: {
      ...tooltip(palette),
      trigger: "item",
      valueFormatter: (value: unknown) => `${formatDecimal(String(value))} ${unit}`,
    },
    series: [
      {
        type: "sankey",
        left: 4,
        right: 190,
        top: 8,
        bottom: 8,
        nodeGap: 14,
        nodeWidth: 10,
        draggable: false,
        emphasis: { focus: "adjacency" },
        data: names.map((name) => ({ name, itemStyle: { color: palette.series[0], borderWidth: 0 } })),
        links: flows.map(({ from, to, size }) => ({ source: from, target: to, value: size })),
        lineStyle: { color: palette.edge, opacity: 0.35, curveness: 0.5 },
        label: { color: palette.text, fontSize: 12, width: 180, overflow: "break" },
      },
    ],
  };
}
