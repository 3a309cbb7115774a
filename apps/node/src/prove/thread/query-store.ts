/**
 * Finds the events of a query by index. One condition drives: the one with the fewest events where that are few, which are
 * then gathered and sorted, else a walk along an index in the order asked for. The other conditions filter. What an index
 * can't decide is decided on the event itself (query-match.ts). Pages continue behind a key, never by offset, and every
 * statement has a time it may take.
 */
import { Problem } from "@holdfast/kernel";
import type pg from "pg";
import { idKeys, keyOf } from "./key.ts";
import { parsedBody } from "./event-store.ts";
import { type Candidate, type IsWithin, matches } from "./query-match.ts";
import { factsOf } from "./event-facts.ts";
import type { Condition, EventQuery } from "./query.ts";
import { ACTIONS, type TermKind } from "./prepare.ts";

const FEW = 2_000; // events that are gathered and sorted rather than walked
const GATHERED_MAX = 50_000; // events of a query that asks for an order by an extension field
const QUERY_MILLISECONDS_MAX = 8_000; // then the query is too complex
const READ_MAX = 4_000; // rows of one read while a query looks for more
const READ_CHARACTERS_MAX = 33_554_432; // of the events of one read: a page of large events is a short one

/** How the pages of one query follow each other; fixed by the first page. */
export type Order = "seq" | "eventTime" | "field";

/** Where a page ended. `at` is the event time in milliseconds or the field's text; unused for `seq`. */
export interface Position {
  readonly at: number | string;
  readonly seq: number;
}

export interface PageRequest {
  readonly limit: number;
  /** Only events stored up to here: pages of one query show one state. */
  readonly lastSeq: number;
  readonly order: Order | undefined;
  readonly after: Position | undefined;
}

export interface FoundEvent {
  readonly seq: number;
  readonly body: string;
  readonly recordTime: Date;
}

export interface FoundPage {
  readonly events: readonly FoundEvent[];
  readonly order: Order;
  /** Where the next page continues; undefined on the last one. */
  readonly next: Position | undefined;
}

export interface QueryWords {
  /** Numbers of the words of a condition; a word that no event used has none. */
  find(word: TermKind, terms: readonly string[], within: boolean): Promise<number[]>;
  readonly isWithin: IsWithin;
}

/** @throws Problem `thread/query-too-complex` when it takes too long */
export async function findEvents(
  pool: pg.Pool,
  query: EventQuery,
  page: PageRequest,
  words: QueryWords,
): Promise<FoundPage> {
  const client = await pool.connect();
  let failed = true;
  try {
    await client.query(`begin read only; set local statement_timeout = ${QUERY_MILLISECONDS_MAX}`);
    const found = await new Search(client, query, page, words).run();
    await client.query("commit");
    failed = false;
    return found;
  } catch (error) {
    await client.query("rollback").catch(() => undefined);
    failed = !(error instanceof Problem || (error instanceof Error && "code" in error));
    if (error instanceof Error && "code" in error && error.code === "57014") throw tooComplex(error);
    throw error;
  } finally {
    client.release(failed);
  }
}

function tooComplex(cause?: unknown): Problem {
  return new Problem(
    "thread/query-too-complex",
    "the query takes too long: add a condition on an identifier, a place, a step or a time",
    { cause },
  );
}

interface Row {
  readonly seq: number;
  /** Null where the rows before it are many characters already. */
  readonly body: string | null;
  readonly event_ms: number;
  readonly record_time: Date;
}

interface WholeRow extends Row {
  readonly body: string;
}

function isWhole(row: Row): row is WholeRow {
  return row.body !== null;
}

/** Something that names the events of a condition by an index. */
type Driver =
  | { readonly kind: "keys"; readonly keys: readonly number[]; readonly roles: number }
  | { readonly kind: "words"; readonly column: string; readonly ids: readonly number[] };

const COLUMNS: Readonly<Record<TermKind, string>> = {
  eventType: "event_type",
  bizStep: "biz_step",
  disposition: "disposition",
  readPoint: "read_point",
  bizLocation: "biz_location",
};

/** SQL with its values: text is written here, values never are in it. */
class Statement {
  readonly values: unknown[] = [];

  value(value: unknown): string {
    this.values.push(value);
    return `$${this.values.length}`;
  }
}

class Search {
  readonly #client: pg.PoolClient;
  readonly #query: EventQuery;
  readonly #page: PageRequest;
  readonly #words: QueryWords;
  readonly #deadline = performance.now() + QUERY_MILLISECONDS_MAX;
  #seqFrom = 1;
  #seqTo: number;
  #drivers: Driver[] = [];
  /** Conditions that the statement decides on its own. */
  #isExact = true;

