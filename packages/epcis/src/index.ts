/** Contents of the EPCIS package: events, their two bindings, validation, identifiers and the event hash. */
export { checkDigit, hasCheckDigit } from "./check-digit.ts";
export {
  compareDecimals,
  type Decimal,
  decimalOf,
  decimalText,
  ExactNumber,
  isNumeric,
  type Numeric,
} from "./decimal.ts";
export { parseLink } from "./digital-link.ts";
export {
  documentOf,
  documentReader,
  type EpcisDocument,
  idsOf,
  jsonFrame,
  jsonValue,
  readDocument,
  toJson,
  shellOfBareEvent,
  toXml,
  translateEvent,
  translateIds,
  type Translation,
  withoutContext,
} from "./document.ts";
export {
  type Action,
  type AggregationEvent,
  type AssociationEvent,
  type BizTransaction,
  type Destination,
  type EpcisEvent,
  type ErrorDeclaration,
  type EventType,
  EVENT_TYPES,
  type ExactJson,
  type ExactObject,
  isObject,
  type ObjectEvent,
  type Origin,
  type PersistentDisposition,
  type Place,
  type QuantityElement,
  type SensorElement,
  type SensorMetadata,
  type SensorReport,
  type Source,
  type TransactionEvent,
  type TransformationEvent,
} from "./event.ts";
export { eventHash, eventPrehash, type HashAlgorithm, type HashOptions, ignoredFields } from "./event-hash.ts";
export { type Gs1Id, parseUrn } from "./epc-urn.ts";
export { canonicalId, formOf, type IdForm, idProblem, toDigitalLink, toUrn } from "./identifier.ts";
export { canonicalTime, instantMs, isDateTime, isZoneOffset } from "./instant.ts";
export { type Issue, type Layer } from "./issue.ts";
export { jsonReader } from "./json-reader.ts";
export { jsonText, parseJson } from "./json-text.ts";
export {
  expandName,
  expandValue,
  type Namespaces,
  STANDARD_CONTEXT,
  STANDARD_NAMESPACES,
  withContext,
} from "./namespaces.ts";
export {
  firstOf,
  NO_PREFIX_LENGTHS,
  parsePrefixTable,
  type PrefixLengths,
  prefixLengths,
  prefixLengthsOf,
} from "./prefix-length.ts";
export { type DocumentReader, READ_LIMITS, type ReadEvent, type ReadLimits, type Shell } from "./reader.ts";
export type { EpcisCode } from "./refusal.ts";
export { isUri } from "./uri.ts";
export {
  isStandardEvent,
  validateDocument,
  validateEvent,
  validateShell,
  type Verdict,
} from "./validate.ts";
export { bareWord, type Vocabulary, VOCABULARIES, webUri } from "./vocabulary.ts";
export { xmlReader } from "./xml-reader.ts";
export { xmlFrame, type XmlFrame, xmlOfEvent } from "./xml-writer.ts";
