/** Reads and writes measurements: calibration, measures over time, alerts, scores. Returns domain values, never rows. */
import type { siteMeasure as contract } from "@holdfast/api";
import { type Kysely, sql } from "kysely";
import type { RawMeasure, RawPortfolio } from "../simulation/index.ts";

export type Db = Kysely<Record<never, never>>; // the statements name their tables themselves

const ROWS_PER_STATEMENT = 2_000; // keeps one statement's parameter within a few megabytes

export interface CalibrationRecord {
  readonly version: number;
  readonly content: contract.CalibrationContent;
  readonly changedAt: Date;
  readonly changedBy: string;
}

interface CalibrationRow {
  readonly version: number;
  readonly content: contract.CalibrationContent;
  readonly changed_at: Date;
  readonly changed_by: string;
}

export async function readCalibration(db: Db): Promise<CalibrationRecord | undefined> {
  const { rows } = await sql<CalibrationRow>`
    select version, content, changed_at, changed_by from risk_calibration order by version desc limit 1`.execute(db);
  const row = rows[0];
  return row && { version: row.version, content: row.content, changedAt: row.changed_at, changedBy: row.changed_by };
}

/** Adds version `version`; false when somebody else was first. */
export async function addCalibration(tx: Db, record: CalibrationRecord): Promise<boolean> {
  const { rows } = await sql<{ version: number }>`
    insert into risk_calibration (version, content, changed_at, changed_by)
    values (${record.version}, ${JSON.stringify(record.content)}::jsonb, ${record.changedAt}, ${record.changedBy})
    on conflict (version) do nothing returning version`.execute(tx);
  return rows.length > 0;
}

export interface MeasurementRecord extends Omit<contract.Measurement, "asOf" | "computedAt" | "portfolio"> {
  readonly asOf: Date;
  readonly computedAt: Date;
  readonly portfolio: RawPortfolio;
}

interface MeasurementRow {
  readonly id: string;
  readonly as_of: Date;
  readonly computed_at: Date;
  readonly currency: string | null;
  readonly sites_count: number;
  readonly years: number;
  readonly seed: number;
  readonly model_version: string;
  readonly input_hash: string;
  readonly assumptions_hash: string;
  readonly calibration_version: number;
  readonly portfolio: RawPortfolio;
}

const MEASUREMENT = sql`id, as_of, computed_at, currency, sites_count, years, seed, model_version, input_hash, assumptions_hash, calibration_version, portfolio`;

function measurementOf(row: MeasurementRow): MeasurementRecord {
  return {
    id: row.id,
    asOf: row.as_of,
    computedAt: row.computed_at,
    currency: row.currency,
    sitesCount: row.sites_count,
    years: row.years,
    seed: Number(row.seed),
    modelVersion: row.model_version,
    inputHash: row.input_hash,
    assumptionsHash: row.assumptions_hash,
    calibrationVersion: row.calibration_version,
    portfolio: row.portfolio,
  };
}

export async function addMeasurement(tx: Db, record: MeasurementRecord): Promise<void> {
  await sql`
    insert into risk_measurement (${MEASUREMENT})
    values (${record.id}::uuid, ${record.asOf}, ${record.computedAt}, ${record.currency}, ${record.sitesCount}, ${record.years}, ${record.seed}, ${record.modelVersion},
      ${record.inputHash}, ${record.assumptionsHash}, ${record.calibrationVersion}, ${JSON.stringify(record.portfolio)}::jsonb)`.execute(
    tx,
  );
}

export async function listMeasurements(
  db: Db,
  page: { before: string | undefined; limit: number },
): Promise<MeasurementRecord[]> {
  const { rows } = await sql<MeasurementRow>`
    select ${MEASUREMENT} from risk_measurement where true ${page.before ? sql`and id < ${page.before}::uuid` : sql``}
    order by id desc limit ${page.limit}`.execute(db);
  return rows.map(measurementOf);
}

export async function readMeasurement(db: Db, id: string): Promise<MeasurementRecord | undefined> {
  const { rows } =
    await sql<MeasurementRow>`select ${MEASUREMENT} from risk_measurement where id = ${id}::uuid limit 1`.execute(db);
  return rows[0] && measurementOf(rows[0]);
}

export interface MeasureRecord {
  readonly site: string;
  readonly kind: string;
  readonly country: string;
  readonly since: Date;
  readonly measurement: string;
  readonly measure: RawMeasure;
}

