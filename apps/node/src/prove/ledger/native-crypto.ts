/**
 * Node's own cryptography behind tlog's ports: SHA-256 several times faster than portable code, Ed25519 and ML-DSA-44
 * (FIPS 204) signing. Invariant: what verifies here verifies portably, because `admitsEd25519` is asked first.
 */
import { createHash, createPublicKey, hash, type KeyObject, sign, verify } from "node:crypto";
import { promisify } from "node:util";
import {
  admitsEd25519,
  latin1HashInto,
  nobleVerifier,
  type PublicKey,
  type Signer,
  type Verifier,
} from "@holdfast/tlog";

export const nativeHashInto = latin1HashInto((input) => hash("sha256", input, "binary"));

export function sha256(...parts: readonly Uint8Array[]): Uint8Array {
  const digest = createHash("sha256");
  for (const part of parts) digest.update(part);
  return new Uint8Array(digest.digest());
}

const SPKI_ED25519 = Buffer.from("302a300506032b6570032100", "hex"); // RFC 8410: the fixed head before the 32 bytes

/** Ed25519 natively, every other scheme portably. */
export const nativeVerifier: Verifier = {
  verify(scheme, key, message, signature) {
    if (scheme !== "ed25519" || key.kind !== "ed25519") return nobleVerifier.verify(scheme, key, message, signature);
    if (!admitsEd25519(key.bytes, signature)) return false;
    const spki = createPublicKey({ key: Buffer.concat([SPKI_ED25519, key.bytes]), format: "der", type: "spki" });
    return verify(null, message, spki, signature);
  },
};

const signOnThread = promisify(
  (message: Uint8Array, key: KeyObject, done: (error: Error | null, signature: Buffer) => void) =>
    sign(null, message, key, done),
);

/** Signs on a thread of Node's pool, so that many signatures do not hold up the event loop. */
export function signerOf(key: KeyObject): Signer {
  return { sign: async (message) => new Uint8Array(await signOnThread(message, key)) };
}

/** The public half in the form of its own standard: the last bytes of its SubjectPublicKeyInfo. */
export function publicKeyOf(key: KeyObject): PublicKey {
  const spki = createPublicKey(key).export({ format: "der", type: "spki" });
  const kind = key.asymmetricKeyType === "ed25519" ? "ed25519" : "ml-dsa-44";
  return { kind, bytes: new Uint8Array(spki.subarray(spki.length - (kind === "ed25519" ? 32 : 1_312))) };
}
