import { strict as assert } from "node:assert";
import { execFile } from "node:child_process";
import { once } from "node:events";
import { mkdirSync } from "node:fs";
import { type AddressInfo, createServer } from "node:net";
import { join, resolve } from "node:path";
import { after, test } from "node:test";
import { send, startTestNode, testPostgres } from "../../../test/node.ts";
import { temporaryFolder } from "../../../test/temporary-folder.ts";

const IDLE_MILLISECONDS = 20_000; // a verb that waits for an idle connection to be let go takes 30 s

const folder = temporaryFolder("node-verbs");
after(() => folder.remove());

function holdfast(
  databaseUrl: string,
  ...words: string[]
): Promise<{ status: number; stdout: string; stderr: string }> {
  const main = resolve(import.meta.dirname, "main.ts");
  const env = {
    ...process.env,
    DATABASE_URL: databaseUrl,
    HOLDFAST_LOG_LEVEL: "error",
    HOLDFAST_SERVE_CONSOLE: "false",
  };
  return new Promise((done) =>
    execFile(
      process.execPath,
      ["--disable-warning=ExperimentalWarning", main, ...words],
      { env },
      (error, stdout, stderr) => done({ status: error === null ? 0 : Number(error.code), stdout, stderr }),
    ),
  );
}

async function urlOf(name: string): Promise<string> {
  const { host, user, database } = await (await testPostgres()).database(name);
  return `postgres://${user}@${encodeURIComponent(String(host))}/${database}`;
}

test("set-up-link lets someone back into a node that lost its last admin, and the ledger has it", async () => {
  const house = await startTestNode({ database: "lost", flags: { ledgerBatchMilliseconds: 20 } });
  const admin = await house.signedIn("admin");
  assert.equal((await admin.send("GET", "/api/account")).status, 200);
  const home = join(folder.path, "home");
  mkdirSync(home);
  const printed = await holdfast(await urlOf("lost"), "set-up-link", "--home", home, "--port", "8555");
  assert.equal(printed.status, 0, printed.stderr);
  const token = /http:\/\/localhost:8555\/set-up#([\w-]{43})\n$/.exec(printed.stdout)?.[1];
  assert.ok(token, printed.stdout);
  const body = { token, name: "Second", email: "second@example.org", password: "a quiet harbour at dawn" };
  const taken = await send(house.url, {}, "POST", "/api/account/set-up", body);
  assert.deepEqual([taken.status, taken.body.roles], [200, ["admin"]]);
  assert.equal((await send(house.url, {}, "POST", "/api/account/set-up", body)).status, 410, "it works once");
  await house.node.ledger.record({ kind: "test/said", subject: "s", payload: 1 }, { wait: "published" });
  const { items } = (await admin.send("GET", "/api/prove/ledger/statements?kind=access/link-issued")).body;
  assert.ok(items.length >= 2, "the node's own link and this one");
});

test("set-up-link says so where no node has run", async () => {
  const home = join(folder.path, "empty");
  const answer = await holdfast(await urlOf("empty"), "set-up-link", "--home", home);
  assert.equal(answer.status, 66, answer.stderr);
  assert.match(answer.stderr, /holds no node yet/);
});

test("doctor, config and backup end when they have answered", async () => {
  const home = join(folder.path, "tended");
  mkdirSync(home);
  const databaseUrl = await urlOf("lost");
  for (const words of [["doctor"], ["config"], ["backup", join(folder.path, "lost.backup")]]) {
    const startedAt = performance.now();
    const answer = await holdfast(databaseUrl, ...words, "--home", home);
    const took = performance.now() - startedAt;
    assert.equal(answer.stderr.includes("holdfast:"), false, answer.stderr);
    assert.notEqual(answer.stdout, "");
    assert.ok(took < IDLE_MILLISECONDS, `${words[0]} took ${took} ms`);
  }
});

test("serve on a taken port says which and what to do, and ends with 69", async () => {
  const taker = createServer().listen(0, "127.0.0.1");
  await once(taker, "listening");
  const port = String((taker.address() as AddressInfo).port); // it listens on TCP
  const home = join(folder.path, "late");
  const answer = await holdfast(await urlOf("late"), "serve", "--home", home, "--host", "127.0.0.1", "--port", port);
  taker.close();
  assert.equal(answer.status, 69, answer.stderr);
  assert.match(answer.stderr, new RegExp(`^holdfast: port \`${port}\`.*--port.*\\(listen/port-taken\\)\n$`));
});
