/**
 * A STIX object on its way in: judged by the standard, hashed over what it says, and reduced to what the tables ask for.
 * Invariant: an object that breaks a MUST never gets a row; what is merely unusual does.
 */
import { createHash } from "node:crypto";
import {
  contentBytes,
  handlingOf,
  isStixObject,
  markingsWithin,
  microsecondsOf,
  parseTimestamp,
  type StixObject,
  type TlpLevel,
  validateObject,
  versionOf,
} from "@holdfast/stix";

import { physicalFault } from "./physical.ts";

/** An object ready for a row. */
export interface Prepared {
  readonly object: StixObject;
  readonly id: string;
  readonly type: string;
  /** Of the version's time; 0 for what has no versions. */
  readonly versionMicros: number;
  readonly version: string;
  readonly specVersion: string;
  readonly sha256: Buffer;
  readonly body: string;
  readonly label: string;
  readonly tlp: TlpLevel | undefined;
  readonly otherMarkings: readonly string[];
  readonly revoked: boolean;
}

/** An object that is refused, with the first reason and the names that an answer needs. */
export interface Refused {
  readonly id: string;
  readonly version: string;
  readonly message: string;
}

const LABEL_CHARS_MAX = 300; // of a list's line; the object itself has the rest
const LABEL_FIELDS = ["name", "value", "title", "pattern", "relationship_type", "content", "opinion", "path", "key"];

/** Judges `value`. */
export function prepare(value: unknown): { ok: true; prepared: Prepared } | { ok: false; refused: Refused } {
  const { id = "", version = "" } = nameOf(value);
  const verdict = validateObject(value);
  const [fault] = verdict.errors;
  if (fault || !isStixObject(value)) {
    const where = fault && fault.path !== "" ? ` at \`${fault.path}\`` : "";
    const more = verdict.errorCount > 1 ? `, and ${verdict.errorCount - 1} more` : "";
    return { ok: false, refused: { id, version, message: `${fault?.message ?? "no STIX object"}${where}${more}` } };
  }
  const documented = physicalFault(value);
  if (documented !== undefined) return { ok: false, refused: { id, version, message: documented } };
  const time = versionOf(value);
  const instant = time === undefined ? undefined : parseTimestamp(time);
  const { tlp, others } = handlingOf(markingsWithin(value));
  return {
    ok: true,
    prepared: {
      object: value,
      id: value.id,
      type: value.type,
      versionMicros: instant ? microsecondsOf(instant) : 0,
      version: time ?? "",
      specVersion: typeof value["spec_version"] === "string" ? value["spec_version"] : "2.1",
      sha256: createHash("sha256").update(contentBytes(value)).digest(),
      body: JSON.stringify(value),
      label: labelOf(value),
      tlp,
      otherMarkings: others,
      revoked: value["revoked"] === true,
    },
  };
}

function nameOf(value: unknown): { id?: string; version?: string } {
  if (typeof value !== "object" || value === null) return {};
  const { id, modified, created } = value as Readonly<Record<string, unknown>>; // any object may be asked for any name
  const version = modified ?? created;
  return {
    ...(typeof id === "string" ? { id: id.slice(0, LABEL_CHARS_MAX) } : {}),
    ...(typeof version === "string" ? { version: version.slice(0, LABEL_CHARS_MAX) } : {}),
  };
}

function labelOf(object: StixObject): string {
  const field = LABEL_FIELDS.find((name) => typeof object[name] === "string" && object[name] !== "");
  return field === undefined ? object.id : String(object[field]).slice(0, LABEL_CHARS_MAX);
}
