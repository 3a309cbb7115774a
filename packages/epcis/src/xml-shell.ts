/**
 * The document around the events, from XML to JSON and back: attributes of the root, header with master data (EPCIS 2.0
 * 9.5.5, CBV master data), Standard Business Document Header as an extension, query results. What the JSON document has
 * and XML has no place for (its id, sender, receiver, instance identifier and the spelling of its context) travels in one
 * processing instruction of the root, which is believed only where it agrees with the namespaces.
 */
import { type ExactJson, type ExactObject, isObject } from "./event.ts";
import { jsonText } from "./json-text.ts";
import type { Namespaces } from "./namespaces.ts";
import { excerpt, refusal } from "./refusal.ts";
import { readExtension, readExtensions, writeExtension } from "./xml-extension.ts";
import { markedMembers, type XmlNames } from "./xml-names.ts";
import type { XmlText } from "./xml-text.ts";
import { attribute, child, childElements, isEpcis, ownText, type XmlElement, XML, XSI } from "./xml-tree.ts";

type Members = Record<string, ExactJson>;

/** Members of the JSON document that XML has no place for. */
const JSON_ONLY = ["id", "sender", "receiver", "instanceIdentifier"] as const;
const STRUCTURE = new Set([
  "EPCISHeader",
  "EPCISBody",
  "EventList",
  "QueryResults",
  "resultsBody",
  "queryName",
  "subscriptionID",
  "VocabularyList",
]);

/** The JSON document of a root element, with an empty event list. */
export function shellFromXml(root: XmlElement, names: XmlNames): ExactObject {
  const marked = markedMembers(root.marks);
  const members: Members = {};
  const isQuery = root.local.endsWith("QueryDocument") || child(root, "resultsBody") !== undefined;
  members["type"] = isQuery ? "EPCISQueryDocument" : "EPCISDocument";
  const version = attribute(root, "schemaVersion");
  if (version !== undefined) members["schemaVersion"] = /^1(\.|$)/.test(version) ? "2.0" : version;
  const creationDate = attribute(root, "creationDate");
  if (creationDate !== undefined) members["creationDate"] = creationDate;
  for (const name of JSON_ONLY) if (typeof marked[name] === "string") members[name] = marked[name];
  const header = child(root, "EPCISHeader");
  if (header) members["epcisHeader"] = readHeader(header, names);
  if (root.local === "EPCISMasterDataDocument") addMasterData(root, members, names);
  readExtensions(extensionsOf(root), names, members);
  for (const { prefix, local, uri, value } of root.attributes)
    if (uri !== "" && uri !== XSI && uri !== XML) members[names.key({ prefix, local, uri })] = value;
  members["epcisBody"] = isQuery ? { queryResults: readResults(root, names) } : readBody(root, names);
  return { "@context": names.contextOr(root.marks) ?? [], ...members };
}

/** A master data document of its own (CBV, EPCIS 1.2 9.7) is a document with that master data and no events. */
function addMasterData(root: XmlElement, members: Members, names: XmlNames): void {
  const body = child(root, "EPCISBody");
  const list = body && child(body, "VocabularyList");
  if (!list) return;
  members["epcisHeader"] = {
    ...objectOf(members["epcisHeader"]),
    epcisMasterData: { vocabularyList: readVocabularies(list, names) },
  };
}

function readBody(root: XmlElement, names: XmlNames): ExactJson {
  const body = child(root, "EPCISBody");
  const members: Members = {};
  if (body) readExtensions(extensionsOf(body), names, members);
  if (body && (child(body, "EventList") || root.local === "EPCISMasterDataDocument")) members["eventList"] = [];
  return members;
}

function readResults(root: XmlElement, names: XmlNames): ExactJson {
  const body = child(root, "EPCISBody") ?? root;
  const results =
    child(body, "QueryResults") ?? childElements(body).find(({ local }) => local === "QueryResults") ?? body;
  const members: Members = {};
  for (const name of ["queryName", "subscriptionID"]) {
    const element = child(results, name);
    if (element) members[name] = ownText(element);
  }
  const resultsBody = child(results, "resultsBody");
  const inner: Members = {};
  if (resultsBody) {
    if (child(resultsBody, "EventList")) inner["eventList"] = [];
    const vocabularies = child(resultsBody, "VocabularyList");
    if (vocabularies) inner["vocabularyList"] = readVocabularies(vocabularies, names);
    members["resultsBody"] = inner;
  }
  if (results !== root) readExtensions(extensionsOf(results), names, members);
  return members;
}

function extensionsOf(element: XmlElement): XmlElement[] {
  return childElements(element).filter(
    ({ uri, local }) => !isEpcis(uri) || (!STRUCTURE.has(local) && local !== "extension"),
  );
}

function readHeader(header: XmlElement, names: XmlNames): ExactJson {
  const members: Members = {};
  for (const part of childElements(header)) {
    if (part.local === "extension" && isEpcis(part.uri)) Object.assign(members, objectOf(readHeader(part, names)));
    else if (part.local === "EPCISMasterData" && isEpcis(part.uri)) {
      const list = child(part, "VocabularyList");
      members["epcisMasterData"] = list ? { vocabularyList: readVocabularies(list, names) } : {};
    } else readExtensions([part], names, members);
  }
  return members;
}

function objectOf(value: ExactJson | undefined): ExactObject {
  return isObject(value) ? value : {};
}

