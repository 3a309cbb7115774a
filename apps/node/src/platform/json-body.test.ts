import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import { JSON_DEPTH_MAX, parseJsonBody } from "./json-body.ts";

const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

test("takes a body nested to the limit and refuses one level more", () => {
  assert.ok(Array.isArray(parseJsonBody(nested(JSON_DEPTH_MAX))));
  assert.throws(
    () => parseJsonBody(nested(JSON_DEPTH_MAX + 1)),
    (error) => error instanceof Problem && error.code === "http/body-too-deep",
  );
});

test("refuses a body nested 10,000 deep without exhausting the stack", () => {
  assert.throws(() => parseJsonBody(nested(10_000)), Problem);
});

test("does not count brackets inside strings", () => {
  assert.equal(parseJsonBody(JSON.stringify("[{".repeat(5_000))), "[{".repeat(5_000));
});

test("drops __proto__, so that no input reaches a prototype", () => {
  assert.deepEqual(Object.keys(parseJsonBody('{"__proto__":{"admin":true},"a":1}') as object), ["a"]);
});

test("refuses what is not JSON", () => {
  assert.throws(
    () => parseJsonBody("{a:1}"),
    (error) => error instanceof Problem && error.code === "http/not-json",
  );
});
