import { strict as assert } from "node:assert";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { gzipSync } from "node:zlib";

const folder = mkdtempSync(join(tmpdir(), "holdfast-supply-"));
after(() => rmSync(folder, { recursive: true }));

const file = (name: string, content: string | Uint8Array): string => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const holdfast = (...words: string[]) => {
  const main = resolve(import.meta.dirname, "main.ts");
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, "supply", ...words], { encoding: "utf8" });
  return { status, stdout, stderr };
};

const firms = file("firms.csv", '\ufefffirm,sector\r\nmine,1\r\n"smelter, east",2\r\nplant,3\r\n');
const links = file(
  "links.csv.gz",
  gzipSync('supplier,buyer,value\nmine,"smelter, east",10\n"smelter, east",plant,30\n'),
);

test("prints the index of every firm as JSON, in the order of the firms file", () => {
  const { status, stdout, stderr } = holdfast("esri", "--links", links, "--firms", firms, "--json");
  assert.equal(status, 0, stderr);
  const rows = JSON.parse(stdout);
  assert.deepEqual(
    rows.map((row: { firm: string }) => row.firm),
    ["mine", "smelter, east", "plant"],
  );
  assert.deepEqual(rows[0], { firm: "mine", esri: 1, esriDown: 1, esriUp: 0.25, iterations: 3 });
  assert.equal(stderr, "");
});

test("shocks the named firms only, alone or together, and prints CSV", () => {
  const alone = holdfast("esri", "--links", links, "--firms", firms, "--shock", 'plant,"smelter, east"', "--csv");
  assert.match(alone.stdout, /^firm,esri,esriDown,esriUp,iterations\nplant,.*\n"smelter, east",.*\n$/);
  const both = holdfast("esri", "--links", links, "--firms", firms, "--shock", "mine,plant", "--together", "--json");
  assert.equal(JSON.parse(both.stdout)[0].firm, "mine+plant");
});

test("ends with 65 and names row and column when the data is wrong", () => {
  const wrong = file("wrong.csv", "supplier,buyer,value\nmine,plant,-3\n");
  const { status, stdout, stderr } = holdfast("esri", "--links", wrong, "--firms", firms, "--json");
  assert.equal(status, 65);
  assert.equal(stdout, "");
  assert.match(stderr, /the links file, row 2, column 3: value `-3` is not between 0/);
  const unknown = holdfast("esri", "--links", links, "--firms", firms, "--shock", "nobody", "--json");
  assert.equal(unknown.status, 65);
  const torn = file("torn.csv.gz", gzipSync("supplier,buyer,value\n").subarray(0, 20));
  assert.equal(holdfast("esri", "--links", torn, "--firms", firms).status, 65);
});

test("ends with 64 for a wrong option and with 66 for a missing file", () => {
  assert.equal(holdfast("esri", "--links", links, "--firms", firms, "--epsilon", "2").status, 64);
  assert.equal(holdfast("esri", "--links", join(folder, "absent.csv"), "--firms", firms).status, 66);
});

test("screens every firm with an upper bound, and certifies the top", () => {
  const bounds = JSON.parse(holdfast("screen", "--links", links, "--firms", firms, "--json").stdout);
  const exact = JSON.parse(holdfast("esri", "--links", links, "--firms", firms, "--json").stdout);
  for (const [i, row] of bounds.entries()) assert.ok(row.bound >= exact[i].esri, row.firm);
  const top = holdfast("screen", "--links", links, "--firms", firms, "--top", "1", "--json");
  assert.equal(JSON.parse(top.stdout)[0].firm, "mine");
  assert.match(top.stderr, /no other firm can be higher/);
  assert.equal(holdfast("screen", "--links", links, "--firms", firms, "--top", "0").status, 64);
});

const model = {
  items: [
    { id: "ore", unit: "t", kind: "material" },
    { id: "metal", unit: "t", kind: "product" },
  ],
  sites: [
    { id: "pit", country: "CL", recoveryDays: 14 },
    { id: "works", country: "DE" },
  ],
  processes: [
    { id: "mine", site: "pit", item: "ore", ratePerDay: 10, capacityPerDay: 10 },
    {
      id: "smelter",
      site: "works",
      item: "metal",
      ratePerDay: 10,
      capacityPerDay: 10,
      stock: 20,
      demandPerDay: 10,
      marginPerUnit: 5,
      inputs: [
        {
          id: "ore",
          quantityPerUnit: 1,
          essentiality: 2,
          inventoryDays: 5,
          arcs: [{ supplier: "mine", share: 1, lagDays: 1, status: "used" }],
        },
      ],
    },
  ],
};
const network = file("model.json", JSON.stringify(model));

test("measures how long the network survives and what recovery costs", () => {
  const survive = JSON.parse(holdfast("tts", "--network", network, "--only", "mine", "--json").stdout);
  assert.equal(Math.round(survive[0].days * 1e6), 8e6);
  assert.equal(survive[0].daysWithoutAdaptation, 8);
  const [recover] = JSON.parse(
    holdfast("ttr", "--network", network, "--by", "country", "--only", "CL", "--json").stdout,
  );
  assert.deepEqual([recover.country, recover.isExposed, recover.gapDaysHigh], ["CL", true, 6]);
  assert.equal(Math.round(recover.lossLow), 300);
  assert.equal(Math.round(recover.lossHigh), 300);
});

