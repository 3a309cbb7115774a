/**
 * The CBV 2.0 event hash: one URI per event that every system computes alike, CBV 2.0 section 8.9 as its reference
 * vectors fix it. The event is written as one string of its fields in a fixed order with canonical values, then hashed.
 * Invariants: order of lists and members, prefixes, zone and precision of times, form of identifiers and the binding do
 * not change the hash. recordTime, eventID and errorDeclaration take no part. Where text and vectors differ the vectors
 * win: `type` before the value of a business transaction, and the business lists with ILMD and extensions sorted last.
 */
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import { sha3_256 } from "@noble/hashes/sha3.js";
import { bytesToHex, utf8ToBytes } from "@noble/hashes/utils.js";
import { decimalOf, decimalText, isNumeric } from "./decimal.ts";
import { type ExactJson, type ExactObject, isObject } from "./event.ts";
import { canonicalId } from "./identifier.ts";
import { canonicalTime } from "./instant.ts";
import { expandName, expandValue, type Namespaces, STANDARD_NAMESPACES } from "./namespaces.ts";
import { type Vocabulary, VOCABULARIES, webUri, webUriOfUrn } from "./vocabulary.ts";

export type HashAlgorithm = "sha-256" | "sha-384" | "sha-512" | "sha3-256";

const ALGORITHMS: Readonly<Record<HashAlgorithm, (bytes: Uint8Array) => Uint8Array>> = {
  "sha-256": sha256,
  "sha-384": sha384,
  "sha-512": sha512,
  "sha3-256": sha3_256,
};

export interface HashOptions {
  /** Expanded names (`{namespace}local`) of extension fields that take no part. */
  readonly ignore?: ReadonlySet<string>;
  readonly algorithm?: HashAlgorithm;
  /** A native digest of UTF-8 text in lower-case hex, in place of the portable one. */
  readonly hexDigest?: (algorithm: HashAlgorithm, text: string) => string;
}

/** The hash URI of an event, `ni:///sha-256;…?ver=CBV2.0`. `namespaces` give its extension prefixes their meaning. */
export function eventHash(
  event: ExactObject,
  namespaces: Namespaces = STANDARD_NAMESPACES,
  options: HashOptions = {},
): string {
  const algorithm = options.algorithm ?? "sha-256";
  const prehash = eventPrehash(event, namespaces, options);
  const hex = options.hexDigest?.(algorithm, prehash) ?? bytesToHex(ALGORITHMS[algorithm](utf8ToBytes(prehash)));
  return `ni:///${algorithm};${hex}?ver=CBV2.0`;
}

type Kind =
  | "text"
  | "time"
  | "number"
  | "place"
  | "dispositions"
  | "sensors"
  | { readonly term: Vocabulary }
  | { readonly list: string };

/** Fields in the order of the prehash; what is not here goes to the tail. */
const ORDER: readonly (readonly [string, Kind])[] = [
  ["eventTime", "time"],
  ["eventTimeZoneOffset", "text"],
  ["certificationInfo", "text"],
  ["parentID", "text"],
  ["epcList", { list: "epc" }],
  ["inputEPCList", { list: "epc" }],
  ["childEPCs", { list: "epc" }],
  ["quantityList", { list: "quantityElement" }],
  ["childQuantityList", { list: "quantityElement" }],
  ["inputQuantityList", { list: "quantityElement" }],
  ["outputEPCList", { list: "epc" }],
  ["outputQuantityList", { list: "quantityElement" }],
  ["action", "text"],
  ["transformationID", "text"],
  ["bizStep", { term: "bizStep" }],
  ["disposition", { term: "disposition" }],
  ["persistentDisposition", "dispositions"],
  ["readPoint", "place"],
  ["bizLocation", "place"],
  ["sensorElementList", "sensors"],
];

const METADATA_ORDER: readonly (readonly [string, Kind])[] = [
  ["time", "time"],
  ["startTime", "time"],
  ["endTime", "time"],
  ["deviceID", "text"],
  ["deviceMetadata", "text"],
  ["rawData", "text"],
  ["dataProcessingMethod", "text"],
  ["bizRules", "text"],
];
const REPORT_ORDER: readonly (readonly [string, Kind])[] = [
  ["type", { term: "measurement" }],
  ["exception", { term: "alert" }],
  ["deviceID", "text"],
  ["deviceMetadata", "text"],
  ["rawData", "text"],
  ["dataProcessingMethod", "text"],
  ["time", "time"],
  ["microorganism", "text"],
  ["chemicalSubstance", "text"],
  ["value", "number"],
  ["component", { term: "component" }],
  ["stringValue", "text"],
  ["booleanValue", "text"],
  ["hexBinaryValue", "text"],
  ["uriValue", "text"],
  ["minValue", "number"],
  ["maxValue", "number"],
  ["meanValue", "number"],
  ["sDev", "number"],
  ["percRank", "number"],
  ["percValue", "number"],
  ["uom", "text"],
  ["coordinateReferenceSystem", "text"],
];
const QUANTITY_ORDER: readonly (readonly [string, Kind])[] = [
  ["epcClass", "text"],
  ["quantity", "number"],
  ["uom", "text"],
];

