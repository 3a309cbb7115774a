/**
 * Where the nodes of a network stand: layers from left to right (dagre), so that supply flows one way. The same network
 * gives the same picture whatever order it arrives in, because nodes and edges are sorted first.
 */
import { Graph, layout } from "@dagrejs/dagre";
import type { Tone } from "../ui/state-badge.tsx";

export const NODES_MAX = 150; // more can't be read; the table twin has them all

export interface NetworkNode {
  readonly id: string;
  readonly label: string;
  /** What it is, in words: "refinery, CN". */
  readonly detail: string;
  readonly tone: Tone;
  readonly href: string;
}

export interface NetworkLink {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  /** What goes along it. */
  readonly label: string;
}

export interface Network {
  readonly nodes: readonly NetworkNode[];
  readonly links: readonly NetworkLink[];
}

export interface Spot {
  readonly x: number;
  readonly y: number;
}

export const NODE_WIDTH = 168;
export const NODE_HEIGHT = 36;

/** The middle of each node, in pixels, by id. Links whose ends are not among the nodes are left out. */
export function layoutOf(nodes: readonly NetworkNode[], links: readonly NetworkLink[]): ReadonlyMap<string, Spot> {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 14, ranksep: 72, ranker: "network-simplex" });
  graph.setDefaultEdgeLabel(() => ({}));
  const known = new Set(nodes.map((node) => node.id));
  for (const node of nodes.toSorted(byId)) graph.setNode(node.id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  for (const link of links.toSorted(byId))
    if (known.has(link.from) && known.has(link.to)) graph.setEdge(link.from, link.to, {}, link.id);
  layout(graph);
  return new Map(
    nodes.map((node) => {
      const { x = 0, y = 0 } = graph.node(node.id);
      return [node.id, { x, y }] as const;
    }),
  );
}

function byId(a: { readonly id: string }, b: { readonly id: string }): number {
  return a.id < b.id ? -1 : a.id > b.id ? 1 : 0;
}
