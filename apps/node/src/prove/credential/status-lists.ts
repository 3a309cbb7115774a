/**
 * This node's status lists: each credential that it issues gets a random place in one, so that the place tells nothing of
 * when it was issued. A list is signed when somebody asks and its last signature is old or a revocation came since.
 */
import { issueVcJwt, MIN_LIST_BITS, statusListCredential, withBits } from "@holdfast/credential";
import { Problem } from "@holdfast/kernel";
import type { Database } from "../../platform/database.ts";
import type { Ports } from "../../platform/ports.ts";
import type { Identity, Issuer } from "./identity.ts";
import { type Db, isTaken, keepSigned, openList, readList, revokedIndices } from "./store.ts";

/** A list takes this many credentials, half of its places: then random places stay quick to find. */
export const LIST_CREDENTIALS_MAX = MIN_LIST_BITS / 2;
const TRIES = 100; // with half of the places free, all fail once in 10^30
const SIGN_AGAIN_MS = 12 * 3_600_000;
const VALID_MS = 7 * 24 * 3_600_000; // a copy that somebody kept back is worth nothing after this

export interface Place {
  readonly list: number;
  readonly index: number;
  readonly url: string;
}

export class StatusLists {
  readonly #database: Database;
  readonly #ports: Ports;
  readonly #identity: Identity;

  constructor(parts: { database: Database; ports: Ports; identity: Identity }) {
    this.#database = parts.database;
    this.#ports = parts.ports;
    this.#identity = parts.identity;
  }

  /** A free place in a list of `issuer`. */
  async place(tx: Db, issuer: string): Promise<Place> {
    const list = await openList(tx, issuer, LIST_CREDENTIALS_MAX, this.#ports.clock.now());
    for (let i = 0; i < TRIES; i++) {
      const bytes = this.#ports.random.bytes(4);
      const index = new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0) % MIN_LIST_BITS; // a power of two: no bias
      if (!(await isTaken(tx, list, index))) return { list, index, url: this.#identity.listUrl(list) };
    }
    throw new Problem("credential/status-full", `no free place was found in status list \`${list}\``);
  }

  /** The list as a signed credential; undefined when there is none. @throws Problem `credential/no-key` */
  async signed(id: number): Promise<string | undefined> {
    const now = this.#ports.clock.now();
    const known = await readList(this.#database.tables(), id);
    if (!known) return undefined;
    if (known.signed !== null && known.signedAt && now.getTime() - known.signedAt.getTime() < SIGN_AGAIN_MS)
      return known.signed;
    return this.#database.transaction<Record<never, never>, string>(async (tx) => {
      await readList(tx, id, { lock: true }); // a revocation that commits while this signs would be lost otherwise
      const signed = await this.#sign(tx, id, known.issuer);
      await keepSigned(tx, id, signed, now);
      return signed;
    });
  }

  /** A list as it is before anything in it was revoked: by which a credential that is being issued is checked. */
  empty(id: number): Promise<string> {
    return this.#signBits(id, this.#identity.issuer(), []);
  }

  async #sign(tx: Db, id: number, listIssuer: string): Promise<string> {
    const issuer = this.#identity.issuer();
    if (issuer.did !== listIssuer)
      throw new Problem(
        "credential/no-key",
        `status list \`${id}\` is issued by \`${listIssuer}\`, whose key is not here`,
      );
    return this.#signBits(id, issuer, await revokedIndices(tx, id, MIN_LIST_BITS));
  }

  async #signBits(id: number, { did, kid, signer }: Issuer, revoked: readonly number[]): Promise<string> {
    const now = this.#ports.clock.now();
    const credential = await statusListCredential({
      id: this.#identity.listUrl(id),
      issuer: did,
      purpose: "revocation",
      bits: withBits(new Uint8Array(MIN_LIST_BITS / 8), revoked),
      validFrom: secondsOf(now),
      validUntil: secondsOf(new Date(now.getTime() + VALID_MS)),
    });
    return issueVcJwt(credential, { kid, signer });
  }
}

/** An instant without fractions, as most readers of credentials expect it. */
export function secondsOf(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, "Z");
}
