/**
 * The fast cascade: eight shocks at a time, event-driven, in WebAssembly with SIMD. Same formulas and same Jacobi passes as
 * `cascadePlain`, its judge; sums are taken in another order, so that results agree to about 1e-15 and not bit for bit.
 * Invariant: between two batches all flags and all rows of losses are zero. One engine serves one thread.
 * Indexing with `!` is bounded by the layout.
 */
import { type CascadeKernel, cascadeKernel, LANES, ROW_BYTES } from "./cascade-kernel.ts";
import type { CascadeLayout, PullRows, PushRows } from "./cascade-layout.ts";
import { checkEpsilon, EPSILON_DEFAULT, type EsriOptions, type EsriResult, ITERATIONS_MAX } from "./esri-plain.ts";
import { supplyProblem } from "./supply-problem.ts";
import { kernelMemory } from "./wasm-runtime.ts";

/** The part of a firm's production that a shock takes away, in (0, 1]; `firm` is the network's index. */
export interface Stop {
  readonly firm: number;
  readonly lost: number;
}

/** What became of one shock: its index, or the largest step of its last pass when the passes were used up. */
export type ShockOutcome =
  | ({ readonly settled: true } & EsriResult)
  | { readonly settled: false; readonly change: number };

const MEMORY_BYTES_MAX = 4_294_901_760; // the address space of a WebAssembly memory, less its last page

const PUSH_COST = 2.5; // a pushed link is read, changed and written; a pulled one is only read

interface Direction {
  /** Rows of losses, one per firm; a pass that reads every link writes them to `next`, and the two swap. */
  rows: number;
  next: number;
  readonly groupStart: number;
  readonly linkStart: number;
  readonly source: number;
  readonly pullShare: number;
  /** [firms], links pushed from each firm. */
  readonly degree: Int32Array;
  readonly linkCount: number;
  readonly start: number;
  readonly target: number;
  readonly share: number;
  /** Lists of firms with a loss and of slots that were touched; they swap after every pass. */
  list: number;
  spare: number;
  count: number;
}

export class EsriEngine {
  readonly #layout: CascadeLayout;
  readonly #epsilon: number;
  readonly #replaceability: boolean;
  readonly #kernel: CascadeKernel;
  readonly #bytes: Uint8Array;
  readonly #ints: Int32Array;
  readonly #doubles: Float64Array;
  readonly #down: Direction;
  readonly #up: Direction;
  readonly #places: ReturnType<typeof allocate>;

