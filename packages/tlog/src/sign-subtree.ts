/**
 * A witness's optional `sign-subtree`, C2SP tlog-witness: cosigns a range of a tree that it cosigned before, so that a
 * mirror can vouch for parts. Invariant: it signs nothing that does not follow from a checkpoint of its own. The caller
 * signs `subtreeMessage` with time 0.
 */
import { unwrap } from "@holdfast/kernel";
import { decodeHash, encodeBase64 } from "./base64.ts";
import { concat, fromUtf8, utf8 } from "./bytes.ts";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { splitTimestamp, subtreeMessage } from "./cosignature.ts";
import { parseDecimal } from "./decimal.ts";
import { type NoteSignature, parseNote, verifyLine } from "./note.ts";
import { attempt, refuse, shown, type TlogResult } from "./refusal.ts";
import { type Range, verifySubtree } from "./subtree.ts";
import { nobleVerifier, type Verifier } from "./verifier.ts";
import { type NoteKey, SIGNATURE_TYPE } from "./vkey.ts";
import { MAX_ADD_CHECKPOINT_BYTES, MAX_CONSISTENCY_LINES } from "./witness.ts";

export interface SignSubtree {
  readonly range: Range;
  readonly hash: Uint8Array;
  readonly path: readonly Uint8Array[];
  /** A checkpoint that this witness cosigned, as a signed note. */
  readonly checkpoint: Uint8Array;
}

export interface SubtreeAnswer {
  readonly status: 200 | 400 | 403 | 404 | 422;
  /** Why; the answer's body for every status but 200. */
  readonly body: string;
  /** What to cosign with time 0: present for 200 only. */
  readonly accepted?: { readonly origin: string; readonly range: Range; readonly hash: Uint8Array };
}

export function parseSignSubtree(body: Uint8Array): TlogResult<SignSubtree> {
  return attempt(() => {
    if (body.length > MAX_ADD_CHECKPOINT_BYTES)
      refuse("tlog/witness-request", `\`${body.length}\` bytes exceed \`${MAX_ADD_CHECKPOINT_BYTES}\``);
    const text = fromUtf8(body, "tlog/witness-request");
    const split = text.indexOf("\n\n");
    if (split < 0) refuse("tlog/witness-request", "an empty line separates the proof from the checkpoint");
    const [head = "", hash = "", ...lines] = text.slice(0, split).split("\n");
    const [word, start = "", end = "", ...rest] = head.split(" ");
    if (word !== "subtree" || rest.length > 0) refuse("tlog/witness-request", `${shown(head)} is not the subtree line`);
    if (lines.length > MAX_CONSISTENCY_LINES)
      refuse("tlog/witness-request", `\`${lines.length}\` proof lines exceed \`${MAX_CONSISTENCY_LINES}\``);
    return {
      range: { start: parseDecimal(start), end: parseDecimal(end) },
      hash: decodeHash(hash),
      path: lines.map(decodeHash),
      checkpoint: utf8(text.slice(split + 2)),
    };
  });
}

/** Inverse of parseSignSubtree. */
export function formatSignSubtree({ range, hash, path, checkpoint }: SignSubtree): Uint8Array {
  const lines = [`subtree ${range.start} ${range.end}`, encodeBase64(hash), ...path.map(encodeBase64), "", ""];
  return concat(utf8(lines.join("\n")), checkpoint);
}

/** What the witness answers to `body`; `ownKeys` gives its own keys for an origin, or undefined for an unknown one. */
export function signSubtree(
  body: Uint8Array,
  ownKeys: (origin: string) => readonly NoteKey[] | undefined,
  verifier: Verifier = nobleVerifier,
): SubtreeAnswer {
  const read = attempt(() => {
    const request = unwrap(parseSignSubtree(body));
    const note = unwrap(parseNote(request.checkpoint));
    return { request, note, checkpoint: unwrap<Checkpoint>(parseCheckpoint(note.text)) };
  });
  if (!read.ok) return answer(400, read.problem.message);
  const { request, note, checkpoint } = read.value;
  const { origin, size, root } = checkpoint;
  const keys = ownKeys(origin);
  if (keys === undefined) return answer(404, `unknown origin ${shown(origin)}`);
  const own = note.signatures.flatMap((line) =>
    keys.filter(({ name, keyId }) => name === line.name && keyId === line.keyId).map((key) => ({ line, key })),
  );
  if (!own.some(({ line, key }) => verifyLine(note.text, line, key, verifier) !== undefined))
    return answer(403, "this witness did not cosign the checkpoint");
  const { range, hash, path } = request;
  if (range.start >= range.end || !verifySubtree({ range, hash, size, root }, path))
    return answer(422, `[\`${range.start}\`, \`${range.end}\`) with this hash is not a subtree of the checkpoint`);
  return { status: 200, body: "", accepted: { origin, range, hash } };
}

/** Whether `line` is `key`'s cosignature of the subtree, made with time 0; only ML-DSA-44 signs subtrees. */
export function verifySubtreeLine(
  line: NoteSignature,
  key: NoteKey,
  subtree: { readonly origin: string; readonly range: Range; readonly hash: Uint8Array },
  verifier: Verifier = nobleVerifier,
): boolean {
  const parts = splitTimestamp(line.signature);
  if (key.type !== SIGNATURE_TYPE.mlDsa44 || key.name !== line.name || key.keyId !== line.keyId) return false;
  if (parts?.timestamp !== 0n) return false;
  const message = attempt(() => subtreeMessage({ ...subtree, cosigner: key.name, timestamp: 0n }));
  const publicKey = { kind: "ml-dsa-44", bytes: key.publicKey } as const;
  return message.ok && verifier.verify("ml-dsa-44", publicKey, message.value, parts.signature);
}

function answer(status: 400 | 403 | 404 | 422, reason: string): SubtreeAnswer {
  return { status, body: `${reason}\n` };
}
