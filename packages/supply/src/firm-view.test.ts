import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import fc from "fast-check";
import { supplyModels } from "../test/supply-models.ts";
import { cascadePlain, fullShock } from "./esri-plain.ts";
import { firmView } from "./firm-view.ts";
import { readSupplyNetwork } from "./network-reader.ts";

const chain = (price: number) =>
  readSupplyNetwork({
    items: [
      { id: "ore", unit: "t", kind: "material", price },
      { id: "metal", unit: "t", kind: "product" },
    ],
    sites: [{ id: "S" }],
    processes: [
      { id: "mine", site: "S", item: "ore", ratePerDay: 2, capacityPerDay: 2, valueAddedPerDay: 1 },
      {
        id: "smelter",
        site: "S",
        item: "metal",
        ratePerDay: 1,
        capacityPerDay: 1,
        demandPerDay: 1,
        valueAddedPerDay: 3,
        inputs: [
          { id: "ore", quantityPerUnit: 2, essentiality: 2, arcs: [{ supplier: "mine", share: 1, status: "used" }] },
        ],
      },
    ],
  });

test("a process is a firm: flow times price in a year, weighted by value added (section 1)", () => {
  const view = firmView(chain(10));
  assert.deepEqual([...view.bySupplier.value], [2 * 10 * 365]);
  assert.deepEqual([...view.weight], [365, 3 * 365]);
  assert.deepEqual([...view.essentiality], [0, 2, 0, 0]);
  assert.equal(cascadePlain(view, fullShock(2, [0])).esri, 1);
  assert.equal(cascadePlain(view, fullShock(2, [1])).esriDown, 0.75);
});

test("refuses to sell what has no price", () => {
  assert.throws(
    () => firmView(chain(0)),
    (error) => error instanceof Problem && error.code === "supply/number-invalid",
  );
});

test("scaling every price leaves the index unchanged (section 14, 1)", () => {
  fc.assert(
    fc.property(supplyModels(), fc.constantFrom(0.5, 8), (model, factor) => {
      const scaled = { ...model, items: model.items.map((item) => ({ ...item, price: factor })) };
      const [a, b] = [model, scaled].map((each) => firmView(readSupplyNetwork(each)));
      const shock = fullShock(model.processes.length, [0]);
      assert.equal(cascadePlain(a!, shock).esri, cascadePlain(b!, shock).esri);
    }),
  );
});
