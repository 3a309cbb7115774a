/**
 * did:key and Multikey: a public key as its own name, multicodec prefix and bytes in base58btc. Ed25519 (0xed) and P-256
 * (0x1200). Invariant: keyOfMultikey(multikeyOf(k)) equals k. Refuses other key types and a fragment that is not the key.
 */
import { concat, decodeMultibase, encodeMultibase58 } from "./encoding.ts";
import { type ClaimKey, compressedPoint, ed25519Key, p256Key } from "./jwk.ts";
import { refuse, shown } from "./refusal.ts";

const ED25519 = Uint8Array.of(0xed, 0x01);
const P256 = Uint8Array.of(0x80, 0x24);

export function multikeyOf(key: ClaimKey): string {
  return encodeMultibase58(key.kind === "ed25519" ? concat(ED25519, key.bytes) : concat(P256, compressedPoint(key)));
}

/** @throws CredentialProblem `credential/key`, `credential/encoding`, `credential/unsupported` */
export function keyOfMultikey(text: string): ClaimKey {
  const bytes = decodeMultibase(text);
  const body = bytes.subarray(2);
  if (bytes[0] === ED25519[0] && bytes[1] === ED25519[1]) return ed25519Key(body);
  if (bytes[0] === P256[0] && bytes[1] === P256[1]) {
    if (body.length !== 33) refuse("credential/key", `a P-256 multikey has 33 bytes, not \`${body.length}\``);
    return p256Key(body);
  }
  return refuse("credential/unsupported", `the multikey ${shown(text)} is neither Ed25519 nor P-256`);
}

export function didKeyOf(key: ClaimKey): string {
  return `did:key:${multikeyOf(key)}`;
}

/** The DID URL of the one verification method of a did:key. */
export function didKeyUrl(key: ClaimKey): string {
  const multikey = multikeyOf(key);
  return `did:key:${multikey}#${multikey}`;
}

/** The key that a did:key, or the DID URL of its one method, names. @throws CredentialProblem */
export function keyOfDidKey(didUrl: string): ClaimKey {
  const [, multikey, fragment] = /^did:key:(z[^#?/]+)(?:#(.*))?$/.exec(didUrl) ?? [];
  if (multikey === undefined) refuse("credential/did", `${shown(didUrl)} is not a did:key`);
  if (fragment !== undefined && fragment !== multikey)
    refuse("credential/did", `the fragment ${shown(fragment)} is not the key of its did:key`);
  return keyOfMultikey(multikey);
}
