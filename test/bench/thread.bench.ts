/**
 * How fast a node captures events, against bare multi-row inserts of the same rows in the same run, and how fast it
 * answers queries over two million of them. `--tiny` runs every part on a few events.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Database, openDatabase } from "../../apps/node/src/platform/database.ts";
import { startPrivatePostgres } from "../../apps/node/src/platform/postgres.ts";
import { EventDesk } from "../../apps/node/src/prove/thread/event-desk.ts";
import { PageTokens } from "../../apps/node/src/prove/thread/page-token.ts";
import { openThreadOn } from "../../apps/node/src/prove/thread/test/thread-on.ts";
import type { Thread } from "../../apps/node/src/prove/thread/thread.ts";
import { fillWorld, named } from "./thread-world.ts";

const WHO = { kind: "token", id: "bench", name: "bench" } as const;
const INSERT_ROWS = 2_000; // of one bare insert, as in one batch of a capture

export async function bench({ tiny }: { tiny: boolean }): Promise<Record<string, unknown>> {
  const folder = mkdtempSync(join(tmpdir(), "holdfast-bench-"));
  const postgres = await startPrivatePostgres(join(folder, "postgres"));
  const capturing = await openDatabase(await postgres.database("capturing"));
  const reading = await openDatabase(await postgres.database("reading"));
  try {
    const capture = await captureFigures(capturing, join(folder, "capturing"), tiny ? 300 : 40_000);
    const { thread } = await openThreadOn(reading, join(folder, "reading"));
    const events = tiny ? 6_000 : 2_000_000;
    const fillStart = performance.now();
    await fillWorld(reading.pool, events);
    const fillSeconds = round((performance.now() - fillStart) / 1_000);
    const read = await readFigures(reading, thread, { events, rounds: tiny ? 3 : 200 });
    await thread.stop();
    return { capture, events, fillSeconds, ...read };
  } finally {
    await capturing.close();
    await reading.close();
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** A made event of each common kind in turn: with extension, quantity, business transaction and parties. */
function eventText(i: number): string {
  const number = String(i).padStart(10, "0");
  const common = `"eventTime":"2024-05-01T10:${String(i % 60).padStart(2, "0")}:00.000+02:00","eventTimeZoneOffset":"+02:00","eventID":"urn:uuid:0190a3f0-0000-7000-8000-${String(i).padStart(12, "0")}","bizStep":"shipping","disposition":"in_transit","readPoint":{"id":"urn:epc:id:sgln:4012345.00005.0"},"bizTransactionList":[{"type":"desadv","bizTransaction":"urn:epcglobal:cbv:bt:4012345000009:A${i}"}],"sourceList":[{"type":"possessing_party","source":"urn:epc:id:pgln:4012345.00000"}],"destinationList":[{"type":"possessing_party","destination":"urn:epc:id:pgln:4023333.00000"}],"ex:order":"A-${i}"`;
  const lot = (item: string) =>
    `{"epcClass":"urn:epc:class:lgtin:4012345.${item}.${i}","quantity":${i}.25,"uom":"KGM"}`;
  if (i % 3 === 0)
    return `{"type":"ObjectEvent","action":"OBSERVE","epcList":["urn:epc:id:sscc:4012345.${number}"],"quantityList":[${lot("012345")}],${common}}`;
  if (i % 3 === 1)
    return `{"type":"AggregationEvent","action":"ADD","parentID":"urn:epc:id:sscc:4012345.${number}","childQuantityList":[${lot("012345")}],${common}}`;
  return `{"type":"TransformationEvent","inputQuantityList":[${lot("012345")}],"outputQuantityList":[${lot("012346")}],${common}}`;
}

export function documentText(count: number): string {
  const events = Array.from({ length: count }, (_, i) => eventText(i)).join(",\n");
  return `{"@context":["https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",{"ex":"https://ex.org/"}],"type":"EPCISDocument","schemaVersion":"2.0","creationDate":"2024-05-01T10:00:00Z","epcisBody":{"eventList":[${events}]}}`;
}

