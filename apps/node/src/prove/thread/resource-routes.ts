/** The top-level resources (EPCIS 2.0 12.5): which values events have had, and the events of each. */
import { bareWord, canonicalId, expandValue, STANDARD_CONTEXT, STANDARD_NAMESPACES, webUri } from "@holdfast/epcis";
import { Problem } from "@holdfast/kernel";
import type pg from "pg";
import { type EpcisAnswer, type EpcisCall, type Operation } from "./epcis-scope.ts";
import { answerQuery, type EventRouteParts, json, linkTo, pagingOf } from "./event-routes.ts";
import { EPC_ROLES, factsOf } from "./event-facts.ts";
import { parsedBody } from "./event-store.ts";
import { keyOf, THING_KEYS_END } from "./key.ts";
import { wishOf } from "./negotiation.ts";
import type { TermKind } from "./prepare.ts";
import { refuse } from "./query-parameter.ts";

interface WordResource {
  readonly name: string;
  readonly word: TermKind;
  readonly parameter: string;
  /** A value of the path as its word is stored. */
  readonly stored: (value: string) => string;
  readonly shown: (term: string) => string;
}

const same = (text: string): string => text;
const TERM = (name: string, word: "bizStep" | "disposition"): WordResource => ({
  name,
  word,
  parameter: `EQ_${word}`,
  stored: (value) => webUri(word, expandValue(value, STANDARD_NAMESPACES)),
  shown: (term) => bareWord(word, term),
});
const PLACE = (name: string, word: "readPoint" | "bizLocation"): WordResource => ({
  name,
  word,
  parameter: `EQ_${word}`,
  stored: canonicalId,
  shown: same,
});

const WORD_RESOURCES: readonly WordResource[] = [
  { name: "eventTypes", word: "eventType", parameter: "eventType", stored: same, shown: same },
  TERM("bizSteps", "bizStep"),
  TERM("dispositions", "disposition"),
  PLACE("readPoints", "readPoint"),
  PLACE("bizLocations", "bizLocation"),
];
const TOP: readonly string[] = [...WORD_RESOURCES.map(({ name }) => name), "epcs", "events", "capture", "queries"];
const COLUMNS: Readonly<Record<TermKind, string>> = {
  eventType: "event_type",
  bizStep: "biz_step",
  disposition: "disposition",
  readPoint: "read_point",
  bizLocation: "biz_location",
};

export function resourceOperations(parts: EventRouteParts, pool: pg.Pool): Operation[] {
  const read = { method: "GET", action: "thread:read" } as const;
  return [
    { ...read, path: "", handle: async ({ headers }) => collection(headers, TOP) },
    ...WORD_RESOURCES.flatMap((resource): Operation[] => [
      { ...read, path: `/${resource.name}`, handle: (call) => listWords(pool, resource, call) },
      { ...read, path: `/${resource.name}/:value`, handle: (call) => showWord(pool, resource, call) },
      { ...read, path: `/${resource.name}/:value/events`, handle: (call) => wordEvents(parts, resource, call) },
    ]),
    { ...read, path: "/epcs", handle: (call) => listEpcs(pool, call) },
    { ...read, path: "/epcs/:value", handle: (call) => showEpc(pool, call) },
    {
      ...read,
      path: "/epcs/:value/events",
      handle: (call) => {
        const value = call.params["value"] ?? "";
        return answerQuery(parts, call, `/epcs/${encodeURIComponent(value)}/events`, { MATCH_anyEPC: [value] });
      },
    },
    {
      method: "DELETE",
      path: "/nextPageToken/:token",
      action: "thread:read",
      handle: async () => {
        throw new Problem(
          "thread/not-implemented",
          "tokens are kept by nobody, so there is nothing to forget: they end by themselves",
        );
      },
    },
  ];
}

