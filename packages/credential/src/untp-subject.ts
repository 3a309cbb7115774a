/** What the five UNTP 0.7.0 credentials are about: Product, ConformityAttestation, Facility, RegisteredIdentity and the lifecycle events. */
import { isList } from "./json.ts";
import { bool, date, dateTime, list, memberOf, oneOf, oneWord, record, text, uri, type ValueOf } from "./shape.ts";
import {
  address,
  blocksOf,
  claim,
  classification,
  conformityTopic,
  coordinate,
  country,
  dimension,
  type Edition,
  facilityReference,
  identifierScheme,
  image,
  link,
  material,
  measure,
  partyRole,
  period,
  plainReference,
  reference,
} from "./untp-part.ts";

export const ASSESSOR_LEVELS = [
  "self",
  "commercial",
  "buyer",
  "membership",
  "unspecified",
  "3rdParty",
  "hybrid",
] as const;
export const ASSESSMENT_LEVELS = [
  "authority-benchmark",
  "authority-mandate",
  "authority-globalmra",
  "authority-peer",
  "authority-extended-mra",
  "scheme-self",
  "scheme-cab",
  "no-endorsement",
] as const;
export const ATTESTATION_TYPES = [
  "certification",
  "declaration",
  "inspection",
  "testing",
  "verification",
  "validation",
  "calibration",
] as const;
export const REGISTER_TYPES = ["product", "facility", "business", "trademark", "land", "accreditation"] as const;
export const GRANULARITIES = ["model", "batch", "item"] as const;
export const DISPOSITIONS = [
  "new",
  "inTransit",
  "active",
  "repaired",
  "recalled",
  "expired",
  "consumed",
  "recycled",
  "disposed",
] as const;

const numbers = { modelNumber: text, batchNumber: text, itemNumber: text };

const packaging = record({
  type: ["Package"],
  required: { description: text, dimensions: dimension, materialUsed: list(material) },
  optional: { packageLabel: list(image), performanceClaim: list(claim) },
});

export const product = record({
  type: ["Product"],
  required: {
    id: uri,
    name: text,
    idScheme: identifierScheme,
    idGranularity: oneWord(GRANULARITIES),
    productCategory: list(classification),
    producedAtFacility: facilityReference,
    countryOfProduction: country,
  },
  optional: {
    description: text,
    ...numbers,
    productImage: link,
    characteristics: record({ type: ["Characteristics"], open: true }),
    relatedDocument: list(link),
    relatedParty: list(partyRole),
    productionDate: date,
    dimensions: dimension,
    materialProvenance: list(material),
    packaging,
    productLabel: list(image),
    performanceClaim: list(claim),
  },
});

export const facility = record({
  type: ["Facility"],
  required: {
    id: uri,
    name: text,
    countryOfOperation: country,
    processCategory: list(classification),
    locationInformation: record({
      type: ["Location"],
      optional: { plusCode: uri, geoLocation: coordinate, geoBoundary: list(coordinate) },
      open: true,
    }),
    address,
  },
  optional: {
    description: text,
    registeredId: text,
    idScheme: identifierScheme,
    relatedParty: list(partyRole),
    relatedDocument: list(link),
    facilityAlsoKnownAs: list(facilityReference),
    materialUsage: record({
      type: ["MaterialUsage"],
      required: { materialConsumed: list(material) },
      optional: { applicablePeriod: period },
    }),
    performanceClaim: list(claim),
  },
});

export function attestationOf(edition: Edition) {
  const blocks = blocksOf(edition);
  const typed = (name: string) => (edition === "april-2026" ? { type: [name] } : {});
  const endorsement = record({
    ...typed("Endorsement"),
    required: { name: text, issuingAuthority: reference("Party", { registeredId: text }) },
    optional: { trustmark: blocks.image, endorsementEvidence: blocks.link },
    open: true,
  });
  const assessment = record({
    type: ["ConformityAssessment"],
    required: {
      id: uri,
      name: text,
      assessmentCriteria: list(reference("Criterion")),
      assessmentDate: date,
      assessedPerformance: list(blocks.performance),
      conformityTopic: list(conformityTopic),
    },
    optional: {
      description: text,
      assessedProduct: list(
        record({
          ...typed("ProductVerification"),
          required: { product: reference("Product", numbers) },
          optional: { idVerifiedByCAB: bool },
          open: true,
        }),
      ),
      assessedFacility: list(
        record({
          ...typed("FacilityVerification"),
          required: { facility: facilityReference },
          optional: { idVerifiedByCAB: bool },
          open: true,
        }),
      ),
      assessedOrganisation: reference("Party"),
      referenceStandard: list(reference("Standard")),
      referenceRegulation: list(reference("Regulation")),
      specifiedCondition: list(text),
      evidence: list(blocks.link),
      conformance: bool,
    },
    open: true,
  });
  return record({
    type: ["ConformityAttestation"],
    required: {
      id: uri,
      name: text,
      assessorLevel: oneWord(ASSESSOR_LEVELS),
      assessmentLevel: oneWord(ASSESSMENT_LEVELS),
      attestationType: oneWord(ATTESTATION_TYPES),
      issuedToParty: reference("Party", { registeredId: text, description: text }),
      referenceScheme: reference("ConformityScheme"),
    },
    optional: {
      description: text,
      authorisation: list(endorsement),
      referenceProfile: reference("ConformityProfile"),
      profileScore: blocks.score,
      conformityCertificate: blocks.link,
      auditableEvidence: blocks.link,
      trustmark: blocks.image,
      conformityAssessment: list(assessment),
    },
    ...(edition === "published" ? { open: true } : {}),
  });
}

