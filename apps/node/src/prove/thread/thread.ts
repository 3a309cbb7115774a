/**
 * The digital thread's store of events: what other slices build on. Documents are captured, events are found by what they
 * touch or read in the order in which they were stored. Error declarations are stored as they come: the reader undoes.
 */
import { Problem } from "@holdfast/kernel";
import type { Principal } from "@holdfast/access";
import type { Database } from "../../platform/database.ts";
import type { Ports } from "../../platform/ports.ts";
import type { Log } from "../../platform/telemetry.ts";
import type { Ledger } from "../ledger/index.ts";
import { Captures, type NewCapture } from "./captures.ts";
import type { CaptureRow } from "./capture-store.ts";
import { eventsAfter, eventsTouching, findEvent, lastSeq, readEvents, type StoredEvent } from "./event-store.ts";
import { Terms } from "./term-store.ts";

export interface ThreadParts {
  readonly database: Database;
  readonly ports: Ports;
  readonly ledger: Pick<Ledger, "append">;
  readonly log: Log;
}

export class Thread {
  readonly captures: Captures;
  readonly #database: Database;
  readonly #listeners: (() => void)[] = [];

  constructor({ database, ports, ledger, log }: ThreadParts) {
    this.#database = database;
    const terms = new Terms(database.pool);
    const onStored = () => {
      for (const listener of this.#listeners) listener();
    };
    this.captures = new Captures({ database, ports, ledger, log, terms, onStored });
  }

  /** Begins to take captures that wait. */
  start(): void {
    this.captures.start();
  }

  stop(): Promise<void> {
    return this.captures.stop();
  }

  /** Stages a document (JSON or XML, EPCIS 1.x or 2.0); it is captured in its turn. See `captured`. */
  capture(document: NewCapture): Promise<CaptureRow> {
    return this.captures.stage(document);
  }

  /** Captures a document and waits for the end. @throws Problem of the first error */
  async captured(text: string, principal: Pick<Principal, "kind" | "id" | "name">): Promise<CaptureRow> {
    const bytes = new TextEncoder().encode(text);
    const { id } = await this.capture({ bytes: onePiece(bytes), sizeBytesMax: bytes.length, principal });
    const ended = await this.captures.ended(id);
    const [error] = ended.errors as { code: string; detail: string }[]; // as the capture's tally wrote them
    if (error) throw new Problem(error.code, error.detail);
    return ended;
  }

  /** A capture's state. @throws Problem `thread/no-such-resource` */
  captureJob(id: string): Promise<CaptureRow> {
    return this.captures.get(id);
  }

  /**
   * Every event that names one of `ids` (either spelling) as thing, class, parent, child, input, output or
   * transformationID, in the order in which they were stored; events of instances do not count as events of their class.
   */
  eventsTouching(ids: readonly string[]): Promise<StoredEvent[]> {
    return eventsTouching(this.#database.pool, ids);
  }

  /** The event with this eventID or hash URI; undefined where there is none. */
  async event(eventId: string): Promise<StoredEvent | undefined> {
    const row = await findEvent(this.#database.pool, eventId);
    return row && (await readEvents(this.#database.pool, [row.seq]))[0];
  }

  events(seqs: readonly number[]): Promise<StoredEvent[]> {
    return readEvents(this.#database.pool, seqs);
  }

  /** At most `limit` events stored after number `after`, in order of commit: continue behind the last one, miss nothing. */
  eventsAfter(after: number, limit: number): Promise<StoredEvent[]> {
    return eventsAfter(this.#database.pool, after, limit);
  }

  /** The number of the newest event, 0 where there is none. */
  lastSeq(): Promise<number> {
    return lastSeq(this.#database.pool);
  }

  /** Calls `listener` after this process stored events; a hint, so look for new ones now and then as well. */
  onStored(listener: () => void): void {
    this.#listeners.push(listener);
  }
}

async function* onePiece(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}
