import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import fc from "fast-check";
import {
  CSV_FIELD_CHARACTERS_MAX,
  CSV_FIELDS_PER_ROW_MAX,
  csvLine,
  CsvReader,
  type CsvRow,
  csvRows,
} from "./csv-reader.ts";

const utf8 = (text: string) => new TextEncoder().encode(text);
const fields = (text: string) => csvRows(utf8(text)).map((row) => row.fields);
const refuses = (text: string | Uint8Array, code: string, row: number) =>
  assert.throws(
    () => csvRows(typeof text === "string" ? utf8(text) : text),
    (error) => error instanceof Problem && error.code === code && error.detail["row"] === row,
  );

test("reads quotes, a byte order mark and every kind of line end (RFC 4180 2)", () => {
  assert.deepEqual(fields('\ufeffa,b\r\n"x, ""y""",\n\n"two\nlines",2\r3,4'), [
    ["a", "b"],
    ['x, "y"', ""],
    ["two\nlines", "2"],
    ["3", "4"],
  ]);
});

test("counts rows as the lines of the file", () => {
  const lines = csvRows(utf8('a\r\n\r\n"b\nb"\nc')).map((row) => row.line);
  assert.deepEqual(lines, [1, 3, 5]);
});

test("refuses an open quote, text after a quote, a stray quote and bytes that are not UTF-8", () => {
  refuses('a\n"b', "supply/csv-malformed", 2);
  refuses('a\n"b"c', "supply/csv-malformed", 2);
  refuses('a\nb"c', "supply/csv-malformed", 2);
  refuses(Uint8Array.of(97, 10, 0xff), "supply/csv-malformed", 1);
});

test("takes a field of 10,000 characters and 20,000 fields, and refuses one more", () => {
  assert.equal(fields("x".repeat(CSV_FIELD_CHARACTERS_MAX)).length, 1);
  refuses("x".repeat(CSV_FIELD_CHARACTERS_MAX + 1), "supply/limit-exceeded", 1);
  assert.equal(fields(",".repeat(CSV_FIELDS_PER_ROW_MAX - 1))[0]!.length, CSV_FIELDS_PER_ROW_MAX);
  refuses(",".repeat(CSV_FIELDS_PER_ROW_MAX), "supply/limit-exceeded", 1);
});

test("reads back what it writes, however the bytes are cut", () => {
  const field = fc.string({ unit: "grapheme" }).filter((text) => !/^[=+\-@\t\r]/.test(text));
  const row = fc.array(field, { minLength: 2, maxLength: 5 });
  fc.assert(
    fc.property(fc.array(row), fc.integer({ min: 1, max: 7 }), (rows, size) => {
      const bytes = utf8(rows.map(csvLine).join(""));
      const read: CsvRow[] = [];
      const reader = new CsvReader((each) => read.push(each));
      for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
      reader.end();
      assert.deepEqual(
        read.map((each) => each.fields),
        rows.map((each) => [...each]),
      );
    }),
  );
});

test("writes a formula as text", () => {
  assert.equal(csvLine(["=cmd()", 1, "plain"]), "'=cmd(),1,plain\n");
});
