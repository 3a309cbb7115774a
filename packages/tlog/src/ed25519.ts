/**
 * Ed25519 verification, RFC 8032 5.1.7, by one rule that every implementation can follow, so that evidence has the same
 * verdict everywhere: S < L; A and R canonical and not of small order; and S·B = R + k·A without the cofactor, as
 * OpenSSL, BoringSSL, libsodium and Go compute it. A native verifier that compares R byte by byte follows this rule when
 * it first asks `admitsEd25519`. Nobody who signs as RFC 8032 says ever meets the difference.
 */
import { ed25519, ED25519_TORSION_SUBGROUP } from "@noble/curves/ed25519.js";
import { sha512 } from "@noble/hashes/sha2.js";
import { concat, equalBytes } from "./bytes.ts";

export const ED25519_KEY_BYTES = 32;
export const ED25519_SIGNATURE_BYTES = 64;

const { Point } = ed25519;
const L = Point.Fn.ORDER;
/** The y coordinates of the 8 points of small order, little-endian; either sign of x is of small order too. */
const SMALL_ORDER_Y: readonly Uint8Array[] = [...new Set(ED25519_TORSION_SUBGROUP.map(yOf))].map(bytesOfHex);
/** p = 2^255 - 19, little-endian. */
const P = Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 0xed : i === 31 ? 0x7f : 0xff));

/** Whether `key` is the canonical encoding of a curve point that is not of small order. */
export function isEd25519Key(key: Uint8Array): boolean {
  return pointOf(key) !== undefined;
}

/**
 * What a native verifier does not check for itself: that the key is canonical, and neither it nor the signature's R of
 * small order. Compares bytes only, so that it costs nothing beside the verification; whether the key is a point at all is
 * the native verifier's to find.
 */
export function admitsEd25519(publicKey: Uint8Array, signature: Uint8Array): boolean {
  if (publicKey.length !== ED25519_KEY_BYTES || signature.length !== ED25519_SIGNATURE_BYTES) return false;
  return isCanonical(publicKey) && !isSmallOrder(publicKey) && !isSmallOrder(signature);
}

/** Whether `signature` is `publicKey`'s over `message`; false for malformed keys and signatures. */
export function verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean {
  const a = pointOf(publicKey);
  if (a === undefined || signature.length !== ED25519_SIGNATURE_BYTES) return false;
  const r = signature.subarray(0, 32);
  if (isSmallOrder(r)) return false;
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

/** Whether the point encoded in the first 32 bytes is of small order, by its y alone. */
function isSmallOrder(encoded: Uint8Array): boolean {
  return SMALL_ORDER_Y.some((y) => {
    for (let i = 0; i < 31; i++) if (y[i] !== encoded[i]) return false;
    return y[31] === (encoded[31] ?? 0) % 0x80;
  });
}

/** Whether y, without the sign bit, is less than p. */
function isCanonical(encoded: Uint8Array): boolean {
  for (let i = 31; i >= 0; i--) {
    const byte = i === 31 ? (encoded[i] ?? 0) % 0x80 : (encoded[i] ?? 0);
    const limit = P[i] ?? 0;
    if (byte !== limit) return byte < limit;
  }
  return false;
}

/** The hex of y in an encoded point: its last byte loses the sign of x. */
function yOf(point: string): string {
  return point.slice(0, 62) + (Number.parseInt(point.slice(62), 16) % 0x80).toString(16).padStart(2, "0");
}

function bytesOfHex(text: string): Uint8Array {
  return Uint8Array.from({ length: text.length / 2 }, (_, i) => Number.parseInt(text.slice(2 * i, 2 * i + 2), 16));
}

function littleEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (let i = bytes.length - 1; i >= 0; i--) value = (value << 8n) | BigInt(bytes[i]!); // i is within bytes
  return value;
}
