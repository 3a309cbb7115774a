/** Contents of the credential package: credentials issued, secured, verified, revoked and shown in part. */
export {
  addProof,
  type DataIntegrityProof,
  EDDSA_JCS_2022,
  proofsOf,
  readProof,
  verifyProof,
} from "./data-integrity.ts";
export {
  didDocument,
  didOf,
  type DidResolution,
  type DidResolver,
  type Method,
  methodKey,
  methodsOf,
  type Purpose,
  resolveKey,
} from "./did-document.ts";
export { didKeyOf, didKeyUrl, keyOfDidKey, keyOfMultikey, multikeyOf } from "./did-key.ts";
export { didWebOf, didWebUrl } from "./did-web.ts";
export {
  contentOf,
  type Dossier,
  DOSSIER_FORMAT,
  type DossierPart,
  MAX_DOSSIER_BYTES,
  MAX_DOSSIER_PARTS,
  openDossier,
  type PartInput,
  type Seal,
  sealDossier,
} from "./dossier.ts";
export { redactDossier, type Redaction } from "./dossier-redaction.ts";
export {
  type DossierClaim,
  type DossierPorts,
  type DossierVerification,
  verifyDossier,
} from "./dossier-verification.ts";
export { instantMs } from "./instant.ts";
export type { Issue, Layer } from "./issue.ts";
export { type JsonObject, MAX_JSON_BYTES, MAX_JSON_DEPTH, parseJson, parseJsonObject } from "./json.ts";
export { type ClaimKey, jwkOf, jwkThumbprint, keyOfJwk } from "./jwk.ts";
export { type ClaimSigner, type Jws, type JwsAlgorithm, parseJws, signJws, verifyJws } from "./jws.ts";
export { bindKey, type Challenge, checkKeyBinding } from "./key-binding.ts";
export type { CredentialCode, CredentialResult } from "./refusal.ts";
export { attempt, attemptAsync, CredentialProblem } from "./refusal.ts";
export {
  concealClaims,
  type Concealment,
  disclosureDigest,
  formatSdJwt,
  openClaims,
  type OpenedClaims,
  parseSdJwt,
  type SdJwt,
  selectDisclosures,
} from "./sd-jwt.ts";
export { issueSdJwt, presentSdJwt } from "./sd-jwt-vc.ts";
export {
  MAX_LIST_BYTES,
  MIN_LIST_BITS,
  readStatusList,
  type StatusEntry,
  statusEntries,
  type StatusList,
  statusListCredential,
  statusOf,
  type StatusPurpose,
  withBits,
} from "./status-list.ts";
export {
  checkForm,
  type DigitalConformityCredential,
  type DigitalFacilityRecord,
  type DigitalIdentityAnchor,
  type DigitalProductPassport,
  type DigitalTraceabilityEvent,
  type FormVerdict,
  kindOf,
  UNTP_CONTEXT,
  UNTP_KINDS,
  type UntpKind,
} from "./untp.ts";
export type { ConformityAttestation, Facility, LifecycleEvent, Product, RegisteredIdentity } from "./untp-subject.ts";
export { envelope, issueVcJwt, issuerOf, parseVcJwt, unwrapEnvelope, type VcJwt } from "./vc-jose.ts";
export { VC_CONTEXT } from "./vcdm.ts";
export type { Check, CheckName, CheckState, CredentialVerdict } from "./verification.ts";
export {
  claimsIn,
  type Securing,
  type StatusAnswer,
  type Verification,
  verifyCredential,
  type VerifyPorts,
} from "./verify.ts";
