/**
 * Verifies a credential in any form that this package reads: `vc+jwt`, `vc+sd-jwt` and `dc+sd-jwt`, an envelope of one of
 * them, or JSON with Data Integrity proofs. Clock, DID documents, status lists and cryptography are arguments; what they
 * cannot give is `not checked`, never passed. A hostile input costs bounded time: sizes are capped before work begins.
 */
import { nobleVerifier, type Verifier } from "@holdfast/tlog";
import { proofsOf, readProof, verifyProof } from "./data-integrity.ts";
import { didOf, type DidResolver, resolveKey } from "./did-document.ts";
import { instantMs } from "./instant.ts";
import type { Issue } from "./issue.ts";
import { fromUtf8, type JsonObject, MAX_JSON_BYTES, parseJsonObject, without } from "./json.ts";
import { type Jws, parseJws, verifyJws } from "./jws.ts";
import { checkKeyBinding, type Challenge } from "./key-binding.ts";
import { attempt, CredentialProblem, refuse, shown } from "./refusal.ts";
import { openClaims, parseSdJwt, type SdJwt } from "./sd-jwt.ts";
import { readStatusList, statusEntries, type StatusEntry, statusOf } from "./status-list.ts";
import { checkForm, type UntpKind } from "./untp.ts";
import { issuerOf, parseVcJwt, seconds, unwrapEnvelope, VC_SD_JWT } from "./vc-jose.ts";
import { type Check, type CredentialVerdict, failed, notChecked, passed, verdictOf } from "./verification.ts";

/** The credential of a status list, as found at its URL; its own proof is verified here. */
export type StatusAnswer =
  | { readonly state: "found"; readonly text: string }
  | { readonly state: "failed" | "not-checked"; readonly reason: string };

export interface VerifyPorts {
  readonly at: Date;
  readonly resolveDid: DidResolver;
  readonly fetchStatus: (url: string) => Promise<StatusAnswer>;
  readonly verifier?: Verifier;
  /** What the holder of an SD-JWT was asked; without it a key binding is not asked for. */
  readonly challenge?: Challenge;
}

export type Securing = "vc+jwt" | "sd-jwt" | "data-integrity" | "none";

export interface Verification {
  readonly verdict: CredentialVerdict;
  readonly checks: readonly Check[];
  readonly securing: Securing;
  /** The claims; not to be believed unless the verdict says so. */
  readonly credential: JsonObject;
  readonly kind: UntpKind | undefined;
  readonly issuer: string;
  /** The DID URL of the key that signed it, where it names one. */
  readonly verificationMethod: string | undefined;
  readonly validFrom: string | undefined;
  readonly validUntil: string | undefined;
  readonly issues: readonly Issue[];
  /** Of an SD-JWT: claims and decoys that were not shown. */
  readonly withheldCount: number;
}

/** What reading gave, before anything is believed. */
interface Read {
  readonly securing: Securing;
  readonly credential: JsonObject;
  readonly jws?: Jws;
  readonly sdJwt?: { readonly parts: SdJwt; readonly payload: JsonObject; readonly isVc: boolean };
  readonly notBefore?: number | undefined;
  readonly expires?: number | undefined;
  readonly withheldCount: number;
}

/** @throws CredentialProblem when `text` is no credential at all; everything else is a check */
export async function verifyCredential(text: string, ports: VerifyPorts): Promise<Verification> {
  const read = readCredential(text);
  const { credential, securing, withheldCount } = read;
  const issuer = issuerClaim(read);
  const { check: form, kind, issues } = formCheck(read);
  const proofs = await proofChecks(read, issuer, ports);
  const checks = [
    form,
    ...proofs.checks,
    periodCheck(read, proofs.expiresMs, ports.at),
    ...(await statusChecks(read, issuer, ports)),
  ];
  if (read.sdJwt) checks.push(...holderChecks(read.sdJwt, ports));
  return {
    verdict: verdictOf(checks),
    checks,
    securing,
    credential,
    kind,
    issuer,
    verificationMethod: proofs.verificationMethod,
    validFrom: startOf(read),
    validUntil: endOf(read),
    issues,
    withheldCount,
  };
}

/**
 * The claims of a credential in any form, not verified: to learn its id, its issuer or its place in a list.
 * @throws CredentialProblem when `text` is no credential
 */
export function claimsIn(text: string): JsonObject {
  return readCredential(text).credential;
}

