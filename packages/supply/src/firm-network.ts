/**
 * The firm-level view of a supply network: who sells how much to whom in a year. Reference sheet section 2, first line.
 * Invariants: both compressed rows (by supplier, by buyer) hold the same links, sorted, each pair once and with a positive
 * value; every sum is finite. Links of the same pair are added up, links of value 0 are dropped.
 * Refuses what section 2 cannot work with: negative or missing values, unknown sectors, a network without any flow.
 * Indexing with `!` in this file is bounded by the compressed rows built here.
 */
import { quoted, supplyProblem } from "./supply-problem.ts";

export const FIRMS_MAX = 2_000_000; // 10 arrays of 8 bytes per firm and lane must fit one WebAssembly memory
export const LINKS_MAX = 5_000_000; // bounds memory at about 300 MB; larger networks are sharded by region first
export const SECTORS_MAX = 4_000; // a dense matrix of sector pairs: 16 MB
export const VALUE_MAX = 1e18; // keeps every sum exact enough: the flows of the world's economy are below 1e16 in cents

/** How a sector's production depends on another's output: 0 negligible, 1 non-essential, 2 essential. */
export type Essentiality = 0 | 1 | 2;

/** Rows in compressed form: the entries of row r are `target[k]`, `value[k]` for `start[r] <= k < start[r + 1]`. */
export interface CompressedRows {
  readonly start: Int32Array;
  readonly target: Int32Array;
  readonly value: Float64Array;
}

export interface FirmNetwork {
  readonly firms: readonly string[];
  readonly sectors: readonly string[];
  /** [firms], index into `sectors`. */
  readonly sectorOf: Int32Array;
  /** [firms], firms with the same number compete for the same customers. */
  readonly marketOf: Int32Array;
  readonly marketCount: number;
  /** Row-major [supplier sector][buyer sector]. */
  readonly essentiality: Uint8Array;
  readonly bySupplier: CompressedRows;
  readonly byBuyer: CompressedRows;
  /** [firms], yearly value sold to firms of the network. */
  readonly outStrength: Float64Array;
  /** [firms], yearly value bought, negligible inputs included. */
  readonly inStrength: Float64Array;
  /** [firms], what a firm's output counts for; out-strength unless the caller gave weights. */
  readonly weight: Float64Array;
  readonly weightTotal: number;
  /** [firms], divisor of upstream shares: revenue where it is known and above the out-strength, else the out-strength. */
  readonly revenue: Float64Array;
  /** [firms], factor of all downstream shares: inputs / costs where costs are known and above the inputs, else 1. */
  readonly inputShare: Float64Array;
}

export interface FirmNetworkInput {
  readonly firms: readonly string[];
  /** [firms] */
  readonly sectorOfFirm: readonly string[];
  /** [links], indices into `firms`. */
  readonly supplier: ArrayLike<number>;
  readonly buyer: ArrayLike<number>;
  /** [links], yearly value, one currency. */
  readonly value: ArrayLike<number>;
  /** Sector codes and their matrix; left out, every input is non-essential. */
  readonly essentiality?: EssentialityMatrix;
  readonly marketOfFirm?: readonly string[];
  readonly weight?: ArrayLike<number>;
  readonly revenue?: ArrayLike<number>;
  readonly costs?: ArrayLike<number>;
}

export interface EssentialityMatrix {
  readonly sectors: readonly string[];
  /** Row-major [supplier sector][buyer sector]. */
  readonly codes: Uint8Array;
}

/**
 * The network of `input`, ready to cascade. O(links).
 * @throws Problem `supply/network-empty`, `supply/firm-duplicate`, `supply/firm-unknown`, `supply/sector-unknown`,
 *   `supply/essentiality-unknown`, `supply/number-invalid` or `supply/limit-exceeded`
 */
