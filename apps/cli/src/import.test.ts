import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { exchange } from "@holdfast/api";
import { startTestNode } from "../../../test/node.ts";
import { temporaryFolder } from "../../../test/temporary-folder.ts";
import { TABLES } from "./import.ts";

const folder = temporaryFolder("cli-import");
after(() => folder.remove());
const node = await startTestNode();
const analyst = await node.signedIn("analyst");
const token = await analyst.send("POST", "/api/platform/tokens", {
  name: "import",
  scopes: ["registry:import", "registry:read", "job:read", "job:cancel"],
  days: 1,
});
assert.equal(token.status, 201, token.text);

interface Ended {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line as its own process, in the temporary folder. */
function holdfast(words: readonly string[], environment: Record<string, string> = {}): Promise<Ended> {
  const program = join(import.meta.dirname, "main.ts");
  const env = { ...process.env, HOLDFAST_URL: node.url, HOLDFAST_TOKEN: token.body.secret, ...environment };
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", program, ...words],
      { cwd: folder.path, env },
      (error, out, err) => resolve({ code: typeof error?.code === "number" ? error.code : error ? -1 : 0, out, err }),
    );
  });
}

const file = (name: string, text: string) => writeFileSync(join(folder.path, name), text);
const read = (name: string) => readFileSync(join(folder.path, name), "utf8");

// behind the node's start: a test before it would end the file's server with itself
test("offers the tables of the contract", () => {
  assert.deepEqual(TABLES, exchange.TABLES);
});

test("writes templates without a node, as CSV and as a workbook, and never over a filled one", async () => {
  const offline = { HOLDFAST_URL: "http://127.0.0.1:1", HOLDFAST_TOKEN: "" };
  const csv = await holdfast(["import", "--template", "tables", "--format", "csv"], offline);
  assert.deepEqual([csv.code, csv.err], [0, ""]);
  for (const table of exchange.TABLES) assert.equal(read(`tables/${table}.csv`), exchange.csvTemplateOf(table));
  assert.equal((await holdfast(["import", "--template", "tables"], offline)).code, 0);
  assert.ok(existsSync(join(folder.path, "tables/holdfast-template.xlsx")));
  const again = await holdfast(["import", "--template", "tables"], offline);
  assert.equal(again.code, 64);
  assert.match(again.err, /is there already/);
});

test("imports several files in the order in which they depend on each other, and nothing twice", async () => {
  file("sites.csv", "name,kind,organisation,country\nKiruna,plant,Nordic Magnets AB,SE\n");
  file("companies.csv", "Firma;Land;Notiz\nNordic Magnets AB;SE;x\n");
  const words = ["import", "sites.csv", "companies.csv", "--map", "Firma=name,Land=country,Notiz=", "--source", "ERP"];
  const apart = await holdfast(words);
  assert.equal(apart.code, 64, apart.err); // a header that only one file has, and the other is told so
  const first = await holdfast([
    "import",
    "companies.csv",
    "--map",
    "Firma=name,Land=country,Notiz=",
    "--source",
    "ERP",
  ]);
  assert.deepEqual(
    [first.code, first.out],
    [0, "companies.csv: 1 rows: 1 new, 0 changed, 0 unchanged, 0 refused: stored\n"],
    first.err,
  );
  const { items } = (await analyst.send("GET", "/api/know/registry/organisations")).body;
  assert.deepEqual([items[0].note, items[0].evidence.source], [undefined, "ERP"]);
  const both = await holdfast(["import", "sites.csv", "companies.csv"]);
  assert.equal(both.code, 0, both.err);
  assert.deepEqual(
    both.out.split("\n").map((line) => line.split(":")[0]),
    ["companies.csv", "sites.csv", ""],
  );
  const again = await holdfast(["import", "sites.csv", "--dry-run", "--json"]);
  const [{ run }] = JSON.parse(again.out);
  assert.deepEqual([again.code, run.outcome, run.counts.unchanged], [0, "passed", 1]);
});

test("tells which row is refused and why, writes the report, and ends with 1", async () => {
  file("bad.csv", "name,country\nGood,DE\nBad,Atlantis\n");
  const refused = await holdfast(["import", "bad.csv", "--report", "report.csv"]);
  assert.equal(refused.code, 1);
  assert.equal(refused.out, "bad.csv: 2 rows: 1 new, 0 changed, 0 unchanged, 1 refused: nothing stored\n");
  assert.match(refused.err, /row 3, country, `Atlantis`: .* \(registry\/unknown-country\)/);
  assert.match(read("report.csv"), /,organisations,3,country,Atlantis,refused,registry\/unknown-country,/);
  const kept = await holdfast(["import", "bad.csv", "--keep-going"]);
  assert.deepEqual([kept.code, kept.out], [1, "bad.csv: 2 rows: 1 new, 0 changed, 0 unchanged, 1 refused: stored\n"]);
});

test("ends with a code of its own for a wrong call, a wrong file, a missing one, an absent node and a refused token", async () => {
  file("picture.csv", "%PDF-1.7");
  const code = async (words: readonly string[], environment?: Record<string, string>) =>
    (await holdfast(words, environment)).code;
  assert.deepEqual(
    await Promise.all([
      code(["import"]),
      code(["import", "sites.csv"], { HOLDFAST_TOKEN: "" }),
      code(["import", "sites.csv", "--as", "planets"]),
      code(["import", "picture.csv"]),
      code(["import", "absent.csv"]),
      code(["import", "sites.csv"], { HOLDFAST_URL: "http://127.0.0.1:1" }),
      code(["import", "sites.csv", "--token", "nonsense"]),
    ]),
    [64, 64, 64, 65, 66, 69, 77],
  );
});

test("exports the registry as JSON, GeoJSON and tables that import again without a change", async () => {
  assert.equal((await holdfast(["export", "-o", "all.json"])).code, 0);
  assert.equal(JSON.parse(read("all.json")).sites.length, 1);
  assert.equal((await holdfast(["export", "--format", "geojson", "-o", "sites.geojson"])).code, 0);
  assert.equal(JSON.parse(read("sites.geojson")).type, "FeatureCollection");
  const one = await holdfast(["export", "--format", "csv", "--table", "sites", "-o", "-"]);
  assert.match(one.out, /^\ufeffname,kind,organisation,country,/);
  mkdirSync(join(folder.path, "out"));
  assert.equal((await holdfast(["export", "--format", "csv", "-o", "out"])).code, 0);
  const again = await holdfast(["import", "out/organisations.csv", "out/sites.csv"]);
  assert.equal(
    again.out,
    "organisations.csv: 2 rows: 0 new, 0 changed, 2 unchanged, 0 refused: stored\nsites.csv: 1 rows: 0 new, 0 changed, 1 unchanged, 0 refused: stored\n",
    again.err,
  );
});
