import assert from "node:assert/strict";
import { test } from "node:test";
import { formatHhi, hhiLook } from "./hhi.ts";

test("a range is shown where part of the whole is unknown", () => {
  assert.equal(formatHhi({ low: 2_540, high: 2_540 }), "2540");
  assert.equal(formatHhi({ low: 2_100, high: 2_900 }), "2100 to 2900");
});

test("the cautious end decides the word (US merger guidelines 2023: above 1,800 and above 1,000)", () => {
  assert.equal(hhiLook({ low: 1, high: 5_001 }).tone, "attention");
  assert.equal(hhiLook({ low: 1, high: 1_801 }).word, "highly concentrated");
  assert.equal(hhiLook({ low: 1_800, high: 1_800 }).word, "moderately concentrated");
  assert.equal(hhiLook({ low: 1_000, high: 1_000 }).word, "spread");
});
