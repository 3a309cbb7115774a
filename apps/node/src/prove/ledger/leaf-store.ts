/**
 * The leaves as rows: who stands where. A leaf's place is its log's id * 2^40 + its index, so one number orders the leaves
 * of every log. Bundles and level-0 tiles (C2SP tlog-tiles) are made of these rows and stored nowhere else. Invariant: the
 * places of a log have no gap, because only the sequencer writes them, in the transaction that moves the head.
 */
import { formatBundle, type HashInto, TILE_WIDTH } from "@holdfast/tlog";
import type { Client, Head } from "./head-store.ts";

const LOG_PLACES = 2 ** 40;
export const PLACE_MAX = Number.MAX_SAFE_INTEGER;
export const ENTRY_BYTES = 32; // every entry is a SHA-256
const INDEXED_TOGETHER = 32; // neighbours that share a key of the index on places

/** Where the leaf `index` of `log` stands; what lies past every leaf gives the largest place. */
export function placeOf({ log, index }: { readonly log: number; readonly index: number }): number {
  if (log >= 2 ** 13 || index >= LOG_PLACES) return PLACE_MAX;
  return log * LOG_PLACES + index;
}

/** The keys of the index on places that hold the `count` leaves from `place` on. */
export function placeKeys(place: number, count: number): readonly [number, number] {
  return [Math.floor(place / INDEXED_TOGETHER), Math.floor((place + count - 1) / INDEXED_TOGETHER)];
}

/** SQL: the key of the index on entries, and the key of the index on subjects. */
export const entryKey = (entry: string): string => `substring(${entry} for 7)`;
export const subjectKey = (subject: string, place: string): string =>
  `(((hashtextextended(${subject}, 0) & 4194303) << 41) | (${place} >> 14))`;

/** The `count` entries from `index` on, one after the other; undefined when they are not all there. */
export async function readEntries(
  client: Client,
  log: number,
  { index, count }: { readonly index: number; readonly count: number },
): Promise<Uint8Array | undefined> {
  const first = placeOf({ log, index });
  const { rows } = await client.query<EntryRun>(
    `${ENTRY_RUN} from ledger_leaf where (place >> 5) between $1 and $2 and place between $3 and $4 limit 1`,
    [...placeKeys(first, count), first, first + count - 1],
  );
  return rows[0] && wholeRun(rows[0], first, count);
}

/** A run of leaves in one value: what proves that none is missing or doubled, and the entries. */
export interface EntryRun {
  readonly first: number | null;
  readonly last: number | null;
  readonly leaves: number;
  readonly bytes: Buffer | null;
}

export const ENTRY_RUN = `select min(place) as first, max(place) as last, count(*) as leaves,
  string_agg(entry, ''::bytea order by place) as bytes`;

export function wholeRun(run: EntryRun, first: number, count: number): Uint8Array | undefined {
  if (run.first !== first || run.leaves < count || !run.bytes) return undefined;
  // places are whole numbers, so as many as fit between the first and the last are each there once
  if (run.last !== first + run.leaves - 1 || run.bytes.length !== run.leaves * ENTRY_BYTES) return undefined;
  return new Uint8Array(run.bytes.subarray(0, count * ENTRY_BYTES));
}

/** The entry bundle, C2SP tlog-tiles. */
export function bundleOf(entries: Uint8Array): Uint8Array {
  return formatBundle(split(entries));
}

/** The level-0 tile: the leaf hashes SHA-256(0x00 || entry), RFC 9162 2.1.1. */
export function leafTileOf(entries: Uint8Array, hash: HashInto): Uint8Array {
  const tile = new Uint8Array(entries.length);
  const input = new Uint8Array(1 + ENTRY_BYTES); // byte 0 is the leaf prefix
  for (let at = 0; at < entries.length; at += ENTRY_BYTES) {
    input.set(entries.subarray(at, at + ENTRY_BYTES), 1);
    hash(input, tile, at);
  }
  return tile;
}

