/** The demo as a person starts it: `./holdfast demo` of a checkout, watched by what it prints. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { processorSeconds } from "./process-figures.ts";

export interface DemoProcess {
  /** The launcher becomes the node's program, so this is the node. */
  readonly pid: number;
  readonly url: string;
  /** Of the one-time link; absent when someone set the node up before. */
  readonly setUpToken: string | undefined;
  /** From the start until the first node, and until the last of the two, said that it is running. */
  readonly firstSeconds: number;
  readonly bothSeconds: number;
  /** Of all that was done until then, what npm and the console's build did included, PostgreSQL left out. */
  readonly processorSeconds: number;
  /** What the launcher and the node said, with the second at which they did. */
  readonly said: readonly string[];
  stop(): Promise<void>;
}

const NODES = 2; // the plant group and the sector hub

/** @throws Error with what was said, when it ends before both nodes run */
export async function startDemo(
  checkout: string,
  { home, environment = {} }: { home: string; environment?: Record<string, string> },
): Promise<DemoProcess> {
  const start = performance.now();
  const seconds = () => (performance.now() - start) / 1_000;
  const child = spawn(join(checkout, "holdfast"), ["demo", "--port", "0", "--home", home], {
    cwd: checkout,
    env: { ...process.env, HOLDFAST_LOG_LEVEL: "error", ...environment },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said: string[] = [];
  const running: { url: string; seconds: number }[] = [];
  let setUpToken: string | undefined;
  await new Promise<void>((done, fail) => {
    const onLine = (line: string) => {
      said.push(`${seconds().toFixed(1)} s ${line.replace(/set-up#\S+/, "set-up#…")}`);
      setUpToken ??= /set-up#(\S+)/.exec(line)?.[1];
      const url = / is running: (\S+)/.exec(line)?.[1];
      if (url !== undefined) running.push({ url, seconds: seconds() });
      if (running.length === NODES) done();
    };
    for (const stream of [child.stdout, child.stderr]) createInterface({ input: stream }).on("line", onLine);
    child.once("error", fail);
    child.once("exit", (code) => fail(new Error(`the demo ended with ${code}: ${said.join("\n")}`)));
  });
  return {
    pid: child.pid!, // it ran
    url: running[0]!.url, // both run
    setUpToken,
    firstSeconds: running[0]!.seconds, // as above
    bothSeconds: running[1]!.seconds, // as above
    processorSeconds: processorSeconds(child.pid!), // as above
    said,
    stop: () => stop(child),
  };
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null) return;
  child.removeAllListeners("exit");
  child.kill("SIGTERM");
  await once(child, "exit");
}
