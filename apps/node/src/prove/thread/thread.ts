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
import { writeEvents, type WriterParts } from "./event-writer.ts";
import { prepareEvent } from "./prepare.ts";
import { NO_PREFIX_LENGTHS, type PrefixLengths, type ReadEvent } from "@holdfast/epcis";

export interface ThreadParts {
  readonly database: Database;
  readonly ports: Ports;
  readonly ledger: Pick<Ledger, "append">;
  readonly log: Log;
}

interface Companion {
  start(): void;
  stop(): Promise<void>;
}

export class Thread {
  readonly captures: Captures;
  readonly terms: Terms;
  /** Lengths of company prefixes for writing Digital Links as URNs; what they don't know stays a link. */
  readonly lengths: PrefixLengths = NO_PREFIX_LENGTHS;
  readonly #database: Database;
  readonly #writer: WriterParts;
  readonly #listeners: (() => void)[] = [];
  readonly #companions: Companion[] = [];

  constructor({ database, ports, ledger, log }: ThreadParts) {
    this.#database = database;
    this.terms = new Terms(database.pool);
    this.#writer = { database, ports, ledger, terms: this.terms };
    this.captures = new Captures({ ...this.#writer, log, onStored: () => this.#tell() });
  }

  /** Begins to take captures that wait. */
  start(): void {
    this.captures.start();
    for (const companion of this.#companions) companion.start();
  }

  async stop(): Promise<void> {
    for (const companion of this.#companions) await companion.stop();
    await this.captures.stop();
  }

  /** What starts and stops with the thread. Before `start`. */
  accompany(companion: Companion): void {
    this.#companions.push(companion);
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

  /** Stores one event at once. @throws Problem `thread/validation`, `thread/exists` where it is stored already */
  async captureEvent(read: ReadEvent, principal: Pick<Principal, "kind" | "id">): Promise<{ eventId: string }> {
    const event = prepareEvent(read, new Set());
    const about = { capture: undefined, capturedBy: `${principal.kind}:${principal.id}` };
    const { refused, known } = await writeEvents(this.#writer, about, (write) => write.add([event]));
    if (refused[0]) throw refused[0].problem;
    if (known.length > 0)
      throw new Problem("thread/exists", `an event with the same content is stored: \`${event.hash}\` is its hash`);
    this.#tell();
    return { eventId: event.eventId };
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }

  /** The stored text of an event by eventID or hash URI. */
  eventRow(eventId: string) {
    return findEvent(this.#database.pool, eventId);
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
