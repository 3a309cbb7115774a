import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { choiceParam, parseSearch, stringifySearch, tableParams, textParam } from "./search-params.ts";

test("what is written to the URL is read back, whatever the text", () => {
  const name = fc.string({ minLength: 1 }).filter((text) => text !== "__proto__");
  const search = fc.dictionary(name, fc.string({ minLength: 1, unit: "grapheme" }));
  fc.assert(
    fc.property(search, (state) => {
      assert.deepEqual({ ...parseSearch(stringifySearch(state)) }, { ...state });
    }),
  );
});

test("numbers and true stay text, so that a filter for `1` is not lost", () => {
  assert.deepEqual(parseSearch("?filter=1&x=true"), { filter: "1", x: "true" });
});

test("a page drops what it does not know", () => {
  assert.deepEqual(tableParams({ filter: "a", sort: 7, tab: "x", row: "" }), { filter: "a" });
  assert.equal(choiceParam("map", ["table", "map"]), "map");
  assert.equal(choiceParam("constructor", ["table", "map"]), undefined);
  assert.equal(textParam("x".repeat(301)), undefined);
});
