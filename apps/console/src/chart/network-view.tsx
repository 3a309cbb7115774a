/**
 * Who supplies whom, as a picture of at most about 150 nodes in stable layers, with a table of its links as the twin.
 * Pointing at a node shows its neighbours; its link leads to its page. By keyboard it is a list that arrows walk along the
 * links: WAI-ARIA listbox with aria-activedescendant.
 */
import { ActionIcon, useComputedColorScheme } from "@mantine/core";
import { IconArrowsMaximize, IconMinus, IconPlus } from "@tabler/icons-react";
import type { Core, StylesheetJson } from "cytoscape";
import { type KeyboardEvent, useEffect, useId, useMemo, useRef, useState } from "react";
import type { Column } from "../table/column.ts";
import { FONT, PALETTES, type Palette } from "../theme.ts";
import { useFollow } from "../ui/follow.tsx";
import { mapState, type LoadState } from "../ui/load-state.ts";
import type { Tone } from "../ui/state-badge.tsx";
import { ChartFrame } from "./chart-frame.tsx";
import type { Drawing } from "./network-engine.ts";
import {
  layoutOf,
  type Network,
  NODE_HEIGHT,
  NODE_WIDTH,
  NODES_MAX,
  type NetworkNode,
  SUPPLY_WORDS,
} from "./network-layout.ts";
import { spokenNode, STEP_OF_KEY, walk } from "./network-walk.ts";
import styles from "./network-view.module.css";

export interface NetworkViewProps {
  readonly title: string;
  readonly meaning?: string;
  readonly state: LoadState<Network>;
  readonly empty: string;
}

interface LinkRow {
  readonly id: string;
  readonly from: NetworkNode | undefined;
  readonly to: NetworkNode | undefined;
  readonly label: string;
}

const COLUMNS: readonly Column<LinkRow>[] = [
  { id: "from", header: "From", value: (row) => row.from?.label, cell: (row) => <End node={row.from} /> },
  { id: "what", header: "What", value: (row) => row.label, width: 260 },
  { id: "to", header: "To", value: (row) => row.to?.label, cell: (row) => <End node={row.to} />, width: 280 },
];

export function NetworkView({ title, meaning, state, empty }: NetworkViewProps) {
  const network = state.kind === "ready" ? state.value : { nodes: [], links: [] };
  const nodes = new Map(network.nodes.map((node) => [node.id, node]));
  const rows = mapState(state, ({ links }) =>
    links.map(
      (link): LinkRow => ({ id: link.id, from: nodes.get(link.from), to: nodes.get(link.to), label: link.label }),
    ),
  );
  const tooMany = network.nodes.length > NODES_MAX;
  return (
    <ChartFrame
      title={title}
      meaning={meaning}
      state={rows}
      empty={empty}
      columns={COLUMNS}
      rowId={(row) => row.id}
      tableOnly={
        tooMany
          ? `${network.nodes.length} ${(network.words ?? SUPPLY_WORDS).nodes} are more than a picture can show (${NODES_MAX}): here is the table.`
          : undefined
      }
    >
      {() => <Picture title={title} network={network} />}
    </ChartFrame>
  );
}

function End({ node }: { node: NetworkNode | undefined }) {
  if (!node) return <span className="dimmed">unknown</span>;
  return (
    <>
      <a href={node.href}>{node.label}</a> <span className="dimmed">{node.detail}</span>
    </>
  );
}

const LINE_PX = 56; // a node and the space below it
const HEIGHT_MIN = 240;
const HEIGHT_MAX = 640;
const ZOOM_STEP = 1.4;

