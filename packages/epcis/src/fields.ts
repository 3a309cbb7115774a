/**
 * The fields of each event type: what kind each is, and the order in which XML writes them (EPCIS 2.0 XSD: sequences).
 * One table for reader, writer and rules of the XML binding.
 */
import type { EventType } from "./event.ts";
import type { Vocabulary } from "./vocabulary.ts";

export type FieldKind =
  | "text"
  | "uris"
  | "ids"
  | "quantities"
  | "place"
  | "dispositions"
  | "error"
  | "sensors"
  | "ilmd"
  | { readonly term: Vocabulary }
  | { readonly business: "bizTransaction" | "source" | "destination"; readonly vocabulary: Vocabulary };

const BIZ_STEP: FieldKind = { term: "bizStep" };
const DISPOSITION: FieldKind = { term: "disposition" };

export const FIELDS: Readonly<Record<string, FieldKind>> = {
  eventTime: "text",
  recordTime: "text",
  eventTimeZoneOffset: "text",
  eventID: "text",
  errorDeclaration: "error",
  certificationInfo: "uris",
  parentID: "text",
  epcList: "ids",
  childEPCs: "ids",
  inputEPCList: "ids",
  outputEPCList: "ids",
  quantityList: "quantities",
  childQuantityList: "quantities",
  inputQuantityList: "quantities",
  outputQuantityList: "quantities",
  action: "text",
  transformationID: "text",
  bizStep: BIZ_STEP,
  disposition: DISPOSITION,
  readPoint: "place",
  bizLocation: "place",
  bizTransactionList: { business: "bizTransaction", vocabulary: "btt" },
  sourceList: { business: "source", vocabulary: "sdt" },
  destinationList: { business: "destination", vocabulary: "sdt" },
  sensorElementList: "sensors",
  persistentDisposition: "dispositions",
  ilmd: "ilmd",
};

const BASE = ["eventTime", "recordTime", "eventTimeZoneOffset", "eventID", "errorDeclaration", "certificationInfo"];
const WHY_WHERE = ["action", "bizStep", "disposition", "readPoint", "bizLocation"];
const PARTIES = ["sourceList", "destinationList", "sensorElementList", "persistentDisposition"];

/** Field order of the 2.0 XSD. Extension events have the order of their choice; the writer takes ObjectEvent's. */
export const FIELD_ORDER: Readonly<Record<EventType, readonly string[]>> = {
  ObjectEvent: [...BASE, "epcList", ...WHY_WHERE, "bizTransactionList", "quantityList", ...PARTIES, "ilmd"],
  AggregationEvent: [
    ...BASE,
    "parentID",
    "childEPCs",
    ...WHY_WHERE,
    "bizTransactionList",
    "childQuantityList",
    ...PARTIES,
  ],
  TransactionEvent: [...BASE, "bizTransactionList", "parentID", "epcList", ...WHY_WHERE, "quantityList", ...PARTIES],
  TransformationEvent: [
    ...BASE,
    "inputEPCList",
    "inputQuantityList",
    "outputEPCList",
    "outputQuantityList",
    "transformationID",
    ...WHY_WHERE.slice(1),
    "bizTransactionList",
    ...PARTIES,
    "ilmd",
  ],
  AssociationEvent: [
    ...BASE,
    "parentID",
    "childEPCs",
    "childQuantityList",
    ...WHY_WHERE,
    "bizTransactionList",
    ...PARTIES,
  ],
};

export const ALL_FIELDS: readonly string[] = Object.keys(FIELDS);

export const SENSOR_NUMBERS: ReadonlySet<string> = new Set([
  "value",
  "minValue",
  "maxValue",
  "meanValue",
  "sDev",
  "percRank",
  "percValue",
]);

export const SENSOR_TERMS: Readonly<Record<string, Vocabulary>> = {
  type: "measurement",
  exception: "alert",
  component: "component",
};

/** Attributes that sensorMetadata and sensorReport may have in XML and members in JSON. */
export const METADATA_FIELDS: ReadonlySet<string> = new Set(
  "time startTime endTime deviceID deviceMetadata rawData dataProcessingMethod bizRules".split(" "),
);
export const REPORT_FIELDS: ReadonlySet<string> = new Set([
  ...SENSOR_NUMBERS,
  ...`type exception deviceID deviceMetadata rawData dataProcessingMethod bizRules time microorganism chemicalSubstance
  coordinateReferenceSystem component stringValue booleanValue hexBinaryValue uriValue uom`.split(/\s+/),
]);
