/**
 * Takes accepted statements into the tree: one transaction in which the head is locked, statements leave the outbox and
 * get their index, tiles and bundles are written, the checkpoint is signed and the head moves on. What is signed leaves
 * this process only after that commit, and after the signed head is in its file. Invariant: at every instant the tree of
 * the head row is the one whose tiles and statements are in the database, because one commit brings them all.
 * Refuses to go on when a tile is damaged or the clock is behind the last checkpoint.
 */
import { Problem } from "@holdfast/kernel";
import {
  EMPTY_ROOT,
  formatCheckpoint,
  formatNote,
  openCheckpoint,
  signNote,
  TileWriter,
  type TreeCut,
} from "@holdfast/tlog";
import type pg from "pg";
import { advanceHead, type Client, type Head, lockHead, publishHead } from "./head-store.ts";
import type { HeldKey } from "./key-file.ts";
import { nativeHashInto, nativeVerifier } from "./native-crypto.ts";
import { readEdge, writeTiles } from "./tile-store.ts";
import type { SignedHeadFile } from "./signed-head-file.ts";

/** Bounds one transaction: its memory, and how long readers of `published` wait. */
export const BATCH_MAX = 8_192;

/** The stages of a batch, in their order. */
export const STAGES = ["take", "bundle", "tile", "checkpoint", "head", "commit", "file", "publish"] as const;
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

interface Taken {
  readonly entry: Buffer;
  readonly kind: string;
  /** Whether the stored statement still has the digest that it was accepted with. */
  readonly whole: boolean;
}

export class Sequencer {
  readonly #parts: SequencerParts;
  /** The tree in memory and the head's version that it is; dropped at every failure and every fence. */
  #tree: { readonly version: number; readonly writer: TileWriter } | undefined;

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
    await client.query("begin");
    await client.query("set local synchronous_commit = on"); // a checkpoint must never outlive its leaves
    const head = await lockHead(client, log);
    const taken = head && head.state === "open" ? await run("take", () => takeStatements(client, head)) : [];
    if (!head || taken.length === 0) {
      await client.query("rollback");
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
    const writer = await this.#treeAt(client, head);
    for (const { entry } of taken) writer.append(entry);
    const cut = writer.cut();
    await this.#writeCut(client, cut);
    const checkpoint = await run("checkpoint", () => this.#sign(cut, signedAt));
    await countKinds(client, log, taken);
    await run("head", () => advanceHead(client, head, { size: cut.size, root: cut.root, checkpoint, signedAt }));
    await run("commit", async () => void (await client.query("commit")));
    this.#tree = { version: head.version + 1, writer };
    return { size: Number(cut.size), added: taken.length };
  }

  async #treeAt(client: Client, head: Head): Promise<TileWriter> {
    if (this.#tree?.version === head.version) return this.#tree.writer;
    this.#tree = undefined;
    return openTree(client, head);
  }

  async #writeCut(client: Client, { full, partials }: TreeCut): Promise<void> {
    const { log, run } = this.#parts;
    const all = [...full, ...partials];
    const isBundle = ({ tile }: TreeCut["full"][number]) => tile.level === "entries";
    await run("bundle", () => writeTiles(client, log, all.filter(isBundle)));
    const tiles = all.filter((each) => !isBundle(each));
    await run("tile", () => writeTiles(client, log, tiles));
  }

  /** One line for each active key; verified before it can leave. */
  async #sign({ size, root }: TreeCut, at: Date): Promise<Uint8Array> {
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

/** A connection that breaks between two queries says so by event; the next query on it fails and reports. */
export const ignoreLoss = (): undefined => undefined;

/** The tree of `head` from its right edge. @throws Problem `ledger/damaged` when the edge does not give the head's root */
export async function openTree(client: Client, head: Head): Promise<TileWriter> {
  const writer = new TileWriter(await readEdge(client, head.log, BigInt(head.size)), nativeHashInto);
  const { root } = writer.cut();
  const expected = head.size === 0 ? EMPTY_ROOT : head.root;
  if (Buffer.compare(root, expected) !== 0)
    throw new Problem("ledger/damaged", `the stored tiles of size \`${head.size}\` do not give the root of the head`);
  return writer;
}

/** Moves the oldest statements from the outbox to their places. A statement that is in the log already is dropped. */
async function takeStatements(client: Client, head: Head): Promise<readonly Taken[]> {
  await client.query("savepoint take");
  try {
    return await moveStatements(client, head);
  } catch (error) {
    if (!(error instanceof Error && "code" in error && error.code === "23505")) throw error; // unique_violation
    await client.query("rollback to savepoint take");
    await client.query("delete from ledger_outbox o using ledger_statement s where s.entry = o.entry");
    return moveStatements(client, head);
  }
}

async function moveStatements(client: Client, head: Head): Promise<readonly Taken[]> {
  const { rows } = await client.query<Taken>({
    name: "ledger-move-statements",
    text: `with taken as (
        delete from ledger_outbox where position in (select position from ledger_outbox order by position limit $3)
        returning position, entry, kind, subject, issuer, statement, accepted_at
      ), placed as (
        insert into ledger_statement (log, leaf_index, entry, kind, subject, issuer, statement, accepted_at)
        select $1, $2::bigint + row_number() over (order by position) - 1, entry, kind, subject, issuer, statement, accepted_at
        from taken order by position
        returning leaf_index, entry, kind, statement
      )
      select entry, kind, sha256(statement) = entry as whole from placed order by leaf_index limit $3`,
    values: [head.log, head.size, BATCH_MAX],
  });
  return rows;
}

async function countKinds(client: Client, log: number, taken: readonly Taken[]): Promise<void> {
  const counts = new Map<string, number>();
  for (const { kind } of taken) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  await client.query(
    `insert into ledger_kind_count as stored (log, kind, statements) select $1, * from unnest($2::text[], $3::bigint[])
     on conflict (log, kind) do update set statements = stored.statements + excluded.statements`,
    [log, [...counts.keys()], [...counts.values()]],
  );
}
