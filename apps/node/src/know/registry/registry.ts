/**
 * The registry's operations: what other slices and the routes call. Reads answer as of an instant where asked to; writes
 * happen in the caller's transaction. Nothing is deleted: an edit, a retirement and a merge each add a version.
 */
import type { registry as contract } from "@holdfast/api";
import { Problem, uuid7 } from "@holdfast/kernel";
import { sql } from "kysely";
import type { Database } from "../../platform/database.ts";
import type { Ports } from "../../platform/ports.ts";
import { type Census, readCensus } from "./census-store.ts";
import { readSiteCensus, type SiteCensus } from "./site-census-store.ts";
import { type Drafts, type Kind } from "./draft-check.ts";
import { readChain } from "./chain-store.ts";
import { canonicalIds, labelsOf, membersOf, namesById } from "./label-store.ts";
import { countObjects, type Filters, type Listed, listObjects, type Page } from "./list-store.ts";
import { type ModelFacts, readModelFacts, readModelStamp } from "./model-store.ts";
import type { MergeKind } from "./object-kind.ts";
import { type Author, editable, type Entry, type Faulty, saveEntries, type Saved, writeVersions } from "./save.ts";
import { readSketches, readSketchesByNumber, type SiteFacts, type SiteSketch } from "./network.ts";
import {
  type ItemSketch,
  readItemSketches,
  readItemSketchesByNumber,
  readMakers,
  readRecipePage,
  readSources,
  type Sources,
} from "./source-store.ts";
import type { SupplyChain } from "./supply-chain.ts";
import { findRecipeLoop, type Pair } from "./supply-store.ts";
import { type Candidate, suspectPairs, type SuspectPair } from "./suspect.ts";
import {
  addMerge,
  endMerge,
  markSuspect,
  type MergeRow,
  readCandidates,
  readMerge,
  saveSuspects,
} from "./suspect-store.ts";
import { currentVersions, type Db, listVersions, parts, readVersion, tableOf, type Version } from "./version-store.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves

const PAUSE_BLOCKS = 200; // compared before other work of this process gets its turn

/** A change of state with why. */
export interface Change {
  readonly evidence: contract.Evidence;
  readonly reason: string;
  readonly expected?: number;
}

export class Registry {
  readonly #database: Database;
  readonly #ports: Ports;

  constructor(options: { database: Database; ports: Ports }) {
    this.#database = options.database;
    this.#ports = options.ports;
  }

  /** For reads outside of a transaction. */
  get db(): Db {
    return this.#database.tables();
  }

