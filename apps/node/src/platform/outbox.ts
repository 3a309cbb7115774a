/**
 * Messages between slices and to the outside: written in the transaction that caused them, delivered at least once after
 * its commit, by any one process, in order per key. A consumer must be idempotent: a message may come twice.
 */
import { uuid7 } from "@holdfast/kernel";
import { sql, type Transaction } from "kysely";
import type { Database } from "./database.ts";
import type { Ports } from "./ports.ts";
import type { Log } from "./telemetry.ts";

const POLL_MILLISECONDS = 1_000; // NOTIFY is only a hint, polling is what delivers
const BATCH = 100;
const RETRY_SECONDS_MAX = 3_600;

export interface Message {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly payload: unknown;
}

type Consumer = (message: Message) => Promise<void>;

export class Outbox {
  readonly #database: Database;
  readonly #ports: Ports;
  readonly #log: Log;
  readonly #consumers = new Map<string, Consumer>();
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #stopped = false;

  constructor(options: { database: Database; ports: Ports; log: Log }) {
    this.#database = options.database;
    this.#ports = options.ports;
    this.#log = options.log;
  }

  /** Adds a message in `tx`. */
  async put<Tables>(tx: Transaction<Tables>, message: { topic: string; key: string; payload: unknown }): Promise<void> {
    await sql`insert into platform_outbox (id, topic, key, payload) values (${uuid7(this.#ports)}, ${message.topic}, ${message.key}, ${JSON.stringify(message.payload)}::jsonb)`.execute(
      tx,
    );
  }

  /** Names who takes a topic's messages. Before `start`. */
  consume(topic: string, consumer: Consumer): void {
    this.#consumers.set(topic, consumer);
  }

  start(): void {
    this.#timer = setInterval(() => this.wake(), POLL_MILLISECONDS);
  }

  /** Delivers what is due soon instead of at the next poll; call it after a commit that put something. */
  wake(): void {
    if (this.#stopped || this.#consumers.size === 0) return;
    this.#running ??= this.deliverDue()
      .then(() => undefined)
      .catch((error: unknown) => this.#log.error({ err: error }, "outbox"))
      .finally(() => {
        this.#running = undefined;
      });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Delivers everything due now. @returns how many were delivered */
  async deliverDue(): Promise<number> {
    let delivered = 0;
    for (;;) {
      const count = await this.#database.transaction((tx) => this.#deliverBatch(tx));
      delivered += count;
      if (count === 0 || this.#stopped) return delivered;
    }
  }

  /**
   * Takes the first waiting message of each key, so that none overtakes another; the rows stay locked while they are
   * delivered, so that no other process takes them too. A failure is put off. @returns how many were delivered
   */
  async #deliverBatch(tx: Transaction<Record<never, never>>): Promise<number> {
    const topics = [...this.#consumers.keys()];
    const { rows } = await sql<Message & { attempts: number }>`
      select id, topic, key, payload, attempts from platform_outbox as head
      where not_before <= now() and topic = any(${topics})
        and not exists (select 1 from platform_outbox as earlier where earlier.topic = head.topic and earlier.key = head.key and earlier.position < head.position)
      order by position limit ${BATCH} for update skip locked`.execute(tx);
    let delivered = 0;
    for (const row of rows) {
      try {
        await this.#consumers.get(row.topic)?.(row);
        await sql`delete from platform_outbox where id = ${row.id}`.execute(tx);
        delivered += 1;
      } catch (error) {
        this.#log.warn(
          { topic: row.topic, key: row.key, attempts: row.attempts + 1, err: error },
          "outbox delivery failed",
        );
        const waitSeconds = Math.min(RETRY_SECONDS_MAX, 2 ** Math.min(row.attempts, 12));
        const said = error instanceof Error ? error.message : String(error);
        await sql`
          update platform_outbox set attempts = attempts + 1, not_before = now() + make_interval(secs => ${waitSeconds}), last_problem = ${said.slice(0, 500)}
          where id = ${row.id}`.execute(tx);
      }
    }
    return delivered;
  }
}
