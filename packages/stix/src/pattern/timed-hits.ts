/**
 * Observations that meet a block, in order of their windows, so that those within bounds are found by bisection.
 * Invariant: sorted by `first`; the longest window bounds how far back a `last` can reach.
 */
import type { Observation } from "./observation.ts";

/** What an observation must fulfil: bounds on its window in microseconds. */
export interface Bounds {
  readonly lastAtLeast: number;
  readonly firstAtMost: number;
  readonly firstBelow: number;
}

/** `bounds` and those of `more` together. */
export function narrow(bounds: Bounds, more: Partial<Bounds>): Bounds {
  return {
    lastAtLeast: Math.max(bounds.lastAtLeast, more.lastAtLeast ?? Number.NEGATIVE_INFINITY),
    firstAtMost: Math.min(bounds.firstAtMost, more.firstAtMost ?? Number.POSITIVE_INFINITY),
    firstBelow: Math.min(bounds.firstBelow, more.firstBelow ?? Number.POSITIVE_INFINITY),
  };
}

export class TimedHits {
  readonly #hits: readonly number[];
  readonly #observations: readonly Observation[];
  readonly #longestMicros: number;

  constructor(hits: readonly number[], observations: readonly Observation[]) {
    this.#observations = observations;
    this.#hits = hits.toSorted((a, b) => this.#first(a) - this.#first(b));
    this.#longestMicros = hits.reduce((longest, i) => Math.max(longest, this.#last(i) - this.#first(i)), 0);
  }

  /** The hits within `bounds`, in order of `first`. Costs the answer and the windows that overlap its start; tells `spend`. */
  within(bounds: Bounds, spend: (steps: number) => void): readonly number[] {
    const { from, to } = this.#range(bounds);
    spend(to - from);
    if (from === 0 && to === this.#hits.length && bounds.lastAtLeast === Number.NEGATIVE_INFINITY) return this.#hits;
    return this.#hits.slice(from, to).filter((i) => this.#last(i) >= bounds.lastAtLeast);
  }

  /** Instances within `bounds`, counted until they are `enough`. */
  supply(bounds: Bounds, enough: number, spend: (steps: number) => void): number {
    const { from, to } = this.#range(bounds);
    let supply = 0;
    let at = from;
    for (; at < to && supply < enough; at += 1) {
      const i = this.#hits[at]!; // at is within the list
      if (this.#last(i) >= bounds.lastAtLeast) supply += this.#observations[i]!.instances; // hits are indexes of the list
    }
    spend(at - from);
    return supply;
  }

  get all(): readonly number[] {
    return this.#hits;
  }

  /** Places of the hits that may be within `bounds`; `last` is still to be looked at. */
  #range(bounds: Bounds): { from: number; to: number } {
    const from = this.#bisect((first) => first >= bounds.lastAtLeast - this.#longestMicros);
    const to = this.#bisect((first) => first > bounds.firstAtMost || first >= bounds.firstBelow);
    return { from, to };
  }

  /** The first place whose `first` is `beyond`, which must stay true once it is. */
  #bisect(beyond: (first: number) => boolean): number {
    let [low, high] = [0, this.#hits.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (beyond(this.#first(this.#hits[middle]!)))
        high = middle; // middle is within the list
      else low = middle + 1;
    }
    return low;
  }

  #first(i: number): number {
    return this.#observations[i]!.firstMicros; // hits are indexes of the list
  }

  #last(i: number): number {
    return this.#observations[i]!.lastMicros; // hits are indexes of the list
  }
}
