/** What every file of this room is given: the node's database, time, randomness, configuration and log. */
import type { Config } from "../config.ts";
import type { Evidence } from "../evidence.ts";
import type { Database } from "../database.ts";
import type { Ports } from "../ports.ts";
import type { Log } from "../telemetry.ts";
import type { AuthDb, AuthTables, AuthTx } from "./tables.ts";

export interface AuthParts {
  readonly database: Database;
  readonly ports: Ports;
  readonly config: Config;
  readonly log: Log;
  /** Where grants of access are put on record. */
  readonly evidence?: Evidence;
}

/** The pool, as this room's tables. */
export function authDb(parts: AuthParts): AuthDb {
  return parts.database.tables<AuthTables>();
}

/** One transaction on this room's tables; run again from the start when it lost a race. */
export function inTransaction<Value>(parts: AuthParts, work: (tx: AuthTx) => Promise<Value>): Promise<Value> {
  return parts.database.transaction<AuthTables, Value>(work);
}

export const SECOND = 1_000; // in milliseconds, as are the next three
export const MINUTE = 60 * SECOND;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

/** The instant `milliseconds` after `from`, or before it when negative. */
export function later(from: Date, milliseconds: number): Date {
  return new Date(from.getTime() + milliseconds);
}
