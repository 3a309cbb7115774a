/**
 * Bitstring Status List 1.0: many credentials' states in one compressed list, so that asking for one tells nobody which.
 * `encodedList` is `u` and base64url of gzip; index 0 is the most significant bit of byte 0. Refuses lists of fewer than
 * 131,072 bits (section 6.1: too small a crowd), indices outside the list, other purposes than the entry's, and anything
 * that inflates beyond MAX_LIST_BYTES: the stream is stopped there, whatever it claims.
 */
import type { Json } from "@holdfast/kernel";
import { decodeMultibase, encodeBase64url } from "./encoding.ts";
import { isObject, type JsonObject, listOf } from "./json.ts";
import { refuse, shown } from "./refusal.ts";

/** Section 6.1: 16 kB uncompressed. */
export const MIN_LIST_BITS = 131_072;
/** 134 million credentials of one issuer; a bomb ends here. */
export const MAX_LIST_BYTES = 16 * 1_048_576;
export const MAX_ENCODED_LIST_CHARACTERS = 24 * 1_048_576; // base64 of an incompressible list of the largest size
const MAX_STATUS_BITS = 8; // of a `message` entry; 256 messages

export type StatusPurpose = "revocation" | "suspension" | "refresh" | "message";
const PURPOSES: readonly string[] = ["revocation", "suspension", "refresh", "message"] satisfies StatusPurpose[];

/** Where a credential's state stands, section 2.1. */
export interface StatusEntry {
  readonly purpose: StatusPurpose;
  readonly index: number;
  /** The URL of the list's credential. */
  readonly list: string;
  /** Bits of one state, 1 unless the purpose is `message`. */
  readonly size: number;
}

/** The subject of a list's credential, section 2.2. */
export interface StatusList {
  readonly purposes: readonly string[];
  readonly bits: Uint8Array;
}

/**
 * The entries of a credential's `credentialStatus`; none when it has none.
 * @throws CredentialProblem `credential/status` for a malformed one, `credential/unsupported` for another type
 */
export function statusEntries(credential: JsonObject): readonly StatusEntry[] {
  return listOf(credential["credentialStatus"]).map((entry) => {
    if (!isObject(entry)) return refuse("credential/status", "a status entry is an object");
    const { type, statusPurpose, statusListIndex, statusListCredential, statusSize = 1 } = entry;
    if (type !== "BitstringStatusListEntry")
      refuse("credential/unsupported", `a status of type ${shown(String(type))} is not a \`BitstringStatusListEntry\``);
    if (!isPurpose(statusPurpose)) refuse("credential/status", `${shown(String(statusPurpose))} is not a purpose`);
    if (typeof statusListCredential !== "string") refuse("credential/status", "the entry names no list");
    if (
      typeof statusSize !== "number" ||
      !Number.isInteger(statusSize) ||
      statusSize < 1 ||
      statusSize > MAX_STATUS_BITS
    )
      refuse("credential/status", `a status of ${shown(String(statusSize))} bits is not 1 to \`${MAX_STATUS_BITS}\``);
    return { purpose: statusPurpose, index: indexOf(statusListIndex), list: statusListCredential, size: statusSize };
  });
}

/** The list in the (verified) credential of a list. @throws CredentialProblem `credential/status`, `credential/encoding` */
export async function readStatusList(credential: JsonObject): Promise<StatusList> {
  const types = listOf(credential["type"]);
  if (!types.includes("BitstringStatusListCredential"))
    refuse("credential/status", "the credential is not a `BitstringStatusListCredential`");
  const subject = credential["credentialSubject"];
  if (!isObject(subject) || !listOf(subject["type"]).includes("BitstringStatusList"))
    return refuse("credential/status", "the subject is not one `BitstringStatusList`");
  const { encodedList, statusPurpose } = subject;
  if (typeof encodedList !== "string" || !encodedList.startsWith("u"))
    return refuse("credential/status", "`encodedList` does not begin with `u`");
  if (encodedList.length > MAX_ENCODED_LIST_CHARACTERS)
    refuse("credential/status", `a list of \`${encodedList.length}\` characters is too long`);
  const bits = await inflate(decodeMultibase(encodedList));
  if (bits.length * 8 < MIN_LIST_BITS)
    refuse(
      "credential/status",
      `a list of \`${bits.length * 8}\` bits hides nobody: \`${MIN_LIST_BITS}\` are the least`,
    );
  return { purposes: listOf(statusPurpose).filter((purpose) => typeof purpose === "string"), bits };
}

