import { strict as assert } from "node:assert";
import { execFileSync, spawn } from "node:child_process";
import { chmodSync, chownSync, globSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { setTimeout as sleep } from "node:timers/promises";
import { composeNode, MIGRATIONS } from "../../apps/node/src/compose.ts";
import { backUp, restore } from "../../apps/node/src/platform/backup.ts";
import { readConfig } from "../../apps/node/src/platform/config.ts";
import { openDatabase } from "../../apps/node/src/platform/database.ts";
import { systemPorts } from "../../apps/node/src/platform/ports.ts";
import { openLog } from "../../apps/node/src/platform/telemetry.ts";
import { send, testPostgres } from "../node.ts";
import { skipUnless } from "../shared.ts";
import { temporaryFolder } from "../temporary-folder.ts";

const bin = process.env["HOLDFAST_OUTSIDE_POSTGRES_BIN"] ?? newest(globSync("/usr/lib/postgresql/*/bin"));
const folder = temporaryFolder("outside");

/** By number: 9.6 is not newer than 15. */
function newest(folders: readonly string[]): string | undefined {
  const major = (path: string) => Number(/postgresql\/([\d.]+)\//.exec(path)?.[1]);
  return folders.toSorted((a, b) => major(a) - major(b)).at(-1);
}
const stops: (() => Promise<void>)[] = [];

after(async () => {
  for (const stop of stops.toReversed()) await stop();
  folder.remove();
});

/** Starts the distribution's PostgreSQL on a unix socket; as root it runs as nobody, like the private one. */
async function startOutside(programs: string): Promise<{ host: string; user: string; database: string }> {
  const id = (flag: string) => Number(execFileSync("id", [flag, "nobody"], { encoding: "utf8" }));
  const owner = process.getuid?.() === 0 ? { uid: id("-u"), gid: id("-g") } : undefined;
  const base = join(folder.path, "server");
  mkdirSync(base);
  chmodSync(base, 0o700);
  if (owner) chownSync(base, owner.uid, owner.gid);
  const data = join(base, "data");
  const env = { PATH: process.env["PATH"], LC_ALL: "C.UTF-8" };
  const parameters = ["--pgdata", data, "--username", "holdfast", "--encoding", "UTF8", "--auth", "trust"];
  execFileSync(join(programs, "initdb"), parameters, { env, cwd: "/", stdio: "ignore", ...owner });
  const settings = ["-c", "listen_addresses=", "-c", `unix_socket_directories=${base}`];
  const child = spawn(join(programs, "postgres"), ["-D", data, ...settings], {
    env,
    cwd: "/",
    stdio: "ignore",
    ...owner,
  });
  stops.push(async () => {
    child.kill("SIGINT");
    await new Promise((done) =>
      child.exitCode === null && child.signalCode === null ? child.once("exit", done) : done(0),
    );
  });
  const place = { host: base, user: "holdfast", database: "postgres" };
  for (let i = 0; i < 200; i++) {
    const database = await openDatabase(place).catch(() => undefined);
    await database?.close();
    if (database) return place;
    await sleep(100);
  }
  throw new Error("the outside PostgreSQL did not start");
}

const POSTGRES_MAJOR_MIN = 15; // what the node asks for; Debian 12 has it, Debian 13 has 17

async function versionOf(place: Parameters<typeof openDatabase>[0]): Promise<{ text: string; major: number }> {
  const database = await openDatabase(place);
  const { rows } = await database.pool.query<{ text: string; number: string }>(
    "select current_setting('server_version') as text, current_setting('server_version_num') as number",
  );
  await database.close();
  return { text: rows[0]?.text ?? "", major: Math.floor(Number(rows[0]?.number) / 10_000) };
}

test("runs on the distribution's PostgreSQL, and its backup restores into the private one", {
  skip: skipUnless("postgres", bin),
}, async (t) => {
  const place = await startOutside(bin!); // the test is skipped without it
  const version = await versionOf(place);
  t.diagnostic(`ran against PostgreSQL ${version.text} (${bin})`);
  assert.ok(version.major >= POSTGRES_MAJOR_MIN, `PostgreSQL ${version.text} is older than ${POSTGRES_MAJOR_MIN}`);
  const config = readConfig({
    home: join(folder.path, "home"),
    environment: {},
    flags: { port: 0, logLevel: "error" },
  });
  const node = await composeNode({ config, database: place, ports: systemPorts, log: openLog("error"), demo: false });
  stops.push(() => node.stop());
  const url = await node.listen();
  const { token } = await node.auth.issueSetUpLink({ roles: ["admin", "analyst"] });
  const setUp = await send(url, {}, "POST", "/api/account/set-up", {
    token,
    name: "Ada",
    email: "ada@example.org",
    password: "a quiet harbour at dawn",
  });
  assert.equal(setUp.status, 200, setUp.text);
  const cookie = setUp.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  const headers = { cookie, "x-holdfast-csrf": "1" };
  const evidence = { source: "test", observedAt: "2026-01-01", confidencePercent: 80 };
  const made = await send(url, headers, "POST", "/api/know/registry/organisations", {
    name: "Nordmetall",
    country: "DE",
    evidence,
  });
  assert.equal(made.status, 201, made.text);
  assert.equal((await send(url, headers, "GET", "/api/know/registry/search?q=nordm")).body.hits.length, 1);

  const path = join(folder.path, "a.backup");
  const progress = () => undefined;
  await backUp(node.database, { path, program: "test", createdAt: new Date(0), progress });
  const target = await openDatabase(await (await testPostgres()).database("restored"));
  stops.push(() => target.close());
  await restore(target, { path, migrations: MIGRATIONS, replace: false, progress });
  const { rows } = await target.pool.query("select body ->> 'name' as name from registry_organisation");
  assert.deepEqual(rows, [{ name: "Nordmetall" }]);
});
