import { strict as assert } from "node:assert";
import { request } from "node:http";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { exchange } from "@holdfast/api";
import { startTestNode, type TestAnswer } from "../../../../../test/node.ts";
import { rowOf, workbookParts, zipOf } from "../../../../../test/workbook.ts";
import { RATIO_FREE_BYTES } from "./zip-archive.ts";

const UPLOAD_BYTES_MAX = 3_000_000;
const node = await startTestNode({ flags: { uploadBytesMax: UPLOAD_BYTES_MAX } });
const analyst = await node.signedIn("analyst");

type Sheets = Readonly<Record<string, string>>;

/** Each sheet's rows as lines of cells divided by commas. */
function workbook(sheets: Sheets): Buffer {
  return zipOf(
    workbookParts(
      Object.entries(sheets).map(([name, text]) => ({
        name,
        rows: text
          .trim()
          .split("\n")
          .map((line, i) => rowOf(i + 1, line.trim().split(",")))
          .join(""),
      })),
    ),
  );
}

async function upload(
  content: string | Uint8Array,
  query: Record<string, string> = {},
  headers: Record<string, string> = {},
): Promise<TestAnswer> {
  const response = await fetch(`${node.url}/api/know/exchange/imports?${new URLSearchParams(query)}`, {
    method: "POST",
    headers: { cookie: analyst.cookie, "x-holdfast-csrf": "1", "content-type": exchange.CSV_TYPE, ...headers },
    body: content,
  });
  const text = await response.text();
  return { status: response.status, headers: response.headers, text, body: JSON.parse(text) };
}

async function ended(id: string): Promise<exchange.FileImport> {
  for (;;) {
    const { body } = await analyst.send("GET", `/api/know/exchange/imports/${id}`);
    if (body.run.outcome !== "running") return body;
    await sleep(50);
  }
}

interface Imported {
  readonly id: string;
  readonly run: exchange.ImportRun;
  readonly findings: readonly exchange.Finding[];
  readonly summary: string;
}

async function imported(
  content: string | Uint8Array,
  { mode = "all-or-nothing", ...query }: { mode?: exchange.ImportMode; fileName?: string; as?: string } = {},
  options: Partial<exchange.ImportOptions> = {},
): Promise<Imported> {
  const { status, text, body } = await upload(content, query);
  assert.equal(status, 201, text);
  const { id } = body;
  if (Object.keys(options).length > 0) {
    const configured = await analyst.send(
      "PUT",
      `/api/know/exchange/imports/${id}`,
      { ...body.options, ...options },
      { "if-match": `"${body.version}"` },
    );
    assert.equal(configured.status, 200, configured.text);
  }
  const started = await analyst.send("POST", `/api/know/exchange/imports/${id}/runs`, { mode });
  assert.equal(started.status, 202, started.text);
  const { run } = await ended(id);
  assert.ok(run);
  const { items } = (await analyst.send("GET", `/api/know/exchange/imports/${id}/findings`)).body;
  const { counts, outcome } = run;
  return {
    id,
    run,
    findings: items,
    summary: `${outcome} ${counts.created}+ ${counts.changed}~ ${counts.unchanged}= ${counts.refused}!`,
  };
}

const told = (findings: readonly exchange.Finding[]) =>
  findings.map(({ table, row, column, rule }) => `${table} ${row} ${column} ${rule}`);

async function counted(): Promise<Record<string, number>> {
  return (await analyst.send("GET", "/api/know/registry/summary")).body.counts;
}

async function stored(): Promise<number[]> {
  const { rows } = await node.node.database.pool.query(
    "select (select count(*) from exchange_import) as imports, (select count(*) from exchange_chunk) as chunks",
  );
  return [rows[0].imports, rows[0].chunks];
}

