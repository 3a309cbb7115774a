/** Capture and events over HTTP (EPCIS 2.0 12.4 to 12.6): documents in, single events in, query documents out. */
import { type ReadEvent, documentReader, READ_LIMITS } from "@holdfast/epcis";
import { Problem } from "@holdfast/kernel";
import { Readable } from "node:stream";
import type { Config } from "../../platform/config.ts";
import type { Ports } from "../../platform/ports.ts";
import { contentTypeOf, queryDocument } from "./answer.ts";
import type { CaptureRow, ErrorBehaviour } from "./capture-store.ts";
import { CAPTURE_EVENTS_MAX, type Captures } from "./captures.ts";
import { type EpcisAnswer, type EpcisCall, EPCIS_ROOT, type Operation } from "./epcis-scope.ts";
import { type EventDesk, type EventPage, PER_PAGE_DEFAULT, PER_PAGE_MAX } from "./event-desk.ts";
import { exceptionBody } from "./exception.ts";
import { checkCaptureVersions, extensionsOf, JSON_TYPES, wishOf, XML_TYPES } from "./negotiation.ts";
import { type Parameters, refuse } from "./query-parameter.ts";
import type { Thread } from "./thread.ts";

export interface EventRouteParts {
  readonly thread: Thread;
  readonly captures: Captures;
  readonly desk: EventDesk;
  readonly config: Pick<Config, "uploadBytesMax" | "bodyBytesMax">;
  readonly ports: Ports;
}

export function eventOperations(parts: EventRouteParts): Operation[] {
  const { config } = parts;
  return [
    {
      method: "POST",
      path: "/capture",
      action: "thread:capture",
      bodyBytesMax: config.uploadBytesMax,
      handle: (call) => capture(parts, call),
    },
    { method: "GET", path: "/capture", action: "thread:read", handle: (call) => listCaptures(parts, call) },
    { method: "GET", path: "/capture/:captureID", action: "thread:read", handle: (call) => showCapture(parts, call) },
    {
      method: "POST",
      path: "/events",
      action: "thread:capture",
      bodyBytesMax: config.bodyBytesMax,
      handle: (call) => captureEvent(parts, call),
    },
    {
      method: "GET",
      path: "/events",
      action: "thread:read",
      handle: (call) => answerQuery(parts, call, "/events", {}),
    },
    { method: "GET", path: "/events/:eventID", action: "thread:read", handle: (call) => showEvent(parts, call) },
  ];
}

/** What OPTIONS says of the limits of a path. */
export function announcedLimits(
  path: string,
  { uploadBytesMax }: Pick<Config, "uploadBytesMax">,
): Record<string, string> {
  if (path === "/capture")
    return {
      "gs1-capture-error-behaviour": "all",
      "gs1-epcis-capture-limit": String(CAPTURE_EVENTS_MAX),
      "gs1-epcis-capture-file-size-limit": String(uploadBytesMax),
    };
  return path.endsWith("events")
    ? { "gs1-epc-format": "Always_GS1_Digital_Link", "gs1-cbv-xml-format": "No_Preference" }
    : {};
}

const BEHAVIOURS: readonly string[] = ["rollback", "proceed"];

async function capture(
  { thread, config }: EventRouteParts,
  { request, headers, principal, reply }: EpcisCall,
): Promise<EpcisAnswer> {
  checkCaptureVersions(headers);
  const stream = bodyOf(request.body, headers["content-type"]);
  const behaviour = String(headers["gs1-capture-error-behaviour"] ?? "rollback");
  if (!isBehaviour(behaviour))
    throw new Problem("thread/validation", "`GS1-Capture-Error-Behaviour` is `rollback` or `proceed`");
  reply.headers(announcedLimits("/capture", config));
  const { id } = await thread.capture({ bytes: stream, sizeBytesMax: config.uploadBytesMax, behaviour, principal });
  return { status: 202, headers: { location: `${EPCIS_ROOT}/capture/${id}` } };
}

function isBehaviour(text: string): text is ErrorBehaviour {
  return BEHAVIOURS.includes(text);
}

/** The bytes of a request. @throws Problem `thread/unsupported-media-type` */
function bodyOf(body: unknown, contentType: string | undefined): Readable {
  const type = (contentType ?? "").split(";")[0]?.trim().toLowerCase() ?? "";
  if (![...JSON_TYPES, ...XML_TYPES].includes(type))
    throw new Problem(
      "thread/unsupported-media-type",
      `send ${[...JSON_TYPES, ...XML_TYPES].map((each) => `\`${each}\``).join(", ")}, not \`${type.slice(0, 100)}\``,
    );
  if (!(body instanceof Readable)) throw new Problem("thread/validation", "the request has no body");
  return body;
}

async function listCaptures({ captures }: EventRouteParts, { query, headers }: EpcisCall): Promise<EpcisAnswer> {
  wishOf(headers);
  const { perPage, token } = pagingOf(query, []);
  if (token !== undefined && !/^\d{1,15}$/.test(token)) throw refuse("nextPageToken", "is not of this list");
  const rows = await captures.list({ limit: perPage + 1, before: token === undefined ? undefined : Number(token) });
  const shown = rows.slice(0, perPage);
  const last = shown.at(-1);
  const link = rows.length > perPage && last ? linkTo("/capture", perPage, String(last.position)) : {};
  return json(shown.map(captureJob), link);
}

async function showCapture({ captures }: EventRouteParts, { params, headers }: EpcisCall): Promise<EpcisAnswer> {
  wishOf(headers);
  return json(captureJob(await captures.get(params["captureID"] ?? "")));
}

