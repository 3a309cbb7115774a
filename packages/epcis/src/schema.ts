/**
 * The schema of the EPCIS 2.0 JSON binding as rules: what makes a document, a query document or an event valid or
 * invalid. Invariant: the verdict equals that of the published JSON Schema (draft-07, formats on) for every JSON value;
 * the tests hold it against that schema. Reports a path and a reason for each broken rule.
 */
import { isObject } from "./event.ts";
import { type Issue, under } from "./issue.ts";
import * as is from "./schema-values.ts";
import type { ObjectShape, ValueRule } from "./schema-values.ts";

type Members = Readonly<Record<string, ValueRule>>;
type Check = (value: Readonly<Record<string, unknown>>, path: string, issues: Issue[]) => void;

const errorDeclaration = is.objectOf({
  members: { declarationTime: is.time, reason: is.term("errorReason"), correctiveEventIDs: is.listOf(is.uri) },
  required: ["declarationTime"],
  others: "uri",
});

const COMMON: Members = {
  "@context": is.context,
  type: is.text,
  eventTime: is.time,
  recordTime: is.time,
  eventTimeZoneOffset: is.offset,
  eventID: is.uri,
  certificationInfo: is.oneOrMany(is.uri),
  errorDeclaration,
};

const quantityElement = is.objectOf({
  members: { epcClass: is.uri, quantity: is.number, uom: is.uom },
  required: ["epcClass"],
  others: "none",
});
const quantityList = is.listOf(quantityElement);
const ids = is.listOf(is.uri);
const distinctIds = is.listOf(is.uri, { unique: true });

const place = is.objectOf({ members: { id: is.uri }, required: ["id"], others: "any" });
const bizTransaction = is.objectOf({
  members: { type: is.term("btt"), bizTransaction: is.uri },
  required: ["bizTransaction"],
  others: "none",
});
const party = (name: "source" | "destination"): ValueRule =>
  is.objectOf({ members: { type: is.term("sdt"), [name]: is.uri }, required: ["type", name], others: "none" });

const dispositions = is.listOf(is.term("disposition"), { sizeMin: 1, unique: true });
const persistentDisposition = is.objectOf(
  { members: { set: dispositions, unset: dispositions }, required: [], others: "none" },
  (value, path, issues) => {
    if (!("set" in value) && !("unset" in value)) is.report(issues, path, "required", "`set` or `unset` is missing");
  },
);

const sensorMetadata = is.objectOf({
  members: {
    time: is.time,
    startTime: is.time,
    endTime: is.time,
    deviceID: is.uri,
    deviceMetadata: is.uri,
    rawData: is.uri,
    dataProcessingMethod: is.uri,
    bizRules: is.uri,
  },
  required: [],
  others: "uri",
});
const sensorReport = is.objectOf({
  members: {
    type: is.term("measurement"),
    exception: is.term("alert"),
    deviceID: is.uri,
    deviceMetadata: is.uri,
    rawData: is.uri,
    dataProcessingMethod: is.uri,
    bizRules: is.uri,
    time: is.time,
    microorganism: is.uri,
    chemicalSubstance: is.uri,
    coordinateReferenceSystem: is.uri,
    value: is.number,
    component: is.term("component"),
    stringValue: is.text,
    booleanValue: is.truth,
    hexBinaryValue: is.hexBinary,
    uriValue: is.uri,
    minValue: is.number,
    maxValue: is.number,
    meanValue: is.number,
    sDev: is.number,
    percRank: is.number,
    percValue: is.number,
    uom: is.text,
  },
  required: ["type"],
  others: "uri",
});
const sensorElement = is.objectOf({
  members: { sensorMetadata, sensorReport: is.listOf(sensorReport, { sizeMin: 1 }) },
  required: ["sensorReport"],
  others: "uri",
});

