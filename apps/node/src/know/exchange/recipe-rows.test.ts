import { strict as assert } from "node:assert";
import { test } from "node:test";
import { assembleRecipe, type RecipeLine } from "./recipe-rows.ts";
import { checkFields } from "./row-draft.ts";

const id = (n: number) => `00000000-0000-4000-8000-00000000000${n}`;
const pair = { site: id(1), item: id(2) };
const line = (row: number, more: Partial<RecipeLine> = {}): RecipeLine => ({
  row,
  input: "Magnets",
  quantityPerUnit: "0.5",
  supplierSite: id(3),
  supplierItem: id(4),
  ...more,
});

test("makes one input of the rows that share its name, wherever they stand", () => {
  const lines = [
    line(2, { sharePpm: 600_000, leadDays: 7 }),
    line(3, { input: "Wire", supplierSite: id(5) }),
    line(4, { supplierSite: id(6), sharePpm: 400_000 }),
  ];
  const { fields, faults } = assembleRecipe(pair, lines, undefined);
  assert.deepEqual(faults, []);
  assert.ok("draft" in checkFields("recipe", fields));
  assert.deepEqual(fields["groups"], [
    {
      name: "Magnets",
      essentiality: "essential",
      quantityPerUnit: "0.5",
      suppliers: [
        { site: id(3), item: id(4), sharePpm: 600_000, leadDays: 7 },
        { site: id(6), item: id(4), sharePpm: 400_000 },
      ],
    },
    {
      name: "Wire",
      essentiality: "essential",
      quantityPerUnit: "0.5",
      suppliers: [{ site: id(5), item: id(4), sharePpm: 1_000_000 }],
    },
  ]);
});

test("keeps the registry's order, so that another order of rows changes nothing", () => {
  const lines = [line(2, { sharePpm: 1 }), line(3, { supplierSite: id(6), sharePpm: 2 }), line(4, { input: "Wire" })];
  const before = assembleRecipe(pair, lines, undefined).fields;
  assert.deepEqual(assembleRecipe(pair, lines.toReversed(), before).fields, before);
});

test("allows an input without suppliers and a recipe without inputs", () => {
  const lone: RecipeLine = { row: 2, input: "Power", quantityPerUnit: "3", essentiality: "important" };
  assert.ok("draft" in checkFields("recipe", assembleRecipe(pair, [lone], undefined).fields));
  assert.deepEqual(assembleRecipe(pair, [{ row: 2 }], undefined).fields, { ...pair, groups: [] });
});

test("says in which row and column something is missing or contradicted", () => {
  const lines = [
    line(2, { sharePpm: 1 }),
    line(3, { quantityPerUnit: "0.6", supplierSite: id(6), sharePpm: 1 }),
    line(4, { sharePpm: 1, input: "Wire", quantityPerUnit: undefined }),
    { row: 5, input: "Wire", supplierItem: id(4) },
  ];
  const { faults } = assembleRecipe(pair, lines, undefined);
  assert.deepEqual(
    faults.map(({ row, column, rule }) => `${row} ${column} ${rule}`),
    [
      "3 quantity per unit row/contradiction",
      "4 quantity per unit row/required",
      "5 supplier site row/required",
      "5 share percent row/required",
    ],
  );
});

test("finds the row and column of a path in the draft", () => {
  const lines = [line(2, { sharePpm: 1 }), line(3, { supplierSite: id(6), sharePpm: 1 }), line(4, { input: "Wire" })];
  const { placeOf } = assembleRecipe(pair, lines, undefined);
  assert.deepEqual(placeOf("groups.0.suppliers.1.sharePpm"), { row: 3, column: "share percent" });
  assert.deepEqual(placeOf("groups.0.suppliers.1"), { row: 3, column: "supplier item" });
  assert.deepEqual(placeOf("groups.0.suppliers"), { row: 2, column: "share percent" });
  assert.deepEqual(placeOf("groups.1.quantityPerUnit"), { row: 4, column: "quantity per unit" });
  assert.deepEqual(placeOf("groups"), { row: 2, column: null });
  assert.deepEqual(placeOf("item"), { row: 2, column: "item" });
});
