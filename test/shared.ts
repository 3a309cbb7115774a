/**
 * Where the outside test vectors are, and what a test does when something outside this repository is missing:
 * it skips with one clear line, and fails when `HOLDFAST_REQUIRE` names it (as `.ci/run` does).
 */
import { existsSync } from "node:fs";
import { resolve } from "node:path";

/** Things a test may need that a clone does not bring. */
export type Outside = "shared" | "chromium" | "postgres" | "go";

const root = resolve(import.meta.dirname, "..");
const required = new Set((process.env["HOLDFAST_REQUIRE"] ?? "").split(",").filter(Boolean));

const HOW_TO_GET: Record<Outside, string> = {
  shared: "the project's shared folder beside the checkout (../shared), or HOLDFAST_SHARED",
  chromium: "a Chromium (`apt-get install chromium`), or HOLDFAST_CHROMIUM",
  go: "a Go toolchain with golang.org/x/mod (`apt-get install golang golang-golang-x-mod-dev`)",
  postgres: "an outside PostgreSQL's programs (`apt-get install postgresql`), or HOLDFAST_OUTSIDE_POSTGRES_BIN",
};

/** The folder `vectors/NAME` of the shared folder, or undefined where it is absent. */
export function vectors(name: string): string | undefined {
  const folder = resolve(process.env["HOLDFAST_SHARED"] ?? resolve(root, "../shared"), "vectors", name);
  return existsSync(folder) ? folder : undefined;
}

/**
 * The `skip` option of a test that needs `what`: false when it is `present`, else the line to print.
 * @throws Error when `HOLDFAST_REQUIRE` lists `what` and it is absent, so that CI can't skip in silence
 */
export function skipUnless(what: Outside, present: unknown): string | false {
  if (present) return false;
  if (required.has(what)) throw new Error(`HOLDFAST_REQUIRE names ${what}, and it is absent: get ${HOW_TO_GET[what]}`);
  return `skipped: needs ${HOW_TO_GET[what]}`;
}
