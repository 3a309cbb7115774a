/**
 * DID documents (DID Core 1.0; Controlled Identifiers 1.0): which keys may make claims for a DID. Invariant: a key counts
 * only when the document is the DID's own, the method's controller is that DID, and `assertionMethod` lists it. Refuses a
 * document of another id, keys in unknown forms, and more than MAX_METHODS methods.
 */
import type { Json } from "@holdfast/kernel";
import { keyOfDidKey, keyOfMultikey, multikeyOf } from "./did-key.ts";
import { isObject, type JsonObject, listOf } from "./json.ts";
import { type ClaimKey, jwkOf, keyOfJwk } from "./jwk.ts";
import { refuse, shown } from "./refusal.ts";

/** What resolving a DID came to. The network, if any, is the caller's. */
export type DidResolution =
  | { readonly state: "found"; readonly document: JsonObject }
  | { readonly state: "failed" | "not-checked"; readonly reason: string };

export type DidResolver = (did: string) => Promise<DidResolution>;

/** What a key is wanted for. */
export type Purpose = "assertionMethod" | "authentication";

export interface Method {
  readonly id: string;
  readonly key: ClaimKey;
}

const MAX_METHODS = 200; // bounds the search in a hostile document
const METHOD_TYPES = ["JsonWebKey", "JsonWebKey2020", "Multikey", "Ed25519VerificationKey2020"];

/** The DID of a DID URL. @throws CredentialProblem `credential/did` */
export function didOf(didUrl: string): string {
  const did = didUrl.split("#")[0] ?? "";
  if (!/^did:[a-z0-9]+:[^\s/?#]+$/.test(did)) refuse("credential/did", `${shown(didUrl)} is not a DID URL`);
  return did;
}

/** The methods that `document` lets make claims for `did`. @throws CredentialProblem */
export function methodsOf(did: string, document: JsonObject, purpose: Purpose = "assertionMethod"): readonly Method[] {
  if (document["id"] !== did)
    refuse("credential/did", `the document of ${shown(did)} calls itself ${shown(String(document["id"]))}`);
  const listed = listOf(document[purpose]);
  const defined = listOf(document["verificationMethod"]);
  if (listed.length > MAX_METHODS || defined.length > MAX_METHODS)
    refuse("credential/did", `the document of ${shown(did)} has more than \`${MAX_METHODS}\` methods`);
  return listed.map((entry) => {
    const id = absolute(did, isObject(entry) ? entry["id"] : entry);
    const method = isObject(entry) ? entry : defined.find((each) => isObject(each) && absolute(did, each["id"]) === id);
    if (!isObject(method)) return refuse("credential/did", `${shown(id)} is listed and not defined`);
    if (method["controller"] !== did)
      refuse("credential/did", `${shown(id)} is controlled by ${shown(String(method["controller"]))}`);
    return {
      id,
      get key() {
        return keyOf(id, method);
      },
    };
  });
}

/** The key of the DID URL `didUrl` in its DID's document. @throws CredentialProblem */
export function methodKey(didUrl: string, document: JsonObject, purpose: Purpose = "assertionMethod"): ClaimKey {
  const did = didOf(didUrl);
  const found = methodsOf(did, document, purpose).find(({ id }) => id === didUrl);
  if (!found) return refuse("credential/key", `${shown(didUrl)} may not make claims: \`${purpose}\` does not list it`);
  return found.key;
}

/** The key that `didUrl` names, or why it is not known. A did:key needs no document. */
export async function resolveKey(
  didUrl: string,
  resolve: DidResolver,
): Promise<{ readonly state: "found"; readonly key: ClaimKey } | Exclude<DidResolution, { state: "found" }>> {
  const did = didOf(didUrl);
  if (did.startsWith("did:key:")) return { state: "found", key: keyOfDidKey(didUrl) };
  const resolution = await resolve(did);
  if (resolution.state !== "found") return resolution;
  return { state: "found", key: methodKey(didUrl, resolution.document) };
}

/** A document that publishes `methods` for making claims, in both key forms that readers know. */
export function didDocument(
  did: string,
  methods: readonly { readonly fragment: string; readonly key: ClaimKey }[],
): JsonObject {
  const ids = methods.flatMap(({ fragment }) => [`${did}#${fragment}`, `${did}#${fragment}-multikey`]);
  return {
    "@context": [
      "https://www.w3.org/ns/did/v1",
      "https://w3id.org/security/jwk/v1",
      "https://w3id.org/security/multikey/v1",
    ],
    id: did,
    verificationMethod: methods.flatMap(({ fragment, key }) => [
      { id: `${did}#${fragment}`, type: "JsonWebKey", controller: did, publicKeyJwk: jwkOf(key) },
      { id: `${did}#${fragment}-multikey`, type: "Multikey", controller: did, publicKeyMultibase: multikeyOf(key) },
    ]),
    assertionMethod: ids,
  };
}

function keyOf(id: string, method: JsonObject): ClaimKey {
  const { type, publicKeyJwk, publicKeyMultibase } = method;
  if (typeof type !== "string" || !METHOD_TYPES.includes(type))
    refuse("credential/unsupported", `${shown(id)} is of type ${shown(String(type))}`);
  if (publicKeyJwk !== undefined && publicKeyMultibase !== undefined)
    refuse("credential/did", `${shown(id)} has two keys`);
  if (isObject(publicKeyJwk)) return keyOfJwk(publicKeyJwk);
  if (typeof publicKeyMultibase === "string") return keyOfMultikey(publicKeyMultibase);
  return refuse("credential/did", `${shown(id)} has no key in a known form`);
}

function absolute(did: string, id: Json | undefined): string {
  if (typeof id !== "string") refuse("credential/did", `a method of ${shown(did)} has no id`);
  return id.startsWith("#") ? `${did}${id}` : id;
}
