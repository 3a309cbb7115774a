/**
 * The ledger of a node: takes statements in the transactions of the other slices, brings them into the log, publishes and
 * proves them. Statements are never refused because the log cannot be signed: they wait in the outbox, and the reason is
 * shown. Invariant: nothing signed leaves before the commit that it describes.
 */
import { setTimeout as sleep } from "node:timers/promises";
import { assert, type Json, Problem } from "@holdfast/kernel";
import type { NoteKey } from "@holdfast/tlog";
import type { Transaction } from "kysely";
import type pg from "pg";
import type { Config } from "../../platform/config.ts";
import type { Database } from "../../platform/database.ts";
import type { Ports } from "../../platform/ports.ts";
import type { Log } from "../../platform/telemetry.ts";
import { type Client, type Head, readHead } from "./head-store.ts";
import { checkRegistration } from "./issuer-store.ts";
import type { KeyAlgorithm } from "./key-file.ts";
import type { KeyRing } from "./key-ring.ts";
import { firstStatement, lockLogs, makeLog, putFirst } from "./log-opening.ts";
import { sha256 } from "./native-crypto.ts";
import { type InclusionEvidence, Prover, receiptOf } from "./proof.ts";
import { Sequencer, type StageRunner } from "./sequencer.ts";
import type { SignedHeadFile } from "./signed-head-file.ts";
import { checkOwnEvidence, refuseRollback } from "./start-check.ts";
import { type PreparedStatement, prepareStatements, type StatementInput } from "./statement.ts";
import {
  countWaiting,
  eraseDocument,
  eraseForeignStatement,
  findStatement,
  idOf,
  putStatements,
  type StatementRow,
} from "./statement-store.ts";
import { inTransaction } from "./transaction.ts";
import { WitnessClient } from "./witness-client.ts";
import { putWitnessedLog, type WitnessParts } from "./witness-server.ts";

export interface LedgerParts {
  readonly database: Database;
  readonly ports: Ports;
  readonly config: Config;
  readonly log: Log;
  readonly ring: KeyRing;
  /** What this node's statements are issued by: a URI made of its first log's origin. */
  readonly issuer: string;
  /** The file of the last signed head of the log `origin`. */
  readonly fileOf: (origin: string) => SignedHeadFile;
  readonly run: StageRunner;
  /** How long one request to a witness may take. */
  readonly askMsMax: number;
}

/** `durable`: committed, it will be logged. `published`: in a checkpoint that anyone can fetch. */
export type WaitLevel = "durable" | "published";

export interface Appended {
  /** The statement's id: its entry in hex. */
  readonly id: string;
}

export const WAITING_MAX = 1_000_000; // statements in the outbox; more would hide that nothing is published any more
const ML_DSA_44 = 6; // C2SP signed-note: a cosignature of this type may be the log's own
const PUBLISH_POLL_MS = 25;
const PUBLISH_WAIT_MS_MAX = 30_000;
const RETRY_MS_MAX = 10_000; // between attempts while something is wrong

export class Ledger {
  readonly #parts: LedgerParts;
  readonly witnesses: WitnessClient;
  readonly prover: Prover;
  #sequencer: Sequencer | undefined;
  #origin: string;
  #log: number;
  #refusal: Problem | undefined;
  #checked = false;
  #waiting = 0;
  #stopping = new AbortController();
  #loop: Promise<void> | undefined;
  #wake: (() => void) | undefined;

