/**
 * Checks a whole log, C2SP tlog-tiles: recomputes every leaf, tile and the root from the entry bundles and reports each
 * difference from what is stored. Trusts nothing but the checkpoint's signature. Memory does not grow with the log.
 * Where a bundle cannot be used, its tile's leaf hashes stand in, so that later differences are still found; where that
 * is missing too, the rest cannot be recomputed, and the report says so.
 */
import { equalBytes, hex } from "./bytes.ts";
import { type Checkpoint, parseCheckpoint } from "./checkpoint.ts";
import { edgeRoot } from "./edge.ts";
import { parseBundle } from "./entry-bundle.ts";
import { HASH_BYTES } from "./merkle.ts";
import { parseNote } from "./note.ts";
import { openCheckpoint } from "./opened-checkpoint.ts";
import { attempt, type TlogResult } from "./refusal.ts";
import { TILE_WIDTH, type Tile, tileAt, tileCount, tilePath } from "./tile.ts";
import { type HashInto, nobleHashInto, type TileBytes, TileHasher } from "./tile-hasher.ts";
import { nobleVerifier, type Verifier } from "./verifier.ts";
import type { NoteKey } from "./vkey.ts";
import { unwrap } from "@holdfast/kernel";

/** The bytes at `path` below the log's prefix, or undefined when there is nothing. */
export type LogReader = (path: string) => Promise<Uint8Array | undefined>;

export interface FsckOptions {
  /** The log's keys; without them the checkpoint's signature stays unchecked, and the report says so. */
  readonly keys?: readonly NoteKey[];
  readonly verifier?: Verifier;
  readonly hash?: HashInto;
  /** Called after each bundle with the entries done and the entries in all. */
  readonly progress?: (done: bigint, total: bigint) => void;
}

export interface FsckFinding {
  readonly kind:
    | "checkpoint"
    | "bundle-missing"
    | "bundle-malformed"
    | "tile-missing"
    | "tile-malformed"
    | "tile-differs"
    | "root-differs"
    | "incomplete";
  readonly path: string;
  readonly message: string;
}

export interface FsckReport {
  /** What the checkpoint says; absent when it cannot be read. */
  readonly checkpoint?: Checkpoint;
  readonly signature: "verified" | "not checked" | "failed";
  /** The root that the bundles give; absent when it could not be recomputed. */
  readonly root?: Uint8Array;
  readonly entries: bigint;
  readonly tiles: bigint;
  /** The first findings, at most MAX_FINDINGS; an empty list is a sound log. */
  readonly findings: readonly FsckFinding[];
  readonly findingCount: number;
}

export const MAX_FINDINGS = 1_000; // bounds the report on a log that is wrong throughout
const READ_AHEAD = 16; // bundles on their way while one is hashed; bounds memory at a few hundred KiB for our entries

export async function fsck(read: LogReader, options: FsckOptions = {}): Promise<FsckReport> {
  const run = new FsckRun(read, options.hash ?? nobleHashInto);
  const opened = await openedCheckpoint(read, options);
  if (!opened.ok) {
    run.report("checkpoint", "checkpoint", opened.problem.message);
    return {
      ...run.counts(),
      signature:
        opened.problem.code === "tlog/signature" || opened.problem.code === "tlog/unsigned" ? "failed" : "not checked",
    };
  }
  const checkpoint = opened.value;
  const signature = options.keys === undefined ? "not checked" : "verified";
  const root = await run.recompute(checkpoint, options.progress);
  return { checkpoint, signature, ...(root === undefined ? {} : { root }), ...run.counts() };
}

async function openedCheckpoint(read: LogReader, options: FsckOptions): Promise<TlogResult<Checkpoint>> {
  const note = await read("checkpoint");
  return attempt(() => {
    const bytes = note ?? new Uint8Array();
    if (options.keys === undefined) return unwrap(parseCheckpoint(unwrap(parseNote(bytes)).text));
    return unwrap(openCheckpoint(bytes, options.keys, [], options.verifier ?? nobleVerifier)).checkpoint;
  });
}

class FsckRun {
  readonly #read: LogReader;
  readonly #hash: HashInto;
  readonly #findings: FsckFinding[] = [];
  #findingCount = 0;
  #entries = 0n;
  #tiles = 0n;

  constructor(read: LogReader, hash: HashInto) {
    this.#read = read;
    this.#hash = hash;
  }