/** A capture as the standard shows it (EPCIS 2.0 12.4), with counts beside. */
export function captureJob(row: CaptureRow): Record<string, unknown> {
  const errors = row.errors as { code: string; detail: string; context: Record<string, unknown> }[]; // as the capture's tally wrote them
  return {
    captureID: row.id,
    createdAt: row.created_at.toISOString(),
    ...(row.finished_at ? { finishedAt: row.finished_at.toISOString() } : {}),
    running: row.state !== "done",
    success: row.success,
    captureErrorBehaviour: row.error_behaviour,
    errors: errors.map(({ code, detail, context }) => exceptionBody(new Problem(code, detail, { detail: context }))),
    eventsRead: row.events_read,
    eventsStored: row.events_stored,
    eventsAlreadyStored: row.events_known,
    errorCount: row.error_count,
  };
}

async function captureEvent(
  { thread }: EventRouteParts,
  { request, headers, principal }: EpcisCall,
): Promise<EpcisAnswer> {
  checkCaptureVersions(headers);
  const event = await oneEvent(bodyOf(request.body, headers["content-type"]));
  const { eventId } = await thread.captureEvent(event, principal);
  return { status: 201, headers: { location: `${EPCIS_ROOT}/events/${encodeURIComponent(eventId)}` } };
}

/** The one event of a body: bare, or alone in a document. */
async function oneEvent(stream: Readable): Promise<ReadEvent> {
  let reader: ReturnType<typeof documentReader> | undefined;
  const events: ReadEvent[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    reader ??= documentReader(chunk, { ...READ_LIMITS, eventsMax: 2 });
    events.push(...reader.push(chunk));
  }
  if (!reader) throw new Problem("thread/validation", "the body is empty");
  events.push(...reader.end().events);
  const [event] = events;
  if (!event || events.length > 1)
    throw new Problem(
      "thread/validation",
      `one event is captured here, and \`${events.length}\` came: send documents to capture`,
    );
  return event;
}

async function showEvent({ thread, ports }: EventRouteParts, { params, headers }: EpcisCall): Promise<EpcisAnswer> {
  const wish = wishOf(headers);
  const id = params["eventID"] ?? "";
  const event = await thread.eventRow(id);
  if (!event) throw new Problem("thread/no-such-resource", `there is no event \`${id.slice(0, 200)}\``);
  const results = {
    queryName: "SimpleEventQuery",
    events: [{ body: event.body, recordTime: event.record_time }],
    at: ports.clock.now(),
    lengths: thread.lengths,
  };
  return { status: 200, contentType: contentTypeOf(wish), body: queryDocument(results, wish) };
}

/** Events of a query string, with `fixed` parameters that the path has said. */
export async function answerQuery(
  { desk, thread, ports }: EventRouteParts,
  { query, headers }: EpcisCall,
  path: string,
  fixed: Parameters,
): Promise<EpcisAnswer> {
  const wish = wishOf(headers);
  const { perPage, token } = pagingOf(query);
  const parameters: Record<string, readonly string[]> = { ...fixed };
  for (const [name, values] of Object.entries(query)) {
    if (PAGING.has(name)) continue;
    if (name in fixed) throw refuse(name, "is said by the path already");
    parameters[name] = values
      .flatMap((value) => value.split("|"))
      .filter((value) => value !== "" || name.startsWith("EXISTS_"));
  }
  const page = await desk.page({
    path,
    parameters: token === undefined ? parameters : without(parameters, fixed),
    prefixes: extensionsOf(headers),
    perPage,
    token,
  });
  const results = {
    queryName: "SimpleEventQuery",
    events: page.events,
    at: ports.clock.now(),
    lengths: thread.lengths,
  };
  return {
    status: 200,
    contentType: contentTypeOf(wish),
    headers: linkOf(path, page),
    body: queryDocument(results, wish),
  };
}

function without(parameters: Parameters, fixed: Parameters): Parameters {
  return Object.fromEntries(Object.entries(parameters).filter(([name]) => !(name in fixed)));
}

const PAGING: ReadonlySet<string> = new Set(["perPage", "nextPageToken"]);

/** `perPage` and `nextPageToken`; `others` are the further parameters that the resource takes, any where it is left out. */
export function pagingOf(
  query: EpcisCall["query"],
  others?: readonly string[],
): { readonly perPage: number; readonly token: string | undefined } {
  for (const name of others ? Object.keys(query) : [])
    if (!PAGING.has(name) && !others?.includes(name)) throw refuse(name, "is none of this resource");
  const text = query["perPage"]?.[0];
  if (text !== undefined && !/^[1-9]\d{0,8}$/.test(text)) throw refuse("perPage", "is a positive number");
  return { perPage: Math.min(PER_PAGE_MAX, Number(text ?? PER_PAGE_DEFAULT)), token: query["nextPageToken"]?.[0] };
}

export function linkOf(path: string, { next }: EventPage): Record<string, string> {
  if (!next) return {};
  return { ...linkTo(path, next.perPage, next.token), "gs1-next-page-token-expires": next.expiresAt.toISOString() };
}

/** RFC 8288. */
export function linkTo(path: string, perPage: number, token: string): Record<string, string> {
  return { link: `<${EPCIS_ROOT}${path}?perPage=${perPage}&nextPageToken=${encodeURIComponent(token)}>; rel="next"` };
}

export function json(body: unknown, headers: Readonly<Record<string, string>> = {}): EpcisAnswer {
  return { status: 200, contentType: "application/json; charset=utf-8", headers, body: JSON.stringify(body) };
}
