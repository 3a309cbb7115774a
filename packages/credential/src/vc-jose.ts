/**
 * Credentials inside a JWS (Securing Verifiable Credentials using JOSE and COSE, section 3): typ `vc+jwt`, cty `vc`, the
 * credential itself as the payload, and its issuer the DID of `kid`. Also the EnvelopedVerifiableCredential, VCDM 2.0
 * 4.12.1, that carries one in a data URL. Refuses a `vc` claim, which is the older and other way, and JWT claims that
 * contradict the credential.
 */
import type { JsonObject } from "./json.ts";
import { fromUtf8, isObject, listOf, parseJsonObject } from "./json.ts";
import { type ClaimSigner, type Jws, parseJws, signJws } from "./jws.ts";
import { refuse, shown } from "./refusal.ts";
import { VC_CONTEXT } from "./vcdm.ts";

export const VC_JWT = "vc+jwt";
export const VC_SD_JWT = "vc+sd-jwt";

export interface VcJwt {
  readonly jws: Jws;
  readonly credential: JsonObject;
  /** Seconds of the JWT's own claims, which narrow the credential's period and never widen it. */
  readonly notBefore: number | undefined;
  readonly expires: number | undefined;
}

/** Reads without verifying. @throws CredentialProblem `credential/jose` and those of the JWS */
export function parseVcJwt(compact: string): VcJwt {
  const jws = parseJws(compact);
  const { typ, cty } = jws.header;
  if (typ !== VC_JWT) refuse("credential/jose", `\`typ\` is ${shown(String(typ))}, not \`${VC_JWT}\``);
  if (cty !== undefined && cty !== "vc") refuse("credential/jose", `\`cty\` is ${shown(String(cty))}, not \`vc\``);
  const credential = parseJsonObject(fromUtf8(jws.payload));
  if ("vc" in credential)
    refuse("credential/jose", "the payload has a `vc` claim: it is a credential of the older form");
  agree(credential);
  return { jws, credential, notBefore: seconds(credential, "nbf"), expires: seconds(credential, "exp") };
}

/** A `vc+jwt`. `kid` is the DID URL of the signer's key, and its DID the credential's issuer. */
export async function issueVcJwt(
  credential: JsonObject,
  by: { readonly kid: string; readonly signer: ClaimSigner },
): Promise<string> {
  return signJws({ typ: VC_JWT, cty: "vc", kid: by.kid }, credential, by.signer);
}

/** The enveloping credential of a `vc+jwt` or `vc+sd-jwt`. */
export function envelope(compact: string): JsonObject {
  const type = compact.includes("~") ? VC_SD_JWT : VC_JWT;
  return { "@context": [VC_CONTEXT], type: "EnvelopedVerifiableCredential", id: `data:application/${type},${compact}` };
}

/** The secured text inside an envelope, or undefined when `credential` is none. @throws CredentialProblem `credential/jose` */
export function unwrapEnvelope(credential: JsonObject): string | undefined {
  if (!listOf(credential["type"]).includes("EnvelopedVerifiableCredential")) return undefined;
  const { id } = credential;
  const [, type, text] = typeof id === "string" ? (/^data:application\/([a-z+.-]+),(.*)$/s.exec(id) ?? []) : [];
  if (text === undefined) return refuse("credential/jose", "the envelope's id is not a data URL of a credential");
  if (type !== VC_JWT && type !== VC_SD_JWT)
    refuse("credential/unsupported", `an envelope of ${shown(`application/${type}`)} is not opened`);
  if ((type === VC_SD_JWT) !== text.includes("~"))
    refuse("credential/jose", "the envelope's content is not of its type");
  return text;
}

/** The id of a credential's issuer. @throws CredentialProblem `credential/form` */
export function issuerOf(credential: JsonObject): string {
  const { issuer } = credential;
  const id = isObject(issuer) ? issuer["id"] : issuer;
  return typeof id === "string" ? id : refuse("credential/form", "the credential has no issuer");
}

/** Claims that have a member of the credential as their twin say the same as it (section 3.1.3). */
function agree(credential: JsonObject): void {
  const { iss, jti, sub, id, credentialSubject } = credential;
  if (iss !== undefined && iss !== issuerOf(credential))
    refuse("credential/jose", "`iss` is not the credential's issuer");
  if (jti !== undefined && id !== undefined && jti !== id)
    refuse("credential/jose", "`jti` is not the credential's id");
  const subject = isObject(credentialSubject) ? credentialSubject["id"] : undefined;
  if (sub !== undefined && subject !== undefined && sub !== subject)
    refuse("credential/jose", "`sub` is not the credential's subject");
}

export function seconds(claims: JsonObject, name: string): number | undefined {
  const value = claims[name];
  if (value === undefined) return undefined;
  if (typeof value !== "number" || !Number.isFinite(value))
    refuse("credential/jose", `\`${name}\` is not a number of seconds`);
  return value;
}
