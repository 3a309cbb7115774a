/**
 * The longest text that every match of an expression must contain, in lower case and ASCII only, so that a plain
 * substring search can rule most subjects out. Invariant: when an expression matches a subject, `foldForSearch` of the
 * subject contains the text.
 */
import type { RegexNode } from "./syntax.ts";

/** Lower case, with the one character outside ASCII whose case fold is an ASCII letter and whose lower case is not. */
export function foldForSearch(text: string): string {
  return text.toLowerCase().replaceAll("\u017f", "s");
}

/** The longest required text of `node`; empty when it requires none. */
export function requiredText(node: RegexNode): string {
  const found = scan(node);
  return longest([found.best, found.exact ?? ""]);
}

interface Scan {
  /** The only text that the node takes, when there is one. */
  readonly exact: string | undefined;
  readonly best: string;
}

const NOTHING: Scan = { exact: "", best: "" };
const UNKNOWN: Scan = { exact: undefined, best: "" };

function scan(node: RegexNode): Scan {
  switch (node.kind) {
    case "empty":
    case "assertion":
    case "look":
      return NOTHING;
    case "characters":
      return node.set.letter === undefined ? UNKNOWN : { exact: node.set.letter, best: node.set.letter };
    case "group":
    case "atomic":
      return scan(node.node);
    case "sequence":
      return scanSequence(node.nodes);
    case "repeat":
      return node.min === 0 ? UNKNOWN : scanRepeat(node.node);
    case "alternatives":
    case "backreference":
      return UNKNOWN;
  }
}

function scanRepeat(repeated: RegexNode): Scan {
  const once = scan(repeated);
  return { exact: undefined, best: longest([once.best, once.exact ?? ""]) };
}

function scanSequence(nodes: readonly RegexNode[]): Scan {
  let run = "";
  let exact: string | undefined = "";
  const candidates: string[] = [];
  for (const part of nodes.map(scan)) {
    if (part.exact === undefined) {
      candidates.push(run, part.best);
      run = "";
      exact = undefined;
    } else {
      run += part.exact;
      if (exact !== undefined) exact += part.exact;
    }
  }
  return { exact, best: longest([...candidates, run]) };
}

function longest(texts: readonly string[]): string {
  return texts.reduce((best, text) => (text.length > best.length ? text : best), "");
}