test("names the path of what is wrong in a model", () => {
  const broken = file("broken.json", JSON.stringify({ ...model, sites: [] }));
  const { status, stderr } = holdfast("tts", "--network", broken);
  assert.equal(status, 65);
  assert.match(stderr, /processes\[0\]\.site: `pit` does not exist/);
  assert.equal(holdfast("tts", "--network", file("text.json", "{")).status, 65);
  assert.equal(holdfast("tts", "--network", network, "--only", "moon").status, 65);
});

test("names single points of failure, minimal cut sets and concentration", () => {
  const points = JSON.parse(holdfast("spof", "--network", network, "--json").stdout);
  assert.deepEqual(
    points.map((row: { process: string; products: string }) => [row.process, row.products]),
    [
      ["mine", "smelter"],
      ["smelter", "smelter"],
    ],
  );
  const cuts = holdfast("spof", "--network", network, "--cut-sets", "3", "--csv");
  assert.equal(cuts.stdout, "product,order,parts\nsmelter,1,mine\nsmelter,1,smelter\n");
  const [ore, , smelter] = JSON.parse(holdfast("concentration", "--network", network, "--json").stdout);
  assert.deepEqual([ore.of, ore.herfindahl, ore.countries], ["ore", 10_000, "CL 100.0 %"]);
  assert.deepEqual([smelter.of, smelter.kind, smelter.countries], ["smelter", "look-through", "CL 100.0 %"]);
});

test("ranks the sources that could step in", () => {
  const [mine, smelter] = model.processes;
  const spare = { id: "spare", site: "pit", item: "ore", ratePerDay: 0, capacityPerDay: 4 };
  const [ore] = smelter!.inputs!;
  const widened = { ...ore!, arcs: [...ore!.arcs, { supplier: "spare", status: "qualified", switchDays: 4 }] };
  const wider = file(
    "wider.json",
    JSON.stringify({ ...model, processes: [mine, { ...smelter, inputs: [widened] }, spare] }),
  );
  const { stdout, stderr } = holdfast("alternatives", "--network", wider, "--stop", "mine", "--json");
  const [row] = JSON.parse(stdout);
  assert.deepEqual(
    [row.supplier, row.buyer, row.status, Math.round(row.saves)],
    ["spare", "smelter", "qualified", 280],
  );
  assert.match(stderr, /loss with the sources used today: 300/);
});

test("simulates years from hazards, the same bytes for the same seed", () => {
  const hazard = {
    id: "flood",
    scope: { kind: "country", value: "CL" },
    ratePerYear: { value: 0.5, low: 0.2, high: 1, origin: "estimated" },
    vulnerability: 1,
    downtimeDays: { low: 5, high: 40 },
  };
  const exposed = file("exposed.json", JSON.stringify({ ...model, hazards: [hazard] }));
  const words = ["simulate", "--network", exposed, "--years", "20000", "--seed", "3"];
  const first = holdfast(...words, "--json");
  assert.equal(first.status, 0, first.stderr);
  assert.equal(holdfast(...words, "--json").stdout, first.stdout);
  const { expectedAnnualLoss, tails, hazards, manifest, expectedAnnualLossOverInputRanges } = JSON.parse(first.stdout);
  assert.ok(tails[0].conditionalValueAtRisk >= tails[0].valueAtRisk && tails[0].valueAtRisk > expectedAnnualLoss);
  assert.equal(hazards[0].hazard, "flood");
  assert.match(manifest.inputHash, /^[0-9a-f]{64}$/);
  assert.ok(expectedAnnualLossOverInputRanges.low < expectedAnnualLoss);
  const low = JSON.parse(holdfast(...words, "--measure", "reallocation", "--json").stdout);
  assert.ok(low.expectedAnnualLoss <= expectedAnnualLoss * (1 + 1e-9));
  assert.match(holdfast(...words, "--csv").stdout, /^probability,loss\n0\.5,/);
  assert.equal(holdfast("simulate", "--network", exposed, "--years", "0").status, 64);
  assert.equal(holdfast("simulate", "--network", network).status, 65);
});

test("plans measures for a budget, with a gap and a shadow price", () => {
  const problem = {
    scenarios: [
      { id: "flood", loss: 100 },
      { id: "fire", loss: 300 },
    ],
    measures: [
      { id: "dam", cost: 10, reduces: { flood: 0.9 } },
      { id: "sprinklers", cost: 8, reduces: { fire: 0.8 } },
    ],
    budget: 10,
  };
  const path = file("plan.json", JSON.stringify(problem));
  const found = JSON.parse(holdfast("plan", "--problem", path, "--json").stdout);
  assert.deepEqual(found.chosen, ["sprinklers"]);
  assert.ok(found.gap <= 0.01 && found.shadowPrice >= 0 && found.marginalValue.dam > 0);
  assert.match(
    holdfast("plan", "--problem", path, "--budget", "0", "--csv").stdout,
    /^measure,chosen,cost,value\nsprinklers,false/,
  );
  assert.equal(holdfast("plan", "--problem", path, "--budget", "-1").status, 65);
});
