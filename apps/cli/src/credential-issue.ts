/** What `holdfast credential issue` and `present` do. Refuses to sign what would not verify: another issuer, a broken form. */
import { randomBytes } from "node:crypto";
import { writeFileSync } from "node:fs";
import {
  addProof,
  checkForm,
  type ClaimKey,
  didKeyUrl,
  didOf,
  issueSdJwt,
  issueVcJwt,
  issuerOf,
  type JsonObject,
  keyOfDidKey,
  parseJsonObject,
  presentSdJwt,
} from "@holdfast/credential";
import { Problem } from "@holdfast/kernel";
import { readSigningKey, readText } from "./credential-input.ts";
import { EXIT } from "./exit.ts";
import { Failure, print } from "./failure.ts";

export interface IssueOptions {
  readonly key: string;
  readonly kid?: string;
  readonly securing: "vc+jwt" | "eddsa-jcs-2022" | "sd-jwt";
  readonly conceal?: readonly string[];
  readonly decoys: string;
  readonly holder?: string;
  readonly output?: string;
}

export interface PresentOptions {
  readonly show?: readonly string[];
  readonly key?: string;
  readonly audience?: string;
  readonly nonce?: string;
  readonly output?: string;
}

/** @throws Failure or Problem when the words, the files or the credential are not right */
export async function issue(file: string, options: IssueOptions): Promise<void> {
  const { key, signer } = readSigningKey(options.key);
  const kid = options.kid ?? didKeyUrl(key);
  const claims = withIssuer(parseJsonObject(readText(file)), didOf(kid));
  if (options.securing !== "sd-jwt" && (options.conceal !== undefined || options.holder !== undefined))
    throw new Failure(EXIT.usage, "--conceal and --holder need --securing sd-jwt");
  refuseBroken(claims);
  switch (options.securing) {
    case "vc+jwt":
      return save(await issueVcJwt(claims, { kid, signer }), options.output);
    case "eddsa-jcs-2022": {
      if (key.kind !== "ed25519") throw new Problem("credential/key", "eddsa-jcs-2022 needs an Ed25519 key");
      const created = new Date().toISOString().replace(/\.\d{3}Z$/, "Z");
      return save(
        JSON.stringify(await addProof(claims, { verificationMethod: kid, created, signer }), null, 2),
        options.output,
      );
    }
    case "sd-jwt":
      return save(
        await issueSdJwt(claims, { kid, signer, conceal: concealment(options), ...holderOf(options) }),
        options.output,
      );
  }
}

/** @throws Failure or Problem when the words or the files are not right */
export async function present(
  file: string,
  { show = [], key, audience, nonce, output }: PresentOptions,
): Promise<void> {
  const all = key !== undefined && audience !== undefined && nonce !== undefined;
  if (!all && (key !== undefined || audience !== undefined || nonce !== undefined))
    throw new Failure(EXIT.usage, "--key, --audience and --nonce go together");
  const bind = all
    ? { audience, nonce, atSeconds: Math.floor(Date.now() / 1_000), signer: readSigningKey(key).signer }
    : undefined;
  await save(await presentSdJwt(readText(file), { paths: show, ...(bind ? { bind } : {}) }), output);
}

/** The credential with its issuer; one that names another than the key's is refused. */
function withIssuer(claims: JsonObject, did: string): JsonObject {
  const name = "@context" in claims ? "issuer" : "iss";
  if (claims[name] === undefined) return { ...claims, [name]: did };
  const given = name === "iss" ? claims["iss"] : issuerOf(claims);
  if (given !== did)
    throw new Problem(
      "credential/key",
      `the credential is issued by \`${String(given)}\`, and the key is of \`${did}\``,
    );
  return claims;
}

/** A credential by VC Data Model 2.0 has its form before it is signed; an SD-JWT VC has only a type. */
function refuseBroken(claims: JsonObject): void {
  if (!("@context" in claims)) return;
  const { valid, issues } = checkForm(claims);
  const [first] = issues.filter(({ note }) => !note);
  if (!valid)
    throw new Problem("credential/form", `\`${first?.path ?? "/"}\`: ${first?.reason ?? "it is no credential"}`);
}

function concealment({ conceal = [], decoys }: IssueOptions) {
  if (!/^\d{1,3}$/.test(decoys)) throw new Failure(EXIT.usage, "--decoys takes a number up to 999");
  return {
    paths: conceal,
    decoyCount: Number(decoys),
    random: (length: number) => new Uint8Array(randomBytes(length)),
  };
}

function holderOf({ holder }: IssueOptions): { holder?: ClaimKey } {
  return holder === undefined ? {} : { holder: keyOfDidKey(holder) };
}

async function save(text: string, output: string | undefined): Promise<void> {
  if (output === undefined) return print(`${text}\n`);
  writeFileSync(output, `${text}\n`);
  console.error(output);
}
