/**
 * Proof files, C2SP tlog-proof (`.tlog-proof`): index, inclusion path and checkpoint in one text that anyone can check
 * offline. Invariant: formatTlogProof(parseTlogProof(b)) equals b. The `extra` line is not authenticated. Refuses
 * anything but the one spelling of each line, and more than 63 hashes.
 */
import { unwrap } from "@holdfast/kernel";
import { decodeBase64, decodeHash, encodeBase64 } from "./base64.ts";
import { concat, fromUtf8, utf8 } from "./bytes.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { parseDecimal } from "./decimal.ts";
import { MAX_NOTE_BYTES } from "./note.ts";
import { attempt, refuse, shown, type TlogResult } from "./refusal.ts";
import { verifyInclusion } from "./subtree.ts";
import { evaluatePolicy, type Policy, type PolicyVerdict } from "./tlog-policy.ts";
import { nobleVerifier, type Verifier } from "./verifier.ts";

export interface TlogProof {
  /** Opaque and not authenticated; absent when there is no `extra` line. */
  readonly extra?: Uint8Array;
  readonly index: bigint;
  /** From the leaf's sibling up to the root's child. */
  readonly path: readonly Uint8Array[];
  /** The checkpoint as a signed note, verbatim. */
  readonly checkpoint: Uint8Array;
}

export interface ProvenEntry extends PolicyVerdict {
  readonly index: bigint;
  readonly checkpoint: Checkpoint;
}

const HEADER = "c2sp.org/tlog-proof@v1";
const MAX_PATH = 63; // a tree of 2^63 - 1 leaves has no longer path
const MAX_PROOF_FILE_BYTES = 3 * MAX_NOTE_BYTES; // room for an extra line as large as a note

export function parseTlogProof(bytes: Uint8Array): TlogResult<TlogProof> {
  return attempt(() => {
    if (bytes.length > MAX_PROOF_FILE_BYTES)
      refuse("tlog/proof-file", `a proof of \`${bytes.length}\` bytes exceeds \`${MAX_PROOF_FILE_BYTES}\``);
    const text = fromUtf8(bytes, "tlog/proof-file");
    const split = text.indexOf("\n\n");
    if (split < 0) refuse("tlog/proof-file", "a proof has an empty line before its checkpoint");
    const lines = text.slice(0, split).split("\n");
    if (lines.shift() !== HEADER) refuse("tlog/proof-file", `a proof begins with \`${HEADER}\``);
    const extra = lines[0]?.startsWith("extra ")
      ? decodeBase64((lines.shift() ?? "").slice("extra ".length))
      : undefined;
    const index = lines.shift();
    if (!index?.startsWith("index ")) refuse("tlog/proof-file", `${shown(index ?? "")} is not the index line`);
    if (lines.length > MAX_PATH) refuse("tlog/proof-file", `\`${lines.length}\` hashes exceed \`${MAX_PATH}\``);
    const path = lines.map(decodeHash);
    const checkpoint = utf8(text.slice(split + 2));
    return {
      ...(extra === undefined ? {} : { extra }),
      index: parseDecimal(index.slice("index ".length)),
      path,
      checkpoint,
    };
  });
}

/** Inverse of parseTlogProof. */
export function formatTlogProof({ extra, index, path, checkpoint }: TlogProof): Uint8Array {
  const lines = [
    HEADER,
    ...(extra === undefined ? [] : [`extra ${encodeBase64(extra)}`]),
    `index ${index}`,
    ...path.map(encodeBase64),
    "",
    "",
  ];
  return concat(utf8(lines.join("\n")), checkpoint);
}

/**
 * What `proof` proves about the entry with `leafHash` under `policy`: the log's signature, the quorum, and the path.
 * Problems: those of a malformed note, `tlog/unsigned`, `tlog/signature`, `tlog/quorum`, `tlog/proof`.
 */
export function verifyTlogProof(
  proof: TlogProof,
  leafHash: Uint8Array,
  policy: Policy,
  verifier: Verifier = nobleVerifier,
): TlogResult<ProvenEntry> {
  return attempt(() => {
    const verdict = unwrap(evaluatePolicy(policy, proof.checkpoint, verifier));
    const { size, root } = verdict.checkpoint;
    if (!verifyInclusion({ index: proof.index, size, leafHash, root }, proof.path))
      refuse(
        "tlog/proof",
        `the path does not lead from this entry at index \`${proof.index}\` to the root of size \`${size}\``,
      );
    return { ...verdict, index: proof.index };
  });
}
