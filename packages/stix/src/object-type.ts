/**
 * The object types that STIX 2.1 defines, by class: domain objects (section 4), relationship objects (5),
 * cyber-observable objects (6) and meta objects (7). A bundle (8) is a container, not an object.
 */

export type ObjectClass = "sdo" | "sro" | "sco" | "meta";

const CLASSES: Readonly<Record<ObjectClass, readonly string[]>> = {
  sdo: [
    "attack-pattern",
    "campaign",
    "course-of-action",
    "grouping",
    "identity",
    "incident",
    "indicator",
    "infrastructure",
    "intrusion-set",
    "location",
    "malware",
    "malware-analysis",
    "note",
    "observed-data",
    "opinion",
    "report",
    "threat-actor",
    "tool",
    "vulnerability",
  ],
  sro: ["relationship", "sighting"],
  sco: [
    "artifact",
    "autonomous-system",
    "directory",
    "domain-name",
    "email-addr",
    "email-message",
    "file",
    "ipv4-addr",
    "ipv6-addr",
    "mac-addr",
    "mutex",
    "network-traffic",
    "process",
    "software",
    "url",
    "user-account",
    "windows-registry-key",
    "x509-certificate",
  ],
  meta: ["extension-definition", "language-content", "marking-definition"],
};

const CLASS_OF_TYPE: ReadonlyMap<string, ObjectClass> = new Map(
  (["sdo", "sro", "sco", "meta"] as const).flatMap((name) => CLASSES[name].map((type) => [type, name] as const)),
);

/** The class of a type that the standard defines; undefined for a custom type and for `bundle`. */
export function classOfType(type: string): ObjectClass | undefined {
  return CLASS_OF_TYPE.get(type);
}

export function typesOfClass(name: ObjectClass): readonly string[] {
  return CLASSES[name];
}

/** A STIX object as parsed JSON. `type` and `id` were checked to be strings; nothing else was. */
export interface StixObject {
  readonly type: string;
  readonly id: string;
  readonly [property: string]: unknown;
}

/** True when `value` is a JSON object with text as `type` and as `id`. */
export function isStixObject(value: unknown): value is StixObject {
  return isRecord(value) && typeof value["type"] === "string" && typeof value["id"] === "string";
}

/** True for a JSON object, false for null, lists and scalars. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
