/**
 * Comparison operators, STIX 2.1 section 9.6: one value against one test. Operands of incompatible types make every
 * operator false and `!=` true; `NOT` negates the outcome for the value. Strings compare by code point without
 * normalising; LIKE and MATCHES normalise to NFC. Invariant: undefined means undecided, and only MATCHES gives it.
 */
import { contains, parseNet } from "../address.ts";
import { compareInstants, parseTimestamp } from "../timestamp.ts";
import type { Literal, Test, TestNode } from "./syntax.ts";

/** Whether `value` passes `node`, its `NOT` included; undefined when a regular expression could not be decided. */
export function passes(node: TestNode, value: unknown): boolean | undefined {
  const outcome = passesPlain(node.test, value);
  return outcome === undefined ? undefined : outcome !== node.negated;
}

function passesPlain(test: Test, value: unknown): boolean | undefined {
  switch (test.operator) {
    case "=":
      return compareValue(value, test.literal) === 0;
    case "!=":
      return compareValue(value, test.literal) !== 0;
    case "<":
    case "<=":
    case ">":
    case ">=":
      return isOrdered(test.operator, compareValue(value, test.literal));
    case "IN":
      return test.literals.some((literal) => compareValue(value, literal) === 0);
    case "LIKE":
      return like(value, test.text);
    case "MATCHES":
      if (test.regex === undefined) return false;
      if (typeof value === "string") return test.regex.search(value.normalize("NFC"));
      return value instanceof Uint8Array ? test.regex.search(latin1(value)) : false;
    case "ISSUBSET":
    case "ISSUPERSET": {
      const net = typeof value === "string" ? parseNet(value) : undefined;
      if (net === undefined) return false;
      return test.operator === "ISSUBSET" ? contains(test.net, net) : contains(net, test.net);
    }
  }
}

function isOrdered(operator: "<" | "<=" | ">" | ">=", order: number | undefined): boolean {
  if (order === undefined) return false;
  switch (operator) {
    case "<":
      return order < 0;
    case "<=":
      return order <= 0;
    case ">":
      return order > 0;
    case ">=":
      return order >= 0;
  }
}

/** Order of a value and a constant, or undefined when their types are incompatible (STIX 2.1 section 9.2). */
export function compareValue(value: unknown, literal: Literal): number | undefined {
  switch (literal.kind) {
    case "string":
      if (typeof value === "string") return compareCodePoints(value, literal.value);
      if (!(value instanceof Uint8Array)) return undefined;
      return isLatin1(literal.value) ? compareCodePoints(latin1(value), literal.value) : undefined;
    case "bytes":
      if (value instanceof Uint8Array) return compareCodePoints(latin1(value), latin1(literal.value));
      return typeof value === "string" && isLatin1(value) ? compareCodePoints(value, latin1(literal.value)) : undefined;
    case "number":
      return typeof value === "number" ? value - literal.value : undefined;
    case "boolean":
      return typeof value === "boolean" ? Number(value) - Number(literal.value) : undefined;
    case "timestamp": {
      const instant = typeof value === "string" ? parseTimestamp(value) : undefined;
      return instant === undefined ? undefined : compareInstants(instant, literal.value);
    }
  }
}

/** Order by code point; UTF-16 order differs where surrogates meet U+E000 to U+FFFF. */
export function compareCodePoints(a: string, b: string): number {
  if (a === b) return 0;
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i += 1) {
    const [left, right] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (left !== right) return rank(left) - rank(right);
  }
  return a.length - b.length;
}

/** Surrogates stand for code points above all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit;
}

/** Octets as text of the code points 0 to 255, STIX 2.1 section 9.2. */
export function latin1(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += CHUNK) text += String.fromCharCode(...bytes.subarray(i, i + CHUNK));
  return text;
}

const CHUNK = 8_192; // arguments of one call

function isLatin1(text: string): boolean {
  return !/[^\0-\u00ff]/.test(text);
}

function like(value: unknown, pattern: string): boolean {
  if (typeof value === "string") return isLike(value.normalize("NFC"), pattern);
  if (value instanceof Uint8Array) return isLatin1(pattern) && isLike(latin1(value), pattern);
  return false;
}

/**
 * SQL's LIKE: `%` stands for any run of characters, `_` for one. Each `%` is matched as early as possible and only the
 * last one is tried again, so the work is at most the product of both lengths.
 */
export function isLike(text: string, pattern: string): boolean {
  let [i, j] = [0, 0];
  let [retryText, retryPattern] = [-1, -1];
  while (i < text.length) {
    const wanted = pattern[j];
    if (wanted === "%") {
      [retryText, retryPattern] = [i, j + 1];
      j += 1;
    } else if (wanted === "_") {
      i += (text.codePointAt(i) ?? 0) > 0xffff ? 2 : 1;
      j += 1;
    } else if (wanted !== undefined && wanted === text[i]) {
      i += 1;
      j += 1;
    } else if (retryPattern !== -1) {
      retryText += (text.codePointAt(retryText) ?? 0) > 0xffff ? 2 : 1;
      [i, j] = [retryText, retryPattern];
    } else return false;
  }
  while (pattern[j] === "%") j += 1;
  return j === pattern.length;
}
