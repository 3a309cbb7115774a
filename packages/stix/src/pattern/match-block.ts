/**
 * The plain evaluator of one observation expression `[…]`, STIX 2.1 sections 9.5 and 9.6: it is met when one observable
 * of the observation meets the whole comparison. Three-valued: undefined means undecided. It is the judge of the index.
 */
import { passes } from "./comparison.ts";
import { valuesAt } from "./object-path.ts";
import type { Observable, Observation } from "./observation.ts";
import { typesOf } from "./root-type.ts";
import type { ComparisonNode } from "./syntax.ts";

export type Truth = boolean | undefined;

/** Whether `observation` holds an observable that meets `comparison`. */
export function matchesBlock(comparison: ComparisonNode, observation: Observation): Truth {
  const types = typesOf(comparison);
  let truth: Truth = false;
  for (const object of observation.objects.values()) {
    if (!types.has(object.type)) continue;
    const outcome = meets(comparison, object, observation.objects);
    if (outcome === true) return true;
    if (outcome === undefined) truth = undefined;
  }
  return truth;
}

/** Whether `root` meets `node`; a test of another type of object is false. */
export function meets(node: ComparisonNode, root: Observable, objects: ReadonlyMap<string, Observable>): Truth {
  switch (node.kind) {
    case "or":
      return some(node.operands, (operand) => meets(operand, root, objects));
    case "and": {
      const outcome = some(node.operands, (operand) => not(meets(operand, root, objects)));
      return not(outcome);
    }
    case "exists": {
      if (root.type !== node.path.type) return false;
      const values = valuesAt(node.path, root, objects);
      return values === undefined ? !node.negated : values.length > 0 !== node.negated;
    }
    case "test": {
      if (root.type !== node.path.type) return false;
      const values = valuesAt(node.path, root, objects);
      return values === undefined ? undefined : some(values, (value) => passes(node, value));
    }
  }
}

function not(truth: Truth): Truth {
  return truth === undefined ? undefined : !truth;
}

/** Kleene's "or" over `items`. */
function some<Item>(items: readonly Item[], test: (item: Item) => Truth): Truth {
  let truth: Truth = false;
  for (const item of items) {
    const outcome = test(item);
    if (outcome === true) return true;
    if (outcome === undefined) truth = undefined;
  }
  return truth;
}
