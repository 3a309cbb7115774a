/**
 * The k firms with the highest index, certified: exact values are computed down the list of bounds until the k-th best of
 * them is at least the next bound, so that no firm outside can be higher. Ties go to the firm that comes first.
 * Indexing with `!` is bounded by the arrays of one length.
 */
import type { EsriColumns } from "./esri-survey.ts";
import { supplyProblem } from "./supply-problem.ts";

export interface RankedFirm extends Record<"esri" | "esriDown" | "esriUp" | "iterations" | "bound", number> {
  /** Index of the network. */
  readonly firm: number;
}

const BATCH_MIN = 64; // exact values come eight at a time and by thread: asking for single firms would waste both

/** Ask `next` for firms, give their exact columns to `accept`, until `next` returns undefined; `top` is then certified. */
export class TopSearch {
  readonly #count: number;
  readonly #bound: Float64Array;
  readonly #order: Int32Array;
  #asked = 0;
  #ranked: RankedFirm[] = [];

  /** @throws Problem `supply/option-invalid` when `count` is not a whole number from 1 */
  constructor(bound: Float64Array, count: number) {
    if (!Number.isInteger(count) || count < 1)
      throw supplyProblem("supply/option-invalid", `the number of firms \`${count}\` is not a whole number from 1`);
    this.#count = Math.min(count, bound.length);
    this.#bound = bound;
    this.#order = Int32Array.from(bound, (_, firm) => firm).sort((a, b) => bound[b]! - bound[a]! || a - b);
  }

  /** The best firms so far, highest index first. */
  get top(): readonly RankedFirm[] {
    return this.#ranked.slice(0, this.#count);
  }

  /** How many exact values were asked for. */
  get exactCount(): number {
    return this.#asked;
  }

  next(): Int32Array | undefined {
    const worst = this.#ranked[this.#count - 1];
    const following = this.#order[this.#asked];
    if (following === undefined || (worst && worst.esri >= this.#bound[following]!)) return undefined;
    const firms = this.#order.subarray(this.#asked, this.#asked + Math.max(BATCH_MIN, this.#count));
    this.#asked += firms.length;
    return firms;
  }

  accept(firms: Int32Array, columns: EsriColumns): void {
    const fresh = Array.from(firms, (firm, i) => ({
      firm,
      esri: columns.esri[i]!,
      esriDown: columns.esriDown[i]!,
      esriUp: columns.esriUp[i]!,
      iterations: columns.iterations[i]!,
      bound: this.#bound[firm]!,
    }));
    this.#ranked = [...this.#ranked, ...fresh].sort((a, b) => b.esri - a.esri || a.firm - b.firm).slice(0, this.#count);
  }
}
