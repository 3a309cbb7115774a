/**
 * A necessary condition for a plan to be met within bounds, cheap enough to ask before every choice: each part can be met
 * by itself, and there are as many instances as all parts need together. Invariant: never false where the plan can be met.
 * Answers are kept, so that a long chain of FOLLOWEDBY is looked at once for each bound and not once for each way to it.
 */
import type { Observation } from "./observation.ts";
import type { Plan } from "./plan.ts";
import { type Bounds, narrow, type TimedHits } from "./timed-hits.ts";

/** Operands of a chain that are looked at one inside the other; of a longer one only the instances are counted. */
const MAX_CHAIN = 200;

export class Necessity {
  readonly #observations: readonly Observation[];
  readonly #leaf: (plan: Plan & { kind: "leaf" }) => TimedHits;
  readonly #spend: (steps: number) => void;
  readonly #kept = new Map<Plan, Map<string, boolean>>();
  readonly #demands = new Map<Plan, number>();
  readonly #leaves = new Map<Plan, readonly TimedHits[]>();
  readonly #lefts = new Map<Plan, Plan>();

  constructor(
    observations: readonly Observation[],
    leaf: (plan: Plan & { kind: "leaf" }) => TimedHits,
    spend: (steps: number) => void,
  ) {
    this.#observations = observations;
    this.#leaf = leaf;
    this.#spend = spend;
  }

  /** False only when `plan` can't be met `times` times within `bounds`. */
  isPossible(plan: Plan, bounds: Bounds, times = 1): boolean {
    if (!this.#hasSupply(plan, bounds, times * this.demandOf(plan))) return false;
    let kept = this.#kept.get(plan);
    if (kept === undefined) {
      kept = new Map();
      this.#kept.set(plan, kept);
    }
    const key = `${bounds.lastAtLeast} ${bounds.firstAtMost} ${bounds.firstBelow}`;
    const known = kept.get(key);
    if (known !== undefined) return known;
    this.#spend(1);
    const answer = this.#look(plan, bounds);
    kept.set(key, answer);
    return answer;
  }

  #look(plan: Plan, bounds: Bounds): boolean {
    switch (plan.kind) {
      case "leaf":
        return true; // there is supply
      case "and":
        return plan.operands.length > MAX_CHAIN || plan.operands.every((operand) => this.isPossible(operand, bounds));
      case "or":
        return plan.operands.some((operand) => this.isPossible(operand, bounds));
      case "startstop":
        return (
          plan.startMicros < plan.stopMicros &&
          this.isPossible(plan.operand, narrow(bounds, { lastAtLeast: plan.startMicros, firstBelow: plan.stopMicros }))
        );
      case "repeats":
        return this.isPossible(plan.operand, bounds, plan.times);
      case "within":
        return this.instants(plan.operand, bounds, "lastMicros").some((earliest) =>
          this.isPossible(
            plan.operand,
            narrow(bounds, { lastAtLeast: earliest, firstBelow: earliest + plan.windowMicros }),
          ),
        );
      case "followedby": {
        if (plan.operands.length > MAX_CHAIN) return true;
        const { left, right } = this.sidesOf(plan);
        return this.instants(left, bounds, "firstMicros").some(
          (latest) =>
            this.isPossible(right, narrow(bounds, { lastAtLeast: latest })) &&
            this.isPossible(left, narrow(bounds, { firstAtMost: latest })),
        );
      }
    }
  }

  /** Instances that `plan` needs at least. */
  demandOf(plan: Plan): number {
    const known = this.#demands.get(plan);
    if (known !== undefined) return known;
    const demand = this.#countDemand(plan);
    this.#demands.set(plan, demand);
    return demand;
  }

  #countDemand(plan: Plan): number {
    switch (plan.kind) {
      case "leaf":
        return 1;
      case "or":
        return plan.operands.reduce(
          (least, operand) => Math.min(least, this.demandOf(operand)),
          Number.POSITIVE_INFINITY,
        );
      case "and":
      case "followedby":
        return plan.operands.reduce((sum, operand) => sum + this.demandOf(operand), 0);
      case "repeats":
        return plan.times * this.demandOf(plan.operand);
      default:
        return this.demandOf(plan.operand);
    }
  }

  /** A chain is what came before, then its last operand; the same chain gives the same parts. */
  sidesOf(plan: Plan & { kind: "and" | "or" | "followedby" }): { left: Plan; right: Plan } {
    const right = plan.operands[plan.operands.length - 1]!; // two operands at least
    if (plan.operands.length === 2) return { left: plan.operands[0]!, right }; // two operands
    let left = this.#lefts.get(plan);
    if (left === undefined) {
      left = { kind: plan.kind, operands: plan.operands.slice(0, -1) };
      this.#lefts.set(plan, left);
    }
    return { left, right };
  }

  /** Distinct instants, in order, of the observations that `plan` may take. */
  instants(plan: Plan, bounds: Bounds, end: "firstMicros" | "lastMicros"): readonly number[] {
    const instants = new Set<number>();
    for (const leaf of this.leavesOf(plan))
      for (const i of leaf.within(bounds, this.#spend)) instants.add(this.#observations[i]![end]); // hits are indexes of the list
    return [...instants].sort((a, b) => a - b);
  }

  #hasSupply(plan: Plan, bounds: Bounds, needed: number): boolean {
    let supply = 0;
    for (const leaf of this.leavesOf(plan)) {
      supply += leaf.supply(bounds, needed - supply, this.#spend);
      if (supply >= needed) return true;
    }
    return false;
  }

  /** The distinct leaves under `plan`. */
  leavesOf(plan: Plan): readonly TimedHits[] {
    const known = this.#leaves.get(plan);
    if (known !== undefined) return known;
    const leaves = new Set<TimedHits>();
    const open: Plan[] = [plan];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      if (next.kind === "leaf") leaves.add(this.#leaf(next));
      else if ("operands" in next) for (const operand of next.operands) open.push(operand);
      else open.push(next.operand);
    }
    const list = [...leaves];
    this.#leaves.set(plan, list);
    return list;
  }
}
