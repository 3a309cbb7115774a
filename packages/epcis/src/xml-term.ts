/**
 * Vocabulary terms between XML and JSON. Invariant: termFromXml(termToXml(t)) equals t for every spelling that JSON
 * allows but the Web URI of a component. JSON writes bare words; XML writes the URN of 1.2, for measurements and alerts
 * the CURIE, for components the Web URI.
 */
import { STANDARD_PREFIXES, type Vocabulary, VOCABULARIES } from "./vocabulary.ts";

const GS1 = STANDARD_PREFIXES["gs1"] ?? "";

export function termFromXml(vocabulary: Vocabulary, text: string): string {
  const { terms, web, urn } = VOCABULARIES[vocabulary];
  const start = urn ?? (web === GS1 ? "gs1:" : web);
  const term = text.startsWith(start) ? text.slice(start.length) : "";
  if (terms.has(term)) return term;
  // The JSON binding refuses GS1 Web URIs where it has bare words, so the URI becomes the CURIE.
  return web === GS1 && text.startsWith(GS1) && terms.has(text.slice(GS1.length))
    ? `gs1:${text.slice(GS1.length)}`
    : text;
}

export function termToXml(vocabulary: Vocabulary, text: string): string {
  const { terms, web, urn } = VOCABULARIES[vocabulary];
  if (terms.has(text)) return (urn ?? (web === GS1 ? "gs1:" : web)) + text;
  const local = web === GS1 && text.startsWith("gs1:") ? text.slice("gs1:".length) : "";
  return terms.has(local) ? GS1 + local : text;
}
