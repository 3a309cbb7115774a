/**
 * COSE keys, RFC 9052 section 7 and RFC 9053 section 7, the ones that verify signatures: OKP (Ed25519, Ed448), EC2
 * (P-256, P-384, P-521) and AKP (ML-DSA-44). Key thumbprints by RFC 9679: SHA-256 of the deterministic encoding of the
 * required members alone. Refuses private parts, symmetric keys and points that are not on their curve.
 */
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { sha256 } from "@noble/hashes/sha2.js";
import { concat } from "./bytes.ts";
import { type CborMap, type CborValue, decodeCbor, encodeCbor, isList, isMap } from "./cbor.ts";
import { ED25519_KEY_BYTES } from "./ed25519.ts";
import { attempt, refuse, type TlogResult } from "./refusal.ts";
import { ML_DSA_44_KEY_BYTES, type PublicKey } from "./verifier.ts";

export interface CoseKey {
  readonly kid?: Uint8Array;
  /** COSE algorithm the key is bound to, label 3. */
  readonly algorithm?: bigint;
  readonly publicKey: PublicKey;
}

const KTY = 1n;
const KID = 2n;
const ALG = 3n;
const OKP = 1n;
const EC2 = 2n;
const AKP = 7n;
const ML_DSA_44 = -48n;
const D = -4n; // the private part of OKP and EC2 keys
const AKP_PRIVATE = -2n;
const ED448_KEY_BYTES = 57;
const MAX_KEYS = 1_000; // bounds a key set

const CURVES = [
  { curve: "P-256", id: 1n, width: 32, group: p256 },
  { curve: "P-384", id: 2n, width: 48, group: p384 },
  { curve: "P-521", id: 3n, width: 66, group: p521 },
] as const;

/** A COSE_Key in CBOR. Problems: `tlog/cbor`, `tlog/key`, `tlog/unsupported`. */
export function parseCoseKey(bytes: Uint8Array): TlogResult<CoseKey> {
  return attempt(() => keyOf(decodeCbor(bytes)));
}

/** A COSE_KeySet in CBOR, as SCRAPI's `/.well-known/scitt-keys` serves it; keys of other kinds are left out. */
export function parseCoseKeySet(bytes: Uint8Array): TlogResult<CoseKey[]> {
  return attempt(() => {
    const set = decodeCbor(bytes);
    if (!isList(set) || set.length === 0 || set.length > MAX_KEYS)
      refuse("tlog/key", `a key set is an array of 1 to ${MAX_KEYS} keys`);
    return set.flatMap((member) => {
      const key = attempt(() => keyOf(member));
      if (!key.ok && key.problem.code !== "tlog/unsupported") throw key.problem;
      return key.ok ? [key.value] : [];
    });
  });
}

/** Inverse of parseCoseKey, for keys without an algorithm other than their own. */
export function formatCoseKey({ kid, algorithm, publicKey }: CoseKey): Uint8Array {
  const members = new Map(requiredMembers(publicKey));
  if (kid !== undefined) members.set(KID, kid);
  if (algorithm !== undefined) members.set(ALG, algorithm);
  return encodeCbor(members);
}

/** A COSE_KeySet with each key's kid, by thumbprint where it names none. Inverse of parseCoseKeySet for such keys. */
export function formatCoseKeySet(keys: readonly CoseKey[]): Uint8Array {
  return encodeCbor(
    keys.map((key) => decodeCbor(formatCoseKey({ ...key, kid: key.kid ?? keyThumbprint(key.publicKey) }))),
  );
}

/** The COSE Key Thumbprint, RFC 9679 section 4, with SHA-256. */
export function keyThumbprint(publicKey: PublicKey): Uint8Array {
  return sha256(encodeCbor(requiredMembers(publicKey)));
}

