/**
 * Custody of a node: pedigrees out of the thread, findings and what people decided of them, the balance. Everything that is
 * calculated follows from events, registry and settings; decisions are on the ledger.
 */
import { createHash } from "node:crypto";
import type { Principal } from "@holdfast/access";
import { custody as contract } from "@holdfast/api";
import type { JsonObject } from "@holdfast/credential";
import { RULES, threadOf, type Traced, traceFrom } from "@holdfast/custody";
import { canonicalId } from "@holdfast/epcis";
import { Problem } from "@holdfast/kernel";
import type { Transaction } from "kysely";
import { balanceRows } from "./balance.ts";
import { labelsOf, levelOf, placeNames, shownEvent, shownPedigree } from "./answer.ts";
import { Checker, type CheckerParts } from "./checker.ts";
import {
  countByRule,
  decideFinding,
  type FindingRecord,
  giveFinding,
  listFindingRecords,
  readFinding,
} from "./finding-store.ts";
import { glnPlace, knownItems, knownPlaces, materialsOf, productOf } from "./node-facts.ts";
import { addSettings, readSettings, type SettingsRecord } from "./settings.ts";
import { type Db, lastCounts, openCounts, readCursor, repeatAll, sumFlows } from "./store.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves

export const BALANCE_SUMS_MAX = 20_000; // of one balance; more is said, and a site chosen
const SUBJECTS_MAX = 10_000;

export class Custody {
  readonly checker: Checker;
  readonly #parts: CheckerParts;

  constructor(parts: CheckerParts) {
    this.#parts = parts;
    this.checker = new Checker(parts);
  }

  get db(): Db {
    return this.#parts.database.tables();
  }

  start(): void {
    this.checker.start();
  }

  stop(): Promise<void> {
    return this.checker.stop();
  }

  /** Where a thing came from or went. @throws Problem `custody/unknown-thing` */
  async pedigree(query: {
    readonly id: string;
    readonly direction: "back" | "forward";
    readonly at?: string | undefined;
    readonly thingsMax: number;
    readonly roundsMax: number;
  }): Promise<contract.Pedigree> {
    const traced = await this.traced(query);
    const ids = traced.pedigree.things.map(({ id }) => id);
    const { registry } = this.#parts;
    const [label, openFindings, places] = await Promise.all([
      labelsOf(registry, ids),
      openCounts(this.db, ids),
      placeNames(registry, traced.pedigree),
    ]);
    return shownPedigree(traced, { label, openFindings, places, thingsMax: query.thingsMax });
  }

  async traced(query: {
    readonly id: string;
    readonly direction: "back" | "forward";
    readonly at?: string | undefined;
    readonly thingsMax: number;
    readonly roundsMax: number;
  }): Promise<Traced> {
    const { id, direction, at, thingsMax, roundsMax } = query;
    const traced = await traceFrom(
      (ids) => this.#parts.thread.eventsTouching(ids),
      { id, direction, ...(at === undefined ? {} : { atMs: Date.parse(at) }) },
      { things: thingsMax, rounds: roundsMax },
    );
    if (traced.thread.inOrder.length === 0 && traced.thread.undone.length === 0) throw unknownThing(id);
    return traced;
  }

  /** @throws Problem `custody/unknown-thing` */
  async thing(given: string): Promise<contract.ThingDetail> {
    const { registry, thread } = this.#parts;
    const id = canonicalId(given);
    const events = await thread.eventsTouching([id]);
    if (events.length === 0) throw unknownThing(given);
    const all = threadOf(events);
    const undone = new Set(all.undone);
    const latest = events
      .map((event) => shownEvent(event, id, undone))
      .toSorted((a, b) => (a.at < b.at ? -1 : a.at > b.at ? 1 : a.hash < b.hash ? -1 : 1));
    const item = (await knownItems(registry, [productOf(id)])).get(productOf(id));
    return {
      id,
      otherForm: given === id ? namedAs(events, id) : given,
      level: all.levelOf.get(id) ?? levelOf(id),
      label: (await labelsOf(registry, [id]))(id),
      item: item?.id ?? null,
      events: latest.slice(-contract.HISTORY_EVENTS_MAX),
      eventsCount: latest.length,
      places: await this.#placesOf(latest.flatMap(({ place }) => place ?? [])),
    };
  }

  async #placesOf(placeIds: readonly string[]): Promise<contract.Place[]> {
    const known = await knownPlaces(this.#parts.registry, placeIds);
    return [...new Set(placeIds)].map((id) => {
      const place = known.get(glnPlace(id));
      return {
        id,
        site: place?.site ?? null,
        label: place?.label ?? id,
        country: place?.country ?? null,
        latitude: place?.latitude ?? null,
        longitude: place?.longitude ?? null,
      };
    });
  }