const ORDERED: ReadonlySet<string> = new Set(ORDER.map(([name]) => name));
const METADATA: ReadonlySet<string> = new Set(METADATA_ORDER.map(([name]) => name));
const REPORT: ReadonlySet<string> = new Set(REPORT_ORDER.map(([name]) => name));

/** Members that never take part, at any depth or at the top. */
const COMMENTS: ReadonlySet<string> = new Set(["rdfs:comment", "comment"]);
const IGNORED: ReadonlySet<string> = new Set(["@context", "type", "recordTime", "eventID", "errorDeclaration"]);
const NONE: ReadonlySet<string> = new Set();

/** The string that is hashed. */
export function eventPrehash(
  event: ExactObject,
  namespaces: Namespaces = STANDARD_NAMESPACES,
  options: HashOptions = {},
): string {
  const type = typeof event["type"] === "string" ? expandName(event["type"], namespaces) : "";
  return `eventType=${type}${new Prehash(namespaces, options.ignore ?? NONE).event(event)}`;
}

class Prehash {
  readonly #namespaces: Namespaces;
  readonly #ignore: ReadonlySet<string>;

  constructor(namespaces: Namespaces, ignore: ReadonlySet<string>) {
    this.#namespaces = namespaces;
    this.#ignore = ignore;
  }

