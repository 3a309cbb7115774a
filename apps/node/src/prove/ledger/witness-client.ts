/**
 * Asks the configured witnesses to cosign, C2SP tlog-witness, after a checkpoint is published and never before. A witness
 * is not trusted: its reply counts when its signature verifies, its sizes only decide which proof it is sent, and how
 * long it takes is bounded. What it has seen and this node has not is evidence against this node.
 */
import { Problem, uuid7 } from "@holdfast/kernel";
import {
  addCosignatures,
  formatAddCheckpoint,
  formatForkProof,
  type NoteKey,
  openCheckpoint,
  openNote,
  parseSizeReply,
  parseVkey,
  witnessedCheckpointPath,
} from "@holdfast/tlog";
import type pg from "pg";
import type { Config } from "../../platform/config.ts";
import type { Ports } from "../../platform/ports.ts";
import type { Log } from "../../platform/telemetry.ts";
import { clearAlarms, listAlarms, raiseAlarms } from "./alarm-store.ts";
import { putFork } from "./fork-store.ts";
import { type Head, readHead } from "./head-store.ts";
import { nativeVerifier } from "./native-crypto.ts";
import type { Prover } from "./proof.ts";
import type { SeenHead } from "./start-check.ts";
import { inTransaction } from "./transaction.ts";

export interface WitnessClientParts {
  readonly pool: pg.Pool;
  readonly ports: Ports;
  readonly config: Config;
  readonly log: Log;
  readonly prover: Prover;
  /** How long one request may take. */
  readonly askMsMax: number;
  /** The keys that sign this log's checkpoints. */
  readonly ownKeys: () => Promise<readonly NoteKey[]>;
}

export interface RetiredWitnessKey {
  readonly name: string;
  readonly vkey: string;
  readonly added_at: Date;
  readonly retired_at: Date;
}

export interface WitnessRow {
  readonly name: string;
  readonly vkey: string;
  readonly url: string;
  readonly size: number;
  readonly cosigned_at: Date | null;
  readonly owes_since: Date | null;
  readonly last_problem: string | null;
}

const WITNESSES_MAX = 64; // bounds the requests for one checkpoint
export const ASK_MS_MAX = 5_000; // a witness that stalls holds up nobody for longer
const ATTEMPTS_MAX = 3; // a 409 says which size to prove from; one that says so for ever is left alone
const REPLY_BYTES_MAX = 500_000;
const ASK_AGAIN_MS = 2_000; // between rounds while a witness owes a cosignature
const JUDGE_MS = 1_000; // between looks at who is missing
const RETIRED_KEYS_MAX = 1_000; // shown; one a month for a lifetime

export class WitnessClient {
  readonly #parts: WitnessClientParts;
  #round: Promise<void> | undefined;
  #notBefore = 0;
  #judgeNotBefore = 0;
  #missing = 0;
  #stopped = false;

  constructor(parts: WitnessClientParts) {
    this.#parts = parts;
  }

