/** Stored events as others read them: by number, by eventID, by what they touch, and in the order in which they came. */
import {
  canonicalId,
  type EpcisEvent,
  isStandardEvent,
  type Namespaces,
  parseJson,
  STANDARD_NAMESPACES,
  withContext,
  isObject,
} from "@holdfast/epcis";
import { assert } from "@holdfast/kernel";
import type pg from "pg";
import { comparable, DIRECT_ROLES, factsOf } from "./event-facts.ts";
import { idKeys, keyOf } from "./key.ts";
import { hashUri } from "./prepare.ts";

/** An event as it is stored, with what the repository knows of it. */
export interface StoredEvent {
  /** Its place in the order in which events were stored. */
  readonly seq: number;
  /** As its sender wrote it, with eventID and recordTime. */
  readonly event: EpcisEvent;
  readonly namespaces: Namespaces;
  /** CBV 2.0 hash URI. */
  readonly hash: string;
  /** `person:ID` or `token:ID` of who captured it. */
  readonly capturedBy: string;
  /** The capture that brought it; undefined for an event that came alone. */
  readonly capture: string | undefined;
  /** The ledger statement over its batch. */
  readonly statement: string | undefined;
}

export interface EventRow {
  readonly seq: number;
  readonly body: string;
  readonly record_time: Date;
}

interface FullRow extends EventRow {
  readonly hash: string;
  readonly captured_by: string;
  readonly capture: string | null;
  readonly statement: string | null;
}

const FULL = `event.seq, event.body, encode(event.hash, 'hex') as hash, batch.record_time, batch.captured_by, batch.capture, batch.statement`;
const JOINED = "thread_event as event join thread_batch as batch on batch.batch = event.batch";
export const TOUCHING_MAX = 1_000_000; // events of one question; more is a mistake of whoever asks

/** Every event that names one of `ids` as thing, class, parent, input, output or transformation, in order of seq. */
export async function eventsTouching(pool: pg.Pool, ids: readonly string[]): Promise<StoredEvent[]> {
  const wanted = new Set(ids.map((id) => canonicalId(id.trim())));
  const { rows } = await pool.query<FullRow>(
    `select ${FULL} from (
       select distinct found.seq from unnest($1::bigint[]) as wanted (key)
       cross join lateral (select seq, roles from thread_key where key = wanted.key offset 0) as found
       where found.roles & ${DIRECT_ROLES} <> 0
     ) as touched cross join lateral (select * from thread_event where seq = touched.seq limit 1) as event
     join thread_batch as batch on batch.batch = event.batch
     order by event.seq limit ${TOUCHING_MAX}`,
    [[...new Set([...wanted].flatMap((id) => idKeys(id, DIRECT_ROLES).map(([key]) => key)))]],
  );
  return rows.flatMap((row) => {
    const parsed = parsedBody(row.body); // once: a pedigree reads thousands
    return touches(parsed, wanted) ? standardEvent(row, parsed) : [];
  });
}

/** Two identifiers may share a key: the event itself decides. */
function touches({ event, namespaces }: ParsedBody, wanted: ReadonlySet<string>): boolean {
  for (const [id, roles] of factsOf(event, namespaces).ids) if (roles & DIRECT_ROLES && wanted.has(id)) return true;
  return false;
}

/** The event with this eventID, or with this hash; of an event and declarations of its error, the event. */
export async function findEvent(pool: pg.Pool, eventId: string): Promise<(EventRow & { hash: string }) | undefined> {
  const digest = /^ni:\/\/\/sha-256;([0-9a-f]{64})\?ver=CBV2\.0$/.exec(eventId)?.[1];
  const keys = [keyOf("eventID", comparable(eventId)), ...(digest === undefined ? [] : [keyOf("hash", digest)])];
  const { rows } = await pool.query<FullRow>(
    `select ${FULL} from thread_key as found
     join thread_event as event on event.seq = found.seq join thread_batch as batch on batch.batch = event.batch
     where found.key = any($1::bigint[]) and (event.body::json ->> 'eventID' = $2 or encode(event.hash, 'hex') = $3)
     order by event.error_time is not null, event.seq limit 1`,
    [keys, eventId, digest ?? ""],
  );
  return rows[0];
}

/** At most `limit` events stored after the one numbered `after`, in order. */
export async function eventsAfter(pool: pg.Pool, after: number, limit: number): Promise<StoredEvent[]> {
  const { rows } = await pool.query<FullRow>(
    `select ${FULL} from ${JOINED} where event.seq > $1 order by event.seq limit $2`,
    [after, limit],
  );
  return rows.flatMap(standardEvents);
}

export async function readEvents(pool: pg.Pool, seqs: readonly number[]): Promise<StoredEvent[]> {
  const { rows } = await pool.query<FullRow>(
    `select ${FULL} from ${JOINED} where event.seq = any($1::bigint[]) order by event.seq limit $2`,
    [seqs, seqs.length],
  );
  return rows.flatMap(standardEvents);
}

/** Events that were stored together, and what the ledger says of them. */
export interface StoredBatch {
  readonly events: readonly { readonly seq: number; readonly body: string; readonly hash: string }[];
  readonly recordTime: Date;
  readonly capturedBy: string;
  readonly capture: string | null;
  readonly statement: string | null;
  readonly root: string;
}

/** The batch that holds the event numbered `seq`. */
export async function readBatch(pool: pg.Pool, seq: number): Promise<StoredBatch | undefined> {
  const { rows } = await pool.query<Omit<StoredBatch, "events"> & { first: number; count: number }>(
    `select record_time as "recordTime", captured_by as "capturedBy", capture, statement, encode(root, 'hex') as root,
       first_seq as first, event_count as count
     from thread_batch where first_seq <= $1 order by first_seq desc limit 1`,
    [seq],
  );
  const batch = rows[0];
  if (!batch || seq >= batch.first + batch.count) return undefined;
  const { rows: events } = await pool.query<StoredBatch["events"][number]>(
    "select seq, body, encode(hash, 'hex') as hash from thread_event where seq between $1 and $2 order by seq limit $3",
    [batch.first, batch.first + batch.count - 1, batch.count],
  );
  return { ...batch, events };
}

/** The number of the newest event; 0 where there is none. */
export async function lastSeq(pool: pg.Pool): Promise<number> {
  const { rows } = await pool.query<{ last: number }>("select next_seq - 1 as last from thread_head limit 1");
  return rows[0]?.last ?? 0;
}

/** Events of a kind that an extension of the standard defines are stored and answered, and custody does not read them. */
function standardEvents(row: FullRow): StoredEvent[] {
  return standardEvent(row, parsedBody(row.body));
}

type ParsedBody = ReturnType<typeof parsedBody>;

function standardEvent(row: FullRow, { event, namespaces }: ParsedBody): StoredEvent[] {
  if (!isStandardEvent(event)) return [];
  return [
    {
      seq: row.seq,
      event: { ...event, recordTime: row.record_time.toISOString() },
      namespaces,
      hash: hashUri(row.hash),
      capturedBy: row.captured_by,
      capture: row.capture ?? undefined,
      statement: row.statement ?? undefined,
    },
  ];
}

/** A stored body as a value, and what its prefixes mean. */
export function parsedBody(body: string) {
  const event = parseJson(body);
  assert(isObject(event), "a stored event is a JSON object");
  return { event, namespaces: withContext(STANDARD_NAMESPACES, event["@context"]) };
}
