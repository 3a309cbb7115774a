import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import fc from "fast-check";
import { lossDistribution, tailRisk } from "./loss-distribution.ts";
import { BLOCK_YEARS, blockCount, LossSimulation, YearDraw, YEARS_MAX } from "./loss-simulation.ts";
import { DURATIONS_DAYS, lossAt, type LossTable, lossTable, SUBSET_SITES_MAX } from "./loss-table.ts";
import { manifestOf } from "./manifest.ts";
import { readSupplyNetwork } from "./network-reader.ts";
import { expectedLossInterval } from "./parameter-uncertainty.ts";

const near = (actual: number, expected: number, tolerance: number) =>
  assert.ok(Math.abs(actual - expected) <= tolerance, `${actual} is not ${expected} +- ${tolerance}`);

/** Hazards on sites that each lose `perDay` a day, in proportion to the time. */
const plainTable = (rates: readonly number[], sites: number, perDay = 10): LossTable => {
  const isSubset = sites <= SUBSET_SITES_MAX;
  const weights = isSubset
    ? Array.from({ length: 2 ** sites }, (_, set) => set.toString(2).replaceAll("0", "").length)
    : [...Array.from({ length: sites }, () => 1), sites];
  return {
    hazards: rates.map((_, h) => `hazard ${h}`),
    rate: Float64Array.from(rates),
    vulnerability: Float64Array.from(rates, () => 0.5),
    downtimeMu: Float64Array.from(rates, () => 2),
    downtimeSd: Float64Array.from(rates, () => 0.8),
    siteCount: Int32Array.from(rates, () => sites),
    rowStart: Int32Array.from(rates, (_, h) => h * weights.length),
    loss: Float64Array.from(
      rates.flatMap(() => weights.flatMap((weight) => DURATIONS_DAYS.map((days) => days * weight * perDay))),
    ),
  };
};
const run = (table: LossTable, seed: number, years: number) => {
  const simulation = new LossSimulation(table, seed, years);
  return Array.from({ length: blockCount(years) }, (_, number) => simulation.block(number));
};

test("takes 95 and 98 from losses of 1 to 100 (section 12, CVaR)", () => {
  const { valueAtRisk, conditionalValueAtRisk } = tailRisk(
    Float64Array.from({ length: 100 }, (_, i) => i + 1),
    0.95,
  );
  near(valueAtRisk, 95, 0);
  near(conditionalValueAtRisk, 98, 1e-12);
});

test("CVaR is at least VaR, and VaR at least the median (section 14, 9)", () => {
  fc.assert(
    fc.property(fc.array(fc.double({ min: 0, max: 1e9, noNaN: true }), { minLength: 1 }), (losses) => {
      const sorted = Float64Array.from(losses).sort();
      for (const level of [0.5, 0.95, 0.99]) {
        const { valueAtRisk, conditionalValueAtRisk } = tailRisk(sorted, level);
        assert.ok(conditionalValueAtRisk >= valueAtRisk);
        assert.ok(valueAtRisk >= tailRisk(sorted, 0.5).valueAtRisk);
      }
    }),
  );
});

test("the fast search for events gives the bytes of drawing every year (section 9)", () => {
  const table = plainTable([0.01, 0.5, 0, 3, 0.2, 1e-9, 0.7], 3);
  const years = 3_001;
  const [block] = run(table, 12_345_678_901, years);
  const draw = new YearDraw(table, 12_345_678_901);
  const plain = { lossOfHazard: new Float64Array(7), eventsOfHazard: new Float64Array(7) };
  const loss = Float64Array.from({ length: years }, (_, year) => draw.draw(year, plain));
  assert.deepEqual(block!.loss, loss);
  assert.deepEqual(block!.lossOfHazard, plain.lossOfHazard);
  assert.deepEqual(block!.eventsOfHazard, plain.eventsOfHazard);
});

test("gives the same bytes for any order of the blocks (section 14, 9)", () => {
  const table = plainTable([0.3, 0.1], 1);
  const years = 3 * BLOCK_YEARS + 17;
  const blocks = run(table, 1, years);
  const other = new LossSimulation(table, 1, years);
  const scattered = [2, 0, 3, 1].map((number) => other.block(number));
  assert.deepEqual(lossDistribution(table, 1, years, scattered), lossDistribution(table, 1, years, blocks));
});

test("the mean lies inside the 99.9 % interval of the closed form (section 14, 9)", () => {
  for (const sites of [1, 4, SUBSET_SITES_MAX + 1]) {
    const table = plainTable([0.4, 0.05, 1.5], sites);
    const { expectedAnnualLoss, standardError, hazards } = lossDistribution(table, 3, 40_000, run(table, 3, 40_000));
    const meanDays = Math.exp(2 + 0.8 ** 2 / 2);
    near(expectedAnnualLoss, 1.95 * 0.5 * sites * 10 * meanDays, 3.29 * standardError);
    near(hazards[2]!.eventsPerYear, 1.5, 3.29 * Math.sqrt(1.5 / 40_000));
  }
});

