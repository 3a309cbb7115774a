/**
 * Verdicts on patterns, STIX 2.1 section 9.4, and the plain evaluator: every block against every observation, every
 * choice of observations listed. It is slow and simple, and the judge of the index.
 */
import { enumerateParticipants } from "./enumerate.ts";
import { matchesBlock, type Truth } from "./match-block.ts";
import type { Observation } from "./observation.ts";
import { planOf } from "./plan.ts";
import type { Pattern } from "./syntax.ts";

export interface PatternVerdict {
  /** Undefined when the answer could not be found within the budgets; never silently false. */
  readonly matched: boolean | undefined;
  /** Ids of the observations that take part in some match, in the order they were given. */
  readonly observationIds: readonly string[];
  /** False when more observations may take part than are listed. */
  readonly complete: boolean;
}

/** The verdict of the plain evaluator. Time grows with the number of ways to choose observations. */
export function evaluatePattern(pattern: Pattern, observations: readonly Observation[]): PatternVerdict {
  const { plan, blocks } = planOf(pattern.root);
  const truths = blocks.map((block) => observations.map((observation) => matchesBlock(block, observation)));
  const isDoubtful = truths.some((row) => row.includes(undefined));
  return threeValued(observations, isDoubtful, (isHit) => {
    const participants = enumerateParticipants(plan, observations, (block, i) => isHit(truths[block]![i])); // numbered above
    return participants === undefined
      ? { matched: undefined, participants: new Set(), complete: false }
      : { matched: participants.size > 0, participants, complete: true };
  });
}

interface Outcome {
  readonly matched: boolean | undefined;
  readonly participants: ReadonlySet<number>;
  readonly complete: boolean;
}

/**
 * The verdict where blocks may be undecided: matched when it is so without them, not matched when it is not so with
 * them, else undecided. `decide` is asked with what counts as a hit, twice when some block `isDoubtful`.
 */
export function threeValued(
  observations: readonly Observation[],
  isDoubtful: boolean,
  decide: (isHit: (truth: Truth) => boolean) => Outcome,
): PatternVerdict {
  const surely = decide((truth) => truth === true);
  const possibly = isDoubtful ? decide((truth) => truth !== false) : surely;
  const complete = surely.complete && possibly.complete && surely.participants.size === possibly.participants.size;
  const observationIds = [...surely.participants].sort((a, b) => a - b).map((i) => observations[i]!.id); // indexes of the list
  if (surely.matched === true) return { matched: true, observationIds, complete };
  return {
    matched: possibly.matched === false ? false : undefined,
    observationIds: [],
    complete: possibly.matched === false,
  };
}