/** One document from its first byte to its last row, then the same rows without anything else. */
export async function captureFigures(database: Database, home: string, count: number) {
  const { thread } = await openThreadOn(database, home);
  const bytes = Buffer.from(documentText(count));
  const start = performance.now();
  const { id } = await thread.capture({ bytes: piecesOf(bytes), sizeBytesMax: bytes.length, principal: WHO });
  const done = await thread.captures.ended(id);
  const perSecond = (count * 1_000) / (performance.now() - start);
  await thread.stop();
  if (!done.success || done.events_stored !== count)
    throw new Error(`${done.events_stored} of ${count} events: ${JSON.stringify(done.errors)}`);
  const floor = await bareInserts(database, count);
  return {
    eventsPerSecond: round(perSecond),
    floorInsertsPerSecond: round(floor),
    ratioToFloor: round(perSecond / floor),
  };
}

async function* piecesOf(bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let i = 0; i < bytes.length; i += 65_536) yield bytes.subarray(i, i + 65_536);
}

type Columns = readonly unknown[][];

/** Multi-row inserts of the captured rows into empty tables with the same indexes. */
async function bareInserts({ pool }: Database, count: number): Promise<number> {
  const names =
    "seq, batch, event_time, event_type, action, biz_step, disposition, read_point, biz_location, error_time, hash, body_length, body";
  const types = [
    "bigint",
    "int",
    "timestamptz",
    "int",
    "smallint",
    "int",
    "int",
    "int",
    "int",
    "timestamptz",
    "bytea",
    "int",
    "text",
  ];
  await pool.query(
    "create table bare_event (like thread_event including all); create table bare_key (like thread_key including all)",
  );
  let seconds = 0;
  for (let from = 1; from <= count; from += INSERT_ROWS) {
    const range = [from, from + INSERT_ROWS - 1];
    const events = await columnsOf(
      pool,
      `select ${names} from thread_event where seq between $1 and $2 order by seq`,
      range,
    );
    const keys = await columnsOf(
      pool,
      "select key, seq, roles from thread_key where seq between $1 and $2 order by key",
      range,
    );
    const start = performance.now();
    await pool.query(
      `insert into bare_event (${names}) select * from unnest(${types.map((type, i) => `$${i + 1}::${type}[]`).join(", ")})`,
      [...events],
    );
    await pool.query(
      "insert into bare_key (key, seq, roles) select * from unnest($1::bigint[], $2::bigint[], $3::int[])",
      [...keys],
    );
    seconds += (performance.now() - start) / 1_000;
  }
  return count / seconds;
}

async function columnsOf(pool: Database["pool"], text: string, values: unknown[]): Promise<Columns> {
  const { rows, fields } = await pool.query<unknown[]>({ text, values, rowMode: "array" });
  return fields.map((_, i) => rows.map((row) => row[i]));
}

