/** Proofs out of stored tiles: the tlog-proof file (C2SP) and the receipt (RFC 9942) of one statement. */
import { Problem } from "@holdfast/kernel";
import {
  type Checkpoint,
  formatReceipt,
  formatTlogProof,
  leafHash,
  openCheckpoint,
  proveConsistency,
  proveInclusion,
  signInclusionReceipt,
  type NoteKey,
  type NodeReader,
  tilesNodeReader,
  verifyInclusion,
} from "@holdfast/tlog";
import type { Client, Head } from "./head-store.ts";
import type { HeldKey } from "./key-file.ts";
import { nativeHashInto, nativeVerifier } from "./native-crypto.ts";
import { EDDSA, kidOf } from "./statement.ts";
import { idOf } from "./statement-store.ts";
import { TileCache } from "./tile-cache.ts";
import { tileSource } from "./tile-store.ts";

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

const OPENED_MAX = 4; // the published and the witnessed checkpoint of the open log, and those of one before it

/** Makes proofs; owned by one ledger. A proof is folded to the checkpoint's root before it leaves. */
export class Prover {
  readonly #client: Client;
  readonly #cache = new TileCache();
  /** Checkpoints whose signatures were verified, by their bytes. */
  readonly #opened = new Map<string, Checkpoint>();

  constructor(client: Client) {
    this.#client = client;
  }

  /**
   * @throws Problem `ledger/not-published` when no released checkpoint holds `leaf`, `ledger/damaged` when the stored tiles
   *   do not lead from it to the root that was signed
   */
  async entry(
    head: Head,
    leaf: { readonly index: number; readonly entry: Uint8Array },
    keys: readonly NoteKey[],
  ): Promise<InclusionEvidence> {
    const best = bestCheckpoint(head, leaf.index);
    if (!best)
      throw new Problem(
        "ledger/not-published",
        `the statement has index \`${leaf.index}\`, and \`${head.published_size}\` are published`,
      );
    const { size, root } = this.#open(best.note, keys);
    const index = BigInt(leaf.index);
    const path = await proveInclusion(this.#nodes(head.log, size), index, size);
    if (!verifyInclusion({ index, size, leafHash: leafHash(leaf.entry), root }, path)) {
      this.#cache.clear();
      throw new Problem("ledger/damaged", `the stored tiles do not lead from entry \`${index}\` to the signed root`);
    }
    return { index, size, root, path, checkpoint: best.note, witnessed: best.witnessed };
  }

  async growth(log: number, oldSize: bigint, newSize: bigint): Promise<Uint8Array[]> {
    return proveConsistency(this.#nodes(log, newSize), oldSize, newSize);
  }

  #open(note: Buffer, keys: readonly NoteKey[]): Checkpoint {
    const bytes = note.toString("latin1");
    const known = this.#opened.get(bytes);
    if (known) return known;
    const opened = openCheckpoint(note, keys, [], nativeVerifier);
    if (!opened.ok) throw opened.problem;
    this.#opened.set(bytes, opened.value.checkpoint);
    const [oldest = ""] = this.#opened.keys();
    if (this.#opened.size > OPENED_MAX) this.#opened.delete(oldest);
    return opened.value.checkpoint;
  }

  #nodes(log: number, size: bigint): NodeReader {
    return tilesNodeReader(tileSource(this.#client, log, this.#cache), size, nativeHashInto);
  }
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
