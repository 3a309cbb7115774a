/**
 * Public keys as JSON Web Keys, RFC 7517: OKP Ed25519 (RFC 8037) and EC P-256 (RFC 7518 6.2), the two that this package
 * signs and verifies with. Refuses private members, symmetric keys and points off their curve.
 */
import { p256 } from "@noble/curves/nist.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { canonicalJson } from "@holdfast/kernel";
import { isEd25519Key, type PublicKey } from "@holdfast/tlog";
import { decodeBase64url, encodeBase64url } from "./encoding.ts";
import type { JsonObject } from "./json.ts";
import { utf8 } from "./json.ts";
import { refuse, shown } from "./refusal.ts";

/** A key that can make a claim: Ed25519, or P-256 as an uncompressed point. */
export type ClaimKey =
  | { readonly kind: "ed25519"; readonly bytes: Uint8Array }
  | { readonly kind: "ecdsa"; readonly curve: "P-256"; readonly bytes: Uint8Array };

/** @throws CredentialProblem `credential/key`, `credential/unsupported`, `credential/encoding` */
export function keyOfJwk(jwk: JsonObject): ClaimKey {
  if ("d" in jwk || "k" in jwk || "p" in jwk) refuse("credential/key", "a private or symmetric key is no public key");
  const { kty, crv } = jwk;
  if (kty === "OKP" && crv === "Ed25519") return ed25519Key(coordinate(jwk, "x"));
  if (kty === "EC" && crv === "P-256") {
    const point = new Uint8Array(65);
    point[0] = 4; // SEC 1 2.3.3, uncompressed
    point.set(coordinate(jwk, "x"), 1);
    point.set(coordinate(jwk, "y"), 33);
    return p256Key(point);
  }
  return refuse("credential/unsupported", `a key of type ${shown(`${kty} ${crv}`)} is neither Ed25519 nor P-256`);
}

/** The JWK with its required members only, in the order of RFC 7638. Inverse of keyOfJwk. */
export function jwkOf(key: ClaimKey): JsonObject {
  if (key.kind === "ed25519") return { crv: "Ed25519", kty: "OKP", x: encodeBase64url(key.bytes) };
  const [x, y] = [key.bytes.subarray(1, 33), key.bytes.subarray(33)];
  return { crv: "P-256", kty: "EC", x: encodeBase64url(x), y: encodeBase64url(y) };
}

/** The JWK Thumbprint, RFC 7638, with SHA-256 in base64url. */
export function jwkThumbprint(key: ClaimKey): string {
  return encodeBase64url(sha256(utf8(canonicalJson(jwkOf(key)))));
}

/** @throws CredentialProblem `credential/key` when `bytes` is no key that Ed25519 can use */
export function ed25519Key(bytes: Uint8Array): ClaimKey {
  if (!isEd25519Key(bytes)) refuse("credential/key", "the Ed25519 key is not a usable point");
  return { kind: "ed25519", bytes };
}

/** The key of a P-256 point, compressed or not. @throws CredentialProblem `credential/key` when it is not on the curve */
export function p256Key(point: Uint8Array): ClaimKey {
  try {
    return { kind: "ecdsa", curve: "P-256", bytes: p256.Point.fromBytes(point).toBytes(false) };
  } catch {
    return refuse("credential/key", "the P-256 key is not a point of its curve");
  }
}

/** A P-256 point in 33 bytes. */
export function compressedPoint(key: ClaimKey & { kind: "ecdsa" }): Uint8Array {
  return p256.Point.fromBytes(key.bytes).toBytes(true);
}

export function sameKey(a: PublicKey, b: PublicKey): boolean {
  return a.kind === b.kind && a.bytes.length === b.bytes.length && a.bytes.every((byte, i) => byte === b.bytes[i]);
}

function coordinate(jwk: JsonObject, name: "x" | "y"): Uint8Array {
  const text = jwk[name];
  if (typeof text !== "string") refuse("credential/key", `the key has no \`${name}\``);
  const bytes = decodeBase64url(text);
  if (bytes.length !== 32) refuse("credential/key", `\`${name}\` has \`${bytes.length}\` bytes, not 32`);
  return bytes;
}
