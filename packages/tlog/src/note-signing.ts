/**
 * Signing notes and cosigning checkpoints, C2SP signed-note and tlog-cosignature. The private key stays behind the
 * Signer; the result is checked by nobody here, so a caller that must not publish a bad signature verifies it.
 */
import { concat, uint64, utf8 } from "./bytes.ts";
import { cosignatureMessage } from "./cosignature.ts";
import { MAX_SIZE } from "./decimal.ts";
import type { NoteSignature } from "./note.ts";
import { refuse } from "./refusal.ts";
import type { Signer } from "./verifier.ts";
import { type NoteKey, SIGNATURE_TYPE } from "./vkey.ts";

/**
 * `key`'s signature line over `text`. Types with a time take it from `timestamp`, in POSIX seconds.
 * @throws TlogProblem `tlog/note` when `text` does not end in a newline, or the type cannot sign it
 */
export async function signNote(
  text: string,
  key: NoteKey,
  signer: Signer,
  timestamp: bigint = 0n,
): Promise<NoteSignature> {
  if (!text.endsWith("\n") || !text.isWellFormed()) refuse("tlog/note", "a note's text ends in a newline");
  const { name, keyId } = key;
  if (key.type === SIGNATURE_TYPE.ed25519) return { name, keyId, signature: await signer.sign(utf8(text)) };
  if (timestamp < 0n || timestamp > MAX_SIZE) refuse("tlog/range", `time \`${timestamp}\` is not POSIX seconds`);
  const message = cosignatureMessage(key, timestamp, text);
  if (message === undefined) refuse("tlog/note", "only a checkpoint can be cosigned with ML-DSA-44");
  return { name, keyId, signature: concat(uint64(timestamp), await signer.sign(message)) };
}
