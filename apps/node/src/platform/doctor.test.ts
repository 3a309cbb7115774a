import { strict as assert } from "node:assert";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { after, test } from "node:test";
import { testPostgres } from "../../../../test/node.ts";
import { temporaryFolder } from "../../../../test/temporary-folder.ts";
import { examine, examineClock, examineDisk, examineProxy } from "./doctor.ts";

const folder = temporaryFolder("doctor");
after(() => folder.remove());

test("says that a clock is off from the database's, and fails one that is off by a minute", () => {
  assert.equal(examineClock(0.4).state, "ok");
  assert.equal(examineClock(-1.9).state, "ok");
  const behind = examineClock(-2);
  assert.deepEqual([behind.state, /2.0 s behind/.test(behind.what)], ["warn", true]);
  const ahead = examineClock(60);
  assert.deepEqual([ahead.state, /60.0 s ahead of/.test(ahead.what), ahead.mend === ""], ["fail", true, false]);
});

test("warns of a disk below 2 GiB and fails one below 256 MiB", () => {
  assert.equal(examineDisk(2 * 1_073_741_824).state, "ok");
  assert.equal(examineDisk(2 * 1_073_741_824 - 1).state, "warn");
  assert.equal(examineDisk(256 * 1_048_576).state, "warn");
  assert.equal(examineDisk(256 * 1_048_576 - 1).state, "fail");
});

test("says when the proxy's word is not taken, and when anybody's is", () => {
  const host = "127.0.0.1";
  const publicUrl = "https://node.example";
  assert.equal(examineProxy({ trustProxy: false, publicUrl: undefined, host }).state, "ok");
  assert.equal(examineProxy({ trustProxy: true, publicUrl, host }).state, "ok");
  assert.match(examineProxy({ trustProxy: false, publicUrl, host }).what, /trustProxy is off/);
  assert.match(examineProxy({ trustProxy: true, publicUrl: undefined, host }).what, /without a publicUrl/);
  assert.match(examineProxy({ trustProxy: true, publicUrl, host: "0.0.0.0" }).what, /listens on 0.0.0.0/);
});

test("asks a running database for its clock", async () => {
  const home = join(folder.path, "home");
  mkdirSync(home);
  const { host, user, database } = await (await testPostgres()).database("doctor");
  const findings = await examine({
    home,
    environment: {},
    flags: { databaseUrl: `postgres://${user}@${encodeURIComponent(String(host))}/${database}` },
    migrations: [],
    consoleFolder: undefined,
  });
  assert.ok(
    findings.some(({ what }) => what === "the clock agrees with the database's"),
    JSON.stringify(findings),
  );
});
