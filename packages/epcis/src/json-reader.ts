/**
 * Streaming reader of the JSON binding (EPCIS 2.0 section 10). A scanner over bytes finds the members of `eventList`
 * and hands each to the JSON parser; the rest of the document is the shell. A `@context` behind the events holds them
 * back until it is known. Refuses text that is not UTF-8 or not JSON, and anything above the limits.
 */
import type { ExactJson, ExactObject } from "./event.ts";
import { EVENT_TYPES, isObject } from "./event.ts";
import { parseJson } from "./json-text.ts";
import { type Namespaces, STANDARD_NAMESPACES, withContext } from "./namespaces.ts";
import type { DocumentReader, ReadEvent, ReadLimits, Shell } from "./reader.ts";
import { READ_LIMITS } from "./reader.ts";
import { refusal } from "./refusal.ts";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;
const COMMA = 0x2c;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;
const OPEN_ARRAY = 0x5b;
const CLOSE_ARRAY = 0x5d;

/** Where the event list stands in a capture document and in a query document. */
const EVENT_LISTS: ReadonlySet<string> = new Set([
  "epcisBody/eventList",
  "epcisBody/queryResults/resultsBody/eventList",
]);
const LIST_DEPTH_MAX = 4;
const KEY_BYTES_MAX = 128; // `queryResults` with every letter escaped has 72

export function jsonReader(limits: ReadLimits = READ_LIMITS): DocumentReader {
  return new JsonReader(limits);
}

class JsonReader implements DocumentReader {
  readonly #limits: ReadLimits;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  #bytes = 0;
  #depth = 0;
  #inString = false;
  #escaped = false;
  /** Keys of the open objects, outermost first, down to the depth where an event list may stand. */
  readonly #keys: string[] = [];
  /** Bytes of the string being read at shallow depth: the next key, perhaps. */
  #keyBytes: Uint8Array[] | undefined;
  #lastString = "";
  /** Depth of the event list's members while the scanner is inside it, else 0. */
  #listDepth = 0;
  #sawList = false;
  /** Bytes since the last cut: of the current event inside the list, of the shell outside. */
  #piece: Uint8Array[] = [];
  #pieceBytes = 0;
  readonly #shell: Uint8Array[] = [];
  #shellBytes = 0;
  #eventCount = 0;
  /** Undefined until the root's `@context` has been read. */
  #namespaces: Namespaces | undefined;
  #contextPiece: Uint8Array[] | undefined;
  /** Events that wait for the context. */
  #held: { index: number; text: string }[] = [];
  #heldBytes = 0;

  constructor(limits: ReadLimits) {
    this.#limits = limits;
  }