  constructor(client: pg.PoolClient, query: EventQuery, page: PageRequest, words: QueryWords) {
    this.#client = client;
    this.#query = query;
    this.#page = page;
    this.#words = words;
    this.#seqTo = page.lastSeq;
  }

  async run(): Promise<FoundPage> {
    const isPossible = await this.#prepare();
    const driver = await this.#choose();
    const order = this.#orderOf(driver);
    if (!isPossible || this.#seqFrom > this.#seqTo) return { events: [], order, next: undefined };
    return order === "field" ? this.#gathered() : this.#walked(driver, order);
  }

  /** Resolves words and times; false when nothing can match. */
  async #prepare(): Promise<boolean> {
    for (const condition of this.#query.conditions) {
      if (condition.kind === "word") {
        const ids = await this.#words.find(condition.word, condition.terms, condition.within);
        if (ids.length === 0) return false;
        this.#drivers.push({ kind: "words", column: COLUMNS[condition.word], ids });
      } else if (condition.kind === "time" && condition.field === "recordTime") {
        const bound = await this.#seqAt(condition.ms);
        if (condition.comparison === "GE") this.#seqFrom = Math.max(this.#seqFrom, bound);
        else this.#seqTo = Math.min(this.#seqTo, bound - 1);
      } else {
        const driver = driverOf(condition);
        if (driver) this.#drivers.push(driver);
        if (!["time", "action", "error"].includes(condition.kind)) this.#isExact = false;
      }
    }
    return true;
  }

