import assert from "node:assert/strict";
import { test } from "node:test";
import { layoutOf, NODES_MAX, type NetworkLink, type NetworkNode } from "./network-layout.ts";

function node(id: string): NetworkNode {
  return { id, label: id, detail: "", tone: "normal", href: `/${id}` };
}
function link(from: string, to: string): NetworkLink {
  return { id: `${from}-${to}`, from, to, label: "" };
}

test("supply flows from left to right", () => {
  const spots = layoutOf(
    [node("mine"), node("refinery"), node("plant")],
    [link("mine", "refinery"), link("refinery", "plant")],
  );
  const x = (id: string) => spots.get(id)?.x ?? Number.NaN;
  assert.ok(x("mine") < x("refinery") && x("refinery") < x("plant"));
});

test("the same network gives the same picture in whatever order it arrives", () => {
  const nodes = ["a", "b", "c", "d", "e"].map(node);
  const links = [link("a", "c"), link("b", "c"), link("c", "d"), link("c", "e"), link("a", "e")];
  const forwards = layoutOf(nodes, links);
  const backwards = layoutOf(nodes.toReversed(), links.toReversed());
  for (const one of nodes) assert.deepEqual(forwards.get(one.id), backwards.get(one.id));
});

test("loops, repeated links and links to nowhere are laid out all the same", () => {
  const spots = layoutOf([node("a"), node("b")], [link("a", "b"), link("b", "a"), link("a", "a"), link("a", "gone")]);
  assert.deepEqual([...spots.keys()], ["a", "b"]);
});

test("the largest drawing is laid out in well under a second", () => {
  const nodes = Array.from({ length: NODES_MAX }, (_, i) => node(`n${i}`));
  const links = nodes.flatMap((one, i) =>
    i === 0 ? [] : [link(`n${Math.floor((i - 1) / 2)}`, one.id), link(`n${i >> 2}`, one.id)],
  );
  const startedAt = performance.now();
  layoutOf(nodes, links);
  assert.ok(performance.now() - startedAt < 2_000, `${performance.now() - startedAt} ms`);
});
