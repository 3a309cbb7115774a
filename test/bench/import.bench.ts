/**
 * `npm run bench -- import`: 100,000 sites from CSV through the real job of a node in a process of its own, from upload to
 * the last commit, then the same file again. The floor is what the database needs to take the same cells in as a bare
 * multi-row insert, measured in the same run. Memory is the node's resident set, sampled while the job runs; its floor is
 * what a tenth of the rows makes of it: memory that is flat ends where ten times fewer rows left it.
 * Processor seconds are those of node and database together: what the time would be where nothing else runs.
 */
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openDatabase } from "../../apps/node/src/platform/database.ts";
import { startPrivatePostgres } from "../../apps/node/src/platform/postgres.ts";
import { temporaryFolder } from "../temporary-folder.ts";
import { postgresPids, processorSeconds, residentBytes } from "./process-figures.ts";
import { type ServeProcess, startServe } from "./serve-process.ts";

const ORGANISATIONS = 500;
const FLOOR_BATCH = 1_000;
const MB = 1_000_000;

interface Caller extends ServeProcess {
  readonly cookie: string;
}

interface Measured {
  readonly seconds: number;
  readonly nodeProcessorSeconds: number;
  readonly databaseProcessorSeconds: number;
  /** The largest resident set while the job ran. */
  readonly memoryPeakMegabytes: number;
}

export interface ImportFigures {
  readonly rows: number;
  readonly fileMegabytes: number;
  /** Before the first import. */
  readonly memoryAtRestMegabytes: number;
  /** A tenth of the rows. */
  readonly tenth: Measured;
  /** The whole file, all or nothing. */
  readonly first: Measured;
  readonly rowsPerSecond: number;
  /** What ten times the rows added to the peak of the tenth. */
  readonly memoryGrowthMegabytes: number;
  /** The same file again: every row is compared and none is written. */
  readonly again: Measured;
  readonly floorSeconds: number;
  /** How many times slower than the bare insert. */
  readonly ratioToFloor: number;
  readonly target: string;
}

export async function bench({ tiny }: { tiny: boolean }): Promise<ImportFigures> {
  const rows = tiny ? 2_000 : 100_000;
  const folder = temporaryFolder("import-bench");
  const home = join(folder.path, "home");
  try {
    const served = await startServe(home);
    try {
      const node: Caller = { ...served, cookie: await signIn(served, home) };
      await importFile(node, organisations(), "organisations.csv");
      const memoryAtRestMegabytes = Math.round(residentBytes(node.pid) / MB);
      const tenth = await measured(node, () => importFile(node, sites("Workshop", rows / 10), "sites.csv"));
      const file = sites("Works", rows);
      const first = await measured(node, () => importFile(node, file, "sites.csv"));
      const again = await measured(node, () => importFile(node, file, "sites.csv"));
      const floorSeconds = await floor(home, file);
      return {
        rows,
        fileMegabytes: round(file.length / MB),
        memoryAtRestMegabytes,
        tenth,
        first,
        rowsPerSecond: Math.round(rows / first.seconds),
        memoryGrowthMegabytes: first.memoryPeakMegabytes - tenth.memoryPeakMegabytes,
        again,
        floorSeconds: round(floorSeconds),
        ratioToFloor: round(first.seconds / floorSeconds),
        target: "100,000 rows in at most 30 s, memory flat",
      };
    } finally {
      await served.stop();
    }
  } finally {
    folder.remove();
  }
}

/** The first account; an analyst's role is given in the database. */
async function signIn({ url, token }: ServeProcess, home: string): Promise<string> {
  const answer = await fetch(`${url}/api/account/set-up`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token, name: "Ada", email: "ada@example.org", password: "a quiet harbour at dawn" }),
  });
  if (answer.status !== 200) throw new Error(`set-up failed: ${await answer.text()}`);
  await withDatabase(home, (query) => query("update auth_person set roles = '{analyst}'"));
  return answer.headers.getSetCookie()[0]?.split(";")[0] ?? "";
}

type Query = (text: string, values?: unknown[]) => Promise<unknown>;

