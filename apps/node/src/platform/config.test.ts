import { strict as assert } from "node:assert";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { Problem } from "@holdfast/kernel";
import { describeConfig, readConfig } from "./config.ts";

const home = mkdtempSync(join(tmpdir(), "holdfast-config-"));
after(() => rmSync(home, { recursive: true }));
const write = (text: string) => writeFileSync(join(home, "holdfast.json"), text);

test("takes the command line over the environment, the environment over the file, the file over the default", () => {
  write('{"port": 1000, "host": "10.0.0.1", "logLevel": "warn"}');
  const config = readConfig({
    home,
    environment: { HOLDFAST_PORT: "2000", HOLDFAST_HOST: "::1" },
    flags: { port: "3000" },
  });
  assert.deepEqual([config.port, config.host, config.logLevel, config.sessionHours], [3000, "::1", "warn", 12]);
  assert.deepEqual(
    [config.sources.port, config.sources.host, config.sources.logLevel, config.sources.sessionHours],
    ["command line", "environment HOLDFAST_HOST", join(home, "holdfast.json"), "default"],
  );
});

test("masks secrets where it describes itself and where it complains", () => {
  write("{}");
  const config = readConfig({ home, environment: { DATABASE_URL: "postgres://user:hunter2@host/db" } });
  assert.ok(!JSON.stringify(describeConfig(config)).includes("hunter2"));
  assert.throws(
    () => readConfig({ home, environment: { DATABASE_URL: "mysql://user:hunter2@host" } }),
    (error) => error instanceof Problem && error.code === "config/invalid" && !error.message.includes("hunter2"),
  );
});

for (const [text, what] of [
  ['{"prot": 1}', "an unknown key"],
  ["[1]", "a file that is not an object"],
  ["{", "a file that is not JSON"],
  ['{"port": 70000}', "a port out of range"],
] as const) {
  test(`refuses ${what}`, () => {
    write(text);
    assert.throws(
      () => readConfig({ home, environment: {} }),
      (error) => error instanceof Problem && error.code === "config/invalid",
    );
  });
}
