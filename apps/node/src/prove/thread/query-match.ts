/**
 * Whether an event satisfies a query, looked up in the event itself: the plain path. The index only proposes events; this
 * decides, for pages and for subscribers alike.
 */
import {
  compareDecimals,
  decimalOf,
  type ExactObject,
  expandValue,
  instantMs,
  isDateTime,
  isObject,
  type Namespaces,
  webUri,
  canonicalId,
} from "@holdfast/epcis";
import { type EventFacts, factsOf } from "./event-facts.ts";
import type { Comparison, Condition, EventQuery } from "./query.ts";

/** An event with what the conditions ask of the repository. */
export interface Candidate {
  readonly event: ExactObject;
  readonly namespaces: Namespaces;
  readonly recordTimeMs: number;
}

/** Children of places: what stands below a place by the master data that came in. */
export type IsWithin = (place: string, of: string) => boolean;

export function matches(query: Pick<EventQuery, "conditions">, candidate: Candidate, isWithin: IsWithin): boolean {
  let facts: EventFacts | undefined;
  return query.conditions.every((condition) =>
    holds(condition, candidate, isWithin, () => (facts ??= factsOf(candidate.event, candidate.namespaces))),
  );
}

function holds(condition: Condition, candidate: Candidate, isWithin: IsWithin, facts: () => EventFacts): boolean {
  const { event } = candidate;
  switch (condition.kind) {
    case "word": {
      const word = wordOf(condition.word, candidate);
      return (
        word !== undefined &&
        condition.terms.some((term) => term === word || (condition.within && isWithin(word, term)))
      );
    }
    case "action":
      return condition.actions.includes(String(event["action"]));
    case "time": {
      const ms = timeOf(condition.field, candidate);
      return ms !== undefined && (condition.comparison === "GE" ? ms >= condition.ms : ms < condition.ms);
    }
    case "id":
      return condition.ids.some((id) => ((facts().ids.get(id) ?? 0) & condition.roles) !== 0);
    case "equal":
      return facts().facts.some(
        ({ dimension, text }) => condition.dimensions.includes(dimension) && condition.values.includes(text),
      );
    case "has":
      return facts().facts.some(({ dimension }) => condition.dimensions.includes(dimension));
    case "compare":
      return facts().facts.some(
        ({ dimension, text }) =>
          condition.dimensions.includes(dimension) && compares(text, condition.comparison, condition.value),
      );
    case "error":
      return event["errorDeclaration"] !== undefined;
  }
}

function wordOf(word: string, { event, namespaces }: Candidate): string | undefined {
  if (word === "eventType")
    return typeof event["type"] === "string" ? expandValue(event["type"], namespaces) : undefined;
  const value = event[word];
  if (word === "readPoint" || word === "bizLocation") {
    const id = isObject(value) ? value["id"] : undefined;
    return typeof id === "string" ? canonicalId(id.trim()) : undefined;
  }
  const vocabulary = word === "bizStep" ? "bizStep" : "disposition";
  return typeof value === "string" ? webUri(vocabulary, expandValue(value.trim(), namespaces)) : undefined;
}

function timeOf(
  field: "eventTime" | "recordTime" | "errorTime",
  { event, recordTimeMs }: Candidate,
): number | undefined {
  if (field === "recordTime") return recordTimeMs;
  const declaration = event["errorDeclaration"];
  const text =
    field === "eventTime" ? event["eventTime"] : isObject(declaration) ? declaration["declarationTime"] : undefined;
  return typeof text === "string" && isDateTime(text) ? instantMs(text) : undefined;
}

const NUMBER = /^[+-]?\d{1,400}(?:\.\d{1,400})?$/;

function compares(text: string, comparison: Comparison, value: { decimal: string } | { ms: number }): boolean {
  let order: number;
  if ("ms" in value) {
    if (!isDateTime(text)) return false;
    order = instantMs(text) - value.ms;
  } else {
    if (!NUMBER.test(text)) return false;
    order = compareDecimals(decimalOf(text), decimalOf(value.decimal));
  }
  switch (comparison) {
    case "GT":
      return order > 0;
    case "GE":
      return order >= 0;
    case "LT":
      return order < 0;
    case "LE":
      return order <= 0;
  }
}
