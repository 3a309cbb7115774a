/**
 * Tiles and entry bundles, C2SP tlog-tiles: the bundles and level 0 out of the leaves' rows, the levels above out of rows
 * of their own. Such a row grows at its end and nowhere else: what is stored must be the beginning of what replaces it, and
 * that is checked where it is replaced. So a partial tile of any published size is a prefix of what is here. Refuses to
 * write over a row that differs: something damaged it.
 */
import { Problem } from "@holdfast/kernel";
import { partialTiles, type Tile, type TileBytes, tilePath, type TilesSource, type TreeState } from "@holdfast/tlog";
import type { Client } from "./head-store.ts";
import {
  bundleOf,
  ENTRY_BYTES,
  ENTRY_RUN,
  type EntryRun,
  leafTileOf,
  placeOf,
  readEntries,
  wholeRun,
} from "./leaf-store.ts";
import { nativeHashInto } from "./native-crypto.ts";
import type { TileCache } from "./tile-cache.ts";

const TILE_LEAVES = 256;

/** The bytes of `tile`, or undefined where it is absent or not as wide. */
export async function readTile(client: Client, log: number, tile: Tile): Promise<Uint8Array | undefined> {
  if (tile.level === "entries") {
    const entries = await readEntries(client, log, { index: Number(tile.index) * TILE_LEAVES, count: tile.width });
    return entries && bundleOf(entries);
  }
  const [bytes] = await readTiles(client, log, [tile]);
  return bytes;
}

interface TileRow extends EntryRun {
  readonly level: number;
  readonly index: number;
}

/** Hash tiles in the order of `tiles`, in one query; undefined for one that is absent or not as wide. */
export async function readTiles(
  client: Client,
  log: number,
  tiles: readonly Tile[],
): Promise<readonly (Uint8Array | undefined)[]> {
  const leaves = tiles.filter(({ level }) => level === 0);
  const above = tiles.filter(({ level }) => level !== 0);
  const { rows } = await client.query<TileRow>(
    `select 0 as level, asked.first / ${TILE_LEAVES} as index, run.*
     from unnest($2::bigint[], $3::bigint[]) as asked (first, count) cross join lateral (
       ${ENTRY_RUN} from ledger_leaf
       where (place >> 5) between asked.first >> 5 and (asked.first + asked.count - 1) >> 5
         and place between asked.first and asked.first + asked.count - 1) as run
     union all
     select level, index, null, null, 0, bytes from ledger_tile
     where log = $1 and (level, index) in (select * from unnest($4::smallint[], $5::bigint[]))
     limit $6`,
    [
      log,
      leaves.map(({ index }) => firstPlace(log, index)),
      leaves.map(({ width }) => width),
      above.map(({ level }) => level),
      above.map(({ index }) => index.toString()),
      tiles.length,
    ],
  );
  return tiles.map((tile) => {
    const place = tile.level === 0 ? firstPlace(log, tile.index) : 0;
    const index = tile.level === 0 ? place / TILE_LEAVES : Number(tile.index);
    const row = rows.find((each) => each.level === tile.level && each.index === index);
    if (!row) return undefined;
    if (tile.level === 0) {
      const entries = wholeRun(row, place, tile.width);
      return entries && leafTileOf(entries, nativeHashInto);
    }
    const width = tile.width * ENTRY_BYTES;
    return row.bytes && row.bytes.length >= width ? new Uint8Array(row.bytes.subarray(0, width)) : undefined;
  });
}

function firstPlace(log: number, index: bigint): number {
  return placeOf({ log, index: Number(index) * TILE_LEAVES });
}

/** The tiles of a proof: from `cache` where they are, all others in one query. */
export function tileSource(client: Client, log: number, cache: TileCache): TilesSource {
  return async (tiles) => {
    const known = tiles.map((tile) => cache.get(log, tile));
    const asked = tiles.filter((_, i) => known[i] === undefined);
    if (asked.length === 0) return known;
    const read = await readTiles(client, log, asked);
    for (const [i, tile] of asked.entries()) cache.put(log, tile, read[i]);
    return tiles.map((tile, i) => known[i] ?? read[asked.indexOf(tile)]);
  };
}

/** The right edge of the tree of `size`. @throws Problem `ledger/damaged` when a tile is missing or cut */
export async function readEdge(client: Client, log: number, size: bigint): Promise<TreeState> {
  const tiles = partialTiles(size);
  const read = tiles.length > 0 ? await readTiles(client, log, tiles) : [];
  const partials = tiles.map((tile, i) => {
    const bytes = read[i];
    if (!bytes) throw new Problem("ledger/damaged", `\`${tilePath(tile)}\` is missing or cut in the database`);
    return { tile, bytes };
  });
  return { size, partials };
}

/** @throws Problem `ledger/damaged` when a row is not the beginning of what is to replace it */
export async function writeTiles(client: Client, log: number, tiles: readonly TileBytes[]): Promise<void> {
  const widest = new Map<string, TileBytes>(); // a tile that filled up in this batch is not its partial any more
  for (const each of tiles) {
    const key = `${each.tile.level}/${each.tile.index}`;
    if (each.tile.level !== 0 && (widest.get(key)?.tile.width ?? 0) < each.tile.width) widest.set(key, each);
  }
  const rows = [...widest.values()];
  if (rows.length === 0) return;
  const { rowCount } = await client.query(
    `insert into ledger_tile as stored (log, level, index, bytes)
     select $1, * from unnest($2::smallint[], $3::bigint[], $4::bytea[])
     on conflict (log, level, index) do update set bytes = excluded.bytes
     where stored.bytes = substring(excluded.bytes for length(stored.bytes))`,
    [
      log,
      rows.map(({ tile }) => tile.level),
      rows.map(({ tile }) => tile.index.toString()),
      rows.map(({ bytes }) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)),
    ],
  );
  if (rowCount !== rows.length)
    throw new Problem("ledger/damaged", "a stored tile is not the beginning of the one that follows it");
}
