/**
 * Subscribers on WebSockets: as long as the connection stands, each new event of their query comes as it is stored, or all
 * new ones at the moments of a schedule. Nothing is kept for a subscriber who is gone. A connection ends after a while, so
 * that whoever comes back is authorised again.
 */
import type { Log } from "../../platform/telemetry.ts";
import type { Ports } from "../../platform/ports.ts";
import type { EventQuery } from "./query.ts";
import type { FoundPage } from "./query-store.ts";
import type { Schedule } from "./schedule.ts";
import type { WebSocketConnection } from "./websocket.ts";

export const CONNECTIONS_MAX = 200; // of one process
const LIFE_MILLISECONDS = 3_600_000;
const POLL_MILLISECONDS = 500;

export interface LiveSubscriber {
  readonly connection: WebSocketConnection;
  readonly queryName: string;
  readonly query: EventQuery;
  /** Undefined for a stream. */
  readonly schedule: Schedule | undefined;
  readonly reportIfEmpty: boolean;
  cursorSeq: number;
  nextRunAt: Date;
  readonly until: Date;
  /** The document of some events, as this subscriber wants it. */
  readonly document: (page: FoundPage) => string;
}

export interface LiveParts {
  readonly ports: Ports;
  readonly log: Log;
  readonly lastSeq: () => Promise<number>;
  readonly find: (query: EventQuery, after: number, lastSeq: number) => Promise<FoundPage>;
  readonly hasQuery: (name: string) => Promise<boolean>;
}

export class LiveSubscribers {
  readonly #parts: LiveParts;
  readonly #subscribers = new Set<LiveSubscriber>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;

  constructor(parts: LiveParts) {
    this.#parts = parts;
  }

  get isFull(): boolean {
    return this.#subscribers.size >= CONNECTIONS_MAX;
  }

  start(): void {
    this.#timer = setInterval(() => this.wake(), POLL_MILLISECONDS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    for (const { connection } of this.#subscribers) connection.close(1001, "the node stops");
    await this.#running;
  }

  add(subscriber: Omit<LiveSubscriber, "nextRunAt" | "until">): LiveSubscriber {
    const now = this.#parts.ports.clock.now();
    const added = {
      ...subscriber,
      nextRunAt: subscriber.schedule?.next(now) ?? now,
      until: new Date(now.getTime() + LIFE_MILLISECONDS),
    };
    this.#subscribers.add(added);
    this.wake();
    return added;
  }

  remove(subscriber: LiveSubscriber): void {
    this.#subscribers.delete(subscriber);
  }

  /** Ends the connections of a query that is deleted. */
  disconnect(queryName: string): void {
    for (const { connection, queryName: name } of this.#subscribers)
      if (name === queryName) connection.close(1000, "the query was deleted");
  }

  wake(): void {
    if (this.#subscribers.size === 0) return;
    this.#running ??= this.#serveAll()
      .catch((error: unknown) => this.#parts.log.error({ err: error }, "live subscribers"))
      .finally(() => {
        this.#running = undefined;
      });
  }

  async #serveAll(): Promise<void> {
    const last = await this.#parts.lastSeq();
    const now = this.#parts.ports.clock.now();
    const names = new Set([...this.#subscribers].map(({ queryName }) => queryName));
    for (const name of names) if (!(await this.#parts.hasQuery(name))) this.disconnect(name);
    for (const subscriber of this.#subscribers) {
      if (!subscriber.connection.isOpen) this.#subscribers.delete(subscriber);
      else if (subscriber.until <= now) subscriber.connection.close(1000, "connect again");
      else if (subscriber.nextRunAt <= now) await this.#serve(subscriber, last, now);
    }
  }

  async #serve(subscriber: LiveSubscriber, last: number, now: Date): Promise<void> {
    let isFirst = true;
    for (let after = subscriber.cursorSeq; after < last || (isFirst && subscriber.schedule); ) {
      const page = await this.#parts.find(subscriber.query, after, last);
      const isReport =
        page.events.length > 0 || (isFirst && subscriber.reportIfEmpty && subscriber.schedule !== undefined);
      if (isReport && !subscriber.connection.send(subscriber.document(page))) return;
      after = page.next?.seq ?? Math.max(after, last);
      isFirst = false;
      if (!page.next) break;
    }
    subscriber.cursorSeq = Math.max(subscriber.cursorSeq, last);
    if (subscriber.schedule) subscriber.nextRunAt = subscriber.schedule.next(now);
  }
}
