/**
 * Keeps bad credentials away from the database: whoever has sent too many within a minute is refused before the next one is
 * looked up. Counted in the memory of this process, by address; a credential that was good lately passes, so that nobody
 * is locked out by a neighbour behind the same address.
 */
import type { Clock } from "@holdfast/kernel";
import { addressBlock } from "../address-block.ts";
import { MINUTE } from "./parts.ts";
import { secretHash } from "./secret.ts";

const ADDRESSES_MAX = 10_000; // counted at once; beyond that all counts start anew
const GOOD_MAX = 10_000; // remembered; the oldest are forgotten first

export class CredentialGate {
  readonly #clock: Clock;
  readonly #refusedMax: number;
  #windowEndsAt = 0;
  readonly #refused = new Map<string, number>();
  readonly #good = new Set<string>();

  /** `refusedMax`: bad credentials of one address within a minute. */
  constructor({ clock, refusedMax }: { clock: Clock; refusedMax: number }) {
    this.#clock = clock;
    this.#refusedMax = refusedMax;
  }

  /** Whether `credential` may be looked up; else the seconds to wait. */
  admits(address: string, credential: string): { readonly retryAfterSeconds: number } | undefined {
    const now = this.#clock.now().getTime();
    if (now >= this.#windowEndsAt) {
      this.#windowEndsAt = now + MINUTE;
      this.#refused.clear();
    }
    if ((this.#refused.get(addressBlock(address)) ?? 0) < this.#refusedMax || this.#good.has(nameOf(credential)))
      return undefined;
    return { retryAfterSeconds: Math.ceil((this.#windowEndsAt - now) / 1_000) };
  }

  noteGood(credential: string): void {
    const name = nameOf(credential);
    if (this.#good.has(name)) return;
    if (this.#good.size >= GOOD_MAX)
      for (const oldest of [...this.#good].slice(0, GOOD_MAX / 10)) this.#good.delete(oldest);
    this.#good.add(name);
  }

  noteBad(address: string, credential: string): void {
    this.#good.delete(nameOf(credential));
    const block = addressBlock(address);
    if (this.#refused.size >= ADDRESSES_MAX && !this.#refused.has(block)) this.#refused.clear();
    this.#refused.set(block, (this.#refused.get(block) ?? 0) + 1);
  }
}

/** Short enough to keep many, and no secret. */
function nameOf(credential: string): string {
  return secretHash(credential).toString("latin1", 0, 16);
}
