/**
 * Hashes a growing tree into its tiles, C2SP tlog-tiles. One stack of subtree roots (the edge) drives everything: a leaf
 * merges into it, and each merge that completes 256^l leaves is also the next hash of level l. So a leaf costs two
 * hashes, amortised, and nothing is computed twice. Invariant: the tiles and the root are those of the definition; the
 * tests hold them against `treeHead`. The hash function is an argument: a node passes its native one.
 */
import { sha256 } from "@noble/hashes/sha2.js";
import { MAX_SIZE } from "./decimal.ts";
import { type Edge, edgeOf } from "./edge.ts";
import { HASH_BYTES } from "./merkle.ts";
import { refuse } from "./refusal.ts";
import { partialTiles, TILE_WIDTH, type Tile } from "./tile.ts";

/** Writes SHA-256(`input`) to `output` at `offset`. `input` is only valid during the call. */
export type HashInto = (input: Uint8Array, output: Uint8Array, offset: number) => void;

export interface TileBytes {
  readonly tile: Tile;
  readonly bytes: Uint8Array;
}

/** A tree to go on from: its size, and the partial tiles at its right edge, all that changes when it grows. */
export interface TreeState {
  readonly size: bigint;
  readonly partials: readonly TileBytes[];
}

const TILE_BYTES = TILE_WIDTH * HASH_BYTES;
const MAX_HEIGHT = 63;

export const nobleHashInto: HashInto = (input, output, offset) => output.set(sha256(input), offset);

/**
 * A HashInto from a function that gives SHA-256 as 32 latin1 characters: the form in which Node's
 * `crypto.hash("sha256", input, "binary")` is 2 to 3 times faster than as a buffer.
 */
export function latin1HashInto(digest: (input: Uint8Array) => string): HashInto {
  return (input, output, offset) => {
    const text = digest(input);
    for (let i = 0; i < HASH_BYTES; i++) output[offset + i] = text.charCodeAt(i);
  };
}

export class TileHasher {
  readonly #hash: HashInto;
  #size: bigint;
  /** The edge's hashes from 32 on, 32 bytes each; the byte before a pair takes the node prefix while it is hashed. */
  readonly #stack = new Uint8Array((MAX_HEIGHT + 3) * HASH_BYTES);
  readonly #heights = new Uint8Array(MAX_HEIGHT + 2);
  #depth = 0;
  /** For each stack position the 65 bytes of prefix and two children; made once, so that a merge allocates nothing. */
  readonly #pairs: readonly Uint8Array[];
  readonly #levels: { bytes: Uint8Array; count: number; index: bigint }[] = [];
  #input = new Uint8Array(1 + HASH_BYTES);
  #full: TileBytes[] = [];

