/**
 * Meaning of extension names: the prefix maps of a document and its events (JSON-LD 1.1 `@context`, XML `xmlns`).
 * Invariants: no context is ever fetched, a remote context's URL is an opaque string and only inline maps count; later
 * maps win; the prefixes of the standard context cannot be given another meaning; a name's meaning does not depend on
 * its prefix. A value that begins `prefix://` is a URI, whatever the prefix.
 */
import type { ExactJson } from "./event.ts";
import { isObject } from "./event.ts";
import { STANDARD_PREFIXES } from "./vocabulary.ts";

export type Namespaces = ReadonlyMap<string, string>;

export const STANDARD_NAMESPACES: Namespaces = new Map(Object.entries(STANDARD_PREFIXES));

/** The URL of the standard JSON-LD context, as this package writes it. */
export const STANDARD_CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld";

/** `outer` with the inline maps of a JSON-LD `@context` on top; `outer` itself where the context adds nothing. */
export function withContext(outer: Namespaces, context: ExactJson | undefined): Namespaces {
  if (context === undefined) return outer;
  let inner: Map<string, string> | undefined;
  for (const entry of Array.isArray(context) ? context : [context]) {
    if (!isObject(entry)) continue;
    for (const [prefix, meaning] of Object.entries(entry)) {
      const uri = isObject(meaning) ? meaning["@id"] : meaning;
      if (typeof uri !== "string" || prefix.startsWith("@") || Object.hasOwn(STANDARD_PREFIXES, prefix)) continue;
      inner ??= new Map(outer);
      inner.set(prefix, uri);
    }
  }
  return inner ?? outer;
}

/** Prefixes of a JSON-LD `@context` that give a protected standard prefix another meaning. */
export function redefinedPrefixes(context: ExactJson | undefined): string[] {
  return (Array.isArray(context) ? context : [context]).flatMap((entry) =>
    isObject(entry)
      ? Object.entries(entry)
          .filter(([prefix, meaning]) => {
            const uri = isObject(meaning) ? meaning["@id"] : meaning;
            return Object.hasOwn(STANDARD_PREFIXES, prefix) && uri !== STANDARD_PREFIXES[prefix];
          })
          .map(([prefix]) => prefix)
      : [],
  );
}

/** A name in its parts: `example:x` is { prefix, local }, a URI is { uri }, a bare word is { local }. */
export interface NameParts {
  readonly prefix?: string;
  readonly local: string;
}

/** The prefix and local part of a CURIE; a bare word or a URI has no prefix. */
export function splitName(name: string, namespaces: Namespaces): NameParts {
  const colon = name.indexOf(":");
  if (colon < 0 || name.startsWith("//", colon + 1)) return { local: name };
  const prefix = name.slice(0, colon);
  return namespaces.has(prefix) ? { prefix, local: name.slice(colon + 1) } : { local: name };
}

/** `{namespace}local` of a CURIE key with a declared prefix; any other key comes back unchanged. */
export function expandName(name: string, namespaces: Namespaces): string {
  const { prefix, local } = splitName(name, namespaces);
  return prefix === undefined ? name : `{${namespaces.get(prefix)}}${local}`;
}

/** The URI of a CURIE value with a declared prefix; any other value comes back unchanged. */
export function expandValue(value: string, namespaces: Namespaces): string {
  const colon = value.indexOf(":");
  if (colon <= 0 || value.startsWith("//", colon + 1)) return value;
  const namespace = namespaces.get(value.slice(0, colon));
  return namespace === undefined ? value : namespace + value.slice(colon + 1);
}

/** Whether a key is a CURIE whose prefix nothing declares. */
export function hasUndeclaredPrefix(name: string, namespaces: Namespaces): boolean {
  const colon = name.indexOf(":");
  if (colon < 0 || name.startsWith("//", colon + 1)) return false;
  const prefix = name.slice(0, colon);
  return !namespaces.has(prefix) && !URI_SCHEMES.has(prefix.toLowerCase());
}

/** Schemes whose URIs have no `//` and still are no CURIEs. */
const URI_SCHEMES = new Set(["urn", "did", "tag", "ni", "geo", "mailto", "data", "uuid"]);
