/**
 * Proof that a log told two stories: two checkpoints that its key signed and that cannot both be true of one append-only
 * list. Self-contained, so that anyone who holds the log's verifier key can check it, and nobody can make one against an
 * honest log. Either the sizes are equal and the roots are not, or one index holds two different leaves, each proven by
 * inclusion. A consistency proof that fails is no evidence: its maker may have damaged it.
 */
import { canonicalJson, unwrap } from "@holdfast/kernel";
import { decodeBase64, decodeHash, encodeBase64 } from "./base64.ts";
import { equalBytes, fromUtf8, utf8 } from "./bytes.ts";
import type { Checkpoint } from "./checkpoint.ts";
import { parseDecimal } from "./decimal.ts";
import { MAX_NOTE_BYTES } from "./note.ts";
import { openCheckpoint } from "./opened-checkpoint.ts";
import { attempt, refuse, type TlogResult } from "./refusal.ts";
import { verifyInclusion } from "./subtree.ts";
import { nobleVerifier, type Verifier } from "./verifier.ts";
import type { NoteKey } from "./vkey.ts";

export interface ForkProof {
  /** Two signed checkpoints of one origin, verbatim. */
  readonly checkpoints: readonly [Uint8Array, Uint8Array];
  /** Where the two trees differ; not needed when the sizes are equal. */
  readonly divergence?: {
    readonly index: bigint;
    readonly sides: readonly [LeafProof, LeafProof];
  };
}

/** A leaf hash, and its inclusion path in the checkpoint of the same side. */
export interface LeafProof {
  readonly leafHash: Uint8Array;
  readonly path: readonly Uint8Array[];
}

export interface ProvenFork {
  readonly origin: string;
  readonly checkpoints: readonly [Checkpoint, Checkpoint];
  /** The first entry known to differ; absent when only the roots were compared. */
  readonly index?: bigint;
}

const TYPE = "holdfast/fork-proof@v1";
const MAX_FORK_PROOF_BYTES = 3 * MAX_NOTE_BYTES; // two notes in base64
const MAX_PATH = 63;

/** Problems: `tlog/proof` when the two can both be true; those of opening a checkpoint. */
export function verifyForkProof(
  proof: ForkProof,
  logKeys: readonly NoteKey[],
  verifier: Verifier = nobleVerifier,
): TlogResult<ProvenFork> {
  return attempt(() => {
    const [first, second] = proof.checkpoints.map(
      (note) => unwrap(openCheckpoint(note, logKeys, [], verifier)).checkpoint,
    );
    if (first === undefined || second === undefined || first.origin !== second.origin)
      refuse("tlog/proof", "the checkpoints are of two logs");
    const { origin } = first;
    const checkpoints = [first, second] as const;
    if (first.size === second.size && !equalBytes(first.root, second.root)) return { origin, checkpoints };
    if (proof.divergence === undefined)
      refuse("tlog/proof", "the checkpoints do not contradict each other by themselves");
    const { index, sides } = proof.divergence;
    if (equalBytes(sides[0].leafHash, sides[1].leafHash))
      refuse("tlog/proof", `both sides hold one leaf at \`${index}\``);
    for (const [side, { leafHash, path }] of sides.entries()) {
      const { size, root } = checkpoints[side === 0 ? 0 : 1];
      if (!verifyInclusion({ index, size, leafHash, root }, path))
        refuse("tlog/proof", `side \`${side}\` does not prove its leaf at \`${index}\``);
    }
    return { origin, checkpoints, index };
  });
}

/** Canonical JSON, RFC 8785, to be filed with an incident. */
export function formatForkProof({ checkpoints, divergence }: ForkProof): Uint8Array {
  const sides = divergence?.sides.map(({ leafHash, path }) => ({
    leafHash: encodeBase64(leafHash),
    path: path.map(encodeBase64),
  }));
  const value = {
    type: TYPE,
    checkpoints: checkpoints.map(encodeBase64),
    ...(divergence === undefined ? {} : { divergence: { index: divergence.index.toString(), sides } }),
  };
  return utf8(canonicalJson(value));
}

/** Inverse of formatForkProof; other members and other spellings of the same JSON are refused. */
export function parseForkProof(bytes: Uint8Array): TlogResult<ForkProof> {
  return attempt(() => {
    if (bytes.length > MAX_FORK_PROOF_BYTES)
      refuse("tlog/proof-file", `a fork proof of \`${bytes.length}\` bytes exceeds \`${MAX_FORK_PROOF_BYTES}\``);
    const value = membersOf(jsonOf(fromUtf8(bytes, "tlog/proof-file")));
    if (value["type"] !== TYPE) refuse("tlog/proof-file", `a fork proof has type \`${TYPE}\``);
    const proof: ForkProof = {
      checkpoints: pairOf(value["checkpoints"], (one) => decodeBase64(textOf(one))),
      ...(value["divergence"] === undefined ? {} : { divergence: divergenceOf(value["divergence"]) }),
    };
    if (!equalBytes(formatForkProof(proof), bytes))
      refuse("tlog/proof-file", "a fork proof is canonical JSON of its members alone");
    return proof;
  });
}

function divergenceOf(value: unknown): NonNullable<ForkProof["divergence"]> {
  const { index, sides } = membersOf(value);
  return { index: parseDecimal(textOf(index)), sides: pairOf(sides, leafProofOf) };
}

function leafProofOf(value: unknown): LeafProof {
  const { leafHash, path } = membersOf(value);
  if (!Array.isArray(path) || path.length > MAX_PATH)
    refuse("tlog/proof-file", `a path is a list of at most ${MAX_PATH} hashes`);
  return { leafHash: decodeHash(textOf(leafHash)), path: path.map((hash) => decodeHash(textOf(hash))) };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return refuse("tlog/proof-file", "not JSON");
  }
}

function membersOf(value: unknown): Record<string, unknown> {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    refuse("tlog/proof-file", "not a JSON object");
  return { ...value };
}

function pairOf<Member>(value: unknown, read: (member: unknown) => Member): [Member, Member] {
  if (!Array.isArray(value) || value.length !== 2) refuse("tlog/proof-file", "a fork proof has two sides");
  return [read(value[0]), read(value[1])];
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : refuse("tlog/proof-file", "not text");
}
