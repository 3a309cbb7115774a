import { strict as assert } from "node:assert";
import { test } from "node:test";
import { type SheetAnalysis, suggestDecimal } from "./analysis.ts";

const stocks = (...quantities: string[]): SheetAnalysis => ({
  sheet: "stocks",
  table: "stocks",
  header: ["quantity"],
  headerRow: 1,
  suggestion: [{ index: 0, column: "quantity" }],
  missing: [],
  rows: quantities.map((cell, n) => ({ row: n + 2, cells: [cell] })),
});

test("a comma is the decimal sign where it can be nothing else, and a number that could be two suggests nothing", () => {
  assert.equal(suggestDecimal([stocks("12,5")], "csv"), "comma");
  assert.equal(suggestDecimal([stocks("0,125", "7")], "csv"), "comma", "no thousands begin with a nought");
  assert.equal(suggestDecimal([stocks("1234,567")], "csv"), "comma", "nor do they come in fours");
  assert.equal(suggestDecimal([stocks("1,234", "12,500")], "csv"), "undecided");
  assert.equal(suggestDecimal([stocks("1.234", "12.500")], "csv"), "undecided");
  assert.equal(suggestDecimal([stocks("1.234", "12.500")], "xlsx"), "point", "a workbook stores numbers");
  assert.equal(suggestDecimal([stocks("1,234", "12,5")], "csv"), "comma");
  assert.equal(suggestDecimal([stocks("12,5", "12.5")], "csv"), "undecided");
});