function collection(
  headers: EpcisCall["headers"],
  member: readonly string[],
  more: Readonly<Record<string, string>> = {},
): EpcisAnswer {
  wishOf(headers);
  return json({ "@context": [STANDARD_CONTEXT], type: "Collection", member }, more);
}

/** Words that events have had, in the order of their text. */
async function listWords(
  pool: pg.Pool,
  { name, word, shown }: WordResource,
  { headers, query }: EpcisCall,
): Promise<EpcisAnswer> {
  const { perPage, token } = pagingOf(query, []);
  const after = token === undefined ? "" : Buffer.from(token, "base64url").toString("utf8");
  const { rows } = await pool.query<{ term: string }>(
    `select term from thread_term where kind = $1 and term > $2
       and exists (select from thread_event where ${COLUMNS[word]} = thread_term.id)
     order by term limit $3`,
    [word, after, perPage + 1],
  );
  const page = rows.slice(0, perPage);
  const last = page.at(-1)?.term;
  const link =
    rows.length > perPage && last !== undefined
      ? linkTo(`/${name}`, perPage, Buffer.from(last).toString("base64url"))
      : {};
  return collection(
    headers,
    page.map(({ term }) => shown(term)),
    link,
  );
}

async function showWord(
  pool: pg.Pool,
  { word, stored }: WordResource,
  { headers, params }: EpcisCall,
): Promise<EpcisAnswer> {
  const value = params["value"] ?? "";
  const { rows } = await pool.query(
    `select from thread_term where kind = $1 and term = $2 and exists (select from thread_event where ${COLUMNS[word]} = thread_term.id) limit 1`,
    [word, stored(value)],
  );
  if (rows.length === 0) throw new Problem("thread/no-such-resource", `no event has had \`${value.slice(0, 200)}\``);
  return collection(headers, ["events"]);
}

function wordEvents(parts: EventRouteParts, { name, parameter }: WordResource, call: EpcisCall): Promise<EpcisAnswer> {
  const value = call.params["value"] ?? "";
  return answerQuery(parts, call, `/${name}/${encodeURIComponent(value)}/events`, { [parameter]: [value] });
}

/** Every EPC once, in the order of its key: the index jumps from one to the next. */
async function listEpcs(pool: pg.Pool, { headers, query }: EpcisCall): Promise<EpcisAnswer> {
  const { perPage, token } = pagingOf(query, []);
  if (token !== undefined && !/^\d{1,16}$/.test(token)) throw refuse("nextPageToken", "is not of this list");
  const { rows } = await pool.query<{ key: number; body: string }>(
    `with recursive jump (key, seq) as (
       (select key, seq from thread_key where key > $1 and key < ${THING_KEYS_END} order by key, seq limit 1)
       union all
       select next.key, next.seq from jump cross join lateral (
         select key, seq from thread_key where key > jump.key and key < ${THING_KEYS_END} order by key, seq limit 1) as next)
     select jump.key, event.body from (select * from jump limit $2) as jump join thread_event as event on event.seq = jump.seq
     order by jump.key limit $2`,
    [token ?? -1, perPage + 1],
  );
  const page = rows.slice(0, perPage);
  const member = page.flatMap(({ key, body }) => {
    const { event, namespaces } = parsedBody(body);
    return [...factsOf(event, namespaces).ids]
      .filter(([id, roles]) => roles & EPC_ROLES && keyOf("id", id) === key)
      .map(([id]) => id);
  });
  const last = page.at(-1);
  return collection(headers, member, rows.length > perPage && last ? linkTo("/epcs", perPage, String(last.key)) : {});
}

async function showEpc(pool: pg.Pool, { headers, params }: EpcisCall): Promise<EpcisAnswer> {
  const value = params["value"] ?? "";
  const { rows } = await pool.query("select from thread_key where key = $1 limit 1", [keyOf("id", canonicalId(value))]);
  if (rows.length === 0) throw new Problem("thread/no-such-resource", `no event has named \`${value.slice(0, 200)}\``);
  return collection(headers, ["events"]);
}
