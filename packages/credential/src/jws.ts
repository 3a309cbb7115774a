/**
 * JSON Web Signatures in compact form, RFC 7515, with two algorithms and no others: EdDSA with Ed25519 (RFC 8037) and
 * ES256 (RFC 7518 3.4). Refuses `none`, `crit`, unencoded payloads, keys and key addresses in the header (jwk, jku, x5u,
 * x5c: the key comes from the issuer's DID, never from the message), and every second spelling of the same bytes.
 */
import { nobleVerifier, type Signer, type Verifier } from "@holdfast/tlog";
import { canonicalJson } from "@holdfast/kernel";
import { decodeBase64url, encodeBase64url } from "./encoding.ts";
import { fromUtf8, type JsonObject, MAX_JSON_BYTES, parseJsonObject, utf8 } from "./json.ts";
import type { ClaimKey } from "./jwk.ts";
import { refuse, shown } from "./refusal.ts";

export type JwsAlgorithm = "EdDSA" | "ES256";

/** Signs with one key; what it signs with decides the algorithm. */
export interface ClaimSigner extends Signer {
  readonly algorithm: JwsAlgorithm;
}

export interface Jws {
  readonly header: JsonObject;
  readonly algorithm: JwsAlgorithm;
  /** The DID URL or other name of the key; absent where the header names none. */
  readonly kid?: string;
  readonly payload: Uint8Array;
  readonly signature: Uint8Array;
  /** The bytes that were signed. */
  readonly signingInput: Uint8Array;
}

const FORBIDDEN = ["crit", "b64", "jwk", "jku", "x5u", "x5c", "enc", "zip"];
const ALGORITHMS: ReadonlyMap<string, JwsAlgorithm> = new Map([
  ["EdDSA", "EdDSA"],
  ["Ed25519", "EdDSA"], // RFC 9864, the fully specified name of the same
  ["ES256", "ES256"],
]);
const MAX_HEADER_CHARACTERS = 16_384; // a DID URL and names of types

/** Reads without verifying. @throws CredentialProblem `credential/jose`, `credential/unsupported`, `credential/encoding`, `credential/json` */
export function parseJws(compact: string): Jws {
  if (compact.length > 2 * MAX_JSON_BYTES)
    refuse("credential/jose", `a JWS of \`${compact.length}\` characters is too long`);
  const parts = compact.split(".", 4);
  const [head = "", body = "", tail = ""] = parts;
  if (parts.length !== 3) refuse("credential/jose", `${shown(compact)} is not a compact JWS`);
  if (head.length > MAX_HEADER_CHARACTERS)
    refuse("credential/jose", `a header of \`${head.length}\` characters is too long`);
  const header = parseJsonObject(fromUtf8(decodeBase64url(head)));
  for (const name of FORBIDDEN)
    if (name in header) refuse("credential/jose", `the header parameter \`${name}\` is not allowed`);
  const { alg, kid } = header;
  const algorithm = typeof alg === "string" ? ALGORITHMS.get(alg) : undefined;
  if (algorithm === undefined)
    refuse("credential/unsupported", `the algorithm ${shown(String(alg))} is neither EdDSA nor ES256`);
  if (kid !== undefined && typeof kid !== "string") refuse("credential/jose", "`kid` is text");
  return {
    header,
    algorithm,
    ...(kid === undefined ? {} : { kid }),
    payload: decodeBase64url(body),
    signature: decodeBase64url(tail),
    signingInput: utf8(`${head}.${body}`),
  };
}

/** Whether `key` signed it, and is a key for its algorithm. */
export function verifyJws(jws: Jws, key: ClaimKey, verifier: Verifier = nobleVerifier): boolean {
  const { algorithm, signingInput, signature } = jws;
  if (signature.length !== 64) return false; // both have 64 bytes, RFC 8032 5.1.6 and RFC 7518 3.4
  if (algorithm === "EdDSA") return key.kind === "ed25519" && verifier.verify("ed25519", key, signingInput, signature);
  return key.kind === "ecdsa" && verifier.verify("ecdsa-sha256", key, signingInput, signature);
}

/** @throws CredentialProblem `credential/signature` when `key` did not sign it */
export function requireSignature(jws: Jws, key: ClaimKey, verifier: Verifier = nobleVerifier): void {
  if (!verifyJws(jws, key, verifier))
    refuse("credential/signature", `the \`${jws.algorithm}\` signature does not verify with the key of its \`kid\``);
}

/** A compact JWS of canonical JSON. `header` without alg. */
export async function signJws(header: JsonObject, payload: JsonObject, signer: ClaimSigner): Promise<string> {
  const head = encodeBase64url(utf8(canonicalJson({ ...header, alg: signer.algorithm })));
  const body = encodeBase64url(utf8(canonicalJson(payload)));
  const signature = await signer.sign(utf8(`${head}.${body}`));
  return `${head}.${body}.${encodeBase64url(signature)}`;
}
