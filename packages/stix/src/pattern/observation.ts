/**
 * Observed data as patterns see it, STIX 2.1 sections 4.14 and 9. Invariant: an observation holds only the objects that
 * it lists, so that references never lead outside. The newest version of each object counts; revoked ones don't.
 * Refuses observed data without usable times or number.
 */
import { fail, ok, type Result } from "@holdfast/kernel";
import { isRecord, isStixObject, type StixObject } from "../object-type.ts";
import type { StixCode } from "../problem-code.ts";
import { compareTimestamps, microsecondsOf, parseTimestamp } from "../timestamp.ts";

/** An observable inside an observation: any JSON object with a `type`. */
export type Observable = Readonly<Record<string, unknown>> & { readonly type: string };

export interface Observation {
  readonly id: string;
  readonly firstMicros: number;
  readonly lastMicros: number;
  /** `number_observed`: how many observations this one stands for. */
  readonly instances: number;
  /** Observables by id, or by key of the deprecated container. */
  readonly objects: ReadonlyMap<string, Observable>;
}

/**
 * The observations of `document`: a bundle, a list of objects and bundles, or one observed-data object, with the
 * observables that they refer to. Objects of other types are passed over.
 */
export function readObservations(document: unknown): Result<readonly Observation[], StixCode> {
  const objects = flatten(document);
  if (objects === undefined)
    return fail("stix/observation", "expected a bundle, a list of STIX objects, or observed data");
  const newest = new Map<string, StixObject>();
  for (const object of objects) {
    const known = newest.get(object.id);
    if (known === undefined || compareTimestamps(textOf(object["modified"]), textOf(known["modified"])) >= 0)
      newest.set(object.id, object);
  }
  const observations: Observation[] = [];
  for (const object of newest.values()) {
    if (object.type !== "observed-data" || object["revoked"] === true) continue;
    const observation = readObservation(object, newest);
    if (!observation.ok) return observation;
    observations.push(observation.value);
  }
  return ok(observations);
}

/** One observed-data object, with the observables among `known` that it refers to. */
export function readObservation(
  observed: StixObject,
  known: ReadonlyMap<string, StixObject>,
): Result<Observation, StixCode> {
  const [first, last] = [observed["first_observed"], observed["last_observed"]].map((text) =>
    parseTimestamp(textOf(text)),
  );
  if (first === undefined || last === undefined)
    return fail("stix/observation", `\`${observed.id}\` has no usable \`first_observed\` and \`last_observed\``);
  const instances = observed["number_observed"];
  if (typeof instances !== "number" || !Number.isSafeInteger(instances) || instances < 1)
    return fail("stix/observation", `\`${observed.id}\` has no usable \`number_observed\``);
  const objects = isRecord(observed["objects"])
    ? contained(observed["objects"])
    : referred(observed["object_refs"], known);
  return ok({
    id: observed.id,
    firstMicros: microsecondsOf(first),
    lastMicros: microsecondsOf(last),
    instances,
    objects,
  });
}

function flatten(document: unknown): StixObject[] | undefined {
  if (Array.isArray(document)) return document.flatMap((member) => flatten(member) ?? []);
  if (!isRecord(document)) return undefined;
  if (document["type"] === "bundle" && Array.isArray(document["objects"]))
    return document["objects"].filter(isStixObject);
  if (document["type"] === "bundle") return [];
  return isStixObject(document) ? [document] : undefined;
}

function contained(objects: Readonly<Record<string, unknown>>): Map<string, Observable> {
  return new Map(Object.entries(objects).filter((entry): entry is [string, Observable] => isObservable(entry[1])));
}

function referred(refs: unknown, known: ReadonlyMap<string, StixObject>): Map<string, Observable> {
  const objects = new Map<string, Observable>();
  if (!Array.isArray(refs)) return objects;
  for (const id of refs) {
    const object = typeof id === "string" ? known.get(id) : undefined;
    if (object !== undefined) objects.set(object.id, object);
  }
  return objects;
}

function isObservable(value: unknown): value is Observable {
  return isRecord(value) && typeof value["type"] === "string";
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : "";
}
