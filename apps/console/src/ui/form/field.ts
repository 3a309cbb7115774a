/**
 * What a form asks for, as data: one engine draws every form from it. Values are what stands in the inputs, as text; a body
 * is what is sent: numbers exact, parts per million for percent, minor units for money, and nothing for what was left blank.
 * Invariant: bodyOf(fields, valuesOf(fields, body)).body equals body for every body that the fields can hold.
 */
import { amountText, minorUnits, shareText, sharePpm } from "./amount.ts";

interface Asked {
  /** The body's own name for it. */
  readonly name: string;
  readonly label: string;
  /** What the word means, or the form that is expected. */
  readonly hint?: string;
  readonly required?: true;
  /** Takes the whole width. */
  readonly isWide?: true;
}

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly hint?: string;
}

export type Field =
  | (Asked & { readonly kind: "text"; readonly type?: "email"; readonly suggestions?: readonly string[] })
  | (Asked & { readonly kind: "secret"; readonly autoComplete: "current-password" | "new-password" })
  | (Asked & { readonly kind: "paragraph" })
  /** Several texts, one a line. */
  | (Asked & { readonly kind: "lines"; readonly suggestions?: readonly string[] })
  | (Asked & { readonly kind: "number"; readonly unit?: string })
  /** An exact amount, kept as text. */
  | (Asked & { readonly kind: "decimal"; readonly unit?: string })
  /** Percent on screen, parts per million in the body. */
  | (Asked & { readonly kind: "share" })
  /** An amount on screen, minor units in the body, of the currency that the field `currency` names. */
  | (Asked & { readonly kind: "money"; readonly currency: string })
  | (Asked & { readonly kind: "day" })
  | (Asked & { readonly kind: "flag" })
  | (Asked & { readonly kind: "choice"; readonly choices: readonly Choice[] })
  | (Asked & { readonly kind: "choices"; readonly choices: readonly Choice[] })
  /** Another object, by its id. `to` says of which kind. */
  | (Asked & { readonly kind: "reference"; readonly to: string })
  /** An object inside the body: absent when all of it is blank, unless it is required. */
  | (Asked & { readonly kind: "group"; readonly fields: readonly Field[] })
  | (Asked & { readonly kind: "rows"; readonly fields: readonly Field[]; readonly one: string; readonly max: number });

export interface Row {
  /** Tells rows apart while they are added and removed. */
  readonly key: string;
  readonly values: Values;
}
export type Value = string | { readonly group: Values } | { readonly rows: readonly Row[] };
export interface Values {
  readonly [name: string]: Value;
}

/** Path in the body -> what is wrong there. */
export type Faults = Readonly<Record<string, string>>;
type Body = Readonly<Record<string, unknown>>;

export function textAt(values: Values, name: string): string {
  const value = values[name];
  return typeof value === "string" ? value : "";
}

export function groupAt(values: Values, name: string): Values {
  const value = values[name];
  return typeof value === "object" && "group" in value ? value.group : {};
}

export function rowsAt(values: Values, name: string): readonly Row[] {
  const value = values[name];
  return typeof value === "object" && "rows" in value ? value.rows : [];
}

export function linesOf(text: string): string[] {
  return text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");
}

/** A key that no row of `rows` has. */
export function freshKey(rows: readonly Row[]): string {
  return String(1 + Math.max(0, ...rows.map(({ key }) => Number(key))));
}

/** What stands in the inputs for `body`; what it lacks is blank. */
export function valuesOf(fields: readonly Field[], body: Body): Values {
  return Object.fromEntries(fields.map((field) => [field.name, valueOf(field, body)]));
}

function valueOf(field: Field, body: Body): Value {
  const held = body[field.name];
  switch (field.kind) {
    case "group":
      return { group: valuesOf(field.fields, asBody(held)) };
    case "rows":
      return {
        rows: asList(held).map((one, i) => ({ key: String(i + 1), values: valuesOf(field.fields, asBody(one)) })),
      };
    case "lines":
    case "choices":
      return asList(held).join("\n");
    case "share":
      return typeof held === "number" ? shareText(held) : "";
    case "money":
      return typeof held === "number" ? amountText(held, String(body[field.currency] ?? "")) : "";
    case "flag":
      return held === true ? "yes" : "";
    default:
      return held === undefined || held === null ? "" : String(held);
  }
}

