import { strict as assert } from "node:assert";
import { test } from "node:test";
import { bench } from "./import.bench.ts";

test("the bench of the import imports a small file, finds it unchanged, and measures its floor", async (t) => {
  const figures = await bench({ tiny: true });
  t.diagnostic(JSON.stringify(figures));
  assert.ok(figures.first.seconds > 0 && figures.again.seconds > 0);
  assert.ok(figures.floorSeconds > 0 && figures.ratioToFloor > 0);
});