function Picture({ title, network }: { title: string; network: Network }) {
  const holder = useRef<HTMLDivElement>(null);
  const palette = PALETTES[useComputedColorScheme("light")];
  const words = network.words ?? SUPPLY_WORDS;
  const id = useId();
  const follow = useFollow();
  const [drawing, setDrawing] = useState<Drawing>();
  const [at, setAt] = useState<string>();
  const pointedAt = network.nodes.find((node) => node.id === at);
  const spots = useMemo(() => layoutOf(network), [network]);
  const deepest = Math.max(0, ...[...spots.values()].map((spot) => spot.y));
  const height = Math.min(HEIGHT_MAX, Math.max(HEIGHT_MIN, deepest + LINE_PX));

  useEffect(() => {
    let drawn: Drawing | undefined;
    let isGone = false;
    void import("./network-engine.ts").then(({ draw }) => {
      if (isGone || !holder.current) return;
      drawn = draw({ holder: holder.current, network, spots, style: styleOf(palette) });
      setDrawing(drawn);
      const { core } = drawn;
      core.on("tap", (event) => setAt(event.target === core || event.target.isEdge() ? undefined : event.target.id()));
    });
    return () => {
      isGone = true;
      drawn?.core.destroy();
      setDrawing(undefined);
    };
  }, [network, spots, palette]);
  useEffect(() => drawing?.pointAt(at), [drawing, at]);

  const onKeyDown = (event: KeyboardEvent) => {
    const step = STEP_OF_KEY[event.key];
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (step === undefined && !["Enter", "Escape"].includes(event.key)) return;
    if (event.key === "Escape" && at === undefined) return;
    event.preventDefault();
    if (step !== undefined) setAt(walk(network, spots, at, step));
    else if (event.key === "Escape") setAt(undefined);
    else if (pointedAt) follow(pointedAt.href);
  };

  return (
    <div>
      <div
        role="listbox"
        tabIndex={0}
        aria-label={`${title}: ${network.nodes.length} ${words.nodes} and ${network.links.length} links`}
        aria-describedby={`${id}-keys`}
        aria-activedescendant={pointedAt && `${id}-${pointedAt.id}`}
        className={styles.walk}
        onKeyDown={onKeyDown}
      >
        <div ref={holder} aria-hidden className={styles.canvas} style={{ height }} />
        <div className="visually-hidden">
          {network.nodes.map((node) => (
            <div key={node.id} role="option" id={`${id}-${node.id}`} aria-selected={node.id === at}>
              {spokenNode(network, node)}
            </div>
          ))}
        </div>
      </div>
      <div className={styles.below}>
        <p className={styles.hint} role="status">
          {pointedAt ? (
            <>
              <a href={pointedAt.href}>{pointedAt.label}</a>{" "}
              {spokenNode(network, pointedAt).slice(pointedAt.label.length + 2)}
            </>
          ) : (
            `${words.flow} flows from left to right. Press a node to see its neighbours; drag to move, Ctrl and wheel to zoom.`
          )}
        </p>
        <p className={styles.hint} id={`${id}-keys`}>
          Keys: <kbd>←</kbd> {words.before}, <kbd>→</kbd> {words.after}, <kbd>↑</kbd> <kbd>↓</kbd> beside,{" "}
          <kbd>Enter</kbd> opens. Table, above, has the same links.
        </p>
        <ZoomButtons core={drawing?.core} />
      </div>
    </div>
  );
}

function ZoomButtons({ core }: { core: Core | undefined }) {
  const zoom = (factor: number) =>
    core?.zoom({ level: core.zoom() * factor, renderedPosition: { x: core.width() / 2, y: core.height() / 2 } });
  return (
    <div className={styles.zoom}>
      <ActionIcon variant="default" aria-label="Zoom in" onClick={() => zoom(ZOOM_STEP)}>
        <IconPlus size={14} aria-hidden />
      </ActionIcon>
      <ActionIcon variant="default" aria-label="Zoom out" onClick={() => zoom(1 / ZOOM_STEP)}>
        <IconMinus size={14} aria-hidden />
      </ActionIcon>
      <ActionIcon variant="default" aria-label="Whole network" onClick={() => core?.fit(undefined, 12)}>
        <IconArrowsMaximize size={14} aria-hidden />
      </ActionIcon>
    </div>
  );
}

const EDGE_OF_TONE: Readonly<Record<Tone, keyof Omit<Palette, "series">>> = {
  critical: "critical",
  attention: "attention",
  active: "accent",
  normal: "edge",
  muted: "rule",
  unknown: "edge",
};

function styleOf(palette: Palette): StylesheetJson {
  return [
    {
      selector: "node",
      style: {
        shape: "round-rectangle",
        width: NODE_WIDTH,
        height: NODE_HEIGHT,
        label: "data(text)",
        "text-wrap": "wrap",
        "text-max-width": `${NODE_WIDTH - 12}px`,
        "text-valign": "center",
        "font-family": FONT,
        "font-size": 11,
        "line-height": 1.15,
        color: palette.text,
        "background-color": palette.surface,
        "border-color": palette.edge,
        "border-width": 1,
      },
    },
    ...Object.entries(EDGE_OF_TONE).map(([tone, colour]) => ({
      selector: `node[tone = "${tone}"]`,
      style: {
        "border-color": palette[colour],
        "border-width": tone === "critical" ? 3 : tone === "attention" ? 2 : 1,
      },
    })),
    {
      selector: "edge",
      style: {
        width: 1.2,
        "line-color": palette.edge,
        "target-arrow-color": palette.edge,
        opacity: 0.6,
        "target-arrow-shape": "triangle",
        "arrow-scale": 0.8,
        "curve-style": "bezier",
      },
    },
    {
      selector: "edge.near",
      style: {
        "line-color": palette.accent,
        "target-arrow-color": palette.accent,
        width: 2,
        opacity: 1,
        label: "data(label)",
        "text-wrap": "wrap",
        "font-family": FONT,
        "font-size": 10,
        color: palette.text,
        "text-background-color": palette.surface,
        "text-background-opacity": 1,
        "text-background-padding": "2px",
      },
    },
    { selector: ".far", style: { opacity: 0.2 } },
    { selector: "node.at", style: { "border-color": palette.accent, "border-width": 3 } },
  ];
}
