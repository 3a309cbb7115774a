/** The floor that benches compare with: how fast this machine, now, reads doubles at scattered places. */
import { uniformStream } from "../src/index.ts";

/** Nanoseconds per element of a dot product that gathers from `size` doubles; the best of several runs. */
export function gatherNanoseconds(size: number): number {
  const draw = uniformStream(99);
  const values = Float64Array.from({ length: size }, draw);
  const factors = Float64Array.from({ length: 4 * size }, draw);
  const places = Int32Array.from({ length: 4 * size }, () => Math.floor(draw() * size));
  let best = Number.POSITIVE_INFINITY;
  let sum = 0;
  for (let run = 0; run < 7; run++) {
    const startedAt = performance.now();
    for (let k = 0; k < places.length; k++) sum += factors[k]! * values[places[k]!]!; // within the arrays above
    best = Math.min(best, performance.now() - startedAt);
  }
  return sum > 0 ? (best * 1e6) / places.length : Number.NaN; // the sum is read, so that the loop is not removed
}
