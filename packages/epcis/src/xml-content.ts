/**
 * Content models for XML elements, W3C XML Schema 1.0 part 1 as far as the EPCIS schemas use it: sequences of named
 * children, wildcards for other or no namespaces, attributes with simple types, text-only elements.
 */
import type { Issue } from "./issue.ts";
import { report, shown } from "./schema-values.ts";
import { childElements, ownText, type XmlElement, XML, XSI } from "./xml-tree.ts";

export type ElementRule = (element: XmlElement, path: string, issues: Issue[]) => void;
export type SimpleType = { readonly what: string; readonly holds: (text: string) => boolean };

export interface Particle {
  readonly name: string;
  readonly min: 0 | 1;
  readonly max: 1 | typeof Number.POSITIVE_INFINITY;
  readonly rule: ElementRule;
}

export interface Content {
  readonly particles: readonly Particle[];
  /** Elements that may follow: of a foreign namespace, of none, or nothing. */
  readonly wildcard?: "other" | "local";
  readonly attributes?: Readonly<Record<string, SimpleType>>;
  readonly required?: readonly string[];
  /** Whether any further attribute is allowed. */
  readonly anyAttribute?: true;
}

export function one(name: string, rule: ElementRule): Particle {
  return { name, min: 1, max: 1, rule };
}

export function maybe(name: string, rule: ElementRule): Particle {
  return { name, min: 0, max: 1, rule };
}

export function many(name: string, rule: ElementRule, min: 0 | 1 = 0): Particle {
  return { name, min, max: Number.POSITIVE_INFINITY, rule };
}

/** A path step: the child's name and its position among its namesakes. */
export function step(path: string, element: XmlElement, position: number): string {
  const name = element.prefix === "" ? element.local : `${element.prefix}:${element.local}`;
  return `${path}/${name}${position > 1 ? `[${position}]` : ""}`;
}

/** Children in the order of the particles, then what the wildcard allows; no text beside them. */
export function sequence(content: Content): ElementRule {
  return (element, path, issues) => {
    checkAttributes(element, content, path, issues);
    if (ownText(element) !== "") report(issues, path, "text", `text ${shown(ownText(element))} between elements`);
    walk(element, content, path, issues);
  };
}

function walk(element: XmlElement, { particles, wildcard }: Content, path: string, issues: Issue[]): void {
  let at = 0; // the particle that the next child is held against
  let count = 0; // how often it was met
  let position = 0;
  let previous = "";
  for (const child of childElements(element)) {
    position = child.local === previous ? position + 1 : 1;
    previous = child.local;
    const here = step(path, child, position);
    const found = child.uri === "" ? findFrom(particles, child.local, at) : -1;
    if (found >= 0) {
      if (found !== at) [at, count] = [skip(particles, { at, count, to: found }, path, issues), 0];
      const particle = particles[found];
      count++;
      if (particle && count > particle.max) report(issues, here, "repeated", `\`${child.local}\` may stand here once`);
      particle?.rule(child, here, issues);
    } else if (isWild(child, wildcard)) {
      checkTypes(child, here, issues);
      at = skip(particles, { at, count, to: particles.length }, path, issues);
      count = 0;
    } else reportStray(child, particles, here, issues);
  }
  skip(particles, { at, count, to: particles.length }, path, issues);
}

function findFrom(particles: readonly Particle[], name: string, from: number): number {
  for (let i = from; i < particles.length; i++) if (particles[i]?.name === name) return i;
  return -1;
}

/** Reports the required children that were passed over; gives the new position. */
function skip(
  particles: readonly Particle[],
  { at, count, to }: { readonly at: number; readonly count: number; readonly to: number },
  path: string,
  issues: Issue[],
): number {
  for (let i = at; i < to; i++) {
    const particle = particles[i];
    const met = i === at ? count : 0;
    if (particle && met < particle.min) report(issues, path, "required", `\`${particle.name}\` is missing`);
  }
  return to;
}

