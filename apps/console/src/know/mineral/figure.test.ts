import assert from "node:assert/strict";
import { test } from "node:test";
import { amountText, figureText } from "./figure.ts";

test("an amount is shown in the largest unit that keeps it whole, and nothing is rounded", () => {
  assert.equal(amountText(240_000_000_000, "GRM"), "240\u202f000 t");
  assert.equal(amountText(1_500_000, "GRM"), "1500 kg");
  assert.equal(amountText(7, "GRM"), "7 g");
  assert.equal(amountText(180_000_000_000, "LTR"), "180\u202f000\u202f000 m³");
});

test("a withheld figure says so and is never zero", () => {
  assert.equal(figureText({ year: 2024, state: "withheld", amount: null, printed: "W" }, "GRM"), "withheld");
  assert.equal(figureText({ year: 2024, state: "estimated", amount: 2_000_000, printed: "2" }, "GRM"), "2 t, est.");
});
