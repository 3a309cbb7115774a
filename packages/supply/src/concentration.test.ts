import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import fc from "fast-check";
import { supplyModels } from "../test/supply-models.ts";
import { herfindahl, itemConcentration, lookThroughShares } from "./concentration.ts";
import { readSupplyNetwork } from "./network-reader.ts";

const near = (actual: number, expected: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected}`);

test("gives 9,675.8 for the gallium production of 2023 (section 12)", () => {
  near(herfindahl([600, 5, 3, 2]).low, 9_675.8, 0.05);
});

test("gives an interval where part of the total is unknown", () => {
  const { low, high } = herfindahl([50], 100);
  near(low, 2_500);
  near(high, 5_000);
});

test("lies between 10,000 / n and 10,000 (section 14, 8)", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0.01, max: 1e6, noNaN: true }), { minLength: 1 }), (amounts) => {
      const { low, high } = herfindahl(amounts);
      assert.ok(low >= 10_000 / amounts.length - 1e-6 && high <= 10_000 + 1e-6);
    }),
  );
});

test("refuses amounts that are negative, empty or more than their total", () => {
  for (const [amounts, total] of [[[-1, 2]], [[]], [[3], 2], [[Number.NaN]]] as const)
    assert.throws(
      () => herfindahl(amounts, total),
      (error) => error instanceof Problem && error.code === "supply/number-invalid",
    );
});

const two = (price: number) =>
  readSupplyNetwork({
    items: [
      { id: "ore", unit: "t", kind: "material", price },
      { id: "coal", unit: "t", kind: "material", price: 3 * price },
      { id: "metal", unit: "t", kind: "product" },
    ],
    sites: [{ id: "N", country: "NO" }, { id: "S", country: "ZA" }, { id: "?" }],
    processes: [
      { id: "a", site: "N", item: "ore", ratePerDay: 1, capacityPerDay: 1 },
      { id: "b", site: "S", item: "coal", ratePerDay: 1, capacityPerDay: 1 },
      { id: "c", site: "?", item: "coal", ratePerDay: 3, capacityPerDay: 3 },
      {
        id: "m",
        site: "N",
        item: "metal",
        ratePerDay: 1,
        capacityPerDay: 1,
        inputs: [
          { id: "ore", quantityPerUnit: 1, essentiality: 2, arcs: [{ supplier: "a", share: 1, status: "used" }] },
          { id: "coal", quantityPerUnit: 1, essentiality: 2, arcs: [{ supplier: "b", share: 1, status: "used" }] },
        ],
      },
    ],
  });

test("looks through to the sources by value, and by quantity where no price is known", () => {
  assert.deepEqual(
    [...lookThroughShares(two(2), 3)],
    [
      [0, 0.25],
      [1, 0.75],
    ],
  );
  assert.deepEqual(
    [...lookThroughShares(two(0), 3)],
    [
      [0, 0.5],
      [1, 0.5],
    ],
  );
  assert.deepEqual([...lookThroughShares(two(2), 0)], [[0, 1]]);
});

test("look-through shares add up to 1 (section 14, 8)", () => {
  fc.assert(
    fc.property(supplyModels().map(readSupplyNetwork), (network) => {
      for (const process of network.processes.keys()) {
        const total = [...lookThroughShares(network, process).values()].reduce((sum, share) => sum + share, 0);
        near(total, 1);
      }
    }),
  );
});

test("refuses suppliers that buy only from each other", () => {
  const process = (id: string, supplier: string) => ({
    id,
    site: "S",
    item: "x",
    ratePerDay: 1,
    capacityPerDay: 1,
    inputs: [{ id: "g", quantityPerUnit: 1, essentiality: 2, arcs: [{ supplier, share: 1, status: "used" }] }],
  });
  const network = readSupplyNetwork({
    items: [{ id: "x", unit: "t", kind: "material" }],
    sites: [{ id: "S" }],
    processes: [process("A", "B"), process("B", "A")],
  });
  assert.throws(
    () => lookThroughShares(network, 0),
    (error) => error instanceof Problem && error.code === "supply/no-convergence",
  );
});

test("concentrates items by maker and by country, unknown countries as an interval", () => {
  const coal = itemConcentration(two(1))[1]!;
  assert.equal(coal.item, "coal");
  near(coal.herfindahl, 25 ** 2 + 75 ** 2);
  near(coal.countryHerfindahl.low, 25 ** 2);
  near(coal.countryHerfindahl.high, 25 ** 2 + 75 ** 2);
  assert.deepEqual(coal.countries, [{ country: "ZA", share: 0.25 }]);
});
