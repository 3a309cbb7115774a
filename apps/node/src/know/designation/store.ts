/** Reads and writes designation's tables: criteria, previews, tiers and their history. Returns domain values, never rows. */
import type { designation } from "@holdfast/api";
import { type Kysely, sql } from "kysely";
import type { z } from "zod";

export type Db = Kysely<Record<never, never>>; // the statements name their tables themselves

export type CriteriaDraft = z.output<typeof designation.criteriaDraft>;

/** A site's tier under some criteria, with why. */
export interface Outcome {
  readonly site: string;
  readonly country: string;
  readonly from: number | null;
  readonly to: number | null;
  readonly reasons: designation.SiteTier["reasons"];
  readonly undecided: designation.SiteTier["undecided"];
}

export interface Preview {
  readonly criteriaVersion: number;
  readonly jobId: string;
  readonly state: "running" | "ready";
  readonly computedAt: Date | null;
  readonly sitesCount: number | null;
  readonly moves: readonly { from: number | null; to: number | null; count: number }[];
}

const ROWS_PER_STATEMENT = 2_000; // keeps one statement's parameter within a few megabytes

interface CriteriaRow extends CriteriaDraft {
  readonly id: string;
  readonly number: number;
  readonly version: number;
  readonly state: designation.Criteria["state"];
  readonly proposed_at: Date;
  readonly proposed_by: string;
  readonly decided_at: Date | null;
  readonly decided_by: string | null;
  readonly decision_reason: string | null;
}

const CRITERIA = sql`id, number, version, state, title, rationale, rules, proposed_at, proposed_by, decided_at, decided_by, decision_reason`;

function criteriaOf(row: CriteriaRow): designation.Criteria {
  const { id, number, version, state, title, rationale, rules } = row;
  return {
    id,
    number,
    version,
    state,
    title,
    rationale,
    rules,
    proposedAt: row.proposed_at.toISOString(),
    proposedBy: row.proposed_by,
    decidedAt: row.decided_at?.toISOString() ?? null,
    decidedBy: row.decided_by,
    decisionReason: row.decision_reason,
  };
}

/** Adds a draft; with `unlessAny`, only where no criteria exist yet. */
export async function addCriteria(
  tx: Db,
  draft: CriteriaDraft & { id: string; at: Date; by: string },
  { unlessAny = false } = {},
): Promise<designation.Criteria | undefined> {
  const { rows } = await sql<CriteriaRow>`
    insert into designation_criteria (id, version, state, title, rationale, rules, proposed_at, proposed_by)
    select ${draft.id}::uuid, 1, 'draft', ${draft.title}, ${draft.rationale}, ${JSON.stringify(draft.rules)}::jsonb, ${draft.at}::timestamptz, ${draft.by}
    ${unlessAny ? sql`where not exists (select 1 from designation_criteria)` : sql``} returning ${CRITERIA}`.execute(
    tx,
  );
  return rows[0] && criteriaOf(rows[0]);
}

/** One version of the criteria; with `lock`, nobody else changes it until the transaction ends. */
export async function readCriteria(
  db: Db,
  id: string,
  { lock = false } = {},
): Promise<designation.Criteria | undefined> {
  const { rows } = await sql<CriteriaRow>`
    select ${CRITERIA} from designation_criteria where id = ${id}::uuid limit 1 ${lock ? sql`for update` : sql``}`.execute(
    db,
  );
  return rows[0] && criteriaOf(rows[0]);
}

export async function readInForce(db: Db): Promise<designation.Criteria | undefined> {
  const { rows } =
    await sql<CriteriaRow>`select ${CRITERIA} from designation_criteria where state = 'in-force' limit 1`.execute(db);
  return rows[0] && criteriaOf(rows[0]);
}

