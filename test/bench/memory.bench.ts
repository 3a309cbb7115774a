/**
 * What the demo holds in memory at rest: the node's process (both nodes and the jobs are in it) and its private
 * PostgreSQL, whose processes share pages and are therefore counted by proportional set size. Measured after the start,
 * and again after a person's session has read a good deal. The floor is a Node that does nothing.
 */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { join, resolve } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { temporaryFolder } from "../temporary-folder.ts";
import { startDemo } from "./demo-process.ts";
import { postgresPids, proportionalBytes, residentBytes } from "./process-figures.ts";
import { round, startReaders } from "./readers.ts";

const NODE_TARGET_MB = 300;
const DATABASE_TARGET_MB = 250;
const MB = 1_000_000;
const PATHS = [
  "/api/know/registry/sites",
  "/api/know/registry/items",
  "/api/know/registry/organisations",
  "/api/know/registry/recipes",
  "/api/know/registry/search?q=ma",
  "/api/know/registry/summary",
];

const root = resolve(import.meta.dirname, "../..");

export async function bench({ tiny }: { tiny: boolean }): Promise<Record<string, unknown>> {
  const folder = temporaryFolder("memory");
  const home = join(folder.path, "home");
  try {
    const demo = await startDemo(root, {
      home,
      environment: {
        HOLDFAST_REQUESTS_PER_MINUTE_MAX: "1000000",
        ...(tiny ? { HOLDFAST_SERVE_CONSOLE: "false" } : {}),
      },
    });
    try {
      const measure = () => ({
        nodeMB: round(residentBytes(demo.pid) / MB),
        databaseMB: round(
          postgresPids(join(home, "postgres")).reduce((sum, pid) => sum + proportionalBytes(pid), 0) / MB,
        ),
      });
      await sleep(tiny ? 100 : 30_000);
      const atRest = measure();
      await readMuch(demo.url, demo.setUpToken!, tiny ? 20 : 3_000); // nobody has set the demo up yet
      const afterReading = measure();
      await sleep(tiny ? 100 : 60_000);
      const atRestAgain = measure();
      const floorNodeMB = round((await idleNodeBytes()) / MB);
      return {
        target: { nodeMB: NODE_TARGET_MB, databaseMB: DATABASE_TARGET_MB },
        floorNodeMB,
        atRest,
        afterReading,
        atRestAgain,
        nodeToFloor: round(atRest.nodeMB / floorNodeMB),
        met: [atRest, atRestAgain].every(
          ({ nodeMB, databaseMB }) => nodeMB <= NODE_TARGET_MB && databaseMB <= DATABASE_TARGET_MB,
        ),
      };
    } finally {
      await demo.stop();
    }
  } finally {
    folder.remove();
  }
}

async function readMuch(url: string, token: string, requests: number): Promise<void> {
  const answer = await fetch(`${url}/api/account/set-up`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token, name: "Reader", email: "reader@example.org", password: "a quiet harbour at dawn" }),
  });
  if (answer.status !== 200) throw new Error(`set-up failed: ${await answer.text()}`);
  const cookie = answer.headers
    .getSetCookie()
    .map((line) => line.split(";")[0])
    .join("; ");
  const readers = startReaders();
  try {
    await readers.read({ url, cookie, paths: PATHS, readers: 4, requests });
  } finally {
    await readers.stop();
  }
}

async function idleNodeBytes(): Promise<number> {
  const child = spawn(process.execPath, ["-e", "console.log(1); setTimeout(() => {}, 60_000)"]);
  await once(child.stdout, "data");
  const bytes = residentBytes(child.pid!); // it printed
  child.kill();
  return bytes;
}
