/** Contents of the STIX package: STIX 2.1 objects, their markings and versions, patterns, redaction. */
export { type Net, parseNet } from "./address.ts";
export { deterministicId } from "./deterministic-id.ts";
export { MAX_DOCUMENT_BYTES, parseDocument } from "./document.ts";
export type { ErrorRule, Finding, Verdict, WarningRule } from "./finding.ts";
export { parseIdentifier, typeOfId } from "./identifier.ts";
export {
  combineIep,
  type Iep,
  IEP_EXTENSION,
  iepOfMarking,
  type IepTerms,
  isInForce,
  parseIep,
  type PermittedActions,
} from "./iep.ts";
export { validateInterop } from "./interop.ts";
export { granularMarkings, type Handling, handlingOf, markingsAt, type MarkingsAt, markingsWithin } from "./marking.ts";
export { classOfType, isStixObject, type ObjectClass, type StixObject } from "./object-type.ts";
export { evaluatePattern, type PatternVerdict } from "./pattern/evaluate.ts";
export { type Observation, readObservation, readObservations } from "./pattern/observation.ts";
export { parsePattern } from "./pattern/parse.ts";
export { type BlockHits, PatternIndex } from "./pattern/pattern-index.ts";
export type { Pattern } from "./pattern/syntax.ts";
export type { StixCode } from "./problem-code.ts";
export {
  redact,
  type Redacted,
  type RedactedField,
  type RedactionContext,
  type RedactionStep,
} from "./redact.ts";
export { redactBundle, type RedactedBundle } from "./redact-bundle.ts";
export { type Ceiling, stepsForCeiling } from "./redact-marking.ts";
export { type Reference, referencesOf } from "./reference.ts";
export { parseSelector, selects, type SelectorStep } from "./selector.ts";
export { compileRegex, type Regex } from "./regex/regex.ts";
export { isSuggestedRelationship } from "./sro-rule.ts";
export { compareTimestamps, type Instant, isTimestamp, microsecondsOf, parseTimestamp } from "./timestamp.ts";
export {
  compareTlp,
  strictestTlp,
  TLP2_EXTENSION,
  TLP_LEVELS,
  type TlpLevel,
  tlpMarking,
  tlpMarkingId,
  tlpOfId,
} from "./tlp.ts";
export { validateObject, validateStix } from "./validate.ts";
export {
  canonicalBytes,
  compareVersions,
  contentBytes,
  derivativeOf,
  isSameContent,
  newestVersions,
  newVersion,
  revoke,
  type VersionChange,
  versionOf,
  type VersionSet,
} from "./version.ts";
export { formatAdded, nextAdded, parseAdded } from "./taxii/added.ts";
export {
  findCollections,
  pollCollection,
  type PolledPage,
  type PollOptions,
  pushObjects,
  type PushOutcome,
  type TaxiiReply,
  type TaxiiRequest,
  type TaxiiTransport,
} from "./taxii/client.ts";
export {
  type Cursor,
  type CursorUse,
  decodeCursor,
  encodeCursor,
  type Mac,
  type Page,
  pageOf,
} from "./taxii/cursor.ts";
export { acceptsTaxii, isTaxiiContent, STIX_MEDIA_TYPE, TAXII_MEDIA_TYPE } from "./taxii/media-type.ts";
export {
  type ApiRoot,
  apiRootOf,
  type Collection,
  dateAddedHeaders,
  type Discovery,
  type Envelope,
  envelopeOf,
  errorOf,
  type Manifest,
  manifestOf,
  type ManifestRecord,
  type Status,
  type StatusItem,
  statusOf,
  type TaxiiError,
  type Versions,
  versionsOf,
} from "./taxii/message.ts";
export { parseQuery, selectEntries, type TaxiiEntry, type TaxiiMatch, type TaxiiQuery } from "./taxii/query.ts";
export {
  readApiRoot,
  readCollection,
  readCollections,
  readDiscovery,
  readEnvelope,
  readManifest,
  type ReadManifest,
  type ReadPage,
  readStatus,
} from "./taxii/read-message.ts";
export { advanceWalk, requestOf, startWalk, type WalkPage, type WalkState } from "./taxii/walk.ts";
export { type CsafAdvisory, readCsaf } from "./csaf.ts";
export { affectedBy, type AffectedAnswer, type AffectedRule, type InstalledVersions } from "./csaf-affected.ts";
export type { CsafProduct, CsafRelationship } from "./csaf-product.ts";
export type { CsafNote } from "./csaf-value.ts";
export type { CsafProductStatus, CsafRemediation, CsafScore, CsafVulnerability } from "./csaf-vulnerability.ts";
export { compareKev, type KevCatalogue, type KevDifference, type KevEntry, readKev } from "./kev.ts";
export { compareProductVersions, parseProductVersion, type ProductVersion } from "./product-version.ts";
export { isInRange, parseVersionRange, type VersionRange } from "./version-range.ts";
