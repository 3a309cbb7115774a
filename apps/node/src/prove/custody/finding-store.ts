/** Findings in the database. They are never deleted: what no longer holds is `undone`, what people decided stays readable. */
import { sql } from "kysely";
import type { custody as contract } from "@holdfast/api";
import { uuid7 } from "@holdfast/kernel";
import type { Ports } from "../../platform/ports.ts";
import type { FoundRow, Judgement } from "./judgement.ts";
import type { Db } from "./store.ts";

export interface FindingRecord {
  readonly id: string;
  readonly version: number;
  readonly rule: string;
  readonly subject: string;
  readonly is_thing: boolean;
  readonly at: Date;
  readonly place: string | null;
  readonly amount: string | null;
  readonly unit: string | null;
  readonly explanation: string;
  readonly events: readonly string[];
  readonly state: contract.Finding["state"];
  readonly assignee: string | null;
  readonly assignee_name: string | null;
  readonly outcome: contract.Finding["outcome"];
  readonly reason: string | null;
  readonly decided_at: Date | null;
  readonly decided_by: string | null;
  readonly reopened: number;
  readonly found_at: Date;
  readonly changed_at: Date;
}

const COLUMNS = sql`id, version, rule, subject, is_thing, at, place, amount::text as amount, unit, explanation, events, state,
  assignee, assignee_name, outcome, reason, decided_at, decided_by, reopened, found_at, changed_at`;

export async function readFinding(db: Db, id: string, { lock = false } = {}): Promise<FindingRecord | undefined> {
  const { rows } = await sql<FindingRecord>`
    select ${COLUMNS} from custody_finding where id = ${id}::uuid limit 1 ${lock ? sql`for update` : sql``}`.execute(
    db,
  );
  return rows[0];
}

export interface FindingFilter {
  readonly state?: string | undefined;
  readonly rule?: string | undefined;
  readonly subjects?: readonly string[] | undefined;
  /** An id, or null for those that nobody has taken on. */
  readonly assignee?: string | null | undefined;
}

export async function listFindingRecords(
  db: Db,
  { state, rule, subjects, assignee }: FindingFilter,
  page: { readonly before: string | undefined; readonly limit: number },
): Promise<FindingRecord[]> {
  const { rows } = await sql<FindingRecord>`
    select ${COLUMNS} from custody_finding
    where true ${state === undefined ? sql`` : sql`and state = ${state}`}
      ${rule === undefined ? sql`` : sql`and rule = ${rule}`}
      ${subjects === undefined ? sql`` : sql`and subject = any(${[...subjects]}::text[])`}
      ${assignee === undefined ? sql`` : assignee === null ? sql`and assignee is null` : sql`and assignee = ${assignee}`}
      ${page.before === undefined ? sql`` : sql`and id < ${page.before}::uuid`}
    order by id desc limit ${page.limit}`.execute(db);
  return rows;
}

export async function countByRule(db: Db): Promise<{ rule: string; open: number; resolved: number; undone: number }[]> {
  const { rows } = await sql<{ rule: string; open: number; resolved: number; undone: number }>`
    select rule, count(*) filter (where state = 'open')::int as open,
      count(*) filter (where state = 'resolved')::int as resolved, count(*) filter (where state = 'undone')::int as undone
    from custody_finding group by rule order by rule limit 1000`.execute(db);
  return rows;
}

/** What changed when findings were compared with what is kept. */
export interface FindingChanges {
  readonly found: readonly string[];
  readonly reopened: readonly string[];
  readonly undone: readonly string[];
}

interface Kept {
  readonly id: string;
  readonly rule: string;
  readonly subject: string;
  readonly first_event: string;
  readonly ordinal: number;
  readonly digest: string;
  readonly state: contract.Finding["state"];
}

