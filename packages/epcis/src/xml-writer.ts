/**
 * Writes the XML binding of EPCIS 2.0 from the JSON form, in the element order of the XSD, prefixes declared where the
 * JSON contexts declare them. Invariant: reading what this writes gives the same JSON back, and the same event hashes.
 * Refuses values that XML cannot carry. A document is written in pieces, so that memory holds one event.
 */
import { decimalOf, decimalText, isNumeric } from "./decimal.ts";
import { type EventType, EVENT_TYPES, type ExactJson, type ExactObject, isObject } from "./event.ts";
import {
  ALL_FIELDS,
  type FieldKind,
  FIELD_ORDER,
  FIELDS,
  METADATA_FIELDS,
  REPORT_FIELDS,
  SENSOR_TERMS,
} from "./fields.ts";
import { jsonText } from "./json-text.ts";
import { type Namespaces, STANDARD_NAMESPACES, withContext } from "./namespaces.ts";
import { excerpt, refusal } from "./refusal.ts";
import {
  attributeName,
  elementName,
  RESERVED_PREFIXES,
  TYPE_NAMESPACES,
  writeExtension,
  writeExtensions,
} from "./xml-extension.ts";
import { writeShellEnd, writeShellStart, writeVocabularies } from "./xml-shell.ts";
import { termToXml } from "./xml-term.ts";
import { XmlText } from "./xml-text.ts";

const EPCIS_2 = "urn:epcglobal:epcis:xsd:2";
const QUERY_2 = "urn:epcglobal:epcis-query:xsd:2";
/** Members whose position, not name, tells the event's kind. */
const NOT_FIELDS: ReadonlySet<string> = new Set(["@context", "type"]);

/** The pieces of an XML document: `start`, then each event by {@link xmlOfEvent}, then `end`. */
export interface XmlFrame {
  readonly start: string;
  readonly end: string;
  /** What the prefixes of the document mean, for its events. */
  readonly namespaces: Namespaces;
}

/** The frame of a document from its JSON form; the event list in it is not looked at. */
export function xmlFrame(shell: ExactObject): XmlFrame {
  const namespaces = withContext(STANDARD_NAMESPACES, shell["@context"]);
  const isQuery = shell["type"] === "EPCISQueryDocument";
  if (!isQuery && shell["type"] !== "EPCISDocument")
    throw refusal("epcis/not-epcis", "only EPCIS documents have an XML form");
  const xml = new XmlText();
  xml.open(isQuery ? "epcisq:EPCISQueryDocument" : "epcis:EPCISDocument");
  xml.attribute(isQuery ? "xmlns:epcisq" : "xmlns:epcis", isQuery ? QUERY_2 : EPCIS_2);
  for (const [prefix, uri] of [...TYPE_NAMESPACES, ...declarations(namespaces)]) xml.attribute(`xmlns:${prefix}`, uri);
  for (const name of ["schemaVersion", "creationDate"]) {
    const value = shell[name];
    if (typeof value === "string") xml.attribute(name, value);
  }
  writeShellStart(shell, namespaces, xml);
  const body = shell["epcisBody"];
  const results = isObject(body) ? body["queryResults"] : undefined;
  if (isQuery) writeResultsStart(isObject(results) ? results : {}, xml);
  xml.open("EventList");
  xml.marks([CUT]);
  xml.breakLine();
  xml.close();
  if (isQuery) writeResultsEnd(isObject(results) ? results : {}, namespaces, xml);
  else if (isObject(body)) writeExtensions(body, (name) => name === "eventList", namespaces, xml);
  xml.close();
  writeShellEnd(shell, namespaces, xml);
  xml.close();
  const [start = "", end = ""] = xml.toString().split(`<?epcis-json ${CUT}?>`);
  return { start: `<?xml version="1.0" encoding="UTF-8"?>\n${start}`, end: `${end}\n`, namespaces };
}

const CUT = "events";

function writeResultsStart(results: ExactObject, xml: XmlText): void {
  xml.open("epcisq:QueryResults");
  for (const name of ["queryName", "subscriptionID"]) {
    const value = results[name];
    if (typeof value === "string") xml.leaf(name, value);
  }
  xml.open("resultsBody");
}

function writeResultsEnd(results: ExactObject, namespaces: Namespaces, xml: XmlText): void {
  const body = results["resultsBody"];
  const vocabularies = isObject(body) ? body["vocabularyList"] : undefined;
  if (Array.isArray(vocabularies)) writeVocabularies(vocabularies, namespaces, xml);
  xml.close();
  writeExtensions(results, (name) => ["queryName", "subscriptionID", "resultsBody"].includes(name), namespaces, xml);
  xml.close();
}

