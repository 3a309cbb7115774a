/**
 * Inoperability input-output models (reference sheet section 8): how a loss of function in one infrastructure spreads to
 * those that need it. Haimes and Jiang 2001 (static), Lian and Haimes 2006 (dynamic, with recovery).
 * Matrices are row-major arrays of rows: `a[i][j]` is how much of infrastructure i fails when j fails entirely.
 * Invariants: every inoperability lies in [0, 1]; a larger perturbation never lowers one. Refuses matrices that are not
 * square, negative entries, perturbations outside [0, 1], and interdependencies that amplify themselves without end.
 * Indexing with `!` is bounded by the checked size.
 */
import { supplyProblem } from "./supply-problem.ts";

export type Matrix = readonly (readonly number[])[];

export const INFRASTRUCTURES_MAX = 1_000; // a dense solve: 10^9 steps

/** A* of the demand form from inter-sector flows z and total outputs x: a*_ij = z_ij / x_i. @throws Problem */
export function interdependencyByDemand(flows: Matrix, outputs: readonly number[]): number[][] {
  checkSquare(flows, outputs.length);
  return flows.map((row, i) => row.map((flow) => ratio(flow, outputs[i]!)));
}

/** Technical coefficients a_ij = z_ij / x_j. @throws Problem */
export function technicalCoefficients(flows: Matrix, outputs: readonly number[]): number[][] {
  checkSquare(flows, outputs.length);
  return flows.map((row) => row.map((flow, j) => ratio(flow, outputs[j]!)));
}

/** A* of the supply form: the transpose of the technical coefficients. @throws Problem */
export function interdependencyBySupply(flows: Matrix, outputs: readonly number[]): number[][] {
  const a = technicalCoefficients(flows, outputs);
  return a.map((_, i) => a.map((row) => row[i]!));
}

/** Rows and columns of a matrix given by its non-zero entries `[row, column, value]`. @throws Problem */
export function matrixFromEntries(size: number, entries: readonly (readonly [number, number, number])[]): number[][] {
  const rows = Array.from({ length: size }, () => zeros(size));
  for (const [row, column, value] of entries) {
    const cells = rows[row];
    if (!cells || !(Number.isInteger(column) && column >= 0 && column < size))
      throw supplyProblem(
        "supply/number-invalid",
        `entry (\`${row}\`, \`${column}\`) is outside ${size} rows and columns`,
      );
    cells[column] = value;
  }
  return rows;
}

/**
 * q = (I - A*)^-1 c*, each q capped at 1 after the solve. O(n^3).
 * @throws Problem `supply/no-convergence` when the spectral radius of A* is 1 or more
 */
export function inoperability(interdependency: Matrix, perturbation: readonly number[]): number[] {
  checkInterdependency(interdependency);
  checkPart("perturbation", perturbation, interdependency.length);
  return solveDiagonallyLed(interdependency, perturbation).map((q) => Math.min(1, Math.max(0, q)));
}

/** The element of (A*)^order: how much i depends on j over `order` steps. @throws Problem */
export function interdependencyIndex(interdependency: Matrix, from: number, on: number, order: number): number {
  checkInterdependency(interdependency);
  if (interdependency[from] === undefined || interdependency[on] === undefined)
    throw supplyProblem("supply/option-invalid", `no infrastructure \`${from}\` or \`${on}\``);
  if (!(Number.isInteger(order) && order >= 1 && order <= INFRASTRUCTURES_MAX))
    throw supplyProblem("supply/option-invalid", `order \`${order}\` is not a whole number from 1`);
  let row: readonly number[] = interdependency[from];
  for (let step = 1; step < order; step++)
    row = row.map((_, j) => row.reduce((sum, part, k) => sum + part * interdependency[k]![j]!, 0));
  return row[on]!;
}

export interface DynamicInoperability {
  readonly interdependency: Matrix;
  /** [infrastructures], rate of recovery per step, 0 < k <= 1. */
  readonly recovery: readonly number[];
  /** [infrastructures] at step 0, default none. */
  readonly start?: readonly number[];
  /** Perturbation that arrives at step t = 1, 2, …; [infrastructures]. */
  readonly perturbationAt: (step: number) => readonly number[];
  /** Samples, that at step 0 included. */
  readonly steps: number;
}

export const STEPS_MAX = 1_000_000; // a year of half minutes

/** [steps][infrastructures]: q(t+1) = q(t) + K (A* q(t) + c*(t+1) - q(t)). @throws Problem */
export function inoperabilityOverTime(model: DynamicInoperability): number[][] {
  const { interdependency, recovery, perturbationAt, steps } = model;
  checkInterdependency(interdependency);
  const size = interdependency.length;
  checkPart("recovery", recovery, size);
  checkPart("start", model.start ?? [], model.start ? size : 0);
  if (!(Number.isInteger(steps) && steps >= 1 && steps <= STEPS_MAX))
    throw supplyProblem("supply/option-invalid", `\`${steps}\` steps are not a whole number from 1 to ${STEPS_MAX}`);
  const course = [[...(model.start ?? zeros(size))]];
  for (let step = 1; step < steps; step++) {
    const q = course[step - 1]!;
    const perturbation = perturbationAt(step);
    checkPart("perturbation", perturbation, size);
    course.push(
      q.map((at, i) => {
        const drive = interdependency[i]!.reduce((sum, part, j) => sum + part * q[j]!, perturbation[i]!);
        return Math.min(1, Math.max(0, at + recovery[i]! * (drive - at)));
      }),
    );
  }
  return course;
}