/** Beside the node, on one connection of its own. */
async function withDatabase<Value>(home: string, work: (query: Query) => Promise<Value>): Promise<Value> {
  const postgres = await startPrivatePostgres(home, { borrow: true });
  const database = await openDatabase({ ...(await postgres.database("holdfast")), max: 1 });
  try {
    return await work((text, values) => database.pool.query(text, values));
  } finally {
    await database.close();
    await postgres.stop();
  }
}

function organisations(): Buffer {
  const lines = Array.from({ length: ORGANISATIONS }, (_, i) => `Organisation ${i} AG,DE,V-${i}`);
  return Buffer.from(`name,country,code\n${lines.join("\n")}\n`);
}

function sites(name: string, count: number): Buffer {
  const header =
    "name,kind,organisation,country,address,latitude,longitude,hazards,public safety,replace days,code,note";
  const lines = Array.from({ length: count }, (_, i) => {
    const place = `"Werkstrasse ${i}, 4${1_000 + (i % 9_000)} Essen",${(51 + (i % 997) / 997).toFixed(5)},${(7 + (i % 991) / 991).toFixed(5)}`;
    const owner = `${name} ${i},plant,V-${i % ORGANISATIONS},DE`;
    return `${owner},${place},natural-hazard:2|cyber:3,none,${100 + (i % 600)},${name}-${i},row ${i} of the bench`;
  });
  return Buffer.from(`${header}\n${lines.join("\n")}\n`);
}

/** Stages a file, runs it all or nothing, and waits for its end. */
async function importFile(node: Caller, file: Buffer, fileName: string): Promise<void> {
  const path = "/api/know/exchange/imports";
  const { id } = await send(node, "POST", `${path}?fileName=${fileName}`, file, "text/csv");
  await send(node, "POST", `${path}/${id}/runs`, JSON.stringify({ mode: "all-or-nothing" }), "application/json");
  for (;;) {
    const { run } = await send(node, "GET", `${path}/${id}`);
    if (run.outcome === "stored") return;
    if (run.outcome !== "running") throw new Error(`the import ended as ${run.outcome}: ${JSON.stringify(run)}`);
    await sleep(100);
  }
}

async function send(
  node: Caller,
  method: string,
  path: string,
  body?: Buffer | string,
  contentType = "application/json",
): Promise<{ id: string; run: { outcome: string } }> {
  const response = await fetch(`${node.url}${path}`, {
    method,
    headers: { cookie: node.cookie, "x-holdfast-csrf": "1", "content-type": contentType },
    ...(body === undefined ? {} : { body }),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${path} answered ${response.status}: ${text}`);
  return JSON.parse(text);
}

async function measured(node: Caller, work: () => Promise<void>): Promise<Measured> {
  const database = () => postgresPids(node.postgresFolder).reduce((sum, pid) => sum + processorSeconds(pid), 0);
  const before = { node: processorSeconds(node.pid), database: database() };
  let peakBytes = 0;
  const timer = setInterval(() => {
    peakBytes = Math.max(peakBytes, residentBytes(node.pid));
  }, 50);
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1_000;
  clearInterval(timer);
  return {
    seconds: round(seconds),
    nodeProcessorSeconds: round(processorSeconds(node.pid) - before.node),
    databaseProcessorSeconds: round(database() - before.database),
    memoryPeakMegabytes: Math.round(Math.max(peakBytes, residentBytes(node.pid)) / MB),
  };
}

/** The cells of the same file into a table without index or constraint, a thousand rows a statement, in one transaction. */
function floor(home: string, file: Buffer): Promise<number> {
  const [header = "", ...lines] = file.toString("utf8").trimEnd().split("\n");
  const columns = header.split(",").map((name) => name.replace(" ", "_"));
  const rows = lines.map((line) => line.match(/"[^"]*"|[^,]+/g) ?? []);
  return withDatabase(home, async (query) => {
    await query(`create table bench_floor (${columns.map((name) => `${name} text`).join(", ")})`);
    const places = columns.map((_, i) => `$${i + 1}::text[]`).join(", ");
    const startedAt = performance.now();
    await query("begin");
    for (let at = 0; at < rows.length; at += FLOOR_BATCH) {
      const part = rows.slice(at, at + FLOOR_BATCH);
      const values = columns.map((_, i) => part.map((row) => row[i] ?? null));
      await query(`insert into bench_floor select * from unnest(${places})`, values);
    }
    await query("commit");
    return (performance.now() - startedAt) / 1_000;
  });
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
