import { strict as assert } from "node:assert";
import { test } from "node:test";
import { z } from "zod";
import { digits } from "./digits.ts";
import { PAGE_LIMIT_DEFAULT, PAGE_LIMIT_MAX, pageQuery } from "./page.ts";

test("a number of a query is written in decimal digits and in no other way", () => {
  const number = digits(0, 1_000);
  for (const [text, value] of [
    ["0", 0],
    ["1000", 1_000],
    ["007", 7],
  ] as const)
    assert.equal(number.parse(text), value);
  for (const bad of ["1e3", "0x10", "0b1", " 7", "7 ", "+7", "-0", "7.0", "", "Infinity", "٣", "1001", "1_000"])
    assert.equal(number.safeParse(bad).success, false, bad);
  assert.equal(digits(1).safeParse("9007199254740993").success, false);
});

test("a page's limit is from 1 to the most, and has its default", () => {
  assert.equal(pageQuery.parse({}).limit, PAGE_LIMIT_DEFAULT);
  assert.equal(pageQuery.parse({ limit: String(PAGE_LIMIT_MAX) }).limit, PAGE_LIMIT_MAX);
  for (const limit of ["0", String(PAGE_LIMIT_MAX + 1), "1e2"])
    assert.equal(pageQuery.safeParse({ limit }).success, false, limit);
});

test("a description still says what a left-out limit is", () => {
  const { properties } = z.toJSONSchema(pageQuery, { io: "input" });
  const description = `${PAGE_LIMIT_DEFAULT} when it is left out`;
  assert.deepEqual(properties?.["limit"], { type: "integer", minimum: 1, maximum: PAGE_LIMIT_MAX, description });
});
