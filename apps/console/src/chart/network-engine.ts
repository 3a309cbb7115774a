/** The drawing of a network with Cytoscape, loaded only when one is shown. */
import cytoscape, { type Core, type StylesheetJson } from "cytoscape";
import { cutMiddle } from "../ui/format.ts";
import { bundlesOf, type Network, type Spot } from "./network-layout.ts";

/** Cytoscape adds a style element unless one with this id is there, which the CSP would refuse; the rule stands in network-view.module.css. */
const STYLE_ID = "__________cytoscape_stylesheet";
const PADDING_PX = 12;
const READABLE_ZOOM = 0.75; // below it an 11 px label is no longer read
const LABELS_MAX = 3;
const TWO_LINES = { head: 32, tail: 16 }; // what a node holds beside its detail

export interface Drawing {
  readonly core: Core;
  readonly pointAt: (id: string | undefined) => void;
}

export function draw({
  holder,
  network,
  spots,
  style,
}: {
  holder: HTMLElement;
  network: Network;
  spots: ReadonlyMap<string, Spot>;
  style: StylesheetJson;
}): Drawing {
  if (!document.getElementById(STYLE_ID)) {
    const marker = document.createElement("meta");
    marker.id = STYLE_ID;
    document.head.append(marker);
  }
  const core = cytoscape({
    container: holder,
    style,
    layout: { name: "preset", fit: true, padding: PADDING_PX },
    elements: {
      nodes: network.nodes.map((node) => ({
        data: { id: node.id, text: `${cutMiddle(node.label, TWO_LINES)}\n${node.detail}`, tone: node.tone },
        position: { ...(spots.get(node.id) ?? { x: 0, y: 0 }) },
      })),
      edges: bundlesOf(network).map(({ id, from, to, labels }) => ({
        data: { id, source: from, target: to, label: wordsOf(labels) },
      })),
    },
    autoungrabify: true,
    boxSelectionEnabled: false,
    minZoom: 0.1,
    maxZoom: 3,
    userZoomingEnabled: false,
  });
  beginReadable(core, network.centre);
  // the wheel scrolls the page unless Ctrl is held
  holder.addEventListener("wheel", (event) => core.userZoomingEnabled(event.ctrlKey), { capture: true, passive: true });
  return { core, pointAt: (id) => pointAt(core, id) };
}

/** Shows a node with its neighbours, and moves it into view; nothing is shown apart without one. */
function pointAt(core: Core, id: string | undefined): void {
  core.elements().removeClass("near far at");
  if (id === undefined) return;
  const node = core.getElementById(id);
  const near = node.closedNeighborhood();
  core.elements().not(near).addClass("far");
  near.edges().addClass("near");
  node.addClass("at");
  const { x1, x2, y1, y2 } = node.renderedBoundingBox({});
  core.panBy({ x: stepInto(x1, x2, core.width()), y: stepInto(y1, y2, core.height()) });
}

/** By how much to move what is from `low` to `high` so that a frame of `size` shows it; 0 where it does. */
function stepInto(low: number, high: number, size: number): number {
  if (low < PADDING_PX) return PADDING_PX - low;
  return Math.min(0, size - PADDING_PX - high);
}

/** All of it where that can be read; else as large as can be, around the centre. A small network is not blown up. */
function beginReadable(core: Core, centre: string | undefined): void {
  const fitted = core.zoom();
  if (fitted >= READABLE_ZOOM && fitted <= 1) return;
  core.zoom(fitted > 1 ? 1 : READABLE_ZOOM);
  const middle = centre === undefined ? core.nodes().last() : core.getElementById(centre);
  core.center(fitted > 1 ? core.elements() : middle);
  const box = core.elements().renderedBoundingBox({});
  core.panBy({ x: shiftInto(box.x1, box.x2, core.width()), y: shiftInto(box.y1, box.y2, core.height()) });
}

/** By how much to move the picture from `low` to `high` so that a frame of `size` has no empty side: centred if it fits. */
function shiftInto(low: number, high: number, size: number): number {
  if (high - low <= size) return (size - low - high) / 2;
  return Math.min(0, PADDING_PX - low) + Math.max(0, size - PADDING_PX - high);
}

/** `power, 100 %` or, of several, the first ones and how many more. */
function wordsOf(labels: readonly string[]): string {
  const shown = labels.slice(0, LABELS_MAX).join("\n");
  return labels.length > LABELS_MAX ? `${shown}\nand ${labels.length - LABELS_MAX} more` : shown;
}
