/**
 * The parameters of a simple event query (EPCIS 2.0 8.2.7.1, table of section 12.6) as conditions. In a URL the values of
 * a list stand between `|`, in a named query they are an array. Refuses what the standard does not define, values of the
 * wrong type, and combinations that exclude each other.
 */
import {
  bareWord,
  canonicalId,
  EVENT_TYPES,
  expandValue,
  instantMs,
  isDateTime,
  STANDARD_NAMESPACES,
  type Namespaces,
  type Vocabulary,
  webUri,
} from "@holdfast/epcis";
import { Problem } from "@holdfast/kernel";
import { comparable, EPC_ROLES, OF_CLASS, ROLE, type Scope, SENSOR_TEXTS } from "./event-facts.ts";
import { ACTIONS, type TermKind } from "./prepare.ts";
import type { Comparison, Condition, EventQuery, OrderField } from "./query.ts";

/** A query as it was written: each parameter with its values. */
export type Parameters = Readonly<Record<string, readonly string[]>>;

/** The URIs that an extension's name may stand for; a prefix that nobody knows stands for none. */
export type ResolveName = (name: string) => readonly string[];

export const VALUES_MAX = 10_000; // of one query; bounds the work on it
const COUNT_MAX = 2 ** 31;

/** Parameters that order and bound the answer. */
const CONTROL: ReadonlySet<string> = new Set(["orderBy", "orderDirection", "eventCountLimit", "maxEventCount"]);

/** @throws Problem `thread/query-parameter` */
export function parseQuery(parameters: Parameters, resolve: ResolveName): EventQuery {
  const conditions: Condition[] = [];
  let count = 0;
  for (const [name, values] of Object.entries(parameters)) {
    count += values.length;
    if (count > VALUES_MAX)
      throw new Problem("thread/query-too-complex", `the query has more than \`${VALUES_MAX}\` values`);
    if (CONTROL.has(name)) continue;
    if (values.length === 0) throw refuse(name, "needs a value");
    // EPCIS 2.0: an EXISTS that is false leaves the events as they are
    if (name.startsWith("EXISTS_") && !truth(name, values)) continue;
    conditions.push(conditionOf(name, values, resolve));
  }
  const { orderBy, direction } = orderOf(parameters, resolve);
  const eventCountLimit = countOf(parameters, "eventCountLimit");
  const maxEventCount = countOf(parameters, "maxEventCount");
  if (eventCountLimit !== undefined && maxEventCount !== undefined)
    throw refuse("maxEventCount", "excludes `eventCountLimit`");
  if (eventCountLimit !== undefined && orderBy === undefined) throw refuse("eventCountLimit", "needs `orderBy`");
  return { conditions, orderBy, direction, eventCountLimit, maxEventCount };
}

export function refuse(name: string, why: string): Problem {
  return new Problem("thread/query-parameter", `the query parameter \`${name.slice(0, 200)}\` ${why}`, {
    detail: { parameter: name.slice(0, 200) },
  });
}

const WORDS: Readonly<Record<string, TermKind>> = {
  eventType: "eventType",
  EQ_bizStep: "bizStep",
  EQ_disposition: "disposition",
  EQ_readPoint: "readPoint",
  EQ_bizLocation: "bizLocation",
  WD_readPoint: "readPoint",
  WD_bizLocation: "bizLocation",
};
const TIMES: Readonly<Record<string, "eventTime" | "recordTime" | "errorTime">> = {
  eventTime: "eventTime",
  recordTime: "recordTime",
  errorDeclarationTime: "errorTime",
  errorDeclaration_Time: "errorTime",
};
const LISTED = ROLE.epc | ROLE.child;
const CLASS_ROLES = ROLE.quantityClass | ROLE.childClass;
const MATCHES: Readonly<Record<string, number>> = {
  MATCH_epc: LISTED,
  MATCH_parentID: ROLE.parent,
  MATCH_inputEPC: ROLE.input,
  MATCH_outputEPC: ROLE.output,
  MATCH_anyEPC: EPC_ROLES,
  MATCH_epcClass: CLASS_ROLES,
  MATCH_inputEPCClass: ROLE.inputClass,
  MATCH_outputEPCClass: ROLE.outputClass,
  MATCH_anyEPCClass: CLASS_ROLES | ROLE.inputClass | ROLE.outputClass,
};
const TERMS: Readonly<Record<string, readonly [string, Vocabulary]>> = {
  EQ_persistentDisposition_set: ["set", "disposition"],
  EQ_persistentDisposition_unset: ["unset", "disposition"],
  EQ_errorReason: ["errorReason", "errorReason"],
  EQ_type: ["sensor:type", "measurement"],
};
const TEXTS: Readonly<Record<string, string>> = { EQ_eventID: "eventID", EQ_correctiveEventID: "correctiveEventID" };