const COMPANY: Sheets = {
  // the order of the sheets is not that of dependence, and a parent stands below its child
  recipes: `site,makes,component,input,qty,supplier,share,max share,lead time,essentiality
    Kiruna,M-1,M-2,Oxide,0.350,P-2,60 %,80%,14,essential
    Kiruna,M-1,M-2,Oxide,,Narvik,40,,21,
    Kiruna,M-1,Power,,3.5,Narvik,,,,important`,
  sites: `plant name,type,company,country,lat,lon,code,hazards
    Kiruna,plant,V-1,SE,67.85,20.22,P-1,natural-hazard:3|cyber:2
    Lulea,mine,Nordic Magnets AB,SE,,,P-2,
    Narvik,port,Nordic Group,Norway,68.43,17.42,P-3,`,
  organisations: `name,country,code,parent,lei
    Nordic Magnets AB,Sweden,V-1,Nordic Group,5493001KJTIIGC8Y1R12
    Nordic Group,SE,V-0,,`,
  items: `name,kind,unit,code,hs code,eccn
    Magnet,component,kg,M-1,8505.11,ear 99
    Oxide,material,KGM,M-2,,
    Power,service,kWh,M-3,,`,
  stocks: `site,item,on hand
    Kiruna,Oxide,1250.50`,
  capacities: `site,item,capacity,output,world share
    Kiruna,Magnet,1200,900,12.5`,
  demands: `site,item,demand,margin,currency
    Narvik,Magnet,80,-1250.5,EUR`,
  routes: `from,to,mode,days,item
    Lulea,Kiruna,rail,2,Oxide`,
  assets: `site,name,manufacturer,model,serial,zone
    Kiruna,Furnace 2,Siemens,S7-1517,SC-1,Cell`,
  "read me": `what,is,this
    a,sheet,without a table`,
};
const ROWS = {
  organisations: 2,
  items: 3,
  sites: 3,
  assets: 1,
  routes: 1,
  recipes: 3,
  stocks: 1,
  capacities: 1,
  demands: 1,
};

test("imports a workbook of all tables in the order of dependence, and changes nothing the second time", async () => {
  const first = await imported(workbook(COMPANY), { fileName: "company.xlsx" });
  assert.equal(first.summary, "stored 14+ 0~ 0= 0!", JSON.stringify(first.findings));
  assert.deepEqual(Object.fromEntries(first.run.tables.map(({ table, counts }) => [table, counts.rows])), ROWS);
  const second = await imported(workbook(COMPANY), { fileName: "company.xlsx" });
  assert.equal(second.summary, "stored 0+ 0~ 14= 0!", JSON.stringify(second.findings));
  const { body } = await analyst.send("GET", "/api/know/registry/recipes");
  const [{ groups, evidence }] = body.items;
  assert.equal(evidence.source, "company.xlsx");
  assert.deepEqual(
    groups.map(
      (group: {
        name: string;
        quantityPerUnit: string;
        essentiality: string;
        suppliers: { sharePpm: number; leadDays?: number; site: string }[];
      }) => [
        group.name,
        group.quantityPerUnit,
        group.essentiality,
        ...group.suppliers.map(({ sharePpm, leadDays, site }) => [body.labels[site], sharePpm, leadDays]),
      ],
    ),
    [
      ["Oxide", "0.35", "essential", ["Lulea", 600_000, 14], ["Narvik", 400_000, 21]],
      ["Power", "3.5", "important", ["Narvik", 1_000_000, undefined]],
    ],
  );
  const demand = (await analyst.send("GET", "/api/know/registry/demands")).body.items[0];
  assert.equal(demand.marginPerYearMinor, -125_050);
});

test("exports tables that import again without a change", async () => {
  const sheets: Record<string, string> = {};
  for (const table of exchange.TABLES) {
    const { text, status, headers } = await analyst.send("GET", `/api/know/exchange/tables/${table}`);
    assert.equal(status, 200);
    assert.equal(headers.get("content-disposition"), `attachment; filename*=UTF-8''${table}.csv`);
    if (table === "recipes" || table === "sites") {
      const { summary, findings } = await imported(text, { as: table }, { emptyCells: "clear" });
      assert.equal(summary, `stored 0+ 0~ ${table === "recipes" ? 1 : 3}= 0!`, `${text} ${JSON.stringify(findings)}`);
    } else sheets[table] = text.replace(/^\ufeff/, "").replaceAll("\r", "");
  }
  assert.ok(!Object.values(sheets).join("").includes('"')); // no cell of these needs quotes, so the lines can become sheets
  const { summary, findings } = await imported(workbook(sheets));
  assert.equal(summary, "stored 0+ 0~ 10= 0!", JSON.stringify(findings));
});

