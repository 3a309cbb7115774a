/**
 * Checkpoints, C2SP tlog-checkpoint: a note whose text is origin, size and root, one a line, then optional extension
 * lines. Invariant: formatCheckpoint(parseCheckpoint(t)) equals t. A log must never sign two that are inconsistent.
 * Refuses an empty origin or extension line, a size with leading zeros, and a root that is not 32 canonical bytes.
 */
import { decodeHash, encodeBase64 } from "./base64.ts";
import { parseDecimal } from "./decimal.ts";
import { attempt, refuse, shown, type TlogResult } from "./refusal.ts";

export interface Checkpoint {
  readonly origin: string;
  readonly size: bigint;
  readonly root: Uint8Array;
  /** Not recommended, and not covered by ML-DSA-44 cosignatures. */
  readonly extensions: readonly string[];
}

export function parseCheckpoint(text: string): TlogResult<Checkpoint> {
  return attempt(() => {
    const lines = text.split("\n");
    if (lines.pop() !== "" || lines.length < 3)
      refuse("tlog/checkpoint", "a checkpoint is origin, size and root, each a line");
    const [origin = "", size = "", root = "", ...extensions] = lines;
    if (origin === "") refuse("tlog/checkpoint", "a checkpoint has an empty origin");
    if (extensions.includes(""))
      refuse("tlog/checkpoint", `the checkpoint of ${shown(origin)} has an empty extension line`);
    return { origin, size: parseDecimal(size), root: decodeHash(root), extensions };
  });
}

/** Inverse of parseCheckpoint. */
export function formatCheckpoint({ origin, size, root, extensions }: Checkpoint): string {
  return [origin, size.toString(), encodeBase64(root), ...extensions, ""].join("\n");
}
