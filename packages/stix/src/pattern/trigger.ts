/**
 * Triggers of blocks: tests, at least one of which must hold for an object before the block can hold for it. The index
 * watches the triggers and asks the plain evaluator only when one fires. Invariant: a block holds for an object only if
 * one of its triggers fires for that object; a trigger that `implies` the block needs no further evaluation.
 */
import type { Net } from "../address.ts";
import { foldForSearch } from "../regex/required-text.ts";
import type { ComparisonNode, Literal, ObjectPath, TestNode } from "./syntax.ts";
import { latin1 } from "./comparison.ts";

export interface Trigger {
  readonly path: ObjectPath;
  readonly watch: Watch;
  readonly implies: boolean;
}

export type Watch =
  /** A string or octets equal to `text`. */
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "number"; readonly value: number }
  | { readonly kind: "boolean"; readonly value: boolean }
  | { readonly kind: "above" | "below"; readonly value: number; readonly inclusive: boolean }
  /** A string or octets that contain `text`, folded. */
  | { readonly kind: "substring"; readonly text: string }
  | { readonly kind: "insideNet" | "containingNet"; readonly net: Net }
  /** Any value at the path. */
  | { readonly kind: "present" }
  /** Any object of the path's type. */
  | { readonly kind: "object" };

/** How many objects a watch lets through, roughly; AND watches its most selective operand. */
const COST: Readonly<Record<Watch["kind"], number>> = {
  text: 1,
  number: 4,
  insideNet: 4,
  containingNet: 4,
  substring: 8,
  above: 40,
  below: 40,
  boolean: 60,
  present: 100,
  object: 200,
};

export function triggersOf(node: ComparisonNode): readonly Trigger[] {
  switch (node.kind) {
    case "or":
      return node.operands.flatMap(triggersOf);
    case "and":
      return node.operands
        .map(triggersOf)
        .reduce((best, next) => (costOf(next) < costOf(best) ? next : best))
        .map((trigger) => ({ ...trigger, implies: false }));
    case "exists":
      return [{ path: node.path, watch: { kind: node.negated ? "object" : "present" }, implies: !node.negated }];
    case "test":
      return triggersOfTest(node);
  }
}

function costOf(triggers: readonly Trigger[]): number {
  return triggers.reduce((sum, trigger) => sum + COST[trigger.watch.kind], 0);
}

function triggersOfTest(node: TestNode): readonly Trigger[] {
  const { path, test } = node;
  const watching = (watch: Watch, implies: boolean): Trigger => ({ path, watch, implies });
  const present = [watching({ kind: "present" }, false)];
  if (node.negated) return present;
  switch (test.operator) {
    case "=":
      return equals(test.literal).map((watch) => watching(watch, watch.kind !== "present"));
    case "IN":
      return test.literals.flatMap((literal) =>
        equals(literal).map((watch) => watching(watch, watch.kind !== "present")),
      );
    case "!=":
      return present;
    case "<":
    case "<=":
    case ">":
    case ">=": {
      if (test.literal.kind !== "number") return present;
      const kind = test.operator.startsWith(">") ? "above" : "below";
      return [watching({ kind, value: test.literal.value, inclusive: test.operator.endsWith("=") }, true)];
    }
    case "LIKE":
      return [watching(substring(requiredOfLike(test.text)), false)];
    case "MATCHES":
      return [watching(substring(test.regex?.required ?? ""), false)];
    case "ISSUBSET":
      return [watching({ kind: "insideNet", net: test.net }, true)];
    case "ISSUPERSET":
      return [watching({ kind: "containingNet", net: test.net }, true)];
  }
}

function equals(literal: Literal): Watch[] {
  switch (literal.kind) {
    case "string":
      return [{ kind: "text", text: literal.value }];
    case "bytes":
      return [{ kind: "text", text: latin1(literal.value) }];
    case "number":
      return [{ kind: "number", value: literal.value }];
    case "boolean":
      return [{ kind: "boolean", value: literal.value }];
    case "timestamp":
      return [{ kind: "present" }]; // one instant is written in many ways
  }
}

function substring(text: string): Watch {
  return text === "" ? { kind: "present" } : { kind: "substring", text };
}

/** The longest run of ASCII characters between wildcards, folded; other characters don't fold one by one. */
function requiredOfLike(pattern: string): string {
  return foldForSearch(
    pattern.split(/[%_]|[^\0-\u007f]/).reduce((best, part) => (part.length > best.length ? part : best), ""),
  );
}
