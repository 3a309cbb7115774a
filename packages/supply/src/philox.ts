/**
 * Philox4x32-10, the counter-based generator of Salmon et al. 2011: block n of a stream is a function of (key, n), so that
 * any worker can draw any part of it. Invariant: no state, equal (key, counter) give equal words on every machine.
 */

export const M0 = 0xd2511f53;
export const M1 = 0xcd9e8d57;
export const WEYL0 = 0x9e3779b9;
export const WEYL1 = 0xbb67ae85;
export const ROUNDS = 10;

/** Writes the four 32-bit words of block (n0, n1, n2, n3) under key (key0, key1) into `out`. */
export function philox(
  n0: number,
  n1: number,
  n2: number,
  n3: number,
  key0: number,
  key1: number,
  out: Uint32Array,
): void {
  let [c0, c1, c2, c3] = [n0 | 0, n1 | 0, n2 | 0, n3 | 0];
  let [k0, k1] = [key0 | 0, key1 | 0];
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

/** Bits 32 to 63 of the unsigned product a * b, from four products of halves; all of it stays in 32-bit integers. */
export function highWord(a: number, b: number): number {
  const low = Math.imul(a & 0xffff, b & 0xffff);
  const cross = Math.imul(a & 0xffff, b >>> 16);
  const crossed = Math.imul(a >>> 16, b & 0xffff);
  const carry = ((low >>> 16) + (cross & 0xffff) + (crossed & 0xffff)) >>> 16;
  return (Math.imul(a >>> 16, b >>> 16) + (cross >>> 16) + (crossed >>> 16) + carry) | 0;
}

const BELOW_ONE = 1 - 2 ** -53; // the largest pair of words would round to 1

/** A double in (0, 1) from two words: 53 bits, never 0 or 1. */
export function unitInterval(high: number, low: number): number {
  return Math.min(BELOW_ONE, ((high >>> 5) * 67_108_864 + (low >>> 6) + 0.5) / 9_007_199_254_740_992);
}

/** The key of a seed: a whole number from 0 to 2^53. */
export function seedWords(seed: number): [number, number] {
  return [seed >>> 0, Math.floor(seed / 4_294_967_296) >>> 0];
}

/** A stream of uniform doubles: value n is a function of (seed, n). For set-ups and tests; simulations address blocks. */
export function uniformStream(seed: number): () => number {
  const words = new Uint32Array(4);
  const [key0, key1] = seedWords(seed);
  let next = 0;
  return () => {
    const half = next % 2;
    if (half === 0) philox(Math.floor(next / 2), 0, 0, 0, key0, key1, words);
    next++;
    return half === 0 ? unitInterval(words[0]!, words[1]!) : unitInterval(words[2]!, words[3]!); // four words
  };
}
