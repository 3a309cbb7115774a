/**
 * The client's side of a witness, C2SP tlog-witness: what its reply to `add-checkpoint` adds to a checkpoint, and where
 * it publishes what it cosigned last. Invariant: every line that is kept verifies under a configured key and carries a
 * time. Refuses a reply whose known key fails; lines of unknown keys are dropped.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { unwrap } from "@holdfast/kernel";
import { fromUtf8, hex, utf8 } from "./bytes.ts";
import { parseDecimal } from "./decimal.ts";
import {
  formatNote,
  MAX_NOTE_SIGNATURES,
  type NoteSignature,
  parseNote,
  parseSignatureLine,
  verifyUnderOne,
} from "./note.ts";
import { attempt, refuse, shown, type TlogResult } from "./refusal.ts";
import { nobleVerifier, type Verifier } from "./verifier.ts";
import type { NoteKey } from "./vkey.ts";

/** Bounds the work on a hostile reply: 128 of the largest cosignatures. */
export const MAX_REPLY_BYTES = 500_000;

/** A reply that added something: the checkpoint with its lines, and which witnesses they are of. */
export interface CosignedCheckpoint {
  readonly checkpoint: Uint8Array;
  readonly cosigned: readonly { readonly key: NoteKey; readonly timestamp: bigint }[];
}

/**
 * `checkpoint` with the cosignatures of `body`, the body of a witness's 200. A newer line of a key takes the place of
 * its older one. Problems: `tlog/note`, `tlog/base64`, `tlog/signature`, and `tlog/unsigned` when no known key is in it.
 */
export function addCosignatures(
  checkpoint: Uint8Array,
  body: Uint8Array,
  witnessKeys: readonly NoteKey[],
  verifier: Verifier = nobleVerifier,
): TlogResult<CosignedCheckpoint> {
  return attempt(() => {
    const note = unwrap(parseNote(checkpoint));
    const kept: NoteSignature[] = [];
    const cosigned: { key: NoteKey; timestamp: bigint }[] = [];
    for (const line of replyLines(body)) {
      const keys = witnessKeys.filter(({ name, keyId }) => name === line.name && keyId === line.keyId);
      if (keys.length === 0) continue;
      const found = verifyUnderOne(note.text, line, keys, verifier);
      if (found?.timestamp === undefined || found.timestamp === 0n)
        refuse("tlog/signature", `the cosignature of ${shown(line.name)} does not verify`);
      kept.push(line);
      cosigned.push({ key: found.key, timestamp: found.timestamp });
    }
    if (kept.length === 0) refuse("tlog/unsigned", "no known witness is in the reply");
    const isKept = (one: NoteSignature) => kept.some(({ name, keyId }) => name === one.name && keyId === one.keyId);
    const signatures = [...note.signatures.filter((one) => !isKept(one)), ...kept];
    return { checkpoint: formatNote({ text: note.text, signatures }), cosigned };
  });
}

/** The size in the body of a witness's 409. @throws TlogProblem `tlog/number` */
export function parseSizeReply(body: Uint8Array): TlogResult<bigint> {
  return attempt(() => {
    const text = fromUtf8(body.subarray(0, 32), "tlog/number");
    if (!text.endsWith("\n")) refuse("tlog/number", `${shown(text)} is not a size line`);
    return parseDecimal(text.slice(0, -1));
  });
}

/** Where a witness publishes the latest checkpoint it cosigned for `origin`, below its monitoring prefix. */
export function witnessedCheckpointPath(origin: string): string {
  return `${hex(sha256(utf8(origin)))}/checkpoint`;
}

function replyLines(body: Uint8Array): NoteSignature[] {
  if (body.length > MAX_REPLY_BYTES)
    refuse("tlog/note", `a reply of \`${body.length}\` bytes exceeds \`${MAX_REPLY_BYTES}\``);
  const lines = fromUtf8(body, "tlog/note").split("\n");
  if (lines.pop() !== "" || lines.length === 0) refuse("tlog/note", "a reply is one or more signature lines");
  if (lines.length > MAX_NOTE_SIGNATURES)
    refuse("tlog/note", `\`${lines.length}\` signatures exceed \`${MAX_NOTE_SIGNATURES}\``);
  return lines.map(parseSignatureLine);
}