/** Brings the kept findings about the dirty things and events to what was found. */
export async function settleFindings(
  tx: Db,
  { found, dirty, dirtyEvents }: Judgement,
  { ports, now }: { ports: Ports; now: Date },
): Promise<FindingChanges> {
  const kept = await keptAbout(tx, dirty, dirtyEvents);
  const keyOf = (row: { rule: string; subject: string; ordinal: number }, first: string) =>
    JSON.stringify([row.rule, row.subject, first, row.ordinal]);
  const byKey = new Map(kept.map((row) => [keyOf(row, row.first_event), row]));
  const changes = { found: [] as string[], reopened: [] as string[], undone: [] as string[] };
  for (const row of found) {
    const key = keyOf(row, row.firstEvent);
    const known = byKey.get(key);
    byKey.delete(key);
    if (!known) {
      const id = uuid7(ports);
      await insertFinding(tx, id, row, now);
      changes.found.push(id);
    } else if (known.digest !== row.digest || known.state === "undone") {
      await renewFinding(tx, known.id, row, { now, isReopened: known.state !== "open" });
      if (known.state !== "open") changes.reopened.push(known.id);
    }
  }
  for (const { id, state } of byKey.values()) if (state !== "undone") changes.undone.push(id);
  await sql`update custody_finding set state = 'undone', version = version + 1, changed_at = ${now}
    where id = any(${changes.undone}::uuid[])`.execute(tx);
  return changes;
}

async function keptAbout(tx: Db, dirty: readonly string[], dirtyEvents: readonly string[]): Promise<Kept[]> {
  const { rows } = await sql<Kept>`
    select id, rule, subject, first_event, ordinal, digest, state from custody_finding
    where is_thing and subject = any(${[...dirty]}::text[])
    union all
    select id, rule, subject, first_event, ordinal, digest, state from custody_finding
    where not is_thing and events && ${[...dirtyEvents]}::text[]
    limit 1000000`.execute(tx);
  return rows;
}

async function insertFinding(tx: Db, id: string, row: FoundRow, now: Date): Promise<void> {
  await sql`
    insert into custody_finding (id, rule, subject, is_thing, first_event, ordinal, digest, at, place, amount, unit,
      explanation, events, state, found_at, changed_at)
    values (${id}::uuid, ${row.rule}, ${row.subject}, ${row.isThing}, ${row.firstEvent}, ${row.ordinal}, ${row.digest},
      ${row.at}, ${row.place}, ${row.amount}::numeric, ${row.unit}, ${row.explanation}, ${[...row.events]}::text[], 'open',
      ${now}, ${now})`.execute(tx);
}

async function renewFinding(
  tx: Db,
  id: string,
  row: FoundRow,
  { now, isReopened }: { now: Date; isReopened: boolean },
): Promise<void> {
  await sql`
    update custody_finding set version = version + 1, digest = ${row.digest}, at = ${row.at}, place = ${row.place},
      amount = ${row.amount}::numeric, unit = ${row.unit}, explanation = ${row.explanation},
      events = ${[...row.events]}::text[], state = 'open', reopened = reopened + ${isReopened ? 1 : 0},
      changed_at = ${now}
    where id = ${id}::uuid`.execute(tx);
}

export interface Decision {
  readonly state: "open" | "resolved";
  readonly outcome: contract.Finding["outcome"];
  readonly reason: string | null;
  readonly by: string;
  readonly at: Date;
}

export async function decideFinding(tx: Db, id: string, { state, outcome, reason, by, at }: Decision): Promise<void> {
  await sql`
    update custody_finding set version = version + 1, state = ${state}, outcome = ${outcome}, reason = ${reason},
      decided_by = ${by}, decided_at = ${at}, changed_at = ${at},
      reopened = reopened + ${state === "open" ? 1 : 0} where id = ${id}::uuid`.execute(tx);
}

export async function giveFinding(
  tx: Db,
  id: string,
  to: { readonly id: string; readonly name: string } | undefined,
  now: Date,
): Promise<void> {
  await sql`
    update custody_finding set version = version + 1, assignee = ${to?.id ?? null}, assignee_name = ${to?.name ?? null},
      changed_at = ${now} where id = ${id}::uuid`.execute(tx);
}
