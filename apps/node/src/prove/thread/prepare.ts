/**
 * One event on its way into the store: validated against the schema of its binding, hashed (CBV 2.0 8.9), and laid out as
 * the row and the keys that it becomes. Keeps the event as its sender wrote it, but for recordTime, which is the
 * repository's own, and a missing eventID, which becomes the event hash. Pure but for the native digest.
 */
import { hash } from "node:crypto";
import {
  eventHash,
  type ExactJson,
  type ExactObject,
  expandValue,
  instantMs,
  isObject,
  type Issue,
  jsonText,
  type Namespaces,
  type ReadEvent,
  STANDARD_NAMESPACES,
  validateEvent,
  webUri,
  canonicalId,
} from "@holdfast/epcis";
import { Problem } from "@holdfast/kernel";
import { comparable, type EventFacts, factsOf } from "./event-facts.ts";
import { idKeys, keyOf } from "./key.ts";

export type TermKind = "eventType" | "bizStep" | "disposition" | "readPoint" | "bizLocation";
export const TERM_KINDS: readonly TermKind[] = ["eventType", "bizStep", "disposition", "readPoint", "bizLocation"];

export interface PreparedEvent {
  /** Position in the document's event list. */
  readonly index: number;
  readonly eventId: string;
  /** SHA-256 of the CBV prehash, in hex. */
  readonly hash: string;
  readonly eventTimeMs: number;
  /** Declaration time of an error declaration. */
  readonly errorTimeMs: number | undefined;
  /** 1 ADD, 2 OBSERVE, 3 DELETE. */
  readonly action: number | undefined;
  readonly terms: Readonly<Record<TermKind, string | undefined>>;
  /** Key to roles; 0 where it is no identifier. */
  readonly keys: ReadonlyMap<number, number>;
  /** Meaning of the prefixes beyond the standard's. */
  readonly prefixes: Readonly<Record<string, string>> | undefined;
  readonly body: string;
}

export const ACTIONS: readonly string[] = ["ADD", "OBSERVE", "DELETE"];
const REASONS_MAX = 20;

/** @throws Problem `thread/validation` with the issues that make the event invalid */
export function prepareEvent(read: ReadEvent, ignore: ReadonlySet<string>): PreparedEvent {
  const { value, namespaces, index } = read;
  const { isValid, issues } = validateEvent(read);
  if (!isValid || !isObject(value)) throw invalidEvent(index, issues);
  const digest = eventHash(value, namespaces, { ignore, hexDigest: sha256Hex }).slice(HASH_PREFIX.length, HASH_END);
  const given = value["eventID"];
  const eventId = typeof given === "string" ? given : HASH_PREFIX + digest + HASH_SUFFIX;
  const declaration = value["errorDeclaration"];
  const declaredAt = isObject(declaration) ? declaration["declarationTime"] : undefined;
  const action = typeof value["action"] === "string" ? ACTIONS.indexOf(value["action"]) + 1 : 0;
  return {
    index,
    eventId,
    hash: digest,
    eventTimeMs: storable(index, instantMs(String(value["eventTime"]))),
    errorTimeMs: typeof declaredAt === "string" ? storable(index, instantMs(declaredAt)) : undefined,
    action: action === 0 ? undefined : action,
    terms: {
      eventType: typeof value["type"] === "string" ? expandValue(value["type"], namespaces) : "",
      bizStep: termOf("bizStep", value["bizStep"], namespaces),
      disposition: termOf("disposition", value["disposition"], namespaces),
      readPoint: placeOf(value["readPoint"]),
      bizLocation: placeOf(value["bizLocation"]),
    },
    keys: keysOf(factsOf(value, namespaces), digest, eventId),
    prefixes: prefixesOf(namespaces),
    body: bodyOf(value, namespaces, eventId),
  };
}

const YEAR_0_MS = -62_167_219_200_000;

function storable(index: number, timeMs: number): number {
  if (timeMs >= YEAR_0_MS) return timeMs;
  throw new Problem("thread/validation", `event ${index} has a time before the year 0`, { detail: { event: index } });
}

