/**
 * The dossier: one file that holds what is known of a lot, serial or shipment and lets anyone check it offline (ours;
 * docs/adr/0007). A list of parts and a seal. Each part is salted member by member, so that a holder can withhold a part,
 * or a member of one, and the rest still verifies: `part digest = SHA-256(kind, sorted member digests)`, `member digest =
 * SHA-256(salt, name, value)`, all in canonical JSON, and the issuer signs the digest of the list. Invariant: the file is
 * its own canonical JSON, byte for byte, and every byte is under the seal or its signature. Refuses anything else.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { canonicalJson, type Json } from "@holdfast/kernel";
import { decodeBase64url, encodeBase64url, encodeHex } from "./encoding.ts";
import { instantMs } from "./instant.ts";
import { fromUtf8, isList, isObject, type JsonObject, parseJsonObject, utf8 } from "./json.ts";
import { type ClaimKey, jwkOf, keyOfJwk } from "./jwk.ts";
import { type ClaimSigner, type Jws, parseJws, signJws, verifyJws } from "./jws.ts";
import { refuse, shown } from "./refusal.ts";

export const DOSSIER_FORMAT = "holdfast-dossier/1";
/** 10,000 events of 2 kB and their proofs. */
export const MAX_DOSSIER_BYTES = 64_000_000;
export const MAX_DOSSIER_PARTS = 100_000;
const DOSSIER_TYPE = "holdfast-dossier+jwt";
const SALT_BYTES = 16;
const KIND = /^[a-z][a-z-]{0,39}$/;
const DIGEST = /^[0-9a-f]{64}$/;

/** A part before it is sealed. Its members are what can be withheld one by one; those of an event's body too. */
export interface PartInput {
  readonly kind: string;
  readonly content: JsonObject;
}

/** A part as it stands in a file: whole, in part, or withheld. */
export type DossierPart =
  | { readonly kind: string; readonly salt: string; readonly content: JsonObject }
  | { readonly kind: string; readonly shown: readonly Member[]; readonly withheld: readonly string[] }
  | { readonly kind: string; readonly digest: string };

/** A member with the salt of its digest. */
export type Member = readonly [salt: string, name: string, value: Json];

/** What the issuer signs. */
export interface Seal {
  readonly subject: string;
  readonly madeAt: string;
  readonly issuer: string;
  readonly issuerName: string;
  readonly key: ClaimKey;
  /** The DID URL of the key. */
  readonly kid: string;
}

export interface Dossier {
  readonly seal: Seal;
  readonly parts: readonly DossierPart[];
}

/** Seals `parts` in their order. @throws CredentialProblem `credential/dossier` */
export async function sealDossier(
  parts: readonly PartInput[],
  by: Omit<Seal, "key"> & {
    readonly key: ClaimKey;
    readonly signer: ClaimSigner;
    readonly random: (length: number) => Uint8Array;
  },
): Promise<Uint8Array> {
  if (parts.length > MAX_DOSSIER_PARTS)
    refuse("credential/dossier", `\`${parts.length}\` parts exceed \`${MAX_DOSSIER_PARTS}\``);
  const sealed = parts.map(({ kind, content }): DossierPart => {
    if (!KIND.test(kind)) refuse("credential/dossier", `${shown(kind)} is not a kind of part`);
    return { kind, salt: encodeBase64url(by.random(SALT_BYTES)), content };
  });
  const { subject, madeAt, issuer, issuerName, key, kid } = by;
  const claims = {
    subject,
    madeAt,
    issuer,
    issuerName,
    key: jwkOf(key),
    parts: sealed.length,
    digest: partsDigest(sealed),
  };
  const seal = await signJws({ typ: DOSSIER_TYPE, kid }, claims, by.signer);
  return formatDossier(sealed, seal);
}

/**
 * Reads a dossier and checks that it is whole: its parts are those of the seal, and the seal is signed with the key in it.
 * Whose key that is remains to be seen. @throws CredentialProblem `credential/dossier`, `credential/signature`, `credential/json`
 */
export function openDossier(bytes: Uint8Array): Dossier {
  const { parts, seal: text } = readDossier(bytes);
  const jws = parseJws(text);
  const { seal, digest, count } = sealOf(jws);
  if (count !== parts.length || digest !== partsDigest(parts))
    refuse("credential/dossier", "the parts are not those that were sealed");
  if (!verifyJws(jws, seal.key)) refuse("credential/signature", "the seal's signature does not verify");
  return { seal, parts };
}

/** The parts and the seal's text, as they stand. @throws CredentialProblem `credential/dossier`, `credential/json` */
export function readDossier(bytes: Uint8Array): { readonly parts: readonly DossierPart[]; readonly seal: string } {
  if (bytes.length > MAX_DOSSIER_BYTES)
    refuse("credential/dossier", `a dossier of \`${bytes.length}\` bytes exceeds \`${MAX_DOSSIER_BYTES}\``);
  const text = fromUtf8(bytes);
  const file = parseJsonObject(text, MAX_DOSSIER_BYTES);
  const { format, parts, seal } = file;
  if (format !== DOSSIER_FORMAT)
    refuse("credential/dossier", `the format is ${shown(String(format))}, not \`${DOSSIER_FORMAT}\``);
  if (canonicalJson(file) !== text) refuse("credential/dossier", "the file is not canonical JSON, so it was changed");
  if (!isList(parts) || typeof seal !== "string" || Object.keys(file).length !== 3)
    return refuse("credential/dossier", "a dossier has a format, parts and a seal");
  if (parts.length > MAX_DOSSIER_PARTS)
    refuse("credential/dossier", `\`${parts.length}\` parts exceed \`${MAX_DOSSIER_PARTS}\``);
  return { parts: parts.map(partOf), seal };
}

