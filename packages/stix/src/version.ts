/**
 * Versions of objects, STIX 2.1 section 3.6. A version is named by id and `modified`; the newest `modified` is the
 * object's state. Invariant: only the creator makes versions, `created` never changes, revocation is the end. Refuses
 * versions of observables and marking definitions, which have none.
 */
import { canonicalJson, fail, ok, type Result } from "@holdfast/kernel";
import { classOfType, type StixObject } from "./object-type.ts";
import type { StixCode } from "./problem-code.ts";
import { compareTimestamps, isTimestamp, subsecondDigits } from "./timestamp.ts";

/** The time that names a version: `modified`, else `created`; undefined for observables. */
export function versionOf(object: StixObject): string | undefined {
  const version = object["modified"] ?? object["created"];
  return typeof version === "string" ? version : undefined;
}

/** Negative when `a` is the older version; an object without one is older than any. */
export function compareVersions(a: StixObject, b: StixObject): number {
  return compareTimestamps(versionOf(a) ?? "", versionOf(b) ?? "");
}

const encoder = new TextEncoder();

/** The bytes to hash or sign: canonical JSON (RFC 8785) in UTF-8. @throws Problem when there is no canonical form */
export function canonicalBytes(object: StixObject): Uint8Array {
  return encoder.encode(canonicalJson(object));
}

/** Properties that may be left out when they have this value, and mean the same (STIX 2.1 section 3.6). */
const DEFAULTS: Readonly<Record<string, unknown>> = { revoked: false, defanged: false, lang: "en" };

/** True when both say the same: equal but for properties at their defaults. */
export function isSameContent(a: StixObject, b: StixObject): boolean {
  return canonicalJson(withoutDefaults(a)) === canonicalJson(withoutDefaults(b));
}

/** The bytes that are equal for objects that say the same: canonical, without properties at their defaults. */
export function contentBytes(object: StixObject): Uint8Array {
  return encoder.encode(canonicalJson(withoutDefaults(object)));
}

export interface VersionSet {
  /** The newest version of each id, in the order in which the ids came. */
  readonly newest: ReadonlyMap<string, StixObject>;
  /** Objects with the id and `modified` of another and different content. The first one serves; all are evidence. */
  readonly conflicts: readonly { readonly served: StixObject; readonly other: StixObject }[];
}

/** The state that `objects` describe. Two different bodies of one version are a conflict, never silently merged. */
export function newestVersions(objects: Iterable<StixObject>): VersionSet {
  const newest = new Map<string, StixObject>();
  const first = new Map<string, StixObject>();
  const conflicts: { served: StixObject; other: StixObject }[] = [];
  for (const object of objects) {
    const name = `${object.id} ${versionOf(object) ?? ""}`;
    const served = first.get(name);
    if (served === undefined) first.set(name, object);
    else if (!isSameContent(served, object)) conflicts.push({ served, other: object });
    const known = newest.get(object.id);
    if (known === undefined || compareVersions(object, known) > 0) newest.set(object.id, object);
  }
  return { newest, conflicts };
}

export interface VersionChange {
  /** Who makes the version: the identity that must be the creator. */
  readonly by: string;
  /** The time of the change, later than that of the version before. */
  readonly modified: string;
  /** Properties to set; `undefined` removes one. */
  readonly changes: Readonly<Record<string, unknown>>;
}

/** The next version of `object`. */
export function newVersion(object: StixObject, { by, modified, changes }: VersionChange): Result<StixObject, StixCode> {
  const refusal = refusalOf(object, by, modified);
  if (refusal !== undefined) return fail("stix/version", refusal);
  const fixed = ["type", "id", "created", "created_by_ref", "modified"].find((name) => name in changes);
  if (fixed !== undefined) return fail("stix/version", `a version can't change \`${fixed}\``);
  const next: Record<string, unknown> = { ...object, ...changes, modified };
  for (const [name, value] of Object.entries(changes)) if (value === undefined) delete next[name];
  return ok({ ...next, type: object.type, id: object.id });
}

/** The version that ends the object. */
export function revoke(object: StixObject, options: { by: string; modified: string }): Result<StixObject, StixCode> {
  return newVersion(object, { ...options, changes: { revoked: true } });
}

function refusalOf(object: StixObject, by: string, modified: string): string | undefined {
  if (classOfType(object.type) === "sco" || object.type === "marking-definition")
    return `\`${object.type}\` has no versions`;
  const current = object["modified"];
  if (typeof current !== "string") return `\`${object.id}\` has no \`modified\``;
  if (object["revoked"] === true) return `\`${object.id}\` is revoked, which is permanent`;
  if (object["created_by_ref"] !== by) return `only its creator makes versions of \`${object.id}\``;
  if (!isTimestamp(modified) || subsecondDigits(modified) < 3)
    return `\`${modified}\` is no timestamp with milliseconds`;
  if (compareTimestamps(modified, current) <= 0) return `\`${modified}\` is not after \`${current}\``;
  return undefined;
}

/**
 * Which of two objects, linked by `derived-from`, is the derivative. The standard's text makes the target the derivative
 * and many producers the source, so the later `created` decides; a tie goes to the standard's direction.
 */
export function derivativeOf(source: StixObject, target: StixObject): StixObject {
  const [from, to] = [source["created"], target["created"]];
  if (typeof from !== "string" || typeof to !== "string") return target;
  return compareTimestamps(from, to) > 0 ? source : target;
}

function withoutDefaults(object: StixObject): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(object).filter(([name, value]) => !Object.hasOwn(DEFAULTS, name) || DEFAULTS[name] !== value),
  );
}