  /**
   * Goes on from `state`.
   * @throws TlogProblem `tlog/tile` when a partial tile of `state.size` is missing or of the wrong width
   */
  constructor(state: TreeState = { size: 0n, partials: [] }, hash: HashInto = nobleHashInto) {
    if (state.size < 0n || state.size > MAX_SIZE) refuse("tlog/range", `\`${state.size}\` is not a tree size`);
    this.#hash = hash;
    this.#size = state.size;
    this.#pairs = Array.from({ length: MAX_HEIGHT + 1 }, (_, i) =>
      this.#stack.subarray((i + 1) * HASH_BYTES - 1, (i + 3) * HASH_BYTES),
    );
    this.#resume(state);
  }

  get size(): bigint {
    return this.#size;
  }

  /** Appends the leaf of `entry`. @throws TlogProblem `tlog/range` when the tree is full */
  append(entry: Uint8Array): void {
    if (this.#input.length !== entry.length + 1) this.#input = new Uint8Array(entry.length + 1);
    this.#input.set(entry, 1); // byte 0 stays the leaf prefix: SHA-256(0x00 || entry), RFC 9162 2.1.1
    this.#hash(this.#input, this.#stack, (this.#depth + 1) * HASH_BYTES);
    this.#push();
  }

  /** Appends a leaf by its hash. @throws TlogProblem `tlog/range` when the tree is full */
  appendHash(leaf: Uint8Array): void {
    this.#stack.set(leaf, (this.#depth + 1) * HASH_BYTES);
    this.#push();
  }

  edge(): Edge {
    const hashes = Array.from({ length: this.#depth }, (_, i) =>
      this.#stack.slice((i + 1) * HASH_BYTES, (i + 2) * HASH_BYTES),
    );
    return edgeOf(this.#size, hashes);
  }

  /** The full tiles since the last call, in the order of their completion; they are the caller's. */
  takeFull(): TileBytes[] {
    const full = this.#full;
    this.#full = [];
    return full;
  }

  /** Copies of the partial tiles as they stand, level 0 first. */
  partials(): TileBytes[] {
    return this.#levels.flatMap(({ bytes, count, index }, level) =>
      count === 0 ? [] : [{ tile: { level, index, width: count }, bytes: bytes.slice(0, count * HASH_BYTES) }],
    );
  }

  /** Takes the leaf hash that lies on top of the stack into the tree. */
  #push(): void {
    if (this.#size >= MAX_SIZE) refuse("tlog/range", "the tree is full at `2^63 - 1` entries");
    this.#heights[this.#depth++] = 0;
    this.#size++;
    this.#addToLevel(0);
    while (this.#depth > 1 && this.#heights[this.#depth - 1] === this.#heights[this.#depth - 2]) this.#merge();
  }

  /** Joins the two topmost subtrees: SHA-256(0x01 || left || right), RFC 9162 2.1.1. */
  #merge(): void {
    const at = this.#depth - 2;
    const pair = this.#pairs[at]!; // the stack is never deeper than MAX_HEIGHT + 1
    const below = pair[0]!; // a pair has 65 bytes; the first belongs to the hash below it
    pair[0] = 0x01;
    this.#hash(pair, this.#stack, (at + 1) * HASH_BYTES);
    pair[0] = below;
    const height = this.#heights[at]! + 1; // at is on the stack
    this.#heights[at] = height;
    this.#depth--;
    if (height % 8 === 0) this.#addToLevel(height / 8);
  }

  /** Copies the hash on top of the stack to the next place of `level`, and gives the tile away when it is full. */
  #addToLevel(level: number): void {
    const open = (this.#levels[level] ??= { bytes: new Uint8Array(TILE_BYTES), count: 0, index: 0n });
    const from = this.#depth * HASH_BYTES;
    open.bytes.set(this.#stack.subarray(from, from + HASH_BYTES), open.count * HASH_BYTES);
    if (++open.count < TILE_WIDTH) return;
    this.#full.push({ tile: { level, index: open.index, width: TILE_WIDTH }, bytes: open.bytes });
    this.#levels[level] = { bytes: new Uint8Array(TILE_BYTES), count: 0, index: open.index + 1n };
  }

  #resume({ size, partials }: TreeState): void {
    for (let level = 0; level === 0 || size >> BigInt(8 * level) > 0n; level++)
      this.#levels[level] = { bytes: new Uint8Array(TILE_BYTES), count: 0, index: (size >> BigInt(8 * level)) / 256n };
    for (const { level, index, width } of partialTiles(size).toReversed()) {
      const given = partials.find(
        ({ tile }) => tile.level === level && tile.index === index && tile.width === width,
      )?.bytes;
      const open = typeof level === "number" ? this.#levels[level] : undefined;
      if (typeof level !== "number" || open === undefined || given?.length !== width * HASH_BYTES)
        refuse("tlog/tile", `a tree of \`${size}\` needs its partial tile of level \`${level}\`, width \`${width}\``);
      open.bytes.set(given);
      open.count = width;
      this.#pushSubtrees(given, width, level);
    }
  }

  /** The edge's hashes that a partial tile stands for: for each one bit of its width, the head of as many hashes. */
  #pushSubtrees(bytes: Uint8Array, width: number, level: number): void {
    let from = 0;
    for (let bit = 7; bit >= 0; bit--) {
      if ((width & (1 << bit)) === 0) continue;
      this.#stack.set(subtreeHead(bytes, from, 1 << bit, this.#hash), (this.#depth + 1) * HASH_BYTES);
      this.#heights[this.#depth++] = 8 * level + bit;
      from += 1 << bit;
    }
  }
}

/** The head of the `count` hashes (a power of two) that lie in `hashes` from hash `from` on, RFC 9162 2.1.1. */
export function subtreeHead(
  hashes: Uint8Array,
  from: number,
  count: number,
  hash: HashInto = nobleHashInto,
): Uint8Array {
  const work = hashes.slice(from * HASH_BYTES, (from + count) * HASH_BYTES);
  const pair = new Uint8Array(1 + 2 * HASH_BYTES);
  pair[0] = 0x01;
  for (let width = count; width > 1; width /= 2) {
    for (let i = 0; i < width; i += 2) {
      pair.set(work.subarray(i * HASH_BYTES, (i + 2) * HASH_BYTES), 1);
      hash(pair, work, (i / 2) * HASH_BYTES);
    }
  }
  return work.subarray(0, HASH_BYTES);
}