function readCredential(given: string): Read {
  const text = given.trim();
  if (text.length > 2 * MAX_JSON_BYTES) refuse("credential/json", `\`${text.length}\` characters are too many`);
  if (!text.startsWith("{")) return text.includes("~") ? readSdJwt(text) : readVcJwt(text);
  const document = parseJsonObject(text);
  const enveloped = unwrapEnvelope(document);
  if (enveloped !== undefined) return enveloped.includes("~") ? readSdJwt(enveloped) : readVcJwt(enveloped);
  return { securing: "proof" in document ? "data-integrity" : "none", credential: document, withheldCount: 0 };
}

function readVcJwt(text: string): Read {
  const { jws, credential, notBefore, expires } = parseVcJwt(text);
  return { securing: "vc+jwt", credential, jws, notBefore, expires, withheldCount: 0 };
}

/** The types of SD-JWT credentials: the IETF's own, in its new and old spelling, and the W3C's. */
const SD_TYPES: readonly string[] = ["dc+sd-jwt", VC_SD_JWT];
/** What an SD-JWT VC never discloses selectively (draft-ietf-oauth-sd-jwt-vc 3.2.2.2). */
export const ALWAYS_OPEN: readonly string[] = [
  "/iss",
  "/nbf",
  "/exp",
  "/cnf",
  "/vct",
  "/status",
  "/issuer",
  "/validFrom",
  "/validUntil",
  "/credentialStatus",
  "/type",
  "/@context",
];

function readSdJwt(text: string): Read {
  const parts = parseSdJwt(text);
  const jws = parseJws(parts.jws);
  const { typ } = jws.header;
  if (typeof typ !== "string" || !SD_TYPES.includes(typ))
    refuse("credential/sd-jwt", `\`typ\` is ${shown(String(typ))}, not \`dc+sd-jwt\` or \`${VC_SD_JWT}\``);
  const payload = parseJsonObject(fromUtf8(jws.payload));
  const { claims, disclosed, withheldCount } = openClaims(payload, parts.disclosures);
  const hidden = disclosed.find(({ path }) => ALWAYS_OPEN.includes(path));
  if (hidden) refuse("credential/sd-jwt", `${shown(hidden.path)} must not be concealed`);
  const isVc = "@context" in claims;
  return {
    securing: "sd-jwt",
    credential: claims,
    jws,
    sdJwt: { parts, payload, isVc },
    notBefore: seconds(claims, "nbf"),
    expires: seconds(claims, "exp"),
    withheldCount,
  };
}

function issuerClaim({ credential, sdJwt }: Read): string {
  if (!sdJwt || sdJwt.isVc) return issuerOf(credential);
  const { iss } = credential;
  return typeof iss === "string" ? iss : refuse("credential/sd-jwt", "the credential has no `iss`");
}

/** A partly shown credential lacks what its schema requires, so only what is there can be judged. */
function formCheck({ credential, sdJwt, withheldCount }: Read): {
  check: Check;
  kind: UntpKind | undefined;
  issues: readonly Issue[];
} {
  if (sdJwt && !sdJwt.isVc) {
    const good = typeof credential["vct"] === "string" && credential["vct"] !== "";
    const check = good ? passed("form", "an SD-JWT VC with its type") : failed("form", "an SD-JWT VC has a `vct`");
    return { check, kind: undefined, issues: [] };
  }
  const verdict = checkForm(without(credential, "proof"));
  const { kind } = verdict;
  const issues = verdict.issues.filter(({ rule }) => withheldCount === 0 || (rule !== "required" && rule !== "one-of"));
  const [first] = issues.filter(({ note }) => !note);
  const what = kind ?? "VC Data Model 2.0";
  if (first) return { check: failed("form", `${what}: ${shown(first.path || "/")}: ${first.reason}`), kind, issues };
  const partly = withheldCount > 0 ? ", as far as it is shown" : "";
  return { check: passed("form", `it has the form of ${what}${partly}`), kind, issues };
}

interface ProofOutcome {
  readonly checks: readonly Check[];
  readonly verificationMethod: string | undefined;
  readonly expiresMs?: number | undefined;
}

async function proofChecks(read: Read, issuer: string, ports: VerifyPorts): Promise<ProofOutcome> {
  if (read.jws) return jwsChecks(read.jws, issuer, ports);
  if (read.securing === "none")
    return { checks: [failed("proof", "nobody signed it: it has no proof")], verificationMethod: undefined };
  return embeddedChecks(read.credential, issuer, ports);
}

