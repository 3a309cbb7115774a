/**
 * What an event can be asked for, as flat facts: identifiers in their roles, and values under the names that the query
 * parameters of EPCIS 2.0 8.2.7.1 speak of. One extraction serves the index and the evaluation of a query, so that the
 * two can't differ. Identifiers are canonical, CBV terms are Web URIs, extension names are whole URIs.
 */
import {
  canonicalId,
  decimalOf,
  decimalText,
  type ExactJson,
  type ExactObject,
  expandValue,
  isNumeric,
  isObject,
  type Namespaces,
  webUri,
} from "@holdfast/epcis";

/** Roles of an identifier in an event, as bits. */
export const ROLE = {
  epc: 1,
  child: 2,
  parent: 4,
  input: 8,
  output: 16,
  quantityClass: 32,
  childClass: 64,
  inputClass: 128,
  outputClass: 256,
  transformation: 512,
} as const;

/** Roles of a single thing. */
export const EPC_ROLES = ROLE.epc | ROLE.child | ROLE.parent | ROLE.input | ROLE.output;

/** Shifts a role to "something of this class plays it": a GTIN is found by its serials and lots. */
export const OF_CLASS = 1_024;

/** Every role of an identifier that stands in the event itself. */
export const DIRECT_ROLES = 1_023;

/** One value of an event under a dimension. */
export interface Fact {
  readonly dimension: string;
  readonly text: string;
}

export interface EventFacts {
  /** Canonical identifier to its roles. */
  readonly ids: ReadonlyMap<string, number>;
  readonly facts: readonly Fact[];
}

/** Scopes of extensions, as dimensions begin: `ext:URI` for a field of the event, `inner:ext:URI` for one inside it. */
export type Scope = "ext" | "ilmd" | "error" | "readPoint" | "bizLocation" | "element" | "metadata" | "report";

/** Sensor members that EQ_ parameters compare as text. */
export const SENSOR_TEXTS: ReadonlySet<string> = new Set(
  `deviceID dataProcessingMethod microorganism chemicalSubstance bizRules stringValue booleanValue hexBinaryValue
  uriValue`.split(/\s+/),
);
/** Sensor members with a number, which a unit may follow in the parameter. */
export const SENSOR_NUMBERS: ReadonlySet<string> = new Set(
  "value minValue maxValue meanValue sDev percValue percRank".split(" "),
);
const SENSOR_TIMES: ReadonlySet<string> = new Set(["time", "startTime", "endTime"]);

export function factsOf(event: ExactObject, namespaces: Namespaces): EventFacts {
  const extractor = new Extractor(namespaces);
  extractor.event(event);
  return extractor;
}

/** The form in which two values are equal: exact decimal, canonical identifier, else the text itself. */
export function comparable(value: string, namespaces?: Namespaces): string {
  const text = value.trim();
  if (/^[+-]?\d{1,200}(?:\.\d{1,200})?$/.test(text)) return decimalText(decimalOf(text));
  if (!text.includes(":")) return text;
  return canonicalId(namespaces ? expandValue(text, namespaces) : text);
}

/** The class that a canonical instance or lot belongs to; undefined for what has none. */
export function classOf(id: string): string | undefined {
  return (QUALIFIED.exec(id) ?? SERIAL_INSIDE.exec(id))?.[1];
}
const QUALIFIED = /^(https:\/\/id\.gs1\.org\/(?:01\/\d{14}|8006\/\d{18}|8010\/[^/]+))\/(?:21|10|235|8011)\//;
const SERIAL_INSIDE = /^(https:\/\/id\.gs1\.org\/(?:8003\/\d{14}|25[35]\/\d{13}))[^/]/;

/** The URI of an extension's name: namespace and local name joined, `#` between them where nothing else ends the first. */
export function extensionUri(name: string, namespaces: Namespaces): string {
  const colon = name.indexOf(":");
  if (colon < 0 || name.startsWith("//", colon + 1)) return name;
  const namespace = namespaces.get(name.slice(0, colon));
  return namespace === undefined ? name : joined(namespace, name.slice(colon + 1));
}

