/** Named queries and their subscribers over HTTP and WebSocket (EPCIS 2.0 12.8 and 12.9). */
import { decide } from "@holdfast/access";
import { Problem, uuid7 } from "@holdfast/kernel";
import { Readable } from "node:stream";
import type pg from "pg";
import { parseJsonBody } from "../../platform/json-body.ts";
import { contentTypeOf, queryDocument } from "./answer.ts";
import { type EpcisAnswer, type EpcisCall, EPCIS_ROOT, type Operation } from "./epcis-scope.ts";
import { type EventRouteParts, json, linkOf, linkTo, pagingOf } from "./event-routes.ts";
import { lastSeq } from "./event-store.ts";
import type { LiveSubscribers } from "./live-subscribers.ts";
import { checkVersions, extensionsOf, JSON_TYPES, wishOf } from "./negotiation.ts";
import { checkKind, parametersOf, parseDefinition, parseSubscription } from "./query-definition.ts";
import { refuse } from "./query-parameter.ts";
import { parseSchedule, SCHEDULE_PARTS, type ScheduleText } from "./schedule.ts";
import {
  addQuery,
  addSubscription,
  countSubscriptions,
  deleteQuery,
  deleteSubscription,
  listQueries,
  listSubscriptions,
  type QueryRow,
  readQuery,
  readSubscription,
  type SubscriptionRow,
} from "./subscription-store.ts";
import { checkDestination } from "./webhook.ts";
import { acceptWebSocket, wantsWebSocket } from "./websocket.ts";

export interface QueryRouteParts extends EventRouteParts {
  readonly pool: pg.Pool;
  readonly hosts: ReadonlySet<string>;
  readonly live: LiveSubscribers;
}

const BODY_BYTES_MAX = 262_144;
export const SUBSCRIPTIONS_MAX = 10_000; // of a node

export function queryOperations(parts: QueryRouteParts): Operation[] {
  const path = "/queries/:name";
  const bodyBytesMax = BODY_BYTES_MAX;
  const [read, subscribe] = ["thread:read", "thread:subscribe"] as const;
  return [
    { method: "GET", path: "/queries", action: read, handle: (call) => list(parts, call) },
    { method: "POST", path: "/queries", action: subscribe, bodyBytesMax, handle: (call) => create(parts, call) },
    { method: "GET", path, action: read, handle: (call) => show(parts, call) },
    { method: "DELETE", path, action: subscribe, handle: (call) => remove(parts, call) },
    { method: "GET", path: `${path}/events`, action: read, handle: (call) => events(parts, call) },
    { method: "GET", path: `${path}/subscriptions`, action: subscribe, handle: (call) => listAll(parts, call) },
    {
      method: "POST",
      path: `${path}/subscriptions`,
      action: subscribe,
      bodyBytesMax,
      handle: (call) => add(parts, call),
    },
    { method: "GET", path: `${path}/subscriptions/:id`, action: subscribe, handle: (call) => showOne(parts, call) },
    {
      method: "DELETE",
      path: `${path}/subscriptions/:id`,
      action: subscribe,
      handle: (call) => removeOne(parts, call),
    },
  ];
}

