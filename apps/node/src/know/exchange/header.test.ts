import { strict as assert } from "node:assert";
import { test } from "node:test";
import { exchange } from "@holdfast/api";
import { findHeader, missingColumns, suggestMapping } from "./header.ts";

const rows = (...lines: string[][]) => lines.map((cells, i) => ({ row: i + 1, cells }));
const named = (table: exchange.TableName, titles: readonly string[]) =>
  suggestMapping(table, titles).map(({ index, column }) => `${titles[index]} -> ${column}`);

test("recognises every table by the header of its own template", () => {
  for (const table of exchange.TABLES) {
    const titles = exchange.TABLE_COLUMNS[table].columns.map(({ name }) => name);
    assert.equal(findHeader(rows(titles), "Sheet1")?.table, table);
    assert.deepEqual(
      suggestMapping(table, titles).map(({ column }) => column),
      titles,
    );
  }
});

test("takes the names that companies use, each column once, an exact name before a synonym", () => {
  assert.deepEqual(
    named("sites", ["Plant Name", "Type", "Company", "Land", "Lat.", "LON", "identifier:DUNS", "colour"]),
    [
      "Plant Name -> name",
      "Type -> kind",
      "Company -> organisation",
      "Land -> country",
      "Lat. -> latitude",
      "LON -> longitude",
      "identifier:DUNS -> identifier:duns",
    ],
  );
  assert.deepEqual(named("sites", ["plant", "name", "location"]), ["name -> name", "location -> address"]);
  assert.deepEqual(named("stocks", ["identifier:duns", "site", "item", "quantity"]), [
    "site -> site",
    "item -> item",
    "quantity -> quantity",
  ]);
});

test("finds the header below a title and through cells merged over two rows", () => {
  const top = rows(
    ["Suppliers 2024", "", "", ""],
    ["# remark", "", "", ""],
    ["Name", "Type", "Position", "", "Company", "Country"],
    ["", "", "Latitude", "Longitude", "", ""],
    ["Kiruna", "plant", "1", "2", "Acme", "SE"],
  );
  const header = findHeader(top, "Sheet1");
  assert.equal(header?.row, 4);
  assert.equal(header.table, "sites");
  assert.deepEqual(header.titles, ["Name", "Type", "Latitude", "Longitude", "Company", "Country"]);
});

test("lets a sheet's name decide, gives the first full row where nothing is recognised, and says what lacks", () => {
  assert.equal(findHeader(rows(["site", "item", "quantity"]), "Demands")?.table, "demands");
  assert.deepEqual(findHeader(rows(["x"], ["foo", "bar"]), ""), { row: 2, titles: ["foo", "bar"], table: null });
  assert.equal(findHeader([], ""), undefined);
  assert.deepEqual(missingColumns("sites", suggestMapping("sites", ["name", "country"])), ["kind", "organisation"]);
});
