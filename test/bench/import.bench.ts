/**
 * `npm run bench -- import`: 100,000 sites from CSV through the real job of a real node, from upload to the last commit,
 * then the same file again. The floor is what the database needs to take the same cells in as a bare multi-row insert,
 * measured in the same run. Memory is the process's resident set above what it was before, sampled while the job runs.
 * Processor seconds are those of node and database together: what the time would be where nothing else runs.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { type PrivateNode, startPrivateNode } from "./private-node.ts";
import { postgresPids, processorSeconds } from "./process-figures.ts";

const ORGANISATIONS = 500;
const FLOOR_BATCH = 1_000;

interface Measured {
  readonly seconds: number;
  readonly nodeProcessorSeconds: number;
  readonly databaseProcessorSeconds: number;
  readonly memoryGrowthMegabytes: number;
}

export interface ImportFigures {
  readonly rows: number;
  readonly fileMegabytes: number;
  /** A tenth of the rows: memory that is flat grows as little for ten times as many. */
  readonly tenth: Measured;
  /** The whole file, all or nothing. */
  readonly first: Measured;
  readonly rowsPerSecond: number;
  /** The same file again: every row is compared and none is written. */
  readonly again: Measured;
  readonly floorSeconds: number;
  /** How many times slower than the bare insert. */
  readonly ratioToFloor: number;
  readonly target: string;
}

export async function bench({ tiny }: { tiny: boolean }): Promise<ImportFigures> {
  const rows = tiny ? 2_000 : 100_000;
  const node = await startPrivateNode(["analyst"]);
  try {
    await importFile(node, organisations(), "organisations.csv");
    const tenth = await measured(node, () => importFile(node, sites("Workshop", rows / 10), "sites.csv"));
    const file = sites("Works", rows);
    const first = await measured(node, () => importFile(node, file, "sites.csv"));
    const again = await measured(node, () => importFile(node, file, "sites.csv"));
    const floorSeconds = await floor(node, file);
    return {
      rows,
      fileMegabytes: round(file.length / 1e6),
      tenth,
      first,
      rowsPerSecond: Math.round(rows / first.seconds),
      again,
      floorSeconds: round(floorSeconds),
      ratioToFloor: round(first.seconds / floorSeconds),
      target: "100,000 rows in at most 30 s, memory flat",
    };
  } finally {
    await node.stop();
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
async function importFile(node: PrivateNode, file: Buffer, fileName: string): Promise<void> {
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
  node: PrivateNode,
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

async function measured(node: PrivateNode, work: () => Promise<void>): Promise<Measured> {
  const database = () => postgresPids(node.postgresFolder).reduce((sum, pid) => sum + processorSeconds(pid), 0);
  const before = { memory: process.memoryUsage().rss, node: process.cpuUsage(), database: database() };
  let peak = before.memory;
  const timer = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage().rss);
  }, 50);
  const startedAt = performance.now();
  await work();
  const seconds = (performance.now() - startedAt) / 1_000;
  clearInterval(timer);
  const { user, system } = process.cpuUsage(before.node);
  return {
    seconds: round(seconds),
    nodeProcessorSeconds: round((user + system) / 1e6),
    databaseProcessorSeconds: round(database() - before.database),
    memoryGrowthMegabytes: Math.round((peak - before.memory) / 1e6),
  };
}

/** The cells of the same file into a table without index or constraint, a thousand rows a statement, in one transaction. */
async function floor({ node }: PrivateNode, file: Buffer): Promise<number> {
  const [header = "", ...lines] = file.toString("utf8").trimEnd().split("\n");
  const columns = header.split(",").map((name) => name.replace(" ", "_"));
  const rows = lines.map((line) => line.match(/"[^"]*"|[^,]+/g) ?? []);
  const client = await node.database.pool.connect();
  try {
    await client.query(`create table bench_floor (${columns.map((name) => `${name} text`).join(", ")})`);
    const places = columns.map((_, i) => `$${i + 1}::text[]`).join(", ");
    const startedAt = performance.now();
    await client.query("begin");
    for (let at = 0; at < rows.length; at += FLOOR_BATCH) {
      const part = rows.slice(at, at + FLOOR_BATCH);
      const values = columns.map((_, i) => part.map((row) => row[i] ?? null));
      await client.query(`insert into bench_floor select * from unnest(${places})`, values);
    }
    await client.query("commit");
    return (performance.now() - startedAt) / 1_000;
  } finally {
    client.release();
  }
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
