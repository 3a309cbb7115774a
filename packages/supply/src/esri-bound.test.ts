import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import fc from "fast-check";
import { randomNetwork } from "../bench/random-network.ts";
import { networks } from "../test/networks.ts";
import { cascadeLayout } from "./cascade-layout.ts";
import { esriBounds } from "./esri-bound.ts";
import { EsriEngine } from "./esri-engine.ts";
import { cascadePlain, fullShock } from "./esri-plain.ts";
import { esriOfFirms } from "./esri-survey.ts";
import { TopSearch } from "./esri-top.ts";
import { firmNetwork } from "./firm-network.ts";

test("the bound of a firm is never below its exact index, stopped or settled", () => {
  fc.assert(
    fc.property(networks(), fc.boolean(), fc.constantFrom(1e-2, 1e-4), (network, replaceability, epsilon) => {
      const bounds = esriBounds(cascadeLayout(network), { replaceability });
      for (let firm = 0; firm < network.firms.length; firm++) {
        const exact = cascadePlain(network, fullShock(network.firms.length, [firm]), { replaceability, epsilon });
        for (const direction of ["esri", "esriDown", "esriUp"] as const)
          assert.ok(
            bounds[direction][firm]! >= exact[direction],
            `${direction} of ${firm}: ${bounds[direction][firm]}`,
          );
      }
    }),
    { numRuns: 200 },
  );
});

test("the bound is close to the exact index in a network of many firms, and never below", () => {
  const network = randomNetwork({ firms: 2_000, links: 5_200, seed: 11 });
  const layout = cascadeLayout(network);
  const bounds = esriBounds(layout, { replaceability: true });
  const engine = new EsriEngine(layout, { replaceability: true });
  const exact = esriOfFirms(
    layout,
    engine,
    Int32Array.from(network.firms, (_, i) => i),
  );
  assert.ok(exact.esri.every((value, firm) => value <= bounds.esri[firm]!));
  const loose = exact.esri.filter((value, firm) => value < 0.5 * bounds.esri[firm]!).length;
  assert.ok(loose < 0.2 * network.firms.length, `${loose} of 2,000 bounds are more than twice the exact value`);
});

test("a closed loop has no bound below 1", () => {
  const network = firmNetwork({
    firms: ["A", "B", "C"],
    sectorOfFirm: ["1", "2", "3"],
    supplier: [0, 1],
    buyer: [1, 0],
    value: [1, 1],
  });
  const { esriUp } = esriBounds(cascadeLayout(network));
  assert.deepEqual([...esriUp.subarray(0, 2)], [1, 1]);
});

test("the certified top is the true top, found without computing every firm", () => {
  const network = randomNetwork({ firms: 3_000, links: 7_800, seed: 2 });
  const layout = cascadeLayout(network);
  const engine = new EsriEngine(layout, { replaceability: true });
  const search = new TopSearch(esriBounds(layout, { replaceability: true }).esri, 20);
  for (let firms = search.next(); firms; firms = search.next())
    search.accept(firms, esriOfFirms(layout, engine, firms));
  const all = esriOfFirms(
    layout,
    engine,
    Int32Array.from(network.firms, (_, i) => i),
  );
  const best = [...all.esri.keys()].sort((a, b) => all.esri[b]! - all.esri[a]! || a - b).slice(0, 20);
  const values = (firms: readonly number[]) => firms.map((firm) => all.esri[firm]!.toFixed(12));
  assert.deepEqual(values(search.top.map((each) => each.firm)), values(best));
  assert.ok(search.exactCount < 1_000, `${search.exactCount} exact values`);
});

test("refuses to look for less than one firm", () => {
  for (const count of [0, 1.5, Number.NaN])
    assert.throws(
      () => new TopSearch(new Float64Array(3), count),
      (error) => error instanceof Problem && error.code === "supply/option-invalid",
    );
});