function joined(namespace: string, local: string): string {
  return /[#/:]$/.test(namespace) ? namespace + local : `${namespace}#${local}`;
}

const EVENT_MEMBERS: ReadonlySet<string> = new Set(
  `@context type eventTime recordTime eventTimeZoneOffset eventID certificationInfo errorDeclaration action parentID
  epcList childEPCs inputEPCList outputEPCList quantityList childQuantityList inputQuantityList outputQuantityList
  transformationID bizStep disposition persistentDisposition readPoint bizLocation bizTransactionList sourceList
  destinationList sensorElementList ilmd`.split(/\s+/),
);
const DECLARATION_MEMBERS: ReadonlySet<string> = new Set(["declarationTime", "reason", "correctiveEventIDs"]);
const PLACE_MEMBERS: ReadonlySet<string> = new Set(["id"]);
const ELEMENT_MEMBERS: ReadonlySet<string> = new Set(["sensorMetadata", "sensorReport"]);
const METADATA_MEMBERS: ReadonlySet<string> = new Set(
  "time startTime endTime deviceID deviceMetadata rawData dataProcessingMethod bizRules".split(" "),
);
const REPORT_MEMBERS: ReadonlySet<string> = new Set([
  ...METADATA_MEMBERS,
  ...SENSOR_TEXTS,
  ...SENSOR_NUMBERS,
  ..."type exception component coordinateReferenceSystem uom".split(" "),
]);
const NO_MEMBERS: ReadonlySet<string> = new Set();

const LISTS: readonly (readonly [string, number])[] = [
  ["epcList", ROLE.epc],
  ["childEPCs", ROLE.child],
  ["inputEPCList", ROLE.input],
  ["outputEPCList", ROLE.output],
];
const QUANTITY_LISTS: readonly (readonly [string, number])[] = [
  ["quantityList", ROLE.quantityClass],
  ["childQuantityList", ROLE.childClass],
  ["inputQuantityList", ROLE.inputClass],
  ["outputQuantityList", ROLE.outputClass],
];

class Extractor implements EventFacts {
  readonly ids = new Map<string, number>();
  readonly facts: Fact[] = [];
  readonly #namespaces: Namespaces;

  constructor(namespaces: Namespaces) {
    this.#namespaces = namespaces;
  }

  event(event: ExactObject): void {
    for (const [name, role] of LISTS) for (const id of arrayOf(event[name])) this.#id(id, role);
    for (const [name, role] of QUANTITY_LISTS)
      for (const element of arrayOf(event[name])) if (isObject(element)) this.#quantity(element, role);
    if (event["parentID"] !== undefined) this.#id(event["parentID"], ROLE.parent);
    if (event["transformationID"] !== undefined) this.#id(event["transformationID"], ROLE.transformation);
    this.#add("eventID", event["eventID"]);
    this.#party(event["bizTransactionList"], "bizTransaction");
    this.#party(event["sourceList"], "source");
    this.#party(event["destinationList"], "destination");
    const persistent = event["persistentDisposition"];
    if (isObject(persistent))
      for (const name of ["set", "unset"])
        for (const term of arrayOf(persistent[name])) this.#term(name, "disposition", term);
    this.#declaration(event["errorDeclaration"]);
    this.#place("readPoint", event["readPoint"]);
    this.#place("bizLocation", event["bizLocation"]);
    for (const element of arrayOf(event["sensorElementList"])) if (isObject(element)) this.#sensorElement(element);
    if (isObject(event["ilmd"])) this.#extensions("ilmd", event["ilmd"], NO_MEMBERS);
    this.#extensions("ext", event, EVENT_MEMBERS);
  }

  #id(value: ExactJson | undefined, role: number): void {
    if (typeof value !== "string") return;
    const id = canonicalId(value.trim());
    this.ids.set(id, (this.ids.get(id) ?? 0) | role);
    const itsClass = classOf(id);
    if (itsClass !== undefined) this.ids.set(itsClass, (this.ids.get(itsClass) ?? 0) | (role * OF_CLASS));
  }

  #quantity(element: ExactObject, role: number): void {
    this.#id(element["epcClass"], role);
    const { quantity, uom } = element;
    if (!isNumeric(quantity)) return;
    const text = decimalText(decimalOf(quantity));
    this.#add("quantity", text);
    if (typeof uom === "string") this.#add(`quantity:${uom}`, text);
  }

  #party(list: ExactJson | undefined, member: "bizTransaction" | "source" | "destination"): void {
    for (const item of arrayOf(list)) {
      if (!isObject(item)) continue;
      const type = typeof item["type"] === "string" ? item["type"] : "";
      const vocabulary = member === "bizTransaction" ? "btt" : "sdt";
      this.#add(`${member}:${webUri(vocabulary, expandValue(type, this.#namespaces))}`, item[member]);
    }
  }

  #declaration(declaration: ExactJson | undefined): void {
    if (!isObject(declaration)) return;
    this.#term("errorReason", "errorReason", declaration["reason"]);
    for (const id of arrayOf(declaration["correctiveEventIDs"])) this.#add("correctiveEventID", id);
    this.#extensions("error", declaration, DECLARATION_MEMBERS);
  }

  #place(scope: "readPoint" | "bizLocation", place: ExactJson | undefined): void {
    if (isObject(place)) this.#extensions(scope, place, PLACE_MEMBERS);
  }

  #sensorElement(element: ExactObject): void {
    this.facts.push({ dimension: "sensor", text: "" });
    const metadata = element["sensorMetadata"];
    if (isObject(metadata)) {
      this.#sensorMembers(metadata);
      this.#extensions("metadata", metadata, METADATA_MEMBERS);
    }
    for (const report of arrayOf(element["sensorReport"])) {
      if (!isObject(report)) continue;
      this.#sensorMembers(report);
      this.#term("sensor:type", "measurement", report["type"]);
      this.#extensions("report", report, REPORT_MEMBERS);
    }
    this.#extensions("element", element, ELEMENT_MEMBERS);
  }

  #sensorMembers(members: ExactObject): void {
    const uom = typeof members["uom"] === "string" ? members["uom"] : "";
    for (const name in members) {
      const value = members[name];
      if (SENSOR_TEXTS.has(name) || SENSOR_TIMES.has(name)) this.#add(`sensor:${name}`, value);
      else if (SENSOR_NUMBERS.has(name)) {
        this.#add(`sensor:${name}`, value);
        if (uom !== "") this.#add(`sensor:${name}:${uom}`, value);
      }
    }
  }

  /** The extension members of an object: themselves under `scope`, what is inside them under `inner:scope`. */
  #extensions(scope: Scope, object: ExactObject, known: ReadonlySet<string>): void {
    for (const name in object) {
      if (known.has(name) || !name.includes(":")) continue;
      this.#extension(`${scope}:`, `inner:${scope}:`, name, object[name]);
    }
  }

  #extension(here: string, inside: string, name: string, value: ExactJson | undefined): void {
    const uri = extensionUri(name, this.#namespaces);
    for (const item of Array.isArray(value) ? value : [value]) {
      if (!isObject(item)) {
        this.#add(here + uri, item);
        continue;
      }
      this.facts.push({ dimension: here + uri, text: "" });
      for (const member in item) this.#member({ here, inside, uri, member, value: item[member] });
    }
  }

  #member(at: { here: string; inside: string; uri: string; member: string; value: ExactJson | undefined }): void {
    const { here, inside, uri, member, value } = at;
    if (member === "#text") this.#add(here + uri, value);
    else if (member === "#mixed") {
      for (const part of arrayOf(value))
        if (isObject(part)) for (const name in part) this.#extension(inside, inside, name, part[name]);
    } else if (member.startsWith("@")) {
      const attribute = extensionUri(member.slice(1), this.#namespaces);
      this.facts.push({ dimension: `attribute:${here}${uri}`, text: attribute });
      this.#add(`attribute:${here}${uri} ${attribute}`, value);
    } else this.#extension(inside, inside, member, value);
  }

  #term(dimension: string, vocabulary: Parameters<typeof webUri>[0], value: ExactJson | undefined): void {
    if (typeof value === "string")
      this.facts.push({ dimension, text: webUri(vocabulary, expandValue(value.trim(), this.#namespaces)) });
  }

  #add(dimension: string, value: ExactJson | undefined): void {
    if (value === undefined || value === null || typeof value === "object") {
      if (isNumeric(value)) this.facts.push({ dimension, text: decimalText(decimalOf(value)) });
      return;
    }
    const text = typeof value === "string" ? comparable(value, this.#namespaces) : comparable(String(value));
    this.facts.push({ dimension, text });
  }
}

function arrayOf(value: ExactJson | undefined): readonly ExactJson[] {
  return Array.isArray(value) ? value : [];
}
