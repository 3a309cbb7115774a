/** Serves what this node's own pages ask of the thread: captures, events with names and proofs, subscriptions. */
import { thread as contract } from "@holdfast/api";
import { bareWord, canonicalId, type ExactObject, isObject, type Namespaces, webUri } from "@holdfast/epcis";
import { isUuid, Problem } from "@holdfast/kernel";
import type pg from "pg";
import type { z } from "zod";
import type { Registry } from "../../know/registry/index.ts";
import type { Server } from "../../platform/server.ts";
import { batchPath, leafOf } from "./batch-tree.ts";
import type { CaptureRow } from "./capture-store.ts";
import { DIRECT_ROLES, factsOf } from "./event-facts.ts";
import { lastSeq, parsedBody, readBatch } from "./event-store.ts";
import { namesOf } from "./names.ts";
import { hashUri } from "./prepare.ts";
import type { Condition } from "./query.ts";
import { findEvents } from "./query-store.ts";
import type { EventDesk } from "./event-desk.ts";
import { allSubscriptions, type SubscriptionRow } from "./subscription-store.ts";
import type { Thread } from "./thread.ts";

export interface ThreadRouteParts {
  readonly thread: Thread;
  readonly desk: EventDesk;
  readonly registry: Registry;
  readonly pool: pg.Pool;
}

const IDS_SHOWN_MAX = 100; // of one event; the rest is counted

export function threadRoutes(server: Server, { thread, desk, registry, pool }: ThreadRouteParts): void {
  server.serve(contract.listCaptures, async (call) => {
    call.authorise();
    const { limit, after } = call.query;
    const rows = await thread.captures.list({ limit: limit + 1, before: numberToken(after) });
    const shown = rows.slice(0, limit);
    const last = shown.at(-1);
    return {
      items: shown.map((row) => {
        const { errors: _, ...rest } = captureOf(row);
        return rest;
      }),
      next: rows.length > limit && last ? String(last.position) : null,
    };
  });
  server.serve(contract.getCapture, async (call) => {
    call.authorise({ type: "Capture", id: call.params.captureId });
    return captureOf(await thread.captures.get(call.params.captureId));
  });
  server.serve(contract.listThreadEvents, async (call) => {
    call.authorise();
    const { limit, after, id } = call.query;
    const conditions: Condition[] =
      id === undefined ? [] : [{ kind: "id", roles: DIRECT_ROLES, ids: [canonicalId(id.trim())] }];
    const query = {
      conditions,
      orderBy: "recordTime",
      direction: "DESC",
      eventCountLimit: undefined,
      maxEventCount: undefined,
    } as const;
    const last = numberToken(after);
    const page = await findEvents(
      pool,
      query,
      {
        limit,
        lastSeq: await lastSeq(pool),
        order: "seq",
        after: last === undefined ? undefined : { at: 0, seq: last },
      },
      desk.words(),
    );
    const items = page.events.map(eventOf);
    return {
      items,
      next: page.next ? String(page.next.seq) : null,
      names: await namesOf(registry, items.flatMap(idsShown)),
    };
  });
  server.serve(contract.getThreadEvent, async (call) => {
    const { seq } = call.params;
    call.authorise({ type: "Event", id: String(seq) });
    const batch = await readBatch(pool, seq);
    const row = batch?.events.find((each) => each.seq === seq);
    if (!batch || !row) throw new Problem("thread/no-such-resource", `there is no event number \`${seq}\``);
    const event = eventOf({ ...row, recordTime: batch.recordTime });
    const bodies = batch.events.map(({ body }) => body);
    return {
      event,
      body: row.body,
      hash: hashUri(row.hash),
      capturedBy: batch.capturedBy,
      captureId: batch.capture,
      names: await namesOf(registry, idsShown(event)),
      proof: {
        statement: batch.statement,
        root: batch.root,
        leafHash: leafOf(row.body).toString("hex"),
        path: batchPath(bodies, batch.events.indexOf(row)),
      },
    };
  });
  server.serve(contract.listSubscriptions, async (call) => {
    call.authorise();
    const { limit, after } = call.query;
    if (after !== undefined && !isUuid(after)) throw badToken();
    const rows = await allSubscriptions(pool, { after: after ?? NO_ID, limit: limit + 1 });
    const shown = rows.slice(0, limit);
    return { items: shown.map(subscriptionOf), next: rows.length > limit ? (shown.at(-1)?.id ?? null) : null };
  });
}

function numberToken(after: string | undefined): number | undefined {
  if (after === undefined) return undefined;
  if (/^\d{1,15}$/.test(after)) return Number(after);
  throw badToken();
}

const NO_ID = "00000000-0000-0000-0000-000000000000";

function badToken(): Problem {
  return new Problem("http/bad-request", "`after` is not the `next` of a page of this list");
}

function captureOf(row: CaptureRow): contract.CaptureJob {
  const errors = row.errors as { code: string; detail: string; context: { event?: number } }[]; // as the capture's tally wrote them
  return {
    id: row.id,
    running: row.state !== "done",
    success: row.success,
    errorBehaviour: row.error_behaviour,
    sizeBytes: row.size_bytes,
    eventsRead: row.events_read,
    eventsStored: row.events_stored,
    eventsKnown: row.events_known,
    errorCount: row.error_count,
    errors: errors.map(({ code, detail, context }) => ({ code, message: detail, event: context.event ?? null })),
    capturedByName: row.captured_by_name,
    createdAt: row.created_at.toISOString(),
    finishedAt: row.finished_at?.toISOString() ?? null,
  };
}

function eventOf({ seq, body, recordTime }: { seq: number; body: string; recordTime: Date }): contract.ThreadEvent {
  const { event, namespaces } = parsedBody(body);
  const ids = directIds(event, namespaces);
  return {
    seq,
    eventId: String(event["eventID"]),
    eventType: String(event["type"]),
    eventTime: String(event["eventTime"]),
    recordTime: recordTime.toISOString(),
    action: textOf(event["action"]),
    bizStep: termOf("bizStep", event["bizStep"]),
    disposition: termOf("disposition", event["disposition"]),
    readPoint: placeOf(event["readPoint"]),
    bizLocation: placeOf(event["bizLocation"]),
    ids: ids.slice(0, IDS_SHOWN_MAX),
    idCount: ids.length,
    declaresError: event["errorDeclaration"] !== undefined,
  };
}

function directIds(event: ExactObject, namespaces: Namespaces): string[] {
  return [...factsOf(event, namespaces).ids].filter(([, roles]) => roles & DIRECT_ROLES).map(([id]) => id);
}

function idsShown({ ids, readPoint, bizLocation }: contract.ThreadEvent): string[] {
  return [...ids, ...[readPoint, bizLocation].filter((id) => id !== null)];
}

function textOf(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}

function termOf(vocabulary: "bizStep" | "disposition", value: unknown): string | null {
  return typeof value === "string" ? bareWord(vocabulary, webUri(vocabulary, value)) : null;
}

function placeOf(value: unknown): string | null {
  return isObject(value) && typeof value["id"] === "string" ? canonicalId(value["id"]) : null;
}

function subscriptionOf(row: SubscriptionRow): z.output<typeof contract.subscription> {
  return {
    id: row.id,
    query: row.query,
    dest: row.dest,
    streams: row.schedule === null,
    lastNotifiedAt: row.last_notified_at?.toISOString() ?? null,
    lastProblem: row.last_problem,
    attempts: row.attempts,
    parkedAt: row.parked_at?.toISOString() ?? null,
    createdAt: row.created_at.toISOString(),
  };
}