test("changes only what differs: a column that is not in the file and an empty cell keep what is known", async () => {
  const { summary, run } = await imported(
    "name,company,lat,lon,kind,address\nKiruna,V-1,67.86,,,Gruvan 1\nLulea,V-1,,,,\n",
  );
  assert.equal(summary, "stored 0+ 1~ 1= 0!");
  assert.equal(run.tables[0]?.table, "sites");
  const site = (await analyst.send("GET", "/api/know/registry/sites?text=kiruna")).body.items[0];
  assert.deepEqual(
    [site.position, site.kind, site.address, site.version],
    [{ latitude: 67.86, longitude: 20.22 }, "plant", "Gruvan 1", 2],
  );
  const cleared = await imported("name,company,address\nKiruna,V-1,\n", {}, { emptyCells: "clear" });
  assert.equal(cleared.summary, "stored 0+ 1~ 0= 0!");
  assert.equal((await analyst.send("GET", "/api/know/registry/sites?text=kiruna")).body.items[0].address, undefined);
});

const BAD: Sheets = {
  organisations: `name,country,code,parent
    Atlantis Mining,Atlantis,X-1,
    Self Owned,DE,X-2,Self Owned
    Round A,DE,X-3,Round B
    Round B,DE,X-4,Round A
    Good AG,DE,X-5,
    Good AG,DE,X-5,V-0
    Good AG,DE,X-5,`,
  sites: `name,kind,organisation,country,latitude,longitude
    Sunken mine,mine,Atlantis Mining,DE,,
    Half placed,plant,Good AG,DE,50.1,
    Bad kind,moon base,Good AG,DE,,
    Nobody's,plant,No such company,DE,,
    Good plant,plant,Good AG,DE,1,2`,
  recipes: `site,item,supplier site,supplier item,share percent,quantity per unit
    Good plant,Oxide,Kiruna,Magnet,100,1
    Good plant,Power,Kiruna,Magnet,70,1
    Good plant,Power,Lulea,Magnet,40,1
    Lulea,Oxide,Good plant,Power,100.00001,1
    Lulea,Power,Good plant,Magnet,,
    Narvik,Oxide,Kiruna,Magnet,100,1`,
};
const BAD_FINDINGS = [
  "organisations 2 country registry/unknown-country",
  "organisations 3 parent registry/cyclic-parent",
  "organisations 4 parent registry/unknown-reference",
  "organisations 5 parent registry/unknown-reference",
  "organisations 7 null row/contradiction",
  "sites 2 organisation row/needs-refused-row",
  "sites 3 longitude row/required",
  "sites 4 kind cell/not-a-choice",
  "sites 5 organisation registry/unknown-reference",
  "recipes 3 share percent registry/shares-above-whole",
  "recipes 5 share percent cell/not-a-percentage",
  "recipes 6 quantity per unit row/required",
  "recipes 7 supplier item registry/cyclic-recipe",
];

test("reports every bad row with column and rule, and stores nothing of a file that has one", async () => {
  const before = await counted();
  const { id, summary, findings, run } = await imported(workbook(BAD), { fileName: "bad.xlsx" });
  assert.deepEqual(told(findings).sort(), BAD_FINDINGS.toSorted(), JSON.stringify(findings, null, 1));
  assert.equal(summary, "refused 3+ 0~ 1= 13!");
  assert.deepEqual(await counted(), before);
  const job = (await analyst.send("GET", `/api/platform/jobs/${run.jobId}`)).body;
  assert.deepEqual([job.state, job.problem.code], ["failed", "exchange/rows-refused"]);
  assert.equal(job.problem.message, "`13` of `18` rows were refused, so nothing was stored");
  // the report comes in the order of the file, page by page
  const first = (await analyst.send("GET", `/api/know/exchange/imports/${id}/findings?limit=5`)).body;
  const rest = (await analyst.send("GET", `/api/know/exchange/imports/${id}/findings?after=${first.next}`)).body;
  assert.deepEqual([...first.items, ...rest.items], findings);
  assert.equal(rest.next, null);
  const { rows } = await node.node.database.pool.query("select count(*) as count from exchange_recipe_row");
  assert.equal(rows[0].count, 0);
});

