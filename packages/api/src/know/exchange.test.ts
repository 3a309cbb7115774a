import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import {
  csvLine,
  csvTemplateOf,
  currencyDigits,
  foldedHeader,
  plainCell,
  REMARK_SIGN,
  safeCell,
  safeFirstCell,
  TABLE_COLUMNS,
  TABLES,
  workbookTemplateOf,
} from "./exchange.ts";

test("escapes every beginning that a spreadsheet would calculate, and takes the escape off again", () => {
  for (const formula of [
    "=1+1",
    "+1+1",
    "-1+1",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "＝1",
    "＋1",
    "－1",
    "＠x",
    "=cmd|' /C calc'!A0",
  ]) {
    assert.match(safeCell(formula), /^'/, formula);
    assert.equal(plainCell(safeCell(formula)), formula);
  }
  for (const number of ["-9.9661", "0", "-12"]) assert.equal(safeCell(number), number);
});

test("gives every text back that it wrote", () => {
  const texts = fc.oneof(
    fc.string(),
    fc.string().map((text) => `'${text}`),
    fc.string().map((text) => `#${text}`),
  );
  fc.assert(
    fc.property(texts, (text) => {
      assert.equal(plainCell(safeCell(text)), text);
      assert.equal(plainCell(safeFirstCell(text)), text);
      assert.doesNotMatch(safeFirstCell(text), /^[#=+@\t\r＝＋－＠]/);
    }),
  );
});

test("quotes what RFC 4180 2.6 and 2.7 ask for", () => {
  assert.equal(csvLine(["a", 'say "b"', "c,d", "e\nf", ""]), 'a,"say ""b""","c,d","e\nf",\r\n');
});

test("has no header that two columns of one table answer to by their own name", () => {
  for (const name of TABLES) {
    const names = TABLE_COLUMNS[name].columns.map((column) => foldedHeader(column.name));
    assert.equal(new Set(names).size, names.length, name);
    for (const column of TABLE_COLUMNS[name].columns)
      for (const synonym of column.synonyms.split(" ")) {
        assert.equal(synonym, foldedHeader(synonym), `${name} ${column.name}`);
        assert.notEqual(synonym, foldedHeader(column.name), `${name} ${column.name}`);
      }
  }
});

test("writes a template whose rows below the header are all remarks", () => {
  for (const name of TABLES) {
    const lines = csvTemplateOf(name).slice(1).trimEnd().split("\r\n");
    assert.equal(lines.length, 3);
    assert.equal(lines[0], TABLE_COLUMNS[name].columns.map((column) => column.name).join(","));
    for (const line of lines.slice(1)) assert.match(line, new RegExp(`^"?${REMARK_SIGN}`));
  }
});

test("writes the same workbook twice, byte for byte", () => {
  assert.deepEqual(workbookTemplateOf(), workbookTemplateOf());
});

test("knows how many decimals a currency has (ISO 4217)", () => {
  assert.deepEqual(["EUR", "JPY", "KWD", "CLF", "eur", ""].map(currencyDigits), [2, 0, 3, 4, undefined, undefined]);
});
