/** What was done to facts that a model can't take as they are: counted by kind, with some of the cases. */
import type { simulation } from "@holdfast/api";

const EXAMPLES_MAX = 5; // enough to find the rest in the registry

/** A case by ids; names come at display. */
export interface TreatedCase {
  readonly site: string | null;
  readonly item: string | null;
}

export interface Treatment {
  readonly code: simulation.TreatmentCode;
  readonly count: number;
  readonly examples: readonly TreatedCase[];
}

export class Treatments {
  readonly #found = new Map<simulation.TreatmentCode, { count: number; examples: TreatedCase[] }>();

  add(code: simulation.TreatmentCode, example: TreatedCase): void {
    const found = this.#found.get(code) ?? { count: 0, examples: [] };
    found.count += 1;
    if (found.examples.length < EXAMPLES_MAX) found.examples.push(example);
    this.#found.set(code, found);
  }

  /** In the order of codes. */
  list(): Treatment[] {
    return [...this.#found]
      .map(([code, { count, examples }]) => ({ code, count, examples }))
      .sort((a, b) => (a.code < b.code ? -1 : 1));
  }
}
