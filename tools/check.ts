/** `npm run check`: types, lint, format, and the tests that need no browser, no database and no node, and how long each took. `--fix` formats instead, `--no-tests` leaves the tests out. */
import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");
const bin = (name: string) => resolve(root, "node_modules/.bin", name);
const fix = process.argv.includes("--fix");
const withTests = !process.argv.includes("--no-tests");

const steps: readonly (readonly [string, string, readonly string[]])[] = fix
  ? [["format", bin("biome"), ["format", "--write", "."]]]
  : [
      ["types", bin("tsc"), ["-p", "."]],
      ...(existsSync(resolve(root, "apps/console/tsconfig.json"))
        ? [["console types", bin("tsc"), ["-p", "apps/console"]] as const]
        : []),
      ["lint", bin("oxlint"), ["--deny-warnings"]],
      ["format", bin("biome"), ["format", "."]],
      ...(withTests ? [["tests", process.execPath, [resolve(root, "tools/test.ts"), "--quick"]] as const] : []),
    ];

let failed = 0;
for (const [name, command, parameters] of steps) {
  const startedAt = performance.now();
  const { status } = spawnSync(command, parameters, { cwd: root, stdio: "inherit" });
  console.log(`${status === 0 ? "ok    " : "FAILED"} ${name} ${((performance.now() - startedAt) / 1000).toFixed(1)} s`);
  if (status !== 0) failed += 1;
}
process.exitCode = failed > 0 ? 1 : 0;