interface MeasureRow {
  readonly site_id: string;
  readonly kind: string;
  readonly country: string;
  readonly since: Date;
  readonly measurement_id: string;
  readonly body: RawMeasure;
}

const MEASURE = sql`m.site_id, m.kind, m.country, m.since, m.measurement_id, m.body`;

function measureOf(row: MeasureRow): MeasureRecord {
  return {
    site: row.site_id,
    kind: row.kind,
    country: row.country,
    since: row.since,
    measurement: row.measurement_id,
    measure: row.body,
  };
}

function at(asOf: Date | undefined) {
  return asOf === undefined ? sql`m.until is null` : sql`m.since <= ${asOf} and (m.until is null or m.until > ${asOf})`;
}

/** Today's measures by site, for comparing a new measurement with them; nobody else measures until the transaction ends. */
export async function lockMeasures(tx: Db): Promise<Map<string, RawMeasure>> {
  await sql`lock table risk_site_measure in share row exclusive mode`.execute(tx);
  const { rows } =
    await sql<MeasureRow>`select ${MEASURE} from risk_site_measure m where m.until is null limit 1000000`.execute(tx);
  return new Map(rows.map((row) => [row.site_id, row.body]));
}

export interface NewMeasure {
  readonly measure: RawMeasure;
  readonly kind: string;
  readonly country: string;
}

/** Ends the measures of `ended`, and begins those of `fresh`. */
export async function changeMeasures(
  tx: Db,
  change: {
    readonly ended: readonly string[];
    readonly fresh: readonly NewMeasure[];
    readonly measurement: string;
    readonly at: Date;
  },
): Promise<void> {
  await sql`
    update risk_site_measure set until = greatest(${change.at}::timestamptz, since + interval '1 millisecond')
    where until is null and site_id = any(${[...change.ended]}::uuid[])`.execute(tx);
  for (let from = 0; from < change.fresh.length; from += ROWS_PER_STATEMENT) {
    const rows = change.fresh.slice(from, from + ROWS_PER_STATEMENT).map(({ measure, kind, country }) => ({
      s: measure.site,
      k: kind,
      c: country,
      e: measure.expectedMinor,
      t: measure.cvar95Minor,
      u: measure.cvar99Minor,
      g: measure.gapDaysLow,
      r: measure.esriPpm ?? 0,
      b: measure,
    }));
    await sql`
      insert into risk_site_measure (site_id, since, measurement_id, kind, country, expected, cvar95, cvar99, gap, esri, body)
      select s, greatest(${change.at}::timestamptz, coalesce((select max(o.until) from risk_site_measure o where o.site_id = s), ${change.at}::timestamptz)), ${change.measurement}::uuid, k, c, e, t, u, g, r, b
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as n (s uuid, k text, c text, e float8, t float8, u float8, g float8, r float8, b jsonb)`.execute(
      tx,
    );
  }
}

const SORT_COLUMNS = { expected: "expected", cvar95: "cvar95", cvar99: "cvar99", gap: "gap", esri: "esri" } as const;

export async function rankMeasures(
  db: Db,
  page: {
    sort: keyof typeof SORT_COLUMNS;
    country: string | undefined;
    kind: string | undefined;
    asOf: Date | undefined;
    after: { value: number; site: string } | undefined;
    limit: number;
  },
): Promise<MeasureRecord[]> {
  const column = sql.ref(`m.${SORT_COLUMNS[page.sort]}`);
  const { rows } = await sql<MeasureRow>`
    select ${MEASURE} from risk_site_measure m
    where ${at(page.asOf)} ${page.country ? sql`and m.country = ${page.country}` : sql``} ${page.kind ? sql`and m.kind = ${page.kind}` : sql``}
      ${page.after ? sql`and (${column} < ${page.after.value} or (${column} = ${page.after.value} and m.site_id > ${page.after.site}::uuid))` : sql``}
    order by ${column} desc, m.site_id limit ${page.limit}`.execute(db);
  return rows.map(measureOf);
}

export function sortValue(sort: keyof typeof SORT_COLUMNS, { measure }: MeasureRecord): number {
  switch (sort) {
    case "expected":
      return measure.expectedMinor;
    case "cvar95":
      return measure.cvar95Minor;
    case "cvar99":
      return measure.cvar99Minor;
    case "gap":
      return measure.gapDaysLow;
    case "esri":
      return measure.esriPpm ?? 0;
  }
}

