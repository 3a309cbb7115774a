/** Files that must be refused, and how the refusal tells what to change: column, value, rule. */
import { strict as assert } from "node:assert";
import { before, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { exchange } from "@holdfast/api";
import { send, startTestNode, type TestAnswer, type TestCaller, type TestNode } from "../../../../../test/node.ts";

const IMPORTS = "/api/know/exchange/imports";
let house: TestNode;
let analyst: TestCaller;
before(async () => {
  house = await startTestNode();
  analyst = await house.signedIn("analyst");
});

async function staged(text: string, as: exchange.TableName): Promise<exchange.FileImport> {
  const headers = { cookie: analyst.cookie, "x-holdfast-csrf": "1", "content-type": exchange.CSV_TYPE };
  const answer = await send(house.url, headers, "POST", `${IMPORTS}?as=${as}`, text);
  assert.equal(answer.status, 201, answer.text);
  return answer.body;
}

const configure = (file: exchange.FileImport, change: Partial<exchange.ImportOptions> = {}): Promise<TestAnswer> =>
  analyst.send("PUT", `${IMPORTS}/${file.id}`, { ...file.options, ...change }, { "if-match": `"${file.version}"` });
const start = ({ id }: exchange.FileImport): Promise<TestAnswer> =>
  analyst.send("POST", `${IMPORTS}/${id}/runs`, { mode: "all-or-nothing" });

async function findings(text: string, as: exchange.TableName): Promise<exchange.Finding[]> {
  const file = await staged(text, as);
  const started = await start(file);
  assert.equal(started.status, 202, started.text);
  for (;;) {
    const { body } = await analyst.send("GET", `${IMPORTS}/${file.id}`);
    if (body.run.outcome !== "running") break;
    await sleep(30);
  }
  return (await analyst.send("GET", `${IMPORTS}/${file.id}/findings`)).body.items;
}

const told = (items: readonly exchange.Finding[]) =>
  items.map(({ row, column, value, rule }) => `${row} ${column} ${value} ${rule}`);

test("a needed column that nothing is mapped to is refused once, with its name and how its header may read", async () => {
  const rows = Array.from({ length: 200 }, (_, i) => `Firm ${i},V-${i}`).join("\n");
  const file = await staged(`name,code\n${rows}\n`, "organisations");
  for (const answer of [await configure(file), await start(file)]) {
    assert.deepEqual([answer.status, answer.body.code], [422, "exchange/column-missing"]);
    assert.match(
      answer.body.detail,
      /no column of the file is mapped to `country` \(also known as `countrycode`, `iso2`/,
    );
    const [needed] = answer.body.context.missing;
    assert.equal(needed.column, "country");
    assert.ok(needed.headers.includes("land"));
  }
  assert.equal((await analyst.send("GET", `${IMPORTS}/${file.id}`)).body.run, null, "no run was started");
});

test("a file that only changes what is known may lack what new objects need", async () => {
  assert.deepEqual(await findings("name,country,code\nKnown AG,DE,K-1\n", "organisations"), []);
  assert.deepEqual(await findings("code,note\nK-1,changed\n", "organisations"), []);
  const { body } = await analyst.send("GET", "/api/know/registry/search?q=known");
  assert.equal(body.hits.length, 1);
  const mixed = await findings("code,note\nK-1,again\nK-2,new\n", "organisations");
  assert.deepEqual(told(mixed).toSorted(), ["3 country null row/required", "3 name null row/required"]);
});

test("shares above the whole and recipes that need themselves name the column, the value and the rule", async () => {
  assert.deepEqual(await findings("name,country,code\nMaker AG,DE,M-1\n", "organisations"), []);
  assert.deepEqual(
    await findings("name,kind,organisation,country,code\nNorth,plant,M-1,DE,S-1\nSouth,plant,M-1,DE,S-2\n", "sites"),
    [],
  );
  assert.deepEqual(await findings("name,kind,unit,code\nWheel,component,kg,I-1\nHub,component,kg,I-2\n", "items"), []);
  const header = "site,item,input,quantity per unit,supplier site,supplier item,share percent\n";
  const above = `${header}S-1,I-1,hub,1,S-2,I-2,60\nS-1,I-1,hub,,S-1,I-2,40.5\n`;
  assert.deepEqual(told(await findings(above, "recipes")), ["2 share percent 100.5 registry/shares-above-whole"]);
  const single = `${header}S-1,I-1,hub,1,S-2,I-2,140\n`;
  assert.deepEqual(told(await findings(single, "recipes")), ["2 share percent 140 cell/invalid"]);
  const own = `${header}S-1,I-1,hub,1,S-1,I-1,100\n`;
  assert.deepEqual(told(await findings(own, "recipes")), ["2 supplier item I-1 registry/cyclic-recipe"]);
  const round = `${header}S-1,I-1,grease,1,,,\nS-1,I-1,hub,1,S-2,I-2,100\nS-2,I-2,rim,1,S-1,I-1,100\n`;
  assert.deepEqual(told(await findings(round, "recipes")).toSorted(), [
    "3 supplier item I-2 registry/cyclic-recipe",
    "4 supplier item I-1 registry/cyclic-recipe",
  ]);
});

test("names with overrides and other unseen characters are refused, in files and in bodies", async () => {
  const items = await findings("name,country\nAcme\u202eDE,DE\nZero\u200bWidth,DE\nمی‌خواهم,IR\n", "organisations");
  assert.deepEqual(
    items.map(({ row, column, rule }) => [row, column, rule]),
    [
      [2, "name", "cell/invisible-characters"],
      [3, "name", "cell/invisible-characters"],
    ],
  );
  assert.match(items[0]?.message ?? "", /`U\+202E`/);
  assert.ok(!items.some(({ value }) => value?.includes("\u202e")), "the report does not turn its reader's text around");
  const evidence = { source: "test", observedAt: "2026-01-01", confidencePercent: 80 };
  const made = await analyst.send("POST", "/api/know/registry/organisations", {
    name: "A\u202eB",
    country: "DE",
    evidence,
  });
  assert.equal(made.status, 422);
  assert.match(made.body.detail, /invisible character `U\+202E`/);
});

test("facts of a day before 1900 or far ahead are refused, for a file and for a row", async () => {
  const file = await staged("name,country\nDay AG,DE\n", "organisations");
  for (const observedAt of ["1899-12-31", "2099-01-01", "2150-01-01"]) {
    const answer = await configure(file, { observedAt });
    assert.equal(answer.status, 422, observedAt);
    assert.match(answer.body.detail, /observedAt/);
  }
  const rows = "name,country,observed at\nOld AG,DE,1066-10-14\nNew AG,DE,2098-01-01\nNow AG,DE,2026-01-01\n";
  assert.deepEqual(told(await findings(rows, "organisations")), [
    "2 observed at 1066-10-14 cell/not-a-date",
    "3 observed at 2098-01-01 cell/not-a-date",
  ]);
});
