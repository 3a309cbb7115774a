import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { concentration } from "./concentration.ts";
import { findMineral, MINERALS, outputOf } from "./production.ts";

const seriesOf = (id: string, stage: string) => {
  const series = findMineral(id)?.series.find((candidate) => candidate.stage === stage);
  assert.ok(series, `${id} ${stage}`);
  return series;
};
const producerOf = (id: string, stage: string, country: string) => {
  const producer = seriesOf(id, stage).producers.find((candidate) => candidate.country === country);
  assert.ok(producer, `${id} ${stage} ${country}`);
  return producer;
};

test("holds at least 25 critical minerals, among them those of the demo's four chains", () => {
  assert.ok(MINERALS.filter((mineral) => mineral.lists.length > 0).length >= 25);
  for (const id of [
    "rare-earths",
    "gallium",
    "germanium",
    "tungsten",
    "nickel",
    "cobalt",
    "lithium",
    "graphite",
    "antimony",
  ])
    assert.ok(findMineral(id), id);
  assert.equal(findMineral("unobtainium"), undefined);
});

test("gives shares and top producers as the printed figures have them", () => {
  assert.equal(producerOf("gallium", "refinery", "CN").sharePpm, 983_606); // 600,000 of 610,000 kg
  assert.equal(producerOf("gallium", "refinery", "JP").figures[1]?.amount, 3_000_000); // "Japane": 3,000 kg
  assert.equal(producerOf("gallium", "refinery", "KR").figures[0]?.state, "estimated"); // "Korea, Republic ofe"
  assert.equal(seriesOf("cobalt", "mine").top?.country, "CD");
  assert.equal(producerOf("cobalt", "mine", "CD").sharePpm, 739_130); // 170,000 of 230,000 t
  assert.equal(producerOf("tungsten", "mine", "CN").figures[1]?.amount, 63_000_000_000); // 63,000 t in grams
  assert.equal(seriesOf("rare-earths", "mine").top?.country, "CN");
  assert.equal(seriesOf("niobium", "mine").top?.country, "BR");
  assert.equal(seriesOf("platinum", "mine").top?.country, "ZA");
  assert.equal(producerOf("vanadium", "mine", "RU").figures[0]?.state, "estimated"); // "e20,000"
});

test("keeps a withheld figure withheld: no amount, no share, and never zero", () => {
  const states = MINERALS.flatMap(({ series }) => series).flatMap(({ world, producers }) =>
    [world, ...producers.map((p) => p.figures)].flat(),
  );
  for (const { state, amount } of states) assert.equal(amount === null, state !== "reported" && state !== "estimated");
  const lithium = producerOf("lithium", "mine", "US");
  assert.deepEqual(
    lithium.figures.map(({ state, amount }) => [state, amount]),
    [
      ["withheld", null],
      ["withheld", null],
    ],
  );
  assert.equal(lithium.sharePpm, null);
  assert.match(seriesOf("lithium", "mine").worldNote ?? "", /Excludes U\.S\./);
  assert.equal(producerOf("helium", "mine", "ZA").figures[1]?.state, "below-half-unit");
});

test("says nothing about concentration where no total can be known", () => {
  for (const [id, stage] of [
    ["germanium", "refinery"],
    ["boron", "mine"],
  ] as const) {
    const series = seriesOf(id, stage);
    assert.deepEqual([series.top, series.hhi, series.unattributedPpm], [null, null, null], id);
  }
});

test("never attributes more than the world: shares of a series add up to at most 100 %", () => {
  for (const { id, series } of MINERALS) {
    for (const { producers, unattributedPpm } of series) {
      const sum = producers.reduce((total, { sharePpm }) => total + (sharePpm ?? 0), 0);
      assert.ok(sum <= 1_000_000, `${id}: ${sum}`);
      assert.ok(
        unattributedPpm === null || (unattributedPpm >= 0 && unattributedPpm < 400_000),
        `${id}: ${unattributedPpm}`,
      );
    }
  }
});

test("adds a country's rows: the United States' two sources of helium count as one producer", () => {
  const helium = seriesOf("helium", "mine");
  assert.equal(helium.producers.filter(({ country }) => country === "US").length, 2);
  const output = outputOf({ mineral: "helium", stage: "mine", country: "US" });
  assert.deepEqual([output?.unit, output?.national], ["LTR", 79_000_000_000]);
  assert.equal(helium.top?.name, "United States");
});

test("gives world and national output for a site to be compared with, and undefined where it is withheld", () => {
  assert.deepEqual(outputOf({ mineral: "gallium", stage: "refinery", country: "CN" }), {
    unit: "GRM",
    year: 2023,
    world: 610_000_000,
    national: 600_000_000,
  });
  assert.equal(outputOf({ mineral: "lithium", stage: "mine", country: "US" })?.national, undefined);
  assert.equal(outputOf({ mineral: "gallium", stage: "mine", country: "CN" }), undefined);
  assert.equal(outputOf({ mineral: "boron", stage: "mine", country: "TR" }), undefined);
});

test("measures concentration: a monopoly is 10,000, equal shares of n are 10,000 / n, unknown rests are bounded", () => {
  assert.deepEqual(concentration([1_000_000]), { low: 10_000, high: 10_000 });
  assert.deepEqual(concentration([250_000, 250_000, 250_000, 250_000]), { low: 2_500, high: 2_500 });
  assert.deepEqual(concentration([500_000]), { low: 2_500, high: 5_000 });
  assert.deepEqual(concentration([]), { low: 0, high: 10_000 });
});

test("does not fall when two producers merge", () => {
  fc.assert(
    fc.property(
      fc.array(fc.integer({ min: 0, max: 90_000 }), { minLength: 2, maxLength: 11 }),
      ([first = 0, second = 0, ...rest]) => {
        const [apart, merged] = [concentration([first, second, ...rest]), concentration([first + second, ...rest])];
        assert.ok(merged.low >= apart.low && merged.high >= apart.high && apart.low <= apart.high);
      },
    ),
  );
});