test("what hazards contribute adds up to the whole (section 14, 9)", () => {
  const table = plainTable([0.4, 0.05, 1.5], 2);
  const { expectedAnnualLoss, tails, hazards } = lossDistribution(table, 8, 20_000, run(table, 8, 20_000));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  near(sum(hazards.map((each) => each.expectedAnnualLoss)), expectedAnnualLoss, 1e-9 * expectedAnnualLoss);
  near(sum(hazards.map((each) => each.conditionalValueAtRisk95)), tails[0]!.conditionalValueAtRisk, 1e-6);
});

test("the exceedance curve falls", () => {
  const table = plainTable([0.4], 1);
  const { exceedance } = lossDistribution(table, 8, 10_000, run(table, 8, 10_000));
  for (const [i, { loss }] of exceedance.entries()) assert.ok(i === 0 || loss >= exceedance[i - 1]!.loss);
  assert.equal(exceedance.at(-1)!.probability, 0.0001);
});

test("works out every subset of a hazard's sites, and a loss that never falls with time", () => {
  const network = readSupplyNetwork({
    items: [{ id: "x", unit: "t", kind: "material" }],
    sites: [
      { id: "A", country: "CL" },
      { id: "B", country: "CL" },
    ],
    processes: [
      { id: "a", site: "A", item: "x", ratePerDay: 1, capacityPerDay: 1 },
      { id: "b", site: "B", item: "x", ratePerDay: 1, capacityPerDay: 1 },
    ],
    hazards: [
      {
        id: "quake",
        scope: { kind: "country", value: "CL" },
        ratePerYear: 0.1,
        vulnerability: 0.5,
        downtimeDays: { low: 2, high: 60 },
      },
    ],
  });
  const rows: number[] = [];
  const table = lossTable(
    network,
    (outages) => outages.length * Math.min(outages[0]!.days, 30),
    (done) => rows.push(done),
  );
  assert.deepEqual(rows, [1, 2, 3, 4]);
  assert.deepEqual(
    [0, 1, 2, 3].map((row) => lossAt(table, row, 10)),
    [0, 10, 10, 20],
  );
  near(lossAt(table, 1, 0.5), 0.5, 1e-12);
  near(lossAt(table, 3, 1_000), 60, 1e-12);
});

test("refuses years, seeds and levels that make no sense", () => {
  const table = plainTable([0.1], 1);
  const refuses = (work: () => unknown) =>
    assert.throws(work, (error) => error instanceof Problem && error.code === "supply/option-invalid");
  for (const years of [0, 1.5, YEARS_MAX + 1]) refuses(() => new LossSimulation(table, 1, years));
  for (const seed of [-1, 0.5, Number.NaN]) refuses(() => new LossSimulation(table, seed, 10));
  refuses(() => tailRisk(new Float64Array(0), 0.95));
  refuses(() => tailRisk(new Float64Array(3), 1));
  assert.equal(new LossSimulation(table, 1, YEARS_MAX).block(0).loss.length, BLOCK_YEARS);
});

test("the same inputs have the same hash, whatever the order of their keys (section 14, 12)", () => {
  const a = manifestOf({ inputs: { a: 1, b: [2] }, assumptions: [], seed: 4 });
  assert.deepEqual(manifestOf({ inputs: JSON.parse('{"b":[2],"a":1}'), assumptions: [], seed: 4 }), a);
  assert.notEqual(manifestOf({ inputs: { a: 2 }, assumptions: [], seed: 4 }).inputHash, a.inputHash);
  assert.match(a.inputHash, /^[0-9a-f]{64}$/);
});

test("ranges of the inputs widen the expected loss, numbers without a range do not (section 9)", () => {
  const table = plainTable([0.4, 0.05], 1);
  const distribution = lossDistribution(table, 8, 10_000, run(table, 8, 10_000));
  const hazard = (id: string, low: number, value: number, high: number) => ({
    id,
    category: "storm",
    sites: [0],
    ratePerYear: { value, low, high },
    vulnerability: { value: 0.5, low: 0.5, high: 0.5 },
    downtimeDays: { low: 1, high: 9 },
    depth: 1,
  });
  const sure = [hazard("a", 0.4, 0.4, 0.4), hazard("b", 0.05, 0.05, 0.05)];
  const known = expectedLossInterval(sure, distribution, 1);
  near(known.low, distribution.expectedAnnualLoss, 1e-6);
  near(known.high, distribution.expectedAnnualLoss, 1e-6);
  const wide = expectedLossInterval([hazard("a", 0.1, 0.4, 1.6), sure[1]!], distribution, 1);
  assert.ok(wide.low < 0.5 * distribution.expectedAnnualLoss && wide.high > 2 * distribution.expectedAnnualLoss);
  const unsure = { ...sure[0]!, vulnerability: { value: 0.5, low: 0, high: 1 } };
  assert.ok(expectedLossInterval([unsure, sure[1]!], distribution, 1).high > 1.5 * distribution.expectedAnnualLoss);
});