  /** @throws Problem `supply/option-invalid`, or `supply/limit-exceeded` when the network does not fit one memory */
  constructor(layout: CascadeLayout, options: EsriOptions = {}) {
    this.#layout = layout;
    this.#epsilon = checkEpsilon(options.epsilon ?? EPSILON_DEFAULT);
    this.#replaceability = options.replaceability ?? false;
    this.#places = allocate(layout);
    const memory = kernelMemory(this.#places.size);
    this.#bytes = new Uint8Array(memory.buffer);
    this.#ints = new Int32Array(memory.buffer);
    this.#doubles = new Float64Array(memory.buffer);
    this.#kernel = cascadeKernel(memory);
    this.#fill();
    this.#down = { ...this.#places.down, count: 0 };
    this.#up = { ...this.#places.up, count: 0 };
  }

  /**
   * The outcome of up to eight shocks, each a set of stops of different firms, after at most `passesMax` passes.
   * @throws Problem `supply/no-convergence` after 100,000 passes
   */
  run(shocks: readonly (readonly Stop[])[], passesMax = ITERATIONS_MAX): ShockOutcome[] {
    const outcomes: ShockOutcome[] = [];
    const stopped = [...new Set(shocks.flatMap((shock) => shock.map((stop) => this.#layout.placeOf[stop.firm]!)))];
    this.#strike(shocks, stopped);
    let running = shocks.map((_, lane) => lane);
    for (let iterations = 1; running.length > 0; iterations++) {
      this.#doubles.fill(0, this.#places.change >> 3, (this.#places.change >> 3) + LANES);
      this.#pass(this.#down, stopped);
      this.#pass(this.#up, stopped);
      this.#hold(shocks);
      const change = this.#doubles.slice(this.#places.change >> 3, (this.#places.change >> 3) + LANES);
      const done = running.filter((lane) => change[lane]! <= this.#epsilon);
      if (done.length > 0)
        for (const [lane, result] of this.#weigh(done)) outcomes[lane] = { settled: true, ...result, iterations };
      running = running.filter((lane) => !done.includes(lane));
      if (iterations === passesMax) {
        for (const lane of running) outcomes[lane] = { settled: false, change: change[lane]! };
        running = [];
      }
      if (done.length > 0 || running.length === 0) this.#keepOnly(running);
    }
    if (passesMax === ITERATIONS_MAX && outcomes.some((outcome) => !outcome.settled))
      throw supplyProblem("supply/no-convergence", `the cascade still moves after ${ITERATIONS_MAX} passes`);
    return outcomes;
  }

  /** Sets the losses of the stopped firms and makes them the list of both directions. */
  #strike(shocks: readonly (readonly Stop[])[], stopped: readonly number[]): void {
    for (const direction of [this.#down, this.#up]) {
      this.#ints.set(stopped, direction.list >> 2);
      direction.count = stopped.length;
    }
    this.#hold(shocks);
  }

  /** A stopped firm never recovers within a cascade: its loss is at least what the shock took. */
  #hold(shocks: readonly (readonly Stop[])[]): void {
    for (const [lane, shock] of shocks.entries()) {
      for (const { firm, lost } of shock) {
        for (const { rows } of [this.#down, this.#up]) {
          const at = (rows >> 3) + this.#layout.placeOf[firm]! * LANES + lane;
          this.#doubles[at] = Math.max(this.#doubles[at]!, lost);
        }
      }
    }
  }

  #pass(direction: Direction, stopped: readonly number[]): void {
    const { sums, flags, change, slotFirm } = this.#places;
    const isDown = direction === this.#down;
    const { list, count, start, target, share, spare } = direction;
    const dense = this.#isDense(direction);
    const rows = isDown && this.#replaceability ? this.#replaced(dense) : direction.rows;
    let touched: number;
    if (dense) {
      const { groupStart, linkStart, source, pullShare, next } = direction;
      const firms = this.#layout.firmCount;
      touched = this.#kernel.pull(
        firms,
        groupStart,
        linkStart,
        source,
        pullShare,
        rows,
        direction.rows,
        next,
        change,
        spare,
      );
      touched = this.#listStopped(stopped, next, spare, touched);
      [direction.rows, direction.next] = [next, direction.rows];
    } else {
      touched = this.#kernel.push(
        list,
        count,
        start,
        target,
        share,
        rows,
        sums,
        flags,
        spare,
        this.#touch(stopped, spare),
      );
      if (isDown) touched = this.#kernel.fold(spare, touched, this.#layout.firmCount, slotFirm, sums, flags);
      this.#kernel.settle(spare, touched, sums, direction.rows, flags, change);
    }
    [direction.list, direction.spare] = [spare, list];
    direction.count = touched;
  }

  /** Whether reading every link once is cheaper than pushing from every listed firm. */
  #isDense({ list, count, degree, linkCount }: Direction): boolean {
    const budget = linkCount / PUSH_COST;
    let links = 0;
    for (let n = 0; n < count && links <= budget; n++) links += degree[this.#ints[(list >> 2) + n]!]!;
    return links > budget;
  }

  /** A pull lists the firms with a loss; a stopped firm whose own inputs are whole has to be added. */
  #listStopped(stopped: readonly number[], rows: number, list: number, count: number): number {
    let listed = count;
    for (const place of stopped) {
      const row = (rows >> 3) + place * LANES;
      if (this.#doubles.subarray(row, row + LANES).every((loss) => loss === 0)) {
        this.#ints[(list >> 2) + listed] = place;
        listed++;
      }
    }
    return listed;
  }

  /** The stopped firms are on every list, with a sum of zero to begin with: `#hold` gives them back what the shock took. */
  #touch(stopped: readonly number[], list: number): number {
    this.#ints.set(stopped, list >> 2);
    for (const place of stopped) {
      this.#bytes[this.#places.flags + place] = 1;
      const row = (this.#places.sums >> 3) + place * LANES;
      this.#doubles.fill(0, row, row + LANES);
    }
    return stopped.length;
  }

  /** Losses times replaceability, in rows of their own: those of the listed firms, or of all for a pass that reads all. */
  #replaced(all: boolean): number {
    const {
      out,
      marketOf,
      marketTotal,
      markets,
      marketFlags,
      marketList,
      marketStart,
      marketMember,
      replaced,
      everyFirm,
    } = this.#places;
    const { list, count, rows } = this.#down;
    const touched = this.#kernel.remaining(
      list,
      count,
      rows,
      out,
      marketOf,
      marketTotal,
      markets,
      marketFlags,
      marketList,
    );
    this.#kernel.recount(marketList, touched, marketStart, marketMember, rows, out, marketTotal, markets, marketFlags);
    if (all) this.#kernel.replace(everyFirm, this.#layout.firmCount, rows, out, marketOf, markets, replaced);
    else this.#kernel.replace(list, count, rows, out, marketOf, markets, replaced);
    return replaced;
  }

  #weigh(lanes: readonly number[]): [number, Omit<EsriResult, "iterations">][] {
    const { weight, result } = this.#places;
    this.#kernel.weigh(
      this.#down.list,
      this.#down.count,
      this.#up.list,
      this.#up.count,
      this.#down.rows,
      this.#up.rows,
      weight,
      result,
    );
    const share = (row: number, lane: number) =>
      Math.min(1, this.#doubles[(result >> 3) + row * LANES + lane]! / this.#layout.weightTotal); // rounding of the sums
    return lanes.map((lane) => [lane, { esriDown: share(0, lane), esriUp: share(1, lane), esri: share(2, lane) }]);
  }

