/** A node as a process of its own, for a test that kills it. */
import { type ChildProcess, spawn } from "node:child_process";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { after } from "node:test";
import { temporaryFolder } from "./temporary-folder.ts";

const MAIN = resolve(import.meta.dirname, "../apps/node/src/main.ts");
const folder = temporaryFolder("node-process");
const children: ChildProcess[] = [];

after(() => {
  for (const child of children) child.kill("SIGKILL");
  folder.remove();
});

export interface NodeProcess {
  readonly url: string;
  /** Of the set-up link. */
  readonly token: string;
  readonly child: ChildProcess;
}

/** Starts `serve` on `databaseUrl`, which needs its first account. */
export async function startNodeProcess(name: string, databaseUrl: string): Promise<NodeProcess> {
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", MAIN, "serve", "--port", "0", "--home", join(folder.path, name)],
    {
      env: {
        ...process.env,
        DATABASE_URL: databaseUrl,
        HOLDFAST_LOG_LEVEL: "error",
        HOLDFAST_SERVE_CONSOLE: "false",
        HOLDFAST_REQUESTS_PER_MINUTE_MAX: "1000000",
      },
      stdio: ["ignore", "pipe", "inherit"],
    },
  );
  children.push(child);
  let url: string | undefined;
  // stdout is a pipe
  for await (const line of createInterface({ input: child.stdout! })) {
    url ??= /running: (http\S+)/.exec(line)?.[1];
    const token = /\/set-up#([\w-]+)/.exec(line)?.[1];
    if (url && token) {
      child.stdout?.resume();
      return { url, token, child };
    }
  }
  throw new Error(`${name} ended before it ran`);
}
