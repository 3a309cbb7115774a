/** Whole documents: one reader for both bindings, conversion between them, translation of identifiers. */
import { type ExactJson, type ExactObject, isObject, type Origin } from "./event.ts";
import { ignoredFields } from "./event-hash.ts";
import { canonicalId, formOf, type IdForm, toUrn } from "./identifier.ts";
import type { Issue } from "./issue.ts";
import { jsonReader } from "./json-reader.ts";
import { jsonText } from "./json-text.ts";
import type { Namespaces } from "./namespaces.ts";
import { firstOf, type PrefixLengths, prefixLengthsOf } from "./prefix-length.ts";
import { type DocumentReader, READ_LIMITS, type ReadEvent, type ReadLimits, type Shell } from "./reader.ts";
import { refusal } from "./refusal.ts";
import { xmlReader } from "./xml-reader.ts";
import { xmlFrame, xmlOfEvent } from "./xml-writer.ts";

/** A document in memory. */
export interface EpcisDocument {
  /** The JSON form with an empty event list; undefined where the bytes held one bare event. */
  readonly shell: ExactObject | undefined;
  readonly events: readonly ReadEvent[];
  readonly namespaces: Namespaces;
  readonly origin: Origin;
  /** What the XML schema of the document's version refuses around the events. */
  readonly issues: readonly Issue[];
  /** Expanded names that the document itself keeps out of the event hash. */
  readonly ignore: ReadonlySet<string>;
}

/** A reader for the binding that the first byte shows: `<` is XML, everything else JSON. */
export function documentReader(firstBytes: Uint8Array, limits: ReadLimits = READ_LIMITS): DocumentReader {
  return looksLikeXml(firstBytes) ? xmlReader(limits) : jsonReader(limits);
}

function looksLikeXml(bytes: Uint8Array): boolean {
  const first = bytes.find((byte) => ![0x20, 0x09, 0x0a, 0x0d, 0xef, 0xbb, 0xbf, 0xfe, 0xff, 0x00].includes(byte));
  return first === 0x3c; // "<"
}

/** Reads a whole document. @throws Problem where it cannot be read; what is merely invalid is read */
export function readDocument(source: Uint8Array | string, limits: ReadLimits = READ_LIMITS): EpcisDocument {
  const bytes = typeof source === "string" ? new TextEncoder().encode(source) : source;
  const reader = documentReader(bytes, limits);
  const first = reader.push(bytes);
  const { events, shell } = reader.end();
  return documentOf([...first, ...events], shell);
}

/** The document of what a reader gave. */
export function documentOf(events: readonly ReadEvent[], shell: Shell): EpcisDocument {
  return {
    shell: shell.value,
    events,
    namespaces: shell.namespaces,
    origin: shell.origin,
    issues: shell.issues,
    ignore: ignoredFields(shell.value, shell.namespaces),
  };
}

/** The document's JSON value with its events in place. */
export function jsonValue(document: EpcisDocument): ExactJson {
  const events = document.events.map(({ value }) => value);
  return document.shell ? jsonValueOf(document.shell, events) : (events[0] ?? null);
}

/** The shell with `events` where its event list stands; a shell without one stays as it is. */
function jsonValueOf(shell: ExactObject, events: readonly ExactJson[]): ExactObject {
  const body = shell["epcisBody"];
  if (!isObject(body)) return shell;
  if (Array.isArray(body["eventList"])) return { ...shell, epcisBody: { ...body, eventList: events } };
  const results = body["queryResults"];
  const inner = isObject(results) ? results["resultsBody"] : undefined;
  if (!isObject(results) || !isObject(inner) || !Array.isArray(inner["eventList"])) return shell;
  return {
    ...shell,
    epcisBody: { ...body, queryResults: { ...results, resultsBody: { ...inner, eventList: events } } },
  };
}

function objectOf(value: ExactJson | undefined): ExactObject {
  return isObject(value) ? value : {};
}

/** The document as JSON text. */
export function toJson(document: EpcisDocument, indent = 2): string {
  return `${jsonText(jsonValue(document), indent)}\n`;
}

