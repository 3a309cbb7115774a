/**
 * Object paths, STIX 2.1 section 9.7: the values that a path leads to from one observable. References are followed only
 * to objects of the same observation. Invariant: a path that can't be followed gives no value; `[*]` gives one for each
 * item. Values of `_hex` and `_bin` properties come as octets (9.6.4).
 */
import { isRecord } from "../object-type.ts";
import { isBase64, isHex } from "../property-check.ts";
import { bytesOfBase64, bytesOfHex } from "./lexer.ts";
import type { Observable } from "./observation.ts";
import type { ObjectPath, PathStep } from "./syntax.ts";

/** Values that one path gives for one observable; beyond it `[*]` on `[*]` would multiply without end. */
export const MAX_PATH_VALUES = 100_000;

/** The values at `path` from `root`; undefined when there are more than `MAX_PATH_VALUES`. */
export function valuesAt(
  path: ObjectPath,
  root: Observable,
  objects: ReadonlyMap<string, Observable>,
): readonly unknown[] | undefined {
  let values: unknown[] = [root];
  let name = ""; // the last key, which tells references and octets
  for (const step of path.steps) {
    const next: unknown[] = [];
    for (const value of values) {
      stepInto(value, step, name, objects, next);
      if (next.length > MAX_PATH_VALUES) return undefined;
    }
    if (next.length === 0) return next;
    values = next;
    if (typeof step === "object" && "key" in step) name = step.key;
  }
  return isBinaryName(name) ? values.flatMap((value) => nativeValue(value, name)) : values;
}

/** True when the values at `path` are octets, STIX 2.1 sections 2.1 and 2.8. */
export function isBinaryPath(path: ObjectPath): boolean {
  const last = path.steps.findLast((step) => typeof step === "object" && "key" in step);
  return typeof last === "object" && "key" in last && isBinaryName(last.key);
}

function isBinaryName(name: string): boolean {
  return name.endsWith("_hex") || name.endsWith("_bin");
}

function stepInto(
  value: unknown,
  step: PathStep,
  name: string,
  objects: ReadonlyMap<string, Observable>,
  out: unknown[],
): void {
  if (step === "*") {
    if (Array.isArray(value)) for (const item of value) if (item !== null) out.push(item);
  } else if ("index" in step) {
    const item: unknown = Array.isArray(value) ? value[step.index] : undefined;
    if (item !== undefined && item !== null) out.push(item);
  } else {
    const holder = isReference(name) && typeof value === "string" ? objects.get(value) : value;
    if (!isRecord(holder) || !Object.hasOwn(holder, step.key)) return;
    const member = holder[step.key];
    if (member !== undefined && member !== null) out.push(member);
  }
}

function isReference(name: string): boolean {
  return name.endsWith("_ref") || name.endsWith("_refs");
}

/** Octets of a value that is well-formed; a malformed one can't be obtained, so it is no value. */
function nativeValue(value: unknown, name: string): unknown[] {
  if (typeof value !== "string") return [value];
  if (name.endsWith("_hex")) return isHex(value) ? [bytesOfHex(value)] : [];
  return isBase64(value) ? [bytesOfBase64(value)] : [];
}