export async function listCriteria(
  db: Db,
  page: { state: string | undefined; before: number | undefined; limit: number },
): Promise<designation.Criteria[]> {
  const { rows } = await sql<CriteriaRow>`
    select ${CRITERIA} from designation_criteria
    where true ${page.state ? sql`and state = ${page.state}` : sql``} ${page.before === undefined ? sql`` : sql`and number < ${page.before}`}
    order by number desc limit ${page.limit}`.execute(db);
  return rows.map(criteriaOf);
}

export async function changeDraft(tx: Db, id: string, draft: CriteriaDraft): Promise<designation.Criteria> {
  const { rows } = await sql<CriteriaRow>`
    update designation_criteria set title = ${draft.title}, rationale = ${draft.rationale}, rules = ${JSON.stringify(draft.rules)}::jsonb, version = version + 1
    where id = ${id}::uuid returning ${CRITERIA}`.execute(tx);
  return criteriaOf(rows[0]!); // the caller holds the row
}

export async function decide(
  tx: Db,
  id: string,
  to: "in-force" | "rejected",
  by: { at: Date; name: string; reason: string },
): Promise<designation.Criteria> {
  if (to === "in-force")
    await sql`update designation_criteria set state = 'superseded' where state = 'in-force'`.execute(tx);
  const { rows } = await sql<CriteriaRow>`
    update designation_criteria set state = ${to}, decided_at = ${by.at}, decided_by = ${by.name}, decision_reason = ${by.reason}, version = version + 1
    where id = ${id}::uuid returning ${CRITERIA}`.execute(tx);
  return criteriaOf(rows[0]!); // the caller holds the row
}

interface PreviewRow {
  readonly criteria_version: number;
  readonly job_id: string;
  readonly state: Preview["state"];
  readonly computed_at: Date | null;
  readonly sites_count: number | null;
  readonly moves: Preview["moves"];
}

export async function readPreview(db: Db, criteria: string): Promise<Preview | undefined> {
  const { rows } = await sql<PreviewRow>`
    select criteria_version, job_id, state, computed_at, sites_count, moves from designation_preview where criteria_id = ${criteria}::uuid limit 1`.execute(
    db,
  );
  const row = rows[0];
  return (
    row && {
      criteriaVersion: row.criteria_version,
      jobId: row.job_id,
      state: row.state,
      computedAt: row.computed_at,
      sitesCount: row.sites_count,
      moves: row.moves,
    }
  );
}

export async function beginPreview(
  tx: Db,
  preview: { criteria: string; criteriaVersion: number; jobId: string },
): Promise<void> {
  await sql`
    insert into designation_preview (criteria_id, criteria_version, job_id, state)
    values (${preview.criteria}, ${preview.criteriaVersion}, ${preview.jobId}, 'running')
    on conflict (criteria_id) do update set criteria_version = excluded.criteria_version, job_id = excluded.job_id, state = 'running', computed_at = null, sites_count = null, moves = '[]'`.execute(
    tx,
  );
}

/** Replaces what a preview found. */
export async function finishPreview(
  tx: Db,
  criteria: string,
  found: { outcomes: readonly Outcome[]; sitesCount: number; moves: Preview["moves"]; at: Date },
): Promise<void> {
  await sql`delete from designation_outcome where criteria_id = ${criteria}::uuid`.execute(tx);
  for (let at = 0; at < found.outcomes.length; at += ROWS_PER_STATEMENT) {
    const rows = found.outcomes.slice(at, at + ROWS_PER_STATEMENT);
    await sql`
      insert into designation_outcome (criteria_id, site_id, from_tier, tier, country, reasons, undecided)
      select ${criteria}::uuid, site, "from", "to", country, reasons, undecided
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as r (site uuid, "from" smallint, "to" smallint, country text, reasons jsonb, undecided jsonb)`.execute(
      tx,
    );
  }
  await sql`
    update designation_preview set state = 'ready', computed_at = ${found.at}, sites_count = ${found.sitesCount}, moves = ${JSON.stringify(found.moves)}::jsonb
    where criteria_id = ${criteria}::uuid`.execute(tx);
}

