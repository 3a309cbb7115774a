/**
 * Key binding, RFC 9901 4.3: the holder signs the presentation for one verifier and one nonce, with the key that the
 * issuer put into `cnf`. Refuses another audience, nonce or presentation, a proof from the future or too old, and a
 * credential without `cnf`.
 */
import { nobleVerifier, type Verifier } from "@holdfast/tlog";
import { fromUtf8, isObject, type JsonObject, parseJsonObject } from "./json.ts";
import { keyOfJwk } from "./jwk.ts";
import { type ClaimSigner, parseJws, signJws, verifyJws } from "./jws.ts";
import { refuse, shown } from "./refusal.ts";
import { digestAlgorithm, disclosureDigest, formatSdJwt, type SdJwt } from "./sd-jwt.ts";

/** What the verifier asked the holder for. */
export interface Challenge {
  readonly audience: string;
  readonly nonce: string;
}

const KB_JWT = "kb+jwt";
const MAX_AGE_SECONDS = 600; // a nonce is meant to be used at once
const MAX_SKEW_SECONDS = 60;

/** The presentation with a key binding by `signer`, whose key is the credential's `cnf`. */
export async function bindKey(
  sdJwt: SdJwt,
  payload: JsonObject,
  by: Challenge & { readonly atSeconds: number; readonly signer: ClaimSigner },
): Promise<SdJwt> {
  const unbound = { ...sdJwt, keyBinding: undefined };
  const claims = {
    iat: by.atSeconds,
    aud: by.audience,
    nonce: by.nonce,
    sd_hash: disclosureDigest(formatSdJwt(unbound), digestAlgorithm(payload)),
  };
  return { ...unbound, keyBinding: await signJws({ typ: KB_JWT }, claims, by.signer) };
}

/** @throws CredentialProblem `credential/key-binding`, `credential/signature` when the holder did not answer `challenge` */
export function checkKeyBinding(
  sdJwt: SdJwt,
  payload: JsonObject,
  expected: Challenge & { readonly atSeconds: number; readonly verifier?: Verifier },
): void {
  const { keyBinding } = sdJwt;
  if (keyBinding === undefined) return refuse("credential/key-binding", "the presentation is not bound to a key");
  const jws = parseJws(keyBinding);
  if (jws.header["typ"] !== KB_JWT) refuse("credential/key-binding", `\`typ\` is not \`${KB_JWT}\``);
  const { cnf } = payload;
  const jwk = isObject(cnf) ? cnf["jwk"] : undefined;
  if (!isObject(jwk)) return refuse("credential/key-binding", "the credential names no holder's key in `cnf`");
  if (!verifyJws(jws, keyOfJwk(jwk), expected.verifier ?? nobleVerifier))
    refuse("credential/signature", "the key binding is not signed with the holder's key");
  const { iat, aud, nonce, sd_hash: sdHash } = parseJsonObject(fromUtf8(jws.payload));
  if (typeof iat !== "number") refuse("credential/key-binding", "`iat` is not a number of seconds");
  if (iat > expected.atSeconds + MAX_SKEW_SECONDS)
    refuse("credential/key-binding", "the key binding is from the future");
  if (iat < expected.atSeconds - MAX_AGE_SECONDS)
    refuse("credential/key-binding", `the key binding is older than \`${MAX_AGE_SECONDS}\` s`);
  if (aud !== expected.audience)
    refuse("credential/key-binding", `it is for ${shown(String(aud))}, not for this verifier`);
  if (nonce !== expected.nonce) refuse("credential/key-binding", "it answers another nonce");
  const unbound = formatSdJwt({ ...sdJwt, keyBinding: undefined });
  if (sdHash !== disclosureDigest(unbound, digestAlgorithm(payload)))
    refuse("credential/key-binding", "it is for another presentation");
}
