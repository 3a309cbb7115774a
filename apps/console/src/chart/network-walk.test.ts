import assert from "node:assert/strict";
import { test } from "node:test";
import { layoutOf, type Network } from "./network-layout.ts";
import { spokenNode, type Step, walk } from "./network-walk.ts";

const node = (id: string) => ({ id, label: id, detail: "plant, SE", tone: "normal", href: `#${id}` }) as const;
const link = (from: string, to: string) => ({ id: `${from} ${to}`, from, to, label: "x" });
const network: Network = {
  nodes: ["mine", "port", "refinery", "plant", "shop"].map(node),
  links: [link("mine", "refinery"), link("port", "refinery"), link("refinery", "plant"), link("refinery", "shop")],
  centre: "refinery",
};
const spots = layoutOf(network);

function go(at: string | undefined, ...steps: Step[]): string | undefined {
  return steps.reduce((id, step) => walk(network, spots, id, step), at);
}

test("arrows lead to suppliers, to buyers and within the layer, and an end is an end", () => {
  assert.equal(go(undefined, "right"), "refinery", "the walk begins at the centre");
  const supplier = go("refinery", "left");
  assert.ok(supplier === "mine" || supplier === "port");
  assert.equal(go(supplier, "left"), supplier);
  assert.notEqual(go(supplier, "up"), go(supplier, "down"));
  assert.equal(go(supplier, "right"), "refinery");
  assert.equal(go("shop", "first"), "refinery");
});

test("every node is reached by arrows alone", () => {
  const reached = new Set(["refinery"]);
  for (const at of reached)
    for (const step of ["left", "right", "up", "down"] as const) reached.add(go(at, step) ?? at);
  assert.deepEqual([...reached].sort(), ["mine", "plant", "port", "refinery", "shop"]);
});

test("a node is told with what it is and how many stand around it", () => {
  assert.equal(spokenNode(network, node("refinery")), "refinery, plant, SE; 2 suppliers, 2 buyers");
  assert.equal(spokenNode(network, node("plant")), "plant, plant, SE; 1 supplier, 0 buyers");
});
