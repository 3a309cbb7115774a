/**
 * Writes a log's tiles and entry bundles as it grows, C2SP tlog-tiles. Invariant: the bundles of a cut hold exactly the
 * entries whose leaves its tiles hold. Its state is the log's right edge as it lies on disk, so a writer that died goes
 * on from the files.
 */
import { type Edge, edgeRoot } from "./edge.ts";
import { MAX_ENTRY_BYTES } from "./entry-bundle.ts";
import { HASH_BYTES } from "./merkle.ts";
import { refuse } from "./refusal.ts";
import { TILE_WIDTH, type Tile } from "./tile.ts";
import { type HashInto, nobleHashInto, type TileBytes, TileHasher, type TreeState } from "./tile-hasher.ts";

/** The log at one moment, and what has to be written to serve it. */
export interface TreeCut extends TreeState {
  readonly root: Uint8Array;
  readonly edge: Edge;
  /** Full tiles and bundles since the last cut. */
  readonly full: readonly TileBytes[];
  /** The partial tiles and the partial bundle of this size. */
  readonly partials: readonly TileBytes[];
}

export class TileWriter {
  readonly #hasher: TileHasher;
  #bundle = new Uint8Array(TILE_WIDTH * (2 + HASH_BYTES));
  #bundleBytes = 0;
  #bundleWidth = 0;
  #bundleIndex: bigint;
  #fullBundles: TileBytes[] = [];

  /**
   * Goes on from `state`, whose partials are its partial tiles and its partial bundle; from nothing without it.
   * @throws TlogProblem `tlog/tile` when one of them is missing or of the wrong width
   */
  constructor(state: TreeState = { size: 0n, partials: [] }, hash: HashInto = nobleHashInto) {
    this.#hasher = new TileHasher(state, hash);
    this.#bundleIndex = state.size / 256n;
    this.#bundleWidth = Number(state.size % 256n);
    if (this.#bundleWidth === 0) return;
    const bundle = state.partials.find(
      ({ tile }) => tile.level === "entries" && tile.index === this.#bundleIndex && tile.width === this.#bundleWidth,
    );
    if (bundle === undefined)
      refuse("tlog/tile", `a log of \`${state.size}\` needs its partial bundle of \`${this.#bundleWidth}\` entries`);
    this.#put(bundle.bytes);
  }

  get size(): bigint {
    return this.#hasher.size;
  }

  /** @throws TlogProblem `tlog/bundle` when `entry` exceeds 65,535 bytes; `tlog/range` when the tree is full */
  append(entry: Uint8Array): void {
    if (entry.length > MAX_ENTRY_BYTES) refuse("tlog/bundle", `an entry of \`${entry.length}\` bytes exceeds 65535`);
    this.#hasher.append(entry);
    this.#reserve(2 + entry.length);
    this.#bundle[this.#bundleBytes++] = entry.length >> 8;
    this.#bundle[this.#bundleBytes++] = entry.length & 0xff;
    this.#put(entry);
    if (++this.#bundleWidth === TILE_WIDTH) this.#closeBundle();
  }

  /** The log as it stands; the next cut lists only what is full since this one. */
  cut(): TreeCut {
    const edge = this.#hasher.edge();
    const full = [...this.#hasher.takeFull(), ...this.#fullBundles];
    this.#fullBundles = [];
    const partials = this.#hasher.partials();
    if (this.#bundleWidth > 0) partials.push(this.#bundleAsItStands());
    return { size: edge.size, root: edgeRoot(edge), edge, full, partials };
  }

  #closeBundle(): void {
    this.#fullBundles.push(this.#bundleAsItStands());
    this.#bundleBytes = 0;
    this.#bundleWidth = 0;
    this.#bundleIndex++;
  }

  #bundleAsItStands(): TileBytes {
    const tile: Tile = { level: "entries", index: this.#bundleIndex, width: this.#bundleWidth };
    return { tile, bytes: this.#bundle.slice(0, this.#bundleBytes) };
  }

  #put(bytes: Uint8Array): void {
    this.#reserve(bytes.length);
    this.#bundle.set(bytes, this.#bundleBytes);
    this.#bundleBytes += bytes.length;
  }

  #reserve(length: number): void {
    const end = this.#bundleBytes + length;
    if (end <= this.#bundle.length) return;
    const grown = new Uint8Array(Math.max(end, 2 * this.#bundle.length));
    grown.set(this.#bundle.subarray(0, this.#bundleBytes));
    this.#bundle = grown;
  }
}
