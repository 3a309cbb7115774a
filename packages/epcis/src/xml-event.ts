/**
 * One event from XML into the JSON form. Takes every version: the wrappers of 1.2 (`baseExtension`, `extension`) dissolve
 * into the event, QuantityEvent becomes an ObjectEvent of action OBSERVE with a quantityList (EPCIS 1.2 7.4.5). Element
 * order and namespace prefixes do not matter here; xml-rules.ts judges them. Unknown elements are kept, never dropped.
 */
import { decimalOf, decimalText, numericOf, type Numeric } from "./decimal.ts";
import type { ExactJson } from "./event.ts";
import { type FieldKind, FIELDS, METADATA_FIELDS, REPORT_FIELDS, SENSOR_NUMBERS, SENSOR_TERMS } from "./fields.ts";
import type { Namespaces } from "./namespaces.ts";
import { readExtensions } from "./xml-extension.ts";
import { XmlNames } from "./xml-names.ts";
import { termFromXml } from "./xml-term.ts";
import { attribute, child, childElements, isEpcis, ownText, type XmlElement, XML, XSI } from "./xml-tree.ts";
import type { Vocabulary } from "./vocabulary.ts";

type Members = Record<string, ExactJson>;

/** The JSON form of an event element, and the meaning of its prefixes. */
export function eventFromXml(element: XmlElement, document: XmlNames): { value: ExactJson; namespaces: Namespaces } {
  const names = new XmlNames(document);
  names.declare(element.declared);
  const members: Members = {};
  members["type"] = isEpcis(element.uri) ? element.local : names.key(element);
  readFields(element, members, names);
  if (element.local === "QuantityEvent" && isEpcis(element.uri)) upgradeQuantityEvent(members);
  for (const { prefix, local, uri, value } of element.attributes)
    if (uri !== XSI && uri !== XML && !(uri === "" && DOCUMENT_ATTRIBUTES.has(local)))
      members[names.key({ prefix, local, uri })] = value;
  const context = names.contextOr(element.marks);
  const value = context === undefined ? members : { "@context": context, ...members };
  return { value, namespaces: names.namespaces() };
}

/** What a bare event carries in place of its document. */
const DOCUMENT_ATTRIBUTES: ReadonlySet<string> = new Set(["schemaVersion", "creationDate"]);

function readFields(element: XmlElement, members: Members, names: XmlNames): void {
  const extensions: XmlElement[] = [];
  for (const field of childElements(element)) {
    if (!isEpcis(field.uri)) extensions.push(field);
    else if (field.local === "extension" || field.local === "baseExtension") readFields(field, members, names);
    else {
      names.declare(field.declared);
      const kind = FIELDS[field.local];
      if (kind === undefined) extensions.push({ ...field, uri: "", prefix: "" });
      else members[field.local] = readField(field, kind, names, members[field.local]);
    }
  }
  readExtensions(extensions, names, members);
}

function readField(element: XmlElement, kind: FieldKind, names: XmlNames, before: ExactJson | undefined): ExactJson {
  if (typeof kind === "object")
    return "term" in kind
      ? termFromXml(kind.term, ownText(element))
      : readBusinessList(element, kind.business, kind.vocabulary);
  switch (kind) {
    case "text":
      return ownText(element);
    case "uris":
      return readRepeated(element, before);
    case "ids":
      return childElements(element).map(ownText);
    case "quantities":
      return childElements(element).map(readQuantity);
    case "place":
      return readPlace(element, names);
    case "dispositions":
      return readDispositions(element);
    case "error":
      return readErrorDeclaration(element, names);
    case "sensors":
      return childElements(element).flatMap((sensor) =>
        sensor.local === "extension" ? [] : [readSensorElement(sensor, names)],
      );
    case "ilmd":
      return readIlmd(element, names);
  }
}

/** certificationInfo: XSD allows one, JSON several. */
function readRepeated(element: XmlElement, before: ExactJson | undefined): ExactJson {
  const text = ownText(element);
  if (element.marks.includes("empty-array")) return [];
  if (before === undefined) return element.marks.includes("array") ? [text] : text;
  return Array.isArray(before) ? [...before, text] : [before, text];
}

function readQuantity(element: XmlElement): ExactJson {
  const members: Members = {};
  for (const part of childElements(element)) {
    const text = ownText(part);
    if (part.local !== "quantity") members[part.local] = text;
    else if (attribute(part, "nil", XSI) !== "true") members["quantity"] = numberOf(text);
  }
  return members;
}

/** A number, or the text itself where it is none: the schema rules will say so. */
function numberOf(text: string): Numeric | string {
  if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text)) return numericOf(text);
  if (!/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?$/.test(text)) return text;
  return numericOf(decimalText(decimalOf(text)));
}

