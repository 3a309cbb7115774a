/**
 * A store of millions of made events, written by the database itself, so that a bench of reading need not wait for as many
 * captures. Rows are what a capture of the same events writes: a check compares a few of them.
 */
import type { Database } from "../../apps/node/src/platform/database.ts";
import { keyOf } from "../../apps/node/src/prove/thread/key.ts";

type Client = Pick<Database["pool"], "query">;

const STEPS =
  "shipping receiving packing unpacking storing loading unloading commissioning transforming inspecting".split(" ");
const PLACES = 400;
const CHUNK = 100_000;
const EVENTS_PER_BATCH = 2_000;

/** Names of what event number `i` (from 1) speaks of, to ask for. */
export function named(i: number) {
  return {
    epc: `https://id.gs1.org/00/${sscc(Math.floor(i / 4))}`,
    lot: `https://id.gs1.org/01/04012345123456/10/LOT${Math.floor(i / 500)}`,
    eventId: `urn:uuid:0190a3f0-0000-7000-8000-${String(i).padStart(12, "0")}`,
    order: `urn:epcglobal:cbv:bt:4012345000009:PO${Math.floor(i / 20)}`,
    place: place(i % PLACES),
    time: new Date(START + i * 15_000).toISOString(),
  };
}

const START = Date.UTC(2020, 0, 1);

function sscc(n: number): string {
  return `0${String(4_012_345_000_000_000 + n).padStart(16, "0")}0`; // the check digit is of no use here
}

function place(n: number): string {
  return `https://id.gs1.org/414/4012345${String(n).padStart(6, "0")}`;
}

const KEY = (dimension: string, text: string) =>
  `${dimension === "id" ? "" : "4503599627370496 + "}('x' || substr(encode(sha256(convert_to('${dimension}' || e'\\n' || ${text}, 'utf8')), 'hex'), 1, 13))::bit(52)::bigint`;
const EPC = "'https://id.gs1.org/00/0' || lpad((4012345000000000 + i / 4)::text, 16, '0') || '0'";
const LOT = "'https://id.gs1.org/01/04012345123456/10/LOT' || (i / 500)";
const EVENT_ID = "'urn:uuid:0190a3f0-0000-7000-8000-' || lpad(i::text, 12, '0')";
const ORDER = "'urn:epcglobal:cbv:bt:4012345000009:PO' || (i / 20)";
const DIGEST = "encode(sha256(convert_to('event' || i, 'utf8')), 'hex')";
const PLACE = `'https://id.gs1.org/414/4012345' || lpad((i % ${PLACES})::text, 6, '0')`;
const TIME = `timestamptz '2020-01-01Z' + i * interval '15 seconds'`;
const BTT = "bizTransaction:https://ref.gs1.org/cbv/BTT-po";
const SDT = "https://ref.gs1.org/cbv/SDT-owning_party";

/** Fills empty tables with `count` events. */
export async function fillWorld(pool: Database["pool"], count: number): Promise<void> {
  const client = await pool.connect();
  try {
    await client.query("set synchronous_commit = off; set maintenance_work_mem = '512MB'; set work_mem = '64MB'");
    const indexes = await client.query<{ name: string; definition: string }>(
      `select indexname as name, indexdef as definition from pg_indexes where tablename = 'thread_event' and indexname <> 'thread_event_pkey' limit 100`,
    );
    for (const { name } of indexes.rows) await client.query(`drop index ${name}`);
    await client.query(
      "alter table thread_event set unlogged; alter table thread_key drop constraint thread_key_pkey; alter table thread_key set unlogged",
    );
    await client.query(
      `insert into thread_term (kind, term) select 'eventType', 'ObjectEvent'
       union all select 'bizStep', 'https://ref.gs1.org/cbv/BizStep-' || step from unnest($1::text[]) as step
       union all select 'disposition', 'https://ref.gs1.org/cbv/Disp-in_transit'
       union all select kind, ${PLACE} from generate_series(0, ${PLACES - 1}) as i, unnest(array['readPoint', 'bizLocation']) as kind`,
      [STEPS],
    );
    for (let from = 1; from <= count; from += CHUNK) await fillChunk(client, from, Math.min(count, from + CHUNK - 1));
    for (const { definition } of indexes.rows) await client.query(definition);
    await client.query("alter table thread_key add primary key (key, seq) include (roles)");
    await client.query(
      `insert into thread_batch (batch, captured_by, record_time, first_seq, event_count, root)
       select batch, 'bench', timestamptz '2024-01-01Z' + batch * interval '1 second', (batch - 1) * ${EVENTS_PER_BATCH} + 1, ${EVENTS_PER_BATCH}, sha256('x')
       from generate_series(1, (${count} + ${EVENTS_PER_BATCH} - 1) / ${EVENTS_PER_BATCH}) as batch`,
    );
    await client.query("update thread_head set next_seq = $1, next_batch = $2", [
      count + 1,
      Math.ceil(count / EVENTS_PER_BATCH) + 1,
    ]);
    await client.query("vacuum analyze thread_event, thread_key, thread_batch, thread_term");
    await check(client);
  } finally {
    client.release();
  }
}