/** Prefixes worth declaring: all but those of the standard context that only JSON uses. */
function declarations(namespaces: Namespaces): [string, string][] {
  return [...namespaces].filter(([prefix]) => !RESERVED_PREFIXES.has(prefix) && isXmlPrefix(prefix));
}

function isXmlPrefix(prefix: string): boolean {
  return /^[A-Za-z_][\w.-]*$/.test(prefix) && !/^xml/i.test(prefix);
}

/** The XML element of one event, indented as a member of a document's event list. */
export function xmlOfEvent(event: ExactObject, outer: Namespaces): string {
  const namespaces = withContext(outer, event["@context"]);
  const xml = new XmlText({ depth: 3 });
  const type = event["type"];
  if (typeof type !== "string") throw refusal("epcis/no-xml-form", "an event without a type has no XML form");
  const isStandard = EVENT_TYPES.has(type);
  if (!isStandard) xml.open("extension");
  const name = isStandard ? { name: type, declares: [] } : elementName(type, namespaces);
  xml.open(name.name);
  for (const [prefix, uri] of name.declares) xml.attribute(`xmlns:${prefix}`, uri);
  if (namespaces !== outer)
    for (const [prefix, uri] of declarations(namespaces))
      if (outer.get(prefix) !== uri) xml.attribute(`xmlns:${prefix}`, uri);
  if (event["@context"] !== undefined) {
    xml.marks([jsonText({ "@context": event["@context"] }).replaceAll(">", "\\u003e")]);
    xml.breakLine();
  }
  const order = isEventType(type) ? FIELD_ORDER[type] : ALL_FIELDS;
  for (const field of order) writeField(field, event[field], namespaces, xml);
  for (const field of Object.keys(event))
    if (!order.includes(field) && !field.includes(":") && !NOT_FIELDS.has(field))
      throw refusal("epcis/no-xml-form", `\`${excerpt(field)}\` is no member of \`${excerpt(type)}\``);
  writeExtensions(event, (member) => NOT_FIELDS.has(member) || Object.hasOwn(FIELDS, member), namespaces, xml);
  xml.close();
  if (!isStandard) xml.close();
  return xml.toString();
}

function isEventType(type: string): type is EventType {
  return EVENT_TYPES.has(type);
}

function writeField(name: string, value: ExactJson | undefined, namespaces: Namespaces, xml: XmlText): void {
  const kind = FIELDS[name];
  if (value === undefined || kind === undefined) return;
  if (name === "certificationInfo") {
    writeCertifications(value, xml);
    return;
  }
  xml.open(name);
  writeFieldContent(kind, value, namespaces, xml);
  xml.close();
}

/** XSD allows one, JSON several: several elements, and a mark for an array of one or none. */
function writeCertifications(value: ExactJson, xml: XmlText): void {
  const list = Array.isArray(value) ? value : [value];
  for (const item of list.length === 0 ? [""] : list) {
    xml.open("certificationInfo");
    if (list.length === 0) xml.marks(["empty-array"]);
    else if (Array.isArray(value) && list.length === 1) xml.marks(["array"]);
    xml.text(textOf(item));
    xml.close();
  }
}

function writeFieldContent(kind: FieldKind, value: ExactJson, namespaces: Namespaces, xml: XmlText): void {
  if (typeof kind === "object") {
    if ("term" in kind) xml.text(termToXml(kind.term, textOf(value)));
    else for (const item of objectsOf(value)) writeBusinessItem(item, kind, xml);
    return;
  }
  switch (kind) {
    case "text":
    case "uris":
      xml.text(textOf(value));
      break;
    case "ids":
      for (const id of listOf(value)) xml.leaf("epc", textOf(id));
      break;
    case "quantities":
      for (const item of objectsOf(value)) writeQuantity(item, xml);
      break;
    case "place":
      writePlace(objectOf(value), namespaces, xml);
      break;
    case "dispositions":
      for (const part of ["unset", "set"])
        for (const term of listOf(objectOf(value)[part])) xml.leaf(part, termToXml("disposition", textOf(term)));
      break;
    case "error":
      writeErrorDeclaration(objectOf(value), namespaces, xml);
      break;
    case "sensors":
      for (const element of objectsOf(value)) writeSensorElement(element, namespaces, xml);
      break;
    case "ilmd":
      writeExtensions(objectOf(value), () => false, namespaces, xml);
      break;
  }
}

