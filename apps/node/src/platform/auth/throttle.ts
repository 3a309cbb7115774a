/**
 * Slows the guessing of passwords, per account and per address, over all processes of a node. An attempt is counted before
 * it is judged, so that guesses at once don't slip through. Passkeys and single sign-on don't count: whoever is locked out
 * of an account by a stranger's guesses still has those.
 */
import { createHash } from "node:crypto";
import { Problem } from "@holdfast/kernel";
import { addressBlock } from "../address-block.ts";
import { type AuthParts, authDb, later, MINUTE, SECOND } from "./parts.ts";
import { countAttempt, forgetAttempts, giveAttemptBack } from "./session-store.ts";

export const ACCOUNT_ATTEMPTS_MAX = 10; // wrong passwords for one account in a window
export const ADDRESS_ATTEMPTS_MAX = 60; // and from one address, behind which a whole office may sit
export const WINDOW_MINUTES = 15;

/** Who is guessed and from where; without an address only the account counts. */
export interface Attempt {
  readonly email: string;
  readonly address?: string;
}

/** Counts an attempt. @throws Problem `account/too-many-attempts` with the seconds to wait */
export async function countSignInAttempt(parts: AuthParts, attempt: Attempt): Promise<void> {
  if (attempt.address !== undefined) await count(parts, addressKey(attempt.address), ADDRESS_ATTEMPTS_MAX);
  await count(parts, accountKey(attempt.email), ACCOUNT_ATTEMPTS_MAX);
}

/** The attempt was right: the account starts anew, the address gets this one attempt back. */
export async function clearSignInAttempts(parts: AuthParts, attempt: Attempt): Promise<void> {
  await forgetAttempts(authDb(parts), accountKey(attempt.email));
  if (attempt.address !== undefined) await giveAttemptBack(authDb(parts), addressKey(attempt.address));
}

async function count(parts: AuthParts, key: Buffer, attemptsMax: number): Promise<void> {
  const now = parts.ports.clock.now();
  const { attempts, endsAt } = await countAttempt(authDb(parts), {
    key,
    now,
    windowEndsAt: later(now, WINDOW_MINUTES * MINUTE),
  });
  if (attempts <= attemptsMax) return;
  const retryAfterSeconds = Math.max(1, Math.ceil((endsAt.getTime() - now.getTime()) / SECOND));
  throw new Problem("account/too-many-attempts", `too many attempts to sign in: wait \`${retryAfterSeconds}\` s`, {
    detail: { retryAfterSeconds },
  });
}

function accountKey(email: string): Buffer {
  return createHash("sha256").update(`account ${email}`).digest();
}

function addressKey(address: string): Buffer {
  return createHash("sha256")
    .update(`address ${addressBlock(address)}`)
    .digest();
}