/** The frame of a document's JSON text: `start`, events (two levels deep, comma between), `end`. */
export function jsonFrame(shell: ExactObject): { readonly start: string; readonly end: string } {
  const mark = "\u0000events";
  const text = jsonText(jsonValueOf(shell, [mark]), 2);
  const [start = "", end = ""] = text.split(JSON.stringify(mark));
  return { start: start.trimEnd(), end: `${end}\n` };
}

/** The document as XML text of EPCIS 2.0. @throws Problem `epcis/no-xml-form` where a value has none */
export function toXml(document: EpcisDocument): string {
  const shell = document.shell ?? shellOfBareEvent(document.events[0]?.value);
  const frame = xmlFrame(shell);
  const events = document.events.map(({ value }) => {
    if (!isObject(value)) throw refusal("epcis/no-xml-form", "an event that is no object has no XML form");
    return xmlOfEvent(document.shell ? value : withoutContext(value), frame.namespaces);
  });
  return frame.start + events.join("") + frame.end;
}

/** A bare event gets a document of its own; its event time stands for the missing creation date. */
export function shellOfBareEvent(value: ExactJson | undefined): ExactObject {
  const event = objectOf(value);
  return {
    "@context": event["@context"] ?? [],
    type: "EPCISDocument",
    schemaVersion: "2.0",
    creationDate: event["eventTime"] ?? "",
    epcisBody: { eventList: [] },
  };
}

export function withoutContext(event: ExactObject): ExactObject {
  return Object.fromEntries(Object.entries(event).filter(([name]) => name !== "@context"));
}

/** What a translation of identifiers gave. */
export interface Translation {
  readonly document: EpcisDocument;
  /** Digital Links whose company prefix no table knows; they stand as they came. */
  readonly untranslated: readonly string[];
}

/** Members that hold identifiers of things, places and parties. */
const ID_MEMBERS: ReadonlySet<string> = new Set(
  `epcList childEPCs inputEPCList outputEPCList parentID epcClass id bizTransaction source destination transformationID
  deviceID`.split(/\s+/),
);

/**
 * The document with every GS1 key in the form asked for. Company prefix lengths come from `lengths` and from the URNs of
 * the document itself. Extensions, event ids and other identifiers stay as they are.
 */
export function translateIds(document: EpcisDocument, form: IdForm, lengths: PrefixLengths): Translation {
  const ids = document.events.flatMap(({ value }) => [...idsOf(value)]);
  const known = firstOf(lengths, prefixLengthsOf(ids));
  const untranslated = new Set<string>();
  const events = document.events.map((event) => ({
    ...event,
    value: translateEvent(event.value, { form, lengths: known, untranslated }),
  }));
  return { document: { ...document, events }, untranslated: [...untranslated] };
}

/** One event with every GS1 key in the form asked for; what no table knows is added to `untranslated`. */
export function translateEvent(
  value: ExactJson,
  {
    form,
    lengths,
    untranslated,
  }: { readonly form: IdForm; readonly lengths: PrefixLengths; readonly untranslated: Set<string> },
): ExactJson {
  return mapIds(value, (id) => {
    if (form === "digital-link") return canonicalId(id);
    if (formOf(id) !== "digital-link") return id;
    try {
      return toUrn(id, lengths);
    } catch {
      untranslated.add(id);
      return id;
    }
  });
}

/** The identifiers of an event's own members. */
export function idsOf(value: ExactJson): Set<string> {
  const ids = new Set<string>();
  mapIds(value, (id) => {
    ids.add(id);
    return id;
  });
  return ids;
}

/** The event with `map` applied to each identifier, extensions left alone. */
function mapIds(value: ExactJson, map: (id: string) => string): ExactJson {
  if (Array.isArray(value)) return value.map((item: ExactJson) => mapIds(item, map));
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, member]) => {
      if (name.includes(":") || name.startsWith("@") || name === "ilmd") return [name, member];
      if (!ID_MEMBERS.has(name)) return [name, mapIds(member, map)];
      if (typeof member === "string") return [name, map(member)];
      return [
        name,
        Array.isArray(member) ? member.map((id: ExactJson) => (typeof id === "string" ? map(id) : id)) : member,
      ];
    }),
  );
}
