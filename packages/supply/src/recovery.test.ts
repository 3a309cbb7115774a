import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import fc from "fast-check";
import { supplyModels } from "../test/supply-models.ts";
import { loadSolver } from "./linear-model.ts";
import { readSupplyNetwork } from "./network-reader.ts";
import type { Outage } from "./outage.ts";
import { RecoveryModel, SurvivalModel } from "./recovery.ts";
import { stockCascade } from "./stock-cascade.ts";
import type { SupplyModel } from "./supply-model.ts";
import type { SupplyNetwork } from "./supply-network.ts";

const solver = await loadSolver();
const near = (actual: number, expected: number, tolerance = 1e-9) =>
  assert.ok(Math.abs(actual - expected) <= tolerance * Math.max(1, Math.abs(expected)), `${actual} is not ${expected}`);

/** The hand case of section 12: A -> P, stocks of 20 + 50, 10 on the way; optionally B, qualified and not used. */
const chain = (withB: boolean): SupplyModel => ({
  items: [
    { id: "a", unit: "t", kind: "material" },
    { id: "p", unit: "t", kind: "product" },
  ],
  sites: [{ id: "S" }],
  processes: [
    { id: "A", site: "S", item: "a", ratePerDay: 10, capacityPerDay: 10, recoveryDays: 14 },
    {
      id: "P",
      site: "S",
      item: "p",
      ratePerDay: 10,
      capacityPerDay: 10,
      stock: 20,
      demandPerDay: 10,
      marginPerUnit: 5,
      inputs: [
        {
          id: "a",
          quantityPerUnit: 1,
          essentiality: 2,
          inventoryDays: 5,
          arcs: [
            { supplier: "A", share: 1, lagDays: 1, status: "used" },
            ...(withB ? [{ supplier: "B", capacityPerDay: 4, switchDays: 4, status: "qualified" as const }] : []),
          ],
        },
      ],
    },
    ...(withB ? [{ id: "B", site: "S", item: "a", ratePerDay: 0, capacityPerDay: 4 }] : []),
  ],
});

const outage: Outage = { process: 0, days: 14 };
const lossOf = (network: SupplyNetwork, horizonDays: number, outages: readonly Outage[]) => {
  using model = new RecoveryModel(solver, network, horizonDays);
  return model.lossOf(outages);
};
const daysOf = (network: SupplyNetwork, process: number, unused: "forbidden" | "at-once" = "forbidden") => {
  using model = new SurvivalModel(solver, network, { daysMax: 1_000, unused });
  return model.daysWithout([process]).days;
};

test("gives 8 days to survive and a loss of 300 for the chain (section 12, hand case)", () => {
  const network = readSupplyNetwork(chain(false));
  near(daysOf(network, 0), 8);
  near(lossOf(network, 14, [outage]).loss, 300);
  const cascade = stockCascade(network, [outage], { horizonDays: 14 });
  near(cascade.loss, 300);
  assert.equal(cascade.firstLossDay, 8);
  assert.deepEqual(cascade.trail[0], { day: 0, process: 0, group: undefined });
  assert.deepEqual(cascade.trail[1], { day: 6, process: 1, group: 0 });
  assert.deepEqual(network.notes, []);
});

test("a qualified source lowers the linear programme's loss to 100 and leaves the cascade at 300 (section 12)", () => {
  const network = readSupplyNetwork(chain(true));
  near(lossOf(network, 14, [outage]).loss, 100);
  near(stockCascade(network, [outage], { horizonDays: 14 }).loss, 300);
  near(daysOf(network, 0), 8);
  near(daysOf(network, 0, "at-once"), 80 / 6);
});

test("a cascade that switches sources saves what they deliver in time, and no more than the linear programme", () => {
  const network = readSupplyNetwork(chain(true));
  const { loss } = stockCascade(network, [outage], { horizonDays: 14, switching: true });
  // ordered from day 4 on and a day on the way: nine deliveries of 4 arrive by day 13
  near(loss, (60 - 9 * 4) * 5);
  assert.ok(lossOf(network, 14, [outage]).loss <= loss);
});

