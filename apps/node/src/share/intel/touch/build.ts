/**
 * Makes leads of what is waiting: advisories as they stand, objects with what they are about, and the reason why a lead
 * touches nothing where there is one (revoked, expired, merged, doubted, decayed).
 */
import { createHash } from "node:crypto";
import { isStixObject, parseTimestamp, microsecondsOf, readCsaf, type StixObject } from "@holdfast/stix";
import { compileWarninglist, readWarninglist, type WarningTest } from "../warninglist.ts";
import {
  addSighting,
  type AdvisoryRow,
  claimsOfCves,
  countSightings,
  currentWarninglistIds,
  exploited,
  mergedAway,
  newestObjects,
  type ObjectRow,
  readAdvisories,
  readWarninglists,
  relatedIds,
  type SightingCount,
} from "./build-store.ts";
import { decayedScore, decayModelOf } from "./decay.ts";
import {
  type Claims,
  factsOfAdvisory,
  factsOfObject,
  isBroad,
  LEAD_TYPES,
  type LeadFacts,
  objectOf,
  termsOfLead,
} from "./lead.ts";
import { type Db, leadIdsOfCves, type NewLead } from "./store.ts";

export const DOUBTERS_MAX = 2; // independent reports of a false positive that take an indicator out of the list

export const ADVISORY_TYPE = "advisory";

/** The leads that `ids` are now, and which others have to be made anew because of them. */
export async function buildLeads(
  tx: Db,
  ids: readonly string[],
  now: Date,
): Promise<{ leads: NewLead[]; alsoPending: string[] }> {
  const ofType = (wanted: (type: string) => boolean) => ids.filter((id) => wanted(id.slice(0, id.indexOf("--"))));
  const advisories = await buildAdvisories(
    tx,
    ofType((type) => type === ADVISORY_TYPE),
  );
  const objects = await buildObjects(
    tx,
    ofType((type) => LEAD_TYPES.has(type)),
    now,
  );
  const sighted = await takeSightings(
    tx,
    ofType((type) => type === "sighting"),
  );
  const others = await leadIdsOfCves(tx, [...new Set(advisories.flatMap(({ lead }) => lead.cves))]);
  return {
    leads: [...advisories, ...objects],
    alsoPending: [...new Set([...sighted, ...others.filter((id) => !id.startsWith(`${ADVISORY_TYPE}--`))])],
  };
}

async function buildAdvisories(tx: Db, ids: readonly string[]): Promise<NewLead[]> {
  if (ids.length === 0) return [];
  const made = (await readAdvisories(tx, ids)).flatMap((row) => {
    const read = readCsaf(JSON.parse(row.body));
    return read.ok ? [{ row, facts: factsOfAdvisory(read.value, row.trustPercent), document: read.value }] : [];
  });
  const known = await exploited(
    tx,
    made.flatMap(({ facts }) => facts.cves),
  );
  return made.map(({ row, facts: { cves, ...facts }, document }) => {
    const closed = document.status === "draft" ? "draft" : null;
    return leadOf({
      id: row.id,
      kind: ADVISORY_TYPE,
      label: `${document.id}: ${document.title}`,
      row,
      facts,
      cves,
      closed,
      known,
    });
  });
}

function leadOf(parts: {
  id: string;
  kind: string;
  label: string;
  row: Pick<AdvisoryRow, "version" | "sha256" | "receivedAt">;
  facts: LeadFacts;
  cves: readonly string[];
  closed: string | null;
  known: ReadonlyMap<string, boolean>;
}): NewLead {
  const { id, kind, label, row, facts, cves, closed, known } = parts;
  return {
    lead: { ...facts, id, kind, label: label.slice(0, 300), stamp: stampOf(facts, row), cves },
    closed,
    isBroad: isBroad(facts),
    isKev: cves.some((cve) => known.has(cve)),
    isRansomware: cves.some((cve) => known.get(cve)),
    terms: closed === null ? termsOfLead(facts) : [],
    receivedAt: row.receivedAt,
  };
}

/** Of what is judged and of the version: a person's word holds while it stays. */
function stampOf(facts: LeadFacts, { version, sha256 }: { version: string; sha256: Buffer }): string {
  const compared = { ...facts, trustPercent: 0, cvss: 0, warnings: [] };
  return createHash("sha256")
    .update(sha256)
    .update(version)
    .update(JSON.stringify(compared))
    .digest("base64url")
    .slice(0, 22);
}