  /** The number of the first event recorded at `ms` or later. */
  async #seqAt(ms: number): Promise<number> {
    const { rows } = await this.#client.query<{ first_seq: number }>(
      "select first_seq from thread_batch where record_time >= to_timestamp($1::float8 / 1000) order by record_time, first_seq limit 1",
      [ms],
    );
    return rows[0]?.first_seq ?? Number.MAX_SAFE_INTEGER;
  }

  /** The driver with the fewest events, counted as far as matters; undefined when it is best to walk over all. */
  async #choose(): Promise<(Driver & { isFew: boolean }) | undefined> {
    let best: { driver: Driver; count: number } | undefined;
    for (const driver of this.#drivers) {
      const count = await this.#countOf(driver);
      if (!best || count < best.count) best = { driver, count };
      if (count === 0) break;
    }
    if (!best) return undefined;
    return { ...best.driver, isFew: best.count <= FEW };
  }

  async #countOf(driver: Driver): Promise<number> {
    const statement = new Statement();
    const from =
      driver.kind === "keys"
        ? `thread_key where key = any(${statement.value(driver.keys)}::bigint[]) and seq between ${statement.value(this.#seqFrom)} and ${statement.value(this.#seqTo)}`
        : `thread_event as event where ${driver.column} = any(${statement.value(driver.ids)}::int[])${this.#eventTimes(statement)}`;
    const { rows } = await this.#client.query<{ count: number }>(
      `select count(*)::int as count from (select 1 from ${from} limit ${FEW + 1}) as counted`,
      statement.values,
    );
    return rows[0]?.count ?? 0;
  }

  #orderOf(driver: (Driver & { isFew: boolean }) | undefined): Order {
    if (this.#page.order) return this.#page.order;
    const { orderBy, conditions } = this.#query;
    if (typeof orderBy === "object") return "field";
    if (orderBy !== undefined) return orderBy === "recordTime" ? "seq" : "eventTime";
    if (driver?.kind === "keys" || this.#seqFrom > 1) return "seq";
    const hasTime = conditions.some((each) => each.kind === "time" && each.field === "eventTime");
    return driver || hasTime ? "eventTime" : "seq";
  }

  #eventTimes(statement: Statement): string {
    return this.#query.conditions
      .flatMap((condition) => {
        if (condition.kind !== "time" || condition.field === "recordTime") return [];
        const column = condition.field === "eventTime" ? "event.event_time" : "event.error_time";
        const operator = condition.comparison === "GE" ? ">=" : "<";
        return [` and ${column} ${operator} to_timestamp(${statement.value(condition.ms)}::float8 / 1000)`];
      })
      .join("");
  }

  /** Everything that columns and keys can say, but for the driver. */
  #filters(statement: Statement, driver: Driver | undefined): string {
    let text = this.#eventTimes(statement);
    text += ` and event.seq between ${statement.value(this.#seqFrom)} and ${statement.value(this.#seqTo)}`;
    for (const condition of this.#query.conditions) {
      if (condition.kind === "action")
        text += ` and event.action = any(${statement.value(condition.actions.map((each) => ACTIONS.indexOf(each) + 1))}::smallint[])`;
      if (condition.kind === "error") text += " and event.error_time is not null";
    }
    for (const other of this.#drivers) {
      if (other === driver || (driver && sameDriver(other, driver))) continue;
      text +=
        other.kind === "words"
          ? ` and event.${other.column} = any(${statement.value(other.ids)}::int[])`
          : ` and exists (select from thread_key as other where other.key = any(${statement.value(other.keys)}::bigint[]) and other.seq = event.seq${other.roles === 0 ? "" : ` and other.roles & ${statement.value(other.roles)}::int <> 0`})`;
    }
    return text;
  }

  /** One page, read in steps until it is full: rows that only look right are left out. */
  async #walked(driver: (Driver & { isFew: boolean }) | undefined, order: "seq" | "eventTime"): Promise<FoundPage> {
    const { limit } = this.#page;
    const events: FoundEvent[] = [];
    let after = this.#page.after;
    let lastShown: Position | undefined;
    let lastRead: Position | undefined;
    for (let step = limit + 1; ; step = Math.min(READ_MAX, step * 2)) {
      const rows = await this.#read(driver, order, after, step);
      for (const row of rows) {
        if (!isWhole(row)) return { events, order, next: lastRead };
        if (this.#holds(row) && events.length === limit) return { events, order, next: lastShown };
        lastRead = { at: row.event_ms, seq: row.seq };
        if (!this.#holds(row)) continue;
        events.push({ seq: row.seq, body: row.body, recordTime: row.record_time });
        lastShown = { at: row.event_ms, seq: row.seq };
      }
      const last = rows.at(-1);
      if (!last || rows.length < step) return { events, order, next: undefined };
      after = { at: last.event_ms, seq: last.seq };
      if (performance.now() > this.#deadline) throw tooComplex();
    }
  }

  #holds({ body, record_time }: WholeRow): boolean {
    if (this.#isExact) return true;
    const candidate: Candidate = { ...parsedBody(body), recordTimeMs: record_time.getTime() };
    return matches(this.#query, candidate, this.#words.isWithin);
  }

  async #read(
    driver: (Driver & { isFew: boolean }) | undefined,
    order: "seq" | "eventTime",
    after: Position | undefined,
    limit: number,
  ): Promise<readonly Row[]> {
    const statement = new Statement();
    const text = this.#statementOf(statement, driver, { order, after, limit });
    const { rows } = await this.#client.query<Row>(
      `select found.seq, (extract(epoch from found.event_time) * 1000)::float8 as event_ms, batch.record_time,
         case when row_number() over sofar = 1 or sum(found.body_length) over sofar <= ${READ_CHARACTERS_MAX} then found.body end as body
       from (
         select distinct on (${order === "seq" ? "" : "page.event_time, "}page.seq) page.* from (${text}) as page
         order by ${orderText("page", order, this.#query.direction)} limit ${limit}
       ) as found join thread_batch as batch on batch.batch = found.batch
       window sofar as (order by ${orderText("found", order, this.#query.direction)} rows unbounded preceding)
       order by ${orderText("found", order, this.#query.direction)}`,
      statement.values,
    );
    return rows;
  }

  #statementOf(
    statement: Statement,
    driver: (Driver & { isFew: boolean }) | undefined,
    at: { order: "seq" | "eventTime"; after: Position | undefined; limit: number },
  ): string {
    const behind = this.#behind(statement, at.order, at.after);
    const ordered = orderText("event", at.order, this.#query.direction);
    const event = "event.seq, event.body, event.body_length, event.event_time, event.batch";
    const walks = !driver || (driver.kind === "keys" && at.order === "eventTime" && !driver.isFew);
    if (walks)
      return `select ${event} from thread_event as event where true${this.#filters(statement, undefined)}${behind} order by ${ordered} limit ${at.limit}`;
    const filters = this.#filters(statement, driver);
    if (driver.kind === "words") {
      if (!driver.isFew && at.order === "seq")
        return `select ${event} from thread_event as event where true${this.#filters(statement, undefined)}${behind} order by ${ordered} limit ${at.limit}`;
      return `select branch.* from unnest(${statement.value(driver.ids)}::int[]) as wanted (id) cross join lateral (
        select ${event} from thread_event as event where event.${driver.column} = wanted.id${filters}${behind}
        order by ${ordered} limit ${at.limit}) as branch`;
    }
    const keys = statement.value(driver.keys);
    const roles = driver.roles === 0 ? "" : ` and found.roles & ${statement.value(driver.roles)}::int <> 0`;
    const one = `cross join lateral (select event.* from thread_event as event where event.seq = found.seq limit 1) as event`;
    const bounds = driver.isFew ? "" : seqBound(statement, this.#query.direction, at);
    return `select branch.* from unnest(${keys}::bigint[]) as wanted (key) cross join lateral (
      select ${event} from thread_key as found ${one} where found.key = wanted.key${roles}${bounds}${filters}${behind}
      order by ${driver.isFew ? ordered : `found.seq ${this.#query.direction}`} limit ${at.limit}) as branch`;
  }

  /** Behind the last event of the page before. */
  #behind(statement: Statement, order: "seq" | "eventTime", after: Position | undefined): string {
    if (!after) return "";
    const operator = this.#query.direction === "ASC" ? ">" : "<";
    if (order === "seq") return ` and event.seq ${operator} ${statement.value(after.seq)}`;
    return ` and (event.event_time, event.seq) ${operator} (to_timestamp(${statement.value(after.at)}::float8 / 1000), ${statement.value(after.seq)}::bigint)`;
  }

  /** All events of the query, sorted by a field that no index knows: numbers before texts, events without it last. */
  async #gathered(): Promise<FoundPage> {
    const all: { found: FoundEvent; at: string }[] = [];
    const driver = await this.#choose();
    const { orderBy, direction } = this.#query;
    const dimension = typeof orderBy === "object" ? orderBy.dimension : "";
    let after: Position | undefined;
    for (;;) {
      const rows = await this.#read(driver, "seq", after, READ_MAX);
      for (const row of rows) {
        if (!isWhole(row)) throw tooComplex();
        if (!this.#holds(row)) continue;
        const { event, namespaces } = parsedBody(row.body);
        const at = factsOf(event, namespaces).facts.find((fact) => fact.dimension === dimension)?.text ?? "";
        all.push({ found: { seq: row.seq, body: row.body, recordTime: row.record_time }, at });
      }
      const last = rows.at(-1);
      if (!last || rows.length < READ_MAX) break;
      if (all.length > GATHERED_MAX || performance.now() > this.#deadline) throw tooComplex();
      after = { at: last.event_ms, seq: last.seq };
    }
    all.sort((a, b) => byField(a.at, b.at, direction) || a.found.seq - b.found.seq);
    const from = this.#page.after;
    const start = from === undefined ? 0 : all.findIndex(({ found }) => found.seq === from.seq) + 1;
    const shown = all.slice(start, start + this.#page.limit);
    const last = shown.at(-1);
    const hasMore = start + shown.length < all.length;
    return {
      events: shown.map(({ found }) => found),
      order: "field",
      next: hasMore && last ? { at: last.at, seq: last.found.seq } : undefined,
    };
  }
}

function driverOf(condition: Condition): Driver | undefined {
  switch (condition.kind) {
    case "id":
      return {
        kind: "keys",
        keys: condition.ids.flatMap((id) => idKeys(id, condition.roles).map(([key]) => key)),
        roles: condition.roles,
      };
    case "equal":
      if (condition.dimensions.some((each) => UNKEYED.test(each))) return undefined;
      return {
        kind: "keys",
        keys: condition.dimensions.flatMap((dimension) => condition.values.map((value) => keyOf(dimension, value))),
        roles: 0,
      };
    case "has":
    case "compare": {
      if (condition.dimensions.some((each) => !HAS_KEY.test(each))) return undefined;
      return { kind: "keys", keys: condition.dimensions.map((each) => keyOf("has", each)), roles: 0 };
    }
    default:
      return undefined;
  }
}

/** Dimensions whose values have no key: numbers are compared, not looked up. */
const UNKEYED = /^(?:quantity|sensor:(?:time|startTime|endTime|value|minValue|maxValue|meanValue|sDev|perc))/;
/** Dimensions whose presence has a key. */
const HAS_KEY =
  /^(?:inner:|ext:|ilmd:|error:|element:|metadata:|report:|readPoint:|bizLocation:|sensor$|sensor:(?:time|startTime|endTime|value|minValue|maxValue|meanValue|sDev|perc))/;

function sameDriver(a: Driver, b: Driver): boolean {
  if (a.kind === "keys") return b.kind === "keys" && a.keys === b.keys;
  return b.kind === "words" && a.column === b.column && a.ids === b.ids;
}

function orderText(table: string, order: "seq" | "eventTime", direction: "ASC" | "DESC"): string {
  return order === "seq" ? `${table}.seq ${direction}` : `${table}.event_time ${direction}, ${table}.seq ${direction}`;
}

function seqBound(
  statement: Statement,
  direction: "ASC" | "DESC",
  { order, after }: { order: "seq" | "eventTime"; after: Position | undefined },
): string {
  if (order !== "seq" || !after) return "";
  return ` and found.seq ${direction === "ASC" ? ">" : "<"} ${statement.value(after.seq)}`;
}

const NUMBER = /^-?\d+(?:\.\d+)?$/;

function byField(a: string, b: string, direction: "ASC" | "DESC"): number {
  if (a === "" || b === "") return a === b ? 0 : a === "" ? 1 : -1;
  const order =
    NUMBER.test(a) && NUMBER.test(b) ? Number(a) - Number(b) : Buffer.compare(Buffer.from(a), Buffer.from(b));
  return direction === "ASC" ? order : -order;
}
