import { strict as assert } from "node:assert";
import { test } from "node:test";
import fc from "fast-check";
import { parseDocument } from "../src/index.ts";

const parse = (text: string) => parseDocument(new TextEncoder().encode(text));

test("reads every JSON value as the platform does", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 5 }), (text) => {
      const parsed = parse(text);
      if (parsed.ok) assert.deepEqual(parsed.value, JSON.parse(text));
      else assert.match(parsed.problem.message, /twice/);
    }),
  );
});

test("refuses a name that is there twice, however it is written (RFC 7493 2.3)", () => {
  for (const text of ['{"a":1,"a":1}', '{"a":1,"\\u0061":2}', '[{"b":{"a\\\\":1 , "a\\\\" : 2}}]']) {
    const parsed = parse(text);
    assert.equal(parsed.ok ? "" : parsed.problem.code, "stix/document", text);
  }
  assert.ok(parse('{"a":{"a":["a","a"]},"b":[{"a":1},{"a":2}]}').ok);
});

test("refuses what is no JSON, no UTF-8 or nested beyond a hundred", () => {
  for (const text of ["", "{", "[1,]", '{"a"}', "'a'", "NaN", '"\\x"']) assert.equal(parse(text).ok, false, text);
  assert.equal(parseDocument(Uint8Array.of(0x22, 0xff, 0x22)).ok, false);
  assert.ok(parse("[".repeat(100) + "]".repeat(100)).ok);
  assert.equal(parse("[".repeat(101) + "]".repeat(101)).ok, false);
  assert.equal(parse("[".repeat(1_000_000)).ok, false);
});
