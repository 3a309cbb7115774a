/**
 * Checks events after they were captured: batch by batch in the order in which they were stored, in one process at a time,
 * each batch in one transaction with what it changed. Stops where it was and goes on there. While captures wait it waits
 * too, so that half of a delivery is no finding.
 */
import { setTimeout as sleep } from "node:timers/promises";
import type { JsonObject } from "@holdfast/credential";
import type { Registry } from "../../know/registry/index.ts";
import type { Database } from "../../platform/database.ts";
import type { Evidence } from "../../platform/evidence.ts";
import type { Ports } from "../../platform/ports.ts";
import type { Log } from "../../platform/telemetry.ts";
import type { StoredEvent, Thread } from "../thread/index.ts";
import { type FindingChanges, settleFindings } from "./finding-store.ts";
import { idsOf, judge } from "./judge.ts";
import { neighbourhoodOf, TooManyNeighbours } from "./neighbourhood.ts";
import { factsFor } from "./node-facts.ts";
import { readSettings } from "./settings.ts";
import { type Cursor, type Db, dueThings, moveCursor, readCursor, takeCursor, writeJudged } from "./store.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves

export const CHECK_EVENTS = 1_000; // of one transaction
const DUE_THINGS = 500; // looked at again at once
const POLL_MILLISECONDS = 2_000; // for what other processes captured, and for time that passes
const CAPTURES_WAITED_FOR_MS = 300_000; // then what is here is checked, whatever still comes
const CAPTURES_LOOKED_AT = 20;
const OTHERS_WAITED_FOR_MS = 20; // between looks at whether another process is done

export interface CheckerParts {
  readonly database: Database;
  readonly ports: Ports;
  readonly log: Log;
  readonly evidence: Evidence;
  readonly registry: Registry;
  readonly thread: Thread;
}

export class Checker {
  readonly #parts: CheckerParts;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isStopping = false;
  #waitingSinceMs: number | undefined;

  constructor(parts: CheckerParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#parts.thread.onStored(() => this.wake());
    this.#timer = setInterval(() => this.wake(), POLL_MILLISECONDS);
    this.#timer.unref();
  }

  async stop(): Promise<void> {
    this.#isStopping = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  wake(): void {
    if (this.#isStopping) return;
    this.#running ??= this.#run()
      .catch((error: unknown) => this.#parts.log.error({ err: error }, "checking events"))
      .finally(() => {
        this.#running = undefined;
      });
  }

  async #run(): Promise<void> {
    if (await this.#mustWait()) return;
    while (!this.#isStopping && (await this.checkSome()));
  }

  async #mustWait(): Promise<boolean> {
    const nowMs = this.#parts.ports.clock.now().getTime();
    const captures = await this.#parts.thread.captures.list({ limit: CAPTURES_LOOKED_AT, before: undefined });
    const isBusy = captures.some(({ state }) => state === "waiting" || state === "running");
    this.#waitingSinceMs = isBusy ? (this.#waitingSinceMs ?? nowMs) : undefined;
    return this.#waitingSinceMs !== undefined && nowMs - this.#waitingSinceMs < CAPTURES_WAITED_FOR_MS;
  }

  /** Resolves once everything that is stored now has been checked, here or by another process. */
  async checkAll(): Promise<void> {
    const last = await this.#parts.thread.lastSeq();
    for (;;) {
      if (await this.checkSome()) continue;
      const { checkedSeq, repeatedSeq, repeatUntil } = await readCursor(this.#parts.database.tables());
      if (checkedSeq >= last && repeatedSeq >= repeatUntil) return;
      await sleep(OTHERS_WAITED_FOR_MS);
    }
  }

  /** Checks one batch. @returns whether there may be more */
  checkSome(): Promise<boolean> {
    const { database, thread } = this.#parts;
    return database.transaction<NoTables, boolean>(async (tx) => {
      const cursor = await takeCursor(tx);
      if (!cursor) return false;
      const last = await thread.lastSeq();
      if (cursor.checkedSeq < last) {
        const to = Math.min(last, cursor.checkedSeq + CHECK_EVENTS);
        await this.#checkEvents(tx, await thread.eventsAfter(cursor.checkedSeq, to - cursor.checkedSeq));
        await moveCursor(tx, { ...cursor, checkedSeq: to });
        return true;
      }
      if (cursor.repeatedSeq < cursor.repeatUntil) return this.#repeat(tx, cursor);
      const due = await dueThings(tx, this.#parts.ports.clock.now(), DUE_THINGS);
      if (due.length > 0) await this.#check(tx, due);
      return due.length > 0;
    });
  }

  async #repeat(tx: Db, cursor: Cursor): Promise<boolean> {
    const to = Math.min(cursor.repeatUntil, cursor.repeatedSeq + CHECK_EVENTS);
    await this.#checkEvents(tx, await this.#parts.thread.eventsAfter(cursor.repeatedSeq, to - cursor.repeatedSeq));
    await moveCursor(tx, { ...cursor, repeatedSeq: to });
    return true;
  }

  async #checkEvents(tx: Db, events: readonly StoredEvent[]): Promise<void> {
    if (events.length === 0) return;
    try {
      await this.#check(tx, idsOf(events));
    } catch (error) {
      if (!(error instanceof TooManyNeighbours)) throw error;
      if (events.length === 1) {
        const [one] = events;
        this.#parts.log.warn({ event: one?.event.eventID ?? one?.hash }, "too much hangs together: not checked");
        return;
      }
      const half = Math.ceil(events.length / 2);
      await this.#checkEvents(tx, events.slice(0, half));
      await this.#checkEvents(tx, events.slice(half));
    }
  }

  async #check(tx: Db, ids: Iterable<string>): Promise<void> {
    const { thread, registry, ports } = this.#parts;
    const load = (wanted: readonly string[]) => thread.eventsTouching(wanted);
    const now = ports.clock.now();
    const neighbourhood = await neighbourhoodOf(ids, load);
    const { settings } = await readSettings(tx);
    const facts = await factsFor(neighbourhood.thread, { registry, settings, asOfMs: now.getTime() });
    const judged = await judge(neighbourhood, facts, load);
    await writeJudged(tx, judged);
    await this.#record(tx, await settleFindings(tx, judged, { ports, now }), now);
  }

  async #record(tx: Db, { found, reopened, undone }: FindingChanges, now: Date): Promise<void> {
    if (found.length + reopened.length + undone.length === 0) return;
    const payload: JsonObject = {
      at: now.toISOString(),
      found: [...found],
      reopened: [...reopened],
      undone: [...undone],
    };
    // the transaction is the one that `database.transaction` gave
    await this.#parts.evidence.append(tx as Parameters<Evidence["append"]>[0], {
      kind: "custody/checked",
      subject: "urn:holdfast:custody",
      payload,
    });
  }
}