function conditionOf(name: string, values: readonly string[], resolve: ResolveName): Condition {
  const word = own(WORDS, name);
  if (word !== undefined) return wordCondition(name, word, values);
  const roles = own(MATCHES, name);
  if (roles !== undefined) return { kind: "id", roles: roles | (roles * OF_CLASS), ids: values.map(idOf) };
  const term = own(TERMS, name);
  if (term !== undefined)
    return { kind: "equal", dimensions: [term[0]], values: values.map((each) => termOf(term[1], each)) };
  const text = own(TEXTS, name);
  if (text !== undefined) return { kind: "equal", dimensions: [text], values: values.map((each) => comparable(each)) };
  switch (name) {
    case "EQ_action":
      for (const value of values) if (!ACTIONS.includes(value)) throw refuse(name, `has no action \`${shown(value)}\``);
      return { kind: "action", actions: values };
    case "EQ_transformationID":
      return { kind: "id", roles: ROLE.transformation, ids: values.map(idOf) };
    case "EXISTS_errorDeclaration":
      return { kind: "error" };
    case "EXISTS_sensorElementList":
      return { kind: "has", dimensions: ["sensor"] };
  }
  return (
    timeCondition(name, values) ??
    partyCondition(name, values) ??
    numberCondition(name, values) ??
    sensorCondition(name, values) ??
    extensionCondition(name, values, resolve)
  );
}

function wordCondition(name: string, word: TermKind, values: readonly string[]): Condition {
  const within = name.startsWith("WD_");
  if (word === "readPoint" || word === "bizLocation") return { kind: "word", word, terms: values.map(idOf), within };
  if (word === "bizStep" || word === "disposition")
    return { kind: "word", word, terms: values.map((each) => termOf(word, each)), within };
  for (const value of values)
    if (!EVENT_TYPES.has(value) && !value.includes(":")) throw refuse(name, `has no event type \`${shown(value)}\``);
  return { kind: "word", word, terms: values.map((each) => expandValue(each.trim(), STANDARD_NAMESPACES)), within };
}

/** A term in any spelling as its Web URI; a bare word that the vocabulary lacks can match nothing that is valid. */
function termOf(vocabulary: Vocabulary, value: string): string {
  return webUri(vocabulary, expandValue(bareWord(vocabulary, value.trim()), STANDARD_NAMESPACES));
}

function idOf(value: string): string {
  return canonicalId(value.trim());
}

function timeCondition(name: string, values: readonly string[]): Condition | undefined {
  const [, comparison, field = ""] = /^(GE|LT)_(.+)$/.exec(name) ?? [];
  const time = own(TIMES, field);
  if (time === undefined || (comparison !== "GE" && comparison !== "LT")) return undefined;
  return { kind: "time", field: time, comparison, ms: instant(name, values) };
}

function partyCondition(name: string, values: readonly string[]): Condition | undefined {
  const [, member, type = ""] = /^EQ_(bizTransaction|source|destination)_(.+)$/.exec(name) ?? [];
  if (member === undefined) return undefined;
  const vocabulary = member === "bizTransaction" ? "btt" : "sdt";
  return {
    kind: "equal",
    dimensions: [`${member}:${termOf(vocabulary, type)}`],
    values: values.map((each) => comparable(each)),
  };
}

const NUMBER = /^[+-]?\d{1,100}(?:\.\d{1,100})?$/;

