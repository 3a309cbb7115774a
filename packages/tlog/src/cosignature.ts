/**
 * Cosignatures, C2SP tlog-cosignature: what a cosigner signs. The signature field is uint64 POSIX seconds and the raw
 * signature. Ed25519 (0x04) signs a header line, a time line and the whole text, and does not bind the cosigner's name:
 * one key per role. ML-DSA-44 (0x06) signs name, time, origin, range and root, and not the extension lines.
 */
import { concat, uint64, utf8 } from "./bytes.ts";
import { parseCheckpoint } from "./checkpoint.ts";
import { MAX_SIZE } from "./decimal.ts";
import { refuse } from "./refusal.ts";
import { HASH_BYTES } from "./merkle.ts";
import { isSubtree, type Range } from "./subtree.ts";
import { type NoteKey, SIGNATURE_TYPE } from "./vkey.ts";

const SUBTREE_LABEL = utf8("subtree/v1\n\0");
const MAX_NAME_BYTES = 255; // opaque<1..2^8-1>

/** The time and the raw signature of a cosignature, or undefined when it is cut or its time exceeds 2^63 - 1. */
export function splitTimestamp(field: Uint8Array): { timestamp: bigint; signature: Uint8Array } | undefined {
  if (field.length < 8) return undefined;
  const timestamp = new DataView(field.buffer, field.byteOffset, 8).getBigUint64(0);
  return timestamp > MAX_SIZE ? undefined : { timestamp, signature: field.subarray(8) };
}

/** What the cosigner `key` signs at `timestamp` for a checkpoint with `text`; undefined where the type can't sign it. */
export function cosignatureMessage(key: NoteKey, timestamp: bigint, text: string): Uint8Array | undefined {
  if (key.type === SIGNATURE_TYPE.cosignatureV1) return utf8(`cosignature/v1\ntime ${timestamp}\n${text}`);
  const checkpoint = parseCheckpoint(text);
  if (key.type !== SIGNATURE_TYPE.mlDsa44 || !checkpoint.ok) return undefined;
  const { origin, size, root } = checkpoint.value;
  if (utf8(origin).length > MAX_NAME_BYTES || utf8(key.name).length > MAX_NAME_BYTES) return undefined;
  return subtreeMessage({ cosigner: key.name, timestamp, origin, range: { start: 0n, end: size }, hash: root });
}

/**
 * The `cosigned_message` of ML-DSA-44 cosignatures.
 * @throws TlogProblem `tlog/range` for a range that is no subtree, a time with a start other than 0, a name or origin
 *   that is not 1 to 255 bytes, or a hash that is not 32
 */
export function subtreeMessage(statement: {
  readonly cosigner: string;
  readonly timestamp: bigint;
  readonly origin: string;
  readonly range: Range;
  readonly hash: Uint8Array;
}): Uint8Array {
  const { timestamp, range, hash } = statement;
  if (!isSubtree(range)) refuse("tlog/range", `[\`${range.start}\`, \`${range.end}\`) is not a subtree`);
  if (timestamp < 0n || timestamp > MAX_SIZE) refuse("tlog/range", `time \`${timestamp}\` is not POSIX seconds`);
  if (range.start !== 0n && timestamp !== 0n)
    refuse("tlog/range", `a subtree from \`${range.start}\` is cosigned without a time, not at \`${timestamp}\``);
  if (hash.length !== HASH_BYTES) refuse("tlog/range", `a hash has 32 bytes, not \`${hash.length}\``);
  return concat(
    SUBTREE_LABEL,
    shortString(statement.cosigner),
    uint64(timestamp),
    shortString(statement.origin),
    uint64(range.start),
    uint64(range.end),
    hash,
  );
}

function shortString(text: string): Uint8Array {
  const bytes = utf8(text);
  if (bytes.length < 1 || bytes.length > MAX_NAME_BYTES)
    refuse("tlog/range", `a name of \`${bytes.length}\` bytes is not 1 to 255`);
  return concat(Uint8Array.of(bytes.length), bytes);
}