const WHERE_AND_WHY: Members = {
  bizStep: is.term("bizStep"),
  disposition: is.term("disposition"),
  readPoint: place,
  bizLocation: place,
  bizTransactionList: is.listOf(bizTransaction),
  sourceList: is.listOf(party("source")),
  destinationList: is.listOf(party("destination")),
  sensorElementList: is.listOf(sensorElement),
};
const ilmd = is.objectOf({ members: {}, required: [], others: "uri" });
const CHILDREN: Members = { parentID: is.uri, childEPCs: ids, childQuantityList: quantityList, action: is.action };

const ALWAYS = ["eventTime", "eventTimeZoneOffset"];

const size = (value: unknown): number => (Array.isArray(value) ? value.length : 0);

function requireContent(holds: (event: Readonly<Record<string, unknown>>) => boolean, what: string): Check {
  return (event, path, issues) => {
    if (!holds(event)) is.report(issues, path, "content", `the event needs ${what}`);
  };
}

function eventShape(members: Members, required: readonly string[]): ObjectShape {
  return {
    members: { ...COMMON, ...WHERE_AND_WHY, ...members },
    required: [...ALWAYS, ...required],
    others: "uri",
  };
}

function eventRule(shape: ObjectShape, ...also: readonly Check[]): Check {
  const members = is.memberRule(shape);
  return (event, path, issues) => {
    members(event, path, issues);
    for (const check of also) check(event, path, issues);
  };
}

const children = requireContent(
  (event) => size(event["childEPCs"]) > 0 || size(event["childQuantityList"]) > 0 || event["action"] === "DELETE",
  "`childEPCs` or `childQuantityList` with a member, unless its action is DELETE",
);

const EVENT_RULES: ReadonlyMap<string, Check> = new Map([
  [
    "ObjectEvent",
    eventRule(
      eventShape({ epcList: distinctIds, quantityList, action: is.action, persistentDisposition, ilmd }, ["action"]),
      requireContent(
        (event) =>
          Array.isArray(event["epcList"]) ||
          size(event["quantityList"]) > 0 ||
          (size(event["sensorElementList"]) > 0 && "readPoint" in event),
        "`epcList`, a `quantityList` with a member, or a `sensorElementList` with a `readPoint`",
      ),
      (event, path, issues) => {
        if ("ilmd" in event && event["action"] !== "ADD")
          is.report(issues, under(path, "ilmd"), "ilmd-action", "`ilmd` goes with action ADD only");
      },
    ),
  ],
  ["AggregationEvent", eventRule(eventShape(CHILDREN, ["action"]), children)],
  ["AssociationEvent", eventRule(eventShape(CHILDREN, ["action", "parentID"]), children)],
  [
    "TransactionEvent",
    eventRule(
      eventShape(
        {
          bizTransactionList: is.listOf(bizTransaction, { sizeMin: 1 }),
          parentID: is.uri,
          epcList: ids,
          quantityList,
          action: is.action,
        },
        ["bizTransactionList", "action"],
      ),
      requireContent(
        (event) => Array.isArray(event["epcList"]) || size(event["quantityList"]) > 0 || event["action"] === "DELETE",
        "`epcList` or a `quantityList` with a member, unless its action is DELETE",
      ),
    ),
  ],
  [
    "TransformationEvent",
    eventRule(
      eventShape(
        {
          inputEPCList: distinctIds,
          inputQuantityList: quantityList,
          outputEPCList: distinctIds,
          outputQuantityList: quantityList,
          transformationID: is.uri,
          persistentDisposition,
          ilmd,
        },
        [],
      ),
      requireContent((event) => {
        const inputs = size(event["inputEPCList"]) + size(event["inputQuantityList"]) > 0;
        const outputs = size(event["outputEPCList"]) + size(event["outputQuantityList"]) > 0;
        return (inputs && outputs) || ("transformationID" in event && (inputs || outputs));
      }, "inputs and outputs, or a `transformationID` with one of them"),
    ),
  ],
]);