function numberCondition(name: string, values: readonly string[]): Condition | undefined {
  const [, comparison = "", what = "", uom] =
    /^(EQ|GT|GE|LT|LE)_(quantity|value|minValue|maxValue|meanValue|sDev|percValue|percRank)(?:_([A-Z0-9]{2,3}))?$/.exec(
      name,
    ) ?? [];
  if (what === "") return undefined;
  const dimension = `${what === "quantity" ? "" : "sensor:"}${what}${uom === undefined ? "" : `:${uom}`}`;
  const decimals = values.map((value) => {
    if (!NUMBER.test(value.trim())) throw refuse(name, `needs a number, and \`${shown(value)}\` is none`);
    return comparable(value);
  });
  if (comparison === "EQ") return { kind: "equal", dimensions: [dimension], values: decimals };
  return {
    kind: "compare",
    dimensions: [dimension],
    comparison: comparisonOf(comparison),
    value: { decimal: one(name, decimals) },
  };
}

function sensorCondition(name: string, values: readonly string[]): Condition | undefined {
  const [, comparison, member = ""] = /^(EQ|GE|LT)_(\w+)$/.exec(name) ?? [];
  if (comparison === "EQ")
    return SENSOR_TEXTS.has(member)
      ? { kind: "equal", dimensions: [`sensor:${member}`], values: values.map((each) => comparable(each)) }
      : undefined;
  if (comparison === undefined || !["time", "startTime", "endTime"].includes(member)) return undefined;
  const value = { ms: instant(name, values) };
  return { kind: "compare", dimensions: [`sensor:${member}`], comparison: comparisonOf(comparison), value };
}

const SCOPES: Readonly<Record<string, Scope>> = {
  ILMD: "ilmd",
  ERROR_DECLARATION: "error",
  SENSORELEMENT: "element",
  SENSORMETADATA: "metadata",
  SENSORREPORT: "report",
  readPoint: "readPoint",
  bizLocation: "bizLocation",
};
const EXTENSION =
  /^(EQ_ATTR|EQATTR|HASATTR|EXISTS|EQ|GT|GE|LT|LE)_(INNER_)?(?:(ILMD|ERROR_DECLARATION|SENSORELEMENT|SENSORMETADATA|SENSORREPORT|readPoint|bizLocation)_)?([^_].*)$/s;

/** Conditions on fields of extensions: their name is a CURIE or a URI. */
function extensionCondition(name: string, values: readonly string[], resolve: ResolveName): Condition {
  const [, verb = "", inner, scopeWord, rest = ""] = EXTENSION.exec(name) ?? [];
  if (!rest.includes(":")) throw refuse(name, "is not one of a simple event query (EPCIS 2.0 8.2.7.1)");
  const scope = scopeWord === undefined ? "ext" : SCOPES[scopeWord];
  const under = `${inner === undefined ? "" : "inner:"}${scope}:`;
  if (verb === "EQATTR" || verb === "EQ_ATTR") {
    const [, field = "", attribute = ""] = /^(.+)_([^_]+)$/s.exec(rest) ?? [];
    if (field === "") throw refuse(name, "needs a field and an attribute");
    const attributes = attribute.includes(":") ? resolve(attribute) : [attribute];
    const dimensions = dimensionsOf(name, field, `attribute:${under}`, resolve);
    return {
      kind: "equal",
      dimensions: dimensions.flatMap((each) => attributes.map((one) => `${each} ${one}`)),
      values: values.map((each) => comparable(each)),
    };
  }
  if (verb === "HASATTR")
    return { kind: "equal", dimensions: dimensionsOf(name, rest, `attribute:${under}`, resolve), values };
  const dimensions = dimensionsOf(name, rest, under, resolve);
  if (verb === "EXISTS") return { kind: "has", dimensions };
  if (verb === "EQ") return { kind: "equal", dimensions, values: values.map((each) => comparable(each)) };
  const value = one(name, values).trim();
  const isNumber = NUMBER.test(value);
  if (!isNumber && !isDateTime(withPlus(value)))
    throw refuse(name, `needs a number or a time, and \`${shown(value)}\` is neither`);
  return {
    kind: "compare",
    dimensions,
    comparison: comparisonOf(verb),
    value: isNumber ? { decimal: comparable(value) } : { ms: instantMs(withPlus(value)) },
  };
}

