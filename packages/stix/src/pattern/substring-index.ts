/**
 * Finds which of many texts occur in a subject, in one pass over it: the automaton of Aho and Corasick (1975).
 * Invariant: the pass costs the length of the subject and the number of texts found, however many texts there are.
 */

interface State {
  readonly next: Map<number, number>;
  fallback: number;
  /** Numbers of the texts that end here, those of shorter endings included by `suffix`. */
  readonly ends: number[];
  /** The next shorter state in which a text ends; 0 for none. */
  suffix: number;
}

export class SubstringIndex {
  readonly #states: State[] = [newState()];
  readonly #numberOf = new Map<string, number>();
  #isBuilt = true;

  /** The number of `text`, the same for the same text. @param text not empty */
  add(text: string): number {
    const known = this.#numberOf.get(text);
    if (known !== undefined) return known;
    const number = this.#numberOf.size;
    this.#numberOf.set(text, number);
    let at = 0;
    for (let i = 0; i < text.length; i += 1) {
      const unit = text.charCodeAt(i);
      let next = this.#states[at]!.next.get(unit); // every number is a state
      if (next === undefined) {
        next = this.#states.length;
        this.#states.push(newState());
        this.#states[at]!.next.set(unit, next);
      }
      at = next;
    }
    this.#states[at]!.ends.push(number);
    this.#isBuilt = false;
    return number;
  }

  get size(): number {
    return this.#numberOf.size;
  }

  /** Calls `found` with the number of each text that occurs in `subject`; once for each occurrence. */
  search(subject: string, found: (number: number) => void): void {
    if (!this.#isBuilt) this.#build();
    const states = this.#states;
    let at = 0;
    for (let i = 0; i < subject.length; i += 1) {
      const unit = subject.charCodeAt(i);
      at = this.#step(at, unit);
      for (let end = at; end !== 0; end = states[end]!.suffix) for (const number of states[end]!.ends) found(number); // every number is a state
    }
  }

  #step(from: number, unit: number): number {
    for (let at = from; ; at = this.#states[at]!.fallback) {
      const next = this.#states[at]!.next.get(unit); // every number is a state
      if (next !== undefined) return next;
      if (at === 0) return 0;
    }
  }

  /** Breadth first, so that a state's fallback is ready before it is needed. */
  #build(): void {
    const queue: number[] = [...this.#states[0]!.next.values()]; // the root is always there
    for (const first of queue) this.#states[first]!.fallback = 0;
    for (let head = 0; head < queue.length; head += 1) {
      const at = queue[head]!; // within the queue
      const state = this.#states[at]!; // every number is a state
      for (const [unit, next] of state.next) {
        this.#states[next]!.fallback = this.#step(state.fallback, unit);
        queue.push(next);
      }
      const shorter = this.#states[state.fallback]!;
      state.suffix = shorter.ends.length > 0 ? state.fallback : shorter.suffix;
    }
    this.#isBuilt = true;
  }
}

function newState(): State {
  return { next: new Map(), fallback: 0, ends: [], suffix: 0 };
}
