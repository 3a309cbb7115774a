/** Keys of tests, made from a number: never secret, the same in every run. */
import { ed25519 } from "@noble/curves/ed25519.js";
import { p256 } from "@noble/curves/nist.js";
import type { ClaimKey, ClaimSigner } from "../src/index.ts";

export interface TestKey {
  readonly key: ClaimKey;
  readonly signer: ClaimSigner;
}

export function ed25519Of(number: number): TestKey {
  const secret = new Uint8Array(32).fill(number);
  return {
    key: { kind: "ed25519", bytes: ed25519.getPublicKey(secret) },
    signer: { algorithm: "EdDSA", sign: async (message) => ed25519.sign(message, secret) },
  };
}

export function p256Of(number: number): TestKey {
  const secret = new Uint8Array(32).fill(number);
  return {
    key: { kind: "ecdsa", curve: "P-256", bytes: p256.getPublicKey(secret, false) },
    signer: { algorithm: "ES256", sign: async (message) => p256.sign(message, secret) },
  };
}

/** Bytes that look random and are the same every time. */
export function repeatableRandom(): (length: number) => Uint8Array {
  let state = 1;
  return (length) =>
    Uint8Array.from({ length }, () => {
      state = (state * 48_271) % 2_147_483_647;
      return state % 256;
    });
}
