/**
 * A redaction profile applied to STIX objects: the steps that bring one under it, or the reason why nothing would be left
 * worth sending; and the re-scan of what is about to leave, which looks at every text, name of a member and number.
 * Invariant: where the steps are taken, `scanObject` finds nothing.
 */
import { classOfType, type RedactionStep, type StixObject } from "@holdfast/stix";
import { fail, ok, type Result } from "@holdfast/kernel";
import { findHits, type HitKind, type Profile, scrubText } from "./detect.ts";

/** A place in an object where something was found. */
export interface PlacedHit {
  readonly selector: string;
  readonly kind: HitKind;
}

// Frame and references: made by machines, or governed by markings.
const FRAME: ReadonlySet<string> = new Set([
  "type",
  "id",
  "spec_version",
  "created",
  "modified",
  "created_by_ref",
  "object_marking_refs",
  "granular_markings",
]);
const PEOPLE_FIELDS: ReadonlySet<string> = new Set([
  "authors",
  "contact_information",
  "account_login",
  "display_name",
  "user_id",
  "sender_ref",
]);
const POSITION_FIELDS: ReadonlySet<string> = new Set(["latitude", "longitude", "precision", "lat", "lon", "lng"]);
const STIX_ID = /^[a-z0-9][a-z0-9-]{1,248}--[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const MEMBER = /^[a-zA-Z0-9_-]{1,250}$/; // what a selector can name

/** Everything that `profile` finds in `object`. */
export function scanObject(object: StixObject, profile: Profile): readonly PlacedHit[] {
  const hits: PlacedHit[] = [];
  if (isPerson(object) && profile.detectors.includes("person")) hits.push({ selector: "name", kind: "person" });
  for (const [name, member] of Object.entries(object)) {
    if (FRAME.has(name)) continue;
    for (const kind of kindsInName(name, profile)) hits.push({ selector: name, kind });
    scan(member, name, name, profile, hits);
  }
  return hits;
}

/** The steps that scrub `object`, or why it can't be sent at all. */
export function scrubSteps(object: StixObject, profile: Profile): Result<readonly RedactionStep[], "agreement/rescan"> {
  const hits = scanObject(object, profile);
  const refuse = (kind: HitKind, why: string) =>
    fail("agreement/rescan", `\`${object.id}\` holds ${reasonOf(kind)}: ${why}`);
  const steps = new Map<string, RedactionStep>();
  for (const { selector, kind } of hits) {
    if (isPerson(object) && kind === "person") return refuse(kind, "it is about a person");
    if (selector === "pattern") return refuse(kind, "a pattern without it would match something else");
    if (!selector.split(".").every((step) => MEMBER.test(step) || /^\[\d+\]$/.test(step)))
      return refuse(kind, "its place has no name that a redaction could use");
    const value = valueAt(object, selector);
    const isText = typeof value === "string" && classOfType(object.type) !== "sco";
    const isWhole = !isText || selector.endsWith("_bin") || kindsInName(lastOf(selector), profile).length > 0;
    const known = steps.get(selector);
    const reason = known ? `${known.reason}, ${reasonOf(kind)}` : reasonOf(kind);
    if (known?.reason.includes(reasonOf(kind))) continue;
    steps.set(selector, { selector, reason, ...(isWhole ? {} : { replacement: scrubText(String(value), profile) }) });
  }
  return ok([...steps.values()].filter((step) => ![...steps.keys()].some((other) => isInside(step.selector, other))));
}

function scan(value: unknown, at: string, name: string, profile: Profile, hits: PlacedHit[]): void {
  if (Array.isArray(value)) for (const [i, each] of value.entries()) scan(each, `${at}.[${i}]`, name, profile, hits);
  else if (typeof value === "object" && value !== null) {
    for (const [key, member] of Object.entries(value)) {
      const inside = `${at}.${key}`;
      for (const kind of kindsInName(key, profile)) hits.push({ selector: inside, kind });
      scan(member, inside, key, profile, hits);
    }
  } else if (typeof value === "string") {
    if (STIX_ID.test(value)) return;
    if (name === "payload_bin" && profile.detectors.length > 0) hits.push({ selector: at, kind: "deny-list" });
    for (const kind of new Set(findHits(value, profile).map((hit) => hit.kind))) hits.push({ selector: at, kind });
  }
}

/** What the name of a member alone says. */
function kindsInName(name: string, profile: Profile): readonly HitKind[] {
  const kinds: HitKind[] = findHits(name.replaceAll("_", " "), { detectors: [], denyWords: profile.denyWords }).map(
    (hit) => hit.kind,
  );
  if (!MEMBER.test(name)) kinds.push(...findHits(name, profile).map((hit) => hit.kind));
  if (PEOPLE_FIELDS.has(name) && profile.detectors.includes("person")) kinds.push("person");
  if (POSITION_FIELDS.has(name) && profile.detectors.includes("position")) kinds.push("position");
  return [...new Set(kinds)];
}

function isPerson(object: StixObject): boolean {
  return object.type === "identity" && object["identity_class"] === "individual";
}

function valueAt(object: StixObject, selector: string): unknown {
  let value: unknown = object;
  for (const step of selector.split(".")) {
    const index = /^\[(\d+)\]$/.exec(step);
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Readonly<Record<string, unknown>>)[index?.[1] ?? step]; // an object or a list
  }
  return value;
}

function lastOf(selector: string): string {
  return selector.split(".").findLast((step) => !step.startsWith("[")) ?? "";
}

function isInside(selector: string, other: string): boolean {
  return selector.length > other.length && selector.startsWith(`${other}.`);
}

const REASONS: Readonly<Record<HitKind, string>> = {
  person: "a person",
  "mail-address": "a mail address",
  "phone-number": "a telephone number",
  "internal-address": "an internal address",
  "internal-host": "an internal host name",
  "serial-number": "a serial number",
  "order-number": "a customer or order number",
  position: "an exact position",
  "deny-list": "something on the deny-list, or content that nobody can scan",
};

function reasonOf(kind: HitKind): string {
  return REASONS[kind];
}
