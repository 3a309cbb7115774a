/**
 * Calibrated ranges as distributions (reference sheet section 9). A 90 % interval becomes a lognormal, three points become
 * a PERT. Logarithm, exponential and cosine are this file's own and use only +, -, *, / and sqrt, which IEEE 754 rounds
 * the same everywhere, so that a simulation gives the same bytes on every machine.
 */
import { supplyProblem } from "./supply-problem.ts";

const Z90 = 1.6448536269514722; // the normal quantile of 0.95

export interface Lognormal {
  readonly mu: number;
  readonly sd: number;
}

/** The lognormal whose 5th and 95th percentiles are `low` and `high`. @throws Problem `supply/number-invalid` */
export function lognormalOf({ low, high }: { low: number; high: number }): Lognormal {
  if (!(low > 0 && high >= low && high < Number.POSITIVE_INFINITY))
    throw supplyProblem("supply/number-invalid", `\`${low}\` to \`${high}\` is not a range of positive numbers`);
  return { mu: (logarithm(low) + logarithm(high)) / 2, sd: (logarithm(high) - logarithm(low)) / (2 * Z90) };
}

/** exp(mu + sd^2 / 2). */
export function lognormalMean({ mu, sd }: Lognormal): number {
  return exponential(mu + (sd * sd) / 2);
}

/** (a + gamma m + b) / (gamma + 2), gamma = 4. @throws Problem `supply/number-invalid` when not low <= mode <= high */
export function pertMean({ low, mode, high }: { low: number; mode: number; high: number }): number {
  if (!(low <= mode && mode <= high))
    throw supplyProblem("supply/number-invalid", `\`${low}\`, \`${mode}\`, \`${high}\` are not in order`);
  return (low + 4 * mode + high) / 6;
}

/** A standard normal draw from two uniforms in (0, 1): Box-Muller, the cosine half. */
export function normalFrom(u: number, v: number): number {
  return Math.sqrt(-2 * logarithm(u)) * cosineOfTurn(v);
}

const LN2_HIGH = 0.6931471803691238; // 33 bits of ln 2, so that a multiple of it is exact
const LN2_LOW = 1.9082149292705877e-10;
const SQRT_HALF = 0.7071067811865476;
const LOG_SERIES = series(11, (n) => 1 / (2 * n + 1));
const EXP_SERIES = series(15, (n) => 1 / factorial(n));
const COSINE_SERIES = series(9, (n) => (-1) ** n / factorial(2 * n));
const SINE_SERIES = series(9, (n) => (-1) ** n / factorial(2 * n + 1));
const exponentBits = new DataView(new ArrayBuffer(8));

/** The natural logarithm of a positive, finite number, to about 1e-15. */
export function logarithm(x: number): number {
  exponentBits.setFloat64(0, x < 1e-300 ? x * 2 ** 200 : x);
  const high = exponentBits.getUint32(0);
  let exponent = (high >>> 20) - 1022 - (x < 1e-300 ? 200 : 0);
  exponentBits.setUint32(0, (high & 0xfffff) | 0x3fe00000);
  let mantissa = exponentBits.getFloat64(0); // in [0.5, 1)
  if (mantissa < SQRT_HALF) {
    mantissa *= 2;
    exponent -= 1;
  }
  const s = (mantissa - 1) / (mantissa + 1); // ln m = 2 (s + s^3 / 3 + s^5 / 5 + …), |s| < 0.172
  const t = s * s;
  let sum = 0;
  for (const coefficient of LOG_SERIES) sum = sum * t + coefficient;
  return exponent * LN2_HIGH + (2 * s * sum + exponent * LN2_LOW);
}

/** e^x, to about 1e-15; 0 below -745 and infinite above 709. */
export function exponential(x: number): number {
  if (x > 709.7) return Number.POSITIVE_INFINITY;
  if (x < -745) return 0;
  const k = Math.round(x / (LN2_HIGH + LN2_LOW));
  const r = x - k * LN2_HIGH - k * LN2_LOW; // |r| < 0.35
  let sum = 0;
  for (const coefficient of EXP_SERIES) sum = sum * r + coefficient;
  const half = Math.trunc(k / 2);
  return sum * powerOfTwo(half) * powerOfTwo(k - half);
}

/** 2^k for -1022 <= k <= 1023, exact. */
function powerOfTwo(k: number): number {
  exponentBits.setUint32(0, (k + 1023) << 20);
  exponentBits.setUint32(4, 0);
  return exponentBits.getFloat64(0);
}

/** Coefficients of a power series, highest power first, as Horner's rule takes them. */
function series(count: number, coefficient: (n: number) => number): Float64Array {
  return Float64Array.from({ length: count }, (_, i) => coefficient(count - 1 - i));
}

function factorial(n: number): number {
  let product = 1;
  for (let k = 2; k <= n; k++) product *= k;
  return product;
}

const HALF_PI = 1.5707963267948966;

/** cos(2 pi t) for t in [0, 1]. */
export function cosineOfTurn(t: number): number {
  const quarters = 4 * t;
  const quarter = Math.round(quarters);
  const angle = (quarters - quarter) * HALF_PI; // in [-pi/4, pi/4]
  const q = quarter & 3;
  if (q === 0) return cosineNear(angle);
  if (q === 2) return -cosineNear(angle);
  return q === 1 ? -sineNear(angle) : sineNear(angle);
}

function cosineNear(x: number): number {
  const t = x * x;
  let sum = 0;
  for (const coefficient of COSINE_SERIES) sum = sum * t + coefficient;
  return sum;
}

function sineNear(x: number): number {
  const t = x * x;
  let sum = 0;
  for (const coefficient of SINE_SERIES) sum = sum * t + coefficient;
  return x * sum;
}
