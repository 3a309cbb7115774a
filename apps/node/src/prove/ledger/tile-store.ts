/**
 * Tiles and entry bundles as rows, C2SP tlog-tiles. A row grows at its end and nowhere else: what is stored must be the
 * beginning of what replaces it, and that is checked where it is replaced. So a partial tile of any published size is a
 * prefix of its row. Refuses to write over a row that differs: something damaged it.
 */
import { Problem } from "@holdfast/kernel";
import { partialTiles, type Tile, type TileBytes, TILE_WIDTH, tilePath, type TreeState } from "@holdfast/tlog";
import type { Client } from "./head-store.ts";

export const ENTRY_BYTES = 32; // every entry is a SHA-256
const BUNDLED_BYTES = 2 + ENTRY_BYTES; // uint16 length and entry

/** The bytes of `tile`, or undefined where the row is absent or not as wide. */
export async function readTile(client: Client, log: number, tile: Tile): Promise<Uint8Array | undefined> {
  const { rows } = await client.query<{ bytes: Buffer }>({
    name: "ledger-read-tile",
    text: "select bytes from ledger_tile where log = $1 and level = $2 and index = $3 limit 1",
    values: [log, levelOf(tile), tile.index.toString()],
  });
  const bytes = rows[0]?.bytes;
  const width = tile.width * (tile.level === "entries" ? BUNDLED_BYTES : ENTRY_BYTES);
  return bytes && bytes.length >= width ? new Uint8Array(bytes.subarray(0, width)) : undefined;
}

/** The right edge of the tree of `size`. @throws Problem `ledger/damaged` when a tile is missing or cut */
export async function readEdge(client: Client, log: number, size: bigint): Promise<TreeState> {
  const tiles = partialTiles(size);
  const bundle = Number(size % BigInt(TILE_WIDTH));
  if (bundle > 0) tiles.push({ level: "entries", index: size / BigInt(TILE_WIDTH), width: bundle });
  const partials: TileBytes[] = [];
  for (const tile of tiles) {
    const bytes = await readTile(client, log, tile);
    if (!bytes) throw new Problem("ledger/damaged", `\`${tilePath(tile)}\` is missing or cut in the database`);
    partials.push({ tile, bytes });
  }
  return { size, partials };
}

/** @throws Problem `ledger/damaged` when a row is not the beginning of what is to replace it */
export async function writeTiles(client: Client, log: number, tiles: readonly TileBytes[]): Promise<void> {
  if (tiles.length === 0) return;
  const widest = new Map<string, TileBytes>(); // a tile that filled up in this batch is not its partial any more
  for (const each of tiles) {
    const key = `${each.tile.level}/${each.tile.index}`;
    if ((widest.get(key)?.tile.width ?? 0) < each.tile.width) widest.set(key, each);
  }
  const rows = [...widest.values()];
  const { rowCount } = await client.query(
    `insert into ledger_tile as stored (log, level, index, bytes)
     select $1, * from unnest($2::smallint[], $3::bigint[], $4::bytea[])
     on conflict (log, level, index) do update set bytes = excluded.bytes
     where stored.bytes = substring(excluded.bytes for length(stored.bytes))`,
    [
      log,
      rows.map(({ tile }) => levelOf(tile)),
      rows.map(({ tile }) => tile.index.toString()),
      rows.map(({ bytes }) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)),
    ],
  );
  if (rowCount !== rows.length)
    throw new Problem("ledger/damaged", "a stored tile is not the beginning of the one that follows it");
}

function levelOf(tile: Tile): number {
  return tile.level === "entries" ? -1 : tile.level;
}
