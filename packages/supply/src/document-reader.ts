/**
 * Reads a JSON document into typed values and says where it is wrong: every Problem names the path, as in
 * `processes[3].inputs[0].quantityPerUnit`. Refuses fields that nobody reads, so that a misspelt one is not ignored.
 */
import { quoted, type SupplyCode, supplyProblem } from "./supply-problem.ts";

export type Fields = Readonly<Record<string, unknown>>;

export function refuse(code: SupplyCode, path: string, what: string): never {
  throw supplyProblem(code, `${path === "" ? "the document" : path}: ${what}`, { path });
}

/** The object at `path`, whose fields are all among `known`. */
export function objectAt(value: unknown, path: string, known: readonly string[]): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return refuse("supply/document-malformed", path, "is not an object");
  for (const name of Object.keys(value))
    if (!known.includes(name))
      refuse("supply/document-malformed", path, `field ${quoted(name)} is not one of ${known.join(", ")}`);
  return value as Fields; // an object, as checked
}

export function arrayAt(value: unknown, path: string, lengthMax: number): readonly unknown[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return refuse("supply/document-malformed", path, "is not an array");
  if (value.length > lengthMax)
    return refuse("supply/limit-exceeded", path, `has \`${value.length}\` members, at most ${lengthMax}`);
  return value;
}

export const TEXT_CHARACTERS_MAX = 200; // ids and names; longer ones are free text in the wrong place

export function textAt(value: unknown, path: string): string {
  if (typeof value !== "string" || value === "" || value.length > TEXT_CHARACTERS_MAX)
    return refuse("supply/document-malformed", path, `is not a text of 1 to ${TEXT_CHARACTERS_MAX} characters`);
  return value;
}

export function optionalTextAt(value: unknown, path: string): string | undefined {
  return value === undefined ? undefined : textAt(value, path);
}

export function wordAt<const Word extends string>(value: unknown, path: string, words: readonly Word[]): Word {
  const word = words.find((each) => each === value);
  return word ?? refuse("supply/document-malformed", path, `is not one of ${words.join(", ")}`);
}

export interface Range {
  readonly min: number;
  readonly max: number;
}

export function numberAt(value: unknown, path: string, { min, max }: Range): number {
  if (typeof value !== "number" || !(value >= min && value <= max)) {
    const shown = typeof value === "number" ? `\`${value}\`` : quoted(JSON.stringify(value) ?? "nothing");
    return refuse("supply/number-invalid", path, `${shown} is not a number from ${min} to ${max}`);
  }
  return value;
}

/** Positions of the ids; refuses one that occurs twice. */
export function indexById(ids: readonly string[], path: string): ReadonlyMap<string, number> {
  const index = new Map<string, number>();
  for (const [i, id] of ids.entries()) {
    if (index.has(id)) refuse("supply/id-duplicate", `${path}[${i}].id`, `${quoted(id)} occurs twice`);
    index.set(id, i);
  }
  return index;
}

export function referenceAt(index: ReadonlyMap<string, number>, id: string, path: string): number {
  return index.get(id) ?? refuse("supply/reference-unknown", path, `${quoted(id)} does not exist`);
}
