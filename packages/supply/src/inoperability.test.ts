import { strict as assert } from "node:assert";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { Problem } from "@holdfast/kernel";
import fc from "fast-check";
import { skipUnless, vectors } from "../../../test/shared.ts";
import { csvRows } from "./csv-reader.ts";
import {
  inoperability,
  inoperabilityOverTime,
  interdependencyByDemand,
  interdependencyBySupply,
  interdependencyIndex,
  lostOperation,
  matrixFromEntries,
  recoveryRate,
  technicalCoefficients,
} from "./inoperability.ts";

const folder = vectors("supply/iim-diim");
const withVectors = { skip: skipUnless("shared", folder) };

const table = (name: string) => csvRows(readFileSync(join(folder!, name))).map((row) => row.fields);
const numbers = (rows: readonly (readonly string[])[]) => rows.map((row) => row.map(Number));
const settings = (number: number) => JSON.parse(readFileSync(join(folder!, `test_case${number}.json`), "utf8"));
/** The perturbed sectors of a case as a vector, and the steps during which they are. */
const perturbation = (number: number, names: readonly string[]) => {
  const { pinfra = [], cvalue = [] } = settings(number).Perturbation ?? {};
  return names.map((name) => (pinfra.includes(name) ? cvalue[pinfra.indexOf(name)] : 0) as number);
};
const near = (actual: readonly number[], expected: readonly number[], tolerance: number) => {
  assert.equal(actual.length, expected.length);
  for (const [i, value] of actual.entries())
    assert.ok(Math.abs(value - expected[i]!) <= tolerance, `${actual.join()} is not ${expected.join()}`);
};

for (const [number, expected, tolerance] of [
  [1, [0.571, 0.714], 1e-3],
  [3, [0.7, 0.78, 1, 1], 1e-2],
  [4, [0.04, 0.02, 0.14], 1e-2],
  [7, [0.066, 0.112], 1e-3],
] as const)
  test(`gives the published inoperability of case ${number} (section 12)`, withVectors, () => {
    const [names, ...rows] = table(settings(number).DIIM.amat_file);
    near(inoperability(numbers(rows), perturbation(number, names!)), expected, tolerance);
  });

test("gives the published inoperability of case 2, a matrix of entries (section 12)", withVectors, () => {
  const [names, ...rows] = table(settings(2).DIIM.amat_file);
  const entries = numbers(rows).map(([row, column, value]) => [row!, column!, value!] as const);
  near(inoperability(matrixFromEntries(names!.length, entries), perturbation(2, names!)), [0.571, 0.714], 1e-3);
});

test("gives the published coefficients of cases 5 and 6, the supply form (section 12)", withVectors, () => {
  const [, ...rows] = table(settings(5).DIIM.amat_file);
  const flows = numbers(rows.slice(0, -1));
  const outputs = numbers(rows).at(-1)!;
  near(technicalCoefficients(flows, outputs)[0]!, [0.14, 0.17, 0.26, 0.14], 0.015);
  const [, ...again] = table(settings(6).DIIM.amat_file);
  near(
    interdependencyBySupply(numbers(again.slice(0, -1)), numbers(again).at(-1)!)[0]!,
    [0.14, 0.11, 0.2, 0.14],
    0.015,
  );
  near(
    interdependencyByDemand(
      [
        [2, 1],
        [1, 0],
      ],
      [4, 5],
    )[0]!,
    [0.5, 0.25],
    0,
  );
});

test("gives the published interdependency indices of cases 8 and 9 (section 12)", withVectors, () => {
  for (const number of [8, 9]) {
    const matrix = numbers(table(settings(number).DIIM.amat_file).slice(1));
    near([interdependencyIndex(matrix, 2, 1, 2)], [0.9], 1e-9);
    near([interdependencyIndex(matrix, 2, 1, 3)], [0.288], 1e-9);
    near([interdependencyIndex(matrix, 0, 1, 3)], [0.324], 1e-9);
  }
});