/** [infrastructures], the area under each course by the trapezoid rule: lost steps of full operation. */
export function lostOperation(course: Matrix): number[] {
  const last = course.length - 1;
  return (course[0] ?? []).map((_, i) =>
    course.reduce((sum, q, step) => sum + q[i]! * (last > 0 && (step === 0 || step === last) ? 0.5 : 1), 0),
  );
}

/** k = ln(q(0) / q(T)) / (T (1 - a*)): the rate that recovers from q(0) to q(T) in T steps. @throws Problem */
export function recoveryRate(observed: { from: number; to: number; steps: number; ownDependency: number }): number {
  const rate = Math.log(observed.from / observed.to) / (observed.steps * (1 - observed.ownDependency));
  if (rate > 0 && rate < Number.POSITIVE_INFINITY) return rate;
  throw supplyProblem(
    "supply/number-invalid",
    `a recovery from \`${observed.from}\` to \`${observed.to}\` has no rate`,
  );
}

function zeros(size: number): number[] {
  return Array.from({ length: size }, () => 0);
}

function ratio(flow: number, output: number): number {
  if (!(output > 0)) throw supplyProblem("supply/output-zero", `an output of \`${output}\` is not positive`);
  return flow / output;
}

function checkSquare(matrix: Matrix, size: number): void {
  if (size === 0 || size > INFRASTRUCTURES_MAX || matrix.length !== size || matrix.some((row) => row.length !== size))
    throw supplyProblem(
      "supply/document-malformed",
      `a matrix of \`${matrix.length}\` rows is not ${size} by ${size}, 1 to ${INFRASTRUCTURES_MAX}`,
    );
  for (const [i, row] of matrix.entries())
    for (const [j, value] of row.entries())
      if (!(value >= 0 && value < Number.POSITIVE_INFINITY))
        throw supplyProblem(
          "supply/number-invalid",
          `\`${value}\` in row ${i + 1}, column ${j + 1} is not a number from 0`,
        );
}

function checkPart(name: string, values: readonly number[], size: number): void {
  if (values.length !== size)
    throw supplyProblem(
      "supply/document-malformed",
      `a ${name} of \`${values.length}\` values for ${size} infrastructures`,
    );
  for (const [i, value] of values.entries())
    if (!(value >= 0 && value <= 1))
      throw supplyProblem(
        "supply/number-invalid",
        `${name} \`${value}\` of infrastructure ${i + 1} is not from 0 to 1`,
      );
}

const POWER_WORK_MAX = 2_000_000_000; // products of one check, some seconds; smaller matrices get more steps
const POWER_STEPS_MAX = 10_000;

/** The spectral radius lies between the least and the largest row growth of a positive vector (Collatz-Wielandt). */
function checkInterdependency(matrix: Matrix): void {
  checkSquare(matrix, matrix.length);
  let x = matrix.map(() => 1);
  const steps = Math.min(POWER_STEPS_MAX, Math.ceil(POWER_WORK_MAX / matrix.length ** 2));
  for (let step = 0; step < steps; step++) {
    // half a step of the matrix, half of standing still: growth settles for periodic matrices too
    const next = matrix.map((row, i) => 0.5 * x[i]! + 0.5 * row.reduce((sum, part, j) => sum + part * x[j]!, 0));
    const growth = next.map((value, i) => value / x[i]!);
    if (Math.max(...growth) < 1) return;
    if (Math.min(...growth) >= 1) break;
    x = next.map((value) => value / Math.max(...next));
    if (x.some((value) => value < 1e-280)) break;
  }
  throw supplyProblem(
    "supply/no-convergence",
    "the interdependencies amplify themselves: their spectral radius is 1, more, or too near to tell",
  );
}

/** Solves (I - A) q = c by Gauss elimination with row pivoting. */
function solveDiagonallyLed(a: Matrix, c: readonly number[]): number[] {
  const size = a.length;
  const m = a.map((row, i) => [...row.map((value, j) => (i === j ? 1 : 0) - value), c[i]!]);
  for (let k = 0; k < size; k++) {
    let pivot = k;
    for (let i = k + 1; i < size; i++) if (Math.abs(m[i]![k]!) > Math.abs(m[pivot]![k]!)) pivot = i;
    [m[k], m[pivot]] = [m[pivot]!, m[k]!];
    for (let i = k + 1; i < size; i++) {
      const factor = m[i]![k]! / m[k]![k]!;
      if (factor !== 0) for (let j = k; j <= size; j++) m[i]![j]! -= factor * m[k]![j]!;
    }
  }
  const q = zeros(size);
  for (let i = size - 1; i >= 0; i--) {
    let rest = m[i]![size]!;
    for (let j = i + 1; j < size; j++) rest -= m[i]![j]! * q[j]!;
    q[i] = rest / m[i]![i]!;
  }
  return q;
}
