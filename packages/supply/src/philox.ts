/**
 * Philox4x32-10, the counter-based generator of Salmon et al. 2011: block n of a stream is a function of (key, n), so that
 * any worker can draw any part of it. Invariant: no state, equal (key, counter) give equal words on every machine.
 */

const M0 = 0xd2511f53;
const M1 = 0xcd9e8d57;
const WEYL0 = 0x9e3779b9;
const WEYL1 = 0xbb67ae85;
const ROUNDS = 10;

/** Writes the four 32-bit words of block `counter` under `key` into `out`. */
export function philox(
  counter: readonly [number, number, number, number],
  key: readonly [number, number],
  out: Uint32Array,
): void {
  let [c0, c1, c2, c3] = counter;
  let [k0, k1] = key;
  for (let round = 0; round < ROUNDS; round++) {
    const high0 = highWord(M0, c0);
    const high1 = highWord(M1, c2);
    const low0 = Math.imul(M0, c0);
    const low1 = Math.imul(M1, c2);
    c0 = high1 ^ c1 ^ k0;
    c1 = low1;
    c2 = high0 ^ c3 ^ k1;
    c3 = low0;
    k0 = (k0 + WEYL0) | 0;
    k1 = (k1 + WEYL1) | 0;
  }
  out[0] = c0;
  out[1] = c1;
  out[2] = c2;
  out[3] = c3;
}

/** Bits 32 to 63 of the unsigned product a * b. */
export function highWord(a: number, b: number): number {
  const aLow = a & 0xffff;
  const aHigh = a >>> 16;
  const bLow = b & 0xffff;
  const bHigh = b >>> 16;
  const middle = aHigh * bLow + ((aLow * bLow) >>> 16); // below 2^32, exact
  return (aHigh * bHigh + (middle >>> 16) + ((aLow * bHigh + (middle & 0xffff)) >>> 16)) | 0;
}

const BELOW_ONE = 1 - 2 ** -53; // the largest pair of words would round to 1

/** A double in (0, 1) from two words: 53 bits, never 0 or 1. */
export function unitInterval(high: number, low: number): number {
  return Math.min(BELOW_ONE, ((high >>> 5) * 67_108_864 + (low >>> 6) + 0.5) / 9_007_199_254_740_992);
}

/** A stream of uniform doubles: value n is a function of (seed, n). For set-ups and tests; simulations address blocks. */
export function uniformStream(seed: number): () => number {
  const words = new Uint32Array(4);
  const key = [seed >>> 0, Math.floor(seed / 2 ** 32) >>> 0] as const;
  let next = 0;
  return () => {
    const half = next % 2;
    if (half === 0) philox([Math.floor(next / 2) >>> 0, 0, 0, 0], key, words);
    next++;
    return half === 0 ? unitInterval(words[0]!, words[1]!) : unitInterval(words[2]!, words[3]!); // four words
  };
}
