import assert from "node:assert/strict";
import { test } from "node:test";
import { designation } from "@holdfast/api";
import fc from "fast-check";
import { blankCondition, conditionText, MEASURES, type Measure, ruleIdOf } from "./condition-text.ts";

const measures = Object.keys(MEASURES) as Measure[]; // the keys of a Record over Measure

test("every measure has a blank that the contract takes, and words", () => {
  for (const measure of measures) {
    const blank = designation.condition.parse(blankCondition(measure));
    assert.equal(blank.measure, measure);
    assert.ok(conditionText(blank).length > 10);
  }
});

test("a condition reads as a sentence about the site", () => {
  assert.equal(
    conditionText({ measure: "world-output-share", atLeastPpm: 125_000, listed: true }),
    "makes at least 12.5 % of the world's output of an item that is on a list",
  );
  assert.equal(conditionText({ measure: "country", anyOf: ["CN", "US"] }), "lies in China or United States");
});

test("a rule's id is one that the contract takes, and new", () => {
  const id = designation.criteriaRule.shape.id;
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.array(fc.string()), (title, taken) => {
      const made = ruleIdOf(title, taken);
      assert.ok(id.safeParse(made).success, made);
      assert.ok(!taken.includes(made));
    }),
  );
  assert.equal(ruleIdOf("Sole source, listed", ["sole-source-listed"]), "sole-source-listed-2");
});