function requiredMembers(key: PublicKey): CborMap {
  const bytes = key.bytes;
  switch (key.kind) {
    case "ed25519":
      return new Map<CborValue, CborValue>([
        [KTY, OKP],
        [-1n, 6n],
        [-2n, bytes],
      ]);
    case "ed448":
      return new Map<CborValue, CborValue>([
        [KTY, OKP],
        [-1n, 7n],
        [-2n, bytes],
      ]);
    case "ml-dsa-44":
      return new Map<CborValue, CborValue>([
        [KTY, AKP],
        [ALG, ML_DSA_44],
        [-1n, bytes],
      ]);
    case "ecdsa": {
      const { id, width } = CURVES.find(({ curve }) => curve === key.curve) ?? refuse("tlog/key", "unknown curve");
      const [x, y] = [bytes.subarray(1, 1 + width), bytes.subarray(1 + width)];
      return new Map<CborValue, CborValue>([
        [KTY, EC2],
        [-1n, id],
        [-2n, x],
        [-3n, y],
      ]);
    }
  }
}

function keyOf(value: CborValue): CoseKey {
  if (!isMap(value)) refuse("tlog/key", "a COSE key is a map");
  const kid = value.get(KID);
  const algorithm = value.get(ALG);
  if (kid !== undefined && !(kid instanceof Uint8Array)) refuse("tlog/key", "a key's kid is a byte string");
  if (algorithm !== undefined && typeof algorithm !== "bigint")
    refuse("tlog/unsupported", "a key's alg is an integer here");
  const publicKey = publicKeyOf(value);
  return { ...(kid === undefined ? {} : { kid }), ...(algorithm === undefined ? {} : { algorithm }), publicKey };
}

function publicKeyOf(key: CborMap): PublicKey {
  switch (key.get(KTY)) {
    case OKP:
      return edwardsKeyOf(key);
    case EC2:
      return curveKeyOf(key);
    case AKP: {
      if (key.has(AKP_PRIVATE)) refuse("tlog/key", "a private key is no verification key");
      if (key.get(ALG) !== ML_DSA_44) refuse("tlog/unsupported", "of the AKP keys only ML-DSA-44 is supported");
      return { kind: "ml-dsa-44", bytes: bytesAt(key, -1n, ML_DSA_44_KEY_BYTES) };
    }
    default:
      return refuse("tlog/unsupported", "a key type other than OKP, EC2 and AKP");
  }
}

function edwardsKeyOf(key: CborMap): PublicKey {
  if (key.has(D)) refuse("tlog/key", "a private key is no verification key");
  const curve = key.get(-1n);
  if (curve === 6n) return { kind: "ed25519", bytes: bytesAt(key, -2n, ED25519_KEY_BYTES) };
  if (curve === 7n) return { kind: "ed448", bytes: bytesAt(key, -2n, ED448_KEY_BYTES) };
  return refuse("tlog/unsupported", "an OKP curve other than Ed25519 and Ed448");
}

function curveKeyOf(key: CborMap): PublicKey {
  if (key.has(D)) refuse("tlog/key", "a private key is no verification key");
  const named = CURVES.find(({ id }) => id === key.get(-1n));
  if (named === undefined) refuse("tlog/unsupported", "an EC2 curve other than P-256, P-384 and P-521");
  const x = bytesAt(key, -2n, named.width);
  const y = key.get(-3n);
  // RFC 9053 7.1.1: y is a byte string, or its sign as a boolean
  const encoded =
    typeof y === "boolean"
      ? concat(Uint8Array.of(y ? 3 : 2), x)
      : concat(Uint8Array.of(4), x, bytesAt(key, -3n, named.width));
  try {
    return { kind: "ecdsa", curve: named.curve, bytes: named.group.Point.fromBytes(encoded).toBytes(false) };
  } catch {
    return refuse("tlog/key", `a point that is not on \`${named.curve}\``);
  }
}

function bytesAt(key: CborMap, label: bigint, length: number): Uint8Array {
  const value = key.get(label);
  if (!(value instanceof Uint8Array) || value.length !== length)
    refuse("tlog/key", `label \`${label}\` of this key is a byte string of \`${length}\` bytes`);
  return value;
}
