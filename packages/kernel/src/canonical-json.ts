/**
 * Canonical JSON, RFC 8785 (JCS). Invariant: equal JSON values give equal text. Keys sort by UTF-16 code unit (3.2.3),
 * numbers print as ECMAScript prints them (3.2.2.3). Refuses what JSON cannot say: NaN, Infinity, undefined in an array,
 * lone surrogates, functions, bigint, cycles.
 */
import { Problem } from "./problem.ts";

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

const MAX_DEPTH = 1_000; // bounds the recursion, so that a hostile document cannot exhaust the stack

/**
 * The canonical text of `value`. Properties whose value is `undefined` are left out, as JSON.stringify does.
 * @throws Problem `canonical-json/unrepresentable` when `value` has no JSON form
 */
export function canonicalJson(value: unknown): string {
  return write(value, 0);
}

function write(value: unknown, depth: number): string {
  if (depth > MAX_DEPTH) throw unrepresentable(`nesting deeper than ${MAX_DEPTH}`);
  switch (typeof value) {
    case "string":
      return writeString(value);
    case "boolean":
      return value ? "true" : "false";
    case "number":
      if (!Number.isFinite(value)) throw unrepresentable(`number \`${value}\``);
      return JSON.stringify(value); // -0 becomes 0, as 3.2.2.3 asks
    case "object":
      break;
    default:
      throw unrepresentable(`a value of type \`${typeof value}\``);
  }
  if (value === null) return "null";
  if (Array.isArray(value)) return `[${value.map((member) => write(member, depth + 1)).join(",")}]`;
  const members: string[] = [];
  // Array.prototype.sort without a comparator orders by UTF-16 code unit, RFC 8785 3.2.3
  for (const key of Object.keys(value).sort()) {
    const member = (value as Record<string, unknown>)[key];
    if (member !== undefined) members.push(`${writeString(key)}:${write(member, depth + 1)}`);
  }
  return `{${members.join(",")}}`;
}

function writeString(text: string): string {
  if (!text.isWellFormed()) throw unrepresentable("a string with a lone surrogate");
  return JSON.stringify(text);
}

function unrepresentable(what: string): Problem<"canonical-json/unrepresentable"> {
  return new Problem("canonical-json/unrepresentable", `${what} has no canonical JSON form`);
}
