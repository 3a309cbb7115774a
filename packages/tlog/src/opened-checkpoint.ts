/**
 * A checkpoint that can be believed: parsed only after a configured key of its own log verified. C2SP tlog-checkpoint and
 * signed-note. Refuses a checkpoint that only cosigners signed, and a log key whose name is not the origin.
 */
import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { openNote, type OpenedNote } from "./note.ts";
import { attempt, refuse, shown, type TlogResult } from "./refusal.ts";
import { nobleVerifier, type Verifier } from "./verifier.ts";
import type { NoteKey } from "./vkey.ts";
import { unwrap } from "@holdfast/kernel";

export interface OpenedCheckpoint extends OpenedNote {
  readonly checkpoint: Checkpoint;
}

/**
 * The checkpoint of a note that `logKeys` signed; each key's name must be the origin, as tlog-policy asks. Lines of
 * `cosignerKeys` are verified as well, and do not replace the log's.
 */
export function openCheckpoint(
  note: Uint8Array,
  logKeys: readonly NoteKey[],
  cosignerKeys: readonly NoteKey[] = [],
  verifier: Verifier = nobleVerifier,
): TlogResult<OpenedCheckpoint> {
  return attempt(() => {
    const opened = unwrap(openNote(note, [...logKeys, ...cosignerKeys], verifier));
    const checkpoint = unwrap(parseCheckpoint(opened.text));
    const { origin } = checkpoint;
    if (!opened.verified.some(({ key }) => logKeys.includes(key) && key.name === origin))
      refuse("tlog/unsigned", `no known key of the log ${shown(origin)} signed this checkpoint`);
    return { ...opened, checkpoint };
  });
}