function readPlace(element: XmlElement, names: XmlNames): ExactJson {
  const members: Members = {};
  const id = child(element, "id");
  if (id) members["id"] = ownText(id);
  readExtensions(
    unwrapped(element, (part) => part.local === "id" && isEpcis(part.uri)),
    names,
    members,
  );
  return members;
}

function readDispositions(element: XmlElement): ExactJson {
  const members: Record<string, string[]> = {};
  for (const part of childElements(element)) {
    const list = (members[part.local] ??= []);
    list.push(termFromXml("disposition", ownText(part)));
  }
  return members;
}

function readErrorDeclaration(element: XmlElement, names: XmlNames): ExactJson {
  const members: Members = {};
  const own = new Set(["declarationTime", "reason", "correctiveEventIDs"]);
  for (const part of childElements(element)) {
    if (!isEpcis(part.uri)) continue;
    if (part.local === "declarationTime") members["declarationTime"] = ownText(part);
    if (part.local === "reason") members["reason"] = termFromXml("errorReason", ownText(part));
    if (part.local === "correctiveEventIDs") members["correctiveEventIDs"] = childElements(part).map(ownText);
  }
  readExtensions(
    unwrapped(element, (part) => own.has(part.local) && isEpcis(part.uri)),
    names,
    members,
  );
  return members;
}

function readBusinessList(element: XmlElement, member: string, vocabulary: Vocabulary): ExactJson {
  return childElements(element).map((item) => {
    const type = attribute(item, "type");
    return { ...(type === undefined ? {} : { type: termFromXml(vocabulary, type.trim()) }), [member]: ownText(item) };
  });
}

function readIlmd(element: XmlElement, names: XmlNames): ExactJson {
  const members: Members = {};
  readExtensions(
    unwrapped(element, () => false),
    names,
    members,
  );
  return members;
}

/** Children that are extensions: `extension` wrappers of 1.2 dissolve, what `isOwn` names is left out. */
function unwrapped(element: XmlElement, isOwn: (part: XmlElement) => boolean): XmlElement[] {
  return childElements(element).flatMap((part) => {
    if (isOwn(part)) return [];
    return part.local === "extension" && isEpcis(part.uri) ? unwrapped(part, isOwn) : [part];
  });
}

function readSensorElement(element: XmlElement, names: XmlNames): ExactJson {
  names.declare(element.declared);
  const members: Members = {};
  const metadata = child(element, "sensorMetadata");
  if (metadata) members["sensorMetadata"] = readAttributes(metadata, METADATA_FIELDS, names);
  const reports = childElements(element).filter(({ local, uri }) => local === "sensorReport" && isEpcis(uri));
  if (reports.length > 0)
    members["sensorReport"] = reports.map((report) => readAttributes(report, REPORT_FIELDS, names));
  const own = new Set(["sensorMetadata", "sensorReport"]);
  readExtensions(
    unwrapped(element, (part) => own.has(part.local) && isEpcis(part.uri)),
    names,
    members,
  );
  return members;
}

/** sensorMetadata and sensorReport: attributes in XML, members in JSON; `number NAME` marks restore JSON's types. */
function readAttributes(element: XmlElement, own: ReadonlySet<string>, names: XmlNames): ExactJson {
  names.declare(element.declared);
  const members: Members = {};
  for (const { prefix, local, uri, value } of element.attributes) {
    if (uri === XSI || uri === XML) continue;
    if (uri === "" && own.has(local)) members[local] = readSensorValue(local, value.trim());
    else {
      const key = names.key({ prefix, local, uri });
      members[key] = unmark(value, element.marks, prefix === "" ? local : `${prefix}:${local}`);
    }
  }
  readExtensions(childElements(element), names, members);
  return members;
}

function readSensorValue(name: string, value: string): ExactJson {
  const vocabulary = SENSOR_TERMS[name];
  if (vocabulary !== undefined) return termFromXml(vocabulary, value);
  if (SENSOR_NUMBERS.has(name)) return numberOf(value);
  if (name !== "booleanValue") return value;
  return value === "true" || value === "1" ? true : value === "false" || value === "0" ? false : value;
}

function unmark(value: string, marks: readonly string[], name: string): ExactJson {
  if (marks.includes(`number ${name}`)) return numberOf(value);
  if (marks.includes(`boolean ${name}`) && (value === "true" || value === "false")) return value === "true";
  return value;
}

/** A QuantityEvent of 1.x: epcClass and quantity move into a quantityList. */
function upgradeQuantityEvent(members: Members): void {
  const { epcClass, quantity } = members;
  delete members["epcClass"];
  delete members["quantity"];
  members["type"] = "ObjectEvent";
  members["action"] = "OBSERVE";
  members["quantityList"] = [
    {
      ...(epcClass === undefined ? {} : { epcClass }),
      ...(quantity === undefined ? {} : { quantity: typeof quantity === "string" ? numberOf(quantity) : quantity }),
    },
  ];
}
