/** A node as `./holdfast serve` runs it, in a process of its own: its memory is the node's and nobody else's. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { NODE_FLAGS } from "../../apps/cli/src/node-verbs.ts";

const MAIN = resolve(import.meta.dirname, "../../apps/node/src/main.ts");

export interface ServeProcess {
  readonly pid: number;
  readonly url: string;
  /** Of the set-up link. */
  readonly token: string;
  readonly postgresFolder: string;
  stop(): Promise<void>;
}

/** Starts an empty node in `home`, with its private PostgreSQL. @throws Error when it ends before it runs */
export async function startServe(home: string): Promise<ServeProcess> {
  const flags = ["--disable-warning=ExperimentalWarning", ...NODE_FLAGS, MAIN, "serve", "--port", "0", "--home", home];
  const child = spawn(process.execPath, flags, {
    env: {
      ...process.env,
      HOLDFAST_LOG_LEVEL: "error",
      HOLDFAST_SERVE_CONSOLE: "false",
      HOLDFAST_REQUESTS_PER_MINUTE_MAX: "1000000",
    },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let url: string | undefined;
  // stdout is a pipe
  for await (const line of createInterface({ input: child.stdout! })) {
    url ??= /running: (http\S+)/.exec(line)?.[1];
    const token = /\/set-up#([\w-]+)/.exec(line)?.[1];
    if (url === undefined || token === undefined || child.pid === undefined) continue;
    child.stdout?.resume();
    const stop = async () => {
      const ended = once(child, "exit");
      child.kill("SIGTERM");
      await ended;
    };
    return { pid: child.pid, url, token, postgresFolder: join(home, "postgres"), stop };
  }
  throw new Error("the node ended before it ran");
}
