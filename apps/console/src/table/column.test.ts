import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { compareValues, matches, nextSort, parseSort, turnColumn, visibleColumns } from "./column.ts";

interface Row {
  readonly name: string;
  readonly output: number | null;
}
const columns = [
  { id: "name", header: "Name", value: (row: Row) => row.name },
  { id: "output", header: "Output", value: (row: Row) => row.output },
  { id: "note", header: "Note", value: () => "", isExtra: true, sortable: false },
];

test("numbers sort by size, names as people read them, and absent values last", () => {
  assert.deepEqual([10, null, 9, 2n].sort(compareValues), [2n, 9, 10, null]);
  assert.deepEqual(["Site 10", "site 9", "Äland"].sort(compareValues), ["Äland", "site 9", "Site 10"]);
});

test("comparing values is antisymmetric, so that sorting is stable in both directions", () => {
  const value = fc.oneof(fc.string(), fc.integer(), fc.bigInt(), fc.constant(null));
  fc.assert(
    fc.property(
      value,
      value,
      (a, b) => Math.sign(compareValues(a, b)) === -Math.sign(compareValues(b, a)) || compareValues(a, b) === 0,
    ),
  );
});

test("a filter finds all its words in any column, without case or accents", () => {
  const row = { name: "Mina São José", output: 42 };
  assert.ok(matches(row, columns, "jose 42"));
  assert.ok(matches(row, columns, "  "));
  assert.ok(!matches(row, columns, "jose 43"));
});

test("a sort from the URL that names no sortable column is no sort", () => {
  assert.deepEqual(parseSort("-output", columns), { id: "output", desc: true });
  assert.equal(parseSort("note", columns), undefined);
  assert.equal(parseSort("__proto__", columns), undefined);
});

test("pressing a head goes ascending, descending, as delivered", () => {
  assert.equal(nextSort(undefined, "name"), "name");
  assert.equal(nextSort("name", "name"), "-name");
  assert.equal(nextSort("-name", "name"), undefined);
  assert.equal(nextSort("output", "name"), "name");
});

test("turning a column shows what was hidden and hides what was shown, and turning it back leaves no trace", () => {
  const ids = (turned: string | undefined) => visibleColumns(columns, turned).map((column) => column.id);
  assert.deepEqual(ids(undefined), ["name", "output"]);
  const turned = turnColumn(turnColumn(undefined, "note"), "name");
  assert.deepEqual(ids(turned), ["output", "note"]);
  assert.equal(turnColumn(turnColumn(turned, "note"), "name"), undefined);
});