function split(entries: Uint8Array): Uint8Array[] {
  const count = Math.min(TILE_WIDTH, entries.length / ENTRY_BYTES);
  return Array.from({ length: count }, (_, i) => entries.subarray(i * ENTRY_BYTES, (i + 1) * ENTRY_BYTES));
}

/** A statement on its way into the tree. */
export interface Taken {
  readonly entry: Buffer;
  readonly kind: string;
  /** Whether the stored statement still has the digest that it was accepted with. */
  readonly whole: boolean;
}

/**
 * Moves the oldest `limit` statements from the outbox to their places behind `head`. One that is in a log already is
 * dropped. Names that no leaf had before are written first; a statement that came in between with another one waits.
 */
export async function moveStatements(client: Client, head: Head, limit: number): Promise<readonly Taken[]> {
  await client.query({
    name: "ledger-new-names",
    text: `with waiting as (select kind, issuer from ledger_outbox order by position limit $1),
        kinds as (
          insert into ledger_kind (kind) select distinct kind from waiting w
          where not exists (select 1 from ledger_kind k where k.kind = w.kind))
      insert into ledger_signer (issuer) select distinct issuer from waiting w
      where not exists (select 1 from ledger_signer g where g.issuer = w.issuer)`,
    values: [limit],
  });
  // the subquery for the doubles is one that the planner cannot turn into a join, and so always one look at the index
  const { rows } = await client.query<Taken>({
    name: "ledger-move-statements",
    text: `with taken as (
        delete from ledger_outbox where position in (
          select o.position from ledger_outbox o join ledger_kind k on k.kind = o.kind
            join ledger_signer g on g.issuer = o.issuer order by o.position limit $2)
        returning position, entry, kind, subject, issuer, statement, accepted_at
      ), fresh as (
        select t.*, row_number() over (order by position) - 1 as nth from taken t
        where (select true from ledger_leaf l
          where ${entryKey("l.entry")} = ${entryKey("t.entry")} and l.entry = t.entry limit 1) is null
      ), placed as (
        insert into ledger_leaf (place, accepted_at, signer, kind, entry, subject, statement)
        select $1::bigint + f.nth, f.accepted_at, g.id, k.id, f.entry, f.subject, f.statement
        from fresh f join ledger_kind k on k.kind = f.kind join ledger_signer g on g.issuer = f.issuer order by f.position
        returning place, kind, entry, statement
      )
      select p.entry, k.kind, sha256(p.statement) = p.entry as whole
      from placed p join ledger_kind k on k.id = p.kind order by p.place limit $2`,
    values: [placeOf({ log: head.log, index: head.size }), limit],
  });
  return rows;
}

/** Counts what was taken by kind, and notes in which blocks each kind is. */
export async function countKinds(client: Client, head: Head, taken: readonly Taken[]): Promise<void> {
  const counts = new Map<string, number>();
  const blocks = new Map<string, { kind: string; block: number }>();
  const first = placeOf({ log: head.log, index: head.size });
  for (const [i, { kind }] of taken.entries()) {
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    const block = Math.floor((first + i) / TILE_WIDTH);
    blocks.set(`${block} ${kind}`, { kind, block });
  }
  const seen = [...blocks.values()];
  await client.query(
    `with blocks as (
       insert into ledger_kind_block (kind, block)
       select k.id, given.block from unnest($4::text[], $5::bigint[]) as given (kind, block) join ledger_kind k on k.kind = given.kind
       on conflict do nothing)
     insert into ledger_kind_count as stored (log, kind, statements) select $1, * from unnest($2::text[], $3::bigint[])
     on conflict (log, kind) do update set statements = stored.statements + excluded.statements`,
    [head.log, [...counts.keys()], [...counts.values()], seen.map(({ kind }) => kind), seen.map(({ block }) => block)],
  );
}
