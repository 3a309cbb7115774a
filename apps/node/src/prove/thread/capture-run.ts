/**
 * One capture: reads the staged document piece by piece, prepares its events and writes them in batches. With `rollback`
 * all in one transaction, with `proceed` each batch in its own and the faulty events reported. Memory holds two batches,
 * whatever the document's size. Safe to run again from the start: what was stored is found by its hash.
 */
import { setImmediate as turn } from "node:timers/promises";
import {
  type DocumentReader,
  documentReader,
  ignoredFields,
  type ReadEvent,
  READ_LIMITS,
  type Shell,
  STANDARD_NAMESPACES,
  validateShell,
} from "@holdfast/epcis";
import { type Json, Problem } from "@holdfast/kernel";
import type { CaptureProgress, ErrorBehaviour } from "./capture-store.ts";
import { type Added, BATCH_EVENTS, type EventWrite } from "./event-writer.ts";
import { type PreparedEvent, prepareEvent } from "./prepare.ts";

export const ERRORS_KEPT_MAX = 1_000; // of one capture; the count goes on
const BATCH_CHARACTERS = 16_777_216; // of bodies in one batch: large events make small batches
const BATCH_KEYS = 500_000; // rows of the index in one batch: an event may hold a million identifiers
const TURN_MILLISECONDS = 8; // worked before other requests of this process get their turn

export interface CaptureRun {
  readonly behaviour: ErrorBehaviour;
  readonly chunks: AsyncIterable<Uint8Array>;
  readonly eventsMax: number;
  /** Opens a transaction that writes. */
  readonly write: <Value>(work: (write: EventWrite) => Promise<Value>) => Promise<Value>;
  /** Told now and then how far the capture is. */
  readonly progress: (now: CaptureProgress) => Promise<void>;
  /** Told the document's master data once all of it is captured. */
  readonly learn: (shell: Shell) => Promise<void>;
  readonly signal: AbortSignal;
}

/** Takes a rolled-back transaction out; never leaves this file. */
class RolledBack extends Error {}

/** Captures a document. @returns what became of it; a Problem of the document is an error in it, not a throw */
export async function runCapture(run: CaptureRun): Promise<CaptureProgress> {
  const tally = new Tally();
  try {
    await (run.behaviour === "rollback" ? allOrNothing(run, tally) : keepGoing(run, tally));
  } catch (error) {
    if (error instanceof RolledBack) tally.nothingStored();
    else if (error instanceof Problem && isOfDocument(error)) {
      tally.refuse(error);
      if (run.behaviour === "rollback") tally.nothingStored();
    } else throw error;
  }
  if (tally.shell && tally.errorCount === 0) await run.learn(tally.shell);
  return tally.progress();
}

function isOfDocument({ code }: Problem): boolean {
  return code.startsWith("epcis/") || code === "thread/validation" || code === "thread/exists";
}

async function allOrNothing(run: CaptureRun, tally: Tally): Promise<void> {
  const batches = batchesOf(run, tally);
  const first = await batches.next(); // nobody waits for the writer's lock while the first batch is prepared
  if (tally.errorCount > 0) throw new RolledBack();
  if (first.done) return;
  await run.write(async (write) => {
    let writing: Promise<void> = addTo(write, first.value, run, tally);
    for await (const batch of batches) {
      await writing;
      writing = addTo(write, batch, run, tally);
      if (tally.errorCount > 0) break;
    }
    await writing;
    if (tally.errorCount > 0) throw new RolledBack();
  });
}

async function keepGoing(run: CaptureRun, tally: Tally): Promise<void> {
  let writing: Promise<void> = Promise.resolve();
  try {
    for await (const batch of batchesOf(run, tally)) {
      await writing;
      writing = run.write((write) => addTo(write, batch, run, tally));
    }
  } finally {
    await writing;
  }
}

function addTo(
  write: EventWrite,
  batch: readonly PreparedEvent[],
  { progress }: CaptureRun,
  tally: Tally,
): Promise<void> {
  const adding = write.add(batch).then(async (added) => {
    tally.add(added);
    await progress(tally.progress());
  });
  adding.catch(() => undefined); // awaited by the caller after the next batch is prepared
  return adding;
}

