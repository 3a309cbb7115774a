/**
 * The index of many firms, each stopped alone, as blocks of work that any number of threads can share. Eight shocks advance
 * together until the last of them settles, so the survey puts like with like: first every firm gets a few passes, in the
 * order of how much it can reach; then those that still move, in the order of how much they moved.
 * Invariant: blocks and their order depend on the network alone, so results are the same bytes for any number of threads.
 * Indexing with `!` is bounded by the layout.
 */
import { LANES } from "./cascade-kernel.ts";
import type { CascadeLayout, PushRows } from "./cascade-layout.ts";
import type { EsriEngine, ShockOutcome } from "./esri-engine.ts";
import { ITERATIONS_MAX } from "./esri-plain.ts";

const BLOCK_FIRMS = 128;
const FIRST_PASSES = 4; // settles most firms of a sparse network and costs little in a dense one
const REACH_DEPTH = 3;

export interface EsriBlock {
  readonly number: number;
  /** Indices of the network. */
  readonly firms: Int32Array;
  readonly passesMax: number;
}

/** [firms of the block], NaN and the last step in `change` where a firm has not settled. */
export interface EsriBlockOutcome {
  readonly number: number;
  readonly esri: Float64Array;
  readonly esriDown: Float64Array;
  readonly esriUp: Float64Array;
  readonly iterations: Int32Array;
  readonly change: Float64Array;
}

/** [firms], in the order of the network or of the firms that were asked for. */
export type EsriColumns = Pick<EsriBlockOutcome, "esri" | "esriDown" | "esriUp" | "iterations">;

/** Does one block; pure but for the engine's scratch memory. @throws Problem `supply/no-convergence` */
export function runBlock(engine: EsriEngine, block: EsriBlock): EsriBlockOutcome {
  const count = block.firms.length;
  const outcome = {
    number: block.number,
    esri: new Float64Array(count),
    esriDown: new Float64Array(count),
    esriUp: new Float64Array(count),
    iterations: new Int32Array(count),
    change: new Float64Array(count),
  };
  for (let from = 0; from < count; from += LANES) {
    const firms = block.firms.subarray(from, from + LANES);
    const outcomes = engine.run(
      Array.from(firms, (firm) => [{ firm, lost: 1 }]),
      block.passesMax,
    );
    for (const [lane, each] of outcomes.entries()) writeOutcome(outcome, from + lane, each);
  }
  return outcome;
}

function writeOutcome(outcome: EsriBlockOutcome, at: number, each: ShockOutcome): void {
  if (!each.settled) {
    outcome.esri[at] = Number.NaN;
    outcome.change[at] = each.change;
    return;
  }
  outcome.esri[at] = each.esri;
  outcome.esriDown[at] = each.esriDown;
  outcome.esriUp[at] = each.esriUp;
  outcome.iterations[at] = each.iterations;
}

/** Hands out blocks and collects outcomes. `firms` are different indices of the network. */
export class EsriSurvey {
  readonly columns: EsriColumns;
  readonly #placeOfFirm: Map<number, number>;
  readonly #given = new Map<number, EsriBlock>();
  #waiting: EsriBlock[];
  #moving: { firm: number; change: number }[] = [];
  #blockCount: number;
  #settledCount = 0;

  constructor(layout: CascadeLayout, firms: Int32Array) {
    this.columns = {
      esri: new Float64Array(firms.length),
      esriDown: new Float64Array(firms.length),
      esriUp: new Float64Array(firms.length),
      iterations: new Int32Array(firms.length),
    };
    this.#placeOfFirm = new Map(Array.from(firms, (firm, place) => [firm, place]));
    this.#waiting = blocksOf(byReach(layout, firms), 0, FIRST_PASSES);
    this.#blockCount = this.#waiting.length;
  }

  /** How many firms have their index; the survey is done when it is all of them. */
  get settledCount(): number {
    return this.#settledCount;
  }

  /** The next block, or undefined when there is none before further outcomes arrive. */
  next(): EsriBlock | undefined {
    const block = this.#waiting.shift();
    if (block) this.#given.set(block.number, block);
    return block;
  }

  accept(outcome: EsriBlockOutcome): void {
    const block = this.#given.get(outcome.number);
    if (!block) return; // a block that was handed out twice
    this.#given.delete(outcome.number);
    for (const [at, firm] of block.firms.entries()) this.#take(outcome, at, firm);
    if (this.#waiting.length > 0 || this.#given.size > 0) return;
    const moving = this.#moving.sort((a, b) => a.change - b.change || a.firm - b.firm).map((each) => each.firm);
    this.#moving = [];
    this.#waiting = blocksOf(Int32Array.from(moving), this.#blockCount, ITERATIONS_MAX);
    this.#blockCount += this.#waiting.length;
  }

  #take(outcome: EsriBlockOutcome, at: number, firm: number): void {
    if (Number.isNaN(outcome.esri[at])) {
      this.#moving.push({ firm, change: outcome.change[at]! });
      return;
    }
    const place = this.#placeOfFirm.get(firm)!; // the blocks are made of these firms
    this.columns.esri[place] = outcome.esri[at]!;
    this.columns.esriDown[place] = outcome.esriDown[at]!;
    this.columns.esriUp[place] = outcome.esriUp[at]!;
    this.columns.iterations[place] = outcome.iterations[at]!;
    this.#settledCount++;
  }
}

/** The index of `firms`, all on the calling thread. @throws Problem `supply/no-convergence` */
export function esriOfFirms(layout: CascadeLayout, engine: EsriEngine, firms: Int32Array): EsriColumns {
  const survey = new EsriSurvey(layout, firms);
  for (let block = survey.next(); block; block = survey.next()) survey.accept(runBlock(engine, block));
  return survey.columns;
}

function blocksOf(firms: Int32Array, firstNumber: number, passesMax: number): EsriBlock[] {
  const count = Math.ceil(firms.length / BLOCK_FIRMS);
  return Array.from({ length: count }, (_, i) => ({
    number: firstNumber + i,
    firms: firms.subarray(i * BLOCK_FIRMS, (i + 1) * BLOCK_FIRMS),
    passesMax,
  }));
}

/** Firms by how many links the first three passes of their cascade can touch, most first. O(links). */
function byReach(layout: CascadeLayout, firms: Int32Array): Int32Array {
  const down = reach(layout.down, layout);
  const up = reach(layout.up, layout);
  const of = (firm: number) => down[layout.placeOf[firm]!]! + up[layout.placeOf[firm]!]!;
  return firms.slice().sort((a, b) => of(b) - of(a) || a - b);
}

function reach(rows: PushRows, { firmCount, slotFirm }: CascadeLayout): Float64Array {
  let count = new Float64Array(firmCount);
  for (let depth = 0; depth < REACH_DEPTH; depth++) {
    const next = new Float64Array(firmCount);
    for (let firm = 0; firm < firmCount; firm++) {
      let links = rows.start[firm + 1]! - rows.start[firm]!;
      for (let k = rows.start[firm]!; k < rows.start[firm + 1]!; k++) {
        const slot = rows.target[k]!;
        links += count[slot < firmCount ? slot : slotFirm[slot - firmCount]!]!;
      }
      next[firm] = Math.min(links, rows.target.length);
    }
    count = next;
  }
  return count;
}
