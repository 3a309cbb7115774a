import { strict as assert } from "node:assert";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import fc from "fast-check";
import { cosineOfTurn, exponential, logarithm, lognormalMean, lognormalOf, pertMean } from "./risk-quantity.ts";

const near = (actual: number, expected: number, relative = 1e-13) =>
  assert.ok(
    Math.abs(actual - expected) <= relative * Math.max(Math.abs(expected), 1e-300),
    `${actual} is not ${expected}`,
  );

test("gives the published loss quantities (section 12, FAIR)", () => {
  near(0.1 * lognormalMean(lognormalOf({ low: 1, high: 10 })), 0.4040012826945718);
  near(lognormalMean(lognormalOf({ low: 635_000, high: 19_000_000 })), 5_922_706.83351131, 1e-12);
});

test("takes the PERT mean (section 9)", () => {
  near(pertMean({ low: 1, mode: 2, high: 9 }), 3);
});

test("its logarithm, exponential and cosine agree with the machine's", () => {
  fc.assert(
    fc.property(
      fc.double({ min: 1e-290, max: 1e290, noNaN: true }),
      fc.double({ min: -700, max: 700, noNaN: true }),
      (x, y) => {
        assert.ok(Math.abs(logarithm(x) - Math.log(x)) <= 1e-15 * Math.max(1, Math.abs(Math.log(x))) * 4);
        near(exponential(y), Math.exp(y), 4e-13); // the argument's own rounding grows with it
      },
    ),
  );
  fc.assert(
    fc.property(fc.double({ min: 0, max: 1, noNaN: true }), (t) =>
      assert.ok(Math.abs(cosineOfTurn(t) - Math.cos(2 * Math.PI * t)) <= 4e-15),
    ),
  );
  near(logarithm(5e-320), Math.log(5e-320), 1e-13);
  assert.equal(exponential(800), Number.POSITIVE_INFINITY);
  assert.equal(exponential(-800), 0);
});

test("refuses ranges that are not", () => {
  const refuses = (work: () => unknown) =>
    assert.throws(work, (error) => error instanceof Problem && error.code === "supply/number-invalid");
  for (const range of [
    { low: 0, high: 1 },
    { low: 2, high: 1 },
    { low: 1, high: Number.POSITIVE_INFINITY },
  ])
    refuses(() => lognormalOf(range));
  refuses(() => pertMean({ low: 1, mode: 0, high: 2 }));
});
