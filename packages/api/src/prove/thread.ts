/**
 * The digital thread: the EPCIS 2.0 REST binding (section 12) below /epcis, and what this node's own pages ask. Bodies of
 * the binding are EPCIS documents in JSON or XML, described by the standard's own schemas; here they are files.
 */
import { z } from "zod";
import { digits } from "../digits.ts";
import { page, pageQuery } from "../page.ts";
import { route } from "../route.ts";

const tag = "prove/thread";
const instant = z.iso.datetime();

/** Codes with the status of the exception that each is in EPCIS 2.0 (table of section 12.3). */
export const threadProblems = {
  "epcis/malformed-json": 400,
  "epcis/malformed-xml": 400,
  "epcis/not-epcis": 400,
  "epcis/doctype": 400,
  "epcis/encoding": 400,
  "epcis/too-large": 413,
  "epcis/too-deep": 400,
  "epcis/too-many-events": 413,
  "epcis/late-context": 400,
  "epcis/no-xml-form": 406,
  "epcis/bad-time": 400,
  "epcis/bad-number": 400,
  "epcis/bad-id": 400,
  "epcis/unknown-prefix-length": 400,
  "epcis/no-other-form": 400,
  "epcis/bad-prefix-table": 400,
  "thread/validation": 400,
  "thread/query-validation": 400,
  "thread/query-parameter": 400,
  "thread/subscription-controls": 400,
  "thread/no-such-name": 404,
  "thread/no-such-resource": 404,
  "thread/not-acceptable": 406,
  "thread/exists": 409,
  "thread/too-large": 413,
  "thread/query-too-large": 413,
  "thread/query-too-complex": 413,
  "thread/uri-too-long": 414,
  "thread/unsupported-media-type": 415,
  "thread/not-implemented": 501,
  "thread/failed": 500,
  "thread/not-delivered": 502,
  "thread/busy": 503,
} as const;

export const captureJob = z.object({
  id: z.uuid(),
  running: z.boolean(),
  success: z.boolean().describe("false once an error was seen; with rollback nothing is stored then"),
  errorBehaviour: z.enum(["rollback", "proceed"]),
  sizeBytes: z.int(),
  eventsRead: z.int(),
  eventsStored: z.int(),
  eventsKnown: z.int().describe("events that were stored before, by their hash"),
  errorCount: z.int(),
  /** The first of them. */
  errors: z.array(z.object({ code: z.string(), message: z.string(), event: z.int().nullable() })),
  capturedByName: z.string(),
  createdAt: instant,
  finishedAt: instant.nullable(),
});
export type CaptureJob = z.output<typeof captureJob>;

export const listCaptures = route({
  id: "listCaptures",
  method: "GET",
  path: "/api/prove/thread/captures",
  tag,
  summary: "Captures of EPCIS documents, newest first; errors are shown by each alone",
  action: "thread:read",
  query: pageQuery,
  status: 200,
  answer: page(captureJob.omit({ errors: true })),
});

export const getCapture = route({
  id: "getCapture",
  method: "GET",
  path: "/api/prove/thread/captures/:captureId",
  tag,
  summary: "One capture with its errors",
  action: "thread:read",
  params: z.object({ captureId: z.uuid() }),
  status: 200,
  answer: captureJob,
});

/** What the registry calls an identifier. */
export const named = z.object({ kind: z.enum(["site", "organisation", "item"]), id: z.uuid(), name: z.string() });

export const threadEvent = z.object({
  seq: z.int().describe("its place in the order in which events were stored"),
  eventId: z.string(),
  eventType: z.string(),
  eventTime: z.string(),
  recordTime: instant,
  action: z.string().nullable(),
  bizStep: z.string().nullable().describe("bare word of a standard step, else its URI"),
  disposition: z.string().nullable(),
  readPoint: z.string().nullable().describe("canonical identifier, as all identifiers here"),
  bizLocation: z.string().nullable(),
  ids: z.array(z.string()).describe("things and classes that the event names, at most a hundred"),
  idCount: z.int(),
  declaresError: z.boolean(),
});
export type ThreadEvent = z.output<typeof threadEvent>;

export const listThreadEvents = route({
  id: "listThreadEvents",
  method: "GET",
  path: "/api/prove/thread/events",
  tag,
  summary: "Events of the digital thread, newest first, with what the registry calls their places, parties and items",
  action: "thread:read",
  query: pageQuery.extend({
    id: z
      .string()
      .max(2_000)
      .optional()
      .describe("only events that name this thing, lot or class, as URN or Digital Link"),
  }),
  status: 200,
  answer: page(threadEvent).extend({ names: z.record(z.string(), named) }),
});

export const getThreadEvent = route({
  id: "getThreadEvent",
  method: "GET",
  path: "/api/prove/thread/events/:seq",
  tag,
  summary: "One event as it was captured, with its proof: its leaf and the path to the root that the ledger holds",
  action: "thread:read",
  params: z.object({ seq: digits(1) }),
  status: 200,
  answer: z.object({
    event: threadEvent,
    /** The stored text in the JSON binding: what the leaf is made of, without recordTime. */
    body: z.string(),
    hash: z.string().describe("CBV 2.0 event hash, as a URI"),
    capturedBy: z.string(),
    captureId: z.uuid().nullable(),
    names: z.record(z.string(), named),
    proof: z.object({
      statement: z.string().nullable().describe("the ledger statement over the events stored together"),
      root: z.string(),
      leafHash: z.string().describe("SHA-256 of a zero byte and the body, RFC 9162 2.1.1"),
      path: z.array(z.object({ hash: z.string(), side: z.enum(["left", "right"]) })),
    }),
  }),
});

export const subscription = z.object({
  id: z.uuid(),
  query: z.string(),
  dest: z.string(),
  streams: z.boolean(),
  lastNotifiedAt: instant.nullable(),
  lastProblem: z.string().nullable(),
  attempts: z.int().describe("failures since the last success"),
  parkedAt: instant.nullable().describe("since when nothing is sent any more"),
  createdAt: instant,
});

export const listSubscriptions = route({
  id: "listSubscriptions",
  method: "GET",
  path: "/api/prove/thread/subscriptions",
  tag,
  summary: "Everyone who is sent events by webhook, and how that goes",
  action: "thread:subscribe",
  query: pageQuery,
  status: 200,
  answer: page(subscription),
});

export const threadRoutes = [listCaptures, getCapture, listThreadEvents, getThreadEvent, listSubscriptions] as const;