function isWild(child: XmlElement, wildcard: Content["wildcard"]): boolean {
  if (wildcard === "local") return child.uri === "";
  return wildcard === "other" && child.uri !== "" && !child.uri.startsWith("urn:epcglobal:epcis:xsd:");
}

/** Lexical forms of the built-in types that extensions state in `xsi:type` (W3C XML Schema 1.0 part 2). */
const BUILT_IN: Readonly<Record<string, RegExp>> = {
  boolean: /^(?:true|false|1|0)$/,
  integer: /^[+-]?\d+$/,
  int: /^[+-]?\d+$/,
  long: /^[+-]?\d+$/,
  decimal: /^[+-]?(?:\d+\.?\d*|\.\d+)$/,
  double: /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|-?INF|NaN)$/,
  float: /^(?:[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?|-?INF|NaN)$/,
  dateTime: /^-?\d{4,}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:\d\d)?$/,
  date: /^-?\d{4,}-\d\d-\d\d(?:Z|[+-]\d\d:\d\d)?$/,
};

/** Extensions may hold anything, but a type that one states of itself must hold. */
function checkTypes(element: XmlElement, path: string, issues: Issue[]): void {
  const stated = element.attributes.find(({ local, uri }) => local === "type" && uri === XSI)?.value.trim();
  if (stated !== undefined) {
    const form = /^(?:[A-Za-z_][\w.-]*:)?([A-Za-z_][\w.-]*)$/.exec(stated)?.[1];
    const builtIn = form === undefined ? undefined : BUILT_IN[form];
    if (form === undefined) report(issues, path, "type", `${shown(stated)} is no type's name`);
    else if (builtIn && !builtIn.test(ownText(element)))
      report(issues, path, "type", `${shown(ownText(element))} is no ${form}`);
  }
  for (const child of childElements(element)) checkTypes(child, step(path, child, 1), issues);
}

function reportStray(child: XmlElement, particles: readonly Particle[], path: string, issues: Issue[]): void {
  if (particles.some(({ name }) => name === child.local)) {
    const why = child.uri === "" ? "stands out of order" : "must not carry a namespace";
    report(issues, path, child.uri === "" ? "order" : "namespace", `\`${child.local}\` ${why}`);
  } else report(issues, path, "unexpected", `\`${child.local}\` is no element here`);
}

function checkAttributes(element: XmlElement, content: Content, path: string, issues: Issue[]): void {
  for (const { local, uri, value } of element.attributes) {
    if (uri === XSI) continue;
    const type = uri === "" ? content.attributes?.[local] : undefined;
    if (type) {
      if (!type.holds(collapsed(value)))
        report(issues, `${path}/@${local}`, "type", `${shown(value)} is not ${type.what}`);
    } else if (content.anyAttribute === undefined && uri !== XML)
      report(issues, `${path}/@${local}`, "unexpected", `\`${local}\` is no attribute here`);
  }
  for (const name of content.required ?? [])
    if (!element.attributes.some(({ local, uri }) => local === name && uri === ""))
      report(issues, path, "required", `attribute \`${name}\` is missing`);
}

/** An element with text of a simple type, and only the attributes that are named. */
export function simple(
  type: SimpleType,
  attributes: Pick<Content, "attributes" | "required" | "anyAttribute"> & { readonly nillable?: true } = {},
): ElementRule {
  return (element, path, issues) => {
    checkAttributes(element, { particles: [], ...attributes }, path, issues);
    for (const child of childElements(element))
      report(issues, step(path, child, 1), "unexpected", `\`${child.local}\` is no element here`);
    const nil = element.attributes.some(
      ({ local, uri, value }) => uri === XSI && local === "nil" && (value === "true" || value === "1"),
    );
    if (nil && attributes.nillable) return;
    const text = element.content.filter((part) => typeof part === "string").join("");
    if (!type.holds(collapsed(text))) report(issues, path, "type", `${shown(text)} is not ${type.what}`);
  };
}

/** An element whose inside is not judged. */
export const anything: ElementRule = () => undefined;

function collapsed(text: string): string {
  return text.trim().replace(/\s+/g, " ");
}