  async list(): Promise<readonly WitnessRow[]> {
    const { rows } = await this.#parts.pool.query<WitnessRow>(
      "select name, vkey, url, size, cosigned_at, owes_since, last_problem from ledger_witness order by name limit $1",
      [WITNESSES_MAX],
    );
    return rows;
  }

  /** Keys that witnesses had and that nothing new is checked with, newest first. */
  async retiredKeys(): Promise<readonly RetiredWitnessKey[]> {
    const { rows } = await this.#parts.pool.query<RetiredWitnessKey>(
      "select name, vkey, added_at, retired_at from ledger_witness_key where retired_at is not null order by retired_at desc, vkey limit $1",
      [RETIRED_KEYS_MAX],
    );
    return rows;
  }

  /**
   * Adds a witness, or changes its key or address; a key that it had before is kept as retired.
   * @throws Problem `ledger/key-malformed`, `ledger/key-in-use`, `ledger/too-many-witnesses`
   */
  async put(wish: { name: string; vkey: string; url: string }): Promise<void> {
    const { pool, ports, ownKeys } = this.#parts;
    const key = parseVkey(wish.vkey);
    if (!key.ok) throw new Problem("ledger/key-malformed", key.problem.message);
    if (key.value.type === 1)
      throw new Problem("ledger/key-malformed", "an Ed25519 log key does not cosign: a witness key has type 4 or 6");
    const publicKey = Buffer.from(key.value.publicKey).toString("hex");
    if ((await ownKeys()).some((own) => Buffer.from(own.publicKey).toString("hex") === publicKey))
      throw new Problem("ledger/key-in-use", "a key that signs this log's checkpoints cannot witness them");
    const others = await this.list();
    if (others.filter(({ name }) => name !== wish.name).length >= WITNESSES_MAX)
      throw new Problem("ledger/too-many-witnesses", `a log asks at most \`${WITNESSES_MAX}\` witnesses`);
    const at = ports.clock.now();
    await inTransaction(pool, async (client) => {
      await client.query(
        "update ledger_witness_key set retired_at = $3 where name = $1 and vkey <> $2 and retired_at is null",
        [wish.name, wish.vkey, at],
      );
      const { rowCount } = await client.query(
        `insert into ledger_witness_key as known (vkey, name, public_key, added_at)
         select $1, $2, $3, $4 where not exists (
           select 1 from ledger_witness_key where public_key = $3 and retired_at is null and name <> $2)
         on conflict (vkey) do update set retired_at = null where known.name = excluded.name`,
        [wish.vkey, wish.name, publicKey, at],
      );
      if (rowCount !== 1)
        throw new Problem("ledger/key-in-use", "another witness has this key: one key counts as one witness");
      await client.query(
        `insert into ledger_witness (name, vkey, url, added_at) values ($1, $2, $3, $4)
         on conflict (name) do update set vkey = excluded.vkey, url = excluded.url, size = 0, owes_since = null, last_problem = null`,
        [wish.name, wish.vkey, wish.url.replace(/\/+$/, ""), at],
      );
    });
    this.#notBefore = 0;
  }

  async remove(name: string): Promise<void> {
    const { pool, ports } = this.#parts;
    await inTransaction(pool, async (client) => {
      const { rowCount } = await client.query("delete from ledger_witness where name = $1", [name]);
      if (rowCount !== 1) throw new Problem("ledger/not-found", `there is no witness \`${name}\``);
      await client.query("update ledger_witness_key set retired_at = $2 where name = $1 and retired_at is null", [
        name,
        ports.clock.now(),
      ]);
    });
  }

  /** How many witnesses were missing when this process last looked. */
  get missing(): number {
    return this.#missing;
  }

  /** Raises and clears the alarms about witnesses; says each change once. */
  async judge(): Promise<void> {
    const { pool, ports, config, log } = this.#parts;
    const now = ports.clock.now();
    const since = new Date(now.getTime() - config.witnessAlarmMinutes * 60_000);
    for (const { subject, since: from, message } of await raiseAlarms(pool, { now, since }))
      log.warn({ witness: subject, since: from.toISOString(), problem: message }, "a witness is missing");
    for (const { subject, since: from } of await clearAlarms(pool, now))
      log.info({ witness: subject, since: from.toISOString() }, "a witness is not missing any more");
    this.#missing = (await listAlarms(pool)).filter(({ cleared_at }) => !cleared_at).length;
  }

  /**
   * What the witnesses published of this log, and how many of them answered: one that never cosigned it and says so has.
   * A fork among it is kept as evidence.
   */
  async seenHeads(
    head: Head,
    logKeys: readonly NoteKey[],
  ): Promise<{ seen: readonly SeenHead[]; asked: number; answered: number }> {
    const witnesses = await this.list();
    let answered = 0;
    const seen = await Promise.all(
      witnesses.map(async (witness) => {
        const url = `${witness.url}/${witnessedCheckpointPath(head.origin)}`;
        const { status, body: note } = await this.#get(url).catch(() => ({ status: 0, body: new Uint8Array() }));
        if (status === 404 && witness.size === 0) answered += 1;
        if (status !== 200) return [];
        const opened = openCheckpoint(note, logKeys, [], nativeVerifier);
        if (!opened.ok) return []; // not signed by this log, so nothing against it
        answered += 1;
        const { size, root } = opened.value.checkpoint;
        if (size === BigInt(head.size) && head.checkpoint && Buffer.compare(root, head.root) !== 0)
          await this.keepFork(head.origin, `witness ${witness.name} cosigned another tree of ${size} entries`, [
            head.checkpoint,
            note,
          ]);
        return [{ by: `the witness \`${witness.name}\``, size, root }];
      }),
    );
    return { seen: seen.flat(), asked: witnesses.length, answered };
  }

  async keepFork(origin: string, reason: string, checkpoints: readonly [Uint8Array, Uint8Array]): Promise<void> {
    const { pool, ports } = this.#parts;
    const proof = formatForkProof({ checkpoints });
    await putFork(pool, { id: uuid7(ports), origin, foundAt: ports.clock.now(), reason, proof });
  }

  /** Begins a round in the background when one is due and none runs. */
  wake(log: number): void {
    if (this.#stopped || this.#round) return;
    const [asks, judges] = [performance.now() >= this.#notBefore, performance.now() >= this.#judgeNotBefore];
    if (!asks && !judges) return;
    if (judges) this.#judgeNotBefore = performance.now() + JUDGE_MS;
    this.#round = (asks ? this.ask(log) : Promise.resolve())
      .then(() => (judges ? this.judge() : undefined))
      .catch((error: unknown) => this.#parts.log.warn({ err: error }, "asking witnesses"))
      .finally(() => {
        this.#round = undefined;
      });
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    await this.#round;
  }

  /** Asks every witness for the published checkpoint that the quorum or one of them lacks. */
  async ask(log: number): Promise<void> {
    const { pool, ports, config } = this.#parts;
    const head = await readHead(pool, log);
    const witnesses = await this.list();
    if (!head?.published || witnesses.length === 0) return;
    const owing = witnesses.filter(({ size }) => size < head.published_size);
    if (owing.length === 0 && head.witnessed_size === head.published_size) return;
    const asked = head.witnessed_size === head.published_size ? owing : witnesses;
    const replies = await Promise.all(asked.map((witness) => this.#askOne(head, witness)));
    if (replies.some((reply) => !reply)) this.#notBefore = performance.now() + ASK_AGAIN_MS;
    let note: Uint8Array =
      head.witnessed && head.witnessed_size === head.published_size ? head.witnessed : head.published;
    for (const reply of replies) if (reply) note = reply(note);
    const cosigned = openNote(note, keysOf(witnesses), nativeVerifier);
    // a witness counts once, however many lines it has
    const count = cosigned.ok ? new Set(cosigned.value.verified.map(({ key }) => key.publicKey)).size : 0;
    if (count === 0 || count < Math.min(config.witnessQuorum, witnesses.length)) return;
    await pool.query(
      `with cosigned as (
         update ledger_head set witnessed = $3, witnessed_size = $2, witnessed_at = $4
         where log = $1 and witnessed_size <= $2 returning log)
       update ledger_release set witnessed_at = $4
       where log in (select log from cosigned) and size = $2 and witnessed_at is null`,
      [log, head.published_size, note, ports.clock.now()],
    );
  }

  /** @returns what adds the witness's lines to the checkpoint; undefined when it did not cosign */
  async #askOne(head: Head, witness: WitnessRow): Promise<((note: Uint8Array) => Uint8Array) | undefined> {
    const { pool, ports } = this.#parts;
    try {
      const body = await this.#cosignature(head, witness);
      const add = (note: Uint8Array): Uint8Array => {
        const added = addCosignatures(note, body, keysOf([witness]), nativeVerifier);
        if (!added.ok) throw added.problem;
        return added.value.checkpoint;
      };
      add(head.published!); // ask() returned before without a published checkpoint
      await pool.query(
        "update ledger_witness set size = $2, cosigned_at = $3, owes_since = null, last_problem = null where name = $1",
        [witness.name, head.published_size, ports.clock.now()],
      );
      return add;
    } catch (error) {
      const why = error instanceof Error ? error.message : "failed";
      await pool.query(
        "update ledger_witness set owes_since = coalesce(owes_since, $2), last_problem = $3 where name = $1",
        [witness.name, ports.clock.now(), why.slice(0, 500)],
      );
      return undefined;
    }
  }

  async #cosignature(head: Head, witness: WitnessRow): Promise<Uint8Array> {
    let old = Math.min(witness.size, head.published_size);
    for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt++) {
      const path = old === 0 ? [] : await this.#parts.prover.growth(head.log, BigInt(old), BigInt(head.published_size));
      const checkpoint = new Uint8Array(head.published!); // as above
      const answer = await fetch(`${witness.url}/add-checkpoint`, {
        method: "POST",
        headers: { "content-type": "text/plain; charset=utf-8" },
        body: Buffer.from(formatAddCheckpoint({ oldSize: BigInt(old), path, checkpoint })),
        redirect: "error",
        signal: AbortSignal.timeout(this.#parts.askMsMax),
      });
      const body = await bytesOf(answer);
      if (answer.status === 200) return body;
      if (answer.status !== 409)
        throw new Problem(
          "ledger/witness",
          `status \`${answer.status}\`: ${Buffer.from(body.subarray(0, 200)).toString("utf8").trim()}`,
        );
      const size = parseSizeReply(body);
      if (!size.ok) throw size.problem;
      if (size.value > BigInt(head.published_size))
        throw new Problem(
          "ledger/witness",
          `it says that it has seen \`${size.value}\` entries, and \`${head.published_size}\` are published`,
        );
      old = Number(size.value);
    }
    throw new Problem("ledger/witness", `it answered 409 \`${ATTEMPTS_MAX}\` times`);
  }

  async #get(url: string): Promise<{ status: number; body: Uint8Array }> {
    const answer = await fetch(url, { redirect: "error", signal: AbortSignal.timeout(this.#parts.askMsMax) });
    return { status: answer.status, body: await bytesOf(answer) };
  }
}

export function keysOf(witnesses: readonly Pick<WitnessRow, "vkey">[]): readonly NoteKey[] {
  return witnesses.flatMap(({ vkey }) => {
    const key = parseVkey(vkey);
    return key.ok ? [key.value] : [];
  });
}

async function bytesOf(answer: Response): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  let size = 0;
  for await (const part of answer.body ?? []) {
    size += part.length;
    if (size > REPLY_BYTES_MAX)
      throw new Problem("ledger/witness", `a reply of more than \`${REPLY_BYTES_MAX}\` bytes`);
    parts.push(part);
  }
  return new Uint8Array(Buffer.concat(parts));
}
