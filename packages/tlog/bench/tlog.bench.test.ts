import { strict as assert } from "node:assert";
import { test } from "node:test";
import { bench } from "./tlog.bench.ts";

test("measures a tiny tree against its floor", async () => {
  const result = await bench({ tiny: true });
  for (const name of [
    "bareHashesPerSecond",
    "treeLeavesPerSecond",
    "ratioToFloor",
    "portableTreeLeavesPerSecond",
    "resumeMs",
  ])
    assert.ok(Number(result[name]) > 0, name);
});
