import { strict as assert } from "node:assert";
import { test } from "node:test";
import { bench } from "./custody.bench.ts";

test("measures a tiny pedigree and a tiny world", async () => {
  const result = await bench({ tiny: true });
  for (const name of ["walkMsP99", "buildAndWalkMsP99", "floorPassMs", "ratioToFloor", "findingsEventsPerSecond"])
    assert.ok(Number(result[name]) > 0, name);
  assert.equal(result["worldFindings"], 0);
});
