/**
 * The flows of a supply network as one linear programme, in units per day: what can be made, sent and served while stocks
 * are drawn down at an even pace (reference sheet section 4, every total divided by the days). Time to recover fixes the
 * pace and minimises the loss, time to survive looks for the pace. Rows, with theta the pace:
 * (1) r u <= theta I + sum y;  (2) u <= x0 (1 - sum v (1 - A / (r x0))), A <= theta I + sum y + r (x0 - u);
 * (3) sum y_out + d - l <= u + theta s;  (4) u <= c;  (5) y <= lane;  (6) l <= d.
 * Output and flow are split into a normal part and an extra part, so that normal operation is the point where every row is
 * slack: an outage then changes the flows around it and nothing else, which keeps each solve short.
 * Indexing with `!` is bounded by the network: columns and rows are numbered beside the processes, groups and arcs.
 */
import { assert } from "@holdfast/kernel";
import { LinearModel, ModelBuilder, type Solver, type Term } from "./linear-model.ts";
import type { NetworkArc, NetworkGroup, NetworkProcess, SupplyNetwork } from "./supply-network.ts";

export interface FlowOptions {
  /** Stocks last this many days at pace 1. */
  readonly days: number;
  /** Money per unit of unserved final demand. */
  readonly price: (process: NetworkProcess) => number;
  /** Part of the days that an arc which is not used today is open; undefined leaves it out for good. */
  readonly openPart: (arc: NetworkArc) => number | undefined;
}

export interface FlowSolution {
  /** Money per day. */
  readonly cost: number;
  readonly gap: number;
  /** What the cost rises by per unit of pace, at most 0. */
  readonly slope: number;
  /** [processes], units a day. */
  readonly unserved: Float64Array;
  /** [processes][groups], money per unit of further stock. */
  readonly stockValue: readonly (readonly number[])[];
  /** [processes], money per unit of further output. */
  readonly outputValue: Float64Array;
}

/** An arc by its positions in the network. */
export interface ArcPlace {
  readonly process: number;
  readonly group: number;
  readonly arc: number;
}

/** A quantity in two columns: up to what is normal, and what can be added. */
interface Split {
  readonly normal: number;
  readonly extra: number;
}

interface Columns {
  readonly output: Split;
  readonly arcs: readonly (readonly (Split | undefined)[])[];
  readonly unserved: number | undefined;
}

const SIMPLEX = { presolve: "off", solver: "simplex" } as const; // presolve would throw the starting point away

/** Owns memory of the solver: dispose it. */
export class FlowModel {
  readonly #network: SupplyNetwork;
  readonly #pace: number;
  readonly #columns: readonly Columns[];
  readonly #inputRows: readonly (readonly (number | undefined)[])[];
  readonly #balanceRows: readonly number[];
  readonly #normal: Uint8Array;
  readonly #model: LinearModel;

