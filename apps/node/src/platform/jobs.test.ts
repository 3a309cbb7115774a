import { strict as assert } from "node:assert";
import { join, resolve } from "node:path";
import { after, before, test } from "node:test";
import type { Principal } from "@holdfast/access";
import { Problem } from "@holdfast/kernel";
import { temporaryFolder } from "../../../../test/temporary-folder.ts";
import { type Database, openDatabase } from "./database.ts";
import { Jobs, type JobRow } from "./jobs.ts";
import { migrate } from "./migrations.ts";
import { Outbox } from "./outbox.ts";
import { systemPorts as ports } from "./ports.ts";
import { type PrivatePostgres, startPrivatePostgres } from "./postgres.ts";
import { openLog } from "./telemetry.ts";

const principal: Principal = { kind: "person", id: "p1", name: "Ada", roles: [] };
const log = openLog("silent");
const { path: folder, remove } = temporaryFolder("jobs");
let postgres: PrivatePostgres;
let database: Database;
let jobs: Jobs;
let tries = 0;

before(async () => {
  postgres = await startPrivatePostgres(join(folder, "home"));
  database = await openDatabase(await postgres.database("jobs_test"));
  await migrate(database, [{ slice: "platform", folder: resolve(import.meta.dirname, "migrations") }]);
  jobs = new Jobs({ database, ports, log });
  jobs.define<{ n: number }>("test/double", async (run) => {
    run.progress(0.5, "half way");
    return { doubled: run.input.n * 2 };
  });
  jobs.define("test/refuse", async () => {
    throw new Problem("job/failed", "row `7` is bad", { detail: { row: 7 } });
  });
  jobs.define("test/endless", async (run) => {
    tries += 1;
    await new Promise((_, reject) => run.signal.addEventListener("abort", () => reject(new Error("aborted"))));
  });
  await jobs.start();
});

after(async () => {
  await jobs.stop(2);
  await database.close();
  await postgres.stop();
  remove();
});

const enqueue = (kind: string, input: { n: number } = { n: 21 }) =>
  database.transaction((tx) => jobs.enqueue(tx, { kind, title: "a test", input, principal }));

async function settled(id: string, wanted: (row: JobRow) => boolean): Promise<JobRow> {
  for (let i = 0; i < 200; i++) {
    const row = await jobs.get(id);
    if (row && wanted(row)) return row;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error(`job ${id} did not get there: ${JSON.stringify(await jobs.get(id))}`);
}

test("runs a job after its transaction committed and keeps the result", async () => {
  const row = await settled(await enqueue("test/double"), (job) => job.ended_at !== null);
  assert.deepEqual([row.state, row.fraction, row.result], ["succeeded", 1, { doubled: 42 }]);
});

test("runs nothing for a transaction that was undone", async () => {
  let id = "";
  await assert.rejects(
    database.transaction(async (tx) => {
      id = await jobs.enqueue(tx, { kind: "test/double", title: "undone", input: { n: 1 }, principal });
      throw new Error("undo");
    }),
  );
  assert.equal(await jobs.get(id), undefined);
});

test("keeps the problem of a job that refused its input, and does not run it again", async () => {
  const row = await settled(await enqueue("test/refuse"), (job) => job.ended_at !== null);
  assert.deepEqual(
    [row.state, row.problem],
    ["failed", { code: "job/failed", message: "row `7` is bad", detail: { row: 7 } }],
  );
});

test("cancels a running job, and says so when there is nothing left to cancel", async () => {
  const id = await enqueue("test/endless");
  await settled(id, (job) => job.state === "running");
  await jobs.cancel(id);
  const row = await settled(id, (job) => job.ended_at !== null);
  assert.deepEqual([row.state, tries], ["cancelled", 1]);
  await assert.rejects(jobs.cancel(id), (error) => error instanceof Problem && error.code === "job/already-ended");
});

test("delivers a message at least once after its commit, in order per key, and puts a failing one off", async () => {
  const outbox = new Outbox({ database, ports, log });
  const got: string[] = [];
  let failures = 1;
  outbox.consume("test", async (message) => {
    if (message.key === "b" && failures-- > 0) throw new Error("not now");
    got.push(`${message.key}${String((message.payload as { n: number }).n)}`);
  });
  await database.transaction(async (tx) => {
    for (const [key, n] of [
      ["a", 1],
      ["b", 1],
      ["a", 2],
      ["b", 2],
    ] as const)
      await outbox.put(tx, { topic: "test", key, payload: { n } });
  });
  await assert.rejects(
    database.transaction(async (tx) => {
      await outbox.put(tx, { topic: "test", key: "c", payload: { n: 1 } });
      throw new Error("undo");
    }),
  );
  assert.equal(await outbox.deliverDue(), 2);
  assert.deepEqual(got, ["a1", "a2"]);
  await database.pool.query("update platform_outbox set not_before = now()");
  assert.equal(await outbox.deliverDue(), 2);
  assert.deepEqual(got, ["a1", "a2", "b1", "b2"]);
});

test("delivers each message to one of two processes", async () => {
  const counts = [0, 0];
  const pair = counts.map((_, i) => {
    const outbox = new Outbox({ database, ports, log });
    outbox.consume("pair", async () => {
      counts[i]! += 1; // i indexes the two counters
    });
    return outbox;
  });
  await database.transaction(async (tx) => {
    for (let i = 0; i < 250; i++) await pair[0]!.put(tx, { topic: "pair", key: String(i), payload: {} }); // there are two
  });
  await Promise.all(pair.map((outbox) => outbox.deliverDue()));
  assert.equal(counts[0]! + counts[1]!, 250); // two counters
});

test("a job that the queue has given up, because its processes died, is told as failed", async () => {
  const id = await enqueue("test/endless");
  await settled(id, (row) => row.state === "running");
  await jobs.reap();
  assert.equal((await jobs.get(id))?.state, "running", "what still runs is left alone");
  const { rowCount } = await database.pool.query("update platform_boss.job set state = 'failed' where id = $1", [id]);
  assert.equal(rowCount, 1);
  await jobs.reap();
  const row = await jobs.get(id);
  assert.deepEqual([row?.state, row?.problem?.code], ["failed", "job/failed"]);
  assert.ok(row?.ended_at);
});
