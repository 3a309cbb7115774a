/** The console is the one part that is bundled. It is built when its sources changed since the last build, in a process of its own. */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, globSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { Problem } from "@holdfast/kernel";

const root = resolve(import.meta.dirname, "../../../..");
const consoleRoot = join(root, "apps/console");
/** Where the build goes. */
export const CONSOLE_FOLDER = join(consoleRoot, "dist");
const output = CONSOLE_FOLDER;
const SOURCES = [
  "apps/console/{src/**/*,index.html,vite.config.ts,package.json}",
  "packages/{api,access,kernel}/src/**/*.ts",
  "package-lock.json",
];

/** Builds if needed. @returns the folder to serve, or undefined where this installation brings no console */
export async function buildConsole({ say }: { say: (line: string) => void }): Promise<string | undefined> {
  if (!existsSync(join(consoleRoot, "index.html"))) return undefined;
  const stamp = join(output, ".source-hash");
  const want = sourceHash();
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === want) return output;
  say("Building the console (once after each update)");
  const fresh = `${output}-${process.pid}`;
  await run(join(root, "node_modules/vite/bin/vite.js"), [
    "build",
    "--outDir",
    fresh,
    "--emptyOutDir",
    "--logLevel",
    "error",
  ]);
  writeFileSync(join(fresh, ".source-hash"), want);
  replaceOutput(fresh);
  return output;
}

/** Another process may have built at the same time; then its build is as good as ours. */
function replaceOutput(fresh: string): void {
  rmSync(output, { recursive: true, force: true });
  try {
    renameSync(fresh, output);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && (error.code === "ENOTEMPTY" || error.code === "EEXIST")))
      throw error;
    rmSync(fresh, { recursive: true, force: true });
  }
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
