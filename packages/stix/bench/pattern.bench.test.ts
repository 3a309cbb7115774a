import { strict as assert } from "node:assert";
import { test } from "node:test";
import { bench } from "./pattern.bench.ts";

test("a tiny pattern bench runs and its verdicts are those of the plain evaluator", async () => {
  const figures = await bench({ tiny: true });
  assert.ok(figures.observationsPerSecond > 0 && figures.ratioToFloor > 0);
  assert.equal(figures.checkedAgainstPlain, 20);
});
