/** Proofs out of stored tiles: the tlog-proof file (C2SP) and the receipt (RFC 9942) of one statement. */
import { Problem } from "@holdfast/kernel";
import {
  formatReceipt,
  formatTlogProof,
  openCheckpoint,
  proveConsistency,
  proveInclusion,
  signInclusionReceipt,
  type NoteKey,
  type NodeReader,
  tileNodeReader,
} from "@holdfast/tlog";
import type { Client, Head } from "./head-store.ts";
import type { HeldKey } from "./key-file.ts";
import { nativeHashInto, nativeVerifier } from "./native-crypto.ts";
import { EDDSA, kidOf } from "./statement.ts";
import { idOf } from "./statement-store.ts";
import { readTile } from "./tile-store.ts";

export interface InclusionEvidence {
  readonly index: bigint;
  readonly size: bigint;
  readonly root: Uint8Array;
  readonly path: readonly Uint8Array[];
  readonly checkpoint: Uint8Array;
  /** Whether the checkpoint carries the quorum of the witnesses. */
  readonly witnessed: boolean;
}

/** The checkpoint that proves most: cosigned by the quorum when that tree holds the index. */
export function bestCheckpoint(head: Head, index: number): { note: Buffer; witnessed: boolean } | undefined {
  if (head.witnessed && index < head.witnessed_size) return { note: head.witnessed, witnessed: true };
  if (head.published && index < head.published_size) return { note: head.published, witnessed: false };
  return undefined;
}

/** @throws Problem `ledger/not-published` when no released checkpoint holds `index` */
export async function proveEntry(
  client: Client,
  head: Head,
  index: number,
  keys: readonly NoteKey[],
): Promise<InclusionEvidence> {
  const best = bestCheckpoint(head, index);
  if (!best)
    throw new Problem(
      "ledger/not-published",
      `the statement has index \`${index}\`, and \`${head.published_size}\` are published`,
    );
  const opened = openCheckpoint(best.note, keys, [], nativeVerifier);
  if (!opened.ok) throw opened.problem;
  const { size, root } = opened.value.checkpoint;
  const path = await proveInclusion(nodesOf(client, head.log, size), BigInt(index), size);
  return { index: BigInt(index), size, root, path, checkpoint: best.note, witnessed: best.witnessed };
}

export async function proveGrowth(
  client: Client,
  log: number,
  oldSize: bigint,
  newSize: bigint,
): Promise<Uint8Array[]> {
  return proveConsistency(nodesOf(client, log, newSize), oldSize, newSize);
}

export function proofFile({ index, path, checkpoint }: InclusionEvidence): Uint8Array {
  return formatTlogProof({ index, path, checkpoint });
}

/** The receipt, which names the log and the entry and nothing of the business. */
export async function receiptOf(
  evidence: InclusionEvidence,
  entry: Uint8Array,
  by: { key: HeldKey; origin: string },
): Promise<Uint8Array> {
  const { index, size, path, root } = evidence;
  return formatReceipt(
    await signInclusionReceipt(
      { algorithm: EDDSA, kid: kidOf(by.key), issuer: by.origin, subject: `urn:sha256:${idOf(entry)}`, root },
      { index, size, path },
      by.key.signer,
    ),
  );
}

function nodesOf(client: Client, log: number, size: bigint): NodeReader {
  return tileNodeReader((tile) => readTile(client, log, tile), size, nativeHashInto);
}