  push(chunk: Uint8Array): ReadEvent[] {
    this.#bytes += chunk.length;
    if (this.#bytes > this.#limits.bytesMax)
      throw refusal("epcis/too-large", `the document is larger than ${this.#limits.bytesMax} bytes`);
    const events: ReadEvent[] = [];
    let from = 0; // start of what is not yet in #piece
    for (let i = 0; i < chunk.length; i++) {
      if (this.#inString) {
        i = this.#endOfString(chunk, i);
        if (i < 0) break;
        continue;
      }
      switch (chunk[i]) {
        case QUOTE:
          this.#inString = true;
          if (this.#listDepth === 0 && this.#depth <= LIST_DEPTH_MAX) this.#keyBytes = [];
          break;
        case COLON:
          if (this.#listDepth === 0 && this.#depth <= LIST_DEPTH_MAX) this.#keys[this.#depth - 1] = this.#lastString;
          if (this.#depth === 1 && this.#lastString === "@context") {
            if (this.#namespaces) throw refusal("epcis/malformed-json", "the document has more than one `@context`");
            this.#cutShell(chunk, from, i + 1);
            from = i + 1;
            this.#contextPiece = [];
          }
          break;
        case OPEN_OBJECT:
          this.#open();
          break;
        case OPEN_ARRAY:
          this.#open();
          if (this.#startsList()) {
            this.#cutShell(chunk, from, i + 1);
            from = i + 1;
          }
          break;
        case CLOSE_OBJECT:
          if (this.#depth === 1 && this.#contextPiece) from = this.#endOfContext(chunk, from, i, events);
          this.#close();
          break;
        case CLOSE_ARRAY:
          if (this.#listDepth !== 0 && this.#depth === this.#listDepth) {
            this.#cutEvent(chunk, from, i, events, "last");
            from = i;
            this.#listDepth = 0;
          }
          this.#close();
          break;
        case COMMA:
          if (this.#depth === 1 && this.#contextPiece) from = this.#endOfContext(chunk, from, i, events);
          if (this.#listDepth !== 0 && this.#depth === this.#listDepth) {
            this.#cutEvent(chunk, from, i, events, "more");
            from = i + 1;
          }
          break;
      }
    }
    this.#keep(chunk, from, chunk.length);
    return events;
  }

  end(): { events: ReadEvent[]; shell: Shell } {
    this.#cutShell(new Uint8Array(0), 0, 0);
    const value = this.#parse(this.#decode(this.#shell), "the document");
    if (!isObject(value)) throw refusal("epcis/not-epcis", "an EPCIS document is a JSON object");
    this.#namespaces ??= withContext(STANDARD_NAMESPACES, value["@context"]);
    const events = this.#release();
    const bare = !("epcisBody" in value) && typeof value["type"] === "string" && !isDocumentType(value["type"]);
    if (bare) events.push({ ...this.#event(0, value), isBare: true });
    return { events, shell: this.#shellOf(bare ? undefined : value, bare ? 1 : this.#eventCount) };
  }

  #shellOf(value: ExactObject | undefined, eventCount: number): Shell {
    const version = value?.["schemaVersion"];
    return {
      value,
      namespaces: this.#namespaces ?? STANDARD_NAMESPACES,
      origin: { syntax: "json", schemaVersion: typeof version === "string" ? version : "2.0" },
      eventCount,
      issues: [],
    };
  }

  /** Index of the closing quote of the open string, or -1 when it lies in a later chunk. */
  #endOfString(chunk: Uint8Array, from: number): number {
    let at = from;
    if (this.#escaped) {
      at++;
      this.#escaped = false;
    }
    for (;;) {
      const quote = chunk.indexOf(QUOTE, at);
      const end = quote < 0 ? chunk.length : quote;
      let slashes = 0;
      while (end - 1 - slashes >= at && chunk[end - 1 - slashes] === BACKSLASH) slashes++;
      if (quote >= 0 && slashes % 2 === 1) {
        at = quote + 1;
        continue;
      }
      this.#keyBytes?.push(chunk.slice(from, end)); // a copy: the chunk belongs to the caller
      if (quote < 0) {
        this.#escaped = slashes % 2 === 1;
        return -1;
      }
      this.#inString = false;
      if (this.#keyBytes) this.#lastString = this.#keyOf(this.#keyBytes);
      this.#keyBytes = undefined;
      return quote;
    }
  }

  /** A key, its escapes resolved; a string too long to be one that matters is none. */
  #keyOf(parts: readonly Uint8Array[]): string {
    if (parts.reduce((sum, part) => sum + part.length, 0) > KEY_BYTES_MAX) return "";
    const text = this.#decode(parts);
    if (!text.includes("\\")) return text;
    const key = this.#parse(`"${text}"`, "a member name");
    return typeof key === "string" ? key : "";
  }

  #open(): void {
    this.#depth++;
    if (this.#depth > this.#limits.depthMax)
      throw refusal("epcis/too-deep", `the document nests deeper than ${this.#limits.depthMax}`);
    if (this.#listDepth === 0 && this.#depth <= LIST_DEPTH_MAX) this.#keys[this.#depth - 1] = "";
  }

  #close(): void {
    this.#depth--;
    if (this.#listDepth === 0) this.#keys.length = Math.max(0, Math.min(this.#keys.length, this.#depth));
  }

  #startsList(): boolean {
    const outer = this.#depth - 1;
    if (this.#listDepth !== 0 || outer > LIST_DEPTH_MAX || !EVENT_LISTS.has(this.#keys.slice(0, outer).join("/")))
      return false;
    if (this.#sawList) throw refusal("epcis/malformed-json", "the document has more than one `eventList`");
    this.#sawList = true;
    this.#listDepth = this.#depth;
    return true;
  }

  #keep(chunk: Uint8Array, from: number, to: number): void {
    if (to <= from) return;
    this.#piece.push(chunk.slice(from, to)); // a copy: the chunk belongs to the caller
    this.#pieceBytes += to - from;
    if (this.#pieceBytes > this.#limits.eventBytesMax)
      throw refusal("epcis/too-large", `one event or the shell is larger than ${this.#limits.eventBytesMax} bytes`);
  }

  #cutShell(chunk: Uint8Array, from: number, to: number): void {
    this.#keep(chunk, from, to);
    this.#shell.push(...this.#piece);
    this.#shellBytes += this.#pieceBytes;
    if (this.#shellBytes > this.#limits.eventBytesMax)
      throw refusal("epcis/too-large", `the shell is larger than ${this.#limits.eventBytesMax} bytes`);
    [this.#piece, this.#pieceBytes] = [[], 0];
  }

  #endOfContext(chunk: Uint8Array, from: number, to: number, events: ReadEvent[]): number {
    this.#keep(chunk, from, to);
    const context = this.#parse(this.#decode(this.#piece), "`@context`");
    this.#cutShell(chunk, to, to);
    this.#contextPiece = undefined;
    this.#namespaces = withContext(STANDARD_NAMESPACES, context);
    events.push(...this.#release());
    return to;
  }

  #cutEvent(chunk: Uint8Array, from: number, to: number, events: ReadEvent[], which: "more" | "last"): void {
    // most events lie whole in one chunk, and need no copy
    if (this.#piece.length > 0 || to - from > this.#limits.eventBytesMax) this.#keep(chunk, from, to);
    const whole = this.#piece.length > 0 ? this.#piece : [chunk.subarray(from, to)];
    const text = this.#decode(whole);
    const bytes = whole.reduce((sum, part) => sum + part.length, 0);
    [this.#piece, this.#pieceBytes] = [[], 0];
    if (which === "last" && this.#eventCount === 0 && text.trim() === "") return;
    const index = this.#eventCount++;
    if (this.#eventCount > this.#limits.eventsMax)
      throw refusal("epcis/too-many-events", `the document has more than ${this.#limits.eventsMax} events`);
    if (this.#namespaces) {
      events.push(this.#event(index, this.#parse(text, `event ${index}`)));
      return;
    }
    this.#held.push({ index, text });
    this.#heldBytes += bytes;
    if (this.#heldBytes > this.#limits.eventBytesMax)
      throw refusal(
        "epcis/late-context",
        `\`@context\` stands behind more than ${this.#limits.eventBytesMax} bytes of events`,
      );
  }

  #release(): ReadEvent[] {
    const events = this.#held.map(({ index, text }) => this.#event(index, this.#parse(text, `event ${index}`)));
    this.#held = [];
    return events;
  }

  #event(index: number, value: ExactJson): ReadEvent {
    const outer = this.#namespaces ?? STANDARD_NAMESPACES;
    const namespaces = isObject(value) ? withContext(outer, value["@context"]) : outer;
    return { index, value, namespaces, syntax: "json", isBare: false, issues: [] };
  }

  #parse(text: string, what: string): ExactJson {
    try {
      return parseJson(text);
    } catch (problem) {
      throw refusal("epcis/malformed-json", `${what}: ${problem instanceof Error ? problem.message : String(problem)}`);
    }
  }

  #decode(parts: readonly Uint8Array[]): string {
    try {
      return this.#decoder.decode(parts.length === 1 ? parts[0] : joined(parts));
    } catch {
      throw refusal("epcis/encoding", "the document is not UTF-8");
    }
  }
}

function isDocumentType(type: string): boolean {
  return !EVENT_TYPES.has(type) && type.endsWith("Document");
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