async function jwsChecks(jws: Jws, issuer: string, ports: VerifyPorts): Promise<ProofOutcome> {
  const { kid, algorithm } = jws;
  if (kid === undefined)
    return { checks: [failed("proof", "the header names no key (`kid`)")], verificationMethod: undefined };
  const method = kid.startsWith("#") ? `${issuer}${kid}` : kid;
  return asChecks(method, async () => {
    const resolved = await resolveKey(method, ports.resolveDid);
    if (resolved.state !== "found") return unresolved(resolved);
    const good = verifyJws(jws, resolved.key, ports.verifier ?? nobleVerifier);
    const proof = good
      ? passed("proof", `${algorithm} signature by the key ${shown(method)}`)
      : failed("proof", `the ${algorithm} signature does not verify with the key ${shown(method)}`);
    return { checks: [proof, issuerCheck(method, issuer)], verificationMethod: method };
  });
}

/** Each proof is judged; the credential is its issuer's when one of them is by the issuer's key. */
async function embeddedChecks(credential: JsonObject, issuer: string, ports: VerifyPorts): Promise<ProofOutcome> {
  const outcomes: ProofOutcome[] = [];
  const read = attempt(() => proofsOf(credential));
  if (!read.ok) return { checks: [failed("proof", read.problem.message)], verificationMethod: undefined };
  const proofs = read.value;
  if (proofs.length === 0) return { checks: [failed("proof", "it has no proof")], verificationMethod: undefined };
  for (const each of proofs)
    outcomes.push(
      await asChecks(undefined, async () => {
        const proof = readProof(credential, each);
        const { verificationMethod: method, expiresMs } = proof;
        const resolved = await resolveKey(method, ports.resolveDid);
        if (resolved.state !== "found") return { ...unresolved(resolved), verificationMethod: method };
        const good = verifyProof(proof, resolved.key, ports.verifier ?? nobleVerifier);
        const check = good
          ? passed("proof", `${proof.cryptosuite} proof by the key ${shown(method)}`)
          : failed("proof", `the ${proof.cryptosuite} proof does not verify with the key ${shown(method)}`);
        return { checks: [check], verificationMethod: method, expiresMs };
      }),
    );
  const byIssuer =
    outcomes.find(({ verificationMethod }) => verificationMethod?.startsWith(`${issuer}#`)) ?? outcomes[0];
  const method = byIssuer?.verificationMethod;
  const ends = outcomes.flatMap(({ expiresMs }) => (expiresMs === undefined ? [] : [expiresMs]));
  return {
    checks: [
      ...outcomes.flatMap(({ checks }) => checks),
      ...(method === undefined ? [] : [issuerCheck(method, issuer)]),
    ],
    verificationMethod: method,
    expiresMs: ends.length === 0 ? undefined : Math.min(...ends),
  };
}

function unresolved(resolution: { readonly state: "failed" | "not-checked"; readonly reason: string }): ProofOutcome {
  const check = resolution.state === "failed" ? failed : notChecked;
  return { checks: [check("proof", `the issuer's key: ${resolution.reason}`)], verificationMethod: undefined };
}

/** A refusal while checking is a failed check, except that what is not implemented was not checked. */
async function asChecks(method: string | undefined, work: () => Promise<ProofOutcome>): Promise<ProofOutcome> {
  try {
    return await work();
  } catch (error) {
    const check = isUnsupported(error) ? notChecked : failed;
    return { checks: [check("proof", reasonOf(error))], verificationMethod: method };
  }
}

function issuerCheck(method: string, issuer: string): Check {
  if (!issuer.startsWith("did:"))
    return notChecked(
      "issuer",
      `the key is of ${shown(didOf(method))}; ${shown(issuer)} is no DID, so nobody can say whose it is`,
    );
  return didOf(method) === issuer
    ? passed("issuer", `the key is one of ${shown(issuer)}`)
    : failed("issuer", `the key is of ${shown(didOf(method))}, and the credential is issued by ${shown(issuer)}`);
}

function periodCheck(read: Read, proofExpiresMs: number | undefined, at: Date): Check {
  const now = at.getTime();
  const [start, end] = [startOf(read), endOf(read)];
  const from = start === undefined ? undefined : instantMs(start);
  const until = end === undefined ? undefined : instantMs(end);
  if ((start !== undefined && from === undefined) || (end !== undefined && until === undefined))
    return failed("period", "its dates are no times");
  if (from !== undefined && now < from) return failed("period", `it is valid only from ${start}`);
  if (until !== undefined && now > until) return failed("period", `it expired at ${end}`);
  if (proofExpiresMs !== undefined && now >= proofExpiresMs)
    return failed("period", `its proof expired at ${new Date(proofExpiresMs).toISOString()}`);
  return passed("period", end === undefined ? "it is in force and names no end" : `it is in force until ${end}`);
}

