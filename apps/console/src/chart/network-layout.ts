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
  /** What it is about: a picture too large to read at once begins there. */
  readonly centre?: string;
  /** What the nodes are called, one by one and together, and what stands before and after one. */
  readonly words?: NetworkWords;
}

export interface NetworkWords {
  readonly nodes: string;
  readonly before: string;
  readonly after: string;
  /** Where things go from left to right: "Supply". */
  readonly flow: string;
}

export const SUPPLY_WORDS: NetworkWords = { nodes: "sites", before: "supplier", after: "buyer", flow: "Supply" };

export interface Spot {
  readonly x: number;
  readonly y: number;
}

export const NODE_WIDTH = 188;
export const NODE_HEIGHT = 46;
const NODE_GAP = 10;
const LAYER_GAP = 90;

/** Several things may go from one node to another: they are drawn as one line. */
export interface Bundle {
  readonly id: string;
  readonly from: string;
  readonly to: string;
  readonly labels: readonly string[];
}

/** The links between the same two nodes as one, in the order of their ids; links whose ends are not among the nodes are left out. */
export function bundlesOf({ nodes, links }: Network): Bundle[] {
  const known = new Set(nodes.map((node) => node.id));
  const bundles = new Map<string, { id: string; from: string; to: string; labels: string[] }>();
  for (const { from, to, label } of links.toSorted(byId)) {
    if (!known.has(from) || !known.has(to)) continue;
    const id = `${from} ${to}`;
    const bundle = bundles.get(id);
    if (bundle) bundle.labels.push(label);
    else bundles.set(id, { id, from, to, labels: [label] });
  }
  return [...bundles.values()].sort(byId);
}

/** The middle of each node, in pixels, by id. */
export function layoutOf(network: Network): ReadonlyMap<string, Spot> {
  const { nodes } = network;
  const graph = new Graph();
  graph.setGraph({ rankdir: "LR", nodesep: NODE_GAP, edgesep: 1, ranksep: LAYER_GAP, ranker: "network-simplex" });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const node of nodes.toSorted(byId)) graph.setNode(node.id, { width: NODE_WIDTH, height: NODE_HEIGHT });
  for (const bundle of bundlesOf(network)) if (bundle.from !== bundle.to) graph.setEdge(bundle.from, bundle.to, {});
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
