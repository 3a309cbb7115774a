/**
 * The quick evaluator of observation operators, STIX 2.1 section 9.5, with the meaning that `enumerate.ts` spells out.
 * Every time rule is turned into a choice of one instant and bounds on the observations that remain: WITHIN chooses the
 * earliest `last`, FOLLOWEDBY the latest `first` of its left side. What is left asks for instances from sets, which is a
 * flow problem. Invariant: bounded work; where the budget ends with no match found, the answer is undecided.
 */
import { type Demand, isFeasible } from "./assignment.ts";
import type { Observation } from "./observation.ts";
import type { Plan } from "./plan.ts";
import { type Bounds, TimedHits } from "./timed-hits.ts";

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

class Search {
  readonly participants = new Set<number>();
  readonly #observations: readonly Observation[];
  readonly #hitsOf: (block: number) => readonly number[];
  readonly #leaves = new Map<Plan, TimedHits>();
  #steps = 0;

  constructor(observations: readonly Observation[], hitsOf: (block: number) => readonly number[]) {
    this.#observations = observations;
    this.#hitsOf = hitsOf;
  }

  /** True when everything was looked at. */
  run(plan: Plan): boolean {
    try {
      this.#solve([{ plan, bounds: FREE, times: 1 }], [], 0);
      return true;
    } catch (end) {
      if (end instanceof OutOfBudget) return false;
      throw end;
    }
  }

  /** Works off `tasks` until one needs a choice, then tries each; at the end, checks the demands together. */
  #solve(tasks: readonly Task[], demands: readonly Demand[], depth: number): void {
    const open = [...tasks];
    const asked = [...demands];
    while (open.length > 0) {
      const task = open.pop()!; // the list is not empty
      const { plan, bounds, times } = task;
      switch (plan.kind) {
        case "leaf": {
          const hits = this.#leaf(plan).within(bounds, this.#spend);
          if (hits.length === 0) return;
          asked.push({ hits, times });
          break;
        }
        case "and":
          for (const operand of plan.operands) open.push({ plan: operand, bounds, times });
          break;
        case "startstop":
          if (plan.startMicros >= plan.stopMicros) return;
          open.push({
            plan: plan.operand,
            bounds: narrow(bounds, plan.startMicros, Number.POSITIVE_INFINITY, plan.stopMicros),
            times,
          });
          break;
        case "repeats":
          open.push({ plan: plan.operand, bounds, times: Math.min(times * plan.times, Number.MAX_SAFE_INTEGER) });
          break;
        case "or":
        case "within":
        case "followedby":
          this.#choose({ ...task, plan }, open, asked, depth);
          return;
      }
    }
    this.#spend(CHOICE_STEPS * asked.length);
    if (isFeasible(asked, this.#observations, this.#spend))
      for (const { hits } of asked) for (const i of hits) this.participants.add(i);
  }

  #choose(task: Task, open: readonly Task[], asked: readonly Demand[], depth: number): void {
    if (depth >= MAX_CHOICE_DEPTH || task.times > MAX_REPEAT_COPIES) throw new OutOfBudget();
    // each copy of a repeated choice chooses for itself
    const rest = task.times === 1 ? open : [...open, { ...task, times: task.times - 1 }];
    for (const chosen of this.#alternatives(task)) {
      this.#spend(CHOICE_STEPS + rest.length);
      this.#solve([...rest, ...chosen], asked, depth + 1);
    }
  }

  /** The ways to go on with a plan that leaves a choice; none for one that does not. */
  *#alternatives({ plan, bounds }: Task): Iterable<readonly Task[]> {
    switch (plan.kind) {
      case "or":
        for (const operand of plan.operands) yield [{ plan: operand, bounds, times: 1 }];
        return;
      case "within":
        for (const earliest of this.#instants(plan.operand, bounds, "lastMicros"))
          yield [
            {
              plan: plan.operand,
              bounds: narrow(bounds, earliest, Number.POSITIVE_INFINITY, earliest + plan.windowMicros),
              times: 1,
            },
          ];
        return;
      case "followedby": {
        const left: Plan =
          plan.operands.length === 2 ? plan.operands[0]! : { kind: "followedby", operands: plan.operands.slice(0, -1) }; // two operands at least
        const right = plan.operands[plan.operands.length - 1]!; // two operands at least
        for (const latest of this.#instants(left, bounds, "firstMicros"))
          yield [
            {
              plan: left,
              bounds: narrow(bounds, Number.NEGATIVE_INFINITY, latest, Number.POSITIVE_INFINITY),
              times: 1,
            },
            {
              plan: right,
              bounds: narrow(bounds, latest, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY),
              times: 1,
            },
          ];
      }
    }
  }

  /** Distinct instants, in order, of the observations that `plan` may take. */
  #instants(plan: Plan, bounds: Bounds, end: "firstMicros" | "lastMicros"): readonly number[] {
    const instants = new Set<number>();
    const open: Plan[] = [plan];
    while (open.length > 0) {
      const next = open.pop()!; // the list is not empty
      if (next.kind === "leaf") {
        for (const i of this.#leaf(next).within(bounds, this.#spend)) {
          instants.add(this.#observations[i]![end]); // hits are indexes of the list
        }
      } else if ("operands" in next) open.push(...next.operands);
      else open.push(next.operand);
    }
    return [...instants].sort((a, b) => a - b);
  }

  #leaf(plan: Plan & { kind: "leaf" }): TimedHits {
    let hits = this.#leaves.get(plan);
    if (hits === undefined) {
      hits = new TimedHits([...new Set(plan.blocks.flatMap((block) => this.#hitsOf(block)))], this.#observations);
      this.#leaves.set(plan, hits);
    }
    return hits;
  }

  readonly #spend = (steps: number): void => {
    this.#steps += steps + 1;
    if (this.#steps > MAX_DECISION_STEPS) throw new OutOfBudget();
  };
}

function narrow(bounds: Bounds, lastAtLeast: number, firstAtMost: number, firstBelow: number): Bounds {
  return {
    lastAtLeast: Math.max(bounds.lastAtLeast, lastAtLeast),
    firstAtMost: Math.min(bounds.firstAtMost, firstAtMost),
    firstBelow: Math.min(bounds.firstBelow, firstBelow),
  };
}
