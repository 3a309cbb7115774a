/**
 * Brings events to subscribers. A subscription remembers the last event that was delivered or did not match; it moves on
 * only behind a 2xx, so that nothing is left out and nothing comes again after a success. A receiver that fails is tried
 * again later and later, and parked after many failures.
 */
import type { PrefixLengths } from "@holdfast/epcis";
import { Problem } from "@holdfast/kernel";
import type pg from "pg";
import type { Ports } from "../../platform/ports.ts";
import type { Log } from "../../platform/telemetry.ts";
import { contentTypeOf, queryDocument } from "./answer.ts";
import type { EventDesk } from "./event-desk.ts";
import { lastSeq } from "./event-store.ts";
import type { EpcFormat } from "./negotiation.ts";
import { parametersOf } from "./query-definition.ts";
import { findEvents, type FoundPage } from "./query-store.ts";
import { parseSchedule } from "./schedule.ts";
import { claimDue, noteDelivered, noteFailed, readQuery, type SubscriptionRow } from "./subscription-store.ts";
import { checkDestination, deliver, type WebhookSigner } from "./webhook.ts";

export const EVENTS_PER_DELIVERY = 500;
export const ATTEMPTS_MAX = 12; // with the waits below some 2 hours of failure
const WAIT_SECONDS_MAX = 1_800;
const DELIVERED_AT_ONCE = 32; // by one process; receivers that hang hold their places for seconds only
const PAGES_MAX = 20; // of one subscription in its turn, so that its lease holds
const POLL_MILLISECONDS = 500;

export interface DelivererParts {
  readonly pool: pg.Pool;
  readonly ports: Ports;
  readonly log: Log;
  readonly desk: EventDesk;
  readonly hosts: ReadonlySet<string>;
  readonly signer: WebhookSigner;
  readonly lengths: PrefixLengths;
}

export class Deliverer {
  readonly #parts: DelivererParts;
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  readonly #underWay = new Set<Promise<void>>();

  constructor(parts: DelivererParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setInterval(() => this.wake(), POLL_MILLISECONDS);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#timer);
    await this.#running;
    await Promise.all(this.#underWay);
  }

  /** Looks for what is due now instead of at the next poll. */
  wake(): void {
    if (this.#stopping.signal.aborted) return;
    this.#running ??= this.#deliverDue()
      .catch((error: unknown) => this.#parts.log.error({ err: error }, "subscriptions"))
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** Starts what is due and does not wait for it: a receiver that hangs holds up nobody else. */
  async #deliverDue(): Promise<void> {
    const { pool, ports } = this.#parts;
    for (let free = DELIVERED_AT_ONCE - this.#underWay.size; free > 0; free = DELIVERED_AT_ONCE - this.#underWay.size) {
      const last = await lastSeq(pool);
      const due = await claimDue(pool, { now: ports.clock.now(), lastSeq: last, limit: free });
      if (due.length === 0 || this.#stopping.signal.aborted) return;
      for (const each of due) {
        const delivery = this.#deliverOne(each, last)
          .catch((error: unknown) => this.#parts.log.error({ subscription: each.id, err: error }, "delivery"))
          .finally(() => {
            this.#underWay.delete(delivery);
            this.wake();
          });
        this.#underWay.add(delivery);
      }
    }
  }

  async #deliverOne(row: SubscriptionRow, last: number): Promise<void> {
    const { pool, ports, log } = this.#parts;
    try {
      await this.#run(row, last);
    } catch (error) {
      if (this.#stopping.signal.aborted) return; // its lease ends, and another process takes it
      if (!(error instanceof Problem)) log.error({ subscription: row.id, err: error }, "delivery failed");
      const now = ports.clock.now();
      const attempts = row.attempts + 1;
      const waitSeconds = Math.min(WAIT_SECONDS_MAX, 2 ** attempts);
      await noteFailed(pool, row.id, {
        problem: error instanceof Problem ? error.message : "a fault of this node; its log has it",
        nextRunAt: new Date(now.getTime() + waitSeconds * 1_000),
        parkedAt: attempts >= ATTEMPTS_MAX ? now : undefined,
      });
    }
  }

  async #run(row: SubscriptionRow, last: number): Promise<void> {
    const { pool, ports, desk } = this.#parts;
    const definition = await readQuery(pool, row.query);
    if (!definition) return; // deleted, and its subscriptions with it
    const parsed = await desk.parse(parametersOf(definition.query), new Map(Object.entries(definition.prefixes)));
    const query = { ...parsed, orderBy: "recordTime", direction: "ASC" } as const;
    const startedAt = ports.clock.now();
    let cursor = row.cursor_seq;
    for (let i = 0; ; i++) {
      const page = await findEvents(
        pool,
        query,
        { limit: EVENTS_PER_DELIVERY, lastSeq: last, order: "seq", after: { at: 0, seq: cursor } },
        desk.words(),
      );
      const isReport = page.events.length > 0 || (row.report_if_empty && row.schedule !== null && i === 0);
      if (isReport) await this.#send(row, page, startedAt);
      const isLast = !page.next;
      cursor = page.next?.seq ?? Math.max(cursor, last);
      await noteDelivered(pool, row.id, {
        cursorSeq: cursor,
        notifiedAt: isReport ? ports.clock.now() : undefined,
        minRecordTime: isLast ? startedAt : row.min_record_time,
        nextRunAt: isLast && row.schedule ? parseSchedule(row.schedule, startedAt).next(startedAt) : ports.clock.now(),
      });
      if (isLast || i >= PAGES_MAX) return;
    }
  }

  async #send(row: SubscriptionRow, page: FoundPage, at: Date): Promise<void> {
    const { hosts, signer, lengths } = this.#parts;
    checkDestination(row.dest, hosts); // the operator may have changed their mind
    const wish = { format: row.format, epcFormat: row.epc_format as EpcFormat, cbvXmlFormat: "No_Preference" } as const; // as it was checked
    const results = { queryName: row.query, subscriptionId: row.id, events: page.events, at, lengths };
    await deliver(
      {
        dest: row.dest,
        body: queryDocument(results, wish),
        contentType: contentTypeOf(wish),
        signatureToken: row.signature_token ?? undefined,
        at,
        signal: this.#stopping.signal,
      },
      signer,
    );
  }
}
