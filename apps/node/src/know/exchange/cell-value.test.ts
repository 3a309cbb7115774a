import { strict as assert } from "node:assert";
import { test } from "node:test";
import { exchange } from "@holdfast/api";
import fc from "fast-check";
import { joinList, provenDecimal, readCell, scaled, shown, splitList } from "./cell-value.ts";

const read = (column: exchange.ColumnForm, text: string, decimal: exchange.ImportOptions["decimal"] = "point") => {
  const result = readCell(column, text, { decimal });
  return "value" in result ? result.value : result.rule;
};

test("reads numbers exactly, by the decimal sign that was told, and guesses nothing", () => {
  const quantity = { form: "quantity" } as const;
  for (const [text, value] of [
    ["12.50", "12.5"],
    ["007", "7"],
    ["0.000000001", "0.000000001"],
    ["0.0", "0"],
    ["-0.0", "0"],
    ["123456789012345.123456789", "123456789012345.123456789"],
  ] as const)
    assert.equal(read(quantity, text), value);
  for (const bad of ["1,5", "1 250", "1,234.5", "1e3", "+1", ".5", "5.", "NaN", "½", "٣"])
    assert.equal(read(quantity, bad), "cell/not-a-number", bad);
  assert.equal(read(quantity, "1,5", "comma"), "1.5");
  assert.equal(read(quantity, "1.234,5", "comma"), "cell/not-a-number");
  assert.equal(read({ form: "integer" }, "540.0"), 540);
  assert.equal(read({ form: "integer" }, "540.5"), "cell/not-an-integer");
});

test("refuses a number that could be thousands until the decimal sign is decided, and reads the others as with a point", () => {
  for (const form of ["quantity", "money", "integer"] as const) {
    for (const text of ["1,234", "1.234", "12,500", "-999.000", "100.001"])
      assert.equal(read({ form }, text, "undecided"), "cell/ambiguous-number", `${form} ${text}`);
    assert.equal(read({ form }, "1,234"), form === "integer" ? "cell/not-an-integer" : "cell/not-a-number");
  }
  const quantity = { form: "quantity" } as const;
  for (const [text, value] of [
    ["1234", "1234"],
    ["12.5", "12.5"],
    ["0.125", "0.125"],
    ["1234.567", "1234.567"],
    ["1.2345", "1.2345"],
  ] as const)
    assert.equal(read(quantity, text, "undecided"), value, text);
  for (const bad of ["12,5", "1,234,567", "1,234.5"])
    assert.equal(read(quantity, bad, "undecided"), "cell/not-a-number", bad);
  assert.equal(read(quantity, "1.234"), "1.234");
  assert.equal(read(quantity, "1,234", "comma"), "1.234");
  assert.equal(read({ form: "degrees" }, "52.520", "undecided"), 52.52);
  assert.equal(read({ form: "percent" }, "12.500 %", "undecided"), 125_000);
});

test("takes a decimal sign as proven only by a number that can be read in one way", () => {
  for (const [text, sign] of [
    ["12,5", "comma"],
    ["0,125", "comma"],
    ["1234,567", "comma"],
    ["1.234,5", "comma"],
    ["1.234.567", "comma"],
    ["12.5", "point"],
    ["1,234.5", "point"],
    ["1,234,567", "point"],
    ["1,234", undefined],
    ["1.234", undefined],
    ["1234", undefined],
    ["", undefined],
  ] as const)
    assert.equal(provenDecimal(text, true), sign, text);
  assert.equal(provenDecimal("13,405", false), "comma");
  assert.equal(provenDecimal("62.500 %", false), "point");
});

test("reads percentages as parts per million, to four decimals", () => {
  const percent = { form: "percent" } as const;
  for (const [text, ppm] of [
    ["60", 600_000],
    ["60 %", 600_000],
    ["12.5%", 125_000],
    ["0.0001", 1],
    ["100", 1_000_000],
  ] as const)
    assert.equal(read(percent, text), ppm);
  for (const bad of ["-1", "0.00001", "sixty", "%"]) assert.equal(read(percent, bad), "cell/not-a-percentage", bad);
});

