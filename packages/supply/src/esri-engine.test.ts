import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { Problem } from "@holdfast/kernel";
import fc from "fast-check";
import { skipUnless, vectors } from "../../../test/shared.ts";
import { randomNetwork } from "../bench/random-network.ts";
import { cascadeLayout } from "./cascade-layout.ts";
import { csvRows } from "./csv-reader.ts";
import { EsriEngine, type Stop } from "./esri-engine.ts";
import { cascadePlain, type EsriOptions, fullShock, type Shock } from "./esri-plain.ts";
import { EsriSurvey, esriOfFirms, runBlock } from "./esri-survey.ts";
import { readEssentiality } from "./firm-csv.ts";
import { type FirmNetwork, firmNetwork } from "./firm-network.ts";
import { networks } from "../test/networks.ts";

const near = (actual: number, expected: number, what: string) =>
  assert.ok(Math.abs(actual - expected) <= 1e-12, `${what}: ${actual} is not ${expected}`);

const shockOf = (network: FirmNetwork, stops: readonly Stop[]): Shock => {
  const lost = new Float64Array(network.firms.length);
  for (const { firm, lost: part } of stops) lost[firm] = part;
  return { down: lost, up: lost };
};

const judge = (network: FirmNetwork, shocks: readonly (readonly Stop[])[], options: EsriOptions) => {
  const outcomes = new EsriEngine(cascadeLayout(network), options).run(shocks);
  for (const [lane, stops] of shocks.entries()) {
    const expected = cascadePlain(network, shockOf(network, stops), options);
    const outcome = outcomes[lane]!;
    assert.ok(outcome.settled);
    near(outcome.esri, expected.esri, "esri");
    near(outcome.esriDown, expected.esriDown, "esriDown");
    near(outcome.esriUp, expected.esriUp, "esriUp");
    assert.equal(outcome.iterations, expected.iterations);
  }
};

test("agrees with the plain cascade on any network, any shocks, with equal iteration counts", () => {
  const cases = networks().chain((network) => {
    const firm = fc.nat(network.firms.length - 1);
    const lost = fc.oneof(fc.constant(1), fc.double({ min: 0.01, max: 1, noNaN: true }));
    const stops = fc.uniqueArray(fc.record({ firm, lost }), {
      selector: (stop) => stop.firm,
      minLength: 1,
      maxLength: 4,
    });
    return fc.tuple(fc.constant(network), fc.array(stops, { minLength: 1, maxLength: 8 }), fc.boolean());
  });
  fc.assert(
    fc.property(cases, fc.constantFrom(1e-2, 1e-3), ([network, shocks, replaceability], epsilon) => {
      judge(network, shocks, { replaceability, epsilon });
    }),
    { numRuns: 150 },
  );
});

test("agrees with the plain cascade where pushes and pulls alternate", () => {
  const network = randomNetwork({ firms: 400, links: 2_400, seed: 3 });
  for (const replaceability of [false, true]) {
    for (let from = 0; from < 400; from += 8) {
      const shocks = Array.from({ length: 8 }, (_, i) => [{ firm: from + i, lost: 1 }]);
      judge(network, shocks, { replaceability });
    }
  }
});

test("counts a market member by member where its sellers are almost all gone", () => {
  const network = firmNetwork({
    firms: ["hub", "small", "rival", "plant", "sink"],
    sectorOfFirm: ["1", "1", "1", "2", "3"],
    supplier: [0, 1, 2, 3],
    buyer: [4, 3, 4, 4],
    value: [1e15, 1, 2, 7],
  });
  judge(
    network,
    [
      [
        { firm: 0, lost: 1 },
        { firm: 1, lost: 0.5 },
      ],
    ],
    { replaceability: true },
  );
});

test("gives the same bytes in one thread and in blocks that finish out of order", () => {
  const network = randomNetwork({ firms: 1_000, links: 4_000, seed: 5 });
  const layout = cascadeLayout(network);
  const firms = Int32Array.from(network.firms, (_, i) => i);
  const alone = esriOfFirms(layout, new EsriEngine(layout), firms);
  const survey = new EsriSurvey(layout, firms);
  const engines = [new EsriEngine(layout), new EsriEngine(layout)];
  while (survey.settledCount < firms.length) {
    const blocks = Array.from({ length: 5 }, () => survey.next()).filter((block) => block !== undefined);
    for (const [i, block] of blocks.reverse().entries()) survey.accept(runBlock(engines[i % 2]!, block));
  }
  assert.deepEqual(survey.columns, alone);
  for (const firm of [0, 500, 999])
    near(alone.esri[firm]!, cascadePlain(network, fullShock(1_000, [firm])).esri, "esri");
});

const fixture = vectors("supply/glcascade-fixtures");

test("equals the reference with equal iteration counts on 10,000 firms", {
  skip: skipUnless("shared", fixture),
}, () => {
  const bytes = (name: string) => new Uint8Array(readFileSync(join(fixture!, name)));
  const matrix = readEssentiality(bytes("ess_ihs56.csv"));
  const links = csvRows(gunzipSync(bytes("n10k.edges.csv.gz"))).slice(1);
  const places = csvRows(bytes("n10k.p.csv")).slice(1);
  const network = firmNetwork({
    firms: places.map((_, i) => String(i)),
    sectorOfFirm: places.map((row) => matrix.sectors[Number(row.fields[0]) - 1]!), // rows of the matrix in their order
    supplier: links.map((row) => Number(row.fields[0]) - 1),
    buyer: links.map((row) => Number(row.fields[1]) - 1),
    value: links.map((row) => Number(row.fields[2])),
    essentiality: matrix,
  });
  const layout = cascadeLayout(network);
  const expected = csvRows(bytes("n10k.ref.0.01.csv")).slice(1);
  const firms = Int32Array.from(expected, (row) => Number(row.fields[0]) - 1);
  const columns = esriOfFirms(layout, new EsriEngine(layout, { replaceability: true }), firms);
  for (const [i, { fields }] of expected.entries()) {
    near(columns.esri[i]!, Number(fields[1]), `firm ${fields[0]}`);
    near(columns.esriDown[i]!, Number(fields[2]), `firm ${fields[0]} down`);
    near(columns.esriUp[i]!, Number(fields[3]), `firm ${fields[0]} up`);
    assert.equal(columns.iterations[i], Number(fields[4]), `firm ${fields[0]} iterations`);
  }
});

test("refuses an epsilon outside 0 to 1", () => {
  const layout = cascadeLayout(randomNetwork({ firms: 10, links: 20, seed: 1 }));
  for (const epsilon of [0, 1, -1, Number.NaN])
    assert.throws(
      () => new EsriEngine(layout, { epsilon }),
      (error) => error instanceof Problem && error.code === "supply/option-invalid",
    );
});
