/**
 * Verifier keys, C2SP signed-note: `name+hex8(keyID)+base64(type || public key)`, keyID being the first 4 bytes of
 * SHA-256(name || 0x0A || type || public key). Invariant: parseVkey(formatVkey(k)) equals k. Refuses the types this
 * package cannot verify, a key ID that is not the key's, and names with Unicode spaces or `+`. The key ID tells keys
 * apart and is no security boundary: trust comes from the configured key.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { decodeBase64, encodeBase64 } from "./base64.ts";
import { concat, hasControl, hex, utf8 } from "./bytes.ts";
import { ED25519_KEY_BYTES, isEd25519Key } from "./ed25519.ts";
import { attempt, refuse, shown, type TlogResult } from "./refusal.ts";
import { ML_DSA_44_KEY_BYTES } from "./verifier.ts";

/** The signature type bytes of signed-note that this package implements. */
export const SIGNATURE_TYPE = {
  /** Ed25519 over the note's text. */
  ed25519: 0x01,
  /** Ed25519 timestamped cosignature, tlog-cosignature. */
  cosignatureV1: 0x04,
  /** ML-DSA-44 timestamped (sub)tree cosignature, tlog-cosignature. */
  mlDsa44: 0x06,
} as const;

export type SignatureType = (typeof SIGNATURE_TYPE)[keyof typeof SIGNATURE_TYPE];

export interface NoteKey {
  readonly name: string;
  /** 8 hex digits in lower case. */
  readonly keyId: string;
  readonly type: SignatureType;
  readonly publicKey: Uint8Array;
}

/** The key called `name` with the ID that its bytes give. @throws TlogProblem `tlog/key` */
export function noteKey(name: string, type: SignatureType, publicKey: Uint8Array): NoteKey {
  if (!isKeyName(name)) refuse("tlog/key", `${shown(name)} is not a key name`);
  if (type === SIGNATURE_TYPE.mlDsa44 && publicKey.length !== ML_DSA_44_KEY_BYTES)
    refuse("tlog/key", `an ML-DSA-44 key has 1312 bytes, not \`${publicKey.length}\``);
  if (type !== SIGNATURE_TYPE.mlDsa44 && publicKey.length !== ED25519_KEY_BYTES)
    refuse("tlog/key", `an Ed25519 key has 32 bytes, not \`${publicKey.length}\``);
  if (type !== SIGNATURE_TYPE.mlDsa44 && !isEd25519Key(publicKey))
    refuse("tlog/key", `\`${hex(publicKey)}\` is not a point that Ed25519 can use`);
  return { name, keyId: keyIdOf(name, type, publicKey), type, publicKey };
}

export function parseVkey(text: string): TlogResult<NoteKey> {
  return attempt(() => {
    const parts = /^([^+]+)\+([0-9a-f]{8})\+(.+)$/s.exec(text);
    if (parts === null) refuse("tlog/key", `${shown(text)} is not a verifier key`);
    const [, name = "", keyId, material = ""] = parts;
    const bytes = decodeBase64(material);
    const type = typeOf(bytes[0]);
    if (type === undefined) refuse("tlog/key", `signature type \`${bytes[0] ?? "none"}\` is not supported`);
    const key = noteKey(name, type, bytes.subarray(1));
    if (key.keyId !== keyId) refuse("tlog/key", `key ID \`${keyId}\` is not that of the key, \`${key.keyId}\``);
    return key;
  });
}

export function formatVkey(key: NoteKey): string {
  return `${key.name}+${key.keyId}+${encodeBase64(concat(Uint8Array.of(key.type), key.publicKey))}`;
}

/** Non-empty, no Unicode space, no `+`, no control character. */
export function isKeyName(name: string): boolean {
  return name !== "" && name.isWellFormed() && !hasControl(name) && !/[\p{White_Space}+]/u.test(name);
}

/** SHA-256(name || 0x0A || type || public key)[:4], signed-note. */
function keyIdOf(name: string, type: SignatureType, publicKey: Uint8Array): string {
  return hex(sha256(concat(utf8(name), Uint8Array.of(0x0a, type), publicKey)).subarray(0, 4));
}

function typeOf(byte: number | undefined): SignatureType | undefined {
  return Object.values(SIGNATURE_TYPE).find((type) => type === byte);
}