/** The state of `entry` in `list`; 0 means that the purpose does not apply. @throws CredentialProblem `credential/status` */
export function statusOf(list: StatusList, entry: StatusEntry): number {
  if (!list.purposes.includes(entry.purpose)) refuse("credential/status", `the list is not for \`${entry.purpose}\``);
  const from = entry.index * entry.size;
  if (from + entry.size > list.bits.length * 8)
    refuse("credential/status", `index \`${entry.index}\` is outside a list of \`${list.bits.length * 8}\` bits`);
  let state = 0;
  for (let bit = from; bit < from + entry.size; bit++)
    state = state * 2 + (((list.bits[bit >> 3] ?? 0) >> (7 - (bit & 7))) & 1); // section 3.1: the leftmost bit is index 0
  return state;
}

/** The bits with those of `indices` set. */
export function withBits(bits: Uint8Array, indices: Iterable<number>): Uint8Array {
  const changed = Uint8Array.from(bits);
  for (const index of indices) changed[index >> 3] = (changed[index >> 3] ?? 0) | (0x80 >> (index & 7));
  return changed;
}

/** The unsigned credential of a list. */
export async function statusListCredential(list: {
  readonly id: string;
  readonly issuer: Json;
  readonly purpose: StatusPurpose;
  readonly bits: Uint8Array;
  readonly validFrom: string;
  readonly validUntil?: string;
}): Promise<JsonObject> {
  if (list.bits.length * 8 < MIN_LIST_BITS || list.bits.length > MAX_LIST_BYTES)
    refuse("credential/status", `a list of \`${list.bits.length * 8}\` bits is not within the limits`);
  return {
    "@context": ["https://www.w3.org/ns/credentials/v2"],
    id: list.id,
    type: ["VerifiableCredential", "BitstringStatusListCredential"],
    issuer: list.issuer,
    validFrom: list.validFrom,
    ...(list.validUntil === undefined ? {} : { validUntil: list.validUntil }),
    credentialSubject: {
      id: `${list.id}#list`,
      type: "BitstringStatusList",
      statusPurpose: list.purpose,
      encodedList: `u${encodeBase64url(await deflate(list.bits))}`,
    },
  };
}

/** gzip, RFC 1952, by the platform's stream; what comes out is counted while it comes. */
async function inflate(bytes: Uint8Array): Promise<Uint8Array> {
  try {
    return await collect(bytes, new DecompressionStream("gzip"), MAX_LIST_BYTES);
  } catch (error) {
    if (error instanceof RangeError) return refuse("credential/status", error.message);
    return refuse("credential/status", "`encodedList` is not gzip");
  }
}

async function deflate(bytes: Uint8Array): Promise<Uint8Array> {
  return collect(bytes, new CompressionStream("gzip"), 2 * MAX_LIST_BYTES);
}

/** @throws RangeError when more than `sizeBytesMax` come out */
async function collect(
  bytes: Uint8Array,
  stream: DecompressionStream | CompressionStream,
  sizeBytesMax: number,
): Promise<Uint8Array> {
  const writer = stream.writable.getWriter();
  // a failed or stopped stream fails the writer too; the reader below is the one that tells
  const written = writer
    .write(Uint8Array.from(bytes))
    .then(() => writer.close())
    .catch(() => undefined);
  const reader = stream.readable.getReader();
  const chunks: Uint8Array[] = [];
  let size = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) break;
    size += value.length;
    if (size > sizeBytesMax) {
      await reader.cancel();
      throw new RangeError(`a list inflates beyond \`${sizeBytesMax}\` bytes`);
    }
    chunks.push(value);
  }
  await written;
  const whole = new Uint8Array(size);
  let offset = 0;
  for (const chunk of chunks) {
    whole.set(chunk, offset);
    offset += chunk.length;
  }
  return whole;
}

function isPurpose(purpose: Json | undefined): purpose is StatusPurpose {
  return typeof purpose === "string" && PURPOSES.includes(purpose);
}

/** A decimal string by the standard, an integer by the UNTP schema. */
function indexOf(index: Json | undefined): number {
  const value = typeof index === "string" && /^(?:0|[1-9]\d{0,14})$/.test(index) ? Number(index) : index;
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0)
    return refuse("credential/status", `${shown(String(index))} is not an index`);
  return value;
}