/** Extension events: the common members, and a type that is a URI. */
const extendedEvent = is.memberRule({
  members: { ...COMMON, type: is.uri },
  required: [...ALWAYS, "type"],
  others: "any",
});

/** Checks one event; `path` is the JSON Pointer where it stands. */
export function checkEvent(event: unknown, path: string, issues: Issue[]): void {
  if (!isObject(event)) {
    is.report(issues, path, "type", `${is.shown(event)} is not an object`);
    return;
  }
  const type = event["type"];
  if (typeof type !== "string") is.report(issues, path, "required", "`type` is missing or no string");
  else (EVENT_RULES.get(type) ?? extendedEvent)(event, path, issues);
}

const attributeValue: ValueRule = (value, path, name, issues) => {
  if (
    !["number", "string"].includes(typeof value) &&
    !(typeof value === "object" && value !== null && !Array.isArray(value))
  )
    is.report(issues, under(path, name), "type", `${is.shown(value)} is not a number, a string or an object`);
};
const attribute = is.objectOf({ members: { id: is.uri, attribute: attributeValue }, required: ["id"], others: "any" });
const vocabularyElement = is.objectOf({
  members: { id: is.uri, attributes: is.listOf(attribute), children: ids },
  required: ["id"],
  others: "any",
});
const vocabulary = is.objectOf({
  members: { type: is.uri, vocabularyElementList: is.listOf(vocabularyElement) },
  required: ["type"],
  others: "any",
});
const vocabularyList = is.listOf(vocabulary);
const epcisHeader = is.objectOf({
  members: { epcisMasterData: is.objectOf({ members: { vocabularyList }, required: [], others: "any" }) },
  required: [],
  others: "uri",
});

const eventList: ValueRule = (value, path, name, issues) => {
  if (!Array.isArray(value)) is.report(issues, under(path, name), "type", `${is.shown(value)} is not an array`);
  else value.forEach((event, i) => checkEvent(event, under(under(path, name), i), issues));
};

const captureDocument = is.memberRule({
  members: {
    "@context": is.context,
    id: is.uri,
    type: is.text,
    schemaVersion: is.version,
    creationDate: is.time,
    instanceIdentifier: is.text,
    sender: is.text,
    receiver: is.text,
    epcisHeader,
    epcisBody: is.objectOf({ members: { eventList }, required: ["eventList"], others: "any" }),
  },
  required: ["@context", "type", "schemaVersion", "creationDate", "epcisBody"],
  others: "uri",
});

const resultsBody = is.objectOf({ members: { eventList, vocabularyList }, required: ["eventList"], others: "uri" });
const queryResults = is.objectOf({
  members: { queryName: is.text, subscriptionID: is.text, resultsBody },
  required: ["queryName", "resultsBody"],
  others: "uri",
});
const queryDocument = is.memberRule({
  members: {
    "@context": is.context,
    id: is.uri,
    type: is.text,
    schemaVersion: is.version,
    creationDate: is.time,
    epcisBody: is.objectOf({ members: { queryResults }, required: ["queryResults"], others: "uri" }),
  },
  required: ["@context", "type", "epcisBody"],
  others: "uri",
});

/** Checks a whole JSON value: a capture document, a query document, or one event with its own context. */
export function checkDocument(value: unknown, issues: Issue[]): void {
  if (!isObject(value)) {
    is.report(issues, "", "type", `${is.shown(value)} is not an object`);
    return;
  }
  if (value["type"] === "EPCISDocument") captureDocument(value, "", issues);
  else if (value["type"] === "EPCISQueryDocument") queryDocument(value, "", issues);
  else checkBareEvent(value, issues);
}

/** Checks one event that stands alone: it must bring its own `@context`. */
export function checkBareEvent(event: unknown, issues: Issue[]): void {
  checkEvent(event, "", issues);
  if (isObject(event) && !("@context" in event)) is.report(issues, "", "required", "`@context` is missing");
}