test("a dry run reports the same and stores nothing either", async () => {
  const before = await counted();
  const { summary, findings } = await imported(workbook(BAD), { mode: "dry-run" });
  assert.equal(summary, "refused 3+ 0~ 1= 13!");
  assert.equal(findings.length, BAD_FINDINGS.length);
  assert.equal((await imported("name,country\nQuite Good AG,DE\n", { mode: "dry-run" })).summary, "passed 1+ 0~ 0= 0!");
  assert.deepEqual(await counted(), before);
});

test("keeps going when told to: what is right is stored, and the next run finds it unchanged", async () => {
  const before = await counted();
  assert.equal((await imported(workbook(BAD), { mode: "keep-going" })).summary, "stored 3+ 0~ 1= 13!");
  const after = await counted();
  for (const kind of ["organisation", "site", "recipe"]) assert.equal(after[kind], (before[kind] ?? 0) + 1, kind);
  assert.equal((await imported(workbook(BAD), { mode: "keep-going" })).summary, "stored 0+ 0~ 4= 13!");
});

test("keeps a formula as the text that it is, and escapes it in exports and reports", async () => {
  const formula = '=HYPERLINK("http://evil.example";"x")';
  const { summary } = await imported(
    `name,country,note,code\n"${formula.replaceAll('"', '""')}",DE,@SUM(1+1),"+1"\nOther,"=1+1",,\n`,
    { mode: "keep-going", fileName: "formula.csv" },
  );
  assert.equal(summary, "stored 1+ 0~ 0= 1!");
  const organisation = (await analyst.send("GET", "/api/know/registry/organisations?text=hyperlink")).body.items[0];
  assert.deepEqual([organisation.name, organisation.note], [formula, "@SUM(1+1)"]);
  const table = await analyst.send("GET", "/api/know/exchange/tables/organisations");
  const line = table.text.split("\r\n").find((each) => each.includes("HYPERLINK")) ?? "";
  assert.ok(line.startsWith(`"'=HYPERLINK(""http`) && line.includes(",'@SUM(1+1),") && line.includes(",'+1,"), line);
  assert.equal(
    (await imported(table.text, { as: "organisations" })).run.counts.unchanged,
    (await counted())["organisation"],
  );
  const { items } = (await analyst.send("GET", "/api/know/exchange/imports")).body;
  const bad = items.find((each: exchange.FileImport) => each.fileName === "formula.csv");
  const report = await analyst.send("GET", `/api/know/exchange/imports/${bad.id}/findings.csv`);
  assert.match(
    report.text,
    /^sheet,table,row,column,value,level,rule,message\r\n,organisations,3,country,'=1\+1,refused,registry\/unknown-country,/,
  );
});

test("refuses what is no table, a bomb, and bytes that are not UTF-8, each with its code, and keeps nothing", async () => {
  const before = await stored();
  const bomb = zipOf(
    workbookParts([{ name: "sites", rows: rowOf(1, ["name"]) }], {
      more: [{ name: "xl/media/a", content: Buffer.alloc(RATIO_FREE_BYTES + 1) }],
    }),
  );
  for (const [content, code] of [
    ["", "exchange/empty-file"],
    ["%PDF-1.7 ...", "exchange/not-a-table"],
    ['[{"name":"x"}]', "exchange/not-a-table"],
    [bomb, "exchange/archive-bomb"],
    [Buffer.from("name,country\nD\u00fcren,DE\n", "latin1"), "exchange/invalid-encoding"],
    ['name,country\n"x,DE\n', "exchange/malformed-csv"],
    ["#only\n#remarks\n", "exchange/no-header"],
  ] as const) {
    const { status, body } = await upload(content);
    assert.deepEqual([status, body.code], [422, code]);
  }
  assert.deepEqual(await stored(), before);
});

test("stops at the row where the file turns bad behind its first rows, and stores nothing", async () => {
  const before = await counted();
  const good = Array.from({ length: 2_000 }, (_, i) => `Company ${i},DE\n`).join("");
  const { run } = await imported(
    Buffer.concat([Buffer.from(`name,country\n${good}`), Buffer.from("D\u00fcren,DE\n", "latin1")]),
  );
  assert.equal(run.outcome, "failed");
  const job = (await analyst.send("GET", `/api/platform/jobs/${run.jobId}`)).body;
  assert.deepEqual([job.problem.code, job.problem.detail.row], ["exchange/invalid-encoding", 2_002]);
  assert.deepEqual(await counted(), before);
});

