/** Reads and writes the risk register. Versions are only ever added; the one before gets the instant that ended it. */
import type { riskRegister as contract } from "@holdfast/api";
import { type Kysely, sql } from "kysely";

export type Db = Kysely<Record<never, never>>; // the statements name their tables themselves

/** What is stored; `expired` is an acceptance whose day has passed. */
export type KeptState = "open" | "accepted" | "closed";

export interface RiskRecord {
  readonly id: string;
  readonly number: number;
  readonly version: number;
  readonly state: KeptState;
  readonly draft: contract.RiskDraft;
  readonly acceptedUntil: string | null;
  readonly acceptedBy: string | null;
  readonly acceptedBecause: string | null;
  readonly reason: string | null;
  readonly changedAt: Date;
  readonly changedBy: string;
}

interface Row {
  readonly id: string;
  readonly number: number;
  readonly version: number;
  readonly state: KeptState;
  readonly body: contract.RiskDraft;
  readonly accepted_until: string | null;
  readonly accepted_by: string | null;
  readonly accepted_because: string | null;
  readonly reason: string | null;
  readonly changed_at: Date;
  readonly changed_by: string;
}

const COLUMNS = sql`r.id, n.number, r.version, r.state, r.body, r.accepted_until::text as accepted_until, r.accepted_by, r.accepted_because, r.reason, r.changed_at, r.changed_by`;
const RISKS = sql`risk_register r join risk_register_number n on n.id = r.id`;

function recordOf(row: Row): RiskRecord {
  return {
    id: row.id,
    number: Number(row.number),
    version: row.version,
    state: row.state,
    draft: row.body,
    acceptedUntil: row.accepted_until,
    acceptedBy: row.accepted_by,
    acceptedBecause: row.accepted_because,
    reason: row.reason,
    changedAt: row.changed_at,
    changedBy: row.changed_by,
  };
}

/** With `lock`, nobody else changes it until the transaction ends. */
export async function readRisk(db: Db, id: string, { lock = false } = {}): Promise<RiskRecord | undefined> {
  if (lock) await sql`select id from risk_register_number where id = ${id}::uuid limit 1 for update`.execute(db);
  const { rows } = await sql<Row>`
    select ${COLUMNS} from ${RISKS} where r.id = ${id}::uuid and r.superseded_at is null limit 1`.execute(db);
  return rows[0] && recordOf(rows[0]);
}

export interface RiskPage {
  readonly state: contract.RegisteredRisk["state"] | undefined;
  readonly threat: string | undefined;
  readonly site: string | undefined;
  /** The day by which acceptances have ended. */
  readonly today: string;
  readonly before: string | undefined;
  readonly limit: number;
}

export async function listRisks(db: Db, page: RiskPage): Promise<RiskRecord[]> {
  const { rows } = await sql<Row>`
    select ${COLUMNS} from ${RISKS}
    where r.superseded_at is null ${stateIs(page)} ${page.threat ? sql`and r.threat = ${page.threat}` : sql``}
      ${page.site ? sql`and r.site = ${page.site}::uuid` : sql``} ${page.before ? sql`and r.id < ${page.before}::uuid` : sql``}
    order by r.id desc limit ${page.limit}`.execute(db);
  return rows.map(recordOf);
}

function stateIs({ state, today }: RiskPage) {
  switch (state) {
    case undefined:
      return sql``;
    case "accepted":
      return sql`and r.state = 'accepted' and r.accepted_until >= ${today}::date`;
    case "expired":
      return sql`and r.state = 'accepted' and r.accepted_until < ${today}::date`;
    default:
      return sql`and r.state = ${state}`;
  }
}

export async function listVersions(
  db: Db,
  id: string,
  page: { before: number | undefined; limit: number },
): Promise<RiskRecord[]> {
  const { rows } = await sql<Row>`
    select ${COLUMNS} from ${RISKS}
    where r.id = ${id}::uuid ${page.before === undefined ? sql`` : sql`and r.version < ${page.before}`}
    order by r.version desc limit ${page.limit}`.execute(db);
  return rows.map(recordOf);
}

/** Adds a version, and for the first the risk's number. */
export async function writeRisk(tx: Db, record: Omit<RiskRecord, "number">): Promise<RiskRecord> {
  const { id, version, state, draft, changedAt } = record;
  if (version === 1) await sql`insert into risk_register_number (id) values (${id}::uuid)`.execute(tx);
  else
    await sql`update risk_register set superseded_at = ${changedAt} where id = ${id}::uuid and superseded_at is null`.execute(
      tx,
    );
  await sql`
    insert into risk_register (id, version, state, body, accepted_until, accepted_by, accepted_because, reason, changed_at, changed_by)
    values (${id}::uuid, ${version}, ${state}, ${JSON.stringify(draft)}::jsonb, ${record.acceptedUntil}::date, ${record.acceptedBy}, ${record.acceptedBecause}, ${record.reason}, ${changedAt}, ${record.changedBy})`.execute(
    tx,
  );
  const written = await readRisk(tx, id);
  return written!; // written above
}
