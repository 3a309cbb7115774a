/**
 * Takes accepted statements into the tree: one transaction in which the head is locked, statements leave the outbox and
 * get their index as leaves, tiles are written, the checkpoint is signed and the head moves on. What is signed leaves
 * this process only after that commit, and after the signed head is in its file. Invariant: at every instant the tree of
 * the head row is the one whose tiles and statements are in the database, because one commit brings them all.
 * Refuses to go on when a tile is damaged or the clock is behind the last checkpoint.
 */
import { Problem } from "@holdfast/kernel";
import {
  edgeRoot,
  EMPTY_ROOT,
  formatCheckpoint,
  formatNote,
  openCheckpoint,
  signNote,
  TileHasher,
} from "@holdfast/tlog";
import type pg from "pg";
import { advanceHead, type Client, type Head, lockHead, publishHead } from "./head-store.ts";
import type { HeldKey } from "./key-file.ts";
import { countKinds, moveStatements } from "./leaf-store.ts";
import { nativeHashInto, nativeVerifier } from "./native-crypto.ts";
import { readEdge, writeTiles } from "./tile-store.ts";
import { ignoreLoss } from "./transaction.ts";
import type { SignedHeadFile } from "./signed-head-file.ts";

/** Bounds one transaction: its memory, and how long readers of `published` wait. */
export const BATCH_MAX = 8_192;

/** The stages of a batch, in their order. */
export const STAGES = ["bundle", "tile", "checkpoint", "head", "commit", "file", "publish"] as const;
export type Stage = (typeof STAGES)[number];

/** Runs one stage; tests put failures before and after it. */
export type StageRunner = <Value>(stage: Stage, work: () => Promise<Value>) => Promise<Value>;

export interface SequencerParts {
  readonly pool: pg.Pool;
  readonly log: number;
  readonly origin: string;
  readonly keys: () => readonly HeldKey[];
  readonly file: SignedHeadFile;
  readonly now: () => Date;
  readonly run: StageRunner;
}

export interface Batch {
  readonly size: number;
  readonly added: number;
}

/** The tree as it is to be signed. */
interface Grown {
  readonly size: bigint;
  readonly root: Uint8Array;
}

export class Sequencer {
  readonly #parts: SequencerParts;
  /** The tree in memory and the head's version that it is; dropped at every failure and every fence. */
  #tree: { readonly version: number; readonly hasher: TileHasher } | undefined;

  constructor(parts: SequencerParts) {
    this.#parts = parts;
  }

  /**
   * Takes up to `BATCH_MAX` statements into the tree and publishes it. @returns undefined when there was nothing to do, or
   * another sequencer is at it
   * @throws Problem `ledger/damaged`, `ledger/clock`, `ledger/fenced`
   */
  async batch(): Promise<Batch | undefined> {
    const client = await this.#parts.pool.connect();
    client.on("error", ignoreLoss);
    let failed = true;
    try {
      const batch = await this.#sequence(client);
      await this.release(client);
      failed = false;
      return batch;
    } catch (error) {
      this.#tree = undefined;
      await client.query("rollback").catch(() => undefined);
      throw error;
    } finally {
      client.off("error", ignoreLoss);
      client.release(failed);
    }
  }

  /** Publishes the head that is committed, if it is not yet: also what start-up does for a process that died here. */
  async release(client: Client): Promise<void> {
    const { log, file, now, run } = this.#parts;
    const { rows } = await client.query<Pick<Head, "size" | "root" | "signed_at" | "published_size">>(
      "select size, root, signed_at, published_size from ledger_head where log = $1 limit 1",
      [log],
    );
    const head = rows[0];
    if (!head?.signed_at || head.published_size === head.size) return;
    const signed = { size: head.size, root: head.root.toString("hex"), signedAt: head.signed_at.toISOString() };
    await run("file", async () => file.write(signed));
    await run("publish", () => publishHead(client, log, head.size, now()));
  }

  async #sequence(client: Client): Promise<Batch | undefined> {
    const { log, now, run } = this.#parts;
    const { rowCount: waiting } = await client.query("select true from ledger_outbox limit 1");
    if (waiting === 0) return undefined;
    await client.query("begin");
    // a checkpoint must never outlive its leaves; and a plan that was made for a small log must not be kept for a large one
    await client.query("set local synchronous_commit = on; set local enable_seqscan = off");
    const head = await lockHead(client, log);
    const taken =
      head && head.state === "open" ? await run("bundle", () => moveStatements(client, head, BATCH_MAX)) : [];
    if (!head || taken.length === 0) {
      await client.query(head ? "commit" : "rollback"); // what was dropped because it is in a log already is gone
      return undefined;
    }
    const damaged = taken.find(({ whole }) => !whole);
    if (damaged)
      throw new Problem(
        "ledger/damaged",
        `the waiting statement \`${damaged.entry.toString("hex")}\` is not what was accepted`,
      );
    const signedAt = now();
    if (head.signed_at && signedAt < head.signed_at)
      throw new Problem(
        "ledger/clock",
        `the clock says \`${signedAt.toISOString()}\`, and the last checkpoint is of \`${head.signed_at.toISOString()}\``,
      );
    const hasher = await this.#treeAt(client, head);
    for (const { entry } of taken) hasher.append(entry);
    const grown: Grown = { size: hasher.size, root: edgeRoot(hasher.edge()) };
    await run("tile", () => writeTiles(client, log, [...hasher.takeFull(), ...hasher.partials()]));
    const checkpoint = await run("checkpoint", () => this.#sign(grown, signedAt));
    await countKinds(client, head, taken);
    await run("head", () => advanceHead(client, head, { ...grown, checkpoint, signedAt }));
    await run("commit", async () => void (await client.query("commit")));
    this.#tree = { version: head.version + 1, hasher };
    return { size: Number(grown.size), added: taken.length };
  }

  async #treeAt(client: Client, head: Head): Promise<TileHasher> {
    if (this.#tree?.version === head.version) return this.#tree.hasher;
    this.#tree = undefined;
    return openTree(client, head);
  }

  /** One line for each active key; verified before it can leave. */
  async #sign({ size, root }: Grown, at: Date): Promise<Uint8Array> {
    const { origin, keys } = this.#parts;
    const text = formatCheckpoint({ origin, size, root, extensions: [] });
    const seconds = BigInt(Math.floor(at.getTime() / 1_000));
    const signatures = await Promise.all(keys().map(({ key, signer }) => signNote(text, key, signer, seconds)));
    const note = formatNote({ text, signatures });
    const opened = openCheckpoint(
      note,
      keys().map(({ key }) => key),
      [],
      nativeVerifier,
    );
    if (!opened.ok) throw opened.problem;
    return note;
  }
}

/** The tree of `head` from its right edge. @throws Problem `ledger/damaged` when the edge does not give the head's root */
export async function openTree(client: Client, head: Head): Promise<TileHasher> {
  const hasher = new TileHasher(await readEdge(client, head.log, BigInt(head.size)), nativeHashInto);
  const expected = head.size === 0 ? EMPTY_ROOT : head.root;
  if (Buffer.compare(edgeRoot(hasher.edge()), expected) !== 0)
    throw new Problem("ledger/damaged", `the stored tiles of size \`${head.size}\` do not give the root of the head`);
  return hasher;
}
