/**
 * Writes events: one writer at a time in the whole node, so that the order of `seq` is the order of commits. Rows go in by
 * COPY, and a statement over each batch goes to the ledger in the same transaction. Invariants: an event that is stored
 * already (same hash, and the same declaration time where it is an error declaration) is not stored again; one eventID
 * never has two contents; record times grow strictly from transaction to transaction.
 */
import { pipeline } from "node:stream/promises";
import { Readable } from "node:stream";
import { Problem } from "@holdfast/kernel";
import { Kysely, PostgresDialect, type Transaction } from "kysely";
import type pg from "pg";
import { from as copyFrom } from "pg-copy-streams";
import type { Database } from "../../platform/database.ts";
import type { Ports } from "../../platform/ports.ts";
import type { Ledger } from "../ledger/index.ts";
import { batchRoot } from "./batch-tree.ts";
import { comparable } from "./event-facts.ts";
import { keyOf } from "./key.ts";
import { type PreparedEvent, TERM_KINDS, type TermKind } from "./prepare.ts";
import { nameOf, type Terms } from "./term-store.ts";

export const BATCH_EVENTS = 2_000; // one ledger statement; its tree is rebuilt from the bodies for a proof
const LOCK_SECONDS = 30; // then the writer is told to come back: another capture is being written
const COPY_PIECE_CHARACTERS = 1_048_576;

export interface WriterParts {
  readonly database: Database;
  readonly ports: Ports;
  readonly ledger: Pick<Ledger, "append">;
  readonly terms: Terms;
}

export interface WriteAbout {
  readonly capture: string | undefined;
  /** `person:ID`, `token:ID`: who answers for the events. */
  readonly capturedBy: string;
}

/** What became of the events of one `add`. */
export interface Added {
  readonly storedCount: number;
  /** Events that are stored already, by their place in the batch; nothing is wrong with them. */
  readonly known: readonly PreparedEvent[];
  /** Events that may not be stored, with why. */
  readonly refused: readonly { readonly event: PreparedEvent; readonly problem: Problem }[];
}

/** A transaction that writes events. */
export interface EventWrite {
  readonly recordTime: Date;
  add(events: readonly PreparedEvent[]): Promise<Added>;
}

type NoTables = Record<never, never>; // the statements name their tables themselves

interface Head {
  seq: number;
  batch: number;
}

/** Runs `work` as the only writer; everything it added is there after it, or nothing. @throws Problem `thread/busy` */
export async function writeEvents<Value>(
  parts: WriterParts,
  about: WriteAbout,
  work: (write: EventWrite) => Promise<Value>,
): Promise<Value> {
  const client = await parts.database.pool.connect();
  const ignore = () => undefined; // the query under way reports a lost connection
  client.on("error", ignore);
  let failed = true;
  try {
    const kysely = new Kysely<NoTables>({ dialect: new PostgresDialect({ pool: oneClient(client) }) });
    const value = await kysely.transaction().execute(async (tx) => {
      const { head, recordTime } = await lockHead(client, parts.ports.clock.now());
      const value = await work({
        recordTime,
        add: (events) => addBatch({ parts, about, client, tx, head, recordTime }, events),
      });
      await client.query("update thread_head set next_seq = $1, next_batch = $2, last_record_time = $3", [
        head.seq,
        head.batch,
        recordTime,
      ]);
      return value;
    });
    failed = false;
    return value;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "55P03")
      throw new Problem("thread/busy", "another capture is being written: try again soon", { cause: error });
    throw error;
  } finally {
    client.off("error", ignore);
    client.release(failed);
  }
}

/** A pool of the one connection that COPY needs to share with the transaction. */
function oneClient(client: pg.PoolClient): ConstructorParameters<typeof PostgresDialect>[0]["pool"] {
  const query = client.query.bind(client);
  const lent = { query, release: () => undefined };
  const pool = { connect: async () => lent, end: async () => undefined, options: {} };
  return pool as unknown as ConstructorParameters<typeof PostgresDialect>[0]["pool"]; // what Kysely uses of a pool
}

