/**
 * Deterministic identifiers of observables, STIX 2.1 sections 2.9 and 3.4: UUIDv5 (RFC 4122 4.3) in the namespace
 * `00abedb4-…`, over the canonical JSON (RFC 8785) of the id contributing properties that are present.
 * Invariant: values count as written; normalising them is the producer's work, before storing. Of `hashes` exactly one
 * counts, the first present of MD5, SHA-1, SHA-256, SHA-512. Gives no id where none of the properties is present.
 */
import { canonicalJson } from "@holdfast/kernel";
import { sha1 } from "@noble/hashes/legacy.js";
import { isRecord } from "./object-type.ts";

/** Contributing properties by type, from the table of each observable in section 6. `process` has none. */
const CONTRIBUTING: Readonly<Record<string, readonly string[]>> = {
  artifact: ["hashes", "payload_bin"],
  "autonomous-system": ["number"],
  directory: ["path"],
  "domain-name": ["value"],
  "email-addr": ["value"],
  "email-message": ["from_ref", "subject", "body"],
  file: ["hashes", "name", "extensions", "parent_directory_ref"],
  "ipv4-addr": ["value"],
  "ipv6-addr": ["value"],
  "mac-addr": ["value"],
  mutex: ["name"],
  "network-traffic": ["start", "end", "src_ref", "dst_ref", "src_port", "dst_port", "protocols", "extensions"],
  process: [],
  software: ["name", "cpe", "swid", "vendor", "version"],
  url: ["value"],
  "user-account": ["account_type", "user_id", "account_login"],
  "windows-registry-key": ["key", "values"],
  "x509-certificate": ["hashes", "serial_number"],
};

const HASH_PREFERENCE = ["MD5", "SHA-1", "SHA-256", "SHA-512"] as const;

/** 00abedb4-aa42-466c-9c01-fed23315a9b7, STIX 2.1 section 2.9. */
const NAMESPACE = new Uint8Array([
  0x00, 0xab, 0xed, 0xb4, 0xaa, 0x42, 0x46, 0x6c, 0x9c, 0x01, 0xfe, 0xd2, 0x33, 0x15, 0xa9, 0xb7,
]);

const encoder = new TextEncoder();

/**
 * The identifier that the standard's default algorithm gives `object`; undefined for other types, for `process`, and
 * where no contributing property is present: those take a UUIDv4.
 * @throws Problem `canonical-json/unrepresentable` when a contributing value has no JSON form, as a lone surrogate
 */
export function deterministicId(object: Readonly<Record<string, unknown>>): string | undefined {
  const type = object["type"];
  if (typeof type !== "string") return undefined;
  const contribution = contributingProperties(type, object);
  return contribution && `${type}--${uuid5(encoder.encode(canonicalJson(contribution)))}`;
}

/** The properties that enter the id, with one hash chosen; undefined when there are none. */
function contributingProperties(
  type: string,
  object: Readonly<Record<string, unknown>>,
): Record<string, unknown> | undefined {
  const names = Object.hasOwn(CONTRIBUTING, type) ? CONTRIBUTING[type]! : []; // the key is there
  const chosen: Record<string, unknown> = {};
  for (const name of names) {
    const value = object[name];
    if (value === undefined) continue;
    if (name !== "hashes") chosen[name] = value;
    else {
      const hash = oneHash(value);
      if (hash !== undefined) chosen["hashes"] = hash;
    }
  }
  return Object.keys(chosen).length === 0 ? undefined : chosen;
}

/** Any other algorithm is chosen only when none of the preferred is there: the first by name, so that it is stable. */
function oneHash(hashes: unknown): Record<string, unknown> | undefined {
  if (!isRecord(hashes)) return undefined;
  const name = HASH_PREFERENCE.find((known) => hashes[known] !== undefined) ?? Object.keys(hashes).sort()[0];
  return name === undefined ? undefined : { [name]: hashes[name] };
}

/** RFC 4122 4.3: SHA-1(namespace || name), first 16 octets, version 5, variant 10. */
function uuid5(name: Uint8Array): string {
  const input = new Uint8Array(NAMESPACE.length + name.length);
  input.set(NAMESPACE);
  input.set(name, NAMESPACE.length);
  const bytes = sha1(input).slice(0, 16);
  bytes[6] = 0x50 | (bytes[6]! & 0x0f); // within the 16 octets
  bytes[8] = 0x80 | (bytes[8]! & 0x3f); // within the 16 octets
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
