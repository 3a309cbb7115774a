/**
 * Regular expressions as programs of a small machine (Thompson, Pike). One instruction is one state.
 * Invariant: at most `MAX_REGEX_STATES` states, so that every step of a match costs at most so many.
 */
import { RegexFault } from "./parse.ts";
import type { Assertion, CharacterSet, RegexNode } from "./syntax.ts";

/** States of one program; counted repetitions are written out. */
export const MAX_REGEX_STATES = 20_000;
/** Longest text that a look-behind may look at, that of PCRE. */
export const MAX_LOOK_BEHIND = 255;

export type Instruction =
  | { readonly op: "characters"; readonly set: CharacterSet }
  /** Goes on at `to` and at `other`; a backtracking run tries `to` first. */
  | { readonly op: "split"; to: number; other: number }
  | { readonly op: "jump"; to: number }
  | { readonly op: "assertion"; readonly assertion: Assertion }
  | { readonly op: "save"; readonly slot: number }
  /** Remembers where a round of a loop begins; `progress` ends a loop whose round took nothing. */
  | { readonly op: "mark"; readonly slot: number }
  | { readonly op: "progress"; readonly slot: number }
  | { readonly op: "look"; readonly program: Program; readonly behind: Span | undefined; readonly negative: boolean }
  | { readonly op: "atomic"; readonly program: Program }
  | { readonly op: "backreference"; readonly number: number; readonly ignoreCase: boolean }
  | { readonly op: "match" };

export interface Program {
  readonly instructions: readonly Instruction[];
  /** True when it has no look-around, atomic group or back-reference: then a run takes linear time. */
  readonly regular: boolean;
  readonly slotCount: number;
}

interface Span {
  readonly min: number;
  readonly max: number;
}

/** @throws RegexFault when the program would be too large, or a look-behind has no bound */
export function compileProgram(node: RegexNode, groupCount: number): Program {
  const budget: Budget = { states: 0, slots: 2 * (groupCount + 1), regular: true };
  const instructions = emit(node, budget);
  return { instructions, regular: budget.regular, slotCount: budget.slots };
}

interface Budget {
  states: number;
  slots: number;
  regular: boolean;
}

function emit(node: RegexNode, budget: Budget): Instruction[] {
  const out: Instruction[] = [];
  write(node, out, budget);
  add(out, { op: "match" }, budget);
  return out;
}

function add(out: Instruction[], instruction: Instruction, budget: Budget): void {
  budget.states += 1;
  if (budget.states > MAX_REGEX_STATES) throw new RegexFault(`it needs more than ${MAX_REGEX_STATES} states`);
  out.push(instruction);
}

function write(node: RegexNode, out: Instruction[], budget: Budget): void {
  switch (node.kind) {
    case "empty":
      return;
    case "characters":
      return add(out, { op: "characters", set: node.set }, budget);
    case "sequence":
      for (const part of node.nodes) write(part, out, budget);
      return;
    case "alternatives":
      return writeAlternatives(node.nodes, out, budget);
    case "repeat":
      return writeRepeat(node, out, budget);
    case "group":
      add(out, { op: "save", slot: 2 * node.number }, budget);
      write(node.node, out, budget);
      return add(out, { op: "save", slot: 2 * node.number + 1 }, budget);
    case "assertion":
      return add(out, { op: "assertion", assertion: node.assertion }, budget);
    case "look":
    case "atomic":
      return writeSubprogram(node, out, budget);
    case "backreference":
      budget.regular = false;
      return add(out, { op: "backreference", number: node.number, ignoreCase: node.ignoreCase }, budget);
  }
}

function writeAlternatives(nodes: readonly RegexNode[], out: Instruction[], budget: Budget): void {
  const jumps: { op: "jump"; to: number }[] = [];
  for (const [i, part] of nodes.entries()) {
    if (i === nodes.length - 1) write(part, out, budget);
    else {
      const split = { op: "split" as const, to: out.length + 1, other: 0 };
      add(out, split, budget);
      write(part, out, budget);
      const jump = { op: "jump" as const, to: 0 };
      add(out, jump, budget);
      jumps.push(jump);
      split.other = out.length;
    }
  }
  for (const jump of jumps) jump.to = out.length;
}

function writeRepeat(node: RegexNode & { kind: "repeat" }, out: Instruction[], budget: Budget): void {
  const lazy = node.greed === "lazy";
  for (let i = 0; i < node.min; i += 1) {
    const before = out.length;
    write(node.node, out, budget);
    if (out.length === before) break; // nothing repeated is nothing
  }
  if (node.max === Number.POSITIVE_INFINITY) return writeLoop(node.node, lazy, out, budget);
  const splits: { split: { op: "split"; to: number; other: number }; body: number }[] = [];
  for (let i = node.min; i < node.max; i += 1) {
    const split = { op: "split" as const, to: 0, other: 0 };
    add(out, split, budget);
    splits.push({ split, body: out.length });
    write(node.node, out, budget);
  }
  for (const { split, body } of splits) {
    split.to = lazy ? out.length : body;
    split.other = lazy ? body : out.length;
  }
}

function writeLoop(body: RegexNode, lazy: boolean, out: Instruction[], budget: Budget): void {
  const start = out.length;
  const split = { op: "split" as const, to: 0, other: 0 };
  add(out, split, budget);
  const slot = budget.slots;
  budget.slots += 1;
  add(out, { op: "mark", slot }, budget);
  write(body, out, budget);
  add(out, { op: "progress", slot }, budget);
  add(out, { op: "jump", to: start }, budget);
  split.to = lazy ? out.length : start + 1;
  split.other = lazy ? start + 1 : out.length;
}

function writeSubprogram(node: RegexNode & { kind: "look" | "atomic" }, out: Instruction[], budget: Budget): void {
  budget.regular = false;
  const behind = node.kind === "look" && node.behind ? lengthOf(node.node) : undefined;
  if (behind !== undefined && behind.max > MAX_LOOK_BEHIND)
    throw new RegexFault(`a look-behind looks at ${MAX_LOOK_BEHIND} characters at most`);
  const program: Program = { instructions: emit(node.node, budget), regular: false, slotCount: 0 };
  if (node.kind === "atomic") add(out, { op: "atomic", program }, budget);
  else add(out, { op: "look", program, behind, negative: node.negative }, budget);
}

/** Shortest and longest text that `node` takes, in characters. */
function lengthOf(node: RegexNode): Span {
  switch (node.kind) {
    case "characters":
      return { min: 1, max: 1 };
    case "sequence":
      return node.nodes
        .map(lengthOf)
        .reduce((sum, part) => ({ min: sum.min + part.min, max: sum.max + part.max }), { min: 0, max: 0 });
    case "alternatives": {
      const parts = node.nodes.map(lengthOf);
      return { min: Math.min(...parts.map((part) => part.min)), max: Math.max(...parts.map((part) => part.max)) };
    }
    case "repeat": {
      const part = lengthOf(node.node);
      return { min: part.min * node.min, max: part.max === 0 ? 0 : part.max * node.max };
    }
    case "group":
    case "atomic":
      return lengthOf(node.node);
    case "backreference":
      return { min: 0, max: Number.POSITIVE_INFINITY };
    default:
      return { min: 0, max: 0 };
  }
}
