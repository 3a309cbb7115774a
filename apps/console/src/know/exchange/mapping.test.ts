import assert from "node:assert/strict";
import { test } from "node:test";
import { chooseTable, columnAt, mapColumn, missingColumns, type SheetMapping } from "./mapping.ts";

const empty: SheetMapping = { sheet: "", table: "organisations", columns: [] };

test("a column of the table is filled by one column of the file", () => {
  const first = mapColumn(mapColumn(empty, 2, "name"), 0, "country");
  assert.deepEqual(first.columns, [
    { index: 0, column: "country" },
    { index: 2, column: "name" },
  ]);
  const moved = mapColumn(first, 1, "name");
  assert.equal(columnAt(moved, 1), "name");
  assert.equal(columnAt(moved, 2), undefined);
  assert.equal(columnAt(mapColumn(moved, 1, undefined), 1), undefined);
});

test("leaving a column out leaves out only that one", () => {
  const two = mapColumn(mapColumn(empty, 0, "name"), 1, "country");
  assert.deepEqual(mapColumn(two, 0, undefined).columns, [{ index: 1, column: "country" }]);
});

test("choosing another table forgets what the columns meant", () => {
  const mapped = mapColumn(empty, 0, "name");
  assert.deepEqual(chooseTable(mapped, "sites").columns, []);
  assert.deepEqual(chooseTable(mapped, "organisations"), mapped);
});

test("what a new object needs and no column holds is missing, until a column holds it", () => {
  const missing = missingColumns(empty);
  assert.ok(missing.includes("name") && missing.includes("country"), missing.join());
  assert.ok(!missingColumns(mapColumn(empty, 0, "name")).includes("name"));
  assert.deepEqual(missingColumns({ ...empty, table: null }), []);
});
