import { strict as assert } from "node:assert";
import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { test } from "node:test";
import { appendMany, newPlace, openTestLedger, Watcher } from "./harness.ts";

const CHILD = fileURLToPath(new URL("./killed-sequencer.ts", import.meta.url));

test("killed at every wait of the sequencer, what is acknowledged comes through and every checkpoint stays true", async () => {
  const place = await newPlace();
  const pool = place.connection;
  const ledger = await openTestLedger(place);
  const watcher = new Watcher(ledger);
  const all = await appendMany(place, ledger, 255);
  await ledger.beat();
  let killed = 0;
  for (let killAt = 1; ; killAt++) {
    assert.ok(killAt < 60, "it gets through at last");
    all.push(...(await appendMany(place, ledger, 2)));
    const child = spawn(
      process.execPath,
      [
        "--disable-warning=ExperimentalWarning",
        CHILD,
        JSON.stringify({ pool, home: place.home, name: place.name, killAt }),
      ],
      {
        stdio: ["ignore", "ignore", "inherit"],
        env: { ...process.env, NODE_COMPILE_CACHE: `${place.home}/compiled` }, // a third of a child's time
      },
    );
    const [code, signal] = await new Promise<[number | null, string | null]>((resolve) =>
      child.on("exit", (...how) => resolve(how)),
    );
    await watcher.look();
    if (signal === "SIGKILL") killed += 1;
    else {
      assert.equal(code, 0);
      break;
    }
  }
  assert.ok(killed >= 12, `killed \`${killed}\` times`);
  await ledger.beat();
  await watcher.hold(all);
});
