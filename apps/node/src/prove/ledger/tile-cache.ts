/**
 * Hash tiles that every proof needs: those above level 0, and the partial one at the right edge. A tile of one width never
 * changes, so what is here is right as long as it was right when it was read, and a proof is folded to the checkpoint's
 * root before it leaves. The oldest unused ones go first. Full tiles of level 0 are not kept: a large log has too many, and
 * a proof needs one of them, which then costs the same in every log.
 */
import { type Tile, TILE_WIDTH } from "@holdfast/tlog";

export const TILES_MAX = 2_048; // 16 MiB: the tiles above level 0 of 134 million leaves

export class TileCache {
  readonly #tiles = new Map<string, Uint8Array>();

  /** How many tiles it holds, at most `TILES_MAX`. */
  get size(): number {
    return this.#tiles.size;
  }

  get(log: number, tile: Tile): Uint8Array | undefined {
    const key = keyOf(log, tile);
    const bytes = this.#tiles.get(key);
    if (bytes === undefined) return undefined;
    this.#tiles.delete(key); // to the end: used last
    this.#tiles.set(key, bytes);
    return bytes;
  }

  /** Keeps a tile; a full one of level 0, or none, is passed over. */
  put(log: number, tile: Tile, bytes: Uint8Array | undefined): void {
    if (bytes === undefined || (tile.level === 0 && tile.width === TILE_WIDTH)) return;
    this.#tiles.set(keyOf(log, tile), bytes);
    if (this.#tiles.size <= TILES_MAX) return;
    const [oldest = ""] = this.#tiles.keys();
    this.#tiles.delete(oldest);
  }

  clear(): void {
    this.#tiles.clear();
  }
}

function keyOf(log: number, { level, index, width }: Tile): string {
  return `${log}/${level}/${index}/${width}`;
}
