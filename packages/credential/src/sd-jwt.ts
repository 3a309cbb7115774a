/**
 * Selective disclosure, RFC 9901: a signed document in which some members and array elements are replaced by the digest
 * of a salted disclosure, so that its holder shows what is asked for and nothing else. Invariants: opening what was issued
 * with every disclosure gives the claims back; opening with some gives the claims without the others. Refuses a disclosure
 * that no digest calls for, a digest that stands twice, a disclosed name that is there already or is `_sd` or `...`, and
 * an unknown `_sd_alg`.
 */
import { sha256, sha384, sha512 } from "@noble/hashes/sha2.js";
import type { Json } from "@holdfast/kernel";
import { decodeBase64url, encodeBase64url } from "./encoding.ts";
import { fromUtf8, isList, isObject, type JsonObject, parseJson, under, utf8 } from "./json.ts";
import { refuse, shown } from "./refusal.ts";

/** An SD-JWT taken apart: `<jws>~<disclosure>~…~<key binding or nothing>`. */
export interface SdJwt {
  readonly jws: string;
  /** As they stand, in base64url; digests are over these characters. */
  readonly disclosures: readonly string[];
  /** The key binding JWT; undefined when the last part is empty. */
  readonly keyBinding: string | undefined;
}

/** Claims with what was disclosed put in its place. */
export interface OpenedClaims {
  readonly claims: JsonObject;
  /** JSON Pointers of what was disclosed, each with the disclosure that holds it. */
  readonly disclosed: readonly { readonly path: string; readonly disclosure: string }[];
  /** How many digests have no disclosure here: withheld claims and decoys, which cannot be told apart. */
  readonly withheldCount: number;
}

export const MAX_DISCLOSURES = 2_000; // of one presentation
const MAX_SD_JWT_CHARACTERS = 8_000_000;
const HASHES = new Map<string, (bytes: Uint8Array) => Uint8Array>([
  ["sha-256", sha256],
  ["sha-384", sha384],
  ["sha-512", sha512],
]);
const SALT_BYTES = 16; // RFC 9901 9.3: 128 bits

/** @throws CredentialProblem `credential/sd-jwt` */
export function parseSdJwt(text: string): SdJwt {
  if (text.length > MAX_SD_JWT_CHARACTERS) refuse("credential/sd-jwt", `\`${text.length}\` characters are too many`);
  const [jws = "", ...rest] = text.split("~");
  if (rest.length === 0) refuse("credential/sd-jwt", "an SD-JWT has a tilde after its JWS");
  const last = rest.pop();
  if (rest.length > MAX_DISCLOSURES)
    refuse("credential/sd-jwt", `\`${rest.length}\` disclosures exceed \`${MAX_DISCLOSURES}\``);
  return { jws, disclosures: rest, keyBinding: last === "" ? undefined : last };
}

/** Inverse of parseSdJwt. */
export function formatSdJwt({ jws, disclosures, keyBinding }: SdJwt): string {
  return `${[jws, ...disclosures].join("~")}~${keyBinding ?? ""}`;
}

/** The digest of a disclosure, or of a presentation for `sd_hash`: over its ASCII characters. @throws CredentialProblem `credential/unsupported` */
export function disclosureDigest(text: string, algorithm: string): string {
  const hash = HASHES.get(algorithm);
  if (!hash) return refuse("credential/unsupported", `the digest algorithm ${shown(algorithm)} is not implemented`);
  return encodeBase64url(hash(utf8(text)));
}

/** The `_sd_alg` of a payload, RFC 9901 4.1.1. @throws CredentialProblem */
export function digestAlgorithm(payload: JsonObject): string {
  const algorithm = payload["_sd_alg"] ?? "sha-256";
  if (typeof algorithm !== "string" || !HASHES.has(algorithm))
    refuse("credential/unsupported", `\`_sd_alg\` is ${shown(String(algorithm))}`);
  return algorithm;
}

