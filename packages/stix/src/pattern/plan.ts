/**
 * A pattern's observation operators over numbered blocks, simplified where the meaning allows: alternatives of blocks
 * are one leaf that takes either, and WITHIN on what needs a single observation always holds (STIX 2.1 section 9.5.1).
 */
import type { ComparisonNode, ObservationNode } from "./syntax.ts";

export type Plan =
  /** One observation that meets any of the blocks. */
  | { readonly kind: "leaf"; readonly blocks: readonly number[] }
  | { readonly kind: "and" | "or" | "followedby"; readonly operands: readonly Plan[] }
  | { readonly kind: "startstop"; readonly operand: Plan; readonly startMicros: number; readonly stopMicros: number }
  | { readonly kind: "within"; readonly operand: Plan; readonly windowMicros: number }
  | { readonly kind: "repeats"; readonly operand: Plan; readonly times: number };

/** The plan of `root`, and its blocks in order of their numbers. */
export function planOf(root: ObservationNode): { plan: Plan; blocks: readonly ComparisonNode[] } {
  const blocks: ComparisonNode[] = [];
  return { plan: convert(root, blocks), blocks };
}

function convert(node: ObservationNode, blocks: ComparisonNode[]): Plan {
  switch (node.kind) {
    case "block":
      blocks.push(node.comparison);
      return { kind: "leaf", blocks: [blocks.length - 1] };
    case "or": {
      const operands = node.operands.map((operand) => convert(operand, blocks));
      const leaves = operands.flatMap((operand) => (operand.kind === "leaf" ? operand.blocks : []));
      const others: Plan[] = operands.filter((operand) => operand.kind !== "leaf");
      if (leaves.length > 0) others.unshift({ kind: "leaf", blocks: leaves });
      return others.length === 1 ? others[0]! : { kind: "or", operands: others }; // one operand at least
    }
    case "and":
    case "followedby":
      return { kind: node.kind, operands: node.operands.map((operand) => convert(operand, blocks)) };
    case "startstop":
      return { ...node, operand: convert(node.operand, blocks) };
    case "within": {
      const operand = convert(node.operand, blocks);
      return operand.kind === "leaf" ? operand : { ...node, operand };
    }
    case "repeats": {
      const operand = convert(node.operand, blocks);
      return node.times === 1 ? operand : { ...node, operand };
    }
  }
}
