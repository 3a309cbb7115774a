/**
 * Captures from arrival to end: a document is staged in the database as it comes, answered for, and captured in its turn
 * by any process of the node, one at a time in each. A capture whose process died is taken up by another one.
 */
import { Problem, uuid7 } from "@holdfast/kernel";
import type { Principal } from "@holdfast/access";
import type { Log } from "../../platform/telemetry.ts";
import { runCapture } from "./capture-run.ts";
import { placesOf } from "./master-data.ts";
import {
  addCapture,
  addChunk,
  beginCapture,
  type CaptureProgress,
  type CaptureRow,
  completeCapture,
  type ErrorBehaviour,
  finishCapture,
  forgetCapture,
  holdingCapture,
  listCaptures,
  noteProgress,
  openCaptures,
  readCapture,
  readChunk,
} from "./capture-store.ts";
import { type WriterParts, writeEvents } from "./event-writer.ts";

export const CAPTURE_EVENTS_MAX = 2_000_000; // of one document; the header GS1-EPCIS-Capture-Limit says it
const CHUNK_BYTES = 262_144;
const POLL_MILLISECONDS = 1_000; // for captures that another process left
const ATTEMPTS_MAX = 3; // a document that ends its process again and again is given up
const OPEN_AT_ONCE = 20;

export interface NewCapture {
  readonly bytes: AsyncIterable<Uint8Array>;
  readonly sizeBytesMax: number;
  readonly behaviour?: ErrorBehaviour;
  readonly principal: Pick<Principal, "kind" | "id" | "name">;
}

export interface CaptureParts extends WriterParts {
  readonly log: Log;
  /** Called after events were stored. */
  readonly onStored: () => void;
}

export class Captures {
  readonly #parts: CaptureParts;
  readonly #stopping = new AbortController();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #again = false;

  constructor(parts: CaptureParts) {
    this.#parts = parts;
  }

  /** Stages a document. It is captured later, in its turn. @throws Problem `thread/too-large` */
  async stage({ bytes, sizeBytesMax, behaviour = "rollback", principal }: NewCapture): Promise<CaptureRow> {
    const { database, ports } = this.#parts;
    const id = uuid7(ports);
    await addCapture(database.pool, {
      id,
      behaviour,
      capturedBy: `${principal.kind}:${principal.id}`,
      capturedByName: principal.name,
      at: ports.clock.now(),
    });
    try {
      let [index, sizeBytes] = [0, 0];
      for await (const piece of pieces(bytes)) {
        sizeBytes += piece.length;
        if (sizeBytes > sizeBytesMax)
          throw new Problem(
            "thread/too-large",
            `a document of more than \`${sizeBytesMax}\` bytes is not captured: split it`,
          );
        await addChunk(database.pool, id, index++, piece);
      }
      await completeCapture(database.pool, id, sizeBytes);
    } catch (error) {
      await forgetCapture(database.pool, id);
      throw error;
    }
    this.wake();
    return this.get(id);
  }

  /** @throws Problem `thread/no-such-resource` */
  async get(id: string): Promise<CaptureRow> {
    const row = UUID.test(id) ? await readCapture(this.#parts.database.pool, id) : undefined;
    if (!row) throw new Problem("thread/no-such-resource", `there is no capture \`${id.slice(0, 100)}\``);
    return row;
  }

  list(page: { readonly limit: number; readonly before: number | undefined }): Promise<readonly CaptureRow[]> {
    return listCaptures(this.#parts.database.pool, page);
  }

  /** Resolves with a capture that has ended. */
  async ended(id: string): Promise<CaptureRow> {
    for (;;) {
      const row = await this.get(id);
      if (row.state === "done") return row;
      this.wake();
      await new Promise((resolve) => setTimeout(resolve, WAIT_MILLISECONDS));
    }
  }

  start(): void {
    this.#timer = setInterval(() => this.wake(), POLL_MILLISECONDS);
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Takes what waits, now instead of at the next poll. */
  wake(): void {
    if (this.#stopping.signal.aborted) return;
    this.#again = true;
    this.#running ??= this.#runAll()
      .catch((error: unknown) => this.#parts.log.error({ err: error }, "captures"))
      .finally(() => {
        this.#running = undefined;
      });
  }

  async #runAll(): Promise<void> {
    while (this.#again && !this.#stopping.signal.aborted) {
      this.#again = false;
      for (const { id, position } of await openCaptures(this.#parts.database.pool, OPEN_AT_ONCE)) {
        if (this.#stopping.signal.aborted) return;
        const isMine = await holdingCapture(this.#parts.database.pool, position, async () => {
          await this.#run(id);
          return true;
        });
        if (isMine) this.#again = true;
      }
    }
  }

  async #run(id: string): Promise<void> {
    const { database, ports, log, onStored } = this.#parts;
    const { pool } = database;
    const attempts = await beginCapture(pool, id);
    if (attempts === undefined) return; // ended in the meantime
    const row = await this.get(id);
    if (attempts > ATTEMPTS_MAX) {
      await finishCapture(
        pool,
        id,
        failed("the capture ended its process several times and was given up"),
        ports.clock.now(),
      );
      return;
    }
    try {
      const result = await runCapture({
        behaviour: row.error_behaviour,
        chunks: this.#chunks(id),
        eventsMax: CAPTURE_EVENTS_MAX,
        write: (work) => writeEvents(this.#parts, { capture: id, capturedBy: row.captured_by }, work),
        learn: (shell) => this.#parts.terms.notePlaces(placesOf(shell)),
        progress: (now) => noteProgress(pool, id, now),
        signal: this.#stopping.signal,
      });
      await finishCapture(pool, id, result, ports.clock.now());
      if (result.eventsStored > 0) onStored();
    } catch (error) {
      if (this.#stopping.signal.aborted) return; // another process, or this one after its start, takes it up
      if (error instanceof Problem && error.code === "thread/busy") return; // in its turn, later
      log.error({ capture: id, err: error }, "capture failed");
      await finishCapture(
        pool,
        id,
        failed("the capture failed for a reason of this node; its log has the details"),
        ports.clock.now(),
      );
    }
  }

  async *#chunks(id: string): AsyncGenerator<Uint8Array> {
    for (let index = 0; ; index++) {
      const chunk = await readChunk(this.#parts.database.pool, id, index);
      if (!chunk) return;
      yield chunk;
    }
  }
}

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const WAIT_MILLISECONDS = 20;

function failed(why: string): CaptureProgress {
  const errors = [{ code: "thread/failed", detail: why, context: {} }];
  return { success: false, eventsRead: 0, eventsStored: 0, eventsKnown: 0, errorCount: 1, errors };
}

/** The bytes in pieces of one size, whatever they came in. */
async function* pieces(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let held: Uint8Array[] = [];
  let heldBytes = 0;
  for await (const piece of bytes) {
    held.push(piece);
    heldBytes += piece.length;
    if (heldBytes < CHUNK_BYTES) continue;
    yield Buffer.concat(held);
    [held, heldBytes] = [[], 0];
  }
  if (heldBytes > 0) yield Buffer.concat(held);
}
