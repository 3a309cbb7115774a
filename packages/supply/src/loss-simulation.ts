/**
 * Years of losses by Monte Carlo (reference sheet section 9). Every draw is a function of (seed, year, hazard, event), so
 * that blocks of years can be simulated anywhere and in any order: the same bytes for any number of workers. One block of
 * random words serves four hazards of a year; a hazard without an event costs one comparison.
 * Assumptions: events arrive as a Poisson process; each site in scope stops with the hazard's vulnerability; the sites that
 * an event stops share one downtime; the losses of a year's events add up.
 * Indexing with `!` is bounded by the table.
 */
import { CandidateFinder } from "./event-kernel.ts";
import { LOG_DAYS_MAX, lossAt, type LossTable, SUBSET_SITES_MAX } from "./loss-table.ts";
import { philox, seedWords, unitInterval } from "./philox.ts";
import { exponential, normalFrom } from "./risk-quantity.ts";
import { supplyProblem } from "./supply-problem.ts";

export const BLOCK_YEARS = 4_096;
export const YEARS_MAX = 100_000_000; // 800 MB of losses
const EVENTS_MAX = 10_000; // of one hazard in a year; a rate of 1,000 stays far below

const COUNTS = 0; // the fourth word of a counter: what the block is for
const EVENT = 1;
const SITES = 2;
const TWO_32 = 4_294_967_296;

export interface LossBlock {
  readonly number: number;
  /** [years of the block] */
  readonly loss: Float64Array;
  /** [hazards], added up over the block. */
  readonly lossOfHazard: Float64Array;
  readonly eventsOfHazard: Float64Array;
}

/** @throws Problem `supply/option-invalid` when years or seed are no whole numbers in range */
export function checkSimulation(years: number, seed: number): void {
  if (!(Number.isInteger(years) && years >= 1 && years <= YEARS_MAX))
    throw supplyProblem("supply/option-invalid", `\`${years}\` years are not a whole number from 1 to ${YEARS_MAX}`);
  if (!(Number.isSafeInteger(seed) && seed >= 0))
    throw supplyProblem("supply/option-invalid", `seed \`${seed}\` is not a whole number from 0 to 2^53`);
}

/** How many blocks `years` make. */
export function blockCount(years: number): number {
  return Math.ceil(years / BLOCK_YEARS);
}

/** Simulates the blocks of one run; owns scratch memory only. @throws Problem `supply/option-invalid` */
export class LossSimulation {
  readonly #hazardCount: number;
  readonly #years: number;
  readonly #draw: YearDraw;
  readonly #finder: CandidateFinder;

  constructor(table: LossTable, seed: number, years: number) {
    checkSimulation(years, seed);
    this.#hazardCount = table.hazards.length;
    this.#years = years;
    this.#draw = new YearDraw(table, seed);
    this.#finder = new CandidateFinder(this.#draw.quiet, seedWords(seed));
  }

  /** Block `number`, from 0 to blockCount - 1. */
  block(number: number): LossBlock {
    const first = number * BLOCK_YEARS;
    const block = {
      number,
      loss: new Float64Array(Math.min(BLOCK_YEARS, this.#years - first)),
      lossOfHazard: new Float64Array(this.#hazardCount),
      eventsOfHazard: new Float64Array(this.#hazardCount),
    };
    this.#finder.forEach(first, block.loss.length, (year, hazard, word) => {
      block.loss[year - first]! += this.#draw.hazard(year, hazard, word, block);
    });
    return block;
  }
}

/** Draws single years; owns scratch memory only. */
export class YearDraw {
  readonly #table: LossTable;
  readonly #key0: number;
  readonly #key1: number;
  /** [hazards], words below this mean that the hazard has no event in the year. */
  readonly quiet: Float64Array;
  readonly #noEvent: Float64Array;
  readonly #counts = new Uint32Array(4);
  readonly #words = new Uint32Array(4);
  readonly #sites = new Uint32Array(4);

  constructor(table: LossTable, seed: number) {
    this.#table = table;
    [this.#key0, this.#key1] = seedWords(seed);
    // a first word below this leaves no doubt that there is no event, whatever the second word
    this.#noEvent = table.rate.map((rate) => exponential(-rate));
    this.quiet = this.#noEvent.map((probability) => Math.floor(probability * TWO_32));
  }

  /** The loss of year `year`, also added to the block's hazards. */
  draw(year: number, block: { lossOfHazard: Float64Array; eventsOfHazard: Float64Array }): number {
    const counts = this.#counts;
    const { quiet } = this;
    let total = 0;
    for (let h = 0; h < quiet.length; h++) {
      if ((h & 3) === 0) philox(year, h >> 2, 0, COUNTS, this.#key0, this.#key1, counts);
      const word = counts[h & 3]!;
      if (word < quiet[h]!) continue;
      total += this.hazard(year, h, word, block);
    }
    return total;
  }

  /** The loss of one hazard in a year, given its first word. */
  hazard(
    year: number,
    h: number,
    word: number,
    block: { lossOfHazard: Float64Array; eventsOfHazard: Float64Array },
  ): number {
    philox(year, h, 0, EVENT, this.#key0, this.#key1, this.#words);
    const events = poisson(this.#table.rate[h]!, this.#noEvent[h]!, unitInterval(word, this.#words[3]!));
    let sum = 0;
    for (let k = 0; k < events; k++) {
      if (k > 0) philox(year, h, k, EVENT, this.#key0, this.#key1, this.#words);
      sum += this.#event(year, h, k);
    }
    block.lossOfHazard[h]! += sum;
    block.eventsOfHazard[h]! += events;
    return sum;
  }

  #event(year: number, h: number, k: number): number {
    const { siteCount, vulnerability, rowStart } = this.#table;
    const most = vulnerability[h]! * TWO_32;
    const row = rowStart[h]!;
    if (siteCount[h] === 1) return this.#words[0]! < most ? lossAt(this.#table, row + 1, this.#days(h)) : 0;
    const isSubset = siteCount[h]! <= SUBSET_SITES_MAX;
    let [set, stopped, sum] = [0, 0, 0];
    let days = -1;
    for (let place = 0; place < siteCount[h]!; place++) {
      if ((place & 3) === 0) philox(year, h, k, SITES + (place >> 2), this.#key0, this.#key1, this.#sites);
      if (this.#sites[place & 3]! >= most) continue;
      stopped++;
      if (days < 0) days = this.#days(h);
      if (isSubset) set |= 1 << place;
      else sum += lossAt(this.#table, row + place, days);
    }
    if (stopped === 0) return 0;
    return isSubset
      ? lossAt(this.#table, row + set, days)
      : Math.min(sum, lossAt(this.#table, row + siteCount[h]!, days));
  }

  #days(h: number): number {
    const normal = normalFrom((this.#words[1]! + 0.5) / TWO_32, (this.#words[2]! + 0.5) / TWO_32);
    return exponential(Math.min(LOG_DAYS_MAX, this.#table.downtimeMu[h]! + this.#table.downtimeSd[h]! * normal));
  }
}

/** The number of events whose cumulated probability first exceeds `u`; `noEvent` is e^-rate. */
function poisson(rate: number, noEvent: number, u: number): number {
  let probability = noEvent;
  let cumulated = probability;
  let count = 0;
  while (u >= cumulated && count < EVENTS_MAX) {
    count++;
    probability *= rate / count;
    cumulated += probability;
    if (probability < 1e-18 && count > rate) break; // the sum has met its rounding; the rest is beyond any draw
  }
  return count;
}