/** Prepared events in batches; faulty ones go to the tally. Stops at the first fault of a capture that rolls back. */
async function* batchesOf(run: CaptureRun, tally: Tally): AsyncGenerator<PreparedEvent[]> {
  let batch: PreparedEvent[] = [];
  let [characters, keys] = [0, 0];
  let turnAt = performance.now() + TURN_MILLISECONDS;
  let ignore: ReadonlySet<string> = NOTHING;
  for await (const item of itemsOf(run)) {
    run.signal.throwIfAborted();
    if ("shell" in item) {
      const { isValid, issues } = validateShell(item.shell);
      if (!isValid) {
        const first = issues[0]!; // what is not valid has an issue
        const why = `the document is not valid: ${first.path || "/"}: ${first.reason}`;
        tally.refuse(new Problem("thread/validation", why, { detail: { issues: issues.slice(0, 20) } }));
      } else tally.shell = item.shell;
      continue;
    }
    if ("ignore" in item) {
      ignore = item.ignore;
      continue;
    }
    tally.eventsRead += 1;
    const prepared = takenUp(item.event, ignore, tally);
    if (prepared) {
      batch.push(prepared);
      characters += prepared.body.length;
      keys += prepared.keys.size;
    } else if (run.behaviour === "rollback") return;
    if (batch.length >= BATCH_EVENTS || characters >= BATCH_CHARACTERS || keys >= BATCH_KEYS) {
      yield batch;
      batch = [];
      [characters, keys] = [0, 0];
    }
    if (performance.now() > turnAt) {
      await turn();
      turnAt = performance.now() + TURN_MILLISECONDS;
    }
  }
  if (batch.length > 0 && (run.behaviour === "proceed" || tally.errorCount === 0)) yield batch;
}

const NOTHING: ReadonlySet<string> = new Set();

function takenUp(event: ReadEvent, ignore: ReadonlySet<string>, tally: Tally): PreparedEvent | undefined {
  try {
    return prepareEvent(event, ignore);
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    tally.refuse(error);
    return undefined;
  }
}

type Item = { readonly event: ReadEvent } | { readonly shell: Shell } | { readonly ignore: ReadonlySet<string> };

async function* itemsOf({ chunks, eventsMax }: CaptureRun): AsyncGenerator<Item> {
  let reader: DocumentReader | undefined;
  for await (const chunk of chunks) {
    reader ??= documentReader(chunk, { ...READ_LIMITS, eventsMax });
    for (let i = 0; i < chunk.length; i += PUSH_BYTES)
      for (const event of reader.push(chunk.subarray(i, i + PUSH_BYTES))) yield { event };
  }
  if (!reader) throw new Problem("thread/validation", "the document is empty");
  const { events, shell } = reader.end();
  if (events.length > 0) yield { ignore: ignoredFields(shell.value, shell.namespaces ?? STANDARD_NAMESPACES) };
  for (const event of events) yield { event };
  yield { shell };
}

const PUSH_BYTES = 65_536; // what a reader turns into events at once

class Tally {
  eventsRead = 0;
  errorCount = 0;
  shell: Shell | undefined;
  #stored = 0;
  #known = 0;
  readonly #errors: Json[] = [];

  refuse(problem: Problem): void {
    this.errorCount += 1;
    if (this.#errors.length < ERRORS_KEPT_MAX)
      this.#errors.push({ code: problem.code, detail: problem.message, context: problem.detail as Json }); // details are JSON
  }

  add({ storedCount, known, refused }: Added): void {
    this.#stored += storedCount;
    this.#known += known.length;
    for (const { problem } of refused) this.refuse(problem);
  }

  nothingStored(): void {
    this.#stored = 0;
  }

  progress(): CaptureProgress {
    return {
      success: this.errorCount === 0,
      eventsRead: this.eventsRead,
      eventsStored: this.#stored,
      eventsKnown: this.#known,
      errorCount: this.errorCount,
      errors: [...this.#errors],
    };
  }
}