  #keepOnly(lanes: readonly number[]): void {
    const { mask } = this.#places;
    this.#bytes.fill(0, mask, mask + ROW_BYTES);
    for (const lane of lanes) this.#bytes.fill(0xff, mask + 8 * lane, mask + 8 * lane + 8);
    for (const direction of [this.#down, this.#up])
      direction.count = this.#kernel.keep(direction.list, direction.count, direction.rows, mask);
  }

  #fill(): void {
    const {
      down,
      up,
      downPull,
      upPull,
      slotFirm,
      weight,
      outStrength,
      marketOf,
      marketTotal,
      marketStart,
      marketMember,
    } = this.#layout;
    const places = this.#places;
    const ints: [number, Int32Array][] = [
      [places.down.start, down.start],
      [places.down.target, down.target],
      [places.up.start, up.start],
      [places.up.target, up.target],
      [places.down.groupStart, downPull.groupStart],
      [places.down.linkStart, downPull.linkStart],
      [places.down.source, downPull.source],
      [places.up.groupStart, upPull.groupStart],
      [places.up.linkStart, upPull.linkStart],
      [places.up.source, upPull.source],
      [places.everyFirm, Int32Array.from({ length: this.#layout.firmCount }, (_, place) => place)],
      [places.slotFirm, slotFirm],
      [places.marketOf, marketOf],
      [places.marketStart, marketStart],
      [places.marketMember, marketMember],
    ];
    const doubles: [number, Float64Array][] = [
      [places.down.share, down.share],
      [places.up.share, up.share],
      [places.down.pullShare, downPull.share],
      [places.up.pullShare, upPull.share],
      [places.weight, weight],
      [places.out, outStrength],
      [places.marketTotal, marketTotal],
    ];
    for (const [place, values] of ints) this.#ints.set(values, place >> 2);
    for (const [place, values] of doubles) this.#doubles.set(values, place >> 3);
  }
}

function degrees({ start }: PushRows): Int32Array {
  return start.subarray(1).map((end, firm) => end - start[firm]!);
}

/** Byte addresses of everything the kernel reads and writes, rows first so that they stay aligned to cache lines. */
function allocate(layout: CascadeLayout) {
  const firms = layout.firmCount;
  const slots = firms + layout.slotFirm.length;
  const marketCount = layout.marketTotal.length;
  let size = 0;
  const take = (bytes: number) => {
    const place = size;
    size = Math.ceil((size + bytes) / ROW_BYTES) * ROW_BYTES;
    return place;
  };
  const rows = (count: number) => take(count * ROW_BYTES);
  const doubles = (count: number) => take(count * 8);
  const ints = (count: number) => take(count * 4);
  const direction = (push: PushRows, pull: PullRows) => ({
    rows: rows(firms),
    next: rows(firms),
    share: doubles(push.target.length),
    start: ints(firms + 1),
    target: ints(push.target.length),
    groupStart: ints(firms + 1),
    linkStart: ints(pull.linkStart.length),
    source: ints(pull.source.length),
    pullShare: doubles(pull.source.length),
    list: ints(pull.linkStart.length), // as many as there are slots
    spare: ints(pull.linkStart.length),
    degree: degrees(push),
    linkCount: push.target.length,
  });
  const places = {
    sums: rows(slots),
    replaced: rows(firms),
    markets: rows(marketCount),
    change: rows(1),
    mask: rows(1),
    result: rows(3),
    down: direction(layout.down, layout.downPull),
    up: direction(layout.up, layout.upPull),
    weight: doubles(firms),
    out: doubles(firms),
    marketTotal: doubles(marketCount),
    slotFirm: ints(layout.slotFirm.length),
    marketOf: ints(firms),
    marketStart: ints(marketCount + 1),
    marketMember: ints(firms),
    everyFirm: ints(firms),
    marketList: ints(marketCount),
    flags: take(slots),
    marketFlags: take(marketCount),
  };
  if (size > MEMORY_BYTES_MAX)
    throw supplyProblem("supply/limit-exceeded", `the cascade needs \`${size}\` bytes, at most ${MEMORY_BYTES_MAX}`);
  return { ...places, size };
}
