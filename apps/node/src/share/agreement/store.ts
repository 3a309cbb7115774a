/** Reads and writes agreements, decisions, disclosures and shares. Returns domain values, never rows. */
import type { agreement as contract } from "@holdfast/api";
import { type Kysely, sql } from "kysely";
import type { Question } from "./evaluate.ts";

export type Db = Kysely<Record<never, never>>; // the statements name their tables themselves

interface AgreementRow {
  readonly id: string;
  readonly version: number;
  readonly state: contract.Agreement["state"];
  readonly terms: contract.AgreementDraft;
  readonly termsSha256: string;
  readonly signatures: contract.Agreement["signatures"];
  readonly changedAt: Date;
  readonly changedBy: string;
}

const AGREEMENT = sql`id, version, state, terms, terms_sha256 as "termsSha256", signatures, changed_at as "changedAt", changed_by as "changedBy"`;
const AGREEMENTS_MAX = 10_000; // bounds one evaluation; a sector's hub has hundreds

function agreementOf({ terms, changedAt, ...row }: AgreementRow): contract.Agreement {
  return { ...row, ...terms, changedAt: changedAt.toISOString() };
}

/** Writes a version; the one before is no longer current. */
export async function addVersion(
  tx: Db,
  agreement: Omit<AgreementRow, "changedAt"> & { changedAt: Date },
): Promise<contract.Agreement> {
  await sql`update agreement_version set is_current = false where id = ${agreement.id}::uuid and is_current`.execute(
    tx,
  );
  const { rows } = await sql<AgreementRow>`
    insert into agreement_version (id, version, is_current, state, title, terms, terms_sha256, signatures, changed_at, changed_by)
    values (${agreement.id}::uuid, ${agreement.version}, true, ${agreement.state}, ${agreement.terms.title}, ${JSON.stringify(agreement.terms)}::jsonb,
      ${agreement.termsSha256}, ${JSON.stringify(agreement.signatures)}::jsonb, ${agreement.changedAt}, ${agreement.changedBy})
    returning ${AGREEMENT}`.execute(tx);
  return agreementOf(rows[0]!); // an insert that did not fail
}

/** Writes who signed and the state, of the current version. */
export async function changeState(
  tx: Db,
  { id, state, signatures }: Pick<contract.Agreement, "id" | "state" | "signatures">,
): Promise<contract.Agreement> {
  const { rows } = await sql<AgreementRow>`
    update agreement_version set state = ${state}, signatures = ${JSON.stringify(signatures)}::jsonb where id = ${id}::uuid and is_current
    returning ${AGREEMENT}`.execute(tx);
  return agreementOf(rows[0]!); // the caller holds the row
}

export async function readAgreement(
  db: Db,
  id: string,
  { lock = false } = {},
): Promise<contract.Agreement | undefined> {
  const { rows } = await sql<AgreementRow>`
    select ${AGREEMENT} from agreement_version where id = ${id}::uuid and is_current limit 1 ${lock ? sql`for update` : sql``}`.execute(
    db,
  );
  return rows[0] && agreementOf(rows[0]);
}

export async function listAgreements(
  db: Db,
  page: { after: { title: string; id: string } | undefined; limit: number },
): Promise<contract.Agreement[]> {
  const { rows } = await sql<AgreementRow>`
    select ${AGREEMENT} from agreement_version where is_current
      ${page.after ? sql`and (title, id) > (${page.after.title}, ${page.after.id}::uuid)` : sql``}
    order by title, id limit ${page.limit}`.execute(db);
  return rows.map(agreementOf);
}

export async function allAgreements(db: Db): Promise<contract.Agreement[]> {
  return listAgreements(db, { after: undefined, limit: AGREEMENTS_MAX });
}

export interface NewDecision {
  readonly question: Question;
  readonly verdict: contract.Verdict;
  readonly by: string;
  readonly at: Date;
}

