/**
 * Runs a regular program over a text in time proportional to its length, whatever the expression: a deterministic
 * machine whose states are sets of program states, made when they are first needed. No backtracking exists here.
 * Invariant: each character costs one table look-up, or one pass over the program's states when the entry is new.
 */
import { type RegexMode, wordSet } from "./class-source.ts";
import type { Instruction, Program } from "./program.ts";
import type { Assertion, CharacterSet } from "./syntax.ts";

/** Program states that the kept deterministic states hold together; beyond it the table starts over, at no loss. */
const MAX_KEPT_CORE = 200_000;
/** Program states visited by one search; beyond it the answer is undecided. */
export const MAX_LINEAR_STEPS = 50_000_000;

/** What stands beside a place: nothing, a line feed, a line feed that ends the text, a word character, another. */
type Side = "none" | "lineFeed" | "lastLineFeed" | "word" | "other";

interface State {
  /** Program states before what needs no character is followed. */
  readonly core: readonly number[];
  readonly before: Side;
  /** By the class of the next character. */
  readonly next: (State | "matched" | undefined)[];
}

export class LinearRun {
  readonly #instructions: readonly Instruction[];
  readonly #sets: readonly CharacterSet[];
  readonly #word: CharacterSet;
  readonly #visited: Int32Array;
  #states = new Map<string, State>();
  #start: State;
  #classOf = new Map<number, number>();
  readonly #classOfSignature = new Map<string, number>();
  #keptCore = 0;
  #visit = 0;
  #steps = 0;

  constructor(program: Program, mode: RegexMode) {
    this.#instructions = program.instructions;
    this.#sets = [...new Set(program.instructions.flatMap((i) => (i.op === "characters" ? [i.set] : [])))];
    this.#word = wordSet(mode);
    this.#visited = new Int32Array(program.instructions.length);
    this.#start = this.#state([0], "none");
  }

  /** True when the expression matches somewhere in `text`; undefined when the budget ran out. */
  search(text: string): boolean | undefined {
    let state = this.#start;
    this.#steps = 0;
    for (let at = 0; ; ) {
      const codePoint = text.codePointAt(at);
      const isLast = codePoint === 0x0a && at + 1 === text.length;
      const character = codePoint === undefined ? END_CLASS : isLast ? LAST_LINE_FEED_CLASS : this.#class(codePoint);
      const next = state.next[character] ?? this.#step(state, character, codePoint, isLast);
      if (next === "matched") return true;
      if (codePoint === undefined) return false;
      if (this.#steps > MAX_LINEAR_STEPS) return undefined;
      state = next;
      at += codePoint > 0xffff ? 2 : 1;
    }
  }

  /** Characters that no set and no assertion can tell apart have one class. */
  #class(codePoint: number): number {
    const known = this.#classOf.get(codePoint);
    if (known !== undefined) return known;
    let signature = this.#side(codePoint, false) as string;
    for (const set of this.#sets) signature += set.has(codePoint) ? "1" : "0";
    let character = this.#classOfSignature.get(signature);
    if (character === undefined) {
      character = FIRST_CLASS + this.#classOfSignature.size;
      this.#classOfSignature.set(signature, character);
    }
    if (this.#classOf.size > MAX_KEPT_CHARACTERS) this.#classOf = new Map();
    this.#classOf.set(codePoint, character);
    return character;
  }

  #step(state: State, character: number, codePoint: number | undefined, isLast: boolean): State | "matched" {
    const after: Side = codePoint === undefined ? "none" : this.#side(codePoint, isLast);
    const core: number[] = [];
    const matched = this.#follow(state, after, codePoint, core);
    if (matched) {
      state.next[character] = "matched";
      return "matched";
    }
    core.push(0); // a match may begin at every place
    const next = this.#state(
      core.sort((a, b) => a - b),
      after === "lastLineFeed" ? "lineFeed" : after,
    );
    state.next[character] = next;
    return next;
  }

  /** Follows what needs no character; collects where `codePoint` leads into `core`. True when a match is complete. */
  #follow(state: State, after: Side, codePoint: number | undefined, core: number[]): boolean {
    this.#visit += 1;
    const stack = [...state.core];
    while (stack.length > 0) {
      const at = stack.pop()!; // the stack is not empty
      if (this.#visited[at] === this.#visit) continue;
      this.#visited[at] = this.#visit;
      this.#steps += 1;
      const instruction = this.#instructions[at]!; // every target is a state of the program
      switch (instruction.op) {
        case "match":
          return true;
        case "characters":
          if (codePoint !== undefined && instruction.set.has(codePoint)) core.push(at + 1);
          break;
        case "split":
          stack.push(instruction.other, instruction.to);
          break;
        case "jump":
          stack.push(instruction.to);
          break;
        case "assertion":
          if (holds(instruction.assertion, state.before, after)) stack.push(at + 1);
          break;
        default:
          stack.push(at + 1); // groups and loop marks take no character
      }
    }
    return false;
  }

  #state(core: readonly number[], before: Side): State {
    const distinct = core.filter((value, i) => i === 0 || value !== core[i - 1]);
    const key = `${before} ${distinct.join(" ")}`;
    const known = this.#states.get(key);
    if (known) return known;
    this.#keptCore += distinct.length + 1;
    if (this.#keptCore > MAX_KEPT_CORE) {
      this.#keptCore = 0;
      this.#states = new Map();
      this.#start = { core: [0], before: "none", next: [] };
    }
    const state: State = { core: distinct, before, next: [] };
    this.#states.set(key, state);
    return state;
  }

  #side(codePoint: number, isLast: boolean): Side {
    if (codePoint === 0x0a) return isLast ? "lastLineFeed" : "lineFeed";
    return this.#word.has(codePoint) ? "word" : "other";
  }
}

const END_CLASS = 0;
const LAST_LINE_FEED_CLASS = 1;
const FIRST_CLASS = 2;
const MAX_KEPT_CHARACTERS = 10_000;

/** Whether an assertion holds between two characters. */
export function holds(assertion: Assertion, before: Side, after: Side): boolean {
  switch (assertion) {
    case "start":
      return before === "none";
    case "end":
      return after === "none" || after === "lastLineFeed";
    case "veryEnd":
      return after === "none";
    case "lineStart":
      return before === "none" || (before === "lineFeed" && after !== "none");
    case "lineEnd":
      return after === "none" || after === "lineFeed" || after === "lastLineFeed";
    case "word":
      return (before === "word") !== (after === "word");
    case "notWord":
      return (before === "word") === (after === "word");
  }
}
