/**
 * The quick evaluator of observation operators, STIX 2.1 section 9.5, with the meaning that `enumerate.ts` spells out.
 * Every time rule is turned into a choice of one instant and bounds on the observations that remain: WITHIN chooses the
 * earliest `last`, FOLLOWEDBY the latest `first` of its left side. What is left asks for instances from sets, which is a
 * flow problem. Invariant: bounded work; where the budget ends with no match found, the answer is undecided.
 */
import { type Demand, isFeasible } from "./assignment.ts";
import type { Observation } from "./observation.ts";
import type { Plan } from "./plan.ts";
import { Necessity } from "./necessity.ts";
import { type Bounds, narrow, TimedHits } from "./timed-hits.ts";

/** Observations looked at by one decision, and more for what costs more; below a second. */
export const MAX_DECISION_STEPS = 2_000_000;
/** Copies that REPEATS makes of an operand with choices of its own; more is undecided. */
export const MAX_REPEAT_COPIES = 1_000;
/** Choices inside one another; bounds the recursion. */
const MAX_CHOICE_DEPTH = 1_000;
/** What following one choice and checking its demands costs, in steps. */
const CHOICE_STEPS = 10;

export interface Decision {
  /** Undefined when the budget ended before an answer was certain. */
  readonly matched: boolean | undefined;
  /** Indexes of the observations that take part in some match. */
  readonly participants: ReadonlySet<number>;
  /** False when there may be more participants than were found. */
  readonly complete: boolean;
}

/** Decides `plan`; `hitsOf(block)` are the indexes of the observations that meet a block. */
export function decide(
  plan: Plan,
  observations: readonly Observation[],
  hitsOf: (block: number) => readonly number[],
): Decision {
  const search = new Search(observations, hitsOf);
  const complete = search.run(plan);
  const matched = search.participants.size > 0;
  return { matched: matched || (complete ? false : undefined), participants: search.participants, complete };
}

const FREE: Bounds = {
  lastAtLeast: Number.NEGATIVE_INFINITY,
  firstAtMost: Number.POSITIVE_INFINITY,
  firstBelow: Number.POSITIVE_INFINITY,
};

interface Task {
  readonly plan: Plan;
  readonly bounds: Bounds;
  readonly times: number;
}

class OutOfBudget extends Error {}
/** Every observation that any block takes is known to take part: nothing is left to find. */
class AllFound extends Error {}

class Search {
  readonly participants = new Set<number>();
  readonly #observations: readonly Observation[];
  readonly #hitsOf: (block: number) => readonly number[];
  readonly #leaves = new Map<string, TimedHits>();
  readonly #necessity: Necessity;
  #candidateCount = 0;
  #steps = 0;

  constructor(observations: readonly Observation[], hitsOf: (block: number) => readonly number[]) {
    this.#observations = observations;
    this.#hitsOf = hitsOf;
    this.#necessity = new Necessity(observations, (plan) => this.#leaf(plan), this.#spend);
  }

  /** True when everything was looked at, or nobody is left who could take part. */
  run(plan: Plan): boolean {
    try {
      if (!this.#necessity.isPossible(plan, FREE)) return true;
      this.#candidateCount = new Set(this.#necessity.leavesOf(plan).flatMap((leaf) => leaf.all)).size;
      this.#solve([{ plan, bounds: FREE, times: 1 }], [], 0);
      return true;
    } catch (end) {
      if (end instanceof OutOfBudget) return false;
      if (end instanceof AllFound) return true;
      throw end;
    }
  }

  /** Works off `tasks` until one needs a choice, then tries each; at the end, checks the demands together. */
  #solve(tasks: readonly Task[], demands: readonly Demand[], depth: number): boolean {
    const open = [...tasks];
    const asked = [...demands];
    while (open.length > 0) {
      const task = open.pop()!; // the list is not empty
      const { plan, bounds, times } = task;
      switch (plan.kind) {
        case "leaf": {
          const hits = this.#leaf(plan).within(bounds, this.#spend);
          if (hits.length === 0) return false;
          asked.push({ hits, times });
          break;
        }
        case "and":
          for (const operand of plan.operands) open.push({ plan: operand, bounds, times });
          break;
        case "startstop":
          if (plan.startMicros >= plan.stopMicros) return false;
          open.push({
            plan: plan.operand,
            bounds: narrow(bounds, { lastAtLeast: plan.startMicros, firstBelow: plan.stopMicros }),
            times,
          });
          break;
        case "repeats":
          open.push({ plan: plan.operand, bounds, times: Math.min(times * plan.times, Number.MAX_SAFE_INTEGER) });
          break;
        case "or":
        case "within":
        case "followedby":
          return this.#choose({ ...task, plan }, open, asked, depth);
      }
    }
    return this.#conclude(asked);
  }