  author(name: string): Author {
    return { name, at: this.#ports.clock.now() };
  }

  /** Writes one object, new or edited. @throws Problem of its first fault, with all of them in its detail */
  async save<K extends Kind>(tx: Db, kind: K, entry: Entry<K>, author: Author): Promise<Version<K>> {
    const { saved, faulty } = await saveEntries(tx, kind, [entry], author, this.#ports);
    if (faulty[0]) throw problemOf(faulty[0]);
    return saved[0]!.version; // one entry without a fault was saved
  }

  /** Writes many; says which entries are faulty and leaves them out. The caller rolls back when it wants all or nothing. */
  saveAll<K extends Kind>(
    tx: Db,
    kind: K,
    entries: readonly Entry<K>[],
    author: Author,
  ): Promise<{ saved: Saved<K>[]; faulty: Faulty[] }> {
    return saveEntries(tx, kind, entries, author, this.#ports);
  }

  /** @throws Problem `registry/not-found` */
  async get<K extends Kind>(kind: K, id: string, asOf: Date | undefined): Promise<Version<K>> {
    const version = await readVersion(this.db, kind, id, asOf);
    if (!version)
      throw new Problem(
        "registry/not-found",
        `there is no ${kind} \`${id}\`${asOf ? ` as of \`${asOf.toISOString()}\`` : ""}`,
      );
    return version;
  }

  list<K extends Kind>(kind: K, filters: Filters, page: Page): Promise<Listed<K>> {
    return listObjects(this.db, kind, filters, page);
  }

  history<K extends Kind>(
    kind: K,
    id: string,
    page: { limit: number; before: number | undefined },
  ): Promise<Version<K>[]> {
    return listVersions(this.db, kind, id, page);
  }

  /** Names of everything that `versions` mention, by id. */
  labels(kind: Kind, versions: readonly Version[], asOf: Date | undefined): Promise<Record<string, string>> {
    return labelsOf(this.db, kind, versions, asOf);
  }

  /** `id` with everything merged into it. */
  members(kind: MergeKind, id: string): Promise<string[]> {
    return membersOf(this.db, kind, id);
  }

  /** The supply chain behind what a site makes; cut at `sitesMax` sites. */
  chain(product: Pair, options: { asOf: Date | undefined; sitesMax: number }): Promise<SupplyChain> {
    return readChain(this.db, product, options);
  }

  /** Sites and items by the short numbers that a chain names them by. */
  sitesByNumber(numbers: readonly number[], asOf: Date | undefined): Promise<Map<number, SiteFacts>> {
    return readSketchesByNumber(this.db, numbers, asOf);
  }

  itemsByNumber(numbers: readonly number[], asOf: Date | undefined): Promise<Map<number, ItemSketch>> {
    return readItemSketchesByNumber(this.db, numbers, asOf);
  }

  /** Names of organisations by id. */
  organisationNames(ids: readonly string[], asOf: Date | undefined): Promise<Map<string, string>> {
    return namesById(this.db, "organisation", ids, asOf);
  }

  sites(ids: readonly string[], asOf: Date | undefined): Promise<Map<string, SiteSketch>> {
    return readSketches(this.db, ids, asOf);
  }

  items(ids: readonly string[], asOf: Date | undefined): Promise<Map<string, ItemSketch>> {
    return readItemSketches(this.db, ids, asOf);
  }

  /** Sites that make an item. */
  makers(item: string, asOf: Date | undefined): Promise<string[]> {
    return readMakers(this.db, item, asOf);
  }

  /** Who makes and who buys an item. */
  sources(item: string, asOf: Date | undefined): Promise<Sources> {
    return readSources(this.db, item, asOf);
  }

  /** The whole registry of today in columns. */
  census(pause: (read: string) => Promise<void>): Promise<Census> {
    return readCensus(this.db, pause);
  }

  /** The facts from which a supply network is modelled, as of an instant. */
  modelFacts(asOf: Date | undefined, pause?: () => Promise<void>): Promise<ModelFacts> {
    return readModelFacts(this.db, asOf, pause);
  }

  /** Changes whenever today's model facts do. */
  modelStamp(): Promise<string> {
    return readModelStamp(this.db);
  }

  /** What one site makes, who else makes it, and how many sites stand downstream of it. */
  siteCensus(site: string, limit: number): Promise<SiteCensus | undefined> {
    return readSiteCensus(this.db, site, limit);
  }

  /** How many objects of each kind there are. */
  counts(): ReturnType<typeof countObjects> {
    return countObjects(this.db);
  }

  /** Active recipes by id, a bounded number. */
  recipes(page: Parameters<typeof readRecipePage>[1]): Promise<Version<"recipe">[]> {
    return readRecipePage(this.db, page);
  }

  /** What a merged object became; the id itself otherwise. */
  async canonical(kind: MergeKind, id: string, asOf: Date | undefined): Promise<string> {
    return (await canonicalIds(this.db, kind, asOf)).get(id) ?? id;
  }

  /** Takes an object out of use. @throws Problem `registry/in-use` while active objects need it */
  async retire<K extends Kind>(tx: Db, kind: K, id: string, change: Change, author: Author): Promise<Version<K>> {
    const before = await this.#lock(tx, kind, id);
    const problem = editable(kind, id, before, change.expected);
    if (problem) throw problem;
    const uses = await usesOf(tx, kind, id);
    if (uses.length > 0) {
      const text = uses.map(({ kind: user, count }) => `${count} ${user}`).join(", ");
      throw new Problem("registry/in-use", `the ${kind} is in use by ${text}: retire or change those first`, {
        detail: { uses },
      });
    }
    return this.#add(tx, kind, { before: before!, state: "retired", change }, author); // editable, so it is there
  }

  /** Takes a retired object back into use. @throws Problem `registry/not-retired` */
  async reinstate<K extends Kind>(tx: Db, kind: K, id: string, change: Change, author: Author): Promise<Version<K>> {
    const before = await this.#lock(tx, kind, id);
    if (before?.state === "active") throw new Problem("registry/not-retired", `the ${kind} is not retired`);
    const problem = editable(
      kind,
      id,
      before && before.state === "retired" ? { ...before, state: "active" } : before,
      change.expected,
    );
    if (problem) throw problem;
    await this.#checkReinstated(tx, kind, before!.body); // editable, so it is there
    return this.#add(tx, kind, { before: before!, state: "active", change }, author); // as above
  }

  /** While it was retired another may have taken its place, or a loop may have become possible. */
  async #checkReinstated<K extends Kind>(tx: Db, kind: K, body: Drafts[K]): Promise<void> {
    if (kind !== "recipe" && kind !== "stock" && kind !== "capacity" && kind !== "demand") return;
    const { site, item } = body as Drafts["stock"]; // each of the four has a site and an item
    const { rows } = await sql<{ id: string }>`
      select v.id from ${tableOf(kind)} v where v.site = ${site}::uuid and v.item = ${item}::uuid and v.superseded_at is null and v.state = 'active' limit 1`.execute(
      tx,
    );
    if (rows[0])
      throw new Problem(
        kind === "recipe" ? "registry/duplicate-recipe" : "registry/duplicate",
        `the site has another ${kind} of this item now: \`${rows[0].id}\``,
      );
    if (kind !== "recipe") return;
    const { groups } = body as Drafts["recipe"]; // kind says so
    const loop = await findRecipeLoop(tx, [{ site, item, suppliers: groups.flatMap(({ suppliers }) => suppliers) }]);
    if (loop)
      throw new Problem(
        "registry/cyclic-recipe",
        "meanwhile other recipes need what this one makes, and it needs what they make",
        { detail: { cycle: loop } },
      );
  }

  async #lock<K extends Kind>(tx: Db, kind: K, id: string): Promise<Version<K> | undefined> {
    return (await currentVersions(tx, kind, [id], { lock: true })).get(id);
  }

  async #add<K extends Kind>(
    tx: Db,
    kind: K,
    next: { before: Version<K>; state: Version["state"]; mergedInto?: string; change: Omit<Change, "expected"> },
    author: Author,
  ): Promise<Version<K>> {
    const { before, state, mergedInto, change } = next;
    const [version] = await writeVersions(
      tx,
      kind,
      [
        {
          id: before.id,
          body: before.body,
          before,
          state,
          mergedInto: mergedInto ?? null,
          evidence: change.evidence,
          reason: change.reason,
        },
      ],
      author,
    );
    return version!; // one entry gives one version
  }