interface OutcomeRow {
  readonly site_id: string;
  readonly from_tier: number | null;
  readonly tier: number | null;
  readonly country: string;
  readonly reasons: Outcome["reasons"];
  readonly undecided: Outcome["undecided"];
}

function outcomeOf(row: OutcomeRow): Outcome {
  return {
    site: row.site_id,
    country: row.country,
    from: row.from_tier,
    to: row.tier,
    reasons: row.reasons,
    undecided: row.undecided,
  };
}

const OUTCOME = sql`site_id, from_tier, tier, country, reasons, undecided`;

/** Outcomes of a preview by site; with `changesOnly`, of sites that would change tier. */
export async function listOutcomes(
  db: Db,
  criteria: string,
  page: { after: string | undefined; limit: number; changesOnly: boolean },
): Promise<Outcome[]> {
  const { rows } = await sql<OutcomeRow>`
    select ${OUTCOME} from designation_outcome
    where criteria_id = ${criteria}::uuid ${page.changesOnly ? sql`and tier is distinct from from_tier` : sql``}
      ${page.after === undefined ? sql`` : sql`and site_id > ${page.after}::uuid`}
    order by site_id limit ${page.limit}`.execute(db);
  return rows.map(outcomeOf);
}

export interface Tier {
  readonly site: string;
  readonly country: string;
  readonly tier: number | null;
  readonly since: Date;
  readonly until: Date | null;
  readonly criteria: string;
  readonly criteriaNumber: number;
  readonly reasons: Outcome["reasons"];
  readonly undecided: Outcome["undecided"];
}

interface TierRow {
  readonly site_id: string;
  readonly country: string;
  readonly tier: number | null;
  readonly since: Date;
  readonly until: Date | null;
  readonly criteria_id: string;
  readonly number: number;
  readonly reasons: Outcome["reasons"];
  readonly undecided: Outcome["undecided"];
}

const TIER = sql`t.site_id, t.country, t.tier, t.since, t.until, t.criteria_id, c.number, t.reasons, t.undecided`;

function tierOf(row: TierRow): Tier {
  const { country, tier, since, until, reasons, undecided } = row;
  return {
    site: row.site_id,
    country,
    tier,
    since,
    until,
    criteria: row.criteria_id,
    criteriaNumber: row.number,
    reasons,
    undecided,
  };
}

/** Tiers of today, of all sites that have one. */
export async function readTiers(db: Db): Promise<Map<string, { tier: number; country: string }>> {
  const tiers = new Map<string, { tier: number; country: string }>();
  let after: string | undefined;
  do {
    const { rows }: { rows: { site_id: string; tier: number; country: string }[] } = await sql<{
      site_id: string;
      tier: number;
      country: string;
    }>`
      select site_id, tier, country from designation_tier
      where until is null and tier is not null ${after === undefined ? sql`` : sql`and site_id > ${after}::uuid`} order by site_id limit 20000`.execute(
      db,
    );
    for (const row of rows) tiers.set(row.site_id, row);
    after = rows.length === 20_000 ? rows.at(-1)?.site_id : undefined;
  } while (after !== undefined);
  return tiers;
}

const APPLY_LOCK = 4_801_984_302; // any fixed number: evaluations apply one after the other

/** Held until the transaction ends, so that tiers are applied to what was read. */
export async function lockTiers(tx: Db): Promise<void> {
  await sql`select pg_advisory_xact_lock(${APPLY_LOCK})`.execute(tx);
}

