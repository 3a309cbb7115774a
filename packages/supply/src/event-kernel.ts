/**
 * Finds the (year, hazard) pairs that may have an event: Philox4x32-10 for four years at a time, in WebAssembly with SIMD.
 * Same words as philox.ts, which stays the judge in the tests.
 */
import { ROUNDS, WEYL0, WEYL1, M0, M1 } from "./philox.ts";
import {
  type Code,
  I32,
  i32,
  i32Add,
  i32And,
  i32ShiftLeft,
  i32Sub,
  i32TrailingZeros,
  ifElse,
  intAdd,
  intBitmask,
  intGreaterOrEqualUnsigned,
  intSplat,
  loadI32,
  type Locals,
  multiplyHigh,
  multiplyLow,
  shuffle,
  storeI32,
  storeVector,
  V128,
  vectorXor,
  type WasmFunction,
  wasmModule,
  whileLoop,
} from "./wasm-assembler.ts";
import { compileKernel, instantiateKernel, kernelMemory, type WasmModule } from "./wasm-runtime.ts";

const LOW_WORDS = [0, 1, 2, 3, 8, 9, 10, 11, 16, 17, 18, 19, 24, 25, 26, 27];
const HIGH_WORDS = LOW_WORDS.map((byte) => byte + 4);
const CANDIDATE_INTS = 3; // year, hazard, word
const CANDIDATES_MAX = 1 << 20; // of one call: 12 MB
const WORDS = [0, 1, 2, 3] as const;

/** Lists every (year, hazard, word) with word >= quiet[hazard], years in fours, hazards in order; returns how many. */
const candidates: WasmFunction = {
  name: "candidates",
  parameters: ["year", "yearCount", "blockCount", "key0", "key1", "quiet", "scratch", "list"].map(
    (name) => [name, I32] as const,
  ),
  locals: [
    ...["block", "mask", "lane", "count", "at", "threshold", "lastYear"].map((name) => [name, I32] as const),
    ...["c0", "c1", "c2", "c3", "k0", "k1", "low", "high"].map((name) => [name, V128] as const),
  ],
  result: I32,
  body: (local) => {
    const { get, set } = local;
    return [
      set("lastYear", i32Add(get("year"), get("yearCount"))),
      whileLoop(i32Sub(get("lastYear"), get("year")), [
        set("block", i32(0)),
        whileLoop(i32Sub(get("blockCount"), get("block")), [
          set("c0", intAdd(intSplat(get("year")), lanesZeroToThree())),
          set("c1", intSplat(get("block"))),
          set("c2", intSplat(i32(0))),
          set("c3", intSplat(i32(0))),
          set("k0", intSplat(get("key0"))),
          set("k1", intSplat(get("key1"))),
          ...Array.from({ length: ROUNDS }, () => round(local)).flat(),
          ...WORDS.flatMap((word) => report(local, word)),
          set("block", i32Add(get("block"), i32(1))),
        ]),
        set("year", i32Add(get("year"), i32(4))),
      ]),
      get("count"),
    ];
  },
};

/** The constant (0, 1, 2, 3). */
function lanesZeroToThree(): Code {
  return [0xfd, 0x0c, ...WORDS.flatMap((lane) => [lane, 0, 0, 0])];
}

/** (c0, c1, c2, c3) <- (hi(p1) ^ c1 ^ k0, lo(p1), hi(p0) ^ c3 ^ k1, lo(p0)) with p0 = M0 c0, p1 = M1 c2. */
function round({ get, set }: Locals): Code[] {
  const words = (factor: number, from: string): Code[] => [
    set("low", multiplyLow(intSplat(i32(factor)), get(from))),
    set("high", multiplyHigh(intSplat(i32(factor)), get(from))),
  ];
  const lowWords = shuffle(get("low"), get("high"), LOW_WORDS);
  const highWords = shuffle(get("low"), get("high"), HIGH_WORDS);
  return [
    ...words(M0, "c0"),
    set("c0", lowWords), // kept here until c3 is free
    set("c3", vectorXor(vectorXor(highWords, get("c3")), get("k1"))),
    ...words(M1, "c2"),
    set("c2", get("c3")),
    set("c3", get("c0")),
    set("c0", vectorXor(vectorXor(highWords, get("c1")), get("k0"))),
    set("c1", lowWords),
    set("k0", intAdd(get("k0"), intSplat(i32(WEYL0)))),
    set("k1", intAdd(get("k1"), intSplat(i32(WEYL1)))),
  ];
}