function writePlace(place: ExactObject, namespaces: Namespaces, xml: XmlText): void {
  if (place["id"] !== undefined) xml.leaf("id", textOf(place["id"]));
  writeExtensions(place, (name) => name === "id", namespaces, xml);
}

function writeBusinessItem(item: ExactObject, kind: Extract<FieldKind, { business: string }>, xml: XmlText): void {
  xml.open(kind.business);
  if (item["type"] !== undefined) xml.attribute("type", termToXml(kind.vocabulary, textOf(item["type"])));
  xml.text(textOf(item[kind.business] ?? ""));
  xml.close();
}

function writeQuantity(item: ExactObject, xml: XmlText): void {
  const members = ["epcClass", "quantity", "uom"];
  for (const name of Object.keys(item))
    if (!members.includes(name)) throw refusal("epcis/no-xml-form", `\`${excerpt(name)}\` is no member of a quantity`);
  xml.open("quantityElement");
  for (const name of members) {
    const value = item[name];
    if (value !== undefined) xml.leaf(name, textOf(value));
  }
  xml.close();
}

function writeErrorDeclaration(declaration: ExactObject, namespaces: Namespaces, xml: XmlText): void {
  const { declarationTime, reason, correctiveEventIDs } = declaration;
  if (declarationTime !== undefined) xml.leaf("declarationTime", textOf(declarationTime));
  if (reason !== undefined) xml.leaf("reason", termToXml("errorReason", textOf(reason)));
  if (correctiveEventIDs !== undefined) {
    xml.open("correctiveEventIDs");
    for (const id of listOf(correctiveEventIDs)) xml.leaf("correctiveEventID", textOf(id));
    xml.close();
  }
  const own = ["declarationTime", "reason", "correctiveEventIDs"];
  writeExtensions(declaration, (name) => own.includes(name), namespaces, xml);
}

function writeSensorElement(element: ExactObject, namespaces: Namespaces, xml: XmlText): void {
  xml.open("sensorElement");
  const metadata = element["sensorMetadata"];
  if (metadata !== undefined) writeSensorItem("sensorMetadata", objectOf(metadata), METADATA_FIELDS, namespaces, xml);
  for (const report of objectsOf(element["sensorReport"]))
    writeSensorItem("sensorReport", report, REPORT_FIELDS, namespaces, xml);
  writeExtensions(element, (name) => name === "sensorMetadata" || name === "sensorReport", namespaces, xml);
  xml.close();
}

/** Members as attributes; a number or boolean in an extension keeps its type by a mark, other values become elements. */
function writeSensorItem(
  name: string,
  item: ExactObject,
  own: ReadonlySet<string>,
  namespaces: Namespaces,
  xml: XmlText,
): void {
  xml.open(name);
  const marks: string[] = [];
  const elements: [string, ExactJson][] = [];
  for (const [member, value] of Object.entries(item)) {
    const vocabulary = SENSOR_TERMS[member];
    if (own.has(member)) xml.attribute(member, vocabulary ? termToXml(vocabulary, textOf(value)) : textOf(value));
    else if (!isAttributeValue(member, value, namespaces)) elements.push([member, value]);
    else {
      xml.attribute(attributeName(member, namespaces), textOf(value));
      if (isNumeric(value)) marks.push(`number ${member}`);
      else if (typeof value === "boolean") marks.push(`boolean ${member}`);
    }
  }
  xml.marks(marks);
  for (const [member, value] of elements) writeExtension(member, value, namespaces, xml);
  xml.close();
}

function isAttributeValue(member: string, value: ExactJson, namespaces: Namespaces): boolean {
  if (value === null || typeof value === "object") return isNumeric(value) && !elementName(member, namespaces).isUri;
  return !elementName(member, namespaces).isUri && (typeof value !== "string" || value === value.trim());
}

/** The members of a list. @throws Problem `epcis/no-xml-form` where the value is none: nothing is dropped */
function listOf(value: ExactJson | undefined): readonly ExactJson[] {
  if (Array.isArray(value)) return value;
  if (value === undefined) return [];
  throw refusal("epcis/no-xml-form", "a list of an event is no array");
}

function objectsOf(value: ExactJson | undefined): ExactObject[] {
  return listOf(value).map(objectOf);
}

function objectOf(value: ExactJson | undefined): ExactObject {
  if (isObject(value)) return value;
  throw refusal("epcis/no-xml-form", "a member of an event is no object");
}

function textOf(value: ExactJson): string {
  if (isNumeric(value)) return decimalText(decimalOf(value));
  if (typeof value === "string" || typeof value === "boolean") return String(value);
  throw refusal("epcis/no-xml-form", "a member of an event is no string or number");
}