test("scales a decimal without rounding", () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e12, max: 1e12 }), (minor) => {
      const digits = String(Math.abs(minor)).padStart(3, "0");
      assert.equal(scaled(`${minor < 0 ? "-" : ""}${digits.slice(0, -2)}.${digits.slice(-2)}`, 2), minor);
    }),
  );
  assert.equal(scaled("1.234", 2), undefined);
  assert.equal(scaled("99999999999999999", 2), undefined);
});

test("knows countries by code and English name, in any case and with accents", () => {
  for (const [text, code] of [
    ["de", "DE"],
    ["Germany", "DE"],
    ["GERMANY ", "DE"],
    ["Côte d’Ivoire", "CI"],
    ["Cote d'Ivoire", "CI"],
    ["United States", "US"],
  ] as const)
    assert.equal(read({ form: "country" }, text.trim()), code, text);
  for (const bad of ["UK", "XX", "Atlantis", "=1+1"])
    assert.equal(read({ form: "country" }, bad), "registry/unknown-country", bad);
});

test("knows choices by their words, their signs and their other names", () => {
  const unit = exchange.TABLE_COLUMNS.items.columns.find(({ name }) => name === "unit")!; // a column of the table
  for (const [text, code] of [
    ["kgm", "KGM"],
    ["kg", "KGM"],
    ["t", "TNE"],
    ["m³", "MTQ"],
    ["m3", "MTQ"],
    ["piece", "H87"],
    ["kWh", "KWH"],
  ] as const)
    assert.equal(read(unit, text), code, text);
  assert.equal(read(unit, "stone"), "cell/not-a-choice");
});

test("reads days and instants, and refuses a day that could be two", () => {
  const date = { form: "date" } as const;
  for (const [text, value] of [
    ["2024-05-06", "2024-05-06"],
    ["6.5.2024", "2024-05-06"],
    ["2024-05-06T12:30:00+02:00", "2024-05-06T12:30:00+02:00"],
    ["2024-05-06T12:30:00", "2024-05-06"],
  ] as const)
    assert.equal(read(date, text), value);
  for (const bad of ["05/06/2024", "2024-13-01", "31.02.2024", "yesterday", "45418"])
    assert.equal(read(date, bad), "cell/not-a-date", bad);
});

test("reads identifiers and hazards, and says which entry is none", () => {
  assert.deepEqual(read({ form: "identifiers" }, "DUNS:123|vat: DE1:2"), [
    { scheme: "duns", value: "123" },
    { scheme: "vat", value: "DE1:2" },
  ]);
  assert.equal(read({ form: "identifiers" }, "123"), "cell/not-an-identifier");
  assert.deepEqual(read({ form: "hazards" }, "Natural hazard:3|cyber:5:old PLCs: many"), [
    { threat: "natural-hazard", level: 3 },
    { threat: "cyber", level: 5, note: "old PLCs: many" },
  ]);
  for (const bad of ["cyber", "cyber:6", "boredom:1"])
    assert.equal(read({ form: "hazards" }, bad), "cell/not-a-hazard", bad);
});

test("splits a list as it was joined, whatever its entries hold", () => {
  const entry = fc
    .string({ minLength: 1 })
    .map((text) => text.trim())
    .filter((text) => text !== "");
  fc.assert(fc.property(fc.array(entry), (entries) => assert.deepEqual(splitList(joinList(entries)), entries)));
});

test("shows a hostile cell as one short line", () => {
  assert.equal(shown("a\u0000b\u001b[31m\nc\ud800", 80), "a b [31m c\ufffd");
  assert.equal(shown("x".repeat(81), 80), `${"x".repeat(80)}…`);
});
