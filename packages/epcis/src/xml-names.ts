/**
 * From namespaces of XML to the CURIE keys of JSON. Invariant: a key's prefix, looked up in the document's and the
 * event's `@context`, gives the element's namespace back exactly. A prefix that the standard context protects for another
 * namespace gets a number behind it.
 */
import { type ExactJson, type ExactObject, isObject } from "./event.ts";
import { parseJson } from "./json-text.ts";
import { type Namespaces, STANDARD_CONTEXT, STANDARD_NAMESPACES, withContext } from "./namespaces.ts";
import { isEpcis, XSD, XSI } from "./xml-tree.ts";

/** Prefix of an element whose JSON key is a whole URI; it never becomes a prefix of a context. */
export const URI_PREFIX = "json-uri";
/** Starts the prefix of an element whose JSON prefix the writer has bound to something else. */
export const RESERVED_STEM = "json-";

export class XmlNames {
  readonly #outer: XmlNames | undefined;
  readonly #own = new Map<string, string>();

  constructor(outer?: XmlNames) {
    this.#outer = outer;
  }

  /** Takes over the declarations of an element, where they are free. */
  declare(declared: ReadonlyMap<string, string>): void {
    for (const [prefix, uri] of declared) {
      if (prefix === "" || prefix.startsWith(RESERVED_STEM) || isEpcis(uri) || uri === XSI || uri === XSD) continue;
      if (this.#lookUp(prefix) === undefined) this.#own.set(prefix, uri);
    }
  }

  /** The key of an element or attribute: `prefix:local`, or `local` in no namespace. */
  key(name: { readonly prefix: string; readonly local: string; readonly uri: string }): string {
    if (name.uri === "") return name.local;
    return `${this.#prefixFor(name.uri, name.prefix)}:${name.local}`;
  }

  /** All prefixes with their namespaces, the standard ones among them. */
  namespaces(): Namespaces {
    const all = new Map(this.#outer?.namespaces() ?? STANDARD_NAMESPACES);
    for (const [prefix, uri] of this.#own) all.set(prefix, uri);
    return all;
  }

  /**
   * The `@context` as a mark spells it, where every prefix in it means what the namespaces here say and none of this
   * level's own is missing from it; else one made of the namespaces: a mark cannot give a name another meaning.
   */
  contextOr(marks: readonly string[]): ExactJson | undefined {
    const marked = markedMembers(marks)["@context"];
    if (marked !== undefined) {
      const meant = withContext(new Map(), marked);
      const agrees = [...meant].every(([prefix, uri]) => (this.#lookUp(prefix) ?? uri) === uri);
      if (agrees && [...this.#own.keys()].every((prefix) => meant.has(prefix))) return marked;
    }
    if (!this.#outer)
      return this.#own.size === 0 ? [STANDARD_CONTEXT] : [STANDARD_CONTEXT, Object.fromEntries(this.#own)];
    return this.#own.size === 0 ? undefined : [Object.fromEntries(this.#own)];
  }

  #prefixFor(uri: string, wish: string): string {
    if (wish !== "" && this.#lookUp(wish) === uri) return wish;
    const known = this.#find(uri);
    if (known !== undefined) return known;
    const stem = wish === "" ? "ns" : wish;
    let prefix = stem;
    for (let i = 1; prefix === "ns" || this.#lookUp(prefix) !== undefined; i++) prefix = `${stem}${i}`;
    this.#own.set(prefix, uri);
    return prefix;
  }

  #lookUp(prefix: string): string | undefined {
    return this.#own.get(prefix) ?? (this.#outer ? this.#outer.#lookUp(prefix) : STANDARD_NAMESPACES.get(prefix));
  }

  #find(uri: string): string | undefined {
    for (const [prefix, known] of this.#own) if (known === uri) return prefix;
    if (this.#outer) return this.#outer.#find(uri);
    for (const [prefix, known] of STANDARD_NAMESPACES) if (known === uri) return prefix;
    return undefined;
  }
}

/** The members of the mark that is a JSON object. */
export function markedMembers(marks: readonly string[]): ExactObject {
  for (const mark of marks) {
    const value = mark.startsWith("{") ? parseJson(mark) : undefined;
    if (isObject(value)) return value;
  }
  return {};
}
