/**
 * A small language for the form of JSON, in which the UNTP schemas are written down once: it gives the check, with path
 * and reason, and the TypeScript type. It says what JSON Schema 2020-12 says in those schemas and nothing else: required
 * and closed objects, arrays whose `type` contains a name, enumerations, bounds, formats, and exactly one of several.
 */
import type { Json } from "@holdfast/kernel";
import { instantMs, isDate } from "./instant.ts";
import { type Issue, MAX_ISSUES } from "./issue.ts";
import { isList, isObject, type JsonObject, under } from "./json.ts";
import { shown } from "./refusal.ts";
import { isUri } from "./uri.ts";

/** Adds issues to `found`. `Value` is the type of what passes; it exists for the compiler only. */
export interface Shape<Value = unknown> {
  check(value: Json, path: string, found: Issue[]): void;
  readonly value?: Value;
}

export type ValueOf<S> = S extends Shape<infer Value> ? Value : never;

type Members = Readonly<Record<string, Shape>>;
type RecordOf<R extends Members, O extends Members> = ("type" extends keyof R
  ? unknown
  : { readonly type?: readonly string[] }) & {
  readonly [K in keyof R]: ValueOf<R[K]>;
} & { readonly [K in keyof O]?: ValueOf<O[K]> };

export interface RecordRules<R extends Members, O extends Members> {
  /** What the `type` array contains when there is one; a closed record without a name has no `type`. */
  readonly type?: readonly string[];
  readonly required?: R;
  readonly optional?: O;
  /** Whether other members may stand beside the named ones. */
  readonly open?: true;
  /** A member that may stand only beside another. */
  readonly needs?: readonly (readonly [member: string, other: string])[];
}

export function record<R extends Members = Record<never, never>, O extends Members = Record<never, never>>(
  rules: RecordRules<R, O>,
): Shape<RecordOf<R, O>> {
  const { type, required = {}, optional = {}, open, needs = [] } = rules;
  const members = new Map<string, Shape>(Object.entries<Shape>({ ...required, ...optional }));
  if (type !== undefined) members.set("type", typesOf(type));
  return {
    check(value, path, found) {
      if (!isObject(value)) return report(found, path, "type", `${excerpt(value)} is not an object`);
      for (const name of Object.keys(required))
        if (!(name in value)) report(found, path, "required", `\`${name}\` is missing`);
      for (const [member, other] of needs)
        if (member in value && !(other in value))
          report(found, path, "required", `\`${member}\` stands without \`${other}\``);
      for (const [name, member] of Object.entries(value)) {
        const shape = members.get(name);
        if (shape) shape.check(member, under(path, name), found);
        else if (!open) report(found, under(path, name), "unknown", `${shown(name)} is not a member here`);
      }
    },
  };
}

/** An array of texts that contains each of `names`. */
function typesOf(names: readonly string[]): Shape<readonly string[]> {
  return {
    check(value, path, found) {
      if (!isList(value)) return report(found, path, "type", `${excerpt(value)} is not an array`);
      for (const [i, each] of value.entries()) text.check(each, under(path, i), found);
      for (const name of names)
        if (!value.includes(name)) report(found, path, "contains", `\`${name}\` is not among the types`);
    },
  };
}

export function list<Value>(member: Shape<Value>): Shape<readonly Value[]> {
  return {
    check(value, path, found) {
      if (!isList(value)) return report(found, path, "type", `${excerpt(value)} is not an array`);
      for (const [i, each] of value.entries()) {
        if (found.length >= MAX_ISSUES) return;
        member.check(each, under(path, i), found);
      }
    },
  };
}

/** Exactly one of `choices` fits. `pick` names the one whose reasons are given when none does. */
export function oneOf<Value>(
  choices: Readonly<Record<string, Shape<Value>>>,
  pick: (value: Json) => string | undefined,
): Shape<Value> {
  return {
    check(value, path, found) {
      const fitting = Object.entries(choices).filter(([, shape]) => isValid(shape, value));
      if (fitting.length === 1) return;
      const names = fitting.map(([name]) => `\`${name}\``).join(" and ");
      if (fitting.length > 1) return report(found, path, "one-of", `it is ${names} at once`);
      const chosen = choices[pick(value) ?? ""];
      if (chosen) chosen.check(value, path, found);
      else
        report(
          found,
          path,
          "one-of",
          `it is none of ${Object.keys(choices)
            .map((name) => `\`${name}\``)
            .join(", ")}`,
        );
    },
  };
}

export const text: Shape<string> = {
  check(value, path, found) {
    if (typeof value !== "string") report(found, path, "type", `${excerpt(value)} is not text`);
  },
};

export const bool: Shape<boolean> = {
  check(value, path, found) {
    if (typeof value !== "boolean") report(found, path, "type", `${excerpt(value)} is neither true nor false`);
  },
};

export const uri = format("uri", "an absolute URI", isUri);
export const date = format("date", "a date such as 2026-01-31", isDate);
export const dateTime = format("date-time", "a time with its zone", (value) => instantMs(value) !== undefined);
export const base64 = format(
  "byte",
  "base64",
  (value) => value.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(value),
);

export function number(
  bounds: { readonly min?: number; readonly max?: number; readonly integer?: true } = {},
): Shape<number> {
  const { min = -Infinity, max = Infinity, integer } = bounds;
  return {
    check(value, path, found) {
      if (typeof value !== "number") return report(found, path, "type", `${excerpt(value)} is not a number`);
      if (integer && !Number.isInteger(value)) return report(found, path, "type", `\`${value}\` is not an integer`);
      if (value < min || value > max)
        report(found, path, "range", `\`${value}\` is not within \`${min}\` and \`${max}\``);
    },
  };
}

export function oneWord<const Words extends readonly string[]>(words: Words): Shape<Words[number]> {
  return {
    check(value, path, found) {
      if (typeof value !== "string" || !words.includes(value))
        report(found, path, "enum", `${excerpt(value)} is not one of ${words.map((word) => `\`${word}\``).join(", ")}`);
    },
  };
}

/** Whether `value` has the shape. */
export function isValid(shape: Shape, value: Json): boolean {
  const found: Issue[] = [];
  shape.check(value, "", found);
  return found.length === 0;
}

function format(name: string, what: string, is: (value: string) => boolean): Shape<string> {
  return {
    check(value, path, found) {
      if (typeof value !== "string") report(found, path, "type", `${excerpt(value)} is not text`);
      else if (!is(value)) report(found, path, name, `${shown(value)} is not ${what}`);
    },
  };
}

function report(found: Issue[], path: string, rule: string, reason: string): void {
  if (found.length < MAX_ISSUES) found.push({ path, layer: "untp", rule, reason });
}

function excerpt(value: Json): string {
  if (isList(value)) return "an array";
  return isObject(value) ? "an object" : shown(JSON.stringify(value));
}

/** A member of `value` when that is an object. */
export function memberOf(value: Json, name: string): Json | undefined {
  const object: JsonObject | undefined = isObject(value) ? value : undefined;
  return object?.[name];
}
