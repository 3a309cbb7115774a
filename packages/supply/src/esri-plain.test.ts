import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { gunzipSync } from "node:zlib";
import { skipUnless, vectors } from "../../../test/shared.ts";
import { csvRows } from "./csv-reader.ts";
import { cascadePlain, fullShock } from "./esri-plain.ts";
import { readEssentiality } from "./firm-csv.ts";
import { firmNetwork } from "./firm-network.ts";

const near = (actual: number, expected: number, what: string) =>
  assert.ok(Math.abs(actual - expected) <= 1e-12, `${what}: ${actual} is not ${expected}`);

const toy = vectors("supply/glcascade-fixtures");
const published = vectors("supply/esri-vitelot");
const bytes = (folder: string, name: string) => new Uint8Array(readFileSync(join(folder, name)));
const body = (folder: string, name: string) => csvRows(bytes(folder, name)).slice(1);

test("equals the reference on all 24 variants of the 11-firm toy (section 2)", {
  skip: skipUnless("shared", toy),
}, () => {
  const links = body(toy!, "toy_W.csv").map((row) => row.fields.map(Number));
  const sectors = body(toy!, "toy_p.csv").map((row) => row.fields[0]!);
  const text = readFileSync(join(toy!, "toy_11firm_results.txt"), "utf8");
  const matrices = {
    lin: () => 1,
    leo: () => 2,
    mix: (supplier: number) => (supplier === 1 || supplier === 2 ? 2 : 1),
  };
  let variants = 0;
  for (const block of text.split(/\n(?=(?:lin|leo|mix) )/).slice(1)) {
    const [heading, , ...lines] = block.split("\n");
    const [kind, substitution, , epsilon] = heading!.trim().split(/\s+/);
    const names = ["1", "2", "3", "4", "5"];
    const code = matrices[kind as keyof typeof matrices]; // the split above lets only these three through
    const network = firmNetwork({
      firms: sectors.map((_, i) => `firm ${i + 1}`),
      sectorOfFirm: sectors,
      supplier: links.map((link) => link[0]! - 1),
      buyer: links.map((link) => link[1]! - 1),
      value: links.map((link) => link[2]!),
      essentiality: { sectors: names, codes: Uint8Array.from({ length: 25 }, (_, at) => code(Math.floor(at / 5))) },
    });
    for (const line of lines.filter((each) => /^\s*\[/.test(each))) {
      const [firm, esri, down, up] = line.match(/[\d.]+(?:e-?\d+)?/g)!.map(Number);
      const result = cascadePlain(network, fullShock(11, [firm! - 1]), {
        epsilon: Number(epsilon),
        replaceability: substitution === "TRUE",
      });
      near(result.esri, esri!, `${heading} firm ${firm}`);
      near(result.esriDown, down!, `${heading} firm ${firm} down`);
      near(result.esriUp, up!, `${heading} firm ${firm} up`);
    }
    variants++;
  }
  assert.equal(variants, 24);
});

test("equals the published index of the 13-firm network", { skip: skipUnless("shared", published) }, () => {
  const links = body(published!, "test_list.csv").map((row) => row.fields);
  const sectorOf = new Map<string, string>();
  for (const [supplier, customer, supplierSector, customerSector] of links) {
    sectorOf.set(supplier!, supplierSector!);
    sectorOf.set(customer!, customerSector!);
  }
  const firms = [...sectorOf.keys()];
  const names = [...new Set(sectorOf.values())];
  const codes = new Uint8Array(names.length ** 2);
  for (const [, , from, to, , type] of links)
    codes[names.indexOf(from!) * names.length + names.indexOf(to!)] = Number(type);
  const network = firmNetwork({
    firms,
    sectorOfFirm: [...sectorOf.values()],
    supplier: links.map((link) => firms.indexOf(link[0]!)),
    buyer: links.map((link) => firms.indexOf(link[1]!)),
    value: links.map((link) => Number(link[4])),
    essentiality: { sectors: names, codes },
  });
  const expected = body(published!, "test_esri.csv");
  assert.equal(expected.length, 13);
  for (const { fields } of expected) {
    const shock = fullShock(firms.length, [firms.indexOf(fields[0]!)]);
    near(cascadePlain(network, shock, { replaceability: true }).esri, Number(fields[1]), fields[0]!);
  }
});

test("equals the reference with equal iteration counts on 10,000 firms", { skip: skipUnless("shared", toy) }, () => {
  const matrix = readEssentiality(bytes(toy!, "ess_ihs56.csv"));
  const links = csvRows(gunzipSync(bytes(toy!, "n10k.edges.csv.gz"))).slice(1);
  const places = body(toy!, "n10k.p.csv").map((row) => Number(row.fields[0]));
  const network = firmNetwork({
    firms: places.map((_, i) => String(i + 1)),
    sectorOfFirm: places.map((place) => matrix.sectors[place - 1]!), // rows of the matrix in their order
    supplier: links.map((row) => Number(row.fields[0]) - 1),
    buyer: links.map((row) => Number(row.fields[1]) - 1),
    value: links.map((row) => Number(row.fields[2])),
    essentiality: matrix,
  });
  const expected = body(toy!, "n10k.ref.0.01.csv");
  assert.equal(expected.length, 20);
  for (const { fields } of expected) {
    const [firm, esri, down, up, iterations] = fields.map(Number);
    const result = cascadePlain(network, fullShock(10_000, [firm! - 1]), { replaceability: true });
    near(result.esri, esri!, `firm ${firm}`);
    near(result.esriDown, down!, `firm ${firm} down`);
    near(result.esriUp, up!, `firm ${firm} up`);
    assert.equal(result.iterations, iterations, `firm ${firm} iterations`);
  }
});
