/** How this package refuses: one closed set of codes, and the bridge from a thrown refusal to a Result. */
import { ok, Problem, type Result } from "@holdfast/kernel";

export type CredentialCode =
  | "credential/json" // not JSON, too large, too deep, or a name twice in one object
  | "credential/encoding" // not canonical base64url, base58btc or multibase
  | "credential/did" // a malformed DID, or a document that is not its own
  | "credential/key" // a malformed or unsupported public key, or one that may not make claims
  | "credential/jose" // a malformed JWS, or a header that is not allowed
  | "credential/signature" // a signature that does not verify
  | "credential/proof" // a malformed Data Integrity proof
  | "credential/unsupported" // well formed, but a suite, method or format that this package does not implement
  | "credential/form" // not a credential as VCDM 2.0 or UNTP say
  | "credential/status" // a malformed status list, or an index outside it
  | "credential/sd-jwt" // a malformed SD-JWT, or disclosures that do not belong to it
  | "credential/key-binding" // the holder's proof is missing, or is for another verifier, nonce or presentation
  | "credential/dossier"; // a malformed dossier, or one whose parts do not belong together

/** A Problem of this package; the class marks refusals apart from bugs when `attempt` catches. */
export class CredentialProblem extends Problem<CredentialCode> {}

export type CredentialResult<Value> = Result<Value, CredentialCode>;

/** @throws CredentialProblem always */
export function refuse(code: CredentialCode, message: string, detail: Record<string, unknown> = {}): never {
  throw new CredentialProblem(code, message, { detail });
}

/** The value of `work`, or the refusal it threw; a bug still throws. */
export function attempt<Value>(work: () => Value): CredentialResult<Value> {
  try {
    return ok(work());
  } catch (error) {
    if (error instanceof CredentialProblem) return { ok: false, problem: error };
    throw error;
  }
}

/** As `attempt`, for work that waits. */
export async function attemptAsync<Value>(work: () => Promise<Value>): Promise<CredentialResult<Value>> {
  try {
    return ok(await work());
  } catch (error) {
    if (error instanceof CredentialProblem) return { ok: false, problem: error };
    throw error;
  }
}

/** `text` in a message: cut to 80 characters, its control characters replaced, so that it cannot repaint a terminal. */
export function shown(text: string): string {
  const cut = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return `\`${cut.replace(/[\p{Cc}\p{Cf}]/gu, "\u{fffd}")}\``;
}
