/**
 * Reads subtree heads out of tiles, C2SP tlog-tiles: the way a proof over millions of leaves touches a handful of 8 KiB
 * files. What a tile says is believed here; `fsck` is what recomputes it.
 */
import { HASH_BYTES } from "./merkle.ts";
import { refuse } from "./refusal.ts";
import type { NodeReader, TreeNode } from "./proof.ts";
import { TILE_WIDTH, type Tile, tilePath, tileWidth } from "./tile.ts";
import { type HashInto, nobleHashInto, subtreeHead } from "./tile-hasher.ts";

/** The bytes of `tile`, or undefined when it is not there. Called at most once for a tile within one proof. */
export type TileSource = (tile: Tile) => Promise<Uint8Array | undefined>;

/** The same of many tiles at once, in their order: one question for a whole proof. */
export type TilesSource = (tiles: readonly Tile[]) => Promise<readonly (Uint8Array | undefined)[]>;

/** Subtree heads of the tree of `size` from its tiles, each fetched by itself. */
export function tileNodeReader(source: TileSource, size: bigint, hash: HashInto = nobleHashInto): NodeReader {
  return tilesNodeReader((tiles) => Promise.all(tiles.map(source)), size, hash);
}

/**
 * Subtree heads of the tree of `size` from its tiles. A partial tile that is gone is looked for in the full one, as the
 * specification lets a log delete partial tiles once the full one exists.
 */
export function tilesNodeReader(source: TilesSource, size: bigint, hash: HashInto = nobleHashInto): NodeReader {
  return async (nodes) => {
    const places = nodes.map((node) => placeOf(node, size));
    const tiles = new Map(places.map(({ tile }) => [tilePath(tile), tile]));
    const found = await readTiles(source, [...tiles.values()]);
    return places.map(({ tile, from, count }) => subtreeHead(found.get(tilePath(tile))!, from, count, hash)); // read above
  };
}

/** Where the head of a full subtree lies: `count` consecutive hashes of one tile, from hash `from`. */
function placeOf({ height, index }: TreeNode, size: bigint): { tile: Tile; from: number; count: number } {
  const level = Math.floor(height / 8);
  const count = 2 ** (height % 8);
  const first = index * BigInt(count); // of the hashes of this level
  const width = tileWidth(level, first / 256n, size);
  const from = Number(first % 256n);
  if (from + count > width)
    refuse("tlog/range", `subtree \`${index}\` of height \`${height}\` is not in a tree of \`${size}\``);
  return { tile: { level, index: first / 256n, width }, from, count };
}

/** Each tile's bytes by its path. @throws TlogProblem `tlog/tile` for one that is missing or of the wrong length */
async function readTiles(source: TilesSource, tiles: readonly Tile[]): Promise<Map<string, Uint8Array>> {
  const asked = await source(tiles);
  const gone = tiles.filter(({ width }, i) => asked[i] === undefined && width < TILE_WIDTH);
  const full = gone.length > 0 ? await source(gone.map((tile) => ({ ...tile, width: TILE_WIDTH }))) : [];
  return new Map(
    tiles.map((tile, i) => {
      const path = tilePath(tile);
      const exact = asked[i];
      if (exact !== undefined && exact.length !== tile.width * HASH_BYTES)
        refuse("tlog/tile", `\`${path}\` has \`${exact.length}\` bytes, not \`${tile.width * HASH_BYTES}\``);
      const bytes = exact ?? full[gone.indexOf(tile)];
      if (bytes === undefined || (exact === undefined && bytes.length !== TILE_WIDTH * HASH_BYTES))
        refuse("tlog/tile", `\`${path}\` is missing`);
      return [path, bytes];
    }),
  );
}