/** What is sent for `values`, and what can't be. */
export function bodyOf(fields: readonly Field[], values: Values, path = ""): { body: Body; faults: Faults } {
  const faults: Record<string, string> = {};
  const body: Record<string, unknown> = {};
  for (const field of fields) {
    const at = path + field.name;
    const read = readField(field, values, at);
    Object.assign(faults, read.faults);
    if (read.value !== undefined) body[field.name] = read.value;
    else if (field.required && Object.keys(read.faults).length === 0) faults[at] = NEEDED;
  }
  return { body, faults };
}

export const NEEDED = "is needed";

interface Read {
  /** undefined is blank: nothing is sent. */
  readonly value: unknown;
  readonly faults: Faults;
}

function readField(field: Field, values: Values, path: string): Read {
  switch (field.kind) {
    case "group": {
      const group = groupAt(values, field.name);
      if (!field.required && isBlank(group)) return { value: undefined, faults: {} };
      const { body, faults } = bodyOf(field.fields, group, `${path}.`);
      return { value: body, faults };
    }
    case "rows": {
      const read = rowsAt(values, field.name).map((row, i) => bodyOf(field.fields, row.values, `${path}.${i}.`));
      return { value: read.map(({ body }) => body), faults: Object.assign({}, ...read.map(({ faults }) => faults)) };
    }
    case "flag":
      return { value: textAt(values, field.name) === "yes", faults: {} };
    case "lines":
      return { value: linesOf(textAt(values, field.name)), faults: {} };
    case "choices": {
      const chosen = linesOf(textAt(values, field.name));
      return { value: field.required && chosen.length === 0 ? undefined : chosen, faults: {} };
    }
    case "secret":
      return { value: textAt(values, field.name) || undefined, faults: {} }; // a space is part of a password
    default:
      return readText(field, textAt(values, field.name).trim(), values, path);
  }
}

type TextField = Exclude<Field, { readonly kind: "group" | "rows" | "flag" | "lines" | "choices" | "secret" }>;

function readText(field: TextField, text: string, values: Values, path: string): Read {
  if (text === "") return { value: undefined, faults: {} };
  const read = (value: unknown, wrong: string): Read =>
    value === undefined ? { value: undefined, faults: { [path]: wrong } } : { value, faults: {} };
  switch (field.kind) {
    case "number":
      return read(/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined, "is not a number such as 12 or 59.87");
    case "decimal":
      return read(plainDecimal(text), "is not an amount such as 12.5, with at most 9 decimals");
    case "share":
      return read(sharePpm(text), "is not a percentage such as 33.3, with at most 4 decimals");
    case "money":
      return read(
        minorUnits(text, textAt(values, field.currency)),
        "is not an amount of that currency such as 1200.50",
      );
    default:
      return { value: text, faults: {} };
  }
}

/** Without the blanks between thousands; undefined when it is no amount. */
function plainDecimal(text: string): string | undefined {
  const plain = text.replace(/\s/g, "");
  return /^(0|[1-9]\d{0,14})(\.\d{1,9})?$/.test(plain) ? plain : undefined;
}

export function isBlank(values: Values): boolean {
  return Object.values(values).every((value) =>
    typeof value === "string" ? value.trim() === "" : "group" in value ? isBlank(value.group) : value.rows.length === 0,
  );
}

/** What of `mine` stays and what of `theirs` comes in, after both changed `base`; by whole fields, mine where both did. */
export function mergeValues(
  fields: readonly Field[],
  { base, mine, theirs }: { readonly base: Values; readonly mine: Values; readonly theirs: Values },
): { values: Values; both: readonly Field[] } {
  const changed = (other: Values, name: string) => !isSame(base[name], other[name]);
  const both = fields.filter(
    ({ name }) => changed(mine, name) && changed(theirs, name) && !isSame(mine[name], theirs[name]),
  );
  const values = fields.map(({ name }) => [name, (changed(mine, name) ? mine : theirs)[name] ?? ""] as const);
  return { values: { ...mine, ...Object.fromEntries(values) }, both };
}

/** Whether two values hold the same; rows may have got other keys meanwhile. */
export function isSame(a: Value | undefined, b: Value | undefined): boolean {
  return withoutKeys(a) === withoutKeys(b);
}

function withoutKeys(value: Value | undefined): string {
  return JSON.stringify(value, (name, held: unknown) => (name === "key" ? undefined : held));
}

function asBody(value: unknown): Body {
  return typeof value === "object" && value !== null ? (value as Body) : {}; // any object has names and values
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
