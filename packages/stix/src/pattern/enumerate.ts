/**
 * The plain evaluator of observation operators, STIX 2.1 section 9.5: it lists every way to choose observations, and so
 * is the judge of the quick one. An observation stands for `number_observed` instances within its window, and every
 * choice takes different instances. A window passes a time rule when some instant in it can: START x STOP y if it meets
 * [x, y); FOLLOWEDBY if the latest `first` on the left is not after the earliest `last` on the right; WITHIN n if the
 * latest `first` is less than n after the earliest `last` (strictly, as the standard's text says).
 */
import type { Observation } from "./observation.ts";
import type { Plan } from "./plan.ts";

/** Choices that one evaluation may look at; beyond it the answer is undecided. */
export const MAX_CHOICES = 200_000;

/** Observations by index, repeated for each instance, in ascending order. */
type Choice = readonly number[];

class TooManyChoices extends Error {}

/** Indexes of all observations that take part in some way to meet `plan`; undefined beyond `MAX_CHOICES`. */
export function enumerateParticipants(
  plan: Plan,
  observations: readonly Observation[],
  meetsBlock: (block: number, observation: number) => boolean,
): ReadonlySet<number> | undefined {
  const participants = new Set<number>();
  try {
    for (const choice of new Enumeration(observations, meetsBlock).choices(plan))
      for (const index of choice) participants.add(index);
  } catch (end) {
    if (end instanceof TooManyChoices) return undefined;
    throw end;
  }
  return participants;
}

class Enumeration {
  readonly #observations: readonly Observation[];
  readonly #meetsBlock: (block: number, observation: number) => boolean;
  #count = 0;

  constructor(observations: readonly Observation[], meetsBlock: (block: number, observation: number) => boolean) {
    this.#observations = observations;
    this.#meetsBlock = meetsBlock;
  }

  choices(plan: Plan): Choice[] {
    switch (plan.kind) {
      case "leaf":
        return this.#keep(
          this.#observations.flatMap((_, i) => (plan.blocks.some((block) => this.#meetsBlock(block, i)) ? [[i]] : [])),
        );
      case "or":
        return this.#keep(plan.operands.flatMap((operand) => this.choices(operand)));
      case "and":
        return plan.operands
          .map((operand) => this.choices(operand))
          .reduce((left, right) => this.#join(left, right, () => true));
      case "followedby":
        return plan.operands
          .map((operand) => this.choices(operand))
          .reduce((left, right) => this.#join(left, right, (a, b) => this.#latestFirst(a) <= this.#earliestLast(b)));
      case "startstop":
        return this.choices(plan.operand).filter((choice) =>
          choice.every((i) => this.#meetsInterval(i, plan.startMicros, plan.stopMicros)),
        );
      case "within":
        return this.choices(plan.operand).filter(
          (choice) => this.#latestFirst(choice) < this.#earliestLast(choice) + plan.windowMicros,
        );
      case "repeats": {
        const once = this.choices(plan.operand);
        let several = once;
        for (let i = 1; i < plan.times && several.length > 0; i += 1) several = this.#join(several, once, () => true);
        return several;
      }
    }
  }

  #join(left: readonly Choice[], right: readonly Choice[], passes: (a: Choice, b: Choice) => boolean): Choice[] {
    const joined = new Map<string, Choice>();
    for (const a of left) {
      for (const b of right) {
        this.#spend();
        if (!passes(a, b)) continue;
        const both = [...a, ...b].sort((x, y) => x - y);
        if (this.#hasInstances(both)) joined.set(both.join(" "), both);
      }
    }
    return [...joined.values()];
  }

  #hasInstances(choice: Choice): boolean {
    const used = new Map<number, number>();
    for (const i of choice) used.set(i, (used.get(i) ?? 0) + 1);
    return [...used].every(([i, times]) => times <= this.#observations[i]!.instances); // indexes are those of the list
  }

  #latestFirst(choice: Choice): number {
    return Math.max(...choice.map((i) => this.#observations[i]!.firstMicros)); // indexes are those of the list
  }

  #earliestLast(choice: Choice): number {
    return Math.min(...choice.map((i) => this.#observations[i]!.lastMicros)); // indexes are those of the list
  }

  #meetsInterval(i: number, start: number, stop: number): boolean {
    const { firstMicros, lastMicros } = this.#observations[i]!; // indexes are those of the list
    return start < stop && firstMicros < stop && lastMicros >= start;
  }

  #keep(choices: Choice[]): Choice[] {
    for (const _ of choices) this.#spend();
    return choices;
  }

  #spend(): void {
    this.#count += 1;
    if (this.#count > MAX_CHOICES) throw new TooManyChoices();
  }
}