/**
 * Sends `chunks` and gives the answer and how much was sent until it came. A server that refuses closes the connection, and
 * a client that writes into that moment may miss the answer: then it asks again, as a person would.
 */
async function sendStream(headers: Record<string, string>, chunks: number): ReturnType<typeof sendStreamOnce> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await sendStreamOnce(headers, chunks);
    } catch (error) {
      const isClosed =
        error instanceof Error && "code" in error && ["EPIPE", "ECONNRESET"].includes(String(error.code));
      if (!isClosed || attempt === 20) throw error;
    }
  }
}

function sendStreamOnce(
  headers: Record<string, string>,
  chunks: number,
): Promise<{ status: number; body: string; sentBytes: number }> {
  return new Promise((resolve, reject) => {
    const chunk = Buffer.alloc(65_536, "x");
    let sentBytes = 0;
    const call = request(`${node.url}/api/know/exchange/imports`, {
      method: "POST",
      headers: { cookie: analyst.cookie, "x-holdfast-csrf": "1", "content-type": exchange.CSV_TYPE, ...headers },
    });
    call.on("error", reject);
    call.on("response", (response) => {
      let body = "";
      response.on("data", (piece: Buffer) => (body += piece.toString()));
      response.on("end", () => {
        call.destroy();
        resolve({ status: response.statusCode ?? 0, body, sentBytes });
      });
    });
    const more = (left: number) => {
      if (left === 0 || call.destroyed) return call.end();
      sentBytes += chunk.length;
      return call.write(chunk) ? setImmediate(more, left - 1) : call.once("drain", () => more(left - 1));
    };
    more(chunks);
  });
}

test("refuses an upload of 2 GB at its announcement, and one without announcement at the limit, without holding it", async () => {
  const before = await stored();
  const memoryBefore = process.memoryUsage().rss;
  const declared = await sendStream({ "content-length": "2147483648" }, 4);
  assert.deepEqual([declared.status, JSON.parse(declared.body).code], [413, "http/body-too-large"]);
  const endless = await sendStream({}, 32_768);
  assert.deepEqual([endless.status, JSON.parse(endless.body).code], [413, "http/body-too-large"]);
  assert.ok(endless.sentBytes < 40 * UPLOAD_BYTES_MAX, `${endless.sentBytes}`);
  assert.ok(process.memoryUsage().rss - memoryBefore < 200_000_000);
  assert.deepEqual(await stored(), before);
  // a byte less is taken
  const header = "name,country\n";
  const full = `${header}${"#".repeat(99)}\n`.padEnd(UPLOAD_BYTES_MAX, `${"#".repeat(99)}\n`);
  assert.equal((await upload(full)).status, 201);
  assert.equal((await upload(`${full}#`)).status, 413);
});

test("stages a file once under one Idempotency-Key and refuses another file under it", async () => {
  const headers = { "idempotency-key": "k-1" };
  const first = await upload("name,country\nA,DE\n", {}, headers);
  assert.equal((await upload("name,country\nA,DE\n", {}, headers)).body.id, first.body.id);
  assert.equal((await upload("name,country\nB,DE\n", {}, headers)).body.code, "http/idempotency-mismatch");
});

