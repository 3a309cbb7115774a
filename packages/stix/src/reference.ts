/**
 * References inside an object: properties whose name ends in `_ref` or `_refs` (STIX 2.1 section 3.1), at any depth.
 * Keys of the deprecated observable container are local and are no references to objects.
 */
import { parseIdentifier } from "./identifier.ts";
import { isRecord, type StixObject } from "./object-type.ts";

export interface Reference {
  /** Selector of the value, as granular markings write it. */
  readonly selector: string;
  readonly target: string;
}

/** Every reference of `object`, markings and creator included, in document order. */
export function referencesOf(object: StixObject): readonly Reference[] {
  const found: Reference[] = [];
  collect(object, "", found);
  return found;
}

function collect(value: unknown, at: string, found: Reference[]): void {
  if (Array.isArray(value)) for (const [i, item] of value.entries()) collect(item, `${at}.[${i}]`, found);
  else if (isRecord(value)) {
    for (const [name, member] of Object.entries(value)) {
      const inside = at === "" ? name : `${at}.${name}`;
      if (name.endsWith("_ref") && isId(member)) found.push({ selector: inside, target: member });
      else if (name.endsWith("_refs") && Array.isArray(member)) {
        for (const [i, item] of member.entries())
          if (isId(item)) found.push({ selector: `${inside}.[${i}]`, target: item });
      } else collect(member, inside, found);
    }
  }
}

/** A copy of `object` whose references to the keys of `newIds` lead to their values. */
export function repoint(object: StixObject, newIds: ReadonlyMap<string, string>): StixObject {
  return { ...(rewrite(object, newIds) as Record<string, unknown>), type: object.type, id: object.id }; // an object stays one
}

function rewrite(value: unknown, newIds: ReadonlyMap<string, string>): unknown {
  if (Array.isArray(value)) return value.map((item) => rewrite(item, newIds));
  if (!isRecord(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      if (name.endsWith("_ref") && typeof member === "string") return [name, newIds.get(member) ?? member];
      if (name.endsWith("_refs") && Array.isArray(member))
        return [name, member.map((item) => (typeof item === "string" ? (newIds.get(item) ?? item) : item))];
      return [name, rewrite(member, newIds)];
    }),
  );
}

function isId(value: unknown): value is string {
  return typeof value === "string" && parseIdentifier(value) !== undefined;
}
