/**
 * Many patterns against many observations at once. Blocks that write the same comparison are one; each is watched by
 * its triggers, and evaluated only for the objects where one fires. Invariant: the verdicts are those of the plain
 * evaluator (`evaluate.ts`), except that this one decides cases that are too many to enumerate.
 */
import { decide } from "./decide.ts";
import { type PatternVerdict, threeValued } from "./evaluate.ts";
import { meets } from "./match-block.ts";
import { valuesAt } from "./object-path.ts";
import type { Observable, Observation } from "./observation.ts";
import { PathIndex, type Posting } from "./path-index.ts";
import { type Plan, planOf } from "./plan.ts";
import type { ComparisonNode, ObjectPath, Pattern } from "./syntax.ts";
import { type Trigger, triggersOf } from "./trigger.ts";

/** What one observation does to the blocks of an index. */
export interface BlockHits {
  /** Blocks that it meets. */
  readonly met: readonly number[];
  /** Blocks that could not be decided for it. */
  readonly undecided: readonly number[];
}

interface TypeIndex {
  readonly paths: Map<string, PathIndex>;
  /** Blocks that every object of the type must be asked about. */
  readonly always: Posting[];
}

export class PatternIndex {
  readonly #plans: Plan[] = [];
  readonly #blocks: ComparisonNode[] = [];
  readonly #types = new Map<string, TypeIndex>();
  /** The last object, by running number, for which a block was asked; keeps an object from being asked twice. */
  #askedFor: Float64Array = new Float64Array(0);
  /** The last observation, by running number, that met a block. */
  #metBy: Float64Array = new Float64Array(0);
  #objectCount = 0;
  #observationCount = 0;

  constructor(patterns: readonly Pattern[]) {
    const numbers = new Map<string, number>();
    for (const pattern of patterns) {
      const { plan, blocks } = planOf(pattern.root);
      const own = blocks.map((block) => this.#number(block, numbers));
      this.#plans.push(renumber(plan, own));
    }
    this.#askedFor = new Float64Array(this.#blocks.length);
    this.#metBy = new Float64Array(this.#blocks.length);
  }

  /** One verdict for each pattern, in their order. */
  matchAll(observations: readonly Observation[]): PatternVerdict[] {
    const met: number[][] = this.#blocks.map(() => []);
    const possible: number[][] = this.#blocks.map(() => []);
    for (const [i, observation] of observations.entries()) {
      const hits = this.hitsOf(observation);
      for (const block of hits.met) met[block]!.push(i); // blocks number these lists
      for (const block of [...hits.met, ...hits.undecided]) possible[block]!.push(i); // blocks number these lists
    }
    return this.#plans.map((plan) =>
      threeValued(
        observations,
        blocksOf(plan).some((block) => possible[block]!.length > met[block]!.length),
        (isHit) => {
          const hits = isHit(undefined) ? possible : met;
          return decide(plan, observations, (block) => hits[block]!); // blocks number these lists
        },
      ),
    );
  }

  /** Numbers of the patterns that `observation` alone matches: those of a single block, or of alternatives of blocks. */
  matchOne(observation: Observation): number[] {
    const hits = this.hitsOf(observation);
    const patterns = new Set<number>();
    for (const block of hits.met) for (const pattern of this.#singles().get(block) ?? []) patterns.add(pattern);
    return [...patterns].sort((a, b) => a - b);
  }

  #singleBlocks: Map<number, number[]> | undefined;

  #singles(): ReadonlyMap<number, readonly number[]> {
    if (this.#singleBlocks !== undefined) return this.#singleBlocks;
    const singles = new Map<number, number[]>();
    for (const [i, plan] of this.#plans.entries()) {
      for (const block of plan.kind === "leaf" ? plan.blocks : [])
        singles.set(block, [...(singles.get(block) ?? []), i]);
    }
    this.#singleBlocks = singles;
    return singles;
  }

  /** The blocks that `observation` meets, by number. */
  hitsOf(observation: Observation): BlockHits {
    const met: number[] = [];
    const doubtful = new Set<number>();
    this.#observationCount += 1;
    for (const object of observation.objects.values()) {
      const index = this.#types.get(object.type);
      if (index === undefined) continue;
      this.#objectCount += 1;
      const fire = (posting: Posting): void => this.#look(posting, object, observation.objects, met, doubtful);
      for (const posting of index.always) fire(posting);
      for (const path of index.paths.values()) {
        const values = valuesAt(path.path, object, observation.objects);
        if (values === undefined) path.all(fire);
        else if (values.length > 0) path.search(values, fire);
      }
    }
    const undecided = [...doubtful].filter((block) => this.#metBy[block] !== this.#observationCount);
    return { met, undecided };
  }

  #look(
    posting: Posting,
    object: Observable,
    objects: ReadonlyMap<string, Observable>,
    met: number[],
    doubtful: Set<number>,
  ): void {
    const { block, implies } = posting;
    if (this.#metBy[block] === this.#observationCount || (!implies && this.#askedFor[block] === this.#objectCount))
      return;
    this.#askedFor[block] = this.#objectCount;
    const truth = implies || meets(this.#blocks[block]!, object, objects); // postings number the blocks
    if (truth === undefined) doubtful.add(block);
    if (truth !== true) return;
    this.#metBy[block] = this.#observationCount;
    met.push(block);
  }

  #number(block: ComparisonNode, numbers: Map<string, number>): number {
    const key = JSON.stringify(block, replaceUnprintable);
    const known = numbers.get(key);
    if (known !== undefined) return known;
    const number = this.#blocks.length;
    numbers.set(key, number);
    this.#blocks.push(block);
    for (const trigger of triggersOf(block)) this.#watch(trigger, number);
    return number;
  }

  #watch({ path, watch, implies }: Trigger, block: number): void {
    let index = this.#types.get(path.type);
    if (index === undefined) {
      index = { paths: new Map(), always: [] };
      this.#types.set(path.type, index);
    }
    if (watch.kind === "object") {
      index.always.push({ block, implies: false });
      return;
    }
    const key = keyOf(path);
    let pathIndex = index.paths.get(key);
    if (pathIndex === undefined) {
      pathIndex = new PathIndex(path);
      index.paths.set(key, pathIndex);
    }
    pathIndex.add(watch, { block, implies });
  }
}

function blocksOf(plan: Plan): readonly number[] {
  if (plan.kind === "leaf") return plan.blocks;
  return "operands" in plan ? plan.operands.flatMap(blocksOf) : blocksOf(plan.operand);
}

function keyOf(path: ObjectPath): string {
  return JSON.stringify(path.steps);
}

/** Octets and big numbers have no JSON form of their own; compiled expressions are known by their text. */
function replaceUnprintable(key: string, value: unknown): unknown {
  if (key === "regex") return undefined;
  if (value instanceof Uint8Array) return { bytes: [...value] };
  return typeof value === "bigint" ? value.toString() : value;
}

function renumber(plan: Plan, numbers: readonly number[]): Plan {
  switch (plan.kind) {
    case "leaf":
      return { kind: "leaf", blocks: plan.blocks.map((block) => numbers[block]!) }; // a plan numbers its own blocks
    case "and":
    case "or":
    case "followedby":
      return { kind: plan.kind, operands: plan.operands.map((operand) => renumber(operand, numbers)) };
    default:
      return { ...plan, operand: renumber(plan.operand, numbers) };
  }
}