async function bodyOf({ request, headers }: EpcisCall): Promise<unknown> {
  const type = (headers["content-type"] ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (!JSON_TYPES.includes(type)) throw new Problem("thread/unsupported-media-type", "send `application/json`");
  const pieces: Buffer[] = [];
  if (request.body instanceof Readable)
    for await (const piece of request.body as AsyncIterable<Buffer>) pieces.push(piece);
  return parseJsonBody(Buffer.concat(pieces));
}

async function found({ pool }: QueryRouteParts, { params }: EpcisCall): Promise<QueryRow> {
  const name = params["name"] ?? "";
  const row = await readQuery(pool, name);
  if (!row) throw new Problem("thread/no-such-name", `there is no query \`${name.slice(0, 200)}\``);
  return row;
}

async function create({ pool, desk, ports }: QueryRouteParts, call: EpcisCall): Promise<EpcisAnswer> {
  checkVersions(call.headers);
  const { name, query, parameters, prefixes: own } = parseDefinition(await bodyOf(call));
  const prefixes = new Map([...extensionsOf(call.headers), ...own]);
  await desk.parse(parameters, prefixes);
  const { principal } = call;
  const isNew =
    name !== "SimpleEventQuery" &&
    (await addQuery(pool, {
      name,
      query,
      prefixes: Object.fromEntries(prefixes),
      by: `${principal.kind}:${principal.id}`,
      at: ports.clock.now(),
    }));
  if (!isNew) throw new Problem("thread/exists", `there is a query \`${name}\``);
  return { status: 201, headers: { location: `${EPCIS_ROOT}/queries/${encodeURIComponent(name)}` } };
}

async function list({ pool }: QueryRouteParts, { query, headers }: EpcisCall): Promise<EpcisAnswer> {
  wishOf(headers);
  const { perPage, token } = pagingOf(query, []);
  const rows = await listQueries(pool, token ?? "", perPage + 1);
  const page = rows.slice(0, perPage);
  const last = page.at(-1);
  return json(page.map(shown), rows.length > perPage && last ? linkTo("/queries", perPage, last.name) : {});
}

function shown({ name, query }: QueryRow): object {
  return { name, query };
}

async function show(parts: QueryRouteParts, call: EpcisCall): Promise<EpcisAnswer> {
  wishOf(call.headers);
  return json(shown(await found(parts, call)));
}

async function remove(parts: QueryRouteParts, call: EpcisCall): Promise<EpcisAnswer> {
  const { name } = await found(parts, call);
  await deleteQuery(parts.pool, name);
  parts.live.disconnect(name);
  return { status: 204 };
}

const LIVE: ReadonlySet<string> = new Set(["stream", "reportIfEmpty", "initialRecordTime", ...SCHEDULE_PARTS]);

async function events(parts: QueryRouteParts, call: EpcisCall): Promise<EpcisAnswer | undefined> {
  const row = await found(parts, call);
  if (wantsWebSocket(call.request.raw)) return stream(parts, call, row);
  const { desk, thread, ports } = parts;
  const wish = wishOf(call.headers);
  const { perPage, token } = pagingOf(call.query, []);
  const path = `/queries/${encodeURIComponent(row.name)}/events`;
  const parameters = token === undefined ? parametersOf(row.query) : {};
  const page = await desk.page({ path, parameters, prefixes: new Map(Object.entries(row.prefixes)), perPage, token });
  const results = { queryName: row.name, events: page.events, at: ports.clock.now(), lengths: thread.lengths };
  return {
    status: 200,
    contentType: contentTypeOf(wish),
    headers: linkOf(path, page),
    body: queryDocument(results, wish),
  };
}

/** A subscription on the connection itself: `stream=true` or the parts of a schedule in the query string. */
async function stream(parts: QueryRouteParts, call: EpcisCall, row: QueryRow): Promise<undefined> {
  const { pool, desk, ports, live, thread } = parts;
  const { query, headers, request, reply } = call;
  for (const name of Object.keys(query)) if (!LIVE.has(name)) throw refuse(name, "is none of a subscription");
  refuseForeignOrigin(headers);
  const schedule = Object.fromEntries(
    SCHEDULE_PARTS.flatMap((part) => (query[part]?.[0] === undefined ? [] : [[part, query[part][0]]])),
  ) as ScheduleText; // parts only
  const hasSchedule = Object.keys(schedule).length > 0;
  checkKind({ stream: query["stream"]?.[0] === "true", schedule: hasSchedule ? schedule : undefined });
  const parsed = await desk.parse(parametersOf(row.query), new Map(Object.entries(row.prefixes)));
  const wish = wishOf({ ...headers, accept: undefined });
  const from = query["initialRecordTime"]?.[0];
  const subscriber = {
    queryName: row.name,
    query: { ...parsed, orderBy: "recordTime", direction: "ASC" } as const,
    schedule: hasSchedule ? parseSchedule(schedule, ports.clock.now()) : undefined,
    reportIfEmpty: query["reportIfEmpty"]?.[0] === "true",
    cursorSeq: from === undefined ? await lastSeq(pool) : await seqBefore(pool, recordTimeOf(from)),
    document: (page: { events: Parameters<typeof queryDocument>[0]["events"] }) =>
      queryDocument({ queryName: row.name, events: page.events, at: ports.clock.now(), lengths: thread.lengths }, wish),
  };
  if (live.isFull) throw new Problem("thread/busy", "this process has as many live subscribers as it takes");
  reply.hijack();
  let added: ReturnType<LiveSubscribers["add"]> | undefined;
  const connection = acceptWebSocket(request.raw, () => added && live.remove(added));
  if (connection) added = live.add({ ...subscriber, connection });
  return undefined;
}

/** A page of another site can open a WebSocket with the cookies of this one; it can't hide where it is from. */
function refuseForeignOrigin({ origin, host }: EpcisCall["headers"]): void {
  if (origin === undefined || (URL.canParse(origin) && new URL(origin).host === host)) return;
  throw new Problem("access/forged", "a page of another site may not subscribe");
}

function recordTimeOf(text: string): Date {
  const at = new Date(text.replace(/ (\d\d:\d\d)$/, "+$1"));
  if (Number.isNaN(at.getTime()) || !/[Zz]|[+-]\d\d:\d\d$/.test(text.replace(" ", "+")))
    throw new Problem("thread/subscription-controls", "`initialRecordTime` is a time with a zone");
  return at;
}

/** The last event that was recorded before `at`. */
async function seqBefore(pool: pg.Pool, at: Date): Promise<number> {
  const { rows } = await pool.query<{ first_seq: number }>(
    "select first_seq from thread_batch where record_time >= $1 order by record_time, first_seq limit 1",
    [at],
  );
  return rows[0] ? rows[0].first_seq - 1 : lastSeq(pool);
}

async function add(parts: QueryRouteParts, call: EpcisCall): Promise<EpcisAnswer> {
  const { pool, ports, hosts, desk } = parts;
  const { principal, headers } = call;
  const row = await found(parts, call);
  const asked = parseSubscription(await bodyOf(call));
  checkDestination(asked.dest, hosts);
  const mayRead = decide({ principal, action: "thread:read", resource: { type: "Node", id: "self" } });
  if (!mayRead.allowed) throw new Problem("access/denied", "a subscriber needs to be able to read events");
  if ((await countSubscriptions(pool)) >= SUBSCRIPTIONS_MAX)
    throw new Problem(
      "thread/subscription-controls",
      `this node has \`${SUBSCRIPTIONS_MAX}\` subscriptions, the most it takes`,
    );
  await desk.parse(parametersOf(row.query), new Map(Object.entries(row.prefixes)));
  const wish = wishOf(headers["accept"] === undefined ? headers : { ...headers, accept: undefined });
  const now = ports.clock.now();
  const from = asked.initialRecordTime ?? now;
  const id = uuid7(ports);
  await addSubscription(pool, {
    id,
    query: row.name,
    dest: asked.dest,
    signature_token: asked.signatureToken ?? null,
    report_if_empty: asked.reportIfEmpty,
    schedule: asked.schedule ?? null,
    epc_format: wish.epcFormat,
    format: "json",
    initial_record_time: from,
    cursor_seq: await seqBefore(pool, from),
    next_run_at: asked.schedule ? parseSchedule(asked.schedule, now).next(now) : now,
    created_by: `${principal.kind}:${principal.id}`,
    created_at: now,
  });
  const made = await readSubscription(pool, row.name, id);
  const location = `${EPCIS_ROOT}/queries/${encodeURIComponent(row.name)}/subscriptions/${id}`;
  return { ...json(made && subscriptionOf(made), { location }), status: 201 };
}

/** A subscription as its owner sees it: never the token. */
function subscriptionOf(row: SubscriptionRow): Record<string, unknown> {
  return {
    subscriptionID: row.id,
    dest: row.dest,
    createdAt: row.created_at.toISOString(),
    reportIfEmpty: row.report_if_empty,
    ...(row.schedule ? { schedule: row.schedule } : { stream: true }),
    initialRecordTime: row.initial_record_time.toISOString(),
    minRecordTime: row.min_record_time.toISOString(),
    ...(row.last_notified_at ? { lastNotifiedAt: row.last_notified_at.toISOString() } : {}),
    ...(row.last_problem === null ? {} : { lastProblem: row.last_problem, failedAttempts: row.attempts }),
    ...(row.parked_at ? { parkedAt: row.parked_at.toISOString() } : {}),
  };
}

async function listAll(parts: QueryRouteParts, call: EpcisCall): Promise<EpcisAnswer> {
  wishOf(call.headers);
  const { name } = await found(parts, call);
  const { perPage, token } = pagingOf(call.query, []);
  if (token !== undefined && !UUID.test(token)) throw refuse("nextPageToken", "is not of this list");
  const rows = await listSubscriptions(parts.pool, name, { after: token ?? NO_ID, limit: perPage + 1 });
  const page = rows.slice(0, perPage);
  const last = page.at(-1);
  const path = `/queries/${encodeURIComponent(name)}/subscriptions`;
  return json(page.map(subscriptionOf), rows.length > perPage && last ? linkTo(path, perPage, last.id) : {});
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const NO_ID = "00000000-0000-0000-0000-000000000000";

function idOf({ params }: EpcisCall): string {
  const id = params["id"] ?? "";
  if (UUID.test(id)) return id;
  throw new Problem("thread/no-such-resource", `there is no subscription \`${id.slice(0, 100)}\``);
}

async function showOne(parts: QueryRouteParts, call: EpcisCall): Promise<EpcisAnswer> {
  wishOf(call.headers);
  const { name } = await found(parts, call);
  const row = await readSubscription(parts.pool, name, idOf(call));
  if (!row) throw new Problem("thread/no-such-resource", `there is no subscription \`${idOf(call)}\``);
  return json(subscriptionOf(row), { "gs1-query-min-record-time": row.min_record_time.toISOString() });
}

async function removeOne(parts: QueryRouteParts, call: EpcisCall): Promise<EpcisAnswer> {
  const { name } = await found(parts, call);
  if (await deleteSubscription(parts.pool, name, idOf(call))) return { status: 204 };
  throw new Problem("thread/no-such-resource", `there is no subscription \`${idOf(call)}\``);
}