/** The later of the credential's and the JWT's beginnings; the earlier of their ends. */
function startOf({ credential, notBefore }: Read): string | undefined {
  return bound(textOf(credential["validFrom"]), notBefore, (a, b) => a >= b);
}

function endOf({ credential, expires }: Read): string | undefined {
  return bound(textOf(credential["validUntil"]), expires, (a, b) => a <= b);
}

function bound(own: string | undefined, claim: number | undefined, first: (a: number, b: number) => boolean) {
  if (claim === undefined) return own;
  const date = new Date(claim * 1_000);
  if (Number.isNaN(date.getTime())) return refuse("credential/jose", `\`${claim}\` is not a time`);
  const ownMs = own === undefined ? undefined : instantMs(own);
  return ownMs !== undefined && first(ownMs, date.getTime()) ? own : date.toISOString();
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

/** One check per entry; a credential without any says so. */
async function statusChecks(read: Read, issuer: string, ports: VerifyPorts): Promise<Check[]> {
  if (read.credential["status"] !== undefined && read.sdJwt && !read.sdJwt.isVc)
    return [notChecked("status", "a token status list is not read")];
  let entries: readonly StatusEntry[];
  try {
    entries = statusEntries(read.credential);
  } catch (error) {
    return [(isUnsupported(error) ? notChecked : failed)("status", reasonOf(error))];
  }
  if (entries.length === 0) return [passed("status", "it names no status list, so it cannot be revoked")];
  if (entries.length > MAX_STATUS_ENTRIES) return [failed("status", `it names more than ${MAX_STATUS_ENTRIES} states`)];
  const checks: Check[] = [];
  for (const entry of entries) checks.push(await statusCheck(entry, issuer, ports));
  return checks;
}

const MAX_STATUS_ENTRIES = 8; // one for each purpose, and some

async function statusCheck(entry: StatusEntry, issuer: string, ports: VerifyPorts): Promise<Check> {
  const answer = await ports.fetchStatus(entry.list);
  const where = shown(entry.list);
  if (answer.state !== "found")
    return (answer.state === "failed" ? failed : notChecked)("status", `${entry.purpose}: ${answer.reason}`);
  try {
    const read = readCredential(answer.text);
    if (issuerOf(read.credential) !== issuer)
      return notChecked("status", `${entry.purpose}: the list ${where} is issued by another`);
    if (read.credential["id"] !== undefined && read.credential["id"] !== entry.list)
      return failed("status", `${entry.purpose}: the list at ${where} is another list`);
    const { checks: proofs, expiresMs } = await proofChecks(read, issuer, ports);
    const period = periodCheck(read, expiresMs, ports.at);
    const bad = [...proofs, period].find(({ state }) => state !== "passed");
    if (bad) return { check: "status", state: bad.state, reason: `${entry.purpose}: the list ${where}: ${bad.reason}` };
    return stateCheck(entry, statusOf(await readStatusList(read.credential), entry));
  } catch (error) {
    return failed("status", `${entry.purpose}: the list ${where}: ${reasonOf(error)}`);
  }
}

function stateCheck({ purpose, index }: StatusEntry, state: number): Check {
  const where = `index ${index} of its list`;
  if (purpose === "message") return passed("status", `message ${state} at ${where}`);
  if (purpose === "refresh")
    return passed("status", state === 0 ? `no newer one, by ${where}` : `a newer one is to be had, by ${where}`);
  const [bad, good] = purpose === "revocation" ? ["revoked", "not revoked"] : ["suspended", "not suspended"];
  return state === 0 ? passed("status", `${good}, by ${where}`) : failed("status", `${bad}, by ${where}`);
}

function holderChecks({ parts, payload }: NonNullable<Read["sdJwt"]>, ports: VerifyPorts): Check[] {
  const { challenge, at, verifier } = ports;
  if (challenge === undefined)
    return parts.keyBinding === undefined
      ? []
      : [notChecked("holder", "its key binding: no nonce and audience were given")];
  try {
    checkKeyBinding(parts, payload, {
      ...challenge,
      atSeconds: at.getTime() / 1_000,
      ...(verifier ? { verifier } : {}),
    });
    return [passed("holder", `its holder presents it to ${shown(challenge.audience)}`)];
  } catch (error) {
    return [failed("holder", reasonOf(error))];
  }
}

function isUnsupported(error: unknown): boolean {
  return error instanceof CredentialProblem && error.code === "credential/unsupported";
}

/** @throws what is no refusal: a bug */
function reasonOf(error: unknown): string {
  if (error instanceof CredentialProblem) return error.message;
  throw error;
}
