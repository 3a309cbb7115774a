/**
 * Regular expressions from outside, for MATCHES (STIX 2.1 section 9.6.1): PCRE syntax, search, DOTALL. Invariant: an
 * answer takes bounded time, whatever the expression and the subject. Expressions without look-around, atomic groups and
 * back-references run in linear time; the others under a budget, after which the answer is undecided.
 */
import { fail, ok, type Result } from "@holdfast/kernel";
import type { StixCode } from "../problem-code.ts";
import { searchBacktracking } from "./backtracking-run.ts";
import type { RegexMode } from "./class-source.ts";
import { LinearRun } from "./linear-run.ts";
import { parseRegex, RegexFault } from "./parse.ts";
import { compileProgram } from "./program.ts";
import { foldForSearch, requiredText } from "./required-text.ts";

export interface Regex {
  /** True when the expression matches somewhere in `text`; undefined when that could not be decided in bounded time. */
  search(text: string): boolean | undefined;
  /** Text that `foldForSearch` of every matching subject contains; empty when there is none. */
  readonly required: string;
}

/** Longest subject of one search, in UTF-16 code units; beyond it the answer is undecided. */
export const MAX_SUBJECT_CHARS = 10_000_000;

/** The expression that `text` writes; `bytes` are handed over as text of code points below 256. */
export function compileRegex(text: string, mode: RegexMode): Result<Regex, StixCode> {
  try {
    const { node, groupCount } = parseRegex(text, mode);
    const program = compileProgram(node, groupCount);
    const required = requiredText(node);
    let linear: LinearRun | undefined;
    const search = (subject: string): boolean | undefined => {
      if (subject.length > MAX_SUBJECT_CHARS) return undefined;
      if (required !== "" && !foldForSearch(subject).includes(required)) return false;
      if (!program.regular) return searchBacktracking(program, subject, mode);
      linear ??= new LinearRun(program, mode);
      return linear.search(subject);
    };
    return ok({ search, required });
  } catch (fault) {
    if (fault instanceof RegexFault) return fail("stix/pattern-regex", fault.message);
    throw fault;
  }
}