  /** Findings as people read them. */
  async shown(records: readonly FindingRecord[]): Promise<contract.Finding[]> {
    const { registry } = this.#parts;
    const label = await labelsOf(
      registry,
      records.filter(({ is_thing }) => is_thing).map(({ subject }) => subject),
    );
    const places = await knownPlaces(
      registry,
      records.flatMap(({ place }) => place ?? []),
    );
    return records.map((record) => ({
      id: record.id,
      version: record.version,
      rule: record.rule,
      title: titleOf(record.rule),
      subject: record.subject,
      subjectLabel: record.is_thing ? label(record.subject) : record.subject,
      isThing: record.is_thing,
      explanation: record.explanation,
      at: record.at.toISOString(),
      place: record.place,
      placeLabel: record.place === null ? null : (places.get(glnPlace(record.place))?.label ?? record.place),
      amount: record.amount === null ? null : { value: record.amount, unit: record.unit ?? "" },
      events: [...record.events],
      state: record.state,
      assignee: record.assignee_name,
      outcome: record.outcome,
      reason: record.reason,
      decidedAt: record.decided_at?.toISOString() ?? null,
      decidedBy: record.decided_by,
      reopened: record.reopened,
      foundAt: record.found_at.toISOString(),
      changedAt: record.changed_at.toISOString(),
    }));
  }

  /** @throws Problem `custody/finding-not-found` */
  async finding(id: string): Promise<contract.Finding> {
    const record = await readFinding(this.db, id);
    if (!record) throw findingNotFound(id);
    return this.#one(record);
  }

