import assert from "node:assert/strict";
import { test } from "node:test";
import { bundlesOf, layoutOf, NODES_MAX, type NetworkLink, type NetworkNode } from "./network-layout.ts";

function node(id: string): NetworkNode {
  return { id, label: id, detail: "", tone: "normal", href: `/${id}` };
}
function link(from: string, to: string): NetworkLink {
  return { id: `${from}-${to}`, from, to, label: "" };
}

test("supply flows from left to right", () => {
  const nodes = [node("mine"), node("refinery"), node("plant")];
  const spots = layoutOf({ nodes, links: [link("mine", "refinery"), link("refinery", "plant")] });
  const x = (id: string) => spots.get(id)?.x ?? Number.NaN;
  assert.ok(x("mine") < x("refinery") && x("refinery") < x("plant"));
});

test("the same network gives the same picture in whatever order it arrives", () => {
  const nodes = ["a", "b", "c", "d", "e"].map(node);
  const links = [link("a", "c"), link("b", "c"), link("c", "d"), link("c", "e"), link("a", "e")];
  const forwards = layoutOf({ nodes, links });
  const backwards = layoutOf({ nodes: nodes.toReversed(), links: links.toReversed() });
  for (const one of nodes) assert.deepEqual(forwards.get(one.id), backwards.get(one.id));
});

test("several things between the same two nodes are one line, and links to nowhere are none", () => {
  const links = [
    { ...link("a", "b"), id: "2", label: "gas" },
    { ...link("a", "b"), id: "1", label: "power" },
    link("b", "a"),
    link("a", "gone"),
  ];
  assert.deepEqual(bundlesOf({ nodes: [node("a"), node("b")], links }), [
    { id: "a b", from: "a", to: "b", labels: ["power", "gas"] },
    { id: "b a", from: "b", to: "a", labels: [""] },
  ]);
});

test("loops are laid out all the same", () => {
  const links = [link("a", "b"), link("b", "a"), link("a", "a"), link("a", "gone")];
  const spots = layoutOf({ nodes: [node("a"), node("b")], links });
  assert.deepEqual([...spots.keys()], ["a", "b"]);
});

test("the largest drawing is laid out in a moment", (t) => {
  const nodes = Array.from({ length: NODES_MAX }, (_, i) => node(`n${i}`));
  const links = nodes.flatMap((one, i) =>
    i === 0 ? [] : [link(`n${Math.floor((i - 1) / 2)}`, one.id), link(`n${i >> 2}`, one.id)],
  );
  const startedAt = performance.now();
  layoutOf({ nodes, links });
  const took = performance.now() - startedAt;
  t.diagnostic(`${NODES_MAX} nodes and ${links.length} links in ${took.toFixed(0)} ms`);
  assert.ok(took < 2_000, `${took} ms`);
});