  constructor(parts: LedgerParts, head: Head) {
    this.#parts = parts;
    this.#origin = head.origin;
    this.#log = head.log;
    this.prover = new Prover(parts.database.pool);
    this.witnesses = new WitnessClient({
      ...parts,
      pool: parts.database.pool,
      prover: this.prover,
      ownKeys: () => this.checkpointKeys(this.#origin),
    });
    this.#sequencer = this.#makeSequencer();
  }

  /** The origin of the open log: the name in its checkpoints. */
  get origin(): string {
    return this.#origin;
  }

  /** Why nothing is signed at present. */
  get refusal(): Problem | undefined {
    return this.#refusal;
  }

  /** What an operator is to know though the node serves; without names, because anyone may read it. */
  notices(): readonly string[] {
    const { missing } = this.witnesses;
    return [
      ...(this.#refusal ? [`the ledger does not grow: ${this.#refusal.code}`] : []),
      ...(missing > 0 ? [`${missing} of the ledger's witnesses missing`] : []),
    ];
  }

  get pool(): pg.Pool {
    return this.#parts.database.pool;
  }

  get log(): Log {
    return this.#parts.log;
  }

  get ring(): KeyRing {
    return this.#parts.ring;
  }

  head(log: number = this.#log): Promise<Head | undefined> {
    return readHead(this.pool, log);
  }

  /** Signs statements of this node. @throws Problem `ledger/no-key` when this process has no statement key */
  prepare(inputs: readonly StatementInput[]): Promise<PreparedStatement[]> {
    const { ring, ports } = this.#parts;
    const [key] = ring.signing("statement");
    if (!key) throw new Problem("ledger/no-key", "this process holds no key for statements");
    return prepareStatements(inputs, { key, issuer: this.issuer, at: ports.clock.now(), random: ports.random });
  }

  get issuer(): string {
    return this.#parts.issuer;
  }

  /** Puts a statement of this node into the outbox of `tx`; when that commits, it is durable. */
  async append<Tables>(tx: Transaction<Tables>, input: StatementInput): Promise<Appended> {
    const [id = ""] = await this.appendAll(tx, [input]);
    return { id };
  }

  /** The same of many statements, signed at once. @returns their ids */
  async appendAll<Tables>(tx: Transaction<Tables>, inputs: readonly StatementInput[]): Promise<string[]> {
    const prepared = await this.prepare(inputs);
    await this.appendPrepared(tx, prepared);
    return prepared.map(({ entry }) => idOf(entry));
  }

  /** Puts statements that `prepare` made into the outbox of `tx`. @throws Problem `ledger/backlog` */
  async appendPrepared<Tables>(tx: Transaction<Tables>, statements: readonly PreparedStatement[]): Promise<void> {
    if (this.#waiting >= WAITING_MAX)
      throw new Problem(
        "ledger/backlog",
        `more than \`${WAITING_MAX}\` statements wait for the log: see why it does not grow`,
      );
    await putStatements(tx, statements, this.#parts.ports.clock.now());
  }

  /**
   * Puts a statement that someone else signed into the outbox of `tx`, after its signature and the registration policy.
   * @throws Problem `ledger/statement-refused` with what is wrong
   */
  async appendSigned<Tables>(tx: Transaction<Tables>, bytes: Uint8Array): Promise<Appended> {
    const prepared = await checkRegistration(this.pool, bytes);
    await this.appendPrepared(tx, [prepared]);
    return { id: idOf(prepared.entry) };
  }

  /** `append` in a transaction of its own. */
  async record(input: StatementInput, options: { wait: WaitLevel } = { wait: "durable" }): Promise<Appended> {
    const prepared = await this.prepare([input]);
    await this.#parts.database.transaction((tx) => this.appendPrepared(tx, prepared));
    const [id = ""] = prepared.map(({ entry }) => idOf(entry));
    if (options.wait === "published") await this.published(id);
    return { id };
  }

  /** Resolves when the statement is in a published checkpoint. @throws Problem `ledger/not-published` after `timeoutMs` */
  async published(id: string, timeoutMs: number = PUBLISH_WAIT_MS_MAX): Promise<void> {
    this.wake();
    const end = performance.now() + timeoutMs;
    for (;;) {
      const row = await this.statement(id);
      if (row.log !== null && row.leaf_index !== null) {
        const head = await this.head(row.log);
        if (head && row.leaf_index < head.published_size) return;
      }
      if (performance.now() > end)
        throw new Problem("ledger/not-published", `the statement \`${id}\` is durable and was not published in time`);
      await sleep(PUBLISH_POLL_MS);
    }
  }

  /** @throws Problem `ledger/not-found`, `ledger/not-published` */
  async proof(id: string): Promise<{ statement: StatementRow; evidence: InclusionEvidence }> {
    const [statement, open] = await Promise.all([this.statement(id), this.head()]);
    const head = statement.log === null || statement.log === open?.log ? open : await this.head(statement.log);
    if (!head || statement.leaf_index === null)
      throw new Problem(
        "ledger/not-published",
        `the statement \`${id}\` is durable and waits for its place in the log`,
      );
    return {
      statement,
      evidence: await this.prover.entry(
        head,
        { index: statement.leaf_index, entry: statement.entry },
        await this.checkpointKeys(head.origin),
      ),
    };
  }

  /** The proof as an RFC 9942 receipt. */
  async receipt(id: string): Promise<Uint8Array> {
    const { statement, evidence } = await this.proof(id);
    const [key] = this.ring.signing("statement");
    if (!key) throw new Problem("ledger/no-key", "this process holds no key for receipts");
    return receiptOf(evidence, statement.entry, { key, origin: `https://${this.#origin}` });
  }

  async checkpointKeys(origin: string): Promise<readonly NoteKey[]> {
    const known = this.ring.checkpointKeys(origin);
    if (known.length > 0) return known;
    await this.ring.reload(this.pool);
    return this.ring.checkpointKeys(origin);
  }

  /**
   * Destroys what a statement is about and says so in the log. Entry, index and proof stay.
   * @throws Problem `ledger/not-found`, `ledger/erased`
   */
  async erase<Tables>(tx: Transaction<Tables>, id: string, reason: string): Promise<Appended> {
    const statement = await this.statement(id);
    const done = statement.issuer === this.issuer ? await eraseDocument(tx, id) : await eraseForeignStatement(tx, id);
    if (!done) throw new Problem("ledger/erased", `what the statement \`${id}\` is about was erased before`);
    return this.append(tx, { kind: "ledger/erased", subject: `urn:sha256:${id}`, payload: { reason, statement: id } });
  }

  /** Statements that wait for their place in the log. */
  countWaiting(): Promise<number> {
    return countWaiting(this.pool, WAITING_MAX);
  }

  /** @throws Problem `ledger/not-found`, `ledger/damaged` when its bytes are not those of its entry */
  async statement(id: string): Promise<StatementRow> {
    const row = await findStatement(this.pool, id);
    if (!row) throw new Problem("ledger/not-found", `there is no statement \`${id}\``);
    if (row.statement && Buffer.compare(sha256(row.statement), row.entry) !== 0)
      throw new Problem("ledger/damaged", `the stored statement \`${id}\` is not what was signed`);
    return row;
  }

  /** How many of `count` witnesses make a checkpoint witnessed. */
  quorum(count: number): number {
    return Math.min(this.#parts.config.witnessQuorum, count);
  }

  /** Begins to witness another ledger of this machine. @returns the key that this node cosigns with */
  async witnessFor(other: Ledger): Promise<{ vkey: string }> {
    for (const { vkey } of other.ring.signing("checkpoint", other.origin))
      await putWitnessedLog(this.pool, vkey, this.#parts.ports.clock.now());
    const [key] = this.ring.signing("witness");
    if (!key) throw new Problem("ledger/no-key", "this process holds no witness key");
    return { vkey: key.vkey };
  }

  /** What this process answers with as a witness of other logs. */
  witnessParts(): WitnessParts {
    return {
      keys: this.ring.signing("witness"),
      now: () => this.#parts.ports.clock.now(),
      keepFork: (origin, reason, checkpoints) => this.witnesses.keepFork(origin, reason, checkpoints),
    };
  }

  /** Begins to sequence and to ask witnesses. A process without the checkpoint key reads and appends only. */
  start(): void {
    assert(!this.#loop, "the ledger is started twice");
    this.#loop = this.#run();
  }

  async stop(): Promise<void> {
    this.#stopping.abort();
    this.wake();
    await this.#loop;
    await this.witnesses.stop();
  }

  /** Looks for statements now instead of at the next beat. */
  wake(): void {
    this.#wake?.();
  }

  /** One beat by hand: checks if need be, takes what waits, publishes. @returns how many statements were taken */
  async beat(): Promise<number> {
    if (!this.#sequencer) return 0;
    if (!this.#checked) await this.check();
    let added = 0;
    for (;;) {
      const batch = await this.#sequencer.batch();
      if (!batch) return added;
      added += batch.added;
      if (this.#stopping.signal.aborted) return added;
    }
  }

  /** The start-up checks, local ones first. @throws Problem with why nothing may be signed; kept in `refusal` */
  async check(options: { trustDatabase?: boolean } = {}): Promise<void> {
    const { ports, config, fileOf } = this.#parts;
    const head = await this.head();
    assert(head, "the open log has a head");
    const file = fileOf(this.#origin).read();
    await checkOwnEvidence(this.pool, head, {
      file,
      keys: await this.checkpointKeys(this.#origin),
      now: ports.clock.now(),
    });
    const { seen, asked, answered } = await this.witnesses.seenHeads(head, await this.checkpointKeys(this.#origin));
    for (const each of seen) refuseRollback(head, each);
    // a backup of the whole home brings the file back with the database: then only a witness can know better
    const isUnsure = head.size > 0 && (asked > 0 ? answered === 0 : !file);
    if (isUnsure && !(options.trustDatabase ?? config.ledgerTrustDatabase)) throw unsure(asked);
    if (isUnsure)
      await this.record({ kind: "ledger/overridden", subject: "urn:holdfast:ledger", payload: { size: head.size } });
    this.#checked = true;
  }

  /** Adds a checkpoint key beside the present ones, or ends one: rotation with overlap. Both are on the log. */
  async addCheckpointKey(algorithm: KeyAlgorithm): Promise<string> {
    return this.#changeKeys(async (client, at) => {
      const made = await this.ring.add(client, {
        role: "checkpoint",
        name: this.#origin,
        algorithm,
        origin: this.#origin,
        at,
      });
      return { vkey: made.vkey, payload: { added: made.vkey } };
    });
  }

  async retireCheckpointKey(keyId: string): Promise<string> {
    return this.#changeKeys(async (client, at) => {
      const vkey = await this.ring.retire(client, "checkpoint", keyId, at);
      return { vkey, payload: { retired: vkey } };
    });
  }

  async #changeKeys(change: (client: Client, at: Date) => Promise<{ vkey: string; payload: Json }>): Promise<string> {
    await this.ring.reload(this.pool);
    const { vkey, payload } = await inTransaction(this.pool, async (client) => {
      await lockLogs(client);
      return change(client, this.#parts.ports.clock.now());
    });
    await this.ring.reload(this.pool);
    await this.record({ kind: "ledger/key-changed", subject: "urn:holdfast:ledger", payload });
    return vkey;
  }

  /**
   * Ends the open log with the checkpoint that it has and opens its successor, whose first statement holds that
   * checkpoint. Statements that wait go to the successor, which has keys of its own, of the same algorithms.
   */
  async freeze(): Promise<{ frozen: string; successor: string }> {
    await this.beat();
    const { ports } = this.#parts;
    const frozen = this.#origin;
    const made = await inTransaction(this.pool, async (client) => {
      await lockLogs(client);
      const { rows } = await client.query<{ checkpoint: Buffer | null }>(
        "select checkpoint from ledger_head where log = $1 and published_size = size limit 1 for update",
        [this.#log],
      );
      const checkpoint = rows[0]?.checkpoint;
      if (!checkpoint)
        throw new Problem("ledger/not-published", "the log has entries that are not published: try again");
      const at = ports.clock.now();
      await client.query("update ledger_log set state = 'frozen', frozen_at = $2 where id = $1", [this.#log, at]);
      const origin = `${frozen.replace(/\/\d+$/, "")}/${this.#log + 1}`;
      const hasMlDsa44 = this.ring.signing("checkpoint", frozen).some(({ key }) => key.type === ML_DSA_44);
      const id = await makeLog(client, this.ring, { origin, at });
      if (hasMlDsa44)
        await this.ring.add(client, { role: "checkpoint", name: origin, algorithm: "ml-dsa-44", origin, at });
      for (const first of await this.prepare([firstStatement(origin, { origin: frozen, checkpoint })]))
        await putFirst(client, first, at);
      return { id, origin };
    });
    await this.ring.reload(this.pool);
    this.#log = made.id;
    this.#origin = made.origin;
    this.#sequencer = this.#makeSequencer();
    return { frozen, successor: made.origin };
  }

  #makeSequencer(): Sequencer | undefined {
    const { database, ring, fileOf, ports, run } = this.#parts;
    const [origin, log] = [this.#origin, this.#log];
    if (ring.signing("checkpoint", origin).length === 0) return undefined;
    return new Sequencer({
      pool: database.pool,
      log,
      origin,
      keys: () => ring.signing("checkpoint", origin),
      file: fileOf(origin),
      now: () => ports.clock.now(),
      run,
    });
  }

  async #run(): Promise<void> {
    const { config, log } = this.#parts;
    if (!this.#sequencer)
      log.warn(
        { origin: this.#origin },
        "this process has no checkpoint key: it appends and reads, another one sequences",
      );
    let failures = 0;
    while (!this.#stopping.signal.aborted) {
      try {
        await this.#followLog();
        await this.beat();
        this.#waiting = await countWaiting(this.pool, WAITING_MAX);
        if (this.#sequencer) this.witnesses.wake(this.#log);
        this.#refusal = undefined;
        failures = 0;
      } catch (error) {
        failures += 1;
        const problem =
          error instanceof Problem
            ? error
            : new Problem("ledger/failed", error instanceof Error ? error.message : "failed");
        if (this.#refusal?.message !== problem.message)
          log.error({ err: error, code: problem.code }, "the ledger does not grow");
        this.#refusal = problem;
      }
      await this.#pause(failures === 0 ? config.ledgerBatchMilliseconds : Math.min(RETRY_MS_MAX, 100 * 2 ** failures));
    }
  }

  /** Another process may have frozen the log, or added a key. */
  async #followLog(): Promise<void> {
    const head = await readHead(this.pool);
    if (!head || head.log === this.#log) return;
    await this.ring.reload(this.pool);
    this.#log = head.log;
    this.#origin = head.origin;
    this.#checked = false;
    this.#sequencer = this.#makeSequencer();
  }

  async #pause(milliseconds: number): Promise<void> {
    if (this.#stopping.signal.aborted) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, milliseconds);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = undefined;
  }
}

function unsure(witnesses: number): Problem {
  return new Problem(
    "ledger/unsure",
    witnesses === 0
      ? "neither the file of the last signed head nor a witness remembers this log: signing could fork it; let a witness answer, or set ledgerTrustDatabase once"
      : `none of \`${witnesses}\` witnesses says what it has seen of this log: if the home was restored from a backup, signing would fork it; let a witness answer, or remove those that are gone, or set ledgerTrustDatabase once`,
  );
}
