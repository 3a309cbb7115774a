/** Reads and writes simulation's tables: scenarios, runs, results. Returns domain values, never rows. */
import type { simulation as contract } from "@holdfast/api";
import { type Kysely, sql } from "kysely";
import type { RawAnswer, ResultKey } from "./raw-answer.ts";

export type Db = Kysely<Record<never, never>>; // the statements name their tables themselves

export type ScenarioRecord = Omit<contract.Scenario, "latestRun">;

export interface RunRecord {
  readonly id: string;
  readonly scenario: string | null;
  readonly scenarioVersion: number | null;
  readonly name: string;
  readonly content: contract.ScenarioContent;
  readonly asOf: Date;
  readonly jobId: string;
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly reused: boolean;
  /** Of the result; null until there is one. */
  readonly lossMinor: { readonly low: number; readonly high: number } | null;
  readonly currency: string | null;
  readonly hasResult: boolean;
}

export interface ResultRecord {
  readonly key: ResultKey;
  readonly resultHash: string;
  readonly answer: RawAnswer;
}

interface ScenarioRow {
  readonly id: string;
  readonly version: number;
  readonly state: "active" | "retired";
  readonly name: string;
  readonly note: string | null;
  readonly content: contract.ScenarioContent;
  readonly created_at: Date;
  readonly created_by: string;
  readonly changed_at: Date;
  readonly changed_by: string;
}

const SCENARIO = sql`id, version, state, name, note, content, created_at, created_by, changed_at, changed_by`;

function scenarioOf(row: ScenarioRow): ScenarioRecord {
  return {
    id: row.id,
    version: row.version,
    state: row.state,
    name: row.name,
    ...(row.note === null ? {} : { note: row.note }),
    ...row.content,
    createdAt: row.created_at.toISOString(),
    createdBy: row.created_by,
    changedAt: row.changed_at.toISOString(),
    changedBy: row.changed_by,
  };
}

interface Written {
  readonly id: string;
  readonly name: string;
  readonly note: string | null;
  readonly content: contract.ScenarioContent;
  readonly at: Date;
  readonly by: string;
}

export async function addScenario(tx: Db, { id, name, note, content, at, by }: Written): Promise<ScenarioRecord> {
  const { rows } = await sql<ScenarioRow>`
    insert into simulation_scenario (id, version, state, name, note, content, created_at, created_by, changed_at, changed_by)
    values (${id}::uuid, 1, 'active', ${name}, ${note}, ${JSON.stringify(content)}::jsonb, ${at}, ${by}, ${at}, ${by}) returning ${SCENARIO}`.execute(
    tx,
  );
  return scenarioOf(rows[0]!); // one row was inserted
}

export async function changeScenario(tx: Db, { id, name, note, content, at, by }: Written): Promise<ScenarioRecord> {
  const { rows } = await sql<ScenarioRow>`
    update simulation_scenario set version = version + 1, name = ${name}, note = ${note}, content = ${JSON.stringify(content)}::jsonb, changed_at = ${at}, changed_by = ${by}
    where id = ${id}::uuid returning ${SCENARIO}`.execute(tx);
  return scenarioOf(rows[0]!); // the caller holds the row
}

export async function setScenarioState(
  tx: Db,
  id: string,
  change: { state: "active" | "retired"; at: Date; by: string },
): Promise<ScenarioRecord> {
  const { rows } = await sql<ScenarioRow>`
    update simulation_scenario set version = version + 1, state = ${change.state}, changed_at = ${change.at}, changed_by = ${change.by}
    where id = ${id}::uuid returning ${SCENARIO}`.execute(tx);
  return scenarioOf(rows[0]!); // the caller holds the row
}

/** With `lock`, nobody else changes it until the transaction ends. */
export async function readScenario(db: Db, id: string, { lock = false } = {}): Promise<ScenarioRecord | undefined> {
  const { rows } = await sql<ScenarioRow>`
    select ${SCENARIO} from simulation_scenario where id = ${id}::uuid limit 1 ${lock ? sql`for update` : sql``}`.execute(
    db,
  );
  return rows[0] && scenarioOf(rows[0]);
}

export async function readScenarios(db: Db, ids: readonly string[]): Promise<ScenarioRecord[]> {
  const { rows } = await sql<ScenarioRow>`
    select ${SCENARIO} from simulation_scenario where id = any(${[...ids]}::uuid[]) limit ${Math.max(1, ids.length)}`.execute(
    db,
  );
  return rows.map(scenarioOf);
}

export async function listScenarios(
  db: Db,
  page: { state: string; before: { at: Date; id: string } | undefined; limit: number },
): Promise<ScenarioRecord[]> {
  const { rows } = await sql<ScenarioRow>`
    select ${SCENARIO} from simulation_scenario
    where state = ${page.state} ${page.before ? sql`and (changed_at, id) < (${page.before.at}, ${page.before.id}::uuid)` : sql``}
    order by changed_at desc, id desc limit ${page.limit}`.execute(db);
  return rows.map(scenarioOf);
}

/** The newest run with a result of each scenario's present version. */
export async function latestRuns(
  db: Db,
  scenarios: readonly { id: string; version: number }[],
): Promise<Map<string, string>> {
  const { rows } = await sql<{ scenario: string; run: string }>`
    select s.id as scenario, r.id as run
    from jsonb_to_recordset(${JSON.stringify(scenarios)}::jsonb) as s (id uuid, version int)
    cross join lateral (
      select r.id from simulation_run r
      where r.scenario_id = s.id and r.scenario_version = s.version and r.result_key is not null order by r.id desc limit 1
    ) as r limit ${Math.max(1, scenarios.length)}`.execute(db);
  return new Map(rows.map(({ scenario, run }) => [scenario, run]));
}