function report({ get, set }: Locals, word: number): Code[] {
  const hazard = i32Add(i32ShiftLeft(get("block"), i32(2)), i32(word));
  const lane = i32ShiftLeft(get("lane"), i32(2));
  return [
    set("threshold", loadI32(i32Add(get("quiet"), i32ShiftLeft(get("block"), i32(4))), 4 * word)),
    set("mask", intBitmask(intGreaterOrEqualUnsigned(get(`c${word}`), intSplat(get("threshold"))))),
    ifElse(get("mask"), [
      storeVector(get("scratch"), get(`c${word}`), 0),
      whileLoop(get("mask"), [
        set("lane", i32TrailingZeros(get("mask"))),
        set("mask", i32And(get("mask"), i32Sub(get("mask"), i32(1)))),
        set("at", i32Add(get("list"), i32ShiftLeft(i32Add(i32ShiftLeft(get("count"), i32(1)), get("count")), i32(2)))),
        storeI32(get("at"), i32Add(get("year"), get("lane"))),
        storeI32(i32Add(get("at"), i32(4)), hazard),
        storeI32(i32Add(get("at"), i32(8)), loadI32(i32Add(get("scratch"), lane))),
        set("count", i32Add(get("count"), i32(1))),
      ]),
    ]),
  ];
}

interface EventKernel {
  candidates(
    year: number,
    yearCount: number,
    blockCount: number,
    key0: number,
    key1: number,
    quiet: number,
    scratch: number,
    list: number,
  ): number;
}

let compiled: WasmModule | undefined; // the same for every table

/** Walks the candidates of ranges of years for one set of hazards and one seed. */
export class CandidateFinder {
  readonly #kernel: EventKernel;
  readonly #list: Int32Array;
  readonly #blocks: number;
  readonly #hazards: number;
  readonly #keys: readonly [number, number];
  readonly #yearsPerCall: number;

  /** `quiet` is [hazards]: words below it mean that there is no event. */
  constructor(quiet: Float64Array, keys: readonly [number, number]) {
    compiled ??= compileKernel(wasmModule([candidates]));
    this.#hazards = quiet.length;
    this.#blocks = Math.ceil(quiet.length / 4);
    this.#keys = keys;
    this.#yearsPerCall = Math.max(4, 4 * Math.floor(CANDIDATES_MAX / (16 * this.#blocks)));
    const listInts = this.#yearsPerCall * this.#blocks * 4 * CANDIDATE_INTS;
    const memory = kernelMemory(SCRATCH_BYTES + QUIET_BYTES * this.#blocks + 4 * listInts);
    const thresholds = new Uint32Array(memory.buffer, SCRATCH_BYTES, 4 * this.#blocks).fill(0xffffffff);
    for (const [h, threshold] of quiet.entries()) thresholds[h] = Math.min(0xffffffff, threshold);
    this.#list = new Int32Array(memory.buffer, SCRATCH_BYTES + QUIET_BYTES * this.#blocks, listInts);
    this.#kernel = instantiateKernel(compiled, memory) as EventKernel; // the function above, under its name
  }

  /** Calls `each` for the candidates of `count` years from `first`; hazards of one year come in order. */
  forEach(first: number, count: number, each: (year: number, hazard: number, word: number) => void): void {
    const list = SCRATCH_BYTES + QUIET_BYTES * this.#blocks;
    for (let from = first; from < first + count; from += this.#yearsPerCall) {
      const years = Math.min(this.#yearsPerCall, 4 * Math.ceil((first + count - from) / 4));
      const found = this.#kernel.candidates(from, years, this.#blocks, ...this.#keys, SCRATCH_BYTES, 0, list);
      for (let at = 0; at < found * CANDIDATE_INTS; at += CANDIDATE_INTS) {
        const [year, hazard] = [this.#list[at]!, this.#list[at + 1]!]; // below 3 ints per candidate
        if (year < first + count && hazard < this.#hazards) each(year, hazard, this.#list[at + 2]! >>> 0);
      }
    }
  }
}

const SCRATCH_BYTES = 64; // scratch for one vector, then the thresholds, then the list
const QUIET_BYTES = 16; // thresholds of one block of four hazards