  async #one(record: FindingRecord): Promise<contract.Finding> {
    const [one] = await this.shown([record]);
    if (!one) throw findingNotFound(record.id);
    return one;
  }

  /** Findings about any of `ids`, for a dossier. */
  async findingsAbout(ids: readonly string[], limit: number): Promise<readonly JsonObject[]> {
    const subjects = [...new Set(ids.map(canonicalId))].slice(0, SUBJECTS_MAX);
    const records = await listFindingRecords(this.db, { subjects }, { before: undefined, limit });
    return records.map(({ id, rule, subject, state, at, amount, unit, explanation, events, outcome, reason }) => ({
      id,
      rule,
      title: titleOf(rule),
      subject,
      state,
      at: at.toISOString(),
      amount: amount === null ? null : { value: amount, unit },
      explanation,
      events: [...events],
      outcome,
      reason,
    }));
  }

  async summary() {
    const cursor = await readCursor(this.db);
    const rules = await countByRule(this.db);
    return {
      rules: rules.map((row) => ({ ...row, title: titleOf(row.rule) })),
      checkedEvents: cursor.repeatedSeq < cursor.repeatUntil ? cursor.repeatedSeq : cursor.checkedSeq,
      events: await this.#parts.thread.lastSeq(),
    };
  }

  async assign(
    tx: Transaction<NoTables>,
    id: string,
    { to, expected, by }: { to: "me" | "nobody"; expected: number; by: Principal },
  ): Promise<contract.Finding> {
    await this.#locked(tx, id, expected);
    const now = this.#parts.ports.clock.now();
    await giveFinding(tx, id, to === "me" ? { id: `${by.kind}:${by.id}`, name: by.name } : undefined, now);
    return this.#reread(tx, id);
  }

  /** @throws Problem `custody/not-open` */
  async resolve(
    tx: Transaction<NoTables>,
    id: string,
    decision: { outcome: contract.Finding["outcome"]; reason: string; expected: number; by: Principal },
  ): Promise<contract.Finding> {
    const record = await this.#locked(tx, id, decision.expected);
    if (record.state !== "open")
      throw new Problem("custody/not-open", `finding \`${id}\` is ${record.state}: only an open one is resolved`);
    await this.#decide(tx, record, { state: "resolved", ...decision });
    return this.#reread(tx, id);
  }

  /** @throws Problem `custody/not-resolved` */
  async reopen(
    tx: Transaction<NoTables>,
    id: string,
    decision: { reason: string; expected: number; by: Principal },
  ): Promise<contract.Finding> {
    const record = await this.#locked(tx, id, decision.expected);
    if (record.state !== "resolved")
      throw new Problem(
        "custody/not-resolved",
        `finding \`${id}\` is ${record.state}: only a resolved one is reopened`,
      );
    await this.#decide(tx, record, { state: "open", outcome: null, ...decision });
    return this.#reread(tx, id);
  }

  async #decide(
    tx: Transaction<NoTables>,
    record: FindingRecord,
    decision: {
      state: "open" | "resolved";
      outcome: contract.Finding["outcome"];
      reason: string;
      by: Principal;
    },
  ): Promise<void> {
    const { state, outcome, reason, by } = decision;
    const at = this.#parts.ports.clock.now();
    await decideFinding(tx, record.id, { state, outcome, reason, by: by.name, at });
    await this.#parts.evidence.append(tx, {
      kind: "custody/decided",
      subject: `urn:uuid:${record.id}`,
      payload: {
        rule: record.rule,
        subject: record.subject,
        state,
        outcome,
        // the reason may name people: its hash binds the ledger to it
        reasonSha256: createHash("sha256").update(reason).digest("hex"),
        by: `${by.kind}:${by.id}`,
        at: at.toISOString(),
        events: [...record.events].slice(0, EVENTS_ON_RECORD_MAX),
      },
    });
  }

  async #locked(tx: Db, id: string, expected: number): Promise<FindingRecord> {
    const record = await readFinding(tx, id, { lock: true });
    if (!record) throw findingNotFound(id);
    if (record.version !== expected)
      throw new Problem(
        "http/precondition-failed",
        `finding \`${id}\` is at version \`${record.version}\`, not \`${expected}\``,
      );
    return record;
  }

  async #reread(tx: Db, id: string): Promise<contract.Finding> {
    const record = await readFinding(tx, id);
    if (!record) throw findingNotFound(id);
    return this.#one(record);
  }

  /** @throws Problem `custody/period-invalid` */
  async balance(query: {
    readonly from: string;
    readonly to: string;
    readonly site?: string | undefined;
    readonly material?: string | undefined;
  }) {
    const [from, to] = [new Date(query.from), new Date(query.to)];
    if (from >= to) throw new Problem("custody/period-invalid", `\`${query.from}\` is not before \`${query.to}\``);
    const site = query.site === undefined ? undefined : glnPlace(canonicalId(query.site));
    const period = { from, to, site, limit: BALANCE_SUMS_MAX };
    const sums = await sumFlows(this.db, period);
    const counts = await lastCounts(this.db, period);
    const { settings } = await readSettings(this.db);
    const items = await knownItems(this.#parts.registry, new Set(sums.map(({ product }) => product)));
    const names = new Map([...items].map(([product, { label }]) => [product, label]));
    const rows = balanceRows(sums, counts, { materials: materialsOf(settings), names });
    const places = await knownPlaces(this.#parts.registry, new Set(rows.map((row) => row.site)));
    return {
      items: rows
        .filter(({ material }) => query.material === undefined || material === query.material)
        .map((row) => ({ ...row, siteLabel: places.get(row.site)?.label ?? row.site })),
      isWhole: sums.length < BALANCE_SUMS_MAX,
      rowsMax: BALANCE_SUMS_MAX,
    };
  }

  settings(): Promise<SettingsRecord> {
    return readSettings(this.db);
  }

  /** Events are checked again by them. @throws Problem `http/precondition-failed` */
  async changeSettings(
    tx: Transaction<NoTables>,
    settings: contract.Settings,
    change: { readonly expected: number; readonly by: Pick<Principal, "kind" | "id" | "name"> },
  ): Promise<SettingsRecord> {
    const version = change.expected + 1;
    const at = this.#parts.ports.clock.now();
    const current = await readSettings(tx);
    const isAdded =
      current.version === change.expected && (await addSettings(tx, { version, settings, at, by: change.by.name }));
    if (!isAdded)
      throw new Problem("http/precondition-failed", `the settings are at version \`${current.version}\` by now`);
    await repeatAll(tx);
    await this.#parts.evidence.append(tx, {
      kind: "custody/settings-changed",
      subject: "urn:holdfast:custody",
      payload: {
        version,
        settingsSha256: createHash("sha256").update(JSON.stringify(settings)).digest("hex"),
        by: `${change.by.kind}:${change.by.id}`,
      },
    });
    return { version, settings, changedAt: at, changedBy: change.by.name };
  }
}

const EVENTS_ON_RECORD_MAX = 100;
const titles: Readonly<Record<string, string>> = RULES;

export function titleOf(rule: string): string {
  const title = titles[rule] ?? rule;
  return title.charAt(0).toUpperCase() + title.slice(1);
}

/** The spelling that an event uses for the thing, where it is another one. */
function namedAs(events: readonly { readonly event: object }[], id: string): string | null {
  const pattern = /"(urn:epc:[^"\\]{1,300})"/g;
  for (const { event } of events.slice(0, 5))
    for (const [, text = ""] of JSON.stringify(event, (_, value: unknown) =>
      typeof value === "bigint" ? String(value) : value,
    ).matchAll(pattern))
      if (canonicalId(text) === id) return text;
  return null;
}

function unknownThing(id: string): Problem {
  return new Problem("custody/unknown-thing", `no event here names \`${id.slice(0, 200)}\``);
}

export function findingNotFound(id: string): Problem {
  return new Problem("custody/finding-not-found", `there is no finding \`${id}\``);
}