interface RunRow {
  readonly id: string;
  readonly scenario_id: string | null;
  readonly scenario_version: number | null;
  readonly name: string;
  readonly content: contract.ScenarioContent;
  readonly as_of: Date;
  readonly job_id: string;
  readonly created_at: Date;
  readonly created_by: string;
  readonly reused: boolean;
  readonly has_result: boolean;
  readonly loss: { low: number; high: number } | null;
  readonly currency: string | null;
}

const RUN = sql`r.id, r.scenario_id, r.scenario_version, r.name, r.content, r.as_of, r.job_id, r.created_at, r.created_by, r.reused,
  r.result_key is not null as has_result, a.answer -> 'lossMinor' as loss, a.answer ->> 'currency' as currency`;
const RUNS = sql`simulation_run r left join simulation_result a on a.key = r.result_key`;

function runOf(row: RunRow): RunRecord {
  return {
    id: row.id,
    scenario: row.scenario_id,
    scenarioVersion: row.scenario_version,
    name: row.name,
    content: row.content,
    asOf: row.as_of,
    jobId: row.job_id,
    createdAt: row.created_at,
    createdBy: row.created_by,
    reused: row.reused,
    lossMinor: row.loss && { low: row.loss.low, high: row.loss.high },
    currency: row.currency,
    hasResult: row.has_result,
  };
}

export async function addRun(
  tx: Db,
  run: Pick<
    RunRecord,
    "id" | "scenario" | "scenarioVersion" | "name" | "content" | "asOf" | "jobId" | "createdAt" | "createdBy"
  >,
): Promise<void> {
  await sql`
    insert into simulation_run (id, scenario_id, scenario_version, name, content, as_of, job_id, created_at, created_by)
    values (${run.id}::uuid, ${run.scenario}::uuid, ${run.scenarioVersion}::int, ${run.name}, ${JSON.stringify(run.content)}::jsonb, ${run.asOf}, ${run.jobId}::uuid, ${run.createdAt}, ${run.createdBy})`.execute(
    tx,
  );
}

export async function readRun(db: Db, id: string): Promise<RunRecord | undefined> {
  const { rows } = await sql<RunRow>`select ${RUN} from ${RUNS} where r.id = ${id}::uuid limit 1`.execute(db);
  return rows[0] && runOf(rows[0]);
}

export async function listRuns(
  db: Db,
  page: { scenario: string | undefined; before: string | undefined; limit: number },
): Promise<RunRecord[]> {
  const { rows } = await sql<RunRow>`
    select ${RUN} from ${RUNS}
    where true ${page.scenario ? sql`and r.scenario_id = ${page.scenario}::uuid` : sql``} ${page.before ? sql`and r.id < ${page.before}::uuid` : sql``}
    order by r.id desc limit ${page.limit}`.execute(db);
  return rows.map(runOf);
}

export function textOfKey({ inputHash, assumptionsHash, modelVersion, seed }: ResultKey): string {
  return [modelVersion, inputHash, assumptionsHash, seed ?? ""].join(" ");
}

interface ResultRow {
  readonly input_hash: string;
  readonly assumptions_hash: string;
  readonly model_version: string;
  readonly seed: number | null;
  readonly result_hash: string;
  readonly answer: RawAnswer;
}

export async function readResult(db: Db, run: string): Promise<ResultRecord | undefined> {
  const { rows } = await sql<ResultRow>`
    select a.input_hash, a.assumptions_hash, a.model_version, a.seed, a.result_hash, a.answer
    from simulation_run r join simulation_result a on a.key = r.result_key where r.id = ${run}::uuid limit 1`.execute(
    db,
  );
  const row = rows[0];
  return (
    row && {
      key: {
        inputHash: row.input_hash,
        assumptionsHash: row.assumptions_hash,
        modelVersion: row.model_version,
        seed: row.seed,
      },
      resultHash: row.result_hash,
      answer: row.answer,
    }
  );
}

/** Gives a run the result of this key, if it has been calculated before. @returns whether it had */
export async function takeKnownResult(tx: Db, run: string, key: ResultKey): Promise<boolean> {
  const { rows } = await sql<{ id: string }>`
    update simulation_run set result_key = a.key, reused = true from simulation_result a
    where a.key = ${textOfKey(key)} and simulation_run.id = ${run}::uuid returning simulation_run.id`.execute(tx);
  return rows.length > 0;
}

/** Keeps a result and gives it to the run that asked for it, both or neither. */
export async function keepResult(tx: Db, run: string, result: ResultRecord, at: Date): Promise<void> {
  const { key, resultHash, answer } = result;
  await sql`
    insert into simulation_result (key, input_hash, assumptions_hash, model_version, seed, result_hash, answer, computed_at)
    values (${textOfKey(key)}, ${key.inputHash}, ${key.assumptionsHash}, ${key.modelVersion}, ${key.seed}, ${resultHash}, ${JSON.stringify(answer)}::jsonb, ${at})
    on conflict (key) do nothing`.execute(tx);
  await sql`update simulation_run set result_key = ${textOfKey(key)} where id = ${run}::uuid`.execute(tx);
}