function readVocabularies(list: XmlElement, names: XmlNames): ExactJson {
  return childElements(list).map((vocabulary) => {
    const members: Members = { type: attribute(vocabulary, "type") ?? "" };
    const elements = child(vocabulary, "VocabularyElementList");
    if (elements)
      members["vocabularyElementList"] = childElements(elements).map((element) =>
        readVocabularyElement(element, names),
      );
    readExtensions(
      childElements(vocabulary).filter(({ uri }) => !isEpcis(uri)),
      names,
      members,
    );
    return members;
  });
}

function readVocabularyElement(element: XmlElement, names: XmlNames): ExactJson {
  const members: Members = { id: attribute(element, "id") ?? "" };
  const attributes = childElements(element).filter(({ local, uri }) => local === "attribute" && isEpcis(uri));
  if (attributes.length > 0) members["attributes"] = attributes.map((item) => readMasterAttribute(item, names));
  const children = child(element, "children");
  if (children) members["children"] = childElements(children).map(ownText);
  readExtensions(
    childElements(element).filter(({ uri }) => !isEpcis(uri)),
    names,
    members,
  );
  return members;
}

function readMasterAttribute(element: XmlElement, names: XmlNames): ExactJson {
  const id = attribute(element, "id") ?? "";
  const bare: XmlElement = {
    ...element,
    attributes: element.attributes.filter(({ local, uri }) => !(local === "id" && uri === "")),
  };
  if (element.marks.includes("absent")) return { id };
  return { id, attribute: readExtension(bare, names) };
}

/** Writes what stands in the root before the events: its mark, extensions, header; leaves the event list's parent open. */
export function writeShellStart(shell: ExactObject, namespaces: Namespaces, xml: XmlText): void {
  const marked = Object.fromEntries(
    ["@context", ...JSON_ONLY].flatMap((name) => (shell[name] === undefined ? [] : [[name, shell[name]]])),
  );
  xml.marks([jsonText(marked).replaceAll(">", "\\u003e")]);
  xml.breakLine();
  const header = shell["epcisHeader"];
  if (isObject(header)) writeHeader(header, namespaces, xml);
  xml.open("EPCISBody");
}

/** Writes the extensions of the root, which stand behind the body. */
export function writeShellEnd(shell: ExactObject, namespaces: Namespaces, xml: XmlText): void {
  const own = new Set<string>([
    "@context",
    "type",
    "schemaVersion",
    "creationDate",
    "epcisHeader",
    "epcisBody",
    ...JSON_ONLY,
  ]);
  for (const [key, value] of Object.entries(shell)) if (!own.has(key)) writeExtension(key, value, namespaces, xml);
}

function writeHeader(header: ExactObject, namespaces: Namespaces, xml: XmlText): void {
  xml.open("EPCISHeader");
  for (const [key, value] of Object.entries(header))
    if (key.includes(":")) writeExtension(key, value, namespaces, xml);
    else if (key !== "epcisMasterData")
      throw refusal("epcis/no-xml-form", `\`${excerpt(key)}\` is no member of a header`);
  const masterData = header["epcisMasterData"];
  if (isObject(masterData)) {
    xml.open("extension");
    xml.open("EPCISMasterData");
    if (Array.isArray(masterData["vocabularyList"])) writeVocabularies(masterData["vocabularyList"], namespaces, xml);
    xml.close();
    xml.close();
  }
  xml.close();
}

export function writeVocabularies(list: readonly ExactJson[], namespaces: Namespaces, xml: XmlText): void {
  xml.open("VocabularyList");
  for (const vocabulary of list) {
    if (!isObject(vocabulary)) continue;
    xml.open("Vocabulary");
    xml.attribute("type", String(vocabulary["type"]));
    const elements = vocabulary["vocabularyElementList"];
    if (Array.isArray(elements)) {
      xml.open("VocabularyElementList");
      for (const element of elements) if (isObject(element)) writeVocabularyElement(element, namespaces, xml);
      xml.close();
    }
    for (const [key, value] of Object.entries(vocabulary))
      if (key !== "type" && key !== "vocabularyElementList") writeExtension(key, value, namespaces, xml);
    xml.close();
  }
  xml.close();
}

function writeVocabularyElement(element: ExactObject, namespaces: Namespaces, xml: XmlText): void {
  xml.open("VocabularyElement");
  xml.attribute("id", String(element["id"]));
  for (const item of arrayOf(element["attributes"])) if (isObject(item)) writeMasterAttribute(item, namespaces, xml);
  const children = element["children"];
  if (Array.isArray(children)) {
    xml.open("children");
    for (const id of children) xml.leaf("id", String(id));
    xml.close();
  }
  for (const [key, value] of Object.entries(element))
    if (!["id", "attributes", "children"].includes(key)) writeExtension(key, value, namespaces, xml);
  xml.close();
}

function writeMasterAttribute(item: ExactObject, namespaces: Namespaces, xml: XmlText): void {
  const { id, attribute: value, ...rest } = item;
  if (value === undefined) {
    xml.open("attribute");
    xml.attribute("id", String(id));
    xml.marks(["absent"]);
    xml.close();
    return;
  }
  xml.attributesOfNext({ id: String(id) });
  writeExtension("attribute", Array.isArray(value) ? [value] : value, namespaces, xml);
  for (const [key, extra] of Object.entries(rest)) writeExtension(key, extra, namespaces, xml);
}

function arrayOf(value: ExactJson | undefined): readonly ExactJson[] {
  return Array.isArray(value) ? value : [];
}
