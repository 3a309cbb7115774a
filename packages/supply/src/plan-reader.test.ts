import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import { readPlanProblem } from "./plan-reader.ts";

const measure = { id: "m", cost: 5, reduces: { flood: 0.5 } };
const document = {
  scenarios: [
    { id: "fire", loss: 10 },
    { id: "flood", loss: 20 },
  ],
  measures: [measure],
  budget: 7,
};

test("reads reductions by scenario, and a budget from outside before the document's", () => {
  const problem = readPlanProblem(document);
  assert.deepEqual(
    [Array.from(problem.measures[0]!.reduction), problem.budget, problem.meanWeight],
    [[0, 0.5], 7, 0.5],
  );
  assert.equal(readPlanProblem(document, 3).budget, 3);
});

test("names the path of what it refuses", () => {
  const refuses = (changed: object, code: string, path: string) =>
    assert.throws(
      () => readPlanProblem({ ...document, ...changed }),
      (error) => error instanceof Problem && error.code === code && error.detail["path"] === path,
    );
  refuses({ measures: [{ ...measure, reduces: { storm: 1 } }] }, "supply/reference-unknown", "measures[0].reduces");
  refuses({ measures: [{ ...measure, reduces: { flood: 2 } }] }, "supply/number-invalid", "measures[0].reduces");
  refuses({ measures: [{ ...measure, mustBuy: 1 }] }, "supply/document-malformed", "measures[0].mustBuy");
  refuses({ measures: [measure, measure] }, "supply/id-duplicate", "measures[1].id");
  refuses({ budget: undefined }, "supply/number-invalid", "budget");
  refuses(
    {
      scenarios: [
        { id: "flood", loss: 1, probability: 1 },
        { id: "fire", loss: 1 },
      ],
    },
    "supply/document-malformed",
    "scenarios",
  );
});
