/**
 * Streaming reader of the XML binding (EPCIS 2.0 section 9) and of EPCIS 1.x, which arrives upgraded. One event is in
 * memory at a time. Namespace-aware; prefixes do not matter. Refuses a DOCTYPE that declares anything, every entity that
 * XML does not define itself, malformed XML, other root elements, and anything above the limits. Nothing is fetched.
 */
import { SaxesParser, type SaxesTagNS } from "saxes";
import { type ExactJson, isObject } from "./event.ts";
import { STANDARD_CONTEXT } from "./namespaces.ts";
import type { DocumentReader, ReadEvent, ReadLimits, Shell } from "./reader.ts";
import { READ_LIMITS } from "./reader.ts";
import { excerpt, refusal } from "./refusal.ts";
import { eventFromXml } from "./xml-event.ts";
import { XmlNames } from "./xml-names.ts";
import { checkXmlEvent, checkXmlShell } from "./xml-rules.ts";
import { shellFromXml } from "./xml-shell.ts";
import { isEpcis, majorVersion, MARK_TARGET, type XmlElement } from "./xml-tree.ts";

export function xmlReader(limits: ReadLimits = READ_LIMITS): DocumentReader {
  return new XmlReader(limits);
}

const ROOTS: ReadonlySet<string> = new Set([
  "EPCISDocument",
  "EPCISQueryDocument",
  "EPCISMasterDataDocument",
  "ObjectEvent",
  "AggregationEvent",
  "TransactionEvent",
  "TransformationEvent",
  "AssociationEvent",
  "QuantityEvent",
]);

class XmlReader implements DocumentReader {
  readonly #limits: ReadLimits;
  readonly #parser = new SaxesParser({ xmlns: true, position: false });
  readonly #names = new XmlNames();
  readonly #open: XmlElement[] = [];
  #decoder: InstanceType<typeof TextDecoder> | undefined;
  #bytes = 0;
  /** Bytes that have come in since the last event ended: an upper bound of what the tree holds. */
  #bytesHeld = 0;
  #root: XmlElement | undefined;
  /** Depth of the event list while it is open, else 0. */
  #listDepth = 0;
  /** Depth of the event element while it is open, else 0. */
  #eventDepth = 0;
  /** Where the current event stands: its wrappers of 1.x between it and the list. */
  #eventCount = 0;
  #schemaVersion = "2.0";
  #major: "1" | "2" = "2";
  /** The first bytes, until there are enough to see the encoding. */
  #head: Uint8Array = new Uint8Array(0);
  #events: ReadEvent[] = [];

