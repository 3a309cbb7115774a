/**
 * A linear programme built row by row and solved by HiGHS, again and again with changed column bounds: each solve starts
 * from the basis of the one before. Every answer carries its duality gap, computed here from the duals and not taken from
 * the solver. Owns memory of the solver's WebAssembly heap: dispose it.
 * Indexing with `!` is bounded by the model's own counts.
 */
import loadHighs, { type Highs, type Model } from "highs";
import { supplyProblem } from "./supply-problem.ts";

export type Solver = Highs;

const load = loadHighs as unknown as typeof loadHighs.default; // the package types its CommonJS build, and this is the other

/** The solver, loaded once; about 50 ms. In a browser `wasmUrl` says where its binary is served. */
export function loadSolver(wasmUrl?: string): Promise<Solver> {
  return wasmUrl === undefined ? load() : load({ locateFile: () => wasmUrl });
}

/** A term of a row: coefficient times column. */
export type Term = readonly [column: number, coefficient: number];

/** Rows and columns under construction; minimises. */
export class ModelBuilder {
  readonly cost: number[] = [];
  readonly lower: number[] = [];
  readonly upper: number[] = [];
  readonly integer: boolean[] = [];
  /** Which columns are at their upper bound in the point that a caller wants to start from. */
  readonly atUpper: boolean[] = [];
  readonly rowLower: number[] = [];
  readonly rowUpper: number[] = [];
  readonly starts: number[] = [0];
  readonly indices: number[] = [];
  readonly values: number[] = [];

  /** A new column with 0 <= value <= upper; returns its number. */
  column(
    options: { cost?: number; lower?: number; upper?: number; integer?: boolean; atUpper?: boolean } = {},
  ): number {
    this.atUpper.push(options.atUpper ?? false);
    this.cost.push(options.cost ?? 0);
    this.lower.push(options.lower ?? 0);
    this.upper.push(options.upper ?? Number.POSITIVE_INFINITY);
    this.integer.push(options.integer ?? false);
    return this.cost.length - 1;
  }

  /** A row `sum of terms <= atMost`; returns its number. */
  row(terms: readonly Term[], atMost: number): number {
    for (const [column, coefficient] of terms) {
      if (coefficient === 0) continue;
      this.indices.push(column);
      this.values.push(coefficient);
    }
    this.starts.push(this.indices.length);
    this.rowLower.push(Number.NEGATIVE_INFINITY);
    this.rowUpper.push(atMost);
    return this.rowUpper.length - 1;
  }
}

export interface LinearSolution {
  readonly objective: number;
  /** |primal - dual| objective, relative to the larger of 1 and the objective. */
  readonly gap: number;
  readonly column: Float64Array;
  /** Reduced costs: what the objective rises by per unit of a column that is fixed. */
  readonly columnPrice: Float64Array;
  /** What the objective falls by per unit of right-hand side, never negative. */
  readonly rowValue: Float64Array;
}

const OPTIMAL = 7; // HiGHS model status
const INFEASIBLE = 8;
const TIME_LIMIT = 13;
const FEASIBLE_POINT = 2; // HiGHS solution status
const [AT_LOWER, BASIC, AT_UPPER] = [0, 1, 2]; // HiGHS basis status

export class LinearModel {
  readonly #model: Model;
  readonly #isInteger: boolean;
  readonly #cost: Float64Array;
  readonly #lower: Float64Array;
  readonly #upper: Float64Array;
  readonly #rowUpper: Float64Array;

