import { strict as assert } from "node:assert";
import { test } from "node:test";
import { designation } from "@holdfast/api";
import fc from "fast-check";
import { dependentsCounter, type SupplyColumns } from "./dependents.ts";
import { evaluateSite } from "./evaluate.ts";
import { type OutputFacts, outputShares, type SiteMeasures } from "./measure.ts";

function countDependents(columns: SupplyColumns, limit: number): number[] {
  const count = dependentsCounter(columns);
  return Array.from({ length: columns.sitesCount }, (_, site) => count(site, limit));
}

const refinery: SiteMeasures = {
  site: "s",
  kind: "refinery",
  country: "DE",
  publicSafety: "lower-tier",
  replaceDays: 900,
  outputs: [
    {
      itemLabel: "gallium",
      listed: true,
      worldSharePpm: 60_000,
      nationalSharePpm: undefined,
      otherMakers: 3,
      otherMakersInCountry: 0,
    },
  ],
  dependents: 12,
  soleDependents: 2,
};

const rule = (tier: number, ...all: designation.Condition[]): designation.CriteriaRule => ({
  id: `rule-${tier}-${all.map(({ measure }) => measure).join("-")}`,
  title: "a rule",
  tier,
  all,
});
const tierOf = (site: SiteMeasures, ...rules: designation.CriteriaRule[]) => evaluateSite(rules, site).tier;

const holding: readonly designation.Condition[] = [
  { measure: "world-output-share", atLeastPpm: 60_000, listed: true },
  { measure: "sole-source", within: "country", listed: true },
  { measure: "dependent-sites", atLeast: 12, through: "any-input" },
  { measure: "dependent-sites", atLeast: 2, through: "sole-essential-input" },
  { measure: "public-safety", atLeast: "lower-tier" },
  { measure: "replace-days", atLeast: 900 },
  { measure: "site-kind", anyOf: ["mine", "refinery"] },
  { measure: "country", anyOf: ["DE"] },
];
const failing: readonly designation.Condition[] = [
  { measure: "world-output-share", atLeastPpm: 60_001, listed: true },
  { measure: "sole-source", within: "world", listed: true },
  { measure: "dependent-sites", atLeast: 13, through: "any-input" },
  { measure: "dependent-sites", atLeast: 3, through: "sole-essential-input" },
  { measure: "public-safety", atLeast: "upper-tier" },
  { measure: "replace-days", atLeast: 901 },
  { measure: "site-kind", anyOf: ["mine"] },
  { measure: "country", anyOf: ["FR"] },
];

test("every measure holds at its threshold and fails beyond it", () => {
  for (const condition of holding) assert.equal(tierOf(refinery, rule(1, condition)), 1, JSON.stringify(condition));
  for (const condition of failing) assert.equal(tierOf(refinery, rule(1, condition)), null, JSON.stringify(condition));
});

test("a rule needs all of its conditions, and the strictest rule that holds gives the tier, with every reason", () => {
  const [share, sole] = [holding[0]!, holding[1]!];
  assert.equal(tierOf(refinery, rule(1, share, failing[5]!)), null);
  const outcome = evaluateSite([rule(3, share), rule(2, sole, share), rule(1, failing[0]!)], refinery);
  assert.equal(outcome.tier, 2);
  assert.deepEqual(
    outcome.reasons.map(({ tier }) => tier),
    [2, 3],
  );
  assert.deepEqual(outcome.reasons[1]?.findings, [
    {
      measure: "world-output-share",
      text: "makes 6.0 % of the world's output of gallium",
      value: 60_000,
      threshold: 60_000,
    },
  ]);
  assert.equal(outcome.reasons[0]?.findings[0]?.text, "is the only site in DE that makes gallium");
});

test("a missing fact leaves a rule undecided and names the fact, unless another condition fails anyway", () => {
  const national: designation.Condition = { measure: "national-output-share", atLeastPpm: 500_000, listed: true };
  const blank: SiteMeasures = { ...refinery, publicSafety: undefined, replaceDays: undefined };
  const outcome = evaluateSite(
    [
      rule(1, national),
      rule(2, { measure: "public-safety", atLeast: "upper-tier" }, { measure: "replace-days", atLeast: 1 }),
    ],
    blank,
  );
  assert.equal(outcome.tier, null);
  assert.deepEqual(
    outcome.undecided.map(({ missing }) => missing),
    [["capacity or national share of gallium"], ["publicSafety", "replaceDays"]],
  );
  assert.deepEqual(evaluateSite([rule(1, national, failing[7]!)], refinery).undecided, []);
});

