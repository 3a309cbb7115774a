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

/**
 * Subtree heads of the tree of `size` from its tiles. A partial tile that is gone is looked for in the full one, as the
 * specification lets a log delete partial tiles once the full one exists.
 */
export function tileNodeReader(source: TileSource, size: bigint, hash: HashInto = nobleHashInto): NodeReader {
  return async (nodes) => {
    const fetched = new Map<string, Promise<Uint8Array>>();
    return Promise.all(
      nodes.map(async (node) => {
        const { tile, from, count } = placeOf(node, size);
        const path = tilePath(tile);
        const bytes = fetched.get(path) ?? readTile(source, tile);
        fetched.set(path, bytes);
        return subtreeHead(await bytes, from, count, hash);
      }),
    );
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

async function readTile(source: TileSource, tile: Tile): Promise<Uint8Array> {
  const bytes = await source(tile);
  if (bytes !== undefined) {
    if (bytes.length === tile.width * HASH_BYTES) return bytes;
    refuse("tlog/tile", `\`${tilePath(tile)}\` has \`${bytes.length}\` bytes, not \`${tile.width * HASH_BYTES}\``);
  }
  const full = tile.width < TILE_WIDTH ? await source({ ...tile, width: TILE_WIDTH }) : undefined;
  if (full?.length !== TILE_WIDTH * HASH_BYTES) refuse("tlog/tile", `\`${tilePath(tile)}\` is missing`);
  return full;
}
