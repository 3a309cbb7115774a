/**
 * The console is the one part that is bundled. A build lies in a folder named by the hash of its sources, so that a node that
 * runs keeps the files it serves while another one builds a newer console beside it.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from "node:fs";
import { join, resolve } from "node:path";
import { Problem } from "@holdfast/kernel";
import { compressTexts } from "./console-compress.ts";

const root = resolve(import.meta.dirname, "../../../..");
const consoleRoot = join(root, "apps/console");
const builds = join(consoleRoot, "dist");
const BUILDS_KEPT = 3; // an older one serves no node that was started in the last updates
const SOURCES = [
  "apps/console/{src/**/*,index.html,vite.config.ts,package.json}",
  "packages/{api,access,kernel}/src/**/*.ts",
  "apps/node/src/platform/console-compress.ts",
  "package-lock.json",
];

/** The folder of the build of the sources as they stand, built or not; undefined where this installation brings no console. */
export function consoleFolder(): string | undefined {
  return existsSync(join(consoleRoot, "index.html")) ? join(builds, sourceHash().slice(0, 16)) : undefined;
}

/** Builds if needed. @returns the folder to serve, or undefined where this installation brings no console */
export async function buildConsole({ say }: { say: (line: string) => void }): Promise<string | undefined> {
  const folder = consoleFolder();
  if (folder === undefined || existsSync(join(folder, "index.html"))) return folder;
  say("Building the console (once after each update)");
  const fresh = join(builds, `building-${process.pid}`);
  const parameters = ["build", "--outDir", fresh, "--emptyOutDir", "--logLevel", "error"];
  await run(join(root, "node_modules/vite/bin/vite.js"), parameters);
  await compressTexts(fresh);
  try {
    renameSync(fresh, folder);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && (error.code === "ENOTEMPTY" || error.code === "EEXIST")))
      throw error;
    rmSync(fresh, { recursive: true, force: true }); // another process built the same sources at the same time
  }
  removeOldBuilds();
  return folder;
}

function removeOldBuilds(): void {
  const newestFirst = readdirSync(builds)
    .filter((name) => !name.startsWith("building-"))
    .map((name) => ({ name, changedAt: statSync(join(builds, name)).mtimeMs }))
    .sort((a, b) => b.changedAt - a.changedAt);
  for (const { name } of newestFirst.slice(BUILDS_KEPT)) rmSync(join(builds, name), { recursive: true, force: true });
}

function sourceHash(): string {
  const hash = createHash("sha256");
  for (const file of globSync(SOURCES, { cwd: root }).sort()) {
    const path = join(root, file);
    if (/\.test\.tsx?$/.test(file)) continue;
    try {
      hash.update(file).update("\0").update(readFileSync(path)).update("\0");
    } catch (error) {
      if (!(error instanceof Error && "code" in error && error.code === "EISDIR")) throw error;
    }
  }
  return hash.digest("hex");
}

async function run(script: string, parameters: readonly string[]): Promise<void> {
  const child = spawn(process.execPath, [script, ...parameters], {
    cwd: consoleRoot,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said: Buffer[] = [];
  child.stdout.on("data", (chunk: Buffer) => said.push(chunk));
  child.stderr.on("data", (chunk: Buffer) => said.push(chunk));
  const code = await new Promise<number | null>((done) => child.once("exit", done));
  if (code !== 0)
    throw new Problem(
      "console/build-failed",
      `the console could not be built: ${Buffer.concat(said).toString("utf8").slice(-2_000)}`,
    );
}