function dimensionsOf(name: string, field: string, under: string, resolve: ResolveName): string[] {
  const uris = resolve(field);
  if (uris.length === 0)
    throw refuse(
      name,
      `has the prefix \`${shown(field.split(":")[0] ?? "")}\`, which no GS1-Extensions header and no event declares`,
    );
  return uris.map((uri) => under + uri);
}

function orderOf(
  parameters: Parameters,
  resolve: ResolveName,
): { orderBy: OrderField | undefined; direction: "ASC" | "DESC" } {
  const direction =
    parameters["orderDirection"] === undefined ? "DESC" : one("orderDirection", parameters["orderDirection"]);
  if (direction !== "ASC" && direction !== "DESC") throw refuse("orderDirection", "is `ASC` or `DESC`");
  if (parameters["orderBy"] === undefined) return { orderBy: undefined, direction };
  const field = one("orderBy", parameters["orderBy"]);
  if (field === "eventTime" || field === "recordTime") return { orderBy: field, direction };
  if (!field.includes(":")) throw refuse("orderBy", "is `eventTime`, `recordTime` or an extension field");
  const [dimension] = dimensionsOf("orderBy", field, "ext:", resolve);
  return { orderBy: { dimension: dimension ?? "" }, direction };
}

function countOf(parameters: Parameters, name: string): number | undefined {
  const values = parameters[name];
  if (values === undefined) return undefined;
  const text = one(name, values);
  if (!/^\d{1,10}$/.test(text) || Number(text) < 1 || Number(text) >= COUNT_MAX)
    throw refuse(name, "is a positive number");
  return Number(text);
}

function one(name: string, values: readonly string[]): string {
  const [first] = values;
  if (first === undefined || values.length > 1) throw refuse(name, "takes one value");
  return first;
}

function truth(name: string, values: readonly string[]): boolean {
  const text = one(name, values).trim();
  if (["true", "1", ""].includes(text)) return true;
  if (["false", "0"].includes(text)) return false;
  throw refuse(name, "is `true` or `false`");
}

function instant(name: string, values: readonly string[]): number {
  const text = withPlus(one(name, values).trim());
  if (!isDateTime(text)) throw refuse(name, `needs a time with a zone, and \`${shown(text)}\` is none`);
  return instantMs(text);
}

/** A `+` that a URL turned into a space. */
function withPlus(text: string): string {
  return text.replace(/ (\d\d:\d\d)$/, "+$1");
}

function comparisonOf(verb: string): Comparison {
  if (verb === "GT" || verb === "GE" || verb === "LT" || verb === "LE") return verb;
  throw refuse(verb, "is no comparison");
}

/** The URIs of an extension's name by declared prefixes; the name itself where it is a URI. */
export function resolverOf(declared: Namespaces, seen: ReadonlyMap<string, readonly string[]>): ResolveName {
  return (name) => {
    const colon = name.indexOf(":");
    if (name.startsWith("//", colon + 1) || name.startsWith("urn:")) return uriForms(name);
    const prefix = name.slice(0, colon);
    const namespace = declared.get(prefix) ?? STANDARD_NAMESPACES.get(prefix);
    const namespaces = namespace === undefined ? (seen.get(prefix) ?? []) : [namespace];
    return namespaces.map((each) => (/[#/:]$/.test(each) ? each : `${each}#`) + name.slice(colon + 1));
  };
}

/** EPCIS 1.2 joins namespace and name by `#` whatever the namespace ends with. */
function uriForms(name: string): string[] {
  const hash = name.lastIndexOf("#");
  return hash > 0 && /[/:]$/.test(name.slice(0, hash)) ? [name.slice(0, hash) + name.slice(hash + 1)] : [name];
}

function own<Value>(table: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function shown(value: string): string {
  return value.slice(0, 100);
}