export function firmNetwork(input: FirmNetworkInput): FirmNetwork {
  const firmCount = input.firms.length;
  checkCounts(input);
  const { sectors, sectorOf, essentiality } = placeSectors(input);
  const bySupplier = compress(input.supplier, input.buyer, input.value, firmCount);
  const byBuyer = transpose(bySupplier, firmCount);
  const outStrength = rowSums(bySupplier, firmCount);
  const inStrength = rowSums(byBuyer, firmCount);
  const weight = given("weight", input.weight, firmCount) ?? outStrength;
  let weightTotal = 0;
  for (const part of weight) weightTotal += part;
  if (!(weightTotal > 0)) throw supplyProblem("supply/network-empty", "the network has no link with a positive value");
  const market = input.marketOfFirm ? numbered(input.marketOfFirm) : { names: sectors, of: sectorOf };
  const costs = given("costs", input.costs, firmCount);
  const revenue = given("revenue", input.revenue, firmCount);
  return {
    firms: input.firms,
    sectors,
    sectorOf,
    marketOf: market.of,
    marketCount: market.names.length,
    essentiality,
    bySupplier,
    byBuyer,
    outStrength,
    inStrength,
    weight,
    weightTotal,
    revenue: revenue ? outStrength.map((sold, i) => Math.max(sold, revenue[i]!)) : outStrength,
    inputShare: inStrength.map((bought, i) => {
      const cost = costs?.[i] ?? 0;
      return cost > bought ? bought / cost : 1;
    }),
  };
}

function checkCounts(input: FirmNetworkInput): void {
  if (input.firms.length === 0) throw supplyProblem("supply/network-empty", "the network has no firm");
  if (input.firms.length > FIRMS_MAX)
    throw supplyProblem(
      "supply/limit-exceeded",
      `the network has \`${input.firms.length}\` firms, at most ${FIRMS_MAX}`,
    );
  if (input.value.length > LINKS_MAX)
    throw supplyProblem(
      "supply/limit-exceeded",
      `the network has \`${input.value.length}\` links, at most ${LINKS_MAX}`,
    );
  const seen = new Set<string>();
  for (const firm of input.firms) {
    if (seen.has(firm)) throw supplyProblem("supply/firm-duplicate", `firm ${quoted(firm)} occurs twice`);
    seen.add(firm);
  }
  for (let k = 0; k < input.value.length; k++) checkLink(input, k);
}

function checkLink(input: FirmNetworkInput, k: number): void {
  for (const end of [input.supplier[k]!, input.buyer[k]!])
    if (!(Number.isInteger(end) && end >= 0 && end < input.firms.length))
      throw supplyProblem("supply/firm-unknown", `link ${k + 1} names firm index \`${end}\``, { row: k + 1 });
  const value = input.value[k]!;
  if (!(value >= 0 && value <= VALUE_MAX))
    throw supplyProblem("supply/number-invalid", `link ${k + 1} has value \`${value}\`, not in 0 to ${VALUE_MAX}`, {
      row: k + 1,
    });
}

function placeSectors(input: FirmNetworkInput): Pick<FirmNetwork, "sectors" | "sectorOf" | "essentiality"> {
  const matrix = input.essentiality;
  if (!matrix) {
    const { names, of } = numbered(input.sectorOfFirm);
    if (names.length > SECTORS_MAX)
      throw supplyProblem("supply/limit-exceeded", `there are \`${names.length}\` sectors, at most ${SECTORS_MAX}`);
    return { sectors: names, sectorOf: of, essentiality: new Uint8Array(names.length ** 2).fill(1) };
  }
  const wrong = matrix.codes.find((code) => code > 2);
  if (wrong !== undefined)
    throw supplyProblem("supply/essentiality-unknown", `essentiality \`${wrong}\` is not 0, 1 or 2`);
  const indexOf = new Map(matrix.sectors.map((code, index) => [code, index]));
  const sectorOf = Int32Array.from(input.sectorOfFirm, (code, i) => {
    const index = indexOf.get(code);
    if (index === undefined)
      throw supplyProblem(
        "supply/sector-unknown",
        `firm ${quoted(input.firms[i]!)} has sector ${quoted(code)}, which the essentiality matrix does not name`,
      );
    return index;
  });
  return { sectors: matrix.sectors, sectorOf, essentiality: matrix.codes };
}

