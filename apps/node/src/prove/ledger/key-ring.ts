/**
 * Which keys speak for the node: public halves in the database, where every process sees them, private halves in the
 * key store of the processes that may sign. Rotation overlaps: while two checkpoint keys are active, every checkpoint has
 * both lines, and whoever relies on the log has time to take the new one in. Retired keys stay known for ever.
 */
import { Problem } from "@holdfast/kernel";
import { type NoteKey, parseVkey } from "@holdfast/tlog";
import type { Client } from "./head-store.ts";
import type { HeldKey, KeyAlgorithm, KeyRole, KeyStore } from "./key-file.ts";

export interface KnownKey {
  readonly role: KeyRole;
  readonly vkey: string;
  readonly origin: string | null;
  readonly state: "active" | "retired";
  readonly made_at: Date;
  readonly retired_at: Date | null;
}

const KEYS_MAX = 1_000; // of all time; one a month for a lifetime

export class KeyRing {
  readonly #store: KeyStore;
  #known: readonly KnownKey[] = [];
  #held: readonly HeldKey[] = [];

  constructor(store: KeyStore) {
    this.#store = store;
  }

  /** Reads the public keys anew, and finds the private halves that this process has. */
  async reload(client: Client): Promise<void> {
    const { rows } = await client.query<KnownKey>(
      "select role, vkey, origin, state, made_at, retired_at from ledger_key order by made_at, vkey limit $1",
      [KEYS_MAX],
    );
    this.#known = rows;
    const names = new Map(rows.map(({ role, vkey }) => [`${role} ${noteKeyOf(vkey).name}`, { role, vkey }]));
    this.#held = [...names.values()].flatMap(({ role, vkey }) => this.#store.held(role, noteKeyOf(vkey).name));
  }

  get known(): readonly KnownKey[] {
    return this.#known;
  }

  /** Active keys of `role` that this process can sign with; of checkpoint keys, those of `origin`. */
  signing(role: KeyRole, origin?: string): readonly HeldKey[] {
    const active = this.#known.filter(
      (key) => key.role === role && key.state === "active" && (origin === undefined || key.origin === origin),
    );
    return this.#held.filter(({ role: own, vkey }) => own === role && active.some((key) => key.vkey === vkey));
  }

  /** The public keys that ever signed checkpoints of `origin`. */
  checkpointKeys(origin: string): readonly NoteKey[] {
    return this.#known
      .filter((key) => key.role === "checkpoint" && key.origin === origin)
      .map(({ vkey }) => noteKeyOf(vkey));
  }

  /** Makes a key and makes it known. The private half is safe on disk before the public half is in the database. */
  async add(
    client: Client,
    wish: { role: KeyRole; name: string; algorithm: KeyAlgorithm; origin: string | null; at: Date },
  ): Promise<HeldKey> {
    const made = this.#store.create(wish.role, wish.name, wish.algorithm);
    await client.query(
      "insert into ledger_key (role, vkey, origin, state, made_at) values ($1, $2, $3, 'active', $4)",
      [wish.role, made.vkey, wish.origin, wish.at],
    );
    return made;
  }

  /** @throws Problem `ledger/key-needed` for the last key of its role, `ledger/not-found` for none of ours */
  async retire(client: Client, role: KeyRole, keyId: string, at: Date): Promise<string> {
    const active = this.#known.filter((key) => key.role === role && key.state === "active");
    const key = active.find(({ vkey }) => noteKeyOf(vkey).keyId === keyId);
    if (!key) throw new Problem("ledger/not-found", `there is no active ${role} key \`${keyId}\``);
    const others = active.filter((other) => other !== key && other.origin === key.origin);
    if (!others.some(({ vkey }) => noteKeyOf(vkey).type !== 6))
      throw new Problem("ledger/key-needed", `\`${keyId}\` is the last Ed25519 ${role} key: add another one first`);
    await client.query("update ledger_key set state = 'retired', retired_at = $3 where role = $1 and vkey = $2", [
      role,
      key.vkey,
      at,
    ]);
    return key.vkey;
  }
}

/** Written by this node, so it parses. */
export function noteKeyOf(vkey: string): NoteKey {
  const parsed = parseVkey(vkey);
  if (!parsed.ok) throw parsed.problem;
  return parsed.value;
}