const HASH_PREFIX = "ni:///sha-256;";
const HASH_SUFFIX = "?ver=CBV2.0";
const HASH_END = HASH_PREFIX.length + 64;

/** The hash URI of a stored digest. */
export function hashUri(digest: string): string {
  return HASH_PREFIX + digest + HASH_SUFFIX;
}

function sha256Hex(_algorithm: string, text: string): string {
  return hash("sha256", text, "hex");
}

export function invalidEvent(index: number, issues: readonly Issue[]): Problem {
  const schema = issues.filter(({ layer }) => layer === "schema");
  const [first] = schema;
  const why = first ? `${first.path || "/"}: ${first.reason}` : "it is no JSON object";
  return new Problem("thread/validation", `event ${index} is not valid: ${why}`, {
    detail: { event: index, issues: schema.slice(0, REASONS_MAX) },
  });
}

function termOf(
  vocabulary: "bizStep" | "disposition",
  value: ExactJson | undefined,
  namespaces: Namespaces,
): string | undefined {
  return typeof value === "string" ? webUri(vocabulary, expandValue(value.trim(), namespaces)) : undefined;
}

function placeOf(value: ExactJson | undefined): string | undefined {
  const id = isObject(value) ? value["id"] : undefined;
  return typeof id === "string" ? canonicalId(id.trim()) : undefined;
}

/** Dimensions that only numbers and times are compared in, or that are looked up elsewhere. */
const NOT_KEYED =
  /^(?:quantity|sensor:(?:time|startTime|endTime|value|minValue|maxValue|meanValue|sDev|perc)|eventID$)/;
const SEARCHED_TEXT_MAX = 8_192; // longer values are read, and never searched for

/** The keys that an event is found by. */
export function keysOf({ ids, facts }: EventFacts, digest: string, eventId: string): Map<number, number> {
  const keys = new Map<number, number>();
  for (const [id, roles] of ids)
    for (const [key, played] of idKeys(id, roles)) keys.set(key, (keys.get(key) ?? 0) | played);
  for (const key of [keyOf("hash", digest), keyOf("eventID", comparable(eventId))]) keys.set(key, keys.get(key) ?? 0);
  for (const { dimension, text } of facts) {
    if (NOT_KEYED.test(dimension)) {
      if (dimension.startsWith("sensor")) put(keys, keyOf("has", dimension));
      continue;
    }
    if (text.length <= SEARCHED_TEXT_MAX) put(keys, keyOf(dimension, text));
    if (dimension === "sensor" || (dimension.includes(":") && !PARTY.test(dimension)))
      put(keys, keyOf("has", dimension));
  }
  return keys;
}
const PARTY = /^(?:bizTransaction|source|destination|sensor):/;

function put(keys: Map<number, number>, key: number): void {
  if (!keys.has(key)) keys.set(key, 0);
}

/** The stored text of an event: compact JSON with its own `@context` where it has prefixes of its own. */
function bodyOf(value: ExactObject, namespaces: Namespaces, eventId: string): string {
  const { "@context": _, recordTime: __, ...members } = value;
  const prefixes = prefixesOf(namespaces);
  const body = {
    ...(prefixes === undefined ? {} : { "@context": [prefixes] }),
    ...members,
    ...("eventID" in members ? {} : { eventID: eventId }),
  };
  return jsonText(body);
}

const known = new WeakMap<Namespaces, Readonly<Record<string, string>> | null>();

/** The prefixes beyond the standard's; undefined where there are none. */
function prefixesOf(namespaces: Namespaces): Readonly<Record<string, string>> | undefined {
  if (namespaces === STANDARD_NAMESPACES) return undefined;
  const remembered = known.get(namespaces);
  if (remembered !== undefined) return remembered ?? undefined;
  const own: Record<string, string> = {};
  for (const [prefix, uri] of namespaces) if (!STANDARD_NAMESPACES.has(prefix)) own[prefix] = uri;
  const prefixes = Object.keys(own).length === 0 ? null : own;
  known.set(namespaces, prefixes);
  return prefixes ?? undefined;
}