test("tells what a file seems to hold, and takes another mapping with the version that was read", async () => {
  const text = "Supplier list 2024;;;\nFirma;Land;Nr;Betrag\n# remark;;;\nAcme;DE;A-1;1,5\n";
  const { body: staged } = await upload(text, { fileName: "Lieferanten.csv" });
  const analysis = (await analyst.send("GET", `/api/know/exchange/imports/${staged.id}/analysis`)).body;
  assert.equal(analysis.delimiter, ";");
  assert.deepEqual(analysis.sheets, [
    {
      sheet: "",
      table: "organisations",
      header: ["Firma", "Land", "Nr", "Betrag"],
      headerRow: 2,
      suggestion: [
        { index: 0, column: "name" },
        { index: 1, column: "country" },
        { index: 2, column: "code" },
      ],
      missing: [],
      rows: [{ row: 4, cells: ["Acme", "DE", "A-1", "1,5"] }],
    },
  ]);
  const put = (change: object, version = 1) =>
    analyst.send(
      "PUT",
      `/api/know/exchange/imports/${staged.id}`,
      { ...staged.options, ...change },
      { "if-match": `"${version}"` },
    );
  const sheet = (columns: readonly { index: number; column: string }[], name = "") => ({
    sheets: [{ sheet: name, table: "organisations", columns }],
  });
  assert.equal((await put(sheet([{ index: 0, column: "colour" }]))).body.code, "exchange/unknown-column");
  assert.equal((await put(sheet([{ index: 9, column: "name" }]))).body.code, "exchange/unknown-column");
  assert.equal(
    (
      await put(
        sheet([
          { index: 0, column: "name" },
          { index: 1, column: "name" },
        ]),
      )
    ).body.code,
    "exchange/column-mapped-twice",
  );
  assert.equal((await put(sheet([], "Sheet9"))).body.code, "exchange/unknown-sheet");
  const done = await put(
    sheet([
      { index: 0, column: "name" },
      { index: 1, column: "country" },
      { index: 2, column: "identifier:duns" },
    ]),
  );
  assert.deepEqual([done.status, done.body.version], [200, 2]);
  assert.equal((await put({}, 1)).body.code, "http/precondition-failed");
  const nothing = await put({ sheets: [{ sheet: "", table: null, columns: [] }] }, 2);
  assert.equal(nothing.status, 200);
  const refused = await analyst.send("POST", `/api/know/exchange/imports/${staged.id}/runs`, { mode: "dry-run" });
  assert.equal(refused.body.code, "exchange/nothing-to-import");
});

test("cancels a run and undoes it; while it runs it is neither changed nor deleted", async () => {
  const before = await counted();
  const rows = Array.from({ length: 60_000 }, (_, i) => `Cancelled ${i},DE\n`).join("");
  const { body } = await upload(`name,country\n${rows}`);
  const path = `/api/know/exchange/imports/${body.id}`;
  const { jobId } = (await analyst.send("POST", `${path}/runs`, { mode: "all-or-nothing" })).body;
  assert.equal((await analyst.send("POST", `${path}/runs`, { mode: "dry-run" })).body.code, "exchange/running");
  assert.equal((await analyst.send("PUT", path, body.options, { "if-match": '"1"' })).body.code, "exchange/running");
  assert.equal((await analyst.send("DELETE", path)).body.code, "exchange/running");
  for (;;) {
    const job = (await analyst.send("GET", `/api/platform/jobs/${jobId}`)).body;
    assert.ok(job.state === "waiting" || job.state === "running", job.state);
    if (job.fraction > 0) break;
    await sleep(20);
  }
  assert.equal((await analyst.send("POST", `/api/platform/jobs/${jobId}/cancel`)).status, 202);
  assert.equal((await ended(body.id)).run?.outcome, "cancelled");
  assert.deepEqual(await counted(), before);
  assert.equal((await analyst.send("DELETE", path)).status, 204);
  assert.equal((await analyst.send("GET", path)).body.code, "exchange/import-not-found");
});

test("a row about an object that was merged changes nothing and says so", async () => {
  await imported("name,country\nTwin One,DE\nTwin Two,DE\n");
  const { items } = (await analyst.send("GET", "/api/know/registry/organisations?text=twin")).body;
  const [kept, merged] = ["Twin One", "Twin Two"].map(
    (name) => items.find((each: { name: string }) => each.name === name).id,
  );
  const evidence = { source: "test", observedAt: "2024-01-01", confidencePercent: 90 };
  const answer = await analyst.send("POST", "/api/know/registry/merges", {
    kind: "organisation",
    kept,
    merged,
    reason: "the same",
    evidence,
  });
  assert.equal(answer.status, 201, answer.text);
  const again = await imported("name,country,note\nTwin One,DE,kept\nTwin Two,DE,merged\n");
  assert.equal(again.summary, "stored 0+ 1~ 1= 0!");
  assert.deepEqual(
    again.findings.map(({ level, row, rule }) => [level, row, rule]),
    [["warning", 3, "row/merged"]],
  );
  // and a reference to the merged one means what it became
  const site = await imported("name,kind,organisation,country\nTwin works,plant,Twin Two,DE\n");
  assert.equal(site.summary, "stored 1+ 0~ 0= 0!");
  assert.equal((await analyst.send("GET", "/api/know/registry/sites?text=twin")).body.items[0].organisation, kept);
});