async function lockHead(client: pg.PoolClient, now: Date): Promise<{ head: Head; recordTime: Date }> {
  await client.query(`set local lock_timeout = '${LOCK_SECONDS}s'`);
  const { rows } = await client.query<{ seq: number; batch: number; last: Date | number }>(
    "select next_seq as seq, next_batch as batch, last_record_time as last from thread_head limit 1 for update",
  );
  await client.query("set local lock_timeout = 0");
  const row = rows[0]!; // the migration made the row
  const last = row.last instanceof Date ? row.last.getTime() : 0;
  return { head: { seq: row.seq, batch: row.batch }, recordTime: new Date(Math.max(now.getTime(), last + 1)) };
}

interface Batch {
  readonly parts: WriterParts;
  readonly about: WriteAbout;
  readonly client: pg.PoolClient;
  readonly tx: Transaction<NoTables>;
  readonly head: Head;
  readonly recordTime: Date;
}

async function addBatch(batch: Batch, events: readonly PreparedEvent[]): Promise<Added> {
  const { parts, about, client, tx, head, recordTime } = batch;
  const { fresh, known, refused } = await sorted(client, events);
  if (fresh.length === 0) return { storedCount: 0, known, refused };
  const first = head.seq;
  const numbers = await parts.terms.numbersOf(wordsOf(fresh));
  await parts.terms.notePrefixes(fresh.map(({ prefixes }) => prefixes));
  await copy(client, EVENT_COPY, eventLines(fresh, { first, batch: head.batch, numbers }));
  await copy(client, "copy thread_key (key, seq, roles) from stdin", keyLines(fresh, first));
  const root = batchRoot(fresh.map(({ body }) => body));
  const said = await parts.ledger.append(tx, {
    kind: "thread/captured",
    subject: about.capture === undefined ? "urn:holdfast:thread" : `urn:uuid:${about.capture}`,
    payload: {
      batch: head.batch,
      capturedBy: about.capturedBy,
      events: fresh.length,
      firstSeq: first,
      recordTime: recordTime.toISOString(),
      root: root.toString("hex"),
    },
  });
  await client.query(
    `insert into thread_batch (batch, capture, captured_by, record_time, first_seq, event_count, root, statement)
     values ($1, $2, $3, $4, $5, $6, $7, $8)`,
    [head.batch, about.capture ?? null, about.capturedBy, recordTime, first, fresh.length, root, said.id],
  );
  head.seq += fresh.length;
  head.batch += 1;
  return { storedCount: fresh.length, known, refused };
}

interface Stored {
  readonly key: number;
  readonly hash: string;
  readonly event_id: string;
  readonly error_time: Date | null;
}

/** Which events are new, which are stored, and which claim an eventID that has another content. */
async function sorted(client: pg.PoolClient, events: readonly PreparedEvent[]) {
  const fresh: PreparedEvent[] = [];
  const known: PreparedEvent[] = [];
  const refused: { event: PreparedEvent; problem: Problem }[] = [];
  const { seen, hashOfId } = await storedLike(client, events);
  for (const event of events) {
    const identity = identityOf(event.hash, event.errorTimeMs);
    const owner = hashOfId.get(event.eventId);
    if (owner !== undefined && owner !== event.hash) {
      const problem = new Problem(
        "thread/exists",
        `event ${event.index}: the eventID \`${event.eventId.slice(0, 200)}\` belongs to an event with another content`,
        { detail: { event: event.index } },
      );
      refused.push({ event, problem });
    } else if (seen.has(identity)) known.push(event);
    else {
      seen.add(identity);
      hashOfId.set(event.eventId, event.hash);
      fresh.push(event);
    }
  }
  return { fresh, known, refused };
}

function identityOf(hash: string, errorTimeMs: number | undefined): string {
  return errorTimeMs === undefined ? hash : `${hash} ${errorTimeMs}`;
}