/** Ends the tiers that change, begins the new ones, and renews the reasons of those that stay. */
export async function applyOutcomes(tx: Db, criteria: string, outcomes: readonly Outcome[], at: Date): Promise<void> {
  for (let from = 0; from < outcomes.length; from += ROWS_PER_STATEMENT) {
    const rows = JSON.stringify(outcomes.slice(from, from + ROWS_PER_STATEMENT));
    const records = sql`jsonb_to_recordset(${rows}::jsonb) as r (site uuid, "from" smallint, "to" smallint, country text, reasons jsonb, undecided jsonb)`;
    // a tier that stays keeps its beginning; one that changed within this very millisecond is begun one later
    await sql`
      update designation_tier t set until = greatest(${at}::timestamptz, t.since + interval '1 millisecond') from ${records}
      where t.site_id = r.site and t.until is null and (t.tier is distinct from r."to" or t.criteria_id <> ${criteria}::uuid or t.country <> r.country or t.reasons <> r.reasons)`.execute(
      tx,
    );
    await sql`
      insert into designation_tier (site_id, since, tier, country, criteria_id, reasons, undecided)
      select r.site, greatest(${at}::timestamptz, (select max(t.until) from designation_tier t where t.site_id = r.site)), r."to", r.country, ${criteria}::uuid, r.reasons, r.undecided
      from ${records}
      where not exists (select 1 from designation_tier t where t.site_id = r.site and t.until is null)`.execute(tx);
  }
}

export async function noteEvaluation(tx: Db, criteria: string, at: Date, sitesCount: number): Promise<void> {
  await sql`
    insert into designation_evaluation (criteria_id, evaluated_at, sites_count) values (${criteria}, ${at}, ${sitesCount})
    on conflict (criteria_id) do update set evaluated_at = excluded.evaluated_at, sites_count = excluded.sites_count`.execute(
    tx,
  );
}

export async function readEvaluation(db: Db, criteria: string): Promise<{ at: Date; sitesCount: number } | undefined> {
  const { rows } = await sql<{ at: Date; sitesCount: number }>`
    select evaluated_at as at, sites_count as "sitesCount" from designation_evaluation where criteria_id = ${criteria}::uuid limit 1`.execute(
    db,
  );
  return rows[0];
}

export async function countTiers(db: Db): Promise<{ tier: number; count: number }[]> {
  const { rows } = await sql<{ tier: number; count: number }>`
    select tier, count(*) as count from designation_tier where until is null and tier is not null group by tier order by tier limit 3`.execute(
    db,
  );
  return rows;
}

export async function readTier(db: Db, site: string): Promise<Tier | undefined> {
  const { rows } = await sql<TierRow>`
    select ${TIER} from designation_tier t join designation_criteria c on c.id = t.criteria_id where t.site_id = ${site}::uuid and t.until is null limit 1`.execute(
    db,
  );
  return rows[0] && tierOf(rows[0]);
}

/** Designated sites, the strictest tier first. */
export async function listTiers(
  db: Db,
  page: {
    tier: number | undefined;
    country: string | undefined;
    after: { tier: number; site: string } | undefined;
    limit: number;
  },
): Promise<Tier[]> {
  const { tier, country, after, limit } = page;
  const { rows } = await sql<TierRow>`
    select ${TIER} from designation_tier t join designation_criteria c on c.id = t.criteria_id
    where t.until is null and t.tier is not null ${tier === undefined ? sql`` : sql`and t.tier = ${tier}`} ${country === undefined ? sql`` : sql`and t.country = ${country}`}
      ${after ? sql`and (t.tier, t.site_id) > (${after.tier}::smallint, ${after.site}::uuid)` : sql``}
    order by t.tier, t.site_id limit ${limit}`.execute(db);
  return rows.map(tierOf);
}

/** Every tier that a site has had, newest first. */
export async function listHistory(
  db: Db,
  site: string,
  page: { before: Date | undefined; limit: number },
): Promise<Tier[]> {
  const { rows } = await sql<TierRow>`
    select ${TIER} from designation_tier t join designation_criteria c on c.id = t.criteria_id
    where t.site_id = ${site}::uuid ${page.before === undefined ? sql`` : sql`and t.since < ${page.before}`}
    order by t.since desc limit ${page.limit}`.execute(db);
  return rows.map(tierOf);
}
