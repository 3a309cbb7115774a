import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import fc from "fast-check";
import { JSON_DEPTH_MAX, parseJsonBody } from "./json-body.ts";

const parse = (text: string) => parseJsonBody(new TextEncoder().encode(text));
const refusedAs = (code: string) => (error: unknown) => error instanceof Problem && error.code === code;

const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

test("takes a body nested to the limit and refuses one level more", () => {
  assert.ok(Array.isArray(parse(nested(JSON_DEPTH_MAX))));
  assert.throws(
    () => parse(nested(JSON_DEPTH_MAX + 1)),
    (error) => error instanceof Problem && error.code === "http/body-too-deep",
  );
});

test("refuses a body nested 10,000 deep without exhausting the stack", () => {
  assert.throws(() => parse(nested(10_000)), Problem);
});

test("does not count brackets inside strings", () => {
  assert.equal(parse(JSON.stringify("[{".repeat(5_000))), "[{".repeat(5_000));
});

test("drops __proto__, so that no input reaches a prototype", () => {
  assert.deepEqual(Object.keys(parse('{"__proto__":{"admin":true},"a":1}') as object), ["a"]);
});

test("refuses what is not JSON", () => {
  assert.throws(
    () => parse("{a:1}"),
    (error) => error instanceof Problem && error.code === "http/not-json",
  );
});

test("refuses bytes that are not UTF-8 instead of replacing them (RFC 8259 section 8.1)", () => {
  for (const bytes of [[0xff], [0xc3], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf5, 0x80, 0x80, 0x80]])
    assert.throws(() => parseJsonBody(Uint8Array.from([0x22, ...bytes, 0x22])), refusedAs("http/not-utf8"));
  assert.equal(parse('"\u00e9😀"'), "\u00e9😀");
  assert.throws(() => parse('\ufeff{"a":1}'), refusedAs("http/not-json"));
});

test("refuses a name that one object has twice, however it is written (RFC 7493 section 2.3)", () => {
  const many = Array.from({ length: 40 }, (_, i) => `"n${i}":${i}`).join();
  for (const text of [
    '{"a":1,"a":2}',
    '{"a":1,"\\u0061":2}',
    '{"":1,"":1}',
    '[0,{"a":{"b":1,"c":[{"d":":"}],"b":2}}]',
    '{"a":{"x":1},"b":[],"a":1}',
    '{"__proto__":1,"__proto__":2}',
    `{${many},"n7":0}`,
    `{${many},"n39":0}`,
  ])
    assert.throws(() => parse(text), refusedAs("http/duplicate-name"), text);
  for (const text of [
    '{"a":{"a":{"a":1}},"b":[{"a":1},{"a":1}]}',
    '{"a":"a","b":"a\\":a","A":":"}',
    `[{${many}},{${many}}]`,
    '{"\\u00e9":1,"e\\u0301":2}',
  ])
    assert.deepEqual(parse(text), JSON.parse(text), text);
  assert.throws(() => parse('{"a":1,"a":}'), refusedAs("http/not-json"));
});

test("drops __proto__ however it is escaped", () => {
  assert.deepEqual(Object.keys(parse('{"a":{"\\u005f_proto__":{"admin":true}}}') as object), ["a"]);
  assert.deepEqual(parse('{"a":{"\\u005f_proto__":{"admin":true},"b":1}}'), { a: { b: 1 } });
});

test("reads everything else as JSON.parse does", () => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      if (text.includes("__proto__")) return;
      assert.deepEqual(parse(text), JSON.parse(text));
    }),
  );
});
