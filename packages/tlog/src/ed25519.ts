/**
 * Ed25519 verification, RFC 8032 5.1.7, by one rule that every implementation can follow, so that evidence has the same
 * verdict everywhere: S < L; A and R canonical and not of small order; and S·B = R + k·A without the cofactor, as
 * OpenSSL, BoringSSL, libsodium and Go compute it. A native verifier that compares R byte by byte follows this rule when
 * it first asks `admitsEd25519`. Nobody who signs as RFC 8032 says ever meets the difference.
 */
import { ed25519, ED25519_TORSION_SUBGROUP } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concat, equalBytes, hex } from "./bytes.ts";

export const ED25519_KEY_BYTES = 32;
export const ED25519_SIGNATURE_BYTES = 64;

const { Point } = ed25519;
const L = Point.Fn.ORDER;
/** The canonical encodings of the 8 points of small order. */
const SMALL_ORDER: ReadonlySet<string> = new Set(ED25519_TORSION_SUBGROUP);

/** Whether `key` is the canonical encoding of a curve point that is not of small order. */
export function isEd25519Key(key: Uint8Array): boolean {
  return pointOf(key) !== undefined;
}

/** What a native verifier does not check for itself: that neither the key nor the signature's R is of small order. */
export function admitsEd25519(publicKey: Uint8Array, signature: Uint8Array): boolean {
  return !SMALL_ORDER.has(hex(signature.subarray(0, 32))) && isEd25519Key(publicKey);
}

/** Whether `signature` is `publicKey`'s over `message`; false for malformed keys and signatures. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const a = pointOf(publicKey);
  if (a === undefined || signature.length !== ED25519_SIGNATURE_BYTES) return false;
  const r = signature.subarray(0, 32);
  if (SMALL_ORDER.has(hex(r))) return false;
  const s = littleEndian(signature.subarray(32));
  if (s >= L) return false; // RFC 8032 5.1.7 step 1: otherwise S + L would be a second signature
  const k = littleEndian(sha512(concat(r, publicKey, message))) % L;
  const sb = s === 0n ? Point.ZERO : Point.BASE.multiplyUnsafe(s);
  const ka = k === 0n ? Point.ZERO : a.multiplyUnsafe(k);
  return equalBytes(sb.subtract(ka).toBytes(), r);
}

function pointOf(key: Uint8Array): InstanceType<typeof Point> | undefined {
  if (key.length !== ED25519_KEY_BYTES) return undefined;
  try {
    const point = Point.fromBytes(key, false); // false: canonical y only, RFC 8032 5.1.3
    return point.isSmallOrder() ? undefined : point;
  } catch {
    return undefined; // not on the curve
  }
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!); // i is within bytes
  return value;
}
