import { strict as assert } from "node:assert";
import { randomUUID } from "node:crypto";
import { test } from "node:test";
import fc from "fast-check";
import { RowSet, SeenObjects } from "./seen-objects.ts";

test("keeps the first row of each object, as a Map would", () => {
  const ids = Array.from({ length: 5_000 }, () => randomUUID());
  const seen = new SeenObjects();
  const plain = new Map<string, number>();
  for (let i = 0; i < 20_000; i++) {
    const id = ids[(i * 7_919) % ids.length]!; // the remainder is within the list
    seen.add(id, i + 1);
    if (!plain.has(id)) plain.set(id, i + 1);
  }
  for (const id of ids) assert.equal(seen.rowOf(id), plain.get(id));
  assert.equal(seen.rowOf(randomUUID()), undefined);
});

test("holds the rows that were added and no others, as a Set would", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 50_000 })), fc.integer({ min: 1, max: 50_000 }), (rows, other) => {
      const set = new RowSet();
      for (const row of rows) set.add(row);
      for (const row of [...rows, other]) assert.equal(set.has(row), rows.includes(row));
      assert.equal(set.size, new Set(rows).size);
    }),
  );
});