/** Times of single pages by filter, of pages of 1,000 from the first to the last, and of what custody asks for. */
export async function readFigures(
  database: Database,
  thread: Thread,
  { events, rounds }: { events: number; rounds: number },
) {
  const tokens = new PageTokens(Buffer.alloc(32, 1), () => new Date());
  const desk = new EventDesk({ pool: database.pool, terms: thread.terms, tokens });
  const ask = (parameters: Record<string, readonly string[]>, perPage = 30, token?: string) =>
    desk.page({ path: "/events", parameters, prefixes: new Map(), perPage, token });
  const step = (i: number) => ["shipping", "receiving", "packing"][i % 3] ?? "";
  const questions: Record<string, (i: number) => Record<string, readonly string[]>> = {
    MATCH_epc: (i) => ({ MATCH_epc: [named(i).epc] }),
    MATCH_anyEPC: (i) => ({ MATCH_anyEPC: [named(i).epc, named(i + 999).epc] }),
    MATCH_epcClass: (i) => ({ MATCH_epcClass: [named(i).lot] }),
    EQ_eventID: (i) => ({ EQ_eventID: [named(i).eventId] }),
    EQ_bizTransaction_po: (i) => ({ EQ_bizTransaction_po: [named(i).order] }),
    EQ_bizStep: (i) => ({ EQ_bizStep: [step(i)] }),
    EQ_bizStep_GE_eventTime: (i) => ({ EQ_bizStep: [step(i)], GE_eventTime: [named(i).time] }),
    GE_LT_eventTime: (i) => ({ GE_eventTime: [named(i).time], LT_eventTime: [named(i + 5_000).time] }),
    GE_recordTime: (i) => ({ GE_recordTime: [new Date(Date.UTC(2024, 0, 1) + (i % 900) * 1_000).toISOString()] }),
    EQ_readPoint: (i) => ({ EQ_readPoint: [named(i).place] }),
    EQ_readPoint_EQ_bizStep: (i) => ({
      EQ_readPoint: [named(i).place],
      EQ_bizStep: ["shipping"],
      GE_eventTime: [named(i).time],
    }),
    MATCH_epc_EQ_bizStep: (i) => ({ MATCH_epc: [named(i).epc], EQ_bizStep: [step(i)], orderBy: ["eventTime"] }),
    GE_quantity: () => ({ GE_quantity: ["990"] }),
  };
  const filters: Record<string, { p50Ms: number; p99Ms: number }> = {};
  for (const [name, parametersOf] of Object.entries(questions)) {
    const times: number[] = [];
    for (let i = 0; i < rounds; i++)
      times.push(
        await timed(() => ask(parametersOf(1 + ((i * 7_919_317) % (events - 6_000 > 0 ? events - 6_000 : events))))),
      );
    filters[name] = { p50Ms: at(times, 0.5), p99Ms: at(times, 0.99) };
  }
  return { filters, pages: await pageTimes(ask, events), touching: await touchingTimes(thread, events, rounds) };
}

type Ask = (
  parameters: Record<string, readonly string[]>,
  perPage?: number,
  token?: string,
) => ReturnType<EventDesk["page"]>;

/** Pages of 1,000: the first ones, then the last ones, reached by the same kind of token. */
async function pageTimes(ask: Ask, events: number) {
  const first: number[] = [];
  const last: number[] = [];
  let token: string | undefined;
  for (let i = 0; i < 20; i++) {
    first.push(await timed(async () => (token = (await ask({ orderBy: ["recordTime"] }, 1_000, token)).next?.token)));
    if (token === undefined) break;
  }
  token = undefined;
  // the far end of the same list: the oldest 20,000 events, in the order that comes to them last
  const end = new Date(Date.UTC(2024, 0, 1) + 11 * 1_000).toISOString();
  for (let i = 0; i < Math.min(20, events / 1_000); i++) {
    last.push(
      await timed(
        async () =>
          (token = (await ask(token ? {} : { orderBy: ["recordTime"], LT_recordTime: [end] }, 1_000, token)).next
            ?.token),
      ),
    );
    if (token === undefined) break;
  }
  return {
    events: 1_000,
    firstP50Ms: at(first, 0.5),
    firstMaxMs: at(first, 1),
    lastP50Ms: at(last, 0.5),
    lastMaxMs: at(last, 1),
  };
}

async function touchingTimes(thread: Thread, events: number, rounds: number) {
  const times: number[] = [];
  for (let i = 0; i < rounds; i++)
    times.push(await timed(() => thread.eventsTouching([named(1 + ((i * 104_729) % (events - 1))).epc])));
  return { p50Ms: at(times, 0.5), p99Ms: at(times, 0.99) };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return performance.now() - start;
}

function at(times: readonly number[], share: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0);
}

function round(value: number): number {
  return Number(value.toPrecision(4));
}