export async function readMeasures(
  db: Db,
  sites: readonly string[],
  asOf: Date | undefined,
): Promise<Map<string, MeasureRecord>> {
  const { rows } = await sql<MeasureRow>`
    select ${MEASURE} from risk_site_measure m where m.site_id = any(${[...sites]}::uuid[]) and ${at(asOf)} limit ${Math.max(1, sites.length)}`.execute(
    db,
  );
  return new Map(rows.map((row) => [row.site_id, measureOf(row)]));
}

export async function listHistory(
  db: Db,
  site: string,
  page: { before: Date | undefined; limit: number },
): Promise<MeasureRecord[]> {
  const { rows } = await sql<MeasureRow>`
    select ${MEASURE} from risk_site_measure m
    where m.site_id = ${site}::uuid ${page.before ? sql`and m.since < ${page.before}` : sql``} order by m.since desc limit ${page.limit}`.execute(
    db,
  );
  return rows.map(measureOf);
}

/** Notes that the registry with this stamp is to be measured. @returns whether it was this caller who noted it */
export async function noteStamp(tx: Db, stamp: string, now: Date): Promise<boolean> {
  const { rows } = await sql<{ id: boolean }>`
    insert into risk_watch (id, stamp, asked_at) values (true, ${stamp}, ${now})
    on conflict (id) do update set stamp = excluded.stamp, asked_at = excluded.asked_at where risk_watch.stamp <> excluded.stamp returning id`.execute(
    tx,
  );
  return rows.length > 0;
}

export interface AlertRecord {
  readonly id: string;
  readonly site: string;
  readonly at: Date;
  readonly beforeMinor: number;
  readonly afterMinor: number;
  readonly currency: string | null;
}

export async function addAlert(db: Db, alert: AlertRecord): Promise<void> {
  await sql`
    insert into risk_alert (id, site_id, at, before_minor, after_minor, currency)
    values (${alert.id}::uuid, ${alert.site}::uuid, ${alert.at}, ${alert.beforeMinor}, ${alert.afterMinor}, ${alert.currency}) on conflict (id) do nothing`.execute(
    db,
  );
}

export async function listAlerts(
  db: Db,
  page: { before: { at: Date; id: string } | undefined; limit: number },
): Promise<AlertRecord[]> {
  const { rows } = await sql<AlertRecord>`
    select id, site_id as site, at, before_minor as "beforeMinor", after_minor as "afterMinor", currency from risk_alert
    where true ${page.before ? sql`and (at, id) < (${page.before.at}, ${page.before.id}::uuid)` : sql``}
    order by at desc, id desc limit ${page.limit}`.execute(db);
  return rows;
}

type ScoreBody = Omit<contract.SiteScoreDraft, "site" | "method">;

interface ScoreRow {
  readonly id: string;
  readonly site: string;
  readonly method: contract.SiteScore["method"];
  readonly body: ScoreBody & Pick<contract.SiteScore, "total" | "isTotalWrong">;
  readonly recordedAt: Date;
  readonly recordedBy: string;
}

export async function addScores(tx: Db, scores: readonly contract.SiteScore[]): Promise<void> {
  for (let from = 0; from < scores.length; from += ROWS_PER_STATEMENT) {
    const rows = scores
      .slice(from, from + ROWS_PER_STATEMENT)
      .map(({ id, site, method, recordedAt, recordedBy, ...body }) => ({
        id,
        site,
        method,
        recordedAt,
        recordedBy,
        body,
      }));
    await sql`
      insert into risk_score (id, site_id, method, body, recorded_at, recorded_by)
      select id, site, method, body, "recordedAt", "recordedBy"
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as n (id uuid, site uuid, method text, body jsonb, "recordedAt" timestamptz, "recordedBy" text)`.execute(
      tx,
    );
  }
}

export async function readScores(db: Db, site: string, limit: number): Promise<contract.SiteScore[]> {
  const { rows } = await sql<ScoreRow>`
    select id, site_id as site, method, body, recorded_at as "recordedAt", recorded_by as "recordedBy" from risk_score
    where site_id = ${site}::uuid order by recorded_at desc, id desc limit ${limit}`.execute(db);
  return rows.map(({ body, recordedAt, ...row }) => ({ ...body, ...row, recordedAt: recordedAt.toISOString() }));
}
