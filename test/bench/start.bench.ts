/**
 * How long a person waits: from a fresh clone with a warm package cache to a console that is ready, and the second start.
 * The clone holds what is committed. The floor of the same run is `./holdfast version`, which only starts the launcher and Node.
 * Beside the time on the clock stands the processor time of the launcher, npm, the console's build and the node.
 */
import { execFileSync } from "node:child_process";
import { cpus, loadavg } from "node:os";
import { join, resolve } from "node:path";
import { temporaryFolder } from "../temporary-folder.ts";
import { type DemoProcess, startDemo } from "./demo-process.ts";
import { round } from "./readers.ts";

const FIRST_TARGET_SECONDS = 120;
const SECOND_TARGET_SECONDS = 4;
const SECOND_STARTS = 3;

const root = resolve(import.meta.dirname, "../..");

/** With `tiny`, this checkout instead of a clone, without the console. */
export async function bench({ tiny }: { tiny: boolean }): Promise<Record<string, unknown>> {
  const folder = temporaryFolder("start");
  try {
    const loadBefore = loadavg().map(round);
    const start = performance.now();
    const checkout = tiny ? root : join(folder.path, "clone");
    if (!tiny) execFileSync("git", ["clone", "--quiet", root, checkout]);
    const cloneSeconds = (performance.now() - start) / 1_000;
    const options = {
      home: join(folder.path, "home"),
      environment: { ...(tiny ? { HOLDFAST_SERVE_CONSOLE: "false" } : {}), PATH: pathWithoutRuntime() },
    };
    const first = await once(checkout, options, !tiny);
    const seconds: number[] = [];
    let secondProcessorSeconds = Number.POSITIVE_INFINITY;
    for (let i = 0; i < (tiny ? 1 : SECOND_STARTS); i++) {
      const next = await once(checkout, options, !tiny);
      seconds.push(next.firstSeconds);
      secondProcessorSeconds = Math.min(secondProcessorSeconds, next.processorSeconds);
    }
    const floorSeconds = launcherSeconds(checkout, options.environment);
    const second = seconds.sort((a, b) => a - b)[Math.floor(seconds.length / 2)]!; // there is one at least
    const firstSeconds = cloneSeconds + first.firstSeconds;
    return {
      machine: { processors: cpus().length, loadBefore, loadAfter: loadavg().map(round) },
      target: { firstSeconds: FIRST_TARGET_SECONDS, secondSeconds: SECOND_TARGET_SECONDS },
      fresh: !tiny,
      floorSeconds: round(floorSeconds),
      cloneSeconds: round(cloneSeconds),
      firstSeconds: round(firstSeconds),
      firstBothSeconds: round(cloneSeconds + first.bothSeconds),
      firstProcessorSeconds: round(first.processorSeconds),
      firstSaid: first.said,
      firstToFloor: round(firstSeconds / floorSeconds),
      firstMet: firstSeconds <= FIRST_TARGET_SECONDS,
      secondSeconds: round(second),
      secondProcessorSeconds: round(secondProcessorSeconds),
      secondLeastSeconds: round(seconds[0]!), // as above
      secondToFloor: round(second / floorSeconds),
      secondMet: second <= SECOND_TARGET_SECONDS,
    };
  } finally {
    folder.remove();
  }
}

/** Starts, looks whether the console is there, and stops. */
async function once(
  checkout: string,
  options: { home: string; environment: Record<string, string> },
  withConsole: boolean,
): Promise<DemoProcess> {
  const demo = await startDemo(checkout, options);
  try {
    const page = await fetch(withConsole ? demo.url : `${demo.url}/readyz`, { headers: { accept: "text/html" } });
    if (page.status !== 200) throw new Error(`${page.url} answered ${page.status}: ${demo.said.join("; ")}`);
    return demo;
  } finally {
    await demo.stop();
  }
}

/** This run has the pinned Node on its PATH; a fresh machine does not, and the launcher fetches it. */
function pathWithoutRuntime(): string {
  const path = process.env["PATH"] ?? "";
  return path
    .split(":")
    .filter((folder) => !folder.includes(".runtime/"))
    .join(":");
}

function launcherSeconds(checkout: string, environment: Record<string, string>): number {
  const start = performance.now();
  execFileSync(join(checkout, "holdfast"), ["version"], { env: { ...process.env, ...environment }, stdio: "pipe" });
  return (performance.now() - start) / 1_000;
}