const registered = {
  id: uri,
  registeredName: text,
  registeredId: text,
  registeredDate: date,
  registerType: oneWord(REGISTER_TYPES),
};
const closedScheme = record({ type: ["IdentifierScheme"], required: { id: uri, name: text } });
const aboutRegister = { publicInformation: uri, registrationScope: list(uri) };

/** Who is registered: the scheme is `idScheme` in the April edition and `schemeId` in the published one. */
export const registeredIdentity = {
  "april-2026": record({
    type: ["RegisteredIdentity"],
    required: { ...registered, idScheme: closedScheme },
    optional: { ...aboutRegister, registrar: reference("Party") },
    open: true,
  }),
  published: record({
    type: ["RegisteredIdentity"],
    required: { ...registered, schemeId: closedScheme },
    optional: { ...aboutRegister, registrar: plainReference },
    open: true,
  }),
} as const;

const eventProduct = record({
  type: ["EventProduct"],
  required: {
    product: record({
      type: ["Product"],
      required: { id: uri, name: text, idGranularity: oneWord(GRANULARITIES) },
      optional: numbers,
      open: true,
    }),
  },
  optional: { quantity: measure, disposition: oneWord(DISPOSITIONS) },
});

const sensorData = record({
  type: ["SensorData"],
  required: { metric: reference("PerformanceMetric"), measure: list(measure) },
  optional: { rawData: list(link), sensor: reference("Product"), geoLocation: coordinate },
});

const eventRequired = { id: uri, name: text, eventDate: dateTime, activityType: classification };
const eventOptional = {
  description: text,
  sensorData: list(sensorData),
  relatedDocument: list(link),
  relatedParty: list(partyRole),
};

export const makeEvent = record({
  type: ["MakeEvent", "LifecycleEvent"],
  required: {
    ...eventRequired,
    inputProduct: list(eventProduct),
    outputProduct: list(eventProduct),
    madeAtFacility: reference("Facility"),
  },
  optional: eventOptional,
  open: true,
});

export const moveEvent = record({
  type: ["MoveEvent", "LifecycleEvent"],
  required: {
    ...eventRequired,
    movedProduct: list(eventProduct),
    fromFacility: reference("Facility"),
    toFacility: reference("Facility"),
  },
  optional: { ...eventOptional, consignmentId: uri },
  open: true,
});

export const modifyEvent = record({
  type: ["ModifyEvent", "LifecycleEvent"],
  required: { ...eventRequired, modifiedProduct: list(eventProduct), modifiedAtFacility: reference("Facility") },
  optional: eventOptional,
  open: true,
});

export type LifecycleEvent = ValueOf<typeof makeEvent> | ValueOf<typeof moveEvent> | ValueOf<typeof modifyEvent>;

export const lifecycleEvent = oneOf<LifecycleEvent>(
  { MakeEvent: makeEvent, MoveEvent: moveEvent, ModifyEvent: modifyEvent },
  (value) => {
    const types = memberOf(value, "type");
    const named = isList(types)
      ? types.find((type) => typeof type === "string" && type !== "LifecycleEvent")
      : undefined;
    return typeof named === "string" ? named : undefined;
  },
);

export type Product = ValueOf<typeof product>;
export type Facility = ValueOf<typeof facility>;
export type ConformityAttestation = ValueOf<ReturnType<typeof attestationOf>>;
export type RegisteredIdentity = ValueOf<(typeof registeredIdentity)["april-2026" | "published"]>;