/** What is stored with a hash or an eventID of these events. */
async function storedLike(client: pg.PoolClient, events: readonly PreparedEvent[]) {
  const keys = new Set(
    events.flatMap(({ hash, eventId }) => [keyOf("hash", hash), keyOf("eventID", comparable(eventId))]),
  );
  const { rows } = await client.query<Stored>(
    // a lookup for each key, whatever the planner believes of a table that this transaction is filling
    `select encode(event.hash, 'hex') as hash, event.error_time, event.body::json ->> 'eventID' as event_id
     from unnest($1::bigint[]) as wanted (key)
     cross join lateral (select seq from thread_key where key = wanted.key offset 0) as found
     cross join lateral (select hash, error_time, body from thread_event where seq = found.seq limit 1) as event
     limit 1000000`,
    [[...keys]],
  );
  const seen = new Set(rows.map(({ hash, error_time }) => identityOf(hash, error_time?.getTime())));
  const hashOfId = new Map(rows.map(({ event_id, hash }) => [event_id, hash]));
  return { seen, hashOfId };
}

function wordsOf(events: readonly PreparedEvent[]): Map<string, readonly [TermKind, string]> {
  const words = new Map<string, readonly [TermKind, string]>();
  for (const { terms } of events)
    for (const kind of TERM_KINDS) {
      const term = terms[kind];
      if (term !== undefined) words.set(nameOf(kind, term), [kind, term]);
    }
  return words;
}

const EVENT_COPY = `copy thread_event (seq, batch, event_time, event_type, action, biz_step, disposition, read_point,
  biz_location, error_time, hash, body_length, body) from stdin`;

/** The rows in the text form of COPY, in pieces that a socket takes. */
function* eventLines(
  events: readonly PreparedEvent[],
  { first, batch, numbers }: { first: number; batch: number; numbers: ReadonlyMap<string, number> },
): Generator<string> {
  let text = "";
  for (const [i, event] of events.entries()) {
    const { terms } = event;
    const word = (kind: TermKind) => {
      const term = terms[kind];
      return term === undefined ? "\\N" : String(numbers.get(nameOf(kind, term)));
    };
    const errorTime = event.errorTimeMs === undefined ? "\\N" : instantText(event.errorTimeMs);
    text += `${first + i}\t${batch}\t${instantText(event.eventTimeMs)}\t${word("eventType")}\t${event.action ?? "\\N"}\t${word("bizStep")}\t${word("disposition")}\t${word("readPoint")}\t${word("bizLocation")}\t${errorTime}\t\\\\x${event.hash}\t${event.body.length}\t${event.body.replaceAll("\\", "\\\\")}\n`;
    if (text.length < COPY_PIECE_CHARACTERS) continue;
    yield text;
    text = "";
  }
  yield text;
}

/** An instant as PostgreSQL reads it; years before 1 and after 9999 in its own spelling. */
function instantText(milliseconds: number): string {
  const text = new Date(milliseconds).toISOString();
  return text.startsWith("+") ? text.slice(2) : text.startsWith("0000") ? `0001${text.slice(4, -1)}Z BC` : text;
}

/** Sorted by key, so that the index grows page by page; in columns, because an event may have a million keys. */
function* keyLines(events: readonly PreparedEvent[], first: number): Generator<string> {
  const count = events.reduce((sum, { keys }) => sum + keys.size, 0);
  const [keyColumn, seqColumn, roleColumn] = [new Float64Array(count), new Float64Array(count), new Int32Array(count)];
  let row = 0;
  for (const [i, { keys }] of events.entries())
    for (const [key, roles] of keys) {
      [keyColumn[row], seqColumn[row], roleColumn[row]] = [key, first + i, roles];
      row += 1;
    }
  const order = new Uint32Array(count).map((_, i) => i).sort((a, b) => keyColumn[a]! - keyColumn[b]!); // both are below the count
  let text = "";
  for (const at of order) {
    text += `${keyColumn[at]}\t${seqColumn[at]}\t${roleColumn[at]}\n`;
    if (text.length < COPY_PIECE_CHARACTERS) continue;
    yield text;
    text = "";
  }
  yield text;
}

async function copy(client: pg.PoolClient, statement: string, pieces: Iterable<string>): Promise<void> {
  await pipeline(Readable.from(pieces), client.query(copyFrom(statement)));
}
