/**
 * The inclusion path as a picture: the statement at the bottom, at each step its sibling on its left or right, the node
 * that both make above, the root on top beside the signed one. Every hash has its full value on focus and is copied by
 * Enter or a click; the twin table has the same rows.
 */
import { type KeyboardEvent, useId, useState } from "react";
import { ChartFrame } from "../../chart/chart-frame.tsx";
import type { Column } from "../../table/column.ts";
import { useAnnounce } from "../../ui/announcer.tsx";
import { cutMiddle } from "../../ui/format.ts";
import { Id } from "../../ui/id.tsx";
import { ready } from "../../ui/load-state.ts";
import type { PathDrawing } from "./proof-check.ts";
import styles from "./proof-drawing.module.css";

interface HashNode {
  readonly id: string;
  /** What it is, as a table's row and a button's name begin. */
  readonly role: string;
  readonly side: "left" | "right" | "path";
  readonly covers: string;
  readonly hash: string;
  /** Counted from the leaf up. */
  readonly level: number;
  readonly isWrong?: boolean;
}

const BOX = { width: 112, height: 34 };
const LEVEL = 70;
const WIDTH = 352;
const MIDDLE = WIDTH / 2;
const LEFT = BOX.width / 2 + 1;
const TOP = 12;

const COLUMNS: readonly Column<HashNode>[] = [
  { id: "level", header: "Step", value: (one) => one.level, align: "end", width: 70 },
  { id: "role", header: "Node", value: (one) => one.role, width: 220 },
  { id: "side", header: "Stands", value: (one) => (one.side === "path" ? "on the path" : one.side), width: 110 },
  { id: "covers", header: "Covers", value: (one) => one.covers, width: 150 },
  { id: "hash", header: "SHA-256", value: (one) => one.hash, cell: (one) => <Id value={one.hash} name="hash" /> },
];

export function ProofDrawing({ drawing }: { drawing: PathDrawing }) {
  const nodes = nodesOf(drawing);
  return (
    <ChartFrame
      title="Path from the statement to the root"
      meaning={`Entry ${drawing.index} of ${drawing.size}. Each node is the SHA-256 of the two below it, computed here.`}
      state={ready(nodes)}
      empty="The path would be drawn here."
      columns={COLUMNS}
      rowId={(one) => one.id}
    >
      {() => <Picture nodes={nodes} levels={drawing.steps.length} />}
    </ChartFrame>
  );
}

function nodesOf({ index, size, leaf, steps, computedRoot, signedRoot }: PathDrawing): HashNode[] {
  const isWrong = computedRoot !== signedRoot;
  const last = steps.length;
  const inner = steps.flatMap(({ sibling, side, siblingRange, node, nodeRange }, i): HashNode[] => [
    { id: `sibling-${i}`, role: `sibling ${i + 1}`, side, covers: entries(siblingRange), hash: sibling, level: i },
    ...(i + 1 < last
      ? [
          {
            id: `node-${i}`,
            role: `node ${i + 1}`,
            side: "path",
            covers: entries(nodeRange),
            hash: node,
            level: i + 1,
          } as const,
        ]
      : []),
  ]);
  const whole = entries({ start: 0n, end: size });
  return [
    {
      id: "leaf",
      role: "this statement",
      side: "path",
      covers: `entry ${index}`,
      hash: leaf,
      level: 0,
      isWrong: false,
    },
    ...inner,
    ...(last > 0
      ? [
          {
            id: "root",
            role: "root computed here",
            side: "path",
            covers: whole,
            hash: computedRoot,
            level: last,
            isWrong,
          } as const,
        ]
      : []),
    {
      id: "signed",
      role: "root that the log signed",
      side: "path",
      covers: whole,
      hash: signedRoot,
      level: last + 1,
      isWrong,
    },
  ];
}

function entries({ start, end }: { readonly start: bigint; readonly end: bigint }): string {
  return end - start === 1n ? `entry ${start}` : `entries ${start}–${end - 1n}`;
}

