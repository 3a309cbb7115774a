/**
 * Base64, RFC 4648 section 4: the standard alphabet with padding, canonical only. Invariant: every byte string has one
 * text, so decode(encode(b)) equals b and encode(decode(t)) equals t. Refuses white space, a missing or extra padding,
 * the URL alphabet, and unused bits that are not zero: two texts for one signature would let a proof be altered unseen.
 */
import { refuse, shown } from "./refusal.ts";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const CANONICAL = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/][AQgw]==|[A-Za-z0-9+/]{2}[AEIMQUYcgkosw048]=)?$/;
const CHUNK = 0x2000; // bounds the arguments of one String.fromCharCode call

export function encodeBase64(bytes: Uint8Array): string {
  let binary = "";
  for (let i = 0; i < bytes.length; i += CHUNK) binary += String.fromCharCode(...bytes.subarray(i, i + CHUNK));
  return btoa(binary);
}

/** @throws TlogProblem `tlog/base64` when `text` is not the canonical base64 of some byte string */
export function decodeBase64(text: string): Uint8Array {
  if (!isCanonical(text)) refuse("tlog/base64", `${shown(text)} is not canonical base64`);
  const binary = atob(text);
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  return bytes;
}

function isCanonical(text: string): boolean {
  if (text.length <= 4_096) return CANONICAL.test(text);
  // the regular expression engine's stack is bounded; a long text is checked four characters at a time
  if (text.length % 4 !== 0) return false;
  for (let i = 0; i < text.length - 4; i++) if (!ALPHABET.includes(text.charAt(i))) return false;
  return CANONICAL.test(text.slice(-4));
}

/** @throws TlogProblem `tlog/base64` when `text` is not the canonical base64 of 32 bytes */
export function decodeHash(text: string): Uint8Array {
  const bytes = decodeBase64(text);
  if (bytes.length !== 32) refuse("tlog/base64", `${shown(text)} holds ${bytes.length} bytes, a hash has 32`);
  return bytes;
}