  constructor(solver: Solver, network: SupplyNetwork, options: FlowOptions) {
    this.#network = network;
    const builder = new ModelBuilder();
    this.#pace = builder.column({ lower: 1, upper: 1 });
    const perDay = (units: number): Term => [this.#pace, -units / options.days];
    this.#columns = network.processes.map((process) => ({
      output: split(builder, process.rate, process.capacity),
      arcs: process.groups.map((group) => group.arcs.map((arc) => arcColumns(builder, group, arc, options))),
      unserved:
        process.demand > 0 ? builder.column({ cost: options.price(process), upper: process.demand }) : undefined,
    }));
    this.#inputRows = network.processes.map((process, j) => addInputs(builder, process, this.#columns[j]!, perDay));
    const outflows = outflowTerms(network, this.#columns);
    this.#balanceRows = network.processes.map(({ demand, stock }, j) => {
      const { output, unserved } = this.#columns[j]!;
      const lost: Term[] = unserved === undefined ? [] : [[unserved, -1]];
      return builder.row([...outflows[j]!, ...lost, ...times(output, -1), perDay(stock)], -demand);
    });
    this.#normal = Uint8Array.from(builder.atUpper, (isUpper) => (isUpper ? 1 : 0));
    this.#model = new LinearModel(solver, builder, SIMPLEX);
  }

  setPace(pace: number): void {
    this.#model.fix(this.#pace, pace);
  }

  /** Bounds what a process can make to `part` of its capacity, or of its rate where it runs below capacity. */
  limit(process: number, part: number): void {
    const { rate, capacity } = this.#network.processes[process]!;
    const { normal, extra } = this.#columns[process]!.output;
    const possible = capacity * part;
    this.#model.setUpper(normal, Math.min(rate, possible));
    this.#model.setUpper(extra, Math.max(0, possible - rate));
  }

  /** Opens an arc that is not used today for `part` of the days; 0 closes it. The arc must not have been left out. */
  open(at: ArcPlace, part: number): void {
    const { capacity } = this.#network.processes[at.process]!.groups[at.group]!.arcs[at.arc]!;
    const columns = this.#columns[at.process]!.arcs[at.group]![at.arc];
    assert(columns, "only arcs with columns are opened");
    this.#model.setUpper(columns.extra, part === 0 ? 0 : capacity * part);
  }

  /** Starts the next solve from normal operation. */
  startNormal(): void {
    this.#model.startAt(this.#normal);
  }

  solve(): FlowSolution {
    const solution = this.#model.solve();
    assert(solution, "leaving all demand unserved is always feasible");
    return {
      cost: Math.max(0, solution.objective),
      gap: solution.gap,
      slope: solution.columnPrice[this.#pace]!,
      unserved: Float64Array.from(this.#columns, ({ unserved }) =>
        unserved === undefined ? 0 : solution.column[unserved]!,
      ),
      stockValue: this.#inputRows.map((rows) => rows.map((row) => (row === undefined ? 0 : solution.rowValue[row]!))),
      outputValue: Float64Array.from(this.#balanceRows, (row) => solution.rowValue[row]!),
    };
  }

  [Symbol.dispose](): void {
    this.#model[Symbol.dispose]();
  }
}

function split(builder: ModelBuilder, normal: number, most: number): Split {
  return {
    normal: builder.column({ upper: normal, atUpper: true }),
    extra: builder.column({ upper: Math.max(0, most - normal) }),
  };
}

function times({ normal, extra }: Split, coefficient: number): Term[] {
  return [
    [normal, coefficient],
    [extra, coefficient],
  ];
}

/** The columns of an arc, or none when it can't carry anything or its group does not matter. */
function arcColumns(
  builder: ModelBuilder,
  group: NetworkGroup,
  arc: NetworkArc,
  { openPart }: FlowOptions,
): Split | undefined {
  const part = arc.status === "used" ? 1 : openPart(arc);
  if (group.essentiality === 0 || part === undefined) return undefined;
  return split(builder, arc.flow, part === 0 ? 0 : arc.capacity * part);
}

/** Constraints (1) and (2); returns the row of each group. `perDay(stock)` is what a stock gives a day. */
function addInputs(
  builder: ModelBuilder,
  process: NetworkProcess,
  columns: Columns,
  perDay: (units: number) => Term,
): (number | undefined)[] {
  const nominal = process.rate > 0 ? process.rate : process.capacity;
  const shares: Term[] = [];
  let shareTotal = 0;
  const rows = process.groups.map((group, g) => {
    const { essentiality, quantity, costShare } = group;
    if (essentiality === 0 || (essentiality === 1 && costShare === 0)) return undefined;
    const bought = columns.arcs[g]!.flatMap((arc) => (arc === undefined ? [] : times(arc, -1)));
    const terms = [...times(columns.output, quantity), ...bought, perDay(group.cover)];
    if (essentiality === 2) return builder.row(terms, 0);
    const need = quantity * nominal;
    const usable = builder.column({ upper: need, atUpper: true });
    shares.push([usable, -costShare / quantity]);
    shareTotal += costShare;
    return builder.row([[usable, 1], ...terms], need);
  });
  if (shares.length > 0) builder.row([...times(columns.output, 1), ...shares], nominal * (1 - shareTotal));
  return rows;
}

/** For every process the columns of the arcs that leave it. */
function outflowTerms(network: SupplyNetwork, columns: readonly Columns[]): Term[][] {
  const outflows = network.processes.map((): Term[] => []);
  for (const [j, { groups }] of network.processes.entries()) {
    for (const [g, { arcs }] of groups.entries()) {
      for (const [a, { supplier }] of arcs.entries()) {
        const arc = columns[j]!.arcs[g]![a];
        if (arc !== undefined) outflows[supplier]!.push(...times(arc, 1));
      }
    }
  }
  return outflows;
}
