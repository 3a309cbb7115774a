/**
 * `npm test`: every test of the project. Arguments narrow it: folders or files; `--quick` leaves out what starts a browser, a
 * database or a whole node, which is most of the time and little of what an edit breaks first.
 * What was skipped, and how to get it, is printed at the end.
 */
import { spawn } from "node:child_process";
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { startPrivatePostgres } from "../apps/node/src/platform/postgres.ts";
import { temporaryFolder } from "../test/temporary-folder.ts";

const root = resolve(import.meta.dirname, "..");
const words = process.argv.slice(2);
const quick = words.includes("--quick");
const STARTS_A_NODE = /from "[^"]*\/(?:test\/)?(?:node|postgres|node-process|serve-process|harness|private-node)\.ts"/;
const places = words.filter((word) => !word.startsWith("--"));

const all = globSync(["packages/**/*.test.ts", "apps/**/*.test.ts", "tools/**/*.test.ts", "test/**/*.test.ts"], {
  cwd: root,
  exclude: (name) => name === "node_modules" || name === "dist",
});
const files = all
  .filter((file) => places.length === 0 || places.some((place) => file.startsWith(place.replace(/^\.\//, ""))))
  .filter(
    (file) => !quick || (!file.startsWith("test/") && !STARTS_A_NODE.test(readFileSync(resolve(root, file), "utf8"))),
  )
  .sort();
if (files.length === 0) {
  console.error(`no test matches ${places.join(" ")}`);
  process.exit(1);
}

// One PostgreSQL for all the files, which saves each a second; what is tested here is never a power cut.
const home = temporaryFolder("tests");
const postgres =
  files.length > 1 && !quick
    ? await startPrivatePostgres(home.path, { settings: { fsync: "off", max_connections: "300" } })
    : undefined;

const child = spawn(
  process.execPath,
  [
    "--disable-warning=ExperimentalWarning",
    "--test",
    "--test-reporter=spec",
    "--test-reporter-destination=stdout",
    `--test-reporter=${resolve(root, "tools/slow-files.ts")}`,
    "--test-reporter-destination=stderr",
    "--test-concurrency=2",
    "--test-timeout=420000",
    ...files,
  ],
  {
    cwd: root,
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, ...(postgres ? { HOLDFAST_TEST_POSTGRES: home.path } : {}) },
  },
);
// An interrupted run ends its tests first, so that the server below is stopped and not left behind.
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => child.kill(signal));
const skipped = new Set<string>();
for await (const line of createInterface({ input: child.stdout })) {
  console.log(line);
  const reason = /# (skipped: .*)$/.exec(line)?.[1];
  if (reason) skipped.add(reason);
}
for (const reason of skipped) console.log(reason);
process.exitCode =
  child.exitCode ?? (await new Promise<number>((done) => child.once("exit", (code) => done(code ?? 1))));
await postgres?.stop();
home.remove();
