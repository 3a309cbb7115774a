/** How this package refuses: one closed set of codes, and the bridge from a thrown refusal to a Result. */
import { ok, Problem, type Result } from "@holdfast/kernel";

export type TlogCode =
  | "tlog/base64" // not canonical standard base64
  | "tlog/number" // not a decimal without leading zeros, or past 2^63 - 1
  | "tlog/range" // an index, size or subtree outside the tree, or a subtree that is not aligned
  | "tlog/proof" // a Merkle proof that does not lead to the root it is for
  | "tlog/tile" // a malformed tile path, a tile of the wrong width, or one that is missing
  | "tlog/bundle" // a malformed entry bundle
  | "tlog/note" // a malformed signed note
  | "tlog/key" // a malformed or unsupported verifier key
  | "tlog/unsigned" // no signature by a known key
  | "tlog/signature" // a known key's signature that does not verify
  | "tlog/checkpoint" // a malformed checkpoint text
  | "tlog/proof-file" // a malformed tlog-proof
  | "tlog/policy" // a malformed tlog-policy
  | "tlog/quorum" // too few cosignatures for the policy
  | "tlog/witness-request" // a malformed add-checkpoint request
  | "tlog/cbor" // malformed CBOR, or CBOR that this package never needs
  | "tlog/cose" // a malformed COSE structure
  | "tlog/unsupported" // well formed, but an algorithm or proof format that this package does not implement
  | "tlog/receipt" // a malformed receipt
  | "tlog/statement"; // a COSE_Sign1 that is not an RFC 9943 signed statement

/** A Problem of this package; the class marks refusals apart from bugs when `attempt` catches. */
export class TlogProblem extends Problem<TlogCode> {}

export type TlogResult<Value> = Result<Value, TlogCode>;

/** @throws TlogProblem always */
export function refuse(code: TlogCode, message: string, detail: Record<string, unknown> = {}): never {
  throw new TlogProblem(code, message, { detail });
}

/** The value of `work`, or the refusal it threw; a bug still throws. */
export function attempt<Value>(work: () => Value): TlogResult<Value> {
  try {
    return ok(work());
  } catch (error) {
    if (error instanceof TlogProblem) return { ok: false, problem: error };
    throw error;
  }
}

/** `text` in a message: cut to 80 characters, its control characters replaced, so that it cannot repaint a terminal. */
export function shown(text: string): string {
  const cut = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return `\`${cut.replace(/\p{Cc}/gu, "\u{fffd}")}\``;
}
