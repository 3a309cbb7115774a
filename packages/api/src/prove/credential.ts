/**
 * Credentials: what others attested and this node received, and what it issued itself. What is found out about one is
 * three-valued: valid, invalid, or not checked with the reason, which is never read as valid. The DID document and the
 * status lists of the node are served at their standards' own paths and are not here.
 */
import { z } from "zod";
import { page, pageQuery } from "../page.ts";
import { route } from "../route.ts";

const tag = "prove/credential";
const id = z.uuid();
const instant = z.iso.datetime();

/** The largest credential that is taken: a product passport has some 20 kB. */
export const CREDENTIAL_CHARACTERS_MAX = 500_000;
export const CONCEALED_PATHS_MAX = 500;

export const credentialProblems = {
  "credential/not-found": 404,
  "credential/known": 409,
  "credential/not-ours": 409,
  "credential/not-revocable": 409,
  "credential/already-revoked": 409,
  "credential/no-key": 503,
  "credential/status-full": 503,
  // what packages/credential refuses
  "credential/json": 422,
  "credential/encoding": 422,
  "credential/did": 422,
  "credential/key": 422,
  "credential/jose": 422,
  "credential/signature": 422,
  "credential/proof": 422,
  "credential/unsupported": 422,
  "credential/form": 422,
  "credential/status": 422,
  "credential/sd-jwt": 422,
  "credential/key-binding": 422,
  "credential/dossier": 422,
} as const;

export const KINDS = [
  "DigitalProductPassport",
  "DigitalConformityCredential",
  "DigitalFacilityRecord",
  "DigitalIdentityAnchor",
  "DigitalTraceabilityEvent",
] as const;
export const verdict = z.enum(["valid", "invalid", "not-checked"]);
export const SECURINGS = ["vc+jwt", "eddsa-jcs-2022", "vc+sd-jwt"] as const;

export const check = z.object({
  check: z.enum(["form", "proof", "issuer", "period", "status", "holder"]),
  state: z.enum(["passed", "failed", "not-checked"]),
  reason: z.string(),
});

export const credential = z.object({
  id,
  direction: z.enum(["issued", "received"]),
  kind: z.string().nullable().describe("the UNTP kind; null for a credential of another kind"),
  title: z.string(),
  issuer: z.string(),
  issuerName: z.string().nullable(),
  validFrom: instant.nullable(),
  validUntil: instant.nullable(),
  verdict: verdict.describe("as of now: what expired since the last check is invalid"),
  reason: z.string().describe("why it is not valid, or what its validity rests on"),
  checkedAt: instant.describe("when its proof was last verified"),
  statusCheckedAt: instant.nullable().describe("when its status list was last read; null when never"),
  revokedAt: instant.nullable(),
  addedAt: instant,
  addedByName: z.string(),
});
export type Credential = z.output<typeof credential>;

export const subjectClaim = z.object({
  subject: z.string().describe("canonical: both spellings of a GS1 key are one"),
  role: z.enum(["product", "facility", "organisation", "other"]),
  claim: z.string(),
});
export type SubjectClaim = z.output<typeof subjectClaim>;

export const credentialDetail = credential.extend({
  securing: z.string(),
  sha256: z.string().describe("of the credential's text; the ledger holds it"),
  checks: z.array(check),
  claims: z.array(subjectClaim),
  withheldCount: z.int().describe("claims and decoys that a selective disclosure does not show"),
  content: z.unknown().describe("the credential itself, as far as it is shown"),
});
export type CredentialDetail = z.output<typeof credentialDetail>;

const params = z.object({ id });
const subjectId = z.string().min(1).max(2_000);

export const listCredentials = route({
  id: "listCredentials",
  method: "GET",
  path: "/api/prove/credentials",
  tag,
  summary: "Credentials issued and received, newest first",
  action: "credential:read",
  query: pageQuery.extend({
    direction: z.enum(["issued", "received"]).optional(),
    kind: z.enum(KINDS).optional(),
    subject: subjectId.optional().describe("a lot, serial, site or organisation, in either spelling"),
  }),
  status: 200,
  answer: page(credential),
});

