/** Reads and writes investment's tables: plans, results, deliveries. Returns domain values, never rows. */
import type { investment as contract } from "@holdfast/api";
import { type Kysely, sql } from "kysely";
import type { RawPlan } from "../simulation/index.ts";

export type Db = Kysely<Record<never, never>>; // the statements name their tables themselves

export interface PlanRecord {
  readonly id: string;
  readonly version: number;
  readonly state: contract.Plan["state"];
  readonly draft: contract.PlanDraft;
  readonly changedAt: Date;
  readonly changedBy: string;
  readonly decidedAt: Date | null;
  readonly decidedBy: string | null;
  readonly bought: readonly string[];
  readonly jobId: string | null;
  readonly hasResult: boolean;
}

interface PlanRow {
  readonly id: string;
  readonly version: number;
  readonly state: contract.Plan["state"];
  readonly draft: contract.PlanDraft;
  readonly changed_at: Date;
  readonly changed_by: string;
  readonly decided_at: Date | null;
  readonly decided_by: string | null;
  readonly bought: readonly string[];
  readonly job_id: string | null;
  readonly has_result: boolean;
}

const PLAN = sql`p.id, p.version, p.state, p.draft, p.changed_at, p.changed_by, p.decided_at, p.decided_by, p.bought, p.job_id,
  exists (select 1 from investment_result r where r.plan_id = p.id and (r.plan_version = p.version or p.state = 'decided')) as has_result`;

function planOf(row: PlanRow): PlanRecord {
  return {
    id: row.id,
    version: row.version,
    state: row.state,
    draft: row.draft,
    changedAt: row.changed_at,
    changedBy: row.changed_by,
    decidedAt: row.decided_at,
    decidedBy: row.decided_by,
    bought: row.bought,
    jobId: row.job_id,
    hasResult: row.has_result,
  };
}

/** With `lock`, nobody else changes it until the transaction ends. */
export async function readPlan(db: Db, id: string, { lock = false } = {}): Promise<PlanRecord | undefined> {
  const { rows } = await sql<PlanRow>`
    select ${PLAN} from investment_plan p where p.id = ${id}::uuid limit 1 ${lock ? sql`for update of p` : sql``}`.execute(
    db,
  );
  return rows[0] && planOf(rows[0]);
}

export async function listPlans(db: Db, page: { before: string | undefined; limit: number }): Promise<PlanRecord[]> {
  const { rows } = await sql<PlanRow>`
    select ${PLAN} from investment_plan p where true ${page.before ? sql`and p.id < ${page.before}::uuid` : sql``}
    order by p.id desc limit ${page.limit}`.execute(db);
  return rows.map(planOf);
}

/** Adds a plan, or a new version of one that the caller holds. */
export async function writePlan(
  tx: Db,
  plan: { id: string; version: number; draft: contract.PlanDraft; at: Date; by: string },
): Promise<void> {
  const { id, version, draft, at, by } = plan;
  await sql`
    insert into investment_plan (id, version, state, name, draft, changed_at, changed_by)
    values (${id}::uuid, ${version}, 'draft', ${draft.name}, ${JSON.stringify(draft)}::jsonb, ${at}, ${by})
    on conflict (id) do update set version = excluded.version, name = excluded.name, draft = excluded.draft, changed_at = excluded.changed_at, changed_by = excluded.changed_by`.execute(
    tx,
  );
}

export async function setJob(tx: Db, id: string, jobId: string): Promise<void> {
  await sql`update investment_plan set job_id = ${jobId}::uuid where id = ${id}::uuid`.execute(tx);
}

export async function decidePlan(
  tx: Db,
  id: string,
  decision: { bought: readonly string[]; reason: string; at: Date; by: string },
): Promise<void> {
  await sql`
    update investment_plan set state = 'decided', version = version + 1, bought = ${JSON.stringify(decision.bought)}::jsonb,
      decided_at = ${decision.at}, decided_by = ${decision.by}, decided_because = ${decision.reason}
    where id = ${id}::uuid`.execute(tx);
}

export interface ResultRecord {
  readonly planVersion: number;
  readonly asOf: Date;
  readonly modelVersion: string;
  readonly inputHash: string;
  readonly assumptionsHash: string;
  readonly resultHash: string;
  readonly body: RawPlan;
}

interface ResultRow {
  readonly plan_version: number;
  readonly as_of: Date;
  readonly model_version: string;
  readonly input_hash: string;
  readonly assumptions_hash: string;
  readonly result_hash: string;
  readonly body: RawPlan;
}

/** Replaces a plan's result, if the plan is still of that version. @returns whether it was */
export async function keepResult(tx: Db, plan: string, result: ResultRecord, at: Date): Promise<boolean> {
  const { rows } = await sql<{ plan_id: string }>`
    insert into investment_result (plan_id, plan_version, as_of, computed_at, model_version, input_hash, assumptions_hash, result_hash, body)
    select p.id, ${result.planVersion}, ${result.asOf}, ${at}, ${result.modelVersion}, ${result.inputHash}, ${result.assumptionsHash}, ${result.resultHash}, ${JSON.stringify(result.body)}::jsonb
    from investment_plan p where p.id = ${plan}::uuid and p.version = ${result.planVersion}
    on conflict (plan_id) do update set plan_version = excluded.plan_version, as_of = excluded.as_of, computed_at = excluded.computed_at, model_version = excluded.model_version,
      input_hash = excluded.input_hash, assumptions_hash = excluded.assumptions_hash, result_hash = excluded.result_hash, body = excluded.body
    returning plan_id`.execute(tx);
  return rows.length > 0;
}

/** The result that belongs to the plan as it stands; a decided plan keeps the one it was decided on. */
export async function readResult(db: Db, plan: string): Promise<ResultRecord | undefined> {
  const { rows } = await sql<ResultRow>`
    select r.plan_version, r.as_of, r.model_version, r.input_hash, r.assumptions_hash, r.result_hash, r.body
    from investment_result r join investment_plan p on p.id = r.plan_id
    where r.plan_id = ${plan}::uuid and (r.plan_version = p.version or p.state = 'decided') limit 1`.execute(db);
  const row = rows[0];
  return (
    row && {
      planVersion: row.plan_version,
      asOf: row.as_of,
      modelVersion: row.model_version,
      inputHash: row.input_hash,
      assumptionsHash: row.assumptions_hash,
      resultHash: row.result_hash,
      body: row.body,
    }
  );
}

export interface DeliveryRecord {
  readonly id: string;
  readonly at: Date;
  readonly by: string;
  /** [scenarios] of the plan */
  readonly nowMinor: readonly number[];
}

export async function addDelivery(tx: Db, plan: string, { id, at, by, nowMinor }: DeliveryRecord): Promise<void> {
  await sql`
    insert into investment_delivery (id, plan_id, at, by, now_minor)
    values (${id}::uuid, ${plan}::uuid, ${at}, ${by}, ${JSON.stringify(nowMinor)}::jsonb) on conflict (id) do nothing`.execute(
    tx,
  );
}

export async function listDeliveries(
  db: Db,
  plan: string,
  page: { before: string | undefined; limit: number },
): Promise<DeliveryRecord[]> {
  const { rows } = await sql<DeliveryRecord>`
    select id, at, by, now_minor as "nowMinor" from investment_delivery
    where plan_id = ${plan}::uuid ${page.before ? sql`and id < ${page.before}::uuid` : sql``} order by id desc limit ${page.limit}`.execute(
    db,
  );
  return rows;
}
