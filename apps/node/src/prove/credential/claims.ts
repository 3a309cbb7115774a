/**
 * What a credential claims about which thing, in one line each: so that a lot's page can say which claims are backed by
 * whom. Pure. Reads a hostile document: takes what has the expected form and passes over the rest, up to a limit.
 */
import { credential as contract } from "@holdfast/api";
import { type JsonObject, kindOf } from "@holdfast/credential";
import { canonicalId } from "@holdfast/epcis";
import type { Json } from "@holdfast/kernel";

type Role = contract.SubjectClaim["role"];

/** Claims kept of one credential; a passport has some dozens. */
export const CLAIMS_MAX = 1_000;
const SUBJECT_CHARACTERS_MAX = 2_000;
const CLAIM_CHARACTERS_MAX = 300;

/** Every claim with its subject, at most CLAIMS_MAX. */
export function claimsOf(credential: JsonObject): contract.SubjectClaim[] {
  const claims: contract.SubjectClaim[] = [];
  const add = (role: Role, id: Json | undefined, claim: string) => {
    if (typeof id !== "string" || id.length > SUBJECT_CHARACTERS_MAX || claims.length >= CLAIMS_MAX) return;
    claims.push({ subject: plain(canonicalId(id)), role, claim: plain(claim).slice(0, CLAIM_CHARACTERS_MAX) });
  };
  const subjects = objectsOf(credential["credentialSubject"]);
  switch (kindOf(credential)) {
    case "DigitalProductPassport":
      for (const product of subjects) addProduct(product, add);
      break;
    case "DigitalConformityCredential":
      for (const attestation of subjects) addAttestation(attestation, add);
      break;
    case "DigitalFacilityRecord":
      for (const facility of subjects) {
        add("facility", facility["id"], `is the facility ${nameOf(facility)}`);
        for (const claim of objectsOf(facility["performanceClaim"])) add("facility", facility["id"], nameOf(claim));
      }
      break;
    case "DigitalIdentityAnchor":
      for (const identity of subjects)
        add(
          identity["registerType"] === "facility" ? "facility" : "organisation",
          identity["id"],
          `is registered as ${word(identity["registeredName"])}, ${word(identity["registeredId"])}`,
        );
      break;
    case "DigitalTraceabilityEvent":
      for (const event of subjects) addEvent(event, add);
      break;
    case undefined:
      addOther(credential, subjects, add);
  }
  return claims;
}

type Add = (role: Role, id: Json | undefined, claim: string) => void;

function addProduct(product: JsonObject, add: Add): void {
  const { id } = product;
  const country = objectsOf(product["countryOfProduction"])[0]?.["countryCode"];
  add("product", id, country === undefined ? `is the product ${nameOf(product)}` : `was made in ${word(country)}`);
  for (const material of objectsOf(product["materialProvenance"])) {
    const origin = objectsOf(material["originCountry"])[0]?.["countryCode"];
    if (origin !== undefined) add("product", id, `contains ${nameOf(material)} from ${word(origin)}`);
  }
  for (const claim of objectsOf(product["performanceClaim"])) add("product", id, nameOf(claim));
}

function addAttestation(attestation: JsonObject, add: Add): void {
  const scheme = objectsOf(attestation["referenceScheme"])[0];
  const under = scheme ? `, under ${nameOf(scheme)}` : "";
  for (const assessment of objectsOf(attestation["conformityAssessment"])) {
    const verdict = assessment["conformance"] === false ? "does not conform" : "was assessed";
    const claim = `${verdict}: ${nameOf(assessment)}${under}`;
    for (const each of objectsOf(assessment["assessedProduct"]))
      for (const product of objectsOf(each["product"])) add("product", product["id"], claim);
    for (const each of objectsOf(assessment["assessedFacility"]))
      for (const facility of objectsOf(each["facility"])) add("facility", facility["id"], claim);
    for (const organisation of objectsOf(assessment["assessedOrganisation"]))
      add("organisation", organisation["id"], claim);
  }
  for (const holder of objectsOf(attestation["issuedToParty"]))
    add("organisation", holder["id"], `holds ${nameOf(attestation)}${under}`);
}

const EVENT_PRODUCTS = [
  ["inputProduct", "went into"],
  ["outputProduct", "came out of"],
  ["movedProduct", "was moved in"],
  ["modifiedProduct", "was changed in"],
] as const;

function addEvent(event: JsonObject, add: Add): void {
  for (const [list, what] of EVENT_PRODUCTS)
    for (const each of objectsOf(event[list]))
      for (const product of objectsOf(each["product"])) add("product", product["id"], `${what} ${nameOf(event)}`);
}

/** A credential of another kind: its subjects, and of an SD-JWT VC the claims themselves. */
function addOther(credential: JsonObject, subjects: readonly JsonObject[], add: Add): void {
  for (const subject of subjects) add("other", subject["id"], `is a subject of ${nameOf(credential)}`);
  if (subjects.length > 0) return;
  const id = credential["lot"] ?? credential["sub"];
  for (const [name, value] of Object.entries(credential))
    if (["string", "number", "boolean"].includes(typeof value) && !JWT_CLAIMS.includes(name) && value !== id)
      add("other", id, `${name}: ${word(value)}`);
}

const JWT_CLAIMS: readonly string[] = ["iss", "sub", "lot", "aud", "iat", "nbf", "exp", "jti", "vct", "nonce"];

function objectsOf(value: Json | undefined): readonly JsonObject[] {
  const list: readonly Json[] = Array.isArray(value) ? value : value === undefined ? [] : [value];
  return list.flatMap((each) => (isObject(each) ? [each] : []));
}

function isObject(value: Json): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function nameOf(object: JsonObject): string {
  return word(object["name"] ?? object["id"] ?? "something without a name");
}

function word(value: Json | undefined): string {
  return typeof value === "string" ? value : JSON.stringify(value ?? null);
}

/** Text as a database and a screen can hold it. */
export function plain(text: string): string {
  return text.toWellFormed().replace(/\p{Cc}/gu, "\u{fffd}");
}