  report(kind: FsckFinding["kind"], path: string, message: string): void {
    this.#findingCount++;
    if (this.#findings.length < MAX_FINDINGS) this.#findings.push({ kind, path, message });
  }

  counts(): Pick<FsckReport, "entries" | "tiles" | "findings" | "findingCount"> {
    return { entries: this.#entries, tiles: this.#tiles, findings: this.#findings, findingCount: this.#findingCount };
  }

  /** The root that the bundles of `checkpoint` give, every tile compared on the way; undefined when they end early. */
  async recompute(checkpoint: Checkpoint, progress: FsckOptions["progress"]): Promise<Uint8Array | undefined> {
    const { size, root } = checkpoint;
    const hasher = new TileHasher(undefined, this.#hash);
    for await (const { tile, bundle, leaves } of this.#stored(size)) {
      if (!this.#appendBundle(hasher, tile, bundle, leaves)) {
        this.report("incomplete", tilePath(tile), `entries from \`${hasher.size}\` on could not be recomputed`);
        return undefined;
      }
      for (const made of hasher.takeFull()) await this.#compareTile(made, size, leaves);
      progress?.(hasher.size, size);
    }
    for (const made of hasher.partials()) await this.#compareTile(made, size, undefined);
    const found = edgeRoot(hasher.edge());
    if (!equalBytes(found, root))
      this.report(
        "root-differs",
        "checkpoint",
        `the bundles give root \`${hex(found)}\`, the checkpoint says \`${hex(root)}\``,
      );
    return found;
  }

  /** Every bundle with the level-0 tile over it, in order, some of them read ahead. */
  async *#stored(
    size: bigint,
  ): AsyncGenerator<{ tile: Tile; bundle: Uint8Array | undefined; leaves: Uint8Array | undefined }> {
    const queue: Promise<{ tile: Tile; bundle: Uint8Array | undefined; leaves: Uint8Array | undefined }>[] = [];
    const count = tileCount("entries", size);
    for (let index = 0n; index < count || queue.length > 0; ) {
      while (index < count && queue.length < READ_AHEAD) {
        const one = this.#readPair(index, size);
        one.catch(() => undefined); // a failure is thrown where the pair is awaited, below
        queue.push(one);
        index++;
      }
      const next = queue.shift();
      if (next !== undefined) yield await next;
    }
  }

  async #readPair(
    index: bigint,
    size: bigint,
  ): Promise<{ tile: Tile; bundle: Uint8Array | undefined; leaves: Uint8Array | undefined }> {
    const width = tileAt("entries", index, size)?.width ?? TILE_WIDTH;
    const tile: Tile = { level: "entries", index, width };
    const [bundle, leaves] = await Promise.all([this.#readStored(tile), this.#readStored({ level: 0, index, width })]);
    return { tile, bundle, leaves };
  }

  /** A stored tile or bundle; where the partial one is gone, the full one stands for it. */
  async #readStored(tile: Tile): Promise<Uint8Array | undefined> {
    const exact = await this.#read(tilePath(tile));
    if (exact !== undefined || tile.width === TILE_WIDTH) return exact;
    const full = await this.#read(tilePath({ ...tile, width: TILE_WIDTH }));
    if (full === undefined) return undefined;
    if (tile.level !== "entries") return full.subarray(0, tile.width * HASH_BYTES);
    const entries = attempt(() => parseBundle(full));
    if (!entries.ok) return full;
    return full.subarray(
      0,
      entries.value.slice(0, tile.width).reduce((length, entry) => length + 2 + entry.length, 0),
    );
  }

  /** Appends the entries of one bundle, or its leaf hashes where it cannot be used; false when neither can. */
  #appendBundle(
    hasher: TileHasher,
    tile: Tile,
    bundle: Uint8Array | undefined,
    leaves: Uint8Array | undefined,
  ): boolean {
    const path = tilePath(tile);
    const entries = attempt(() => (bundle === undefined ? [] : parseBundle(bundle)));
    if (entries.ok && entries.value.length === tile.width) {
      for (const entry of entries.value) hasher.append(entry);
      this.#entries += BigInt(tile.width);
      return true;
    }
    if (bundle === undefined) this.report("bundle-missing", path, "there is no such bundle");
    else if (!entries.ok) this.report("bundle-malformed", path, entries.problem.message);
    else this.report("bundle-malformed", path, `\`${entries.value.length}\` entries, not \`${tile.width}\``);
    if (leaves?.length !== tile.width * HASH_BYTES) return false;
    for (let i = 0; i < tile.width; i++) hasher.appendHash(leaves.subarray(i * HASH_BYTES, (i + 1) * HASH_BYTES));
    return true;
  }

  async #compareTile({ tile, bytes }: TileBytes, size: bigint, leaves: Uint8Array | undefined): Promise<void> {
    const path = tilePath(tile);
    const stored = tile.level === 0 && leaves !== undefined ? leaves : await this.#readStored(tile);
    this.#tiles++;
    if (stored === undefined) return this.report("tile-missing", path, `a log of \`${size}\` entries has this tile`);
    if (stored.length !== bytes.length)
      return this.report("tile-malformed", path, `\`${stored.length}\` bytes, not \`${bytes.length}\``);
    for (let i = 0; i < tile.width; i++) {
      const [from, to] = [i * HASH_BYTES, (i + 1) * HASH_BYTES];
      if (equalBytes(stored.subarray(from, to), bytes.subarray(from, to))) continue;
      const what = tile.level === 0 ? `entry \`${tile.index * 256n + BigInt(i)}\`` : `hash \`${i}\``;
      const [made, kept] = [hex(bytes.subarray(from, to)), hex(stored.subarray(from, to))];
      this.report("tile-differs", path, `${what}: the bundles give \`${made}\`, the tile holds \`${kept}\``);
    }
  }
}
