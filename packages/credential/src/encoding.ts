/**
 * Bytes as text, each in one spelling only: base64url without padding (RFC 7515 section 2), base58btc and the multibase
 * prefixes `z` and `u` (Controlled Identifiers 1.0, 2.4). Invariant: decode(encode(b)) equals b, encode(decode(t)) equals t.
 * Refuses padding, other alphabets, and unused bits that are not zero: a second spelling would alter a signature unseen.
 */
import { refuse, shown } from "./refusal.ts";

const BASE58 = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";
const BASE58_CHARACTERS_MAX = 512; // decoding is quadratic; a signature has 88 characters, an ML-DSA key is not base58 here
const BASE64URL = /^[A-Za-z0-9_-]*$/;
const CHUNK = 0x2000; // bounds the arguments of one String.fromCharCode call

export function encodeBase64url(bytes: Uint8Array): string {
  let binary = "";
  for (let i = 0; i < bytes.length; i += CHUNK) binary += String.fromCharCode(...bytes.subarray(i, i + CHUNK));
  return btoa(binary).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

/** @throws CredentialProblem `credential/encoding` */
export function decodeBase64url(text: string): Uint8Array {
  if (!BASE64URL.test(text) || text.length % 4 === 1) refuse("credential/encoding", `${shown(text)} is not base64url`);
  const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < binary.length; i++) bytes[i] = binary.charCodeAt(i);
  const rest = bytes.length % 3; // the last group alone can have unused bits
  if (rest > 0 && encodeBase64url(bytes.subarray(bytes.length - rest)) !== text.slice(-(rest + 1)))
    refuse("credential/encoding", `${shown(text)} is not canonical base64url`);
  return bytes;
}

export function encodeBase58(bytes: Uint8Array): string {
  const digits: number[] = []; // little-endian, base 58
  for (const byte of bytes) {
    let carry = byte;
    for (let i = 0; i < digits.length; i++) {
      carry += (digits[i] ?? 0) * 256;
      digits[i] = carry % 58;
      carry = Math.floor(carry / 58);
    }
    for (; carry > 0; carry = Math.floor(carry / 58)) digits.push(carry % 58);
  }
  const zeros = bytes.findIndex((byte) => byte !== 0);
  const lead = "1".repeat(zeros < 0 ? bytes.length : zeros);
  return (
    lead +
    digits
      .reverse()
      .map((digit) => BASE58.charAt(digit))
      .join("")
  );
}

/** @throws CredentialProblem `credential/encoding` */
export function decodeBase58(text: string): Uint8Array {
  if (text.length > BASE58_CHARACTERS_MAX)
    refuse("credential/encoding", `base58 of \`${text.length}\` characters exceeds \`${BASE58_CHARACTERS_MAX}\``);
  const bytes: number[] = []; // little-endian
  for (const character of text) {
    let carry = BASE58.indexOf(character);
    if (carry < 0) refuse("credential/encoding", `${shown(text)} is not base58btc`);
    for (let i = 0; i < bytes.length; i++) {
      carry += (bytes[i] ?? 0) * 58;
      bytes[i] = carry % 256;
      carry = Math.floor(carry / 256);
    }
    for (; carry > 0; carry = Math.floor(carry / 256)) bytes.push(carry % 256);
  }
  const zeros = /^1*/.exec(text)?.[0].length ?? 0;
  return Uint8Array.from([...Array<number>(zeros).fill(0), ...bytes.reverse()]);
}

/** Multibase base58btc: `z` and the digits. */
export function encodeMultibase58(bytes: Uint8Array): string {
  return `z${encodeBase58(bytes)}`;
}

/** The bytes of multibase text in base58btc (`z`) or base64url without padding (`u`). @throws CredentialProblem `credential/encoding` */
export function decodeMultibase(text: string): Uint8Array {
  if (text.startsWith("z")) return decodeBase58(text.slice(1));
  if (text.startsWith("u")) return decodeBase64url(text.slice(1));
  return refuse("credential/encoding", `${shown(text)} is neither multibase \`z\` nor \`u\``);
}

export function encodeHex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += byte.toString(16).padStart(2, "0");
  return text;
}

export function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const joined = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let offset = 0;
  for (const part of parts) {
    joined.set(part, offset);
    offset += part.length;
  }
  return joined;
}