  constructor(
    solver: Solver,
    builder: ModelBuilder,
    options: Readonly<Record<string, boolean | number | string>> = {},
  ) {
    this.#cost = Float64Array.from(builder.cost);
    this.#lower = Float64Array.from(builder.lower);
    this.#upper = Float64Array.from(builder.upper);
    this.#rowUpper = Float64Array.from(builder.rowUpper);
    const [numCols, numRows] = [builder.cost.length, builder.rowUpper.length];
    this.#isInteger = builder.integer.includes(true);
    const { integer, continuous } = solver.constants.variableType;
    this.#model = solver.createModel();
    this.#model.options.set({ output_flag: false, ...options });
    this.#model.passModel({
      numCols,
      numRows,
      sense: solver.constants.objectiveSense.minimize,
      colCost: this.#cost,
      colLower: this.#lower,
      colUpper: this.#upper,
      rowLower: builder.rowLower,
      rowUpper: this.#rowUpper,
      matrix: {
        format: "csr",
        numRows,
        numCols,
        starts: builder.starts,
        indices: builder.indices,
        values: builder.values,
      },
      ...(this.#isInteger
        ? { integrality: builder.integer.map((isInteger) => (isInteger ? integer : continuous)) }
        : {}),
    });
  }

  setUpper(column: number, upper: number): void {
    this.#upper[column] = upper;
    this.#model.changeColBounds(column, this.#lower[column]!, upper);
  }

  /** A point to improve on: values of the first columns, the solver completes the others. */
  startWith(values: readonly number[]): void {
    this.#model.setSolution({ indices: Int32Array.from(values.keys()), values });
  }

  /**
   * The best integer point found within the options' gap and time, and what no point can be below. Without a point within
   * the time there is no `column`. @throws Problem `supply/plan-infeasible` or `supply/solver-failed`
   */
  solveInteger(): { column: Float64Array | undefined; bound: number } {
    const { modelStatus } = this.#model.run();
    if (modelStatus === INFEASIBLE)
      throw supplyProblem("supply/plan-infeasible", "no choice of measures keeps all conditions");
    if (modelStatus !== OPTIMAL && modelStatus !== TIME_LIMIT)
      throw supplyProblem("supply/solver-failed", `the solver ended with status \`${modelStatus}\`, not with a plan`);
    const hasPoint = this.#model.info.get("primal_solution_status") === FEASIBLE_POINT;
    return {
      column: hasPoint ? this.#model.getSolution().colValue : undefined,
      bound: Number(this.#model.info.get("mip_dual_bound")),
    };
  }

  /** Fixes a column at `value`. */
  fix(column: number, value: number): void {
    this.#lower[column] = value;
    this.setUpper(column, value);
  }

  /** Starts the next solve from the point where every row is slack and each column is at the bound named. */
  startAt(columnsAtUpper: Uint8Array): void {
    this.#model.setBasis({
      colStatus: Int32Array.from(columnsAtUpper, (isUpper) => (isUpper ? AT_UPPER : AT_LOWER)),
      rowStatus: new Int32Array(this.#rowUpper.length).fill(BASIC),
    });
  }

  /** Forgets the basis, so that the next solve starts cold. */
  forget(): void {
    this.#model.clearSolver();
  }

  /** The optimum, or undefined when no point is feasible. @throws Problem `supply/solver-failed` when there is no optimum */
  solve(): LinearSolution | undefined {
    const { modelStatus } = this.#model.run();
    if (modelStatus === INFEASIBLE) return undefined;
    if (modelStatus !== OPTIMAL)
      throw supplyProblem(
        "supply/solver-failed",
        `the solver ended with status \`${modelStatus}\`, not with an optimum`,
      );
    const { colValue, colDual, rowDual } = this.#model.getSolution();
    const objective = dot(this.#cost, colValue);
    return {
      objective,
      gap: Math.abs(objective - this.#dualObjective(colDual, rowDual)) / Math.max(1, Math.abs(objective)),
      column: colValue,
      columnPrice: colDual,
      rowValue: rowDual.map((dual) => Math.max(0, -dual)),
    };
  }

  /** Rows are `<=` rows, so a row's dual is at most 0 and prices its upper bound; a column's dual prices the bound it is at. */
  #dualObjective(colDual: Float64Array, rowDual: Float64Array): number {
    let sum = 0;
    for (let i = 0; i < rowDual.length; i++) if (rowDual[i]! < 0) sum += rowDual[i]! * this.#rowUpper[i]!;
    for (let i = 0; i < colDual.length; i++) {
      const bound = colDual[i]! > 0 ? this.#lower[i]! : this.#upper[i]!;
      if (colDual[i] !== 0 && Number.isFinite(bound)) sum += colDual[i]! * bound;
    }
    return sum;
  }

  [Symbol.dispose](): void {
    this.#model.dispose();
  }
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += a[i]! * b[i]!;
  return sum;
}