  constructor(limits: ReadLimits) {
    this.#limits = limits;
    const parser = this.#parser;
    parser.on("error", (error) => {
      throw refusal("epcis/malformed-xml", `not well-formed XML: ${error.message}`);
    });
    parser.on("doctype", (body) => {
      if (/[[]|\b(?:SYSTEM|PUBLIC)\b/.test(body))
        throw refusal("epcis/doctype", "the document has a document type declaration with definitions or an address");
    });
    parser.on("processinginstruction", ({ target, body }) => {
      if (target === MARK_TARGET) this.#open.at(-1)?.marks.push(body.trim());
    });
    parser.on("text", (text) => this.#text(text));
    parser.on("cdata", (text) => this.#text(text));
    parser.on("opentag", (tag) => this.#openTag(tag));
    parser.on("closetag", () => this.#closeTag());
  }

  push(chunk: Uint8Array): ReadEvent[] {
    this.#bytes += chunk.length;
    this.#bytesHeld += chunk.length;
    if (this.#bytes > this.#limits.bytesMax)
      throw refusal("epcis/too-large", `the document is larger than ${this.#limits.bytesMax} bytes`);
    this.#write(this.#decode(chunk, "more"));
    if (this.#bytesHeld > this.#limits.eventBytesMax)
      throw refusal("epcis/too-large", `one event or the shell is larger than ${this.#limits.eventBytesMax} bytes`);
    return this.#taken();
  }

  end(): { events: ReadEvent[]; shell: Shell } {
    this.#write(this.#decode(new Uint8Array(0), "last"));
    this.#parser.close();
    const root = this.#root;
    if (!root) throw refusal("epcis/malformed-xml", "the document has no root element");
    const bare = root.local.endsWith("Event");
    const value = bare ? undefined : shellFromXml(root, this.#names);
    const events = this.#taken();
    const shell: Shell = {
      value,
      namespaces: this.#names.namespaces(),
      origin: { syntax: "xml", schemaVersion: this.#schemaVersion },
      eventCount: this.#eventCount,
      issues: bare ? [] : checkXmlShell(root),
    };
    return { events, shell };
  }

  #taken(): ReadEvent[] {
    const events = this.#events;
    this.#events = [];
    return events;
  }

  #decode(chunk: Uint8Array, which: "more" | "last"): string {
    let bytes = chunk;
    if (!this.#decoder) {
      bytes = new Uint8Array(this.#head.length + chunk.length);
      bytes.set(this.#head);
      bytes.set(chunk, this.#head.length);
      if (bytes.length < HEAD_BYTES && which === "more") {
        this.#head = bytes;
        return "";
      }
      this.#decoder = new TextDecoder(encodingOf(bytes), { fatal: true });
    }
    try {
      return this.#decoder.decode(bytes, { stream: which === "more" });
    } catch {
      throw refusal("epcis/encoding", `the document is not ${this.#decoder.encoding.toUpperCase()}`);
    }
  }

  #write(text: string): void {
    // saxes keeps what it has not finished; slices bound the text that one event handler sees at once
    const slice = 65_536;
    for (let i = 0; i < text.length; i += slice) this.#parser.write(text.slice(i, i + slice));
  }

  #openTag(tag: SaxesTagNS): void {
    if (this.#open.length >= this.#limits.depthMax)
      throw refusal("epcis/too-deep", `the document nests deeper than ${this.#limits.depthMax}`);
    const element = elementOf(tag);
    const parent = this.#open.at(-1);
    if (!parent) this.#startRoot(element);
    else if (this.#eventDepth !== 0 || (!this.#startsEvent(element) && this.#listDepth === 0))
      parent.content.push(element);
    this.#open.push(element);
    if (this.#eventDepth === 0 && this.#listDepth === 0 && element.local === "EventList" && isEpcis(element.uri)) {
      this.#listDepth = this.#open.length;
      for (const outer of this.#open) this.#names.declare(outer.declared);
    }
  }

  #startRoot(element: XmlElement): void {
    if (!ROOTS.has(element.local) || !isEpcis(element.uri))
      throw refusal("epcis/not-epcis", `\`{${excerpt(element.uri)}}${excerpt(element.local)}\` is no EPCIS document`);
    this.#root = element;
    if (!element.local.endsWith("Event")) this.#names.declare(element.declared);
    const version = element.attributes.find(({ local, uri }) => local === "schemaVersion" && uri === "")?.value;
    this.#major = majorVersion(element.uri) ?? "2";
    this.#schemaVersion = version ?? (this.#major === "1" ? "1.2" : "2.0");
    if (element.local.endsWith("Event")) this.#eventDepth = 1;
  }

  /** An event is a child of the list, or of `extension` wrappers in it. */
  #startsEvent(element: XmlElement): boolean {
    if (this.#listDepth === 0) return false;
    const wrappers = this.#open.slice(this.#listDepth);
    if (element.local === "extension" && isEpcis(element.uri)) return false;
    if (!wrappers.every(({ local }) => local === "extension")) return false;
    this.#eventDepth = this.#open.length + 1;
    this.#bytesHeld = 0;
    return true;
  }

  #closeTag(): void {
    const element = this.#open.pop();
    if (!element) return;
    if (this.#open.length + 1 === this.#eventDepth) {
      this.#eventDepth = 0;
      this.#bytesHeld = 0;
      this.#finishEvent(element);
    } else if (this.#open.length + 1 === this.#listDepth) this.#listDepth = 0;
  }

  #finishEvent(element: XmlElement): void {
    const index = this.#eventCount++;
    if (this.#eventCount > this.#limits.eventsMax)
      throw refusal("epcis/too-many-events", `the document has more than ${this.#limits.eventsMax} events`);
    const wrapperCount = this.#listDepth === 0 ? 0 : this.#open.length - this.#listDepth;
    const issues = checkXmlEvent(element, { index, major: this.#major, wrapperCount });
    for (const wrapper of this.#open.slice(this.#listDepth)) this.#names.declare(wrapper.declared);
    const { value, namespaces } = eventFromXml(element, this.#names);
    const isBare = this.#open.length === 0;
    this.#events.push({
      index,
      value: isBare ? withOwnContext(value) : value,
      namespaces,
      syntax: "xml",
      isBare,
      issues,
    });
  }

  #text(text: string): void {
    const element = this.#open.at(-1);
    if (!element || (text.trim() === "" && element.content.some((part) => typeof part !== "string"))) return;
    if (this.#eventDepth === 0 && this.#listDepth !== 0 && text.trim() === "") return;
    element.content.push(text);
  }
}

/** A bare event brings the standard context with it. */
function withOwnContext(value: ExactJson): ExactJson {
  if (!isObject(value)) return value;
  const own = value["@context"];
  return { ...value, "@context": [STANDARD_CONTEXT, ...(Array.isArray(own) ? own : [])] };
}

function elementOf(tag: SaxesTagNS): XmlElement {
  const attributes = Object.values(tag.attributes)
    .filter(({ prefix, name }) => prefix !== "xmlns" && name !== "xmlns")
    .map(({ prefix, local, uri, value }) => ({ prefix, local, uri, value }));
  return {
    prefix: tag.prefix,
    local: tag.local,
    uri: tag.uri,
    attributes,
    declared: new Map(Object.entries(tag.ns)),
    content: [],
    marks: [],
  };
}

const HEAD_BYTES = 256; // an XML declaration fits

/** The encoding of a document: byte order mark, else its declaration, else UTF-8 (XML 1.0 appendix F). */
function encodingOf(start: Uint8Array): string {
  if (start[0] === 0xfe && start[1] === 0xff) return "utf-16be";
  if (start[0] === 0xff && start[1] === 0xfe) return "utf-16le";
  const head = String.fromCharCode(...start.subarray(0, HEAD_BYTES));
  const declared = /^(?:\u00ef\u00bb\u00bf)?<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z][A-Za-z0-9._-]*)["']/.exec(
    head,
  )?.[1];
  const name = declared?.toLowerCase() ?? "utf-8";
  if (!ENCODINGS.has(name)) throw refusal("epcis/encoding", `encoding \`${excerpt(name)}\` is not supported`);
  return name === "us-ascii" || name === "ascii" ? "utf-8" : name;
}

const ENCODINGS: ReadonlySet<string> = new Set([
  "utf-8",
  "utf8",
  "us-ascii",
  "ascii",
  "iso-8859-1",
  "windows-1252",
  "iso-8859-15",
]);
