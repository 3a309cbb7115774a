/**
 * Events as they leave: an EPCISQueryDocument in JSON or XML, identifiers in the spelling asked for. A JSON event whose
 * identifiers need no translation leaves as it is stored, with its recordTime written behind it.
 */
import {
  expandValue,
  type ExactJson,
  type ExactObject,
  isObject,
  jsonText,
  type PrefixLengths,
  prefixLengthsOf,
  idsOf,
  firstOf,
  STANDARD_CONTEXT,
  STANDARD_NAMESPACES,
  translateEvent,
  type Vocabulary,
  webUri,
  xmlFrame,
  xmlOfEvent,
} from "@holdfast/epcis";
import { parsedBody } from "./event-store.ts";
import type { Wish } from "./negotiation.ts";
import type { FoundEvent } from "./query-store.ts";

export interface QueryResults {
  readonly queryName: string;
  readonly subscriptionId?: string;
  readonly events: readonly Pick<FoundEvent, "body" | "recordTime">[];
  readonly at: Date;
  /** Lengths of company prefixes that the operator knows; those of the events' own URNs are added. */
  readonly lengths: PrefixLengths;
}

/** The query document of some events. */
export function queryDocument(results: QueryResults, wish: Wish): string {
  return wish.format === "xml" ? xmlDocument(results, wish) : jsonDocument(results, wish);
}

export function contentTypeOf(wish: Pick<Wish, "format">): string {
  return wish.format === "xml" ? "application/xml; charset=utf-8" : "application/json; charset=utf-8";
}

function shellOf({ queryName, subscriptionId, at }: QueryResults): ExactObject {
  return {
    "@context": [STANDARD_CONTEXT],
    type: "EPCISQueryDocument",
    schemaVersion: "2.0",
    creationDate: at.toISOString(),
    epcisBody: {
      queryResults: {
        queryName,
        ...(subscriptionId === undefined ? {} : { subscriptionID: subscriptionId }),
        resultsBody: { eventList: [] },
      },
    },
  };
}

function jsonDocument(results: QueryResults, wish: Wish): string {
  const frame = JSON.stringify(shellOf(results));
  const cut = frame.indexOf('"eventList":[') + '"eventList":['.length;
  const events = results.events.map((event) => jsonEvent(event, wish, results.lengths));
  return frame.slice(0, cut) + events.join(",") + frame.slice(cut);
}

function jsonEvent(
  { body, recordTime }: Pick<FoundEvent, "body" | "recordTime">,
  wish: Wish,
  lengths: PrefixLengths,
): string {
  const text = isTranslated(body, wish) ? jsonText(translated(parsedBody(body).event, wish, lengths)) : body;
  return `${text.slice(0, -1)},"recordTime":"${recordTime.toISOString()}"}`;
}

/** Whether identifiers of a stored event may have to be written another way; cheap, and on the safe side. */
function isTranslated(body: string, { epcFormat }: Wish): boolean {
  if (epcFormat === "Always_GS1_Digital_Link") return body.includes('"urn:epc:');
  return epcFormat === "Always_EPC_URN" && body.includes('"http');
}

function translated(event: ExactObject, { epcFormat }: Wish, lengths: PrefixLengths): ExactJson {
  const form = epcFormat === "Always_EPC_URN" ? "urn" : "digital-link";
  const known = form === "urn" ? firstOf(lengths, prefixLengthsOf(idsOf(event))) : lengths;
  return translateEvent(event, { form, lengths: known, untranslated: new Set() });
}

function xmlDocument(results: QueryResults, wish: Wish): string {
  const frame = xmlFrame(shellOf(results));
  const events = results.events.map(({ body, recordTime }) => {
    const { event } = parsedBody(body);
    const whole = isTranslated(body, wish) ? translated(event, wish, results.lengths) : event;
    const spelled = wish.cbvXmlFormat === "Always_Web_URI" ? withWebUris(whole) : whole;
    return isObject(spelled) ? xmlOfEvent({ ...spelled, recordTime: recordTime.toISOString() }, frame.namespaces) : "";
  });
  return frame.start + events.join("") + frame.end;
}

/** CBV terms of an event as Web URIs; the XML writer takes bare words to URNs and leaves URIs alone. */
function withWebUris(event: ExactJson): ExactJson {
  if (!isObject(event)) return event;
  const members: Record<string, ExactJson> = { ...event };
  for (const name of ["bizStep", "disposition"] as const)
    if (members[name] !== undefined) members[name] = webTerm(name, members[name]);
  for (const [name, vocabulary] of TYPED) {
    const list = members[name];
    if (Array.isArray(list))
      members[name] = list.map((item: ExactJson) =>
        isObject(item) && item["type"] !== undefined ? { ...item, type: webTerm(vocabulary, item["type"]) } : item,
      );
  }
  const persistent = members["persistentDisposition"];
  if (isObject(persistent))
    members["persistentDisposition"] = Object.fromEntries(
      Object.entries(persistent).map(([name, terms]) => [
        name,
        Array.isArray(terms) ? terms.map((term: ExactJson) => webTerm("disposition", term)) : terms,
      ]),
    );
  const declaration = members["errorDeclaration"];
  if (isObject(declaration) && declaration["reason"] !== undefined)
    members["errorDeclaration"] = { ...declaration, reason: webTerm("errorReason", declaration["reason"]) };
  return members;
}

const TYPED: readonly (readonly [string, Vocabulary])[] = [
  ["bizTransactionList", "btt"],
  ["sourceList", "sdt"],
  ["destinationList", "sdt"],
];

function webTerm(vocabulary: Vocabulary, value: ExactJson): ExactJson {
  return typeof value === "string" ? webUri(vocabulary, expandValue(value, STANDARD_NAMESPACES)) : value;
}