export async function addDecisions(tx: Db, decisions: readonly NewDecision[]): Promise<void> {
  const rows = decisions.map(({ question, verdict, by, at }) => ({
    at: at.toISOString(),
    object: question.item.id,
    stix_version: question.item.version,
    recipient: question.recipients[0] ?? null,
    channel: question.channel,
    purpose: question.purpose,
    decided_for: by,
    allowed: verdict.allowed,
    question,
    verdict,
  }));
  await sql`
    insert into agreement_decision (at, object, stix_version, recipient, channel, purpose, decided_for, allowed, question, verdict)
    select at, object, stix_version, recipient, channel, purpose, decided_for, allowed, question, verdict
    from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as row (at timestamptz, object text, stix_version text, recipient text, channel text,
      purpose text, decided_for text, allowed boolean, question jsonb, verdict jsonb)`.execute(tx);
}

export async function listDecisions(
  db: Db,
  page: { object: string | undefined; before: number | undefined; limit: number },
): Promise<contract.Decision[]> {
  const { rows } = await sql<Omit<contract.Decision, "at" | "id"> & { seq: number; at: Date }>`
    select seq, at, object, stix_version as "stixVersion", recipient, channel, purpose, decided_for as by, verdict from agreement_decision
    where true ${page.object === undefined ? sql`` : sql`and object = ${page.object}`} ${page.before === undefined ? sql`` : sql`and seq < ${page.before}`}
    order by seq desc limit ${page.limit}`.execute(db);
  return rows.map(({ seq, at, ...row }) => ({ ...row, id: String(seq), at: at.toISOString() }));
}

export interface NewDisclosure {
  readonly object: string;
  readonly version: string;
  readonly agreement: string;
}

export async function addDisclosures(
  tx: Db,
  disclosures: readonly NewDisclosure[],
  to: { recipient: string; channel: string; at: Date },
): Promise<void> {
  await sql`
    insert into agreement_disclosure (recipient, object, stix_version, agreement_id, channel, at)
    select ${to.recipient}, object, version, agreement::uuid, ${to.channel}, ${to.at}
    from jsonb_to_recordset(${JSON.stringify(disclosures)}::jsonb) as row (object text, version text, agreement text)
    on conflict (recipient, object, stix_version) do nothing`.execute(tx);
}

/** Which of `objects` the recipient holds in some version. */
export async function heldObjects(db: Db, recipient: string, objects: readonly string[]): Promise<ReadonlySet<string>> {
  const { rows } = await sql<{ object: string }>`
    select distinct object from agreement_disclosure where recipient = ${recipient} and object = any(${[...objects]}::text[])`.execute(
    db,
  );
  return new Set(rows.map(({ object }) => object));
}

/** How many objects went to the recipient since `since`, by agreement. */
export async function disclosedSince(db: Db, recipient: string, since: Date): Promise<Record<string, number>> {
  const { rows } = await sql<{ agreement: string; count: number }>`
    select agreement_id as agreement, count(*)::int as count from agreement_disclosure where recipient = ${recipient} and at > ${since}
    group by agreement_id`.execute(db);
  return Object.fromEntries(rows.map(({ agreement, count }) => [agreement, count]));
}

interface ShareRow {
  readonly id: string;
  readonly version: number;
  readonly state: contract.Share["state"];
  readonly createdAt: Date;
  readonly createdBy: string;
  readonly placeAt: Date;
  readonly placedAt: Date | null;
  readonly endedAt: Date | null;
  readonly acknowledgedAt: Date | null;
  readonly reason: string | null;
  readonly preview: contract.Preview;
}

const SHARE = sql`id, version, state, created_at as "createdAt", created_by as "createdBy", place_at as "placeAt", placed_at as "placedAt",
  ended_at as "endedAt", acknowledged_at as "acknowledgedAt", reason, preview`;

function shareOf({ preview, ...row }: ShareRow): contract.Share {
  const iso = (at: Date | null) => at?.toISOString() ?? null;
  return {
    ...row,
    ...preview,
    createdAt: row.createdAt.toISOString(),
    placeAt: row.placeAt.toISOString(),
    placedAt: iso(row.placedAt),
    endedAt: iso(row.endedAt),
    acknowledgedAt: iso(row.acknowledgedAt),
  };
}

