import assert from "node:assert/strict";
import { test } from "node:test";
import { csvCell, csvOf } from "./csv.ts";

test("cells with commas, quotes or line breaks are quoted (RFC 4180 2.6, 2.7)", () => {
  assert.equal(csvCell('a "b", c'), '"a ""b"", c"');
  assert.equal(csvCell("a\nb"), '"a\nb"');
  assert.equal(csvCell("plain"), "plain");
});

test("a text that a spreadsheet would run is made a text (OWASP CSV injection)", () => {
  assert.equal(csvCell("=HYPERLINK(1)"), "'=HYPERLINK(1)");
  assert.equal(csvCell("+1+cmd|' /C calc'!A0"), "'+1+cmd|' /C calc'!A0");
  assert.equal(csvCell("-2+3"), "'-2+3");
  assert.equal(csvCell("@SUM(1,2)"), `"'@SUM(1,2)"`);
  assert.equal(csvCell("\t=1"), "'\t=1");
  assert.equal(csvCell("＝1"), "'＝1");
});

test("numbers stay numbers, also negative ones and exact decimals in text", () => {
  assert.equal(csvCell(-5), "-5");
  assert.equal(csvCell("-12.5"), "-12.5");
  assert.equal(csvCell(12345678901234567890n), "12345678901234567890");
  assert.equal(csvCell(null), "");
});

test("the header carries the unit", () => {
  const columns = [
    { id: "name", header: "Name", value: (row: { name: string; mass: number }) => row.name },
    { id: "mass", header: "Output", unit: "t/y", value: (row: { name: string; mass: number }) => row.mass },
  ];
  assert.equal(csvOf([{ name: "A, B", mass: 7 }], columns), 'Name,Output (t/y)\r\n"A, B",7\r\n');
});
