import { strict as assert } from "node:assert";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { appendMany, newPlace, openTestLedger, type TestPlace, Watcher } from "./harness.ts";

const CHILD = fileURLToPath(new URL("./killed-sequencer.ts", import.meta.url));
const READY_AHEAD = 2; // processes that load their code while another one is killed: a machine has two processors

/** A process that has loaded its code and waits to be told at which wait it dies. */
function startChild(home: string): ChildProcess {
  return spawn(process.execPath, ["--disable-warning=ExperimentalWarning", CHILD], {
    stdio: ["pipe", "ignore", "inherit"],
    env: { ...process.env, NODE_COMPILE_CACHE: `${home}/compiled` }, // a third of a child's time
  });
}

/** @returns whether it was killed; else it got through */
async function sequenceUntil(child: ChildProcess, place: TestPlace, killAt: number): Promise<boolean> {
  const { connection: pool, home, name } = place;
  child.stdin?.end(JSON.stringify({ pool, home, name, killAt }));
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null]; // as its documentation says
  if (signal !== "SIGKILL") assert.equal(code, 0);
  return signal === "SIGKILL";
}

test("killed at every wait of the sequencer, what is acknowledged comes through and every checkpoint stays true", async () => {
  const place = await newPlace();
  const ledger = await openTestLedger(place);
  const watcher = new Watcher(ledger);
  const all = await appendMany(place, ledger, 255);
  await ledger.beat();
  const ready: ChildProcess[] = [];
  let killed = 0;
  try {
    for (let isKilled = true; isKilled; ) {
      assert.ok(killed < 60, "it gets through at last");
      while (ready.length < READY_AHEAD) ready.push(startChild(place.home));
      all.push(...(await appendMany(place, ledger, 2)));
      isKilled = await sequenceUntil(ready.shift()!, place, killed + 1); // filled above
      if (isKilled) killed += 1;
      await watcher.look();
    }
  } finally {
    for (const child of ready) child.kill("SIGKILL");
  }
  assert.ok(killed >= 12, `killed \`${killed}\` times`);
  await ledger.beat();
  await watcher.hold(all);
});
