/**
 * Data markings at a place in an object, STIX 2.1 section 7.2. Object markings hold everywhere; a granular marking holds
 * where its selectors lead and below. STIX sets no precedence between markings, so all that hold are given and the
 * strictest counts. Invariant: adding a marking never makes anything more open. A marking whose meaning is unknown is
 * named, never read as open.
 */
import { isRecord, type StixObject } from "./object-type.ts";
import { covers, parseSelector, type SelectorStep } from "./selector.ts";
import { compareTlp, type TlpLevel, tlpOfId } from "./tlp.ts";

const DEFAULT_LANGUAGE = "en"; // STIX 2.1 section 3.2, `lang`

export interface MarkingsAt {
  /** Ids of the marking definitions that hold here, each once. */
  readonly markingRefs: readonly string[];
  /** The language of the text here: the nearest granular one, else the object's, else `en`. */
  readonly lang: string;
}

/** The markings of what `steps` lead to, inherited ones included; no steps mean the object itself. */
export function markingsAt(object: StixObject, steps: readonly SelectorStep[]): MarkingsAt {
  const refs = new Set(objectMarkings(object));
  let lang = typeof object["lang"] === "string" ? object["lang"] : DEFAULT_LANGUAGE;
  let nearest = -1;
  for (const { selector, markingRef, language } of granularMarkings(object)) {
    if (!covers(selector, steps)) continue;
    if (markingRef !== undefined) refs.add(markingRef);
    if (language !== undefined && selector.length > nearest) {
      nearest = selector.length;
      lang = language;
    }
  }
  return { markingRefs: [...refs], lang };
}

/** Every marking of the object and of any part of it: what counts when the whole object is handed on. */
export function markingsWithin(object: StixObject): readonly string[] {
  const granular = granularMarkings(object).flatMap(({ markingRef }) => (markingRef === undefined ? [] : [markingRef]));
  return [...new Set([...objectMarkings(object), ...granular])];
}

export interface Handling {
  /** The strictest TLP level among the markings; undefined when none of them is TLP. */
  readonly tlp: TlpLevel | undefined;
  /** Markings that are no TLP: statements, policies and those that the reader doesn't know. */
  readonly others: readonly string[];
}

/** What `markingRefs` mean together. */
export function handlingOf(markingRefs: readonly string[]): Handling {
  let tlp: TlpLevel | undefined;
  const others: string[] = [];
  for (const id of markingRefs) {
    const level = tlpOfId(id);
    if (level === undefined) others.push(id);
    else if (tlp === undefined || compareTlp(level, tlp) > 0) tlp = level;
  }
  return { tlp, others };
}

export interface GranularMarking {
  readonly selector: readonly SelectorStep[];
  readonly text: string;
  readonly markingRef: string | undefined;
  readonly language: string | undefined;
}

/** One entry for each well-formed selector of `granular_markings`. */
export function granularMarkings(object: StixObject): readonly GranularMarking[] {
  const markings = object["granular_markings"];
  if (!Array.isArray(markings)) return [];
  return markings.filter(isRecord).flatMap((marking) => {
    const markingRef = typeof marking["marking_ref"] === "string" ? marking["marking_ref"] : undefined;
    const language = typeof marking["lang"] === "string" ? marking["lang"] : undefined;
    const selectors: unknown[] = Array.isArray(marking["selectors"]) ? marking["selectors"] : [];
    return selectors.flatMap((text) => {
      const selector = typeof text === "string" ? parseSelector(text) : undefined;
      return selector === undefined || typeof text !== "string" ? [] : [{ selector, text, markingRef, language }];
    });
  });
}

function objectMarkings(object: StixObject): readonly string[] {
  const refs = object["object_marking_refs"];
  return Array.isArray(refs) ? refs.filter((id): id is string => typeof id === "string") : [];
}