export const getCredential = route({
  id: "getCredential",
  method: "GET",
  path: "/api/prove/credentials/:id",
  tag,
  summary: "One credential: what was checked, what it claims, and of what",
  action: "credential:read",
  params,
  status: 200,
  answer: credentialDetail,
});

export const downloadCredential = route({
  id: "downloadCredential",
  method: "GET",
  path: "/api/prove/credentials/:id/document",
  tag,
  summary: "The credential as it was issued or received, character for character",
  action: "credential:read",
  params,
  status: 200,
  download: { contentType: "text/plain; charset=utf-8" },
});

export const backedClaim = subjectClaim.extend({
  credential: id,
  kind: z.string().nullable(),
  title: z.string(),
  issuer: z.string(),
  issuerName: z.string().nullable(),
  verdict,
  reason: z.string(),
  validUntil: instant.nullable(),
});
export type BackedClaim = z.output<typeof backedClaim>;

export const listBackedClaims = route({
  id: "listBackedClaims",
  method: "GET",
  path: "/api/prove/credential-claims",
  tag,
  summary: "Which claims about one subject are backed by which credential, by whom, until when",
  action: "credential:read",
  query: z.object({ subject: subjectId }),
  status: 200,
  answer: z.object({ items: z.array(backedClaim) }),
});

export const receiveCredential = route({
  id: "receiveCredential",
  method: "POST",
  path: "/api/prove/credentials",
  tag,
  summary: "Takes in a credential of someone else; what cannot be checked at once is checked by a job",
  action: "credential:receive",
  body: z.strictObject({ text: z.string().min(2).max(CREDENTIAL_CHARACTERS_MAX) }),
  creates: true,
  status: 201,
  answer: credentialDetail,
});

export const checkCredential = route({
  id: "checkCredential",
  method: "POST",
  path: "/api/prove/credentials/:id/check",
  tag,
  summary: "Verifies again, as a job; asks outside only hosts that the configuration allows",
  action: "credential:receive",
  params,
  status: 202,
  answer: z.object({ jobId: id }),
});

export const issueCredential = route({
  id: "issueCredential",
  method: "POST",
  path: "/api/prove/credentials/issue",
  tag,
  summary: "Issues a UNTP credential in this node's name",
  action: "credential:issue",
  body: z.strictObject({
    kind: z.enum(KINDS),
    name: z.string().trim().min(1).max(300),
    /** What the credential is about, in the words of the kind's schema. */
    credentialSubject: z.union([z.record(z.string(), z.unknown()), z.array(z.record(z.string(), z.unknown()))]),
    validFrom: instant.optional(),
    validUntil: instant.optional(),
    securing: z.enum(SECURINGS).default("vc+jwt"),
    /** JSON Pointers into the credential; only for vc+sd-jwt. */
    conceal: z
      .array(
        z
          .string()
          .regex(/^\/credentialSubject\//)
          .max(500),
      )
      .max(CONCEALED_PATHS_MAX)
      .default([]),
  }),
  creates: true,
  status: 201,
  answer: credentialDetail,
});

export const revokeCredential = route({
  id: "revokeCredential",
  method: "POST",
  path: "/api/prove/credentials/:id/revoke",
  tag,
  summary: "Revokes a credential of this node for good; the status list says so at once",
  action: "credential:issue",
  params,
  body: z.strictObject({ reason: z.string().trim().min(3).max(2_000) }),
  creates: true,
  status: 201,
  answer: credentialDetail,
});

export const getCredentialIssuer = route({
  id: "getCredentialIssuer",
  method: "GET",
  path: "/api/prove/credential-issuer",
  tag,
  summary: "In whose name this node issues, and which hosts it may ask about credentials of others",
  action: "credential:read",
  status: 200,
  answer: z.object({
    did: z.string(),
    didDocument: z.string().nullable().describe("where the DID document is served; null for a did:key"),
    allowedHosts: z.array(z.string()),
    statusLists: z.array(z.object({ url: z.string(), credentials: z.int(), revoked: z.int() })),
  }),
});

export const credentialRoutes = [
  listCredentials,
  getCredential,
  downloadCredential,
  listBackedClaims,
  receiveCredential,
  checkCredential,
  issueCredential,
  revokeCredential,
  getCredentialIssuer,
] as const;
