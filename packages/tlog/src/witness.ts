/**
 * The rules of a witness, C2SP tlog-witness `add-checkpoint`, as a function from what it has recorded and what it is
 * asked to what it answers and records next. Invariant: a witness never cosigns a tree that does not extend the one it
 * cosigned last, so its record for an origin never shrinks. The caller makes "compare and store" one atomic step and
 * persists before it answers. Signing is left to the caller, because it needs a time and a key.
 */
import { decodeHash, encodeBase64 } from "./base64.ts";
import { concat, equalBytes, fromUtf8, utf8 } from "./bytes.ts";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { parseDecimal } from "./decimal.ts";
import { EMPTY_ROOT } from "./merkle.ts";
import { knownLines, MAX_NOTE_BYTES, type Note, parseNote } from "./note.ts";
import { attempt, refuse, shown, type TlogResult } from "./refusal.ts";
import { verifyConsistency } from "./subtree.ts";
import { nobleVerifier, type Verifier } from "./verifier.ts";
import type { NoteKey } from "./vkey.ts";
import { unwrap } from "@holdfast/kernel";

export interface AddCheckpoint {
  readonly oldSize: bigint;
  readonly path: readonly Uint8Array[];
  /** The checkpoint as a signed note, verbatim. */
  readonly checkpoint: Uint8Array;
}

/** What a witness keeps for one origin: the latest checkpoint it cosigned. */
export interface WitnessRecord {
  readonly size: bigint;
  readonly root: Uint8Array;
}

export interface WitnessAnswer {
  readonly status: 200 | 400 | 403 | 404 | 409 | 422;
  /** Why, for the witness's own log; the answer's body for every status but 200. */
  readonly body: string;
  readonly contentType: "text/x.tlog.size" | "text/plain; charset=utf-8";
  /** What to persist before answering, and to cosign: present for 200 only. */
  readonly accepted?: { readonly record: WitnessRecord; readonly note: Note; readonly checkpoint: Checkpoint };
  /** Present when a log signed two trees that cannot both be true of one log: keep the request as evidence. */
  readonly fork?: { readonly recorded: WitnessRecord; readonly checkpoint: Checkpoint };
}

export const MAX_CONSISTENCY_LINES = 63;
/** Bounds a request's body: the proof lines and the largest note. */
export const MAX_ADD_CHECKPOINT_BYTES = MAX_NOTE_BYTES + 64 * 48;

export function parseAddCheckpoint(body: Uint8Array): TlogResult<AddCheckpoint> {
  return attempt(() => {
    if (body.length > MAX_ADD_CHECKPOINT_BYTES)
      refuse("tlog/witness-request", `\`${body.length}\` bytes exceed \`${MAX_ADD_CHECKPOINT_BYTES}\``);
    const text = fromUtf8(body, "tlog/witness-request");
    const split = text.indexOf("\n\n");
    if (split < 0) refuse("tlog/witness-request", "an empty line separates the proof from the checkpoint");
    const [old = "", ...lines] = text.slice(0, split).split("\n");
    if (!old.startsWith("old ")) refuse("tlog/witness-request", `${shown(old)} is not the old size line`);
    if (lines.length > MAX_CONSISTENCY_LINES)
      refuse("tlog/witness-request", `\`${lines.length}\` proof lines exceed \`${MAX_CONSISTENCY_LINES}\``);
    return {
      oldSize: parseDecimal(old.slice("old ".length)),
      path: lines.map(decodeHash),
      checkpoint: utf8(text.slice(split + 2)),
    };
  });
}

/** Inverse of parseAddCheckpoint. */
export function formatAddCheckpoint({ oldSize, path, checkpoint }: AddCheckpoint): Uint8Array {
  return concat(utf8([`old ${oldSize}`, ...path.map(encodeBase64), "", ""].join("\n")), checkpoint);
}

/**
 * What the witness answers to `body`. `logKeys` gives the keys trusted for an origin, or undefined for an unknown one;
 * `recorded` gives what was cosigned last, or undefined for never.
 */
export function addCheckpoint(
  body: Uint8Array,
  knows: {
    readonly logKeys: (origin: string) => readonly NoteKey[] | undefined;
    readonly recorded: (origin: string) => WitnessRecord | undefined;
  },
  verifier: Verifier = nobleVerifier,
): WitnessAnswer {
  const read = attempt(() => {
    const request = unwrap(parseAddCheckpoint(body));
    const note = unwrap(parseNote(request.checkpoint));
    return { request, note, checkpoint: unwrap(parseCheckpoint(note.text)) };
  });
  if (!read.ok) return answer(400, read.problem.message);
  const { request, note, checkpoint } = read.value;
  const keys = knows.logKeys(checkpoint.origin);
  if (keys === undefined) return answer(404, `unknown origin ${shown(checkpoint.origin)}`);
  if (!isSigned(note, keys, verifier)) return answer(403, "no trusted key of this log signed the checkpoint");
  return judge(request, note, checkpoint, knows.recorded(checkpoint.origin));
}

/** The checks that follow a valid log signature, in the order of the specification. */
function judge(
  { oldSize, path }: AddCheckpoint,
  note: Note,
  checkpoint: Checkpoint,
  record: WitnessRecord | undefined,
): WitnessAnswer {
  const { size, root } = checkpoint;
  const recorded = record ?? { size: 0n, root: EMPTY_ROOT };
  if (oldSize > size) return answer(400, `old size \`${oldSize}\` exceeds the checkpoint's \`${size}\``);
  if (oldSize !== recorded.size) return { status: 409, body: `${recorded.size}\n`, contentType: "text/x.tlog.size" };
  if (size === 0n && !equalBytes(root, EMPTY_ROOT)) return answer(422, "size 0 has the root of the empty tree");
  if (oldSize === 0n) {
    if (path.length > 0) return answer(422, "the proof from size 0 is empty");
  } else if (oldSize === size) {
    if (!equalBytes(root, recorded.root))
      return { ...answer(422, `another root was cosigned for size \`${size}\``), fork: { recorded, checkpoint } };
    if (path.length > 0) return answer(422, "the proof between equal sizes is empty");
  } else if (!verifyConsistency({ oldSize, oldRoot: recorded.root, newSize: size, newRoot: root }, path)) {
    return answer(422, `the proof does not lead from size \`${oldSize}\` to size \`${size}\``);
  }
  const accepted = { record: { size, root }, note, checkpoint };
  return { status: 200, body: "", contentType: "text/plain; charset=utf-8", accepted };
}

/** Whether a trusted key signed, and no line of a trusted key fails. */
function isSigned(note: Note, keys: readonly NoteKey[], verifier: Verifier): boolean {
  let signed = false;
  for (const { found } of knownLines(note, keys, verifier)) {
    if (found === undefined) return false;
    signed = true;
  }
  return signed;
}

function answer(status: 400 | 403 | 404 | 422, reason: string): WitnessAnswer {
  return { status, body: `${reason}\n`, contentType: "text/plain; charset=utf-8" };
}
