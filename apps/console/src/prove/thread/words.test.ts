import { strict as assert } from "node:assert";
import { test } from "node:test";
import { amountsWords, kilograms, stepWords, thingHref } from "./words.ts";

test("grams are shown as kilograms without losing a digit", () => {
  const cases = [
    ["0", "0"],
    ["5", "0.005"],
    ["1500", "1.5"],
    ["-1500.25", "-1.50025"],
    ["18000000", "18000"],
  ] as const;
  for (const [grams, expected] of cases) assert.equal(kilograms(grams), expected);
});

test("an amount that is partly unknown says so", () => {
  assert.equal(amountsWords([{ value: "3", unit: "count" }], true), "3\u00a0pcs and some, unknown how much");
  assert.equal(amountsWords([], true), "some, unknown how much");
});

test("a thing's page holds its identifier in one part of the path", () => {
  assert.equal(
    thingHref("https://id.gs1.org/01/1/10/A", "map"),
    "/prove/lots/https%3A%2F%2Fid.gs1.org%2F01%2F1%2F10%2FA?tab=map",
  );
  assert.equal(stepWords("creating_class_instance"), "Creating class instance");
});
