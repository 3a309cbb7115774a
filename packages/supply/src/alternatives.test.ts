import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { supplyModels } from "../test/supply-models.ts";
import { alternatives } from "./alternatives.ts";
import { loadSolver } from "./linear-model.ts";
import { readSupplyNetwork } from "./network-reader.ts";
import { RecoveryModel } from "./recovery.ts";
import type { Arc, SupplyModel } from "./supply-model.ts";

const solver = await loadSolver();

const withSources = (...sources: readonly Arc[]): SupplyModel => ({
  items: [{ id: "x", unit: "t", kind: "material" }],
  sites: [{ id: "S" }],
  processes: [
    { id: "A", site: "S", item: "x", ratePerDay: 10, capacityPerDay: 10 },
    { id: "B", site: "S", item: "x", ratePerDay: 0, capacityPerDay: 4 },
    { id: "C", site: "S", item: "x", ratePerDay: 0, capacityPerDay: 6 },
    {
      id: "P",
      site: "S",
      item: "x",
      ratePerDay: 10,
      capacityPerDay: 10,
      demandPerDay: 10,
      marginPerUnit: 5,
      inputs: [
        {
          id: "x",
          quantityPerUnit: 1,
          essentiality: 2,
          arcs: [{ supplier: "A", share: 1, status: "used" }, ...sources],
        },
      ],
    },
  ],
});

test("ranks unused sources by what each alone saves, with its switch time", () => {
  const network = readSupplyNetwork(
    withSources(
      { supplier: "B", status: "qualified", switchDays: 2 },
      { supplier: "C", status: "unqualified", switchDays: 4, capacityPerDay: 6 },
    ),
  );
  const { loss, ranked } = alternatives(solver, network, [{ process: 0, days: 10 }], 10);
  // A stopped for ten days leaves the ten units on the way; B makes 4 a day over the whole bucket, C 6 for six days
  assert.ok(Math.abs(loss - 90 * 5) < 1e-6);
  assert.deepEqual(
    ranked.map(({ supplier, status, switchDays, saves }) => [supplier, status, switchDays, Math.round(saves)]),
    [
      [1, "qualified", 2, 200],
      [2, "unqualified", 4, 180],
    ],
  );
});

test("leaves out sources that come too late", () => {
  const network = readSupplyNetwork(withSources({ supplier: "B", status: "qualified", switchDays: 10 }));
  assert.deepEqual(alternatives(solver, network, [{ process: 0, days: 10 }], 10).ranked, []);
});

test("all qualified sources together save at least what the best of them saves", () => {
  fc.assert(
    fc.property(supplyModels().map(readSupplyNetwork), fc.nat(3), (network, process) => {
      fc.pre(process < network.processes.length);
      const outages = [{ process, days: 20 }];
      const { loss, ranked } = alternatives(solver, network, outages, 30);
      using all = new RecoveryModel(solver, network, 30);
      const together = loss - all.lossOf(outages).loss;
      assert.ok((ranked[0]?.saves ?? 0) <= together + 1e-6 * Math.max(1, loss));
    }),
    { numRuns: 60 },
  );
});
