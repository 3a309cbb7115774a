/**
 * Tile geometry and paths, C2SP tlog-tiles. A tile at level l holds up to 256 hashes, hash i of tile n being
 * MTH(D[(n*256+i)*256^l : (n*256+i+1)*256^l]). Invariant: parseTilePath(tilePath(t)) equals t, and one tile has one
 * path. Refuses empty tiles, widths past 256, levels past 63, leading zeros and any other spelling.
 */
import { MAX_SIZE } from "./decimal.ts";
import { refuse, shown } from "./refusal.ts";

export const TILE_WIDTH = 256;
const MAX_LEVEL = 63; // the specification's bound; level 7 already covers 2^64 leaves

/** A hash tile or, with level "entries", the bundle of the entries below the level-0 tile of the same index. */
export interface Tile {
  readonly level: number | "entries";
  readonly index: bigint;
  /** Hashes or entries in it, 1 to 256; 256 is a full tile. */
  readonly width: number;
}

/** The path below the log's prefix, such as `tile/0/x001/x234/067.p/112`. Inverse of parseTilePath. */
export function tilePath({ level, index, width }: Tile): string {
  const digits = index.toString();
  const groups = digits.padStart(Math.ceil(digits.length / 3) * 3, "0").match(/.{3}/g) ?? [];
  const number = groups.map((group, i) => (i < groups.length - 1 ? `x${group}` : group)).join("/");
  return `tile/${level}/${number}${width === TILE_WIDTH ? "" : `.p/${width}`}`;
}

/**
 * Inverse of tilePath.
 * @throws TlogProblem `tlog/tile` when `path` is not the path of a tile
 */
export function parseTilePath(path: string): Tile {
  const parts = /^tile\/(entries|0|[1-9][0-9]?)\/((?:x[0-9]{3}\/){0,6}[0-9]{3})(?:\.p\/([1-9][0-9]{0,2}))?$/.exec(path);
  if (parts === null) refuse("tlog/tile", `${shown(path)} is not a tile path`);
  const [, level = "", number = "", partial] = parts;
  const index = BigInt(number.replaceAll(/[x/]/g, ""));
  const width = partial === undefined ? TILE_WIDTH : Number(partial);
  const tile: Tile = { level: level === "entries" ? level : Number(level), index, width };
  const inRange = (tile.level === "entries" || tile.level <= MAX_LEVEL) && index <= MAX_SIZE;
  if (!inRange || (partial !== undefined && width >= TILE_WIDTH) || tilePath(tile) !== path)
    refuse("tlog/tile", `${shown(path)} is not a tile path`);
  return tile;
}

/** How many hashes the tile `index` of `level` holds in a tree of `size`: 0 to 256, 0 meaning that there is none. */
export function tileWidth(level: number | "entries", index: bigint, size: bigint): number {
  const shift = level === "entries" ? 0n : BigInt(8 * level);
  const below = (size >> shift) - index * 256n; // hashes of this level at or after the tile's first
  return below <= 0n ? 0 : below >= 256n ? TILE_WIDTH : Number(below);
}

/** The tile as it stands in a tree of `size`, or undefined where that tree has no such tile. */
export function tileAt(level: number | "entries", index: bigint, size: bigint): Tile | undefined {
  const width = tileWidth(level, index, size);
  return width === 0 ? undefined : { level, index, width };
}

/** The number of tiles at `level`, partial one included, in a tree of `size`. */
export function tileCount(level: number | "entries", size: bigint): bigint {
  const hashes = level === "entries" ? size : size >> BigInt(8 * level);
  return (hashes + 255n) / 256n;
}

/** The partial tiles at the right edge of a tree of `size`, level 0 first; a level whose last tile is full has none. */
export function partialTiles(size: bigint): Tile[] {
  const tiles: Tile[] = [];
  for (let level = 0, hashes = size; hashes > 0n; level++, hashes >>= 8n) {
    if (hashes % 256n !== 0n) tiles.push({ level, index: hashes / 256n, width: Number(hashes % 256n) });
  }
  return tiles;
}
