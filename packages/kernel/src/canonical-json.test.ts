import { strict as assert } from "node:assert";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import fc from "fast-check";
import { skipUnless, vectors } from "../../../test/shared.ts";
import { canonicalJson, Problem } from "./index.ts";

const folder = vectors("jcs/jcs-rfc8785/testdata");

test("writes the published RFC 8785 vectors byte for byte", { skip: skipUnless("shared", folder) }, () => {
  const names = readdirSync(join(folder!, "input"));
  assert.ok(names.length >= 6);
  for (const name of names) {
    const input: unknown = JSON.parse(readFileSync(join(folder!, "input", name), "utf8"));
    const hex = readFileSync(join(folder!, "outhex", name.replace(".json", ".txt")), "utf8").replace(/\s+/g, "");
    assert.equal(Buffer.from(canonicalJson(input)).toString("hex"), hex, name);
  }
});

test("is stable under a round trip and under key order", () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const value: unknown = JSON.parse(text);
      const canonical = canonicalJson(value);
      assert.equal(canonicalJson(JSON.parse(canonical)), canonical);
    }),
  );
});

test("refuses what JSON cannot say", () => {
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY, [undefined], "\ud800", 1n, () => 1]) {
    assert.throws(
      () => canonicalJson(value),
      (error) => error instanceof Problem && error.code === "canonical-json/unrepresentable",
    );
  }
});

test("refuses nesting deeper than 1,000 and takes 1,000", () => {
  const nested = (depth: number): unknown => JSON.parse("[".repeat(depth) + "]".repeat(depth));
  assert.equal(canonicalJson(nested(1_001)).length, 2_002);
  assert.throws(() => canonicalJson(nested(1_002)), Problem);
});