test("only who may import sees imports, and every reader gets templates", async () => {
  const viewer = await node.signedIn("viewer");
  assert.equal((await viewer.send("GET", "/api/know/exchange/imports")).status, 403);
  const template = await viewer.send("GET", "/api/know/exchange/templates/sites");
  assert.equal(template.text.replace(/^\ufeff/, ""), exchange.csvTemplateOf("sites").replace(/^\ufeff/, ""));
  const book = await fetch(`${node.url}/api/know/exchange/templates/workbook`, { headers: { cookie: viewer.cookie } });
  assert.deepEqual(new Uint8Array(await book.arrayBuffer()), exchange.workbookTemplateOf());
});

test("guesses nothing between two sites of one name, and takes a code or an organisation's own", async () => {
  const twins = workbook({
    organisations: `name,country,code
      First Steel,DE,S-1
      Second Steel,DE,S-2`,
    sites: `name,kind,organisation,country,code
      Main works,plant,S-1,DE,W-1
      Main works,plant,S-2,DE,W-2`,
    items: `name,kind,unit
      Coil,component,t`,
    stocks: `site,item,quantity
      Main works,Coil,1
      W-2,Coil,2`,
  });
  const { summary, findings } = await imported(twins, { mode: "keep-going" });
  assert.equal(summary, "stored 6+ 0~ 0= 1!");
  assert.deepEqual(told(findings), ["stocks 2 site row/ambiguous-reference"]);
  // the same name means each organisation's own site, and a changed name is found by its code
  const renamed = await imported("name,organisation,code,kind,country\nEast works,S-1,W-1,,\nMain works,S-2,,,\n");
  assert.equal(renamed.summary, "stored 0+ 1~ 1= 0!");
});

test("stores no English or German thousands as thousandths: it refuses them until the decimal sign is chosen", async () => {
  const company = workbook({
    organisations: "name,country,code\nThousands AG,DE,T-0",
    sites: "name,kind,company,country,code\nThousands works,plant,T-0,DE,T-1\nThousands depot,warehouse,T-0,DE,T-2",
    items: "name,kind,unit,code\nThousands ore,material,kg,T-3",
  });
  assert.match((await imported(company)).summary, /^stored 4\+/);
  for (const [one, other] of [
    ["1,234", "12,500"],
    ["1.234", "12.500"],
  ]) {
    const file = `site,item,quantity\nT-1,T-3,"${one}"\nT-2,T-3,"${other}"\n`;
    assert.equal((await upload(file, { as: "stocks" })).body.options.decimal, "undecided");
    const { summary, findings } = await imported(file, { as: "stocks" });
    assert.equal(summary, "refused 0+ 0~ 0= 2!");
    assert.ok(findings.every(({ rule }) => rule === "cell/ambiguous-number"));
  }
  const english = 'site,item,quantity\nT-1,T-3,"1,234"\nT-2,T-3,"12,500"\n';
  const chosen = await imported(english, { as: "stocks", mode: "dry-run" }, { decimal: "comma" });
  assert.equal(chosen.summary, "passed 2+ 0~ 0= 0!");
  const proven = await upload('site,item,quantity\nT-1,T-3,"1,234"\nT-2,T-3,"12,5"\n', { as: "stocks" });
  assert.equal(proven.body.options.decimal, "comma");
});

test("forgets a staged file after its days, and says so when it is to run", async () => {
  const { body } = await upload("name,country\nOld AG,DE\n");
  await node.node.database.pool.query(
    "update exchange_import set created_at = now() - interval '8 days' where id = $1",
    [body.id],
  );
  await upload("name,country\nNew AG,DE\n");
  assert.equal((await analyst.send("GET", `/api/know/exchange/imports/${body.id}`)).body.hasFile, false);
  const answer = await analyst.send("POST", `/api/know/exchange/imports/${body.id}/runs`, { mode: "dry-run" });
  assert.deepEqual([answer.status, answer.body.code], [409, "exchange/file-gone"]);
});