function numbered(labels: readonly string[]): { names: string[]; of: Int32Array } {
  const index = new Map<string, number>();
  const of = Int32Array.from(labels, (label) => {
    const known = index.get(label);
    if (known !== undefined) return known;
    index.set(label, index.size);
    return index.size - 1;
  });
  return { names: [...index.keys()], of };
}

function given(name: string, values: ArrayLike<number> | undefined, count: number): Float64Array | undefined {
  if (values === undefined) return undefined;
  return Float64Array.from({ length: count }, (_, i) => {
    const value = values[i] ?? Number.NaN;
    if (!(value >= 0 && value <= VALUE_MAX))
      throw supplyProblem("supply/number-invalid", `firm ${i + 1} has ${name} \`${value}\`, not in 0 to ${VALUE_MAX}`);
    return value;
  });
}

/** Rows by `from`, targets ascending, equal pairs added in input order, zeros dropped. */
function compress(
  from: ArrayLike<number>,
  to: ArrayLike<number>,
  value: ArrayLike<number>,
  rowCount: number,
): CompressedRows {
  // two stable counting sorts, by target and then by row, leave the entries sorted by (row, target)
  const byTarget = countingSort(to, rowCount, undefined);
  const order = countingSort(from, rowCount, byTarget);
  const start = new Int32Array(rowCount + 1);
  const target = new Int32Array(order.length);
  const sum = new Float64Array(order.length);
  let size = 0;
  let previousRow = -1;
  for (const k of order) {
    if (!(value[k]! > 0)) continue;
    const row = from[k]!;
    if (row === previousRow && target[size - 1] === to[k]!) {
      sum[size - 1]! += value[k]!;
      continue;
    }
    previousRow = row;
    target[size] = to[k]!;
    sum[size] = value[k]!;
    size++;
    start[row + 1] = start[row + 1]! + 1;
  }
  for (let row = 0; row < rowCount; row++) start[row + 1]! += start[row]!;
  return { start, target: target.slice(0, size), value: sum.slice(0, size) };
}

/** The order that sorts `order` (default 0, 1, 2, …) by key, stable. */
function countingSort(key: ArrayLike<number>, keyCount: number, order: Int32Array | undefined): Int32Array {
  const next = new Int32Array(keyCount + 1);
  for (let k = 0; k < key.length; k++) next[key[k]! + 1]!++;
  for (let row = 0; row < keyCount; row++) next[row + 1]! += next[row]!;
  const sorted = new Int32Array(key.length);
  for (let k = 0; k < key.length; k++) {
    const entry = order ? order[k]! : k;
    sorted[next[key[entry]!]!++] = entry;
  }
  return sorted;
}

function transpose(rows: CompressedRows, rowCount: number): CompressedRows {
  const start = new Int32Array(rowCount + 1);
  for (const target of rows.target) start[target + 1]!++;
  for (let row = 0; row < rowCount; row++) start[row + 1]! += start[row]!;
  const next = start.slice();
  const target = new Int32Array(rows.target.length);
  const value = new Float64Array(rows.value.length);
  for (let row = 0; row < rowCount; row++) {
    for (let k = rows.start[row]!; k < rows.start[row + 1]!; k++) {
      const place = next[rows.target[k]!]!++;
      target[place] = row;
      value[place] = rows.value[k]!;
    }
  }
  return { start, target, value };
}

function rowSums(rows: CompressedRows, rowCount: number): Float64Array {
  const sums = new Float64Array(rowCount);
  for (let row = 0; row < rowCount; row++) {
    let sum = 0;
    for (let k = rows.start[row]!; k < rows.start[row + 1]!; k++) sum += rows.value[k]!;
    sums[row] = sum;
  }
  return sums;
}
