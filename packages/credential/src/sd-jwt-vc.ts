/**
 * Issues SD-JWT VCs (draft-ietf-oauth-sd-jwt-vc, typ `dc+sd-jwt`) and W3C credentials with selective disclosure (typ
 * `vc+sd-jwt`, Securing Verifiable Credentials using JOSE and COSE 3.2). Refuses to conceal what a verifier cannot do
 * without: type, issuer, period, status and the holder's key.
 */
import { fromUtf8, type JsonObject, parseJsonObject } from "./json.ts";
import { type ClaimKey, jwkOf } from "./jwk.ts";
import { type ClaimSigner, parseJws, signJws } from "./jws.ts";
import { bindKey, type Challenge } from "./key-binding.ts";
import { refuse, shown } from "./refusal.ts";
import { concealClaims, type Concealment, formatSdJwt, parseSdJwt, selectDisclosures } from "./sd-jwt.ts";
import { VC_SD_JWT } from "./vc-jose.ts";
import { ALWAYS_OPEN } from "./verify.ts";

/** @throws CredentialProblem `credential/sd-jwt` */
export async function issueSdJwt(
  claims: JsonObject,
  by: {
    readonly kid: string;
    readonly signer: ClaimSigner;
    readonly conceal: Concealment;
    /** Whose presentations are to be believed; without it anyone may present. */
    readonly holder?: ClaimKey;
  },
): Promise<string> {
  const closed = by.conceal.paths.find((path) => ALWAYS_OPEN.includes(path));
  if (closed !== undefined) refuse("credential/sd-jwt", `${shown(closed)} must not be concealed`);
  const isVc = "@context" in claims;
  if (!isVc && typeof claims["vct"] !== "string") refuse("credential/sd-jwt", "an SD-JWT VC has a `vct`");
  const { payload, disclosures } = concealClaims(claims, by.conceal);
  const bound = by.holder === undefined ? payload : { ...payload, cnf: { jwk: jwkOf(by.holder) } };
  const header = isVc ? { typ: VC_SD_JWT, cty: "vc", kid: by.kid } : { typ: "dc+sd-jwt", kid: by.kid };
  return formatSdJwt({ jws: await signJws(header, bound, by.signer), disclosures, keyBinding: undefined });
}

/** What the holder shows: the disclosures of `paths` alone, bound to a verifier where one asked. @throws CredentialProblem */
export async function presentSdJwt(
  text: string,
  wish: {
    readonly paths: readonly string[];
    readonly bind?: Challenge & { readonly atSeconds: number; readonly signer: ClaimSigner };
  },
): Promise<string> {
  const whole = parseSdJwt(text.trim());
  const payload = parseJsonObject(fromUtf8(parseJws(whole.jws).payload));
  const chosen = selectDisclosures(whole, payload, wish.paths);
  return formatSdJwt(wish.bind ? await bindKey(chosen, payload, wish.bind) : chosen);
}