async function buildObjects(tx: Db, ids: readonly string[], now: Date): Promise<NewLead[]> {
  if (ids.length === 0) return [];
  const rows = await newestObjects(tx, ids);
  const related = await relatedIds(tx, ids);
  const others = await newestObjects(tx, [...new Set([...related.values()].flat())]);
  const merged = await mergedAway(tx, ids);
  const sightings = await countSightings(tx, ids);
  const made = [...rows.values()].flatMap((row) => {
    const object = objectOf(row.body);
    if (!object) return [];
    const about = (related.get(row.id) ?? []).flatMap((id) => {
      const other = others.get(id);
      const parsed = other && !other.revoked ? objectOf(other.body) : undefined;
      return parsed ? [parsed] : [];
    });
    const trust =
      object.type === "indicator" ? Math.round(scoreOf(object, row, sightings.get(row.id), now)) : row.trustPercent;
    const facts = factsOfObject(object, about, trust);
    const cves = [
      ...new Set([
        ...facts.cves,
        ...about.filter(({ type }) => type === "vulnerability").flatMap((each) => factsOfObject(each, [], 0).cves),
      ]),
    ];
    return [{ row, object, facts: { ...facts, cves } }];
  });
  const cves = [...new Set(made.flatMap(({ facts }) => facts.cves))];
  const [known, claims, warn] = [
    await exploited(tx, cves),
    await claimsOfCves(tx, cves),
    await warningTests(
      tx,
      made.some(({ facts }) => facts.values.length > 0),
    ),
  ];
  return made.map(({ row, object, facts: { cves: own, ...facts } }) => {
    const closed = merged.has(row.id)
      ? "merged"
      : closedBy(object, row, sightings.get(row.id), facts.trustPercent, now);
    const full: LeadFacts = {
      ...facts,
      claims: own.flatMap((cve) =>
        claims
          .filter((each) => each.cves.includes(cve))
          .flatMap((each) => each.claims.map((claim) => onlyOf(claim, cve))),
      ),
      warnings: facts.values.flatMap((value) =>
        warn.filter(({ test }) => test(value)).map(({ name }) => ({ list: name, value })),
      ),
    };
    return leadOf({ id: row.id, kind: object.type, label: row.label, row, facts: full, cves: own, closed, known });
  });
}

function onlyOf({ document, products, vulnerabilities }: Claims, cve: string): Claims {
  return { document, products, vulnerabilities: vulnerabilities.filter((each) => each.cve === cve) };
}

/** Source trust as it has decayed since the indicator was last seen or changed. */
export function scoreOf(
  object: StixObject,
  row: Pick<ObjectRow, "trustPercent" | "receivedAt">,
  seen: SightingCount | undefined,
  now: Date,
): number {
  const changedAt = timeOf(object["modified"]) ?? row.receivedAt;
  const lastAt = seen?.lastSeenAt && seen.lastSeenAt > changedAt ? seen.lastSeenAt : changedAt;
  if (seen?.expiredAt && seen.expiredAt >= lastAt) return 0;
  return decayedScore(row.trustPercent, decayModelOf(String(object["pattern"] ?? "")), lastAt, now);
}

function closedBy(
  object: StixObject,
  row: ObjectRow,
  seen: SightingCount | undefined,
  score: number,
  now: Date,
): string | null {
  if (row.revoked) return "revoked";
  const until = timeOf(object["valid_until"]);
  if (until && until <= now) return "expired";
  if (seen && seen.doubters >= DOUBTERS_MAX && seen.doubters > seen.witnesses) return "doubted";
  if (
    object.type === "indicator" &&
    row.trustPercent > 0 &&
    score < decayModelOf(String(object["pattern"] ?? "")).threshold * (row.trustPercent / 100)
  )
    return "decayed";
  return null;
}

function timeOf(value: unknown): Date | undefined {
  const instant = typeof value === "string" ? parseTimestamp(value) : undefined;
  return instant ? new Date(microsecondsOf(instant) / 1_000) : undefined;
}

/** Puts STIX sightings where they are counted. @returns what was sighted */
async function takeSightings(tx: Db, ids: readonly string[]): Promise<string[]> {
  if (ids.length === 0) return [];
  const sighted: string[] = [];
  const rows = await newestObjects(tx, ids);
  for (const row of rows.values()) {
    const object: unknown = JSON.parse(row.body);
    if (!isStixObject(object) || row.revoked || object["count"] === 0) continue;
    const { sighting_of_ref: of, where_sighted_refs: where, created_by_ref: by, last_seen: last } = object;
    if (typeof of !== "string") continue;
    const places = Array.isArray(where) && where.length > 0 ? where : [typeof by === "string" ? by : "unnamed"];
    for (const place of places.slice(0, 100)) // of one sighting
      await addSighting(tx, {
        id: uuidOf(`${row.id} ${String(place)}`),
        stixId: of,
        kind: "positive",
        organisation: String(place),
        seenAt: timeOf(last) ?? timeOf(object["modified"]) ?? row.receivedAt,
        note: null,
        source: row.id.length + String(place).length > 400 ? row.id : `${row.id} ${String(place)}`,
      });
    sighted.push(of);
  }
  return sighted;
}

/** A UUID of version 8 (RFC 9562) from a hash of `text`: the same for the same text. */
export function uuidOf(text: string): string {
  const hex = createHash("sha256").update(text).digest("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-a${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

let compiled: { readonly key: string; readonly tests: readonly { name: string; test: WarningTest }[] } = {
  key: "",
  tests: [],
};

/** The current lists, compiled once for as long as they stay. */
async function warningTests(db: Db, isNeeded: boolean): Promise<readonly { name: string; test: WarningTest }[]> {
  if (!isNeeded) return [];
  const ids = await currentWarninglistIds(db);
  const key = ids.join(" ");
  if (compiled.key !== key) {
    const lists = (await readWarninglists(db, ids)).map(({ body }) => readWarninglist(JSON.parse(body)));
    compiled = { key, tests: lists.map((list) => ({ name: list.name, test: compileWarninglist(list) })) };
  }
  return compiled.tests;
}
