/**
 * Which signatures this package can check, as a port: a node passes a native implementation, everyone else takes
 * `nobleVerifier`, which also runs in a browser. FIPS 204 (ML-DSA-44, pure, empty context), FIPS 186-5 (ECDSA with raw
 * r || s, IEEE P1363), RFC 8032. Refuses by answering false; a malformed key or signature never throws.
 */
import { p256, p384, p521 } from "@noble/curves/nist.js";
import { ed448 } from "@noble/curves/ed448.js";
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import { ml_dsa44 } from "@noble/post-quantum/ml-dsa.js";
import { verifyEd25519 } from "./ed25519.ts";

/**
 * A public key in the form of its own standard: Ed25519 32 bytes, Ed448 57, ML-DSA-44 1,312, and an elliptic curve
 * point uncompressed (0x04 || x || y, SEC 1 2.3.3).
 */
export type PublicKey =
  | { readonly kind: "ed25519" | "ed448" | "ml-dsa-44"; readonly bytes: Uint8Array }
  | { readonly kind: "ecdsa"; readonly curve: "P-256" | "P-384" | "P-521"; readonly bytes: Uint8Array };

/** What was signed and how; ECDSA names its hash, the others have theirs built in. */
export type SignatureScheme = "ed25519" | "ed448" | "ml-dsa-44" | "ecdsa-sha256" | "ecdsa-sha384" | "ecdsa-sha512";

export interface Verifier {
  /** Whether `signature` is `key`'s over `message` under `scheme`. False when key and scheme do not fit together. */
  verify(scheme: SignatureScheme, key: PublicKey, message: Uint8Array, signature: Uint8Array): boolean;
}

/** Signs with one key that it keeps to itself; a node's back ends are a file, a module or a service. */
export interface Signer {
  sign(message: Uint8Array): Promise<Uint8Array>;
}

export const ML_DSA_44_KEY_BYTES = 1_312;
export const ML_DSA_44_SIGNATURE_BYTES = 2_420;
const MAX_CONTEXT_BYTES = 255; // FIPS 204 algorithm 3, line 1

const CURVES = { "P-256": p256, "P-384": p384, "P-521": p521 } as const;
const HASHES = { "ecdsa-sha256": sha256, "ecdsa-sha384": sha384, "ecdsa-sha512": sha512 } as const;

/** Every scheme in portable code. Ed25519 about 500 a second, ML-DSA-44 about 300. */
export const nobleVerifier: Verifier = {
  verify(scheme, key, message, signature) {
    switch (scheme) {
      case "ed25519":
        return key.kind === scheme && verifyEd25519(key.bytes, message, signature);
      case "ed448":
        return key.kind === scheme && orFalse(() => ed448.verify(signature, message, key.bytes));
      case "ml-dsa-44":
        return key.kind === scheme && verifyMlDsa44(key.bytes, message, signature);
      case "ecdsa-sha256":
      case "ecdsa-sha384":
      case "ecdsa-sha512":
        // lowS false: COSE and X.509 signers do not normalise s, RFC 9053 2.1
        return (
          key.kind === "ecdsa" &&
          orFalse(() =>
            CURVES[key.curve].verify(signature, HASHES[scheme](message), key.bytes, { prehash: false, lowS: false }),
          )
        );
    }
  },
};

/** Pure ML-DSA-44, FIPS 204 algorithm 3. The C2SP and COSE formats use the empty context. */
export function verifyMlDsa44(
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
  context: Uint8Array = new Uint8Array(),
): boolean {
  if (publicKey.length !== ML_DSA_44_KEY_BYTES || signature.length !== ML_DSA_44_SIGNATURE_BYTES) return false;
  if (context.length > MAX_CONTEXT_BYTES) return false;
  return orFalse(() => ml_dsa44.verify(signature, message, publicKey, { context }));
}

/** The libraries throw on malformed points and lengths, which is only one more way of not being a signature. */
function orFalse(check: () => boolean): boolean {
  try {
    return check();
  } catch {
    return false;
  }
}
