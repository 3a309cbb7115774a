/**
 * Extensions between XML and JSON, without loss either way. An element with text is a string; children are members, a
 * repeated name is an array; `xsi:type` of integer, decimal and boolean are JSON's own types where the text is their
 * canonical form; other attributes are members called `@name` beside `#text`. What JSON distinguishes and XML does not
 * (an array of one member, an empty object) is marked by a processing instruction.
 * Refuses values that XML 1.0 has no characters or names for.
 */
import { decimalOf, decimalText, isNumeric, numericOf } from "./decimal.ts";
import { type ExactJson, type ExactObject, isObject } from "./event.ts";
import { type Namespaces, splitName } from "./namespaces.ts";
import { excerpt, refusal } from "./refusal.ts";
import { RESERVED_STEM, URI_PREFIX, type XmlNames } from "./xml-names.ts";
import { attribute, childElements, XML, type XmlElement, XSD, XSI } from "./xml-tree.ts";
import type { XmlText } from "./xml-text.ts";

/** What a mark says about the element that it stands in. */
const MARK = { one: "array", none: "empty-array", nested: "list", object: "object", uri: "uri-key" } as const;

/** Adds the members that `elements` stand for to `members`. */
export function readExtensions(
  elements: readonly XmlElement[],
  names: XmlNames,
  members: Record<string, ExactJson>,
): void {
  const groups = new Map<string, { readonly element: XmlElement; readonly value: ExactJson }[]>();
  for (const element of elements) {
    names.declare(element.declared);
    const key = element.marks.includes(MARK.uri) ? element.uri + element.local : names.key(element);
    const item = { element, value: readExtension(element, names) };
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  for (const [key, group] of groups) {
    const [first] = group;
    if (group.length > 1 || first?.element.marks.includes(MARK.one))
      set(
        members,
        key,
        group.map(({ value }) => value),
      );
    else if (first) set(members, key, first.element.marks.includes(MARK.none) ? [] : first.value);
  }
}

function set(members: Record<string, ExactJson>, key: string, value: ExactJson): void {
  if (key === "__proto__")
    Object.defineProperty(members, key, { value, enumerable: true, configurable: true, writable: true });
  else members[key] = value;
}

/** The value of one extension element. */
export function readExtension(element: XmlElement, names: XmlNames): ExactJson {
  names.declare(element.declared);
  const children = childElements(element);
  if (element.marks.includes(MARK.nested)) return children.map((item) => readExtension(item, names));
  const text = textOf(element);
  const attributes = element.attributes.filter(({ uri, local }) => !(uri === XML && local === "space"));
  if (children.length === 0 && !element.marks.includes(MARK.object)) {
    const type = attribute(element, "type", XSI);
    if (attributes.length === 0) return text;
    if (attributes.length === 1 && type !== undefined) {
      const value = typed(text, type);
      if (value !== undefined) return value;
    }
    if (attributes.length === 1 && text === "" && attribute(element, "nil", XSI) === "true") return null;
  }
  const members: Record<string, ExactJson> = {};
  for (const { prefix, local, uri, value } of attributes)
    set(
      members,
      attributeKey({ prefix, local, uri }, names),
      uri === XSI && local === "type" ? typeName(value) : value,
    );
  if (isMixed(element)) {
    set(
      members,
      "#mixed",
      element.content.map((part) => (typeof part === "string" ? part : mixedChild(part, names))),
    );
    return members;
  }
  if (text !== "") set(members, "#text", text);
  readExtensions(children, names, members);
  return members;
}

function attributeKey(name: { prefix: string; local: string; uri: string }, names: XmlNames): string {
  if (name.uri === XSI) return `@xsi:${name.local}`;
  if (name.uri === XML) return `@xml:${name.local}`;
  return `@${names.key(name)}`;
}

function mixedChild(element: XmlElement, names: XmlNames): ExactJson {
  const members: Record<string, ExactJson> = {};
  readExtensions([element], names, members);
  return members;
}

/** Text before the first child; outer white space counts only under `xml:space="preserve"`. */
function textOf(element: XmlElement): string {
  const first = element.content.findIndex((part) => typeof part !== "string");
  const parts = first < 0 ? element.content : element.content.slice(0, first);
  const text = parts.filter((part) => typeof part === "string").join("");
  return attribute(element, "space", XML) === "preserve" ? text : text.trim();
}

function isMixed(element: XmlElement): boolean {
  const first = element.content.findIndex((part) => typeof part !== "string");
  return first >= 0 && element.content.slice(first).some((part) => typeof part === "string" && part.trim() !== "");
}

/** `xsd:integer` whatever prefix the document has for it. */
function typeName(qname: string): string {
  const local = qname.slice(qname.indexOf(":") + 1).trim();
  return `xsd:${local}`;
}

/** The JSON value of typed text where the writer below gives the same type and text back; else undefined. */
function typed(text: string, qname: string): ExactJson | undefined {
  const type = typeName(qname);
  if (type === "xsd:boolean") return text === "true" ? true : text === "false" ? false : undefined;
  if (!/^-?(?:0|[1-9]\d*)(?:\.\d+)?$/.test(text)) return undefined;
  const number = numericOf(text);
  const [writtenType, written] = typedText(number);
  return writtenType === type && written === text ? number : undefined;
}

function typedText(value: Exclude<ExactJson, string | null>): [string, string] {
  if (!isNumeric(value)) return ["xsd:boolean", String(value)];
  const text = decimalText(decimalOf(value));
  return [text.includes(".") ? "xsd:decimal" : "xsd:integer", text];
}

/** Writes every extension member of `object` (those for which `isOwn` is false) as elements. */
export function writeExtensions(
  object: ExactObject,
  isOwn: (name: string) => boolean,
  namespaces: Namespaces,
  xml: XmlText,
): void {
  for (const [key, value] of Object.entries(object))
    if (!isOwn(key) && value !== undefined) writeExtension(key, value, namespaces, xml);
}

/** Writes one extension member: one element, or one per member of an array. */
export function writeExtension(key: string, value: ExactJson, namespaces: Namespaces, xml: XmlText): void {
  if (!Array.isArray(value)) writeElement(key, value, namespaces, xml, []);
  else if (value.length === 0) writeElement(key, "", namespaces, xml, [MARK.none]);
  else for (const member of value) writeElement(key, member, namespaces, xml, value.length === 1 ? [MARK.one] : []);
}

function writeElement(
  key: string,
  value: ExactJson,
  namespaces: Namespaces,
  xml: XmlText,
  marks: readonly string[],
): void {
  const name = elementName(key, namespaces);
  xml.open(name.name);
  for (const [prefix, uri] of name.declares) xml.attribute(`xmlns:${prefix}`, uri);
  const allMarks = [...marks, ...(name.isUri ? [MARK.uri] : [])];
  if (Array.isArray(value)) {
    xml.marks([...allMarks, MARK.nested]);
    for (const member of value) writeElement("item", member, namespaces, xml, []);
  } else if (isObject(value)) writeMembers(value, namespaces, xml, allMarks);
  else if (typeof value === "string") {
    if (value !== value.trim()) xml.attribute("xml:space", "preserve");
    xml.marks(allMarks);
    xml.text(value);
  } else if (value === null) {
    xml.attribute("xsi:nil", "true");
    xml.marks(allMarks);
  } else {
    const [type, text] = typedText(value);
    xml.attribute("xsi:type", type);
    xml.marks(allMarks);
    xml.text(text);
  }
  xml.close();
}

function writeMembers(value: ExactObject, namespaces: Namespaces, xml: XmlText, marks: readonly string[]): void {
  const entries = Object.entries(value);
  for (const [key, member] of entries) {
    if (!key.startsWith("@")) continue;
    if (typeof member !== "string")
      throw refusal("epcis/no-xml-form", `\`${excerpt(key)}\` is an attribute in XML and needs a string`);
    xml.attribute(attributeName(key.slice(1), namespaces), member);
  }
  const text = value["#text"];
  const plain = entries.filter(([key]) => !key.startsWith("@"));
  const needsMark = entries.length === 0 || (entries.length === 1 && text !== undefined);
  if (typeof text === "string" && text !== text.trim()) xml.attribute("xml:space", "preserve");
  xml.marks(needsMark ? [...marks, MARK.object] : marks);
  for (const [key, member] of plain) {
    if (key === "#text" && typeof member === "string") xml.text(member);
    else if (key === "#mixed" && Array.isArray(member)) writeMixed(member, namespaces, xml);
    else writeExtension(key, member, namespaces, xml);
  }
}

function writeMixed(parts: readonly ExactJson[], namespaces: Namespaces, xml: XmlText): void {
  for (const part of parts) {
    if (typeof part === "string") xml.text(part);
    else if (isObject(part)) writeExtensions(part, () => false, namespaces, xml);
  }
}

/** Prefixes that the writer binds itself; a JSON key may mean something else by them. */
export const RESERVED_PREFIXES: ReadonlySet<string> = new Set(["epcis", "epcisq", "xsd", "xsi", "xml", "xmlns"]);

/** An NCName as far as letters, digits and marks go; XML 1.0 leaves these three letters out. */
const NC_NAME = /^[\p{L}_][\p{L}\p{Nd}\p{M}._-]*$/u;
const NOT_IN_NAMES = /[\u00aa\u00b5\u00ba]/;

function isNcName(name: string): boolean {
  return NC_NAME.test(name) && !NOT_IN_NAMES.test(name);
}

interface ElementName {
  readonly name: string;
  readonly declares: readonly (readonly [string, string])[];
  /** The key was a whole URI, not a CURIE. */
  readonly isUri: boolean;
}

/** The element name of a key: `prefix:local`, a bare local name, or a URI cut before its last name. */
export function elementName(key: string, namespaces: Namespaces): ElementName {
  const { prefix, local } = splitName(key, namespaces);
  if (prefix !== undefined && isNcName(prefix) && isNcName(local)) {
    if (!RESERVED_PREFIXES.has(prefix)) return { name: `${prefix}:${local}`, declares: [], isUri: false };
    return {
      name: `${RESERVED_STEM}${prefix}:${local}`,
      declares: [[RESERVED_STEM + prefix, namespaces.get(prefix) ?? ""]],
      isUri: false,
    };
  }
  if (!key.includes(":") && isNcName(key)) return { name: key, declares: [], isUri: false };
  const cut = /^(.+[:/#])([^:/#]+)$/.exec(key);
  if (cut?.[1] && cut[2] && isNcName(cut[2]) && prefix === undefined)
    return { name: `${URI_PREFIX}:${cut[2]}`, declares: [[URI_PREFIX, cut[1]]], isUri: true };
  throw refusal("epcis/no-xml-form", `\`${excerpt(key)}\` cannot be an XML name`);
}

/** The attribute name of a key without its `@`. */
export function attributeName(key: string, namespaces: Namespaces): string {
  if (key.startsWith("xsi:") || key.startsWith("xml:")) return key;
  const { name, isUri, declares } = elementName(key, namespaces);
  if (isUri || declares.length > 0)
    throw refusal("epcis/no-xml-form", `\`${excerpt(key)}\` cannot be an attribute's name`);
  return name;
}

/** The name of the XML Schema namespace, for the types that the writer gives. */
export const TYPE_NAMESPACES: readonly (readonly [string, string])[] = [
  ["xsi", XSI],
  ["xsd", XSD],
];
