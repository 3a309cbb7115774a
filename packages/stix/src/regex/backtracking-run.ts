/**
 * Runs a program that needs look-around, atomic groups or back-references, which no linear machine can. It backtracks
 * under a budget: where the budget ends, the answer is undecided and never a silent "no".
 * Invariant: memory grows with the budget at most, and the stack of the host is not used for the text.
 */
import { type RegexMode, wordSet } from "./class-source.ts";
import { holds } from "./linear-run.ts";
import type { Instruction, Program } from "./program.ts";

/** Instructions that one search may take; about a hundredth of a second. */
export const MAX_BACKTRACKING_STEPS = 1_000_000;

class BudgetEnd extends Error {}

interface Choice {
  readonly at: number;
  readonly place: number;
  readonly slots: readonly number[];
}

const UNSET = -1;

/** True when `program` matches somewhere in `text`; undefined when the budget ran out. */
export function searchBacktracking(program: Program, text: string, mode: RegexMode): boolean | undefined {
  const run = new BacktrackingRun(text, mode);
  try {
    return run.search(program);
  } catch (end) {
    if (end instanceof BudgetEnd) return undefined;
    throw end;
  }
}

class BacktrackingRun {
  readonly #characters: readonly number[];
  readonly #isWord: (codePoint: number) => boolean;
  #steps = 0;

  constructor(text: string, mode: RegexMode) {
    this.#characters = Array.from(text, (character) => character.codePointAt(0) ?? 0);
    this.#isWord = wordSet(mode).has;
  }

  search(program: Program): boolean {
    for (let start = 0; start <= this.#characters.length; start += 1) {
      const slots = Array.from({ length: program.slotCount }, () => UNSET);
      if (this.#run(program.instructions, start, slots, undefined)) return true;
    }
    return false;
  }

  /** Runs from `start`, ending at `mustEnd` if that is given; the final place and slots, or undefined. */
  #run(
    instructions: readonly Instruction[],
    start: number,
    startSlots: readonly number[],
    mustEnd: number | undefined,
  ): Choice | undefined {
    const choices: Choice[] = [{ at: 0, place: start, slots: startSlots }];
    while (choices.length > 0) {
      const choice = choices.pop()!; // there is one
      const end = this.#thread(instructions, choice, choices, mustEnd);
      if (end !== undefined) return end;
    }
    return undefined;
  }

  #thread(
    instructions: readonly Instruction[],
    choice: Choice,
    choices: Choice[],
    mustEnd: number | undefined,
  ): Choice | undefined {
    let { at, place, slots } = choice;
    for (;;) {
      this.#steps += 1;
      if (this.#steps > MAX_BACKTRACKING_STEPS) throw new BudgetEnd();
      const instruction = instructions[at]!; // every target is a state of the program
      switch (instruction.op) {
        case "match":
          return mustEnd === undefined || mustEnd === place ? { at, place, slots } : undefined;
        case "characters": {
          const codePoint = this.#characters[place];
          if (codePoint === undefined || !instruction.set.has(codePoint)) return undefined;
          place += 1;
          at += 1;
          break;
        }
        case "split":
          choices.push({ at: instruction.other, place, slots });
          at = instruction.to;
          break;
        case "jump":
          at = instruction.to;
          break;
        case "assertion":
          if (!holds(instruction.assertion, this.#side(place - 1), this.#side(place))) return undefined;
          at += 1;
          break;
        case "save":
        case "mark":
          slots = slots.with(instruction.slot, place);
          this.#steps += slots.length >> 4; // the copy is work too
          at += 1;
          break;
        case "progress":
          if (slots[instruction.slot] === place) return undefined;
          at += 1;
          break;
        case "look": {
          const found = this.#look(instruction, place, slots);
          if ((found === undefined) !== instruction.negative) return undefined;
          slots = found !== undefined && !instruction.negative ? found.slots : slots;
          at += 1;
          break;
        }
        case "atomic": {
          const inside = this.#run(instruction.program.instructions, place, slots, undefined);
          if (inside === undefined) return undefined;
          ({ place, slots } = inside);
          at += 1;
          break;
        }
        case "backreference": {
          const end = this.#repeatGroup(instruction, place, slots);
          if (end === undefined) return undefined;
          place = end;
          at += 1;
          break;
        }
      }
    }
  }

  #look(instruction: Instruction & { op: "look" }, place: number, slots: readonly number[]): Choice | undefined {
    const { instructions } = instruction.program;
    if (instruction.behind === undefined) return this.#run(instructions, place, slots, undefined);
    for (let length = instruction.behind.min; length <= instruction.behind.max && length <= place; length += 1) {
      const found = this.#run(instructions, place - length, slots, place);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  /** The place after the text of a group, when it stands here again; a group that took no part never does. */
  #repeatGroup(
    instruction: Instruction & { op: "backreference" },
    place: number,
    slots: readonly number[],
  ): number | undefined {
    const from = slots[2 * instruction.number] ?? UNSET;
    const to = slots[2 * instruction.number + 1] ?? UNSET;
    if (from === UNSET || to === UNSET) return undefined;
    this.#steps += to - from;
    for (let i = 0; i < to - from; i += 1) {
      const [wanted, found] = [this.#characters[from + i], this.#characters[place + i]];
      if (found === undefined || wanted === undefined) return undefined;
      if (wanted !== found && !(instruction.ignoreCase && fold(wanted) === fold(found))) return undefined;
    }
    return place + to - from;
  }

  #side(place: number): "none" | "lineFeed" | "lastLineFeed" | "word" | "other" {
    const codePoint = this.#characters[place];
    if (codePoint === undefined) return "none";
    if (codePoint === 0x0a) return place === this.#characters.length - 1 ? "lastLineFeed" : "lineFeed";
    return this.#isWord(codePoint) ? "word" : "other";
  }
}

function fold(codePoint: number): string {
  return String.fromCodePoint(codePoint).toLowerCase();
}