  /** Whether the demands can be met together; if so, every hit of them can take part. */
  #conclude(asked: readonly Demand[]): boolean {
    this.#spend(CHOICE_STEPS * asked.length);
    if (!isFeasible(asked, this.#observations, this.#spend)) return false;
    for (const { hits } of asked) for (const i of hits) this.participants.add(i);
    if (this.participants.size === this.#candidateCount) throw new AllFound();
    return true;
  }

  /**
   * Tries every way to choose. Where FOLLOWEDBY is the last choice, the first and the last instant that are possible tell
   * all: the later it is, the more can come before, and the earlier, the more can come after.
   */
  #choose(task: Task, open: readonly Task[], asked: readonly Demand[], depth: number): boolean {
    if (depth >= MAX_CHOICE_DEPTH || task.times > MAX_REPEAT_COPIES) throw new OutOfBudget();
    // each copy of a repeated choice chooses for itself
    const rest = task.times === 1 ? open : [...open, { ...task, times: task.times - 1 }];
    const { plan } = task;
    const isLast =
      plan.kind === "followedby" &&
      plan.operands.length === 2 &&
      plan.operands.every(isFlat) &&
      rest.every((other) => isFlat(other.plan));
    let isMet = false;
    for (const isReversed of isLast ? [false, true] : [false]) {
      for (const chosen of this.#alternatives(task, isReversed)) {
        this.#spend(CHOICE_STEPS + rest.length);
        const isThis = this.#solve([...rest, ...chosen], asked, depth + 1);
        isMet ||= isThis;
        if (isThis && isLast) break;
      }
    }
    return isMet;
  }

  /** The ways to go on with a plan that leaves a choice, without those that can't lead anywhere. */
  *#alternatives({ plan, bounds }: Task, isReversed: boolean): Iterable<readonly Task[]> {
    const isPossible = (task: Task): boolean => this.#necessity.isPossible(task.plan, task.bounds);
    switch (plan.kind) {
      case "or":
        for (const operand of plan.operands) {
          const task: Task = { plan: operand, bounds, times: 1 };
          if (isPossible(task)) yield [task];
        }
        return;
      case "within":
        for (const earliest of this.#necessity.instants(plan.operand, bounds, "lastMicros")) {
          const window = narrow(bounds, { lastAtLeast: earliest, firstBelow: earliest + plan.windowMicros });
          const task: Task = { plan: plan.operand, bounds: window, times: 1 };
          if (isPossible(task)) yield [task];
        }
        return;
      case "followedby": {
        const { left, right } = this.#necessity.sidesOf(plan);
        const instants = this.#necessity.instants(left, bounds, "firstMicros");
        for (const latest of isReversed ? instants.toReversed() : instants) {
          const before: Task = { plan: left, bounds: narrow(bounds, { firstAtMost: latest }), times: 1 };
          const after: Task = { plan: right, bounds: narrow(bounds, { lastAtLeast: latest }), times: 1 };
          if (isPossible(after) && isPossible(before)) yield [before, after];
        }
      }
    }
  }

  /** Leaves of the same blocks are one. */
  #leaf(plan: Plan & { kind: "leaf" }): TimedHits {
    const key = plan.blocks.join(" ");
    let hits = this.#leaves.get(key);
    if (hits === undefined) {
      hits = new TimedHits([...new Set(plan.blocks.flatMap((block) => this.#hitsOf(block)))], this.#observations);
      this.#leaves.set(key, hits);
    }
    return hits;
  }

  readonly #spend = (steps: number): void => {
    this.#steps += steps + 1;
    if (this.#steps > MAX_DECISION_STEPS) throw new OutOfBudget();
  };
}

/** True for a plan that leaves no choice of instants. */
function isFlat(plan: Plan): boolean {
  switch (plan.kind) {
    case "leaf":
      return true;
    case "and":
      return plan.operands.every(isFlat);
    case "startstop":
    case "repeats":
      return isFlat(plan.operand);
    default:
      return false;
  }
}
