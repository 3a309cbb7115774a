/**
 * Data Integrity proofs with the suite eddsa-jcs-2022 (VC Data Integrity 1.0; vc-di-eddsa 3.3): the proof's options and
 * the document, each canonical by RFC 8785 and hashed, then signed with Ed25519. Proof sets and chains are judged proof by
 * proof. The RDF suites (eddsa-rdfc-2022, Ed25519Signature2020, ecdsa-rdfc-2019, bbs-2023) are told apart and not checked:
 * they need RDF canonicalisation, which this package leaves out.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { canonicalJson, type Json } from "@holdfast/kernel";
import { nobleVerifier, type Signer, type Verifier } from "@holdfast/tlog";
import { concat, decodeMultibase, encodeMultibase58 } from "./encoding.ts";
import { instantMs } from "./instant.ts";
import { isList, isObject, type JsonObject, listOf, utf8, without } from "./json.ts";
import type { ClaimKey } from "./jwk.ts";
import { refuse, shown } from "./refusal.ts";

export const EDDSA_JCS_2022 = "eddsa-jcs-2022";
/** Bounds the verifications that one document can ask for. */
export const MAX_PROOFS = 16;

/** What a proof says of itself, with the bytes that it signs. */
export interface DataIntegrityProof {
  readonly cryptosuite: typeof EDDSA_JCS_2022;
  /** The DID URL of the key. */
  readonly verificationMethod: string;
  readonly createdMs: number | undefined;
  /** From here on the proof is none. */
  readonly expiresMs: number | undefined;
  /** SHA-256(canonical options) || SHA-256(canonical document), vc-di-eddsa 3.3.4. */
  readonly signedBytes: Uint8Array;
  readonly signature: Uint8Array;
}

/** The proofs of a secured document, in its order. @throws CredentialProblem `credential/proof` */
export function proofsOf(secured: JsonObject): readonly JsonObject[] {
  const proofs = listOf(secured["proof"]);
  if (proofs.length > MAX_PROOFS) refuse("credential/proof", `\`${proofs.length}\` proofs exceed \`${MAX_PROOFS}\``);
  return proofs.map((proof) => (isObject(proof) ? proof : refuse("credential/proof", "a proof is an object")));
}

/**
 * What `proof` of `secured` signs. @throws CredentialProblem `credential/unsupported` for another suite,
 * `credential/proof` for a malformed proof, `credential/encoding`
 */
export function readProof(secured: JsonObject, proof: JsonObject): DataIntegrityProof {
  const { type, cryptosuite, proofPurpose, verificationMethod, proofValue } = proof;
  if (type !== "DataIntegrityProof" || cryptosuite !== EDDSA_JCS_2022)
    refuse(
      "credential/unsupported",
      `the suite ${shown(suiteName(proof))} is not \`${EDDSA_JCS_2022}\` and is not checked`,
    );
  if (proofPurpose !== "assertionMethod")
    refuse("credential/proof", `the purpose ${shown(String(proofPurpose))} is not \`assertionMethod\``);
  if (typeof verificationMethod !== "string") refuse("credential/proof", "the proof names no `verificationMethod`");
  if (typeof proofValue !== "string" || !proofValue.startsWith("z"))
    refuse("credential/proof", "`proofValue` is not multibase base58btc");
  const signature = decodeMultibase(proofValue);
  if (signature.length !== 64) refuse("credential/proof", `the signature has \`${signature.length}\` bytes, not 64`);
  return {
    cryptosuite: EDDSA_JCS_2022,
    verificationMethod,
    createdMs: timeOf(proof, "created"),
    expiresMs: timeOf(proof, "expires"),
    signedBytes: signedBytes(unsecured(secured, proof), without(proof, "proofValue")),
    signature,
  };
}

/** Whether `key` made the proof. */
export function verifyProof(proof: DataIntegrityProof, key: ClaimKey, verifier: Verifier = nobleVerifier): boolean {
  return key.kind === "ed25519" && verifier.verify("ed25519", key, proof.signedBytes, proof.signature);
}

/** The document with a proof by `signer`, an Ed25519 key that `verificationMethod` names. */
export async function addProof(
  document: JsonObject,
  by: { readonly verificationMethod: string; readonly created?: string; readonly signer: Signer },
): Promise<JsonObject> {
  if ("proof" in document) refuse("credential/proof", "the document has a proof already");
  const context = document["@context"];
  const options: JsonObject = {
    type: "DataIntegrityProof",
    cryptosuite: EDDSA_JCS_2022,
    ...(by.created === undefined ? {} : { created: by.created }),
    verificationMethod: by.verificationMethod,
    proofPurpose: "assertionMethod",
    ...(context === undefined ? {} : { "@context": context }),
  };
  const signature = await by.signer.sign(signedBytes(document, options));
  return { ...document, proof: { ...options, proofValue: encodeMultibase58(signature) } };
}

/** What eddsa-jcs-2022 signs. */
export function signedBytes(document: JsonObject, options: JsonObject): Uint8Array {
  return concat(sha256(utf8(canonicalJson(options))), sha256(utf8(canonicalJson(document))));
}

/**
 * The document as the proof saw it: without proofs, except those that it builds on (VC Data Integrity 4.3), and with the
 * context that it names, which the document's must begin with (vc-di-eddsa 3.3.2).
 */
function unsecured(secured: JsonObject, proof: JsonObject): JsonObject {
  const document = without(secured, "proof");
  const context = proof["@context"];
  if (context !== undefined && !beginsWith(document["@context"], context))
    refuse("credential/proof", "the document's contexts do not begin with those of its proof");
  const previous = listOf(proof["previousProof"]).map((id) => {
    const found = proofsOf(secured).find((each) => each["id"] === id && id !== undefined && each !== proof);
    return found ?? refuse("credential/proof", `the proof builds on ${shown(String(id))}, which is not here`);
  });
  return {
    ...document,
    ...(context === undefined ? {} : { "@context": context }),
    ...(previous.length === 0 ? {} : { proof: previous }),
  };
}

function beginsWith(whole: Json | undefined, start: Json): boolean {
  if (!isList(start) || !isList(whole)) return whole !== undefined && canonicalJson(whole) === canonicalJson(start);
  return start.every((context, i) => whole[i] !== undefined && canonicalJson(whole[i]) === canonicalJson(context));
}

function timeOf(proof: JsonObject, name: "created" | "expires"): number | undefined {
  const value = proof[name];
  if (value === undefined) return undefined;
  const at = typeof value === "string" ? instantMs(value) : undefined;
  return at ?? refuse("credential/proof", `\`${name}\` is ${shown(String(value))}, not a time with its zone`);
}

function suiteName({ type, cryptosuite }: JsonObject): string {
  return String(cryptosuite ?? type);
}