const dynamic = (number: number) => {
  const { DIIM, Perturbation } = settings(number);
  const [names, ...rows] = table(DIIM.amat_file);
  const [from, to] = Perturbation?.ptime[0] ?? [0, 0];
  const held = perturbation(number, names!);
  return inoperabilityOverTime({
    interdependency: numbers(rows),
    recovery: table(DIIM.kmat_file).map((row) => Number(row[1])),
    ...(DIIM.q0_file ? { start: table(DIIM.q0_file).map((row) => Number(row[1])) } : {}),
    perturbationAt: (step) => (step > from && step <= to ? held : held.map(() => 0)),
    steps: DIIM.time_steps,
  });
};

test("reaches the static answer of case 7 at the end of case 10 (section 12)", withVectors, () => {
  const end = dynamic(10).at(-1)!;
  near(end, [0.066, 0.112], 1e-3);
  const rows = table(settings(10).DIIM.amat_file);
  near(end, inoperability(numbers(rows.slice(1)), perturbation(10, rows[0]!)), 1e-6);
});

test("recovers to nothing in case 11 (section 12)", withVectors, () => {
  near(dynamic(11).at(-1)!, [0, 0], 1e-3);
});

test("loses as much operation as published in case 12 (section 12)", withVectors, () => {
  near(lostOperation(dynamic(12)), [1.98014435, 3.366317449], 1e-6);
});

test("a larger perturbation never lowers an inoperability (section 14, 8)", () => {
  const part = fc.double({ min: 0, max: 1, noNaN: true });
  const matrix = fc.array(fc.array(fc.double({ min: 0, max: 0.3, noNaN: true }), { minLength: 3, maxLength: 3 }), {
    minLength: 3,
    maxLength: 3,
  });
  fc.assert(
    fc.property(matrix, fc.tuple(part, part, part), fc.nat(2), (a, c, raised) => {
      const more = c.map((value, i) => (i === raised ? Math.min(1, value + 0.2) : value));
      const [low, high] = [inoperability(a, c), inoperability(a, more)];
      for (const [i, q] of low.entries()) assert.ok(q <= high[i]! + 1e-12 && q >= 0 && high[i]! <= 1);
    }),
  );
});

test("finds the recovery rate that an observed recovery had", () => {
  near([recoveryRate({ from: 0.5, to: 0.05, steps: 10, ownDependency: 0 })], [Math.log(10) / 10], 1e-12);
});

test("refuses what is not square, not a part, or amplifies itself", () => {
  const refuses = (code: string, work: () => unknown) =>
    assert.throws(work, (error) => error instanceof Problem && error.code === code);
  refuses("supply/document-malformed", () => inoperability([[0, 1]], [1]));
  refuses("supply/document-malformed", () => inoperability([[0]], [1, 1]));
  refuses("supply/document-malformed", () => inoperability([], []));
  refuses("supply/number-invalid", () => inoperability([[-0.1]], [1]));
  refuses("supply/number-invalid", () => inoperability([[0.1]], [1.5]));
  refuses("supply/number-invalid", () => matrixFromEntries(1, [[0, 1, 1]]));
  refuses("supply/number-invalid", () => recoveryRate({ from: 0.1, to: 0.5, steps: 1, ownDependency: 0 }));
  refuses("supply/no-convergence", () =>
    inoperability(
      [
        [0, 1],
        [1, 0],
      ],
      [1, 0],
    ),
  );
  refuses("supply/no-convergence", () => inoperability([[1.2]], [0.1]));
  refuses("supply/output-zero", () => technicalCoefficients([[1]], [0]));
  refuses("supply/option-invalid", () => interdependencyIndex([[0.1]], 0, 0, 0));
  refuses("supply/option-invalid", () => interdependencyIndex([[0.1]], 0, 1, 1));
  const model = { interdependency: [[0.1]], recovery: [0.5], perturbationAt: () => [0] };
  refuses("supply/option-invalid", () => inoperabilityOverTime({ ...model, steps: 0 }));
});
