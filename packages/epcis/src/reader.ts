/**
 * What the two document readers (json-reader.ts, xml-reader.ts) have in common: their limits and what they give.
 * Both are incremental: memory holds one event and the document's shell, never the document. Events come in document
 * order, unvalidated, in the shape of the JSON binding.
 */
import type { ExactJson, ExactObject, Origin } from "./event.ts";
import type { Issue } from "./issue.ts";
import type { Namespaces } from "./namespaces.ts";

export interface ReadLimits {
  /** Bytes of the whole document. */
  readonly bytesMax: number;
  /** Open objects and arrays, or elements, around any value. */
  readonly depthMax: number;
  readonly eventsMax: number;
  /** Bytes of one event, of the shell around the events, and of events held back for a late `@context`. */
  readonly eventBytesMax: number;
}

export const READ_LIMITS: ReadLimits = {
  bytesMax: 1_073_741_824, // 1 GiB: three times the largest capture that was promised
  depthMax: 64, // the model needs 9, and extensions nest in real documents up to 15
  eventsMax: 10_000_000, // a counter, not memory: events are given one by one
  eventBytesMax: 134_217_728, // 128 MiB: one event with a million EPCs of a hundred bytes
};

/** One event as it stands in its document. */
export interface ReadEvent {
  /** Position in the event list, from 0. */
  readonly index: number;
  /** The event in the shape of the JSON binding: not validated, any JSON value is possible. */
  readonly value: ExactJson;
  /** Meaning of its extension prefixes: the document's contexts with the event's own on top. */
  readonly namespaces: Namespaces;
  readonly syntax: "json" | "xml";
  /** Whether it is the whole document: one event without a list around it. */
  readonly isBare: boolean;
  /** What the XML binding's own rules (element order, unknown elements) refuse; empty for JSON. */
  readonly issues: readonly Issue[];
}

/** Everything of a document but its events. */
export interface Shell {
  /** The JSON form of the document with an empty event list; undefined where the bytes hold one bare event. */
  readonly value: ExactObject | undefined;
  readonly namespaces: Namespaces;
  readonly origin: Origin;
  readonly eventCount: number;
  readonly issues: readonly Issue[];
}

/** An incremental reader. Both functions throw a Problem at the first byte that cannot be read; then the reader is dead. */
export interface DocumentReader {
  /** Takes the next bytes and gives the events that they complete. */
  push(chunk: Uint8Array): ReadEvent[];
  /** Ends the document: gives the last events and the shell. */
  end(): { readonly events: ReadEvent[]; readonly shell: Shell };
}
