/**
 * The EPCIS 2.0 event model (EPCIS 2.0 section 7, CBV 2.0), in the shape of its JSON binding: what a reader gives and a
 * writer takes. Invariants: member names are the standard's; an extension keeps its key (a CURIE or URI) and its value as
 * it came, and `Namespaces` gives the key its meaning; numbers are exact (decimal.ts). 1.2 documents arrive upgraded.
 */
import { ExactNumber, type Numeric } from "./decimal.ts";

/** A JSON value whose numbers are exact. */
export type ExactJson =
  | null
  | boolean
  | string
  | Numeric
  | readonly ExactJson[]
  | { readonly [member: string]: ExactJson };

/** A JSON object whose numbers are exact. */
export interface ExactObject {
  readonly [member: string]: ExactJson;
}

/** Members that the standard does not name: their keys are CURIEs (`example:x`) or URIs, so they contain a colon. */
export interface Extended {
  readonly [extension: `${string}:${string}`]: ExactJson | undefined;
}

export type Action = "ADD" | "OBSERVE" | "DELETE";

export interface QuantityElement {
  readonly epcClass: string;
  /** Absent: some, unknown how much. */
  readonly quantity?: Numeric;
  /** UN/ECE Recommendation 20 code; absent: a count. */
  readonly uom?: string;
}

export interface BizTransaction {
  readonly bizTransaction: string;
  readonly type?: string;
}

export interface Source {
  readonly type: string;
  readonly source: string;
}

export interface Destination {
  readonly type: string;
  readonly destination: string;
}

export interface Place extends Extended {
  readonly id: string;
}

export interface PersistentDisposition {
  readonly set?: readonly string[];
  readonly unset?: readonly string[];
}

export interface ErrorDeclaration extends Extended {
  readonly declarationTime: string;
  readonly reason?: string;
  readonly correctiveEventIDs?: readonly string[];
}

export interface SensorMetadata extends Extended {
  readonly time?: string;
  readonly startTime?: string;
  readonly endTime?: string;
  readonly deviceID?: string;
  readonly deviceMetadata?: string;
  readonly rawData?: string;
  readonly dataProcessingMethod?: string;
  readonly bizRules?: string;
}

export interface SensorReport extends Extended {
  /** Required in JSON, optional in XML. */
  readonly type?: string;
  readonly exception?: string;
  readonly deviceID?: string;
  readonly deviceMetadata?: string;
  readonly rawData?: string;
  readonly dataProcessingMethod?: string;
  readonly bizRules?: string;
  readonly time?: string;
  readonly microorganism?: string;
  readonly chemicalSubstance?: string;
  readonly coordinateReferenceSystem?: string;
  readonly value?: Numeric;
  readonly component?: string;
  readonly stringValue?: string;
  readonly booleanValue?: boolean;
  readonly hexBinaryValue?: string;
  readonly uriValue?: string;
  readonly minValue?: Numeric;
  readonly maxValue?: Numeric;
  readonly meanValue?: Numeric;
  readonly sDev?: Numeric;
  readonly percRank?: Numeric;
  readonly percValue?: Numeric;
  readonly uom?: string;
}

export interface SensorElement extends Extended {
  readonly sensorMetadata?: SensorMetadata;
  readonly sensorReport: readonly SensorReport[];
}

/** What every event has (EPCIS 2.0 7.4.1) and what all five kinds may have. */
interface AnyEvent extends Extended {
  readonly "@context"?: ExactJson;
  readonly eventTime: string;
  readonly eventTimeZoneOffset: string;
  readonly recordTime?: string;
  readonly eventID?: string;
  readonly certificationInfo?: string | readonly string[];
  readonly errorDeclaration?: ErrorDeclaration;
  readonly bizStep?: string;
  readonly disposition?: string;
  readonly persistentDisposition?: PersistentDisposition;
  readonly readPoint?: Place;
  readonly bizLocation?: Place;
  readonly bizTransactionList?: readonly BizTransaction[];
  readonly sourceList?: readonly Source[];
  readonly destinationList?: readonly Destination[];
  readonly sensorElementList?: readonly SensorElement[];
}

export interface ObjectEvent extends AnyEvent {
  readonly type: "ObjectEvent";
  readonly action: Action;
  readonly epcList?: readonly string[];
  readonly quantityList?: readonly QuantityElement[];
  readonly ilmd?: ExactObject;
}

export interface AggregationEvent extends AnyEvent {
  readonly type: "AggregationEvent";
  readonly action: Action;
  readonly parentID?: string;
  readonly childEPCs?: readonly string[];
  readonly childQuantityList?: readonly QuantityElement[];
}

export interface TransactionEvent extends AnyEvent {
  readonly type: "TransactionEvent";
  readonly action: Action;
  readonly parentID?: string;
  readonly epcList?: readonly string[];
  readonly quantityList?: readonly QuantityElement[];
}

export interface TransformationEvent extends AnyEvent {
  readonly type: "TransformationEvent";
  readonly inputEPCList?: readonly string[];
  readonly inputQuantityList?: readonly QuantityElement[];
  readonly outputEPCList?: readonly string[];
  readonly outputQuantityList?: readonly QuantityElement[];
  readonly transformationID?: string;
  readonly ilmd?: ExactObject;
}

export interface AssociationEvent extends AnyEvent {
  readonly type: "AssociationEvent";
  readonly action: Action;
  readonly parentID: string;
  readonly childEPCs?: readonly string[];
  readonly childQuantityList?: readonly QuantityElement[];
}

/** An event that passed validation and is of one of the five standard kinds. */
export type EpcisEvent = ObjectEvent | AggregationEvent | TransactionEvent | TransformationEvent | AssociationEvent;

export type EventType = EpcisEvent["type"];

export const EVENT_TYPES: ReadonlySet<string> = new Set<EventType>([
  "ObjectEvent",
  "AggregationEvent",
  "TransactionEvent",
  "TransformationEvent",
  "AssociationEvent",
]);

/** Which form a document came in; an upgraded one says from which version. */
export interface Origin {
  readonly syntax: "json" | "xml";
  /** `2.0`, or the older version that was upgraded. */
  readonly schemaVersion: string;
}

/** Whether `value` is a JSON object: no array, no null, no number that a double cannot hold. */
export function isObject(value: unknown): value is ExactObject {
  return typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof ExactNumber);
}
