/** The drawing of a network with Cytoscape, loaded only when one is shown. */
import cytoscape, { type Core, type StylesheetJson } from "cytoscape";
import type { Network, Spot } from "./network-layout.ts";

/** Cytoscape adds a style element unless one with this id is there, which the CSP would refuse; the rule stands in network-view.module.css. */
const STYLE_ID = "__________cytoscape_stylesheet";
const PADDING_PX = 12;
const ZOOM_FIT_MAX = 1; // a small network is not blown up

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
}): Core {
  if (!document.getElementById(STYLE_ID)) {
    const marker = document.createElement("meta");
    marker.id = STYLE_ID;
    document.head.append(marker);
  }
  const known = new Set(network.nodes.map((node) => node.id));
  const core = cytoscape({
    container: holder,
    style,
    layout: { name: "preset", fit: true, padding: PADDING_PX },
    elements: {
      nodes: network.nodes.map((node) => ({
        data: { id: node.id, text: `${node.label}\n${node.detail}`, tone: node.tone },
        position: { ...(spots.get(node.id) ?? { x: 0, y: 0 }) },
      })),
      edges: network.links
        .filter((link) => known.has(link.from) && known.has(link.to))
        .map((link) => ({ data: { id: link.id, source: link.from, target: link.to, label: link.label } })),
    },
    autoungrabify: true,
    boxSelectionEnabled: false,
    minZoom: 0.1,
    maxZoom: 3,
    userZoomingEnabled: false,
  });
  if (core.zoom() > ZOOM_FIT_MAX) {
    core.zoom(ZOOM_FIT_MAX);
    core.center();
  }
  // the wheel scrolls the page unless Ctrl is held
  holder.addEventListener("wheel", (event) => core.userZoomingEnabled(event.ctrlKey), { capture: true, passive: true });
  core.on("tap", "node", (event) => {
    const near = event.target.closedNeighborhood();
    core.elements().removeClass("near far");
    core.elements().not(near).addClass("far");
    near.edges().addClass("near");
  });
  core.on("tap", (event) => {
    if (event.target === core) core.elements().removeClass("near far");
  });
  return core;
}
