/** An import whose process is killed: nothing of it stays, another process carries it out, and a re-run finds all done. */
import { strict as assert } from "node:assert";
import { test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { exchange } from "@holdfast/api";
import { openDatabase } from "../../apps/node/src/platform/database.ts";
import { send, testPostgres } from "../node.ts";
import { processorSeconds } from "../bench/process-figures.ts";
import { type NodeProcess, startNodeProcess } from "../node-process.ts";

const ROWS = 20_000; // a few seconds of work
const IMPORTS = "/api/know/exchange/imports";

test("an import that loses its process midway leaves nothing half-stored and ends in the other process", async () => {
  const postgres = await testPostgres();
  const { host, user, database } = await postgres.database("import_killed");
  const databaseUrl = `postgres://${user}@${encodeURIComponent(String(host))}/${database}`;
  const [first, second] = await Promise.all(["first", "second"].map((name) => startNodeProcess(name, databaseUrl)));
  assert.ok(first && second);
  const account = { name: "Ada", email: "ada@example.org", password: "a quiet harbour at dawn" };
  const setUp = await send(first.url, {}, "POST", "/api/account/set-up", { token: first.token, ...account });
  assert.equal(setUp.status, 200, setUp.text);
  const db = await openDatabase(await postgres.database("import_killed"));
  await db.pool.query("update auth_person set roles = '{admin,analyst}'");
  const cookie = setUp.headers.getSetCookie()[0]?.split(";")[0] ?? "";
  const headers = { cookie, "x-holdfast-csrf": "1" };
  const counts = async () =>
    (
      await db.pool.query(
        "select (select count(*)::int from registry_organisation) as organisations, (select count(*)::int from exchange_finding) as findings",
      )
    ).rows[0];
  const lines = Array.from({ length: ROWS }, (_, i) => `Firm number ${i} of the killed import,DE,K-${i},row ${i}`);
  const file = `name,country,code,note\n${lines.join("\n")}\n`;
  const staged = await send(
    second.url,
    { ...headers, "content-type": exchange.CSV_TYPE },
    "POST",
    `${IMPORTS}?fileName=killed.csv`,
    file,
  );
  assert.equal(staged.status, 201, staged.text);
  const path = `${IMPORTS}/${staged.body.id}`;
  const run = () => send(second.url, headers, "POST", `${path}/runs`, { mode: "all-or-nothing" });
  const started = await run();
  assert.equal(started.status, 202, started.text);
  const jobPath = `/api/platform/jobs/${started.body.jobId}`;

  const fraction = async (url: string) => (await send(url, headers, "GET", jobPath)).body.fraction as number;
  while ((await fraction(second.url)) < 0.1) await sleep(20);
  const [dying, other] = (await isBusier(first, second)) ? [first, second] : [second, first];
  dying.child.kill("SIGKILL");
  await sleep(300);
  assert.equal((await counts()).organisations, 0, "nothing of a killed import is stored");

  const deadline = Date.now() + 90_000;
  let ended = await send(other.url, headers, "GET", path);
  while (ended.body.run.outcome === "running" && Date.now() < deadline) {
    await sleep(250);
    ended = await send(other.url, headers, "GET", path);
  }
  assert.equal(ended.body.run.outcome, "stored", ended.text);
  assert.deepEqual([ended.body.run.counts.created, ended.body.run.counts.refused], [ROWS, 0]);
  assert.deepEqual(await counts(), { organisations: ROWS, findings: 0 });

  const again = await send(other.url, headers, "POST", `${path}/runs`, { mode: "all-or-nothing" });
  assert.equal(again.status, 202, again.text);
  do {
    await sleep(100);
    ended = await send(other.url, headers, "GET", path);
  } while (ended.body.run.outcome === "running");
  const { created, changed, unchanged } = ended.body.run.counts;
  assert.deepEqual([created, changed, unchanged], [0, 0, ROWS], "a re-run finds everything done");
  await db.close();
});

/** Whether `one` has the job: it works while `other` waits. */
async function isBusier(one: NodeProcess, other: NodeProcess): Promise<boolean> {
  const spent = () => [one, other].map(({ child }) => processorSeconds(child.pid ?? 0));
  const [before = [], after = []] = [spent(), await sleep(400).then(spent)];
  const [mine = 0, others = 0] = after.map((seconds, i) => seconds - (before[i] ?? 0));
  return mine > others;
}
