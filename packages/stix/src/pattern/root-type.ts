/**
 * The object types that a comparison can be met by, STIX 2.1 section 9.5: AND needs one object for all its operands,
 * OR takes either. An empty set means that nothing can meet it.
 */
import type { ComparisonNode } from "./syntax.ts";

export function typesOf(node: ComparisonNode): ReadonlySet<string> {
  if (node.kind === "test" || node.kind === "exists") return new Set([node.path.type]);
  const parts = node.operands.map(typesOf);
  if (node.kind === "or") return new Set(parts.flatMap((part) => [...part]));
  return parts.reduce((common, part) => new Set([...common].filter((type) => part.has(type))));
}
