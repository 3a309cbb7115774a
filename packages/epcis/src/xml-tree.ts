/** A small element tree: one event, or the shell around the events. Prefixes are kept as spelling, namespaces as meaning. */

export interface XmlAttribute {
  readonly prefix: string;
  readonly local: string;
  readonly uri: string;
  readonly value: string;
}

export interface XmlElement {
  readonly prefix: string;
  readonly local: string;
  readonly uri: string;
  /** Without namespace declarations. */
  readonly attributes: readonly XmlAttribute[];
  /** Namespaces that this element declares, by prefix; the default one under "". */
  readonly declared: ReadonlyMap<string, string>;
  /** Child elements and text, in order. */
  readonly content: (XmlElement | string)[];
  /** Bodies of this package's own processing instructions in this element: what JSON says and XML cannot. */
  readonly marks: string[];
}

export const XSI = "http://www.w3.org/2001/XMLSchema-instance";
export const XSD = "http://www.w3.org/2001/XMLSchema";
export const XML = "http://www.w3.org/XML/1998/namespace";

/**
 * Target of this package's processing instructions. They say what JSON distinguishes and XML does not (an array of one,
 * an empty object) and carry no values, so that a reader who skips them reads the same content.
 */
export const MARK_TARGET = "epcis-json";

export function childElements(element: XmlElement): XmlElement[] {
  return element.content.filter((part) => typeof part !== "string");
}

/** The child called `local`, in no namespace or that of EPCIS. */
export function child(element: XmlElement, local: string): XmlElement | undefined {
  return childElements(element).find((candidate) => candidate.local === local && isEpcis(candidate.uri));
}

/** All text of an element, trimmed. */
export function ownText(element: XmlElement): string {
  return element.content
    .filter((part) => typeof part === "string")
    .join("")
    .trim();
}

/** The attribute called `local` in no namespace, or in `uri`. */
export function attribute(element: XmlElement, local: string, uri = ""): string | undefined {
  return element.attributes.find((candidate) => candidate.local === local && candidate.uri === uri)?.value;
}

/** Whether a namespace is one of the standard's own: none at all, or an EPCIS one of any version. */
export function isEpcis(uri: string): boolean {
  return uri === "" || EPCIS_NAMESPACES.has(uri);
}

/** Namespaces of the document's own structure, which are no extensions, and the version that each stands for. */
const EPCIS_NAMESPACES: ReadonlyMap<string, "1" | "2"> = new Map([
  ["urn:epcglobal:epcis:xsd:1", "1"],
  ["urn:epcglobal:epcis:xsd:2", "2"],
  ["urn:epcglobal:epcis-query:xsd:1", "1"],
  ["urn:epcglobal:epcis-query:xsd:2", "2"],
  ["urn:epcglobal:epcis-masterdata:xsd:1", "1"],
  ["urn:epcglobal:epcis-masterdata:xsd:2", "2"],
]);

/** The major version that a root element's namespace stands for. */
export function majorVersion(uri: string): "1" | "2" | undefined {
  return EPCIS_NAMESPACES.get(uri);
}