/** Inverse of readDossier. */
export function formatDossier(parts: readonly DossierPart[], seal: string): Uint8Array {
  return utf8(canonicalJson({ format: DOSSIER_FORMAT, parts, seal }));
}

/** The digest of a part, the same whether it is whole, in part or withheld. */
export function partDigest(part: DossierPart): string {
  if ("digest" in part) return part.digest;
  const digests =
    "salt" in part ? membersOf(part).map(memberDigest) : [...part.shown.map(memberDigest), ...part.withheld];
  return encodeHex(sha256(utf8(canonicalJson([part.kind, ...digests.toSorted()]))));
}

/** The members of a whole part: those of its content, and of an event's body each by itself, called `body/NAME`. */
export function membersOf(part: {
  readonly kind: string;
  readonly salt: string;
  readonly content: JsonObject;
}): Member[] {
  const salt = decodeBase64url(part.salt);
  const own = Object.entries(part.content);
  const { body } = part.content;
  const inner = part.kind === "event" && typeof body === "string" ? bodyMembers(body) : [];
  // a member's salt follows from the part's, and tells nothing of it or of the other members' salts
  return [...own, ...inner].map(([name, value]) => [saltOf(salt, name), name, value]);
}

/** What the readable members of a part say: its content, or as much of it as is shown. */
export function contentOf(part: DossierPart): JsonObject {
  if ("content" in part) return part.content;
  return "shown" in part ? Object.fromEntries(part.shown.map(([, name, value]) => [name, value])) : {};
}

function bodyMembers(body: string): [string, Json][] {
  return Object.entries(parseJsonObject(body)).map(([name, value]) => [`body/${name}`, value]);
}

function saltOf(partSalt: Uint8Array, name: string): string {
  return encodeBase64url(sha256(utf8(canonicalJson([encodeBase64url(partSalt), name]))).subarray(0, SALT_BYTES));
}

export function memberDigest(member: Member): string {
  return encodeHex(sha256(utf8(canonicalJson(member))));
}

function partsDigest(parts: readonly DossierPart[]): string {
  return encodeHex(sha256(utf8(canonicalJson(parts.map((part) => [part.kind, partDigest(part)])))));
}

function partOf(value: Json): DossierPart {
  if (!isObject(value)) return refuse("credential/dossier", "a part is an object");
  const { kind, salt, content, shown: open, withheld, digest } = value;
  if (typeof kind !== "string" || !KIND.test(kind))
    return refuse("credential/dossier", `${shown(String(kind))} is not a kind`);
  const names = Object.keys(value).length;
  if (typeof salt === "string" && isObject(content) && names === 3) {
    if (decodeBase64url(salt).length !== SALT_BYTES) refuse("credential/dossier", "a salt has 16 bytes");
    return { kind, salt, content };
  }
  if (typeof digest === "string" && DIGEST.test(digest) && names === 2) return { kind, digest };
  if (!isList(open) || !isList(withheld) || names !== 3)
    return refuse("credential/dossier", `a part of the kind ${shown(kind)} has not the form of one`);
  const members = open.map(memberOf);
  const digests = withheld.map((each) =>
    typeof each === "string" && DIGEST.test(each)
      ? each
      : refuse("credential/dossier", "a withheld member is a digest"),
  );
  if (new Set(members.map(([, name]) => name)).size !== members.length)
    refuse("credential/dossier", "a part shows one member twice");
  return { kind, shown: members, withheld: digests };
}

function memberOf(value: Json): Member {
  const [salt, name, inner, ...rest] = isList(value) ? value : [];
  if (typeof salt !== "string" || typeof name !== "string" || inner === undefined || rest.length > 0)
    return refuse("credential/dossier", "a shown member is its salt, its name and its value");
  return [salt, name, inner];
}

function sealOf(jws: Jws): { seal: Seal; digest: string; count: number } {
  if (jws.header["typ"] !== DOSSIER_TYPE) refuse("credential/dossier", `the seal's \`typ\` is not \`${DOSSIER_TYPE}\``);
  const { subject, madeAt, issuer, issuerName, key, parts, digest } = parseJsonObject(fromUtf8(jws.payload));
  const { kid } = jws;
  if (
    typeof subject !== "string" ||
    typeof madeAt !== "string" ||
    instantMs(madeAt) === undefined ||
    typeof issuer !== "string" ||
    typeof issuerName !== "string" ||
    typeof parts !== "number" ||
    typeof digest !== "string" ||
    !isObject(key) ||
    kid === undefined
  )
    return refuse("credential/dossier", "the seal does not say what, when, by whom and with which key");
  if (!kid.startsWith(`${issuer}#`)) refuse("credential/dossier", "the seal's key is not one of its issuer");
  return { seal: { subject, madeAt, issuer, issuerName, key: keyOfJwk(key), kid }, digest, count: parts };
}
