import { strict as assert } from "node:assert";
import { test } from "node:test";
import type { custody } from "@holdfast/api";
import { pictureOf } from "./pedigree-network.ts";

const PLACE = "https://id.gs1.org/414/9520001000017";
const WHEN = { at: "2026-01-01T00:00:00.000Z", until: null, hasUnknown: false, events: ["e"] };

/** `count` lots of ore that one step made into one lot, packed in a box. */
function pedigreeOf(count: number): custody.Pedigree {
  const lots = Array.from({ length: count }, (_, i) => `lot-${i}`);
  const thing = (id: string, label: string, relation: "root" | "origin" | "container") => ({
    id,
    level: "lot" as const,
    label,
    relations: [relation],
    openFindings: id === "lot-0" ? 1 : 0,
  });
  const amounts = [{ value: "2000", unit: "g" }];
  return {
    root: "made",
    direction: "back",
    things: [
      thing("made", "Oxide, lot M", "root"),
      thing("box", "Shipment 1", "container"),
      ...lots.map((id) => thing(id, `Ore, ${id}`.replace("lot-", "lot L"), "origin")),
    ],
    steps: [{ id: "step", bizStep: "assembling", from: WHEN.at, to: WHEN.at, places: [PLACE], events: ["e"] }],
    edges: [
      ...lots.map((from) => ({ kind: "input" as const, from, to: "step", amounts, ...WHEN })),
      { kind: "output", from: "step", to: "made", amounts, ...WHEN },
      { kind: "contained-in", from: "made", to: "box", amounts, ...WHEN },
    ],
    cycles: [],
    isWhole: true,
    notFollowed: 0,
    thingsMax: 5_000,
    places: { [PLACE]: "Mill" },
  };
}

test("a small pedigree is drawn lot by lot, without its containers, with what went in on each link", () => {
  const { network, isGathered } = pictureOf(pedigreeOf(5));
  assert.equal(isGathered, false);
  assert.deepEqual(network.nodes.map(({ id }) => id).sort(), ["lot-0", "lot-1", "lot-2", "lot-3", "lot-4", "made"]);
  assert.deepEqual(new Set(network.links.map(({ to, label }) => `${to} ${label}`)), new Set(["made 2\u00a0kg"]));
  assert.deepEqual(
    network.nodes.filter(({ tone }) => tone === "attention").map(({ label, detail }) => [label, detail]),
    [["lot L0", "Ore, 1 open finding"]],
  );
});

test("more lots than a picture can show are gathered by product and place", () => {
  const { network, isGathered } = pictureOf(pedigreeOf(2_000));
  assert.equal(isGathered, true);
  assert.deepEqual(network.nodes.map(({ label }) => label).sort(), ["Ore × 2000", "Oxide, lot M"]);
  assert.deepEqual(
    network.links.map(({ label }) => label),
    ["2000 uses"],
  );
});