  event(event: ExactObject): string {
    let text = "";
    for (const [name, kind] of ORDER) if (name in event) text += this.#field(name, kind, event[name]);
    return text + joinSorted(this.#tail(event));
  }

  #tail(event: ExactObject): string[] {
    const strings: string[] = [];
    for (const name in event) {
      if (ORDERED.has(name) || IGNORED.has(name) || COMMENTS.has(name)) continue;
      const value = event[name];
      if (name === "bizTransactionList") strings.push(this.#businessList(name, "bizTransaction", "btt", value));
      else if (name === "sourceList") strings.push(this.#businessList(name, "source", "sdt", value));
      else if (name === "destinationList") strings.push(this.#businessList(name, "destination", "sdt", value));
      else strings.push(...this.#extension(name, value));
    }
    return strings;
  }

  #field(name: string, kind: Kind, value: ExactJson | undefined): string {
    if (value === undefined || value === null) return "";
    if (typeof kind === "object")
      return "list" in kind ? this.#list(name, kind.list, value) : this.#values(name, kind, value);
    switch (kind) {
      case "place":
        return isObject(value) ? within(name, this.#values("id", "text", value["id"]) + this.#others(value, ID)) : "";
      case "dispositions":
        return isObject(value)
          ? within(
              name,
              this.#values("set", DISPOSITION, value["set"]) + this.#values("unset", DISPOSITION, value["unset"]),
            )
          : "";
      case "sensors":
        return within(name, joinSorted(objectsOf(value).map((element) => this.#sensorElement(element))));
      default:
        return this.#values(name, kind, value);
    }
  }

  /** `name=value`, once per value where there are several. */
  #values(name: string, kind: Kind, value: ExactJson | undefined): string {
    if (value === undefined) return "";
    if (!Array.isArray(value)) return this.#value(name, kind, value);
    return joinSorted(value.map((item: ExactJson) => this.#value(name, kind, item)));
  }

  #value(name: string, kind: Kind, value: ExactJson): string {
    const text = this.#scalar(kind, value);
    return text === "" ? "" : `${name}=${text}`;
  }

  #list(name: string, item: string, value: ExactJson): string {
    if (!Array.isArray(value)) return "";
    const strings =
      item === "epc"
        ? value.map((epc: ExactJson) => this.#value("epc", "text", epc))
        : objectsOf(value).map((element) => within(item, this.#ordered(element, QUANTITY_ORDER)));
    return within(name, joinSorted(strings));
  }

  #ordered(object: ExactObject, order: readonly (readonly [string, Kind])[]): string {
    let text = "";
    for (const [name, kind] of order) if (name in object) text += this.#values(name, kind, object[name]);
    return text;
  }

  #sensorElement(element: ExactObject): string {
    const metadata = element["sensorMetadata"];
    const reports = objectsOf(element["sensorReport"] ?? []).map((report) =>
      within("sensorReport", this.#ordered(report, REPORT_ORDER) + this.#others(report, REPORT)),
    );
    const before = isObject(metadata)
      ? within("sensorMetadata", this.#ordered(metadata, METADATA_ORDER) + this.#others(metadata, METADATA))
      : "";
    return within("sensorElement", before + joinSorted(reports) + this.#others(element, SENSOR_ELEMENT));
  }

  #businessList(name: string, member: string, vocabulary: Vocabulary, value: ExactJson | undefined): string {
    const items = objectsOf(value ?? []).map(
      (item) => this.#values("type", { term: vocabulary }, item["type"]) + this.#values(member, "text", item[member]),
    );
    return within(name, joinSorted(items));
  }

  /** Extensions at the end of a standard object, sorted. */
  #others(object: ExactObject, known: ReadonlySet<string>): string {
    const strings: string[] = [];
    for (const name in object) if (!known.has(name)) strings.push(...this.#extension(name, object[name]));
    return joinSorted(strings);
  }

  /** An extension: its expanded name with the value or its sorted members; an array repeats the name. */
  #extension(name: string, value: ExactJson | undefined): string[] {
    if (COMMENTS.has(name) || name.startsWith("@xsi:") || value === undefined || value === null) return [];
    const key = expandName(name.startsWith("@") ? name.slice(1) : name, this.#namespaces);
    if (this.#ignore.has(key)) return [];
    return (Array.isArray(value) ? value : [value]).map((item: ExactJson) => this.#extensionItem(key, item));
  }

  #extensionItem(key: string, item: ExactJson): string {
    if (Array.isArray(item))
      return within(key, joinSorted(item.flatMap((inner: ExactJson) => this.#extension("item", inner))));
    if (!isObject(item)) return this.#value(key, "text", item);
    const strings: string[] = [];
    let own = "";
    for (const name in item) {
      if (name === "#text") own = this.#scalar("text", item[name] ?? "");
      else if (name === "#mixed") [own] = this.#mixed(item[name], strings);
      else strings.push(...this.#extension(name, item[name]));
    }
    return within(key, (own === "" ? "" : `=${own}`) + joinSorted(strings));
  }

  /** Text between elements does not count, as in the reference; text before the first one does. */
  #mixed(content: ExactJson | undefined, strings: string[]): [string] {
    let own = "";
    for (const [i, part] of (Array.isArray(content) ? content : []).entries()) {
      if (i === 0 && typeof part === "string") own = this.#scalar("text", part);
      else if (isObject(part)) for (const name in part) strings.push(...this.#extension(name, part[name]));
    }
    return [own];
  }

  #scalar(kind: Kind, value: ExactJson): string {
    if (isNumeric(value)) return decimalText(decimalOf(value));
    if (typeof value === "boolean") return String(value);
    if (typeof value !== "string") return "";
    const text = value.trim();
    if (kind === "time") return canonicalTime(text);
    if (typeof kind === "object" && "term" in kind) {
      const uri = webUri(kind.term, text);
      return uri.startsWith(CBV_WEB) ? uri : canonicalText(uri, this.#namespaces);
    }
    return canonicalText(text, this.#namespaces);
  }
}

const CBV_WEB = VOCABULARIES.bizStep.web.slice(0, -"BizStep-".length);
const DISPOSITION: Kind = { term: "disposition" };
const ID: ReadonlySet<string> = new Set(["id"]);
const SENSOR_ELEMENT: ReadonlySet<string> = new Set(["sensorMetadata", "sensorReport"]);
/** A string that is a plain decimal is written like a number, as the reference does; beyond 15 digits it stays as it is. */
const PLAIN_DECIMAL = /^[+-]?\d+(?:\.\d+)?$/;
const PLAIN_DIGITS_MAX = 15;

/** A string value in its canonical form: CBV URN to Web URI, CURIE to URI, number without trailing zeros, id to Digital Link. */
function canonicalText(text: string, namespaces: Namespaces): string {
  if (PLAIN_DECIMAL.test(text)) {
    const significant = text.replace(/[+\-.]/g, "").replace(/^0+/, "");
    return significant.length <= PLAIN_DIGITS_MAX ? decimalText(decimalOf(text)) : text;
  }
  if (!text.includes(":")) return text;
  return canonicalId(expandValue(webUriOfUrn(text), namespaces));
}

function within(name: string, content: string): string {
  return content === "" ? "" : name + content;
}

function objectsOf(value: ExactJson): ExactObject[] {
  return Array.isArray(value) ? value.filter(isObject) : [];
}

function joinSorted(strings: readonly string[]): string {
  return strings.length < 2 ? (strings[0] ?? "") : [...strings].sort(byCodePoint).join("");
}

/** Order by Unicode code point; JavaScript's own order differs where a surrogate pair meets U+E000 to U+FFFF. */
function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let i = 0; i < length; i++) {
    const [x, y] = [a.charCodeAt(i), b.charCodeAt(i)];
    if (x !== y) return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1;
  }
  return a.length - b.length;
}

function isSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdfff;
}

/** Expanded names that a document's own `ignoreFields` extension keeps out of the hash. */
export function ignoredFields(shell: ExactObject | undefined, namespaces: Namespaces): ReadonlySet<string> {
  const names = new Set<string>();
  const body = shell?.["epcisBody"];
  const results = isObject(body) ? body["queryResults"] : undefined;
  for (const holder of [shell, results]) {
    if (!isObject(holder)) continue;
    for (const [key, value] of Object.entries(holder)) {
      if (!/[:/#}]ignoreFields$/.test(expandName(key, namespaces).replace(/^\{.*\}/, "}"))) continue;
      const listed = Array.isArray(value) ? value : isObject(value) ? Object.keys(value) : [value];
      for (const name of listed) if (typeof name === "string") names.add(expandName(name, namespaces));
    }
  }
  return names;
}