function Picture({ nodes, levels }: { nodes: readonly HashNode[]; levels: number }) {
  const id = useId();
  const announce = useAnnounce();
  const [chosen, setChosen] = useState<HashNode>();
  const height = TOP * 2 + (levels + 1) * LEVEL + BOX.height;
  const y = (level: number) => TOP + (levels + 1 - level) * LEVEL + BOX.height / 2;
  const copy = (one: HashNode) => {
    setChosen(one);
    void navigator.clipboard?.writeText(one.hash).then(() => announce(`hash of ${one.role} copied`));
  };
  const isWrong = nodes.some((one) => one.isWrong);
  return (
    <div className={styles.picture}>
      <svg
        role="group"
        aria-label="Inclusion path, from the statement at the bottom to the root on top"
        viewBox={`0 0 ${WIDTH} ${height}`}
        className={styles.drawing}
      >
        {nodes.map((one) => (
          <Line key={one.id} one={one} y={y} isWrong={isWrong && one.level === levels} isLast={one.id === "signed"} />
        ))}
        <text x={MIDDLE + 10} y={y(levels + 0.5) + 4} className={isWrong ? styles.wrongWord : styles.word}>
          {isWrong ? "≠ not the same" : "= the same"}
        </text>
        {nodes.map((one) => (
          <NodeBox key={one.id} one={one} y={y(one.level)} describedBy={id} onShow={setChosen} onCopy={copy} />
        ))}
      </svg>
      <p className={styles.chosen} id={id}>
        {chosen ? (
          <>
            <span className="dimmed">
              {chosen.role}, {chosen.covers}:
            </span>{" "}
            <code>{chosen.hash}</code>
          </>
        ) : (
          <span className="dimmed">Point at a hash, or move to it with Tab, to read all of it. Enter copies it.</span>
        )}
      </p>
    </div>
  );
}

/** What stands in a box: where a sibling stands and what it covers, what a node of the path covers, else what it is. */
function labelOf({ id, role, side, covers }: HashNode): string {
  if (side !== "path") return `${side}: ${covers}`;
  return id.startsWith("node-") ? covers : role;
}

function xOf({ side }: HashNode): number {
  return side === "path" ? MIDDLE : side === "left" ? LEFT : WIDTH - LEFT;
}

/** From a node up to the one that it is hashed into. */
function Line({
  one,
  y,
  isWrong,
  isLast,
}: {
  one: HashNode;
  y: (level: number) => number;
  isWrong: boolean;
  isLast: boolean;
}) {
  if (isLast) return null;
  const [from, to] = [y(one.level) - BOX.height / 2, y(one.level + 1) + BOX.height / 2];
  const bend = (from + to) / 2;
  const path = `M${xOf(one)} ${from}V${bend}H${MIDDLE}V${to}`;
  return <path d={path} className={isWrong ? styles.wrongLine : one.side === "path" ? styles.path : styles.line} />;
}

function NodeBox({
  one,
  y,
  describedBy,
  onShow,
  onCopy,
}: {
  one: HashNode;
  y: number;
  /** The line that has the whole hash while the node has the focus. */
  describedBy: string;
  onShow: (one: HashNode) => void;
  onCopy: (one: HashNode) => void;
}) {
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== "Enter" && event.key !== " ") return;
    event.preventDefault();
    onCopy(one);
  };
  return (
    <g
      role="button"
      tabIndex={0}
      aria-describedby={describedBy}
      className={styles.node}
      data-kind={one.isWrong ? "wrong" : one.side === "path" ? "path" : "sibling"}
      onFocus={() => onShow(one)}
      onPointerEnter={() => onShow(one)}
      onClick={() => onCopy(one)}
      onKeyDown={onKeyDown}
    >
      <rect x={xOf(one) - BOX.width / 2} y={y - BOX.height / 2} width={BOX.width} height={BOX.height} rx={4} />
      <text x={xOf(one)} y={y - 3} className={styles.role}>
        {labelOf(one)}
      </text>
      <text x={xOf(one)} y={y + 12} className={styles.hash}>
        {cutMiddle(one.hash, { head: 6, tail: 4 })}
      </text>
    </g>
  );
}
