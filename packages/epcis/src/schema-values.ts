/** Rules for single values of the JSON binding (EPCIS 2.0 JSON Schema, draft-07 semantics): each reports and returns. */
import { isNumeric } from "./decimal.ts";
import { isObject } from "./event.ts";
import { isDateTime, isZoneOffset } from "./instant.ts";
import { type Issue, type Layer, under } from "./issue.ts";
import { isUri } from "./uri.ts";
import { type Vocabulary, VOCABULARIES } from "./vocabulary.ts";

/** Checks member `name` of the object at `path`; adds what it refuses to `issues`. */
export type ValueRule = (value: unknown, path: string, name: string | number, issues: Issue[]) => void;

export const ISSUES_MAX = 1_000; // bounds the report of a hostile document; the first ones name the cause

export function report(issues: Issue[], path: string, rule: string, reason: string, layer: Layer = "schema"): void {
  if (issues.length < ISSUES_MAX) issues.push({ path, layer, rule, reason });
}

/** A value as a message shows it: JSON, at most 80 characters. */
export function shown(value: unknown): string {
  const text = typeof value === "string" ? value : (JSON.stringify(value) ?? String(value));
  return `\`${text.length > 80 ? `${text.slice(0, 80)}…` : text}\``;
}

const test =
  (rule: string, what: string, holds: (value: unknown) => boolean): ValueRule =>
  (value, path, name, issues) => {
    if (!holds(value)) report(issues, under(path, name), rule, `${shown(value)} is not ${what}`);
  };

export const text = test("type", "a string", (value) => typeof value === "string");
export const truth = test("type", "a boolean", (value) => typeof value === "boolean");
export const number = test("type", "a number", isNumeric);
export const uri = test("uri", "a URI", (value) => typeof value === "string" && isUri(value));
export const time = test(
  "date-time",
  "a date-time with a zone",
  (value) => typeof value === "string" && isDateTime(value),
);
export const offset = test(
  "zone-offset",
  "a zone offset from -14:00 to +14:00",
  (value) => typeof value === "string" && isZoneOffset(value),
);
export const action = test(
  "action",
  "one of ADD, OBSERVE, DELETE",
  (value) => value === "ADD" || value === "OBSERVE" || value === "DELETE",
);
export const uom = test(
  "uom",
  "a UN/ECE Recommendation 20 code of two or three capitals or digits",
  (value) => typeof value === "string" && /^[A-Z0-9]{2,3}$/.test(value),
);
export const version = test(
  "version",
  "a version like 2.0",
  (value) => typeof value === "string" && /^\d+(?:\.\d+)*$/.test(value),
);
export const hexBinary = test(
  "hex",
  "a string of hex digits",
  (value) => typeof value === "string" && /^[A-Fa-f0-9]+$/.test(value),
);

/** URIs that may not stand where the vocabulary has bare words. */
const GS1_VOC = /^https?:\/\/(?:www\.)?gs1\.org\/voc\//;
const CBV_URI = /^(?:urn:epcglobal:cbv|https?:\/\/ns\.gs1\.org\/cbv\/)/;

/** A bare word of the vocabulary, or a URI that is no old spelling of one. */
export function term(vocabulary: Vocabulary): ValueRule {
  const { terms } = VOCABULARIES[vocabulary];
  const refused = vocabulary === "measurement" || vocabulary === "alert" ? GS1_VOC : CBV_URI;
  return (value, path, name, issues) => {
    if (typeof value === "string" && (terms.has(value) || (isUri(value) && !refused.test(value)))) return;
    const why =
      typeof value === "string" && refused.test(value)
        ? "is an old spelling: use the bare word"
        : "is no term and no URI";
    report(issues, under(path, name), "vocabulary", `${shown(value)} ${why}`);
  };
}

interface ListOptions {
  readonly sizeMin?: 1;
  readonly unique?: true;
}

export function listOf(item: ValueRule, { sizeMin, unique }: ListOptions = {}): ValueRule {
  return (value, path, name, issues) => {
    if (!Array.isArray(value)) {
      report(issues, under(path, name), "type", `${shown(value)} is not an array`);
      return;
    }
    if (sizeMin !== undefined && value.length < sizeMin)
      report(issues, under(path, name), "empty", "the list must have at least one member");
    const before = issues.length;
    const here = value.length === 0 ? "" : under(path, name);
    for (let i = 0; i < value.length; i++) item(value[i], here, i, issues);
    if (unique && issues.length === before && hasRepeats(value))
      report(issues, under(path, name), "unique", "the list has the same member twice");
  };
}

function hasRepeats(values: readonly unknown[]): boolean {
  if (values.length < 2) return false;
  const seen = new Set(values.map((value) => (typeof value === "string" ? value : canonical(value))));
  return seen.size < values.length;
}

function canonical(value: unknown): string {
  if (!isObject(value) && !Array.isArray(value)) return JSON.stringify(value) ?? "";
  if (Array.isArray(value)) return `[${value.map(canonical).join(",")}]`;
  const names = Object.keys(value).sort();
  return `{${names.map((name) => `${JSON.stringify(name)}:${canonical(value[name])}`).join(",")}}`;
}

export interface ObjectShape {
  readonly members: Readonly<Record<string, ValueRule>>;
  readonly required: readonly string[];
  /** What other members may be called: anything, only URIs and CURIEs (extensions), or nothing. */
  readonly others: "any" | "uri" | "none";
}

export function objectOf(
  shape: ObjectShape,
  also?: (value: Readonly<Record<string, unknown>>, path: string, issues: Issue[]) => void,
): ValueRule {
  const check = memberRule(shape);
  return (value, path, name, issues) => {
    const here = under(path, name);
    if (!isObject(value)) report(issues, here, "type", `${shown(value)} is not an object`);
    else {
      check(value, here, issues);
      also?.(value, here, issues);
    }
  };
}

/** The same for an object whose own path is known. */
export function memberRule(
  shape: ObjectShape,
): (value: Readonly<Record<string, unknown>>, path: string, issues: Issue[]) => void {
  const members = new Map(Object.entries(shape.members));
  return (value, path, issues) => {
    for (const name in value) {
      const rule = members.get(name);
      if (rule) rule(value[name], path, name, issues);
      else if (shape.others === "uri" && !isUri(name))
        report(
          issues,
          under(path, name),
          "unknown-member",
          `${shown(name)} is no member here, and an extension needs a prefix or URI`,
        );
      else if (shape.others === "none")
        report(issues, under(path, name), "unknown-member", `${shown(name)} is no member here`);
    }
    for (const name of shape.required)
      if (!Object.hasOwn(value, name)) report(issues, path, "required", `\`${name}\` is missing`);
  };
}

/** One rule for arrays, another for everything else. */
export function oneOrMany(item: ValueRule): ValueRule {
  const many = listOf(item);
  return (value, path, name, issues) => (Array.isArray(value) ? many : item)(value, path, name, issues);
}

const contextEntry = test(
  "context",
  "a context: a URI or an object",
  (value) => isObject(value) || (typeof value === "string" && isUri(value)),
);
const contextList = listOf(contextEntry, { unique: true });

export const context: ValueRule = (value, path, name, issues) =>
  (Array.isArray(value) ? contextList : contextEntry)(value, path, name, issues);