  /** Says that `merged` is `kept`. Nothing of `merged` is rewritten, so taking it back loses nothing. */
  async merge(
    tx: Db,
    kind: MergeKind,
    pair: { kept: string; merged: string },
    change: Omit<Change, "expected">,
    author: Author,
  ): Promise<MergeRow> {
    const { kept, merged } = pair;
    if (kept === merged) throw new Problem("registry/merge-into-itself", "an object can't be merged into itself");
    const versions = await currentVersions(tx, kind, [kept, merged], { lock: true });
    for (const id of [kept, merged]) {
      const version = versions.get(id);
      if (!version && (await this.#isOtherKind(tx, kind, id)))
        throw new Problem("registry/merge-of-different-kinds", `\`${id}\` is not of kind ${kind}`);
      const problem = editable(kind, id, version, undefined);
      if (problem) throw problem;
    }
    await this.#add(tx, kind, { before: versions.get(merged)!, state: "merged", mergedInto: kept, change }, author); // editable, so it is there
    const id = uuid7(this.#ports);
    await addMerge(tx, {
      id,
      kind,
      kept_id: kept,
      merged_id: merged,
      reason: change.reason,
      merged_at: author.at,
      merged_by: author.name,
    });
    await markSuspect(tx, [kept, merged], "merged");
    return (await readMerge(tx, id))!; // written above
  }

  async #isOtherKind(tx: Db, kind: Kind, id: string): Promise<boolean> {
    const { rows } = await sql<{
      kind: string;
    }>`select kind from registry_object where id = ${id}::uuid limit 1`.execute(tx);
    return rows[0] !== undefined && rows[0].kind !== kind;
  }

  /** Takes a merge back: the merged object is again what it was. @throws Problem `registry/not-found`, `registry/merge-undone-already` */
  async undoMerge(tx: Db, id: string, reason: string, author: Author): Promise<MergeRow> {
    const merge = await endMerge(tx, id, { ...author, reason });
    if (!merge) {
      if (await readMerge(tx, id))
        throw new Problem("registry/merge-undone-already", "the merge was taken back before");
      throw new Problem("registry/not-found", `there is no merge \`${id}\``);
    }
    const before = await this.#lock(tx, merge.kind, merge.merged_id);
    await this.#add(
      tx,
      merge.kind,
      { before: before!, state: "active", change: { evidence: before!.evidence, reason } },
      author,
    ); // a standing merge has its object
    await markSuspect(tx, [merge.kept_id, merge.merged_id], "open");
    return merge;
  }

  /** Looks through the whole registry for duplicates. @returns how many pairs are new */
  async findSuspects(progress: (fraction: number, detail: string) => void): Promise<number> {
    let added = 0;
    for (const [i, kind] of (["organisation", "site", "item"] as const).entries()) {
      const candidates: Candidate[] = [];
      for await (const part of readCandidates(this.db, kind)) candidates.push(...part);
      let pairs: SuspectPair[] = [];
      let blocks = 0;
      const save = async () => {
        const found = pairs;
        pairs = [];
        if (found.length > 0)
          added += await this.#database.transaction<NoTables, number>((tx) =>
            saveSuspects(tx, kind, found, this.#ports),
          );
      };
      for (const block of suspectPairs(candidates)) {
        pairs.push(...block);
        if (++blocks % PAUSE_BLOCKS !== 0) continue;
        progress((i + 0.5) / 3, `${kind}s: ${candidates.length} compared, ${added + pairs.length} pairs`);
        if (pairs.length > 1_000) await save();
        else await new Promise((resolve) => setImmediate(resolve));
      }
      await save();
    }
    return added;
  }

  /** Notes the tiers that designation decided, so that lists can be filtered by them. */
  async recordTiers(tx: Db, tiers: readonly { site: string; tier: number | null }[]): Promise<void> {
    for (const part of parts(tiers, 10_000))
      await sql`
        update registry_site v set tier = r.tier from jsonb_to_recordset(${JSON.stringify(part)}::jsonb) as r (site uuid, tier smallint)
        where v.id = r.site and v.superseded_at is null and v.tier is distinct from r.tier`.execute(tx);
  }
}

/** The first fault of an entry, with all of them in its detail. */
export function problemOf({ faults }: Faulty): Problem {
  const [first] = faults;
  if (!first || faults.length === 1) return first!; // a faulty entry has a fault
  return new Problem(first.code, first.message, {
    detail: {
      ...first.detail,
      faults: faults.map(({ code, message, detail }) => ({
        code,
        message,
        path: detail["path"],
        value: detail["value"],
      })),
    },
  });
}

interface Use {
  readonly kind: Kind | "recipe input";
  readonly count: number;
}

const SITE_USERS = ["asset", "recipe", "stock", "capacity", "demand"] as const;
const ITEM_USERS = ["recipe", "stock", "capacity", "demand"] as const;

/** Active objects that name an object, by kind. */
async function usesOf(tx: Db, kind: Kind, id: string): Promise<Use[]> {
  const counted: { kind: Use["kind"]; query: ReturnType<typeof sql> }[] = [];
  const active = (user: Kind, column: string) =>
    counted.push({
      kind: user,
      query: sql`select count(*) as count from ${tableOf(user)} v where v.${sql.ref(column)} = ${id}::uuid and v.superseded_at is null and v.state = 'active' limit 1`,
    });
  const supplies = (column: string) =>
    counted.push({
      kind: "recipe input",
      query: sql`select count(*) as count from registry_supply v where v.${sql.ref(column)} = ${id}::uuid and v.superseded_at is null limit 1`,
    });
  if (kind === "organisation") {
    active("site", "organisation");
    active("organisation", "parent");
  }
  if (kind === "site") {
    for (const user of SITE_USERS) active(user, "site");
    active("route", "from_site");
    active("route", "to_site");
    supplies("supplier_site");
  }
  if (kind === "item") {
    for (const user of ITEM_USERS) active(user, "item");
    supplies("supplier_item");
  }
  const uses: Use[] = [];
  for (const { kind: user, query } of counted) {
    const { rows } = await query.execute(tx);
    const { count } = rows[0] as { count: number }; // count(*) gives one row
    if (count > 0) uses.push({ kind: user, count });
  }
  return uses;
}