test("prices a further unit of stock and of output (duals of constraints 1 and 3)", () => {
  const { stockValue, outputValue } = lossOf(readSupplyNetwork(chain(false)), 14, [outage]);
  near(stockValue[1]![0]!, 5);
  near(outputValue[1]!, 5);
});

const cases = supplyModels()
  .map(readSupplyNetwork)
  .chain((network) =>
    fc.record({
      network: fc.constant(network),
      outages: fc.uniqueArray(
        fc.record({
          process: fc.nat(network.processes.length - 1),
          days: fc.integer({ min: 1, max: 25 }),
          depth: fc.double({ min: 0.2, max: 1, noNaN: true }),
          rampDays: fc.integer({ min: 0, max: 5 }),
        }),
        { minLength: 1, maxLength: 3, selector: (each) => each.process },
      ),
    }),
  );

test("the linear programme's loss is at most the cascade's, with and without switching (section 5)", () => {
  fc.assert(
    fc.property(cases, fc.boolean(), ({ network, outages }, switching) => {
      const low = lossOf(network, 30, outages);
      const high = stockCascade(network, outages, { horizonDays: 30, switching });
      assert.ok(low.gap <= 1e-7, `gap ${low.gap}`);
      assert.ok(low.loss <= high.loss + 1e-6 * Math.max(1, high.loss), `${low.loss} above ${high.loss}`);
    }),
    { numRuns: 300 },
  );
});

test("the linear programme survives at least as long as the cascade (section 14, 6)", () => {
  fc.assert(
    fc.property(cases, ({ network, outages }) => {
      const { process } = outages[0]!; // there is one at least
      const cascade = stockCascade(network, [{ process, days: 60 }], { horizonDays: 60 });
      assert.ok(daysOf(network, process) >= (cascade.firstLossDay ?? 60) - 1e-6);
    }),
    { numRuns: 100 },
  );
});

test("more stock, more capacity and a shorter outage never raise the loss (section 14, 5)", () => {
  fc.assert(
    fc.property(supplyModels(), fc.nat(3), fc.integer({ min: 2, max: 20 }), (model, process, days) => {
      fc.pre(process < model.processes.length);
      const loss = (changed: SupplyModel, forDays: number) =>
        lossOf(readSupplyNetwork(changed), 30, [{ process, days: forDays }]).loss;
      const before = loss(model, days);
      const better = (change: (each: SupplyModel["processes"][number]) => object) =>
        loss({ ...model, processes: model.processes.map((each) => ({ ...each, ...change(each) })) }, days);
      const tolerance = 1e-6 * Math.max(1, before);
      assert.ok(better((each) => ({ stock: Number(each.stock) + 10 })) <= before + tolerance);
      assert.ok(better((each) => ({ capacityPerDay: Number(each.capacityPerDay) * 1.5 })) <= before + tolerance);
      assert.ok(loss(model, days - 1) <= before + tolerance);
    }),
    { numRuns: 60 },
  );
});

test("a warm answer equals the cold one", () => {
  fc.assert(
    fc.property(cases, ({ network }) => {
      using model = new RecoveryModel(solver, network, 30);
      for (const process of network.processes.keys()) {
        const warm = model.lossOf([{ process, days: 20 }]).loss;
        near(warm, lossOf(network, 30, [{ process, days: 20 }]).loss, 1e-6);
      }
    }),
    { numRuns: 25 },
  );
});

test("refuses a horizon or an outage that makes no sense", () => {
  const network = readSupplyNetwork(chain(false));
  const refuses = (work: () => unknown) =>
    assert.throws(work, (error) => error instanceof Problem && error.code === "supply/option-invalid");
  for (const days of [0, 1.5, 3_651, Number.NaN]) refuses(() => stockCascade(network, [], { horizonDays: days }));
  for (const wrong of [
    { process: 9, days: 1 },
    { process: 0, days: -1 },
    { process: 0, days: 1, depth: 2 },
  ])
    refuses(() => stockCascade(network, [wrong], { horizonDays: 5 }));
  refuses(() => new SurvivalModel(solver, network, { daysMax: 0, unused: "forbidden" }));
});
