import { strict as assert } from "node:assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { exchange } from "@holdfast/api";
import { startTestNode, type TestAnswer, type TestCaller } from "../../../../../test/node.ts";

const node = await startTestNode();
const analyst = await node.signedIn("analyst");

interface Uploaded {
  readonly id: string;
  readonly answer: TestAnswer;
}

async function upload(
  content: string | Uint8Array,
  query: Record<string, string> = {},
  caller: TestCaller = analyst,
): Promise<Uploaded> {
  const response = await fetch(`${node.url}/api/know/exchange/imports?${new URLSearchParams(query)}`, {
    method: "POST",
    headers: { cookie: caller.cookie, "x-holdfast-csrf": "1", "content-type": "text/csv" },
    body: content,
  });
  const text = await response.text();
  const body = JSON.parse(text);
  return { id: body.id, answer: { status: response.status, headers: response.headers, text, body } };
}

async function run(id: string, mode: exchange.ImportMode = "all-or-nothing"): Promise<exchange.FileImport> {
  const started = await analyst.send("POST", `/api/know/exchange/imports/${id}/runs`, { mode });
  assert.equal(started.status, 202, started.text);
  for (;;) {
    const { body } = await analyst.send("GET", `/api/know/exchange/imports/${id}`);
    if (body.run.outcome !== "running") return body;
    await sleep(50);
  }
}

async function imported(
  content: string | Uint8Array,
  query: Record<string, string> = {},
  mode: exchange.ImportMode = "all-or-nothing",
) {
  const { id, answer } = await upload(content, query);
  assert.equal(answer.status, 201, answer.text);
  const { run: done } = await run(id, mode);
  assert.ok(done);
  const { body } = await analyst.send("GET", `/api/know/exchange/imports/${id}/findings`);
  return { id, run: done, findings: body.items as exchange.Finding[] };
}

const summary = ({ counts, outcome }: exchange.ImportRun) =>
  `${outcome} ${counts.created}+ ${counts.changed}~ ${counts.unchanged}= ${counts.refused}!`;
  findings.map(({ row, column, rule }) => `${row} ${column} ${rule}`);

test("imports organisations, items, sites and a recipe, and finds all unchanged the second time", async () => {
  const files = {
    organisations: "name,country,code,parent\nNordic Magnets AB,Sweden,V-1,Nordic Group\nNordic Group,SE,V-0,\n",
    items: "name;kind;unit;code\nMagnet;component;kg;M-1\nOxide;material;KGM;M-2\n",
    sites:
      "plant name,type,company,country,lat,lon\nKiruna,plant,V-1,SE,67.85,20.22\nLulea,mine,Nordic Magnets AB,SE,,\n",
    recipes: "site,makes,component,qty,supplier,share\nKiruna,M-1,M-2,0.35,Lulea,60 %\n",
    stocks: "site,item,on hand\nKiruna,Magnet,12.50\n",
    capacities: "site,item,capacity,output\nKiruna,Magnet,1200,900\n",
    demands: "site,item,demand,margin,currency\nKiruna,Magnet,80,1250.5,EUR\n",
    routes: "from,to,mode,days\nLulea,Kiruna,rail,2\n",
    assets: "site,name,manufacturer,model,serial\nKiruna,Furnace 2,Siemens,S7-1517,SC-1\n",
  };
  for (const [table, text] of Object.entries(files)) {
    const { run: first, findings } = await imported(text, { fileName: `${table}.csv` });
    const count = text.trim().split("\n").length - 1;
    assert.equal(summary(first), `stored ${count}+ 0~ 0= 0!`, `${table} ${JSON.stringify(findings)}`);
    assert.equal(first.tables[0]?.table, table);
  }
  for (const [table, text] of Object.entries(files)) {
    const { run: second, findings } = await imported(text, { fileName: `${table}.csv` });
    const count = text.trim().split("\n").length - 1;
    assert.equal(summary(second), `stored 0+ 0~ ${count}= 0!`, `${table} ${JSON.stringify(findings)}`);
  }
  const { body } = await analyst.send("GET", "/api/know/registry/recipes");
  assert.deepEqual(body.items[0].groups, [
    {
      name: "M-2",
      quantityPerUnit: "0.35",
      essentiality: "essential",
      suppliers: [
        {
          site: body.items[0].groups[0].suppliers[0].site,
          item: body.items[0].groups[0].suppliers[0].item,
          sharePpm: 600_000,
        },
      ],
    },
  ]);
});