test("an undecided rule is not reported where it could not raise the tier", () => {
  const national: designation.Condition = { measure: "national-output-share", atLeastPpm: 500_000, listed: true };
  const outcome = evaluateSite([rule(1, holding[0]!), rule(2, national)], refinery);
  assert.deepEqual([outcome.tier, outcome.undecided], [1, []]);
});

test("a looser threshold never takes a tier away", () => {
  fc.assert(
    fc.property(fc.nat(1_000_000), fc.nat(1_000_000), fc.nat(1_000_000), (share, a, b) => {
      const site = { ...refinery, outputs: [{ ...refinery.outputs[0]!, worldSharePpm: share }] };
      const at = (threshold: number) =>
        tierOf(site, rule(1, { measure: "world-output-share", atLeastPpm: threshold, listed: true }));
      if (at(Math.max(a, b)) === 1) assert.equal(at(Math.min(a, b)), 1);
    }),
  );
});

const gallium: OutputFacts = {
  unit: "TNE",
  mineral: { mineral: "gallium", stage: "refinery" },
  country: "CN",
  quantityPerYear: "122",
  outputPerYear: undefined,
  worldSharePpm: undefined,
  nationalSharePpm: undefined,
};

test("works out shares from world production, exactly and in any unit of mass", () => {
  assert.deepEqual(outputShares(gallium), { worldSharePpm: 200_000, nationalSharePpm: 203_333 }); // of 610 t, of 600 t
  assert.deepEqual(outputShares({ ...gallium, unit: "KGM", quantityPerYear: "122000.000000001" }), {
    worldSharePpm: 200_000,
    nationalSharePpm: 203_333,
  });
  assert.deepEqual(outputShares({ ...gallium, outputPerYear: "61" }).worldSharePpm, 100_000);
  assert.deepEqual(outputShares({ ...gallium, worldSharePpm: 5 }), { worldSharePpm: 5, nationalSharePpm: 203_333 });
  assert.deepEqual(outputShares({ ...gallium, quantityPerYear: "9000" }).worldSharePpm, 1_000_000);
});

test("gives no share where unit, country or mineral do not allow one", () => {
  const none = { worldSharePpm: undefined, nationalSharePpm: undefined };
  assert.deepEqual(outputShares({ ...gallium, unit: "H87" }), none);
  assert.deepEqual(outputShares({ ...gallium, unit: "LTR" }), none);
  assert.deepEqual(outputShares({ ...gallium, mineral: undefined }), none);
  assert.deepEqual(outputShares({ ...gallium, quantityPerYear: undefined }), none);
  assert.deepEqual(outputShares({ ...gallium, country: "SE" }), {
    worldSharePpm: 200_000,
    nationalSharePpm: undefined,
  });
  assert.deepEqual(outputShares({ ...gallium, mineral: { mineral: "germanium", stage: "refinery" } }), none);
});

test("counts the sites downstream, through loops, and stops at the limit", () => {
  // 0 -> 1 -> 2 -> 3 -> 1, 2 -> 4
  const columns = { sitesCount: 6, from: Int32Array.of(0, 1, 2, 3, 2), to: Int32Array.of(1, 2, 3, 1, 4) };
  assert.deepEqual(countDependents(columns, 100), [4, 3, 3, 3, 0, 0]);
  assert.deepEqual(countDependents(columns, 2), [2, 2, 2, 2, 0, 0]);
});

test("counts what a plain walk counts, on any network", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(14), fc.nat(14)), { maxLength: 60 }), (links) => {
      const plain = (start: number) => {
        const seen = new Set([start]);
        for (const at of seen) for (const [from, to] of links) if (from === at) seen.add(to);
        return seen.size - 1;
      };
      const counts = countDependents(
        { sitesCount: 15, from: Int32Array.from(links, ([from]) => from), to: Int32Array.from(links, ([, to]) => to) },
        designation.DEPENDENTS_COUNTED_MAX,
      );
      for (let site = 0; site < 15; site++) assert.equal(counts[site], plain(site));
    }),
  );
});