export async function addShare(
  tx: Db,
  share: { id: string; preview: contract.Preview; createdAt: Date; createdBy: string; placeAt: Date },
): Promise<contract.Share> {
  const { rows } = await sql<ShareRow>`
    insert into agreement_share (id, state, created_at, created_by, place_at, preview)
    values (${share.id}::uuid, 'pending', ${share.createdAt}, ${share.createdBy}, ${share.placeAt}, ${JSON.stringify(share.preview)}::jsonb)
    returning ${SHARE}`.execute(tx);
  return shareOf(rows[0]!); // an insert that did not fail
}

export async function readShare(db: Db, id: string, { lock = false } = {}): Promise<contract.Share | undefined> {
  const { rows } = await sql<ShareRow>`
    select ${SHARE} from agreement_share where id = ${id}::uuid limit 1 ${lock ? sql`for update` : sql``}`.execute(db);
  return rows[0] && shareOf(rows[0]);
}

export async function listShares(
  db: Db,
  page: { before: { at: Date; id: string } | undefined; limit: number },
): Promise<contract.Share[]> {
  const { rows } = await sql<ShareRow>`
    select ${SHARE} from agreement_share
    where true ${page.before ? sql`and (created_at, id) < (${page.before.at}, ${page.before.id}::uuid)` : sql``}
    order by created_at desc, id desc limit ${page.limit}`.execute(db);
  return rows.map(shareOf);
}

/** One share whose undo window has passed, held by this transaction. */
export async function takeDue(tx: Db, now: Date): Promise<contract.Share | undefined> {
  const { rows } = await sql<ShareRow>`
    select ${SHARE} from agreement_share where state = 'pending' and place_at <= ${now} order by place_at limit 1 for update skip locked`.execute(
    tx,
  );
  return rows[0] && shareOf(rows[0]);
}

export async function changeShare(
  tx: Db,
  id: string,
  to: { state: contract.Share["state"]; at: Date; reason: string | null; revokedIds?: readonly string[] },
): Promise<contract.Share> {
  const { rows } = await sql<ShareRow>`
    update agreement_share set state = ${to.state}, version = version + 1, reason = ${to.reason}, revoked_ids = ${[...(to.revokedIds ?? [])]}::text[],
      ${to.state === "placed" ? sql`placed_at = ${to.at}` : sql`ended_at = ${to.at}`}
    where id = ${id}::uuid returning ${SHARE}`.execute(tx);
  return shareOf(rows[0]!); // the caller holds the row
}

/** Notes shares as acknowledged whose recipient has by now read the revoked version of everything that it holds. */
export async function acknowledge(tx: Db, recipient: string, at: Date): Promise<void> {
  await sql`
    update agreement_share s set acknowledged_at = ${at}, version = version + 1
    where s.state = 'revoked' and s.acknowledged_at is null and s.preview->'recipient'->>'id' = ${recipient} and cardinality(s.revoked_ids) > 0
      and not exists (select 1 from unnest(s.revoked_ids) as gone (object)
        where exists (select 1 from agreement_disclosure d where d.recipient = ${recipient} and d.object = gone.object and d.at < s.ended_at)
          and not exists (
        select 1 from agreement_disclosure d where d.recipient = ${recipient} and d.object = gone.object and d.at >= s.ended_at))`.execute(
    tx,
  );
}

export async function readDenyList(db: Db, { lock = false } = {}): Promise<{ version: number; words: string[] }> {
  const { rows } = await sql<{ version: number; words: string[] }>`
    select version, words from agreement_deny_list limit 1 ${lock ? sql`for update` : sql``}`.execute(db);
  return rows[0]!; // the migration wrote it
}

export async function writeDenyList(tx: Db, words: readonly string[]): Promise<{ version: number; words: string[] }> {
  const { rows } = await sql<{ version: number; words: string[] }>`
    update agreement_deny_list set version = version + 1, words = ${[...words]}::text[] returning version, words`.execute(
    tx,
  );
  return rows[0]!; // the migration wrote it
}
