/**
 * Rules of the bundle, STIX 2.1 section 8, and those that need several objects at once: versions (3.6), circular
 * markings (3.2), reused UUIDs (2.9) and extension definitions (7.3). Invariant: one pass over the objects, memory for
 * one entry of each id. A bundle without objects is valid.
 */
import { canonicalJson } from "@holdfast/kernel";
import { below, type Report } from "./finding.ts";
import { parseIdentifier } from "./identifier.ts";
import { isRecord, isStixObject, type StixObject } from "./object-type.ts";
import type { Scope } from "./property-check.ts";
import { compareTimestamps } from "./timestamp.ts";
import { TLP2_EXTENSION } from "./tlp.ts";

/** Objects of one bundle that are validated; a larger one is refused as a whole and must be split. */
export const MAX_BUNDLE_OBJECTS = 2_000_000;

type CheckObject = (object: Readonly<Record<string, unknown>>, path: string, scope: Scope) => readonly string[];

export function checkBundle(bundle: Readonly<Record<string, unknown>>, scope: Scope, checkObject: CheckObject): void {
  const { report } = scope;
  const id = bundle["id"];
  if (id === undefined) report.error("required", "/id", "`id` is required");
  else if (typeof id !== "string" || parseIdentifier(id)?.type !== "bundle")
    report.error("id", "/id", "expected `bundle--UUID` with an RFC 4122 UUID", id);
  for (const name of Object.keys(bundle)) {
    if (name !== "type" && name !== "id" && name !== "objects")
      report.warn(
        "custom-property",
        below("", name),
        "a bundle has no such property, and readers need not keep it",
        bundle[name],
      );
  }
  const objects = bundle["objects"];
  if (objects === undefined) return;
  if (!Array.isArray(objects)) return report.error("type", "/objects", "expected a list of STIX objects", objects);
  if (objects.length === 0)
    return report.error("empty", "/objects", "a list has at least one item, or is left out", objects);
  if (objects.length > MAX_BUNDLE_OBJECTS)
    return report.error("range", "/objects", `more than ${MAX_BUNDLE_OBJECTS} objects`, objects);

  const used = new Map<string, string>();
  for (const [i, object] of objects.entries()) {
    const path = `/objects/${i}`;
    if (!isRecord(object)) report.error("type", path, "expected a STIX object", object);
    else
      for (const definition of checkObject(object, path, scope)) if (!used.has(definition)) used.set(definition, path);
  }
  checkTogether(objects, used, report);
}

function checkTogether(objects: readonly unknown[], used: ReadonlyMap<string, string>, report: Report): void {
  const versions = new Map<string, { object: StixObject; path: string }[]>();
  const typeOfUuid = new Map<string, string>();
  for (const [i, object] of objects.entries()) {
    if (!isStixObject(object)) continue;
    const path = `/objects/${i}`;
    const same = versions.get(object.id);
    if (same) same.push({ object, path });
    else versions.set(object.id, [{ object, path }]);
    const uuid = parseIdentifier(object.id)?.uuid.toLowerCase();
    if (uuid === undefined) continue;
    const other = typeOfUuid.get(uuid);
    if (other === undefined) typeOfUuid.set(uuid, object.type);
    else if (other !== object.type)
      report.warn("version", below(path, "id"), `the UUID is also that of a \`${other}\``, object.id);
  }
  for (const group of versions.values()) if (group.length > 1) checkVersions(group, report);
  checkMarkingCycles(versions, report);
  for (const [definition, path] of used) {
    if (!versions.has(definition) && definition !== TLP2_EXTENSION)
      report.warn(
        "extension-definition",
        below(path, "extensions"),
        "the extension definition is not in the bundle",
        definition,
      );
  }
}

/** STIX 2.1 section 3.6: one body for each (id, modified), `created` never changes, nothing follows a revocation. */
function checkVersions(group: readonly { object: StixObject; path: string }[], report: Report): void {
  const first = group[0]!; // a group has at least two
  const bodies = new Map<string, string>();
  let revokedAt: string | undefined;
  for (const { object, path } of group) {
    if (object["created"] !== first.object["created"])
      report.error(
        "version",
        below(path, "created"),
        "`created` differs from another version of this object",
        object["created"],
      );
    const version = versionOf(object);
    const body = bodyOf(object);
    const known = bodies.get(version);
    if (known === undefined) bodies.set(version, body);
    else if (known !== body)
      report.error("version", path, "another object has this id and `modified` and different content", object.id);
    if (object["revoked"] === true && (revokedAt === undefined || compareTimestamps(version, revokedAt) < 0))
      revokedAt = version;
  }
  if (revokedAt === undefined) return;
  for (const { object, path } of group) {
    if (compareTimestamps(versionOf(object), revokedAt) > 0)
      report.error("version", below(path, "modified"), "a revoked object has no later version", object["modified"]);
  }
}

function versionOf(object: StixObject): string {
  return typeof object["modified"] === "string" ? object["modified"] : "";
}

function bodyOf(object: StixObject): string {
  try {
    return canonicalJson(object);
  } catch {
    return ""; // without a canonical form there is a finding of its own, and nothing to compare
  }
}

/** Reports each marking definition that marks itself over others. One depth-first walk, no recursion. */
function checkMarkingCycles(
  versions: ReadonlyMap<string, { object: StixObject; path: string }[]>,
  report: Report,
): void {
  const done = new Set<string>();
  for (const [start, group] of versions) {
    if (group[0]!.object.type !== "marking-definition" || done.has(start)) continue; // groups are never empty
    const open = new Set<string>();
    const stack: { id: string; next: readonly string[]; at: number }[] = [];
    const enter = (id: string): void => {
      open.add(id);
      stack.push({ id, next: markersOf(versions.get(id)?.[0]?.object), at: 0 });
    };
    enter(start);
    while (stack.length > 0) {
      const top = stack[stack.length - 1]!; // the stack is not empty
      const target = top.next[top.at];
      top.at += 1;
      if (target === undefined) {
        open.delete(top.id);
        done.add(top.id);
        stack.pop();
      } else if (open.has(target)) {
        if (target !== top.id)
          report.error(
            "marking",
            versions.get(top.id)?.[0]?.path ?? "",
            "marking definitions must not mark each other in a circle",
            top.id,
          );
      } else if (!done.has(target)) enter(target);
    }
  }
}

function markersOf(marking: StixObject | undefined): readonly string[] {
  if (marking?.type !== "marking-definition") return [];
  const refs = marking["object_marking_refs"];
  const granular = marking["granular_markings"];
  return [
    ...(Array.isArray(refs) ? refs : []),
    ...(Array.isArray(granular) ? granular.map((entry) => (isRecord(entry) ? entry["marking_ref"] : undefined)) : []),
  ].filter((id): id is string => typeof id === "string");
}