async function fillChunk(client: Client, from: number, to: number): Promise<void> {
  await client.query(
    `with word as materialized (select kind, term, id from thread_term),
     made as (
       select i, ${TIME} as at, (array[${STEPS.map((step) => `'${step}'`).join(",")}])[1 + i % ${STEPS.length}] as step, ${PLACE} as place
       from generate_series(${from}, ${to}) as i)
     insert into thread_event (seq, batch, event_time, event_type, action, biz_step, disposition, read_point, biz_location, hash, body_length, body)
     select i, 1 + (i - 1) / ${EVENTS_PER_BATCH}, at, type.id, 2, step_word.id, disposition.id, read_point.id, biz_location.id, decode(${DIGEST}, 'hex'), length(body), body
     from made
     cross join lateral (select '{"type":"ObjectEvent","action":"OBSERVE","eventTime":"' || to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') || '","eventTimeZoneOffset":"+00:00","eventID":"' || ${EVENT_ID} || '","bizStep":"' || step || '","disposition":"in_transit","readPoint":{"id":"' || place || '"},"bizLocation":{"id":"' || place || '"},"epcList":["' || ${EPC} || '"],"quantityList":[{"epcClass":"' || ${LOT} || '","quantity":' || (i % 1000) || '.25,"uom":"KGM"}],"bizTransactionList":[{"type":"po","bizTransaction":"' || ${ORDER} || '"}],"sourceList":[{"type":"owning_party","source":"' || place || '"}]}' as body) as text
     join word as type on type.kind = 'eventType' join word as disposition on disposition.kind = 'disposition'
     join word as step_word on step_word.kind = 'bizStep' and step_word.term = 'https://ref.gs1.org/cbv/BizStep-' || step
     join word as read_point on read_point.kind = 'readPoint' and read_point.term = place
     join word as biz_location on biz_location.kind = 'bizLocation' and biz_location.term = place`,
  );
  await client.query(
    `insert into thread_key (key, seq, roles)
     select key, i, roles from generate_series(${from}, ${to}) as i cross join lateral (values
       (${KEY("id", EPC)}, 1), (${KEY("class", LOT)}, 32), (${KEY("class", "'https://id.gs1.org/01/04012345123456'")}, 32768),
       (${KEY("hash", DIGEST)}, 0), (${KEY("eventID", EVENT_ID)}, 0), (${KEY(BTT, ORDER)}, 0),
       (${KEY(`source:${SDT}`, PLACE)}, 0)) as keyed (key, roles)`,
  );
}

/** The database makes the keys that the program asks for. */
async function check(client: Client): Promise<void> {
  const { epc, lot, eventId, order, place: at } = named(77);
  const keys = [
    keyOf("id", epc),
    keyOf("class", lot),
    keyOf("eventID", eventId),
    keyOf(BTT, order),
    keyOf(`source:${SDT}`, at),
  ];
  const { rows } = await client.query<{ count: number }>(
    "select count(*)::int as count from thread_key where seq = 77 and key = any($1::bigint[])",
    [keys],
  );
  if (rows[0]?.count !== keys.length)
    throw new Error(`only ${rows[0]?.count} of ${keys.length} keys are the program's`);
}
