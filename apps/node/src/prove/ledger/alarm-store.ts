/**
 * Alarms about witnesses that owe a cosignature: raised once when one is silent for longer than the node allows, cleared
 * once when it cosigns again or is asked no more. Of several processes that look at once, one raises it, because the row
 * decides.
 */
import type { Client } from "./head-store.ts";

export interface Alarm {
  readonly kind: string;
  /** The witness's name. */
  readonly subject: string;
  readonly since: Date;
  readonly raised_at: Date;
  readonly cleared_at: Date | null;
  readonly message: string;
}

const ALARMS_MAX = 1_000; // shown; as many as witnesses may be configured, and their history

/** Raises what is due: witnesses that owe since before `since` and of which no alarm is open. @returns the new ones */
export async function raiseAlarms(client: Client, at: { now: Date; since: Date }): Promise<readonly Alarm[]> {
  const { rows } = await client.query<Alarm>(
    `insert into ledger_alarm (kind, subject, since, raised_at, message)
     select 'witness-missing', name, owes_since, $1, coalesce(last_problem, 'it does not answer')
     from ledger_witness where owes_since < $2 order by name limit ${ALARMS_MAX}
     on conflict (kind, subject) where cleared_at is null do nothing
     returning kind, subject, since, raised_at, cleared_at, message`,
    [at.now, at.since],
  );
  return rows;
}

/** Clears the alarms of witnesses that owe nothing any more. @returns the cleared ones */
export async function clearAlarms(client: Client, now: Date): Promise<readonly Alarm[]> {
  const { rows } = await client.query<Alarm>(
    `update ledger_alarm a set cleared_at = $1 where cleared_at is null
       and not exists (select 1 from ledger_witness w where w.name = a.subject and w.owes_since is not null)
     returning kind, subject, since, raised_at, cleared_at, message`,
    [now],
  );
  return rows;
}

/** Open alarms, then the newest cleared ones. */
export async function listAlarms(client: Client, limit = ALARMS_MAX): Promise<readonly Alarm[]> {
  const { rows } = await client.query<Alarm>(
    `select kind, subject, since, raised_at, cleared_at, message from ledger_alarm
     order by (cleared_at is null) desc, id desc limit $1`,
    [limit],
  );
  return rows;
}
