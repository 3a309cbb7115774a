/**
 * The building blocks of the UNTP 0.7.0 schemas. Two editions of them are in use: `april-2026`, in which every block may
 * carry its `type` and is closed, and `published`, in which some lost their `type` and some were opened. A document is
 * read by one edition as a whole; they are never mixed.
 */
import { bool, base64, date, list, number, oneWord, record, type Shape, text, uri } from "./shape.ts";

export type Edition = "april-2026" | "published";

/** A reference by id and name, as UNTP points at what is described elsewhere. */
export function reference<O extends Readonly<Record<string, Shape>> = Record<never, never>>(
  type: string,
  optional?: O,
) {
  return record({ type: [type], required: { id: uri, name: text }, optional: optional ?? ({} as O), open: true }); // no members is every O's default
}

/** As above without a `type` of its own. */
export const plainReference = record({ required: { id: uri, name: text }, open: true });

export const identifierScheme = reference("IdentifierScheme");
export const facilityReference = reference("Facility", { registeredId: text });

/** The blocks that the editions spell differently. */
export function blocksOf(edition: Edition) {
  const typed = (name: string) => (edition === "april-2026" ? { type: [name] } : {});
  const link = record({
    ...typed("Link"),
    required: { linkURL: uri, linkName: text },
    optional: { digestMultibase: text, mediaType: text, linkType: text },
  });
  const measure = record({
    ...typed("Measure"),
    required: { value: number(), unit: text },
    optional: { upperTolerance: number(), lowerTolerance: number() },
  });
  const image = record({
    ...typed("Image"),
    required: { name: text, imageData: base64, mediaType: text },
    optional: { description: text },
  });
  const score = record({
    ...typed("Score"),
    required: { code: text },
    optional: { rank: number({ integer: true }), definition: text },
  });
  const performance = record({
    ...typed("Performance"),
    optional: { metric: reference("PerformanceMetric"), measure, score },
    needs: [["measure", "metric"]],
  });
  return { link, measure, image, score, performance };
}

export const { link, measure, image, performance } = blocksOf("april-2026");

export const classification = record({
  type: ["Classification"],
  required: { code: text, name: text, schemeId: uri, schemeName: text },
  optional: { definition: text },
});

export const country = record({ type: ["Country"], required: { countryCode: text }, optional: { countryName: text } });

export const address = record({
  type: ["Address"],
  required: {
    streetAddress: text,
    postalCode: text,
    addressLocality: text,
    addressRegion: text,
    addressCountry: country,
  },
});

export const party = record({
  type: ["Party"],
  required: { id: uri, name: text },
  optional: {
    description: text,
    registeredId: text,
    idScheme: identifierScheme,
    registrationCountry: country,
    partyAddress: address,
    organisationWebsite: uri,
    industryCategory: list(classification),
    partyAlsoKnownAs: list(reference("Party", { registeredId: text })),
  },
  open: true,
});

export const PARTY_ROLES = [
  "owner",
  "producer",
  "manufacturer",
  "processor",
  "remanufacturer",
  "recycler",
  "operator",
  "serviceProvider",
  "inspector",
  "certifier",
  "logisticsProvider",
  "carrier",
  "consignor",
  "consignee",
  "importer",
  "exporter",
  "distributor",
  "retailer",
  "brandOwner",
  "regulator",
] as const;

export const partyRole = record({ type: ["PartyRole"], required: { role: oneWord(PARTY_ROLES), party } });

export const dimension = record({
  type: ["Dimension"],
  optional: { weight: measure, length: measure, width: measure, height: measure, volume: measure },
  open: true,
});

export const material = record({
  type: ["Material"],
  required: {
    name: text,
    originCountry: country,
    materialType: classification,
    massFraction: number({ min: 0, max: 1 }),
  },
  optional: {
    mass: measure,
    recycledMassFraction: number({ min: 0, max: 1 }),
    hazardous: bool,
    symbol: image,
    materialSafetyInformation: link,
  },
  open: true,
});

export const period = record({
  type: ["Period"],
  required: { startDate: date, endDate: date },
  optional: { periodInformation: text },
});

export const conformityTopic = record({
  type: ["ConformityTopic"],
  required: { id: uri, name: text },
  optional: { definition: text },
});

export const claim = record({
  type: ["Claim"],
  required: {
    id: uri,
    name: text,
    referenceCriteria: list(reference("Criterion")),
    claimDate: date,
    claimedPerformance: list(performance),
    conformityTopic: list(conformityTopic),
  },
  optional: {
    description: text,
    referenceRegulation: list(reference("Regulation")),
    referenceStandard: list(reference("Standard")),
    applicablePeriod: period,
    evidence: list(link),
  },
});

export const coordinate = record({
  type: ["Coordinate"],
  required: { latitude: number({ min: -90, max: 90 }), longitude: number({ min: -180, max: 180 }) },
});