/** RFC 9901 7.1, steps 2 to 5. @throws CredentialProblem `credential/sd-jwt`, `credential/unsupported` */
export function openClaims(payload: JsonObject, disclosures: readonly string[]): OpenedClaims {
  const opening = new Opening(digestAlgorithm(payload), disclosures);
  const { _sd_alg: _algorithm, ...rest } = payload;
  const claims = opening.object(rest, "");
  opening.refuseUnused();
  return { claims, disclosed: opening.disclosed, withheldCount: opening.withheldCount };
}

interface Disclosure {
  readonly text: string;
  readonly name: string | undefined;
  readonly value: Json;
}

class Opening {
  readonly disclosed: { path: string; disclosure: string }[] = [];
  withheldCount = 0;
  readonly #byDigest = new Map<string, Disclosure>();
  readonly #seen = new Set<string>();
  readonly #used = new Set<Disclosure>();

  constructor(algorithm: string, disclosures: readonly string[]) {
    for (const text of disclosures) {
      const digest = disclosureDigest(text, algorithm);
      if (this.#byDigest.has(digest)) refuse("credential/sd-jwt", "a disclosure stands twice");
      this.#byDigest.set(digest, readDisclosure(text));
    }
  }

  object(object: JsonObject, path: string): JsonObject {
    const { _sd: digests, ...own } = object;
    if ("..." in own) refuse("credential/sd-jwt", `${shown(path)} has a member \`...\` outside an array`);
    const members = new Map<string, Json>();
    for (const [name, value] of Object.entries(own)) members.set(name, this.value(value, under(path, name)));
    if (digests === undefined) return Object.fromEntries(members);
    if (!isList(digests)) return refuse("credential/sd-jwt", `\`_sd\` at ${shown(path)} is not an array`);
    for (const digest of digests) {
      const found = this.#take(digest);
      if (!found) continue;
      const { name, text } = found;
      if (name === undefined)
        return refuse("credential/sd-jwt", "the disclosure of an array element stands for a member");
      if (members.has(name)) refuse("credential/sd-jwt", `the disclosed name ${shown(name)} is there already`);
      const at = under(path, name);
      this.disclosed.push({ path: at, disclosure: text });
      members.set(name, this.value(found.value, at));
    }
    return Object.fromEntries(members);
  }

  value(value: Json, path: string): Json {
    if (isObject(value)) return this.object(value, path);
    if (!isList(value)) return value;
    const elements: Json[] = [];
    for (const each of value) {
      const at = under(path, elements.length);
      if (!isObject(each) || !("..." in each)) {
        elements.push(this.value(each, at));
        continue;
      }
      if (Object.keys(each).length !== 1) refuse("credential/sd-jwt", `${shown(at)} has members beside \`...\``);
      const found = this.#take(each["..."] ?? null);
      if (!found) continue;
      if (found.name !== undefined)
        refuse("credential/sd-jwt", "the disclosure of a member stands for an array element");
      this.disclosed.push({ path: at, disclosure: found.text });
      elements.push(this.value(found.value, at));
    }
    return elements;
  }

  refuseUnused(): void {
    const unused = this.#byDigest.size - this.#used.size;
    if (unused > 0) refuse("credential/sd-jwt", `\`${unused}\` disclosures belong to no digest`);
  }

  #take(digest: Json): Disclosure | undefined {
    if (typeof digest !== "string") return refuse("credential/sd-jwt", "a digest is text");
    if (this.#seen.has(digest)) refuse("credential/sd-jwt", "a digest stands twice");
    this.#seen.add(digest);
    const found = this.#byDigest.get(digest);
    if (found) this.#used.add(found);
    else this.withheldCount += 1;
    return found;
  }
}

function readDisclosure(text: string): Disclosure {
  const parts = parseJson(fromUtf8(decodeBase64url(text)));
  if (!isList(parts) || typeof parts[0] !== "string" || parts.length < 2 || parts.length > 3)
    return refuse("credential/sd-jwt", "a disclosure is an array of salt, name and value, or of salt and value");
  if (parts.length === 2) return { text, name: undefined, value: parts[1] ?? null };
  const name = parts[1];
  if (typeof name !== "string" || name === "_sd" || name === "...")
    return refuse("credential/sd-jwt", `${shown(String(name))} cannot be disclosed`);
  return { text, name, value: parts[2] ?? null };
}

/** What of `claims` is disclosable, and how many decoys hide how much there is. */
export interface Concealment {
  /** JSON Pointers of members and array elements; a part of a concealed part may be listed too. */
  readonly paths: readonly string[];
  /** Random digests added to each object that conceals something. */
  readonly decoyCount?: number;
  /** Fresh random bytes, `length` of them. */
  readonly random: (length: number) => Uint8Array;
}

/**
 * The payload of an SD-JWT and its disclosures, inner ones before those that hold them.
 * @throws CredentialProblem `credential/sd-jwt` for a path that is not there or cannot be concealed
 */
export function concealClaims(
  claims: JsonObject,
  concealment: Concealment,
): { readonly payload: JsonObject; readonly disclosures: readonly string[] } {
  const wanted = new Set(concealment.paths);
  const disclosures: string[] = [];
  const made = (parts: readonly Json[]): string => {
    const salt = encodeBase64url(concealment.random(SALT_BYTES));
    const text = encodeBase64url(utf8(JSON.stringify([salt, ...parts])));
    disclosures.push(text);
    return disclosureDigest(text, "sha-256");
  };
  const conceal = (value: Json, path: string): Json => {
    if (isList(value))
      return value.map((each, i) => {
        const at = under(path, i);
        const inner = conceal(each, at);
        return wanted.delete(at) ? { "...": made([inner]) } : inner;
      });
    if (!isObject(value)) return value;
    const open: Record<string, Json> = {};
    const digests: string[] = [];
    for (const [name, each] of Object.entries(value)) {
      if (name === "_sd" || name === "...") refuse("credential/sd-jwt", `a claim cannot be called ${shown(name)}`);
      const at = under(path, name);
      const inner = conceal(each, at);
      if (wanted.delete(at)) digests.push(made([name, inner]));
      else open[name] = inner;
    }
    if (digests.length === 0) return open;
    for (let i = 0; i < (concealment.decoyCount ?? 0); i++)
      digests.push(encodeBase64url(sha256(concealment.random(32))));
    return { ...open, _sd: digests.sort() }; // sorted, so that their order tells nothing (RFC 9901 4.2.4.1)
  };
  const payload = conceal(claims, "");
  const [missing] = wanted;
  if (missing !== undefined) refuse("credential/sd-jwt", `there is nothing at ${shown(missing)} to conceal`);
  // an object went in, so an object comes out
  return { payload: { ...(isObject(payload) ? payload : {}), _sd_alg: "sha-256" }, disclosures };
}

/**
 * The SD-JWT with only those disclosures that show `paths`, with what holds them.
 * @throws CredentialProblem `credential/sd-jwt` for a path that no disclosure shows
 */
export function selectDisclosures(sdJwt: SdJwt, payload: JsonObject, paths: readonly string[]): SdJwt {
  const { disclosed } = openClaims(payload, sdJwt.disclosures);
  const kept = new Set<string>();
  for (const path of paths) {
    const holders = disclosed.filter((each) => each.path === path || path.startsWith(`${each.path}/`));
    const inside = disclosed.filter((each) => each.path.startsWith(`${path}/`));
    const exact = holders.some((each) => each.path === path);
    if (!exact && inside.length === 0 && holders.length === 0)
      refuse("credential/sd-jwt", `nothing concealed stands at ${shown(path)}`);
    for (const { disclosure } of [...holders, ...inside]) kept.add(disclosure);
  }
  return {
    jws: sdJwt.jws,
    disclosures: sdJwt.disclosures.filter((disclosure) => kept.has(disclosure)),
    keyBinding: undefined,
  };
}
