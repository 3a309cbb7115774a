/**
 * Joins leads with the registry's objects: what is new or changed is judged against what it shares a term with, and with
 * nothing else. One process at a time; each step is one transaction that takes its notes away, so that nothing is lost and
 * nothing judged twice however often a process ends in between. Invariant: the result is that of judging every pair.
 */
import type { Principal } from "@holdfast/access";
import type { Transaction } from "kysely";
import {
  canonicalIds,
  currentVersions,
  type Registry,
  takeChanges,
  type Version,
} from "../../../know/registry/index.ts";
import type { Database } from "../../../platform/database.ts";
import type { Jobs } from "../../../platform/jobs.ts";
import type { Ports } from "../../../platform/ports.ts";
import type { Log } from "../../../platform/telemetry.ts";
import { buildLeads } from "./build.ts";
import { judge, rankOf, siteKindsOf } from "./judge.ts";
import type { Lead } from "./lead.ts";
import {
  analyseTerms,
  assetsOfSites,
  broadLeads,
  broadSurfaces,
  candidates,
  countTouches,
  type Db,
  dropSurfaces,
  keepLeads,
  type KeptLead,
  type KeptSurface,
  keepSurfaces,
  leadSeqs,
  leadsOf,
  lockTouches,
  type NewTouch,
  notePending,
  readLeads,
  readSurfaces,
  replaceTouches,
  surfacesInBox,
  takePending,
  touchedBy,
} from "./store.ts";
import {
  assetSurface,
  criticalityOf,
  itemSurface,
  organisationSurface,
  siteSurface,
  stampOfSurface,
  type Surface,
  termsOfSurface,
} from "./surface.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves

const EVALUATE = "intel/evaluate";
const LEADS_PER_STEP = 100; // judged in one transaction
const CHANGES_PER_STEP = 1_000; // as above
export const BROAD_MAX = 50; // objects that a lead touches by country or sector alone; the rest is counted
const NEAR_MAX = 1_000; // sites near one position
const TICK_MS = 1_000;
const ANALYSE_AFTER: ReadonlySet<number> = new Set([2, 8, 32, 128]); // steps in a row, after which the tables are of another size

export interface TouchParts {
  readonly database: Database;
  readonly registry: Registry;
  readonly jobs: Jobs;
  readonly ports: Ports;
  readonly log: Log;
}

export class Touching {
  readonly #parts: TouchParts;
  #timer: NodeJS.Timeout | undefined;
  #running: Promise<void> | undefined;
  #isStopped = false;

  constructor(parts: TouchParts) {
    this.#parts = parts;
    parts.jobs.define(EVALUATE, ({ progress }) => this.evaluateAll(progress));
  }

  get db(): Db {
    return this.#parts.database.tables();
  }

  start(): void {
    this.#timer = setInterval(() => this.wake(), TICK_MS);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearInterval(this.#timer);
    await this.#running;
  }

  /** Looks at what waits soon instead of at the next tick; call it after a commit. */
  wake(): void {
    if (this.#isStopped) return;
    this.#running ??= this.settle({ wait: false })
      .catch((error: unknown) => this.#parts.log.error({ err: error }, "joining intelligence with the registry"))
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** Looks at everything that waits; without `wait`, leaves it to another process that is at it. */
  async settle({ wait }: { wait: boolean } = { wait: true }): Promise<void> {
    for (let steps = 1; !this.#isStopped && (await this.#step(wait)); steps++) {
      if (ANALYSE_AFTER.has(steps)) await analyseTerms(this.db);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  startEvaluation(tx: Transaction<NoTables>, principal: Principal): Promise<string> {
    return this.#parts.jobs.enqueue(tx, {
      kind: EVALUATE,
      title: "Joining all intelligence with the registry",
      input: {},
      principal,
    });
  }

  /** Judges every lead anew. @returns how many leads, and how many pairs came of it */
  async evaluateAll(progress: (fraction: number, detail: string) => void): Promise<{ leads: number; touches: number }> {
    await this.settle();
    const known = new Map<number, KeptSurface>();
    let [after, leads, touches] = [0, 0, 0];
    for (;;) {
      const seqs = await leadSeqs(this.db, after, LEADS_PER_STEP);
      if (seqs.length === 0) return { leads, touches };
      touches += await this.#transaction(async (tx) => {
        await lockTouches(tx, { wait: true });
        return this.#judgeLeads(tx, await readLeads(tx, seqs), known);
      });
      leads += seqs.length;
      after = seqs.at(-1)!; // not empty
      progress(leads / (leads + LEADS_PER_STEP), `${leads} leads, ${touches} pairs`);
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  /** One transaction's worth of what waits. @returns whether there may be more */
  #step(wait: boolean): Promise<boolean> {
    return this.#transaction(async (tx) => {
      if (!(await lockTouches(tx, { wait }))) return false;
      const changes = await takeChanges(tx, CHANGES_PER_STEP);
      if (changes.length > 0) {
        await this.#refresh(tx, changes);
        return true;
      }
      const ids = await takePending(tx, LEADS_PER_STEP);
      if (ids.length === 0) return false;
      const { leads, alsoPending } = await buildLeads(tx, ids, this.#parts.ports.clock.now());
      await notePending(tx, alsoPending);
      const seqs = await keepLeads(tx, leads, this.#parts.ports.clock.now());
      await this.#judgeLeads(
        tx,
        leads.map((each, i) => ({ ...each, seq: seqs[i]! })),
        new Map(),
      ); // one seq each
      return true;
    });
  }

  /** Judges whole leads against what they can touch. `known` keeps objects between calls. */
  async #judgeLeads(tx: Db, leads: readonly KeptLead[], known: Map<number, KeptSurface>): Promise<number> {
    const open = leads.filter(({ closed }) => closed === null);
    const narrow = await candidates(
      tx,
      open.map(({ seq }) => seq),
    );
    const broadMore = new Map<number, number>();
    const wanted = new Map<number, readonly number[]>();
    for (const { seq, lead, isBroad } of open) {
      const broad = isBroad ? await this.#broad(tx, lead) : { seqs: [], total: 0 };
      wanted.set(seq, [...new Set([...(narrow.get(seq) ?? []), ...broad.seqs])]);
      broadMore.set(seq, Math.max(0, broad.total - broad.seqs.length));
    }
    const missing = [...new Set([...wanted.values()].flat())].filter((seq) => !known.has(seq));
    for (const each of await readSurfaces(tx, missing)) known.set(each.seq, each);
    const touches = open.flatMap((each) =>
      touchesOf(
        each,
        (wanted.get(each.seq) ?? []).flatMap((seq) => known.get(seq) ?? []),
      ),
    );
    await replaceTouches(tx, { leads: leads.map(({ seq }) => seq) }, touches, this.#parts.ports.clock.now());
    await countTouches(
      tx,
      leads.map(({ seq }) => seq),
      broadMore,
    );
    return touches.length;
  }

  /** Sites by country and sector, or by nearness where the lead knows its place. */
  async #broad(tx: Db, lead: Lead): Promise<{ seqs: number[]; total: number }> {
    if (lead.positions.length === 0) {
      const siteKinds = siteKindsOf(lead.sectors);
      if (lead.sectors.length > 0 && siteKinds.length === 0 && lead.countries.length > 0) return { seqs: [], total: 0 };
      return broadSurfaces(tx, { countries: lead.countries, siteKinds }, BROAD_MAX);
    }
    const seqs: number[] = [];
    for (const place of lead.positions) seqs.push(...(await surfacesInBox(tx, boxAround(place), NEAR_MAX)));
    return { seqs: [...new Set(seqs)], total: 0 };
  }

  /** Reads changed objects anew and judges each against the leads that share a term with it. */
  async #refresh(tx: Db, changes: readonly { kind: Surface["kind"]; id: string }[]): Promise<void> {
    const ids = Map.groupBy(changes, ({ kind }) => kind);
    const idsOf = (kind: Surface["kind"]) => (ids.get(kind) ?? []).map(({ id }) => id);
    const sites = await currentVersions(tx, "site", idsOf("site"));
    const assetIds = [...new Set([...idsOf("asset"), ...(await assetsOfSites(tx, idsOf("site")))])];
    const assets = await currentVersions(tx, "asset", assetIds);
    const organisations = await currentVersions(tx, "organisation", idsOf("organisation"));
    const items = await currentVersions(tx, "item", idsOf("item"));
    const canonical = await canonicalIds(tx, "site", undefined);
    const siteOf = ({ site }: { site: string }) => canonical.get(site) ?? site;
    const sketches = await this.#parts.registry.sites(
      [...new Set([...assets.values()].map(({ body }) => siteOf(body)))],
      undefined,
    );
    const surfaces = [
      ...active(organisations).map(({ id, body }) => organisationSurface(id, body)),
      ...active(sites).map(({ id, body, tier }) => siteSurface(id, body, tier)),
      ...active(assets).map(({ id, body }) =>
        assetSurface(id, { ...body, site: siteOf(body) }, sketches.get(siteOf(body))),
      ),
      ...active(items).map(({ id, body }) => itemSurface(id, body)),
    ];
    const alive = new Set(surfaces.map(({ id }) => id));
    const gone = [...assetIds, ...changes.map(({ id }) => id)].filter((id) => !alive.has(id));
    const left = await dropSurfaces(tx, gone);
    const seqs = await keepSurfaces(
      tx,
      surfaces.map((surface) => ({
        surface,
        stamp: stampOfSurface(surface),
        criticality: criticalityOf(surface),
        terms: termsOfSurface(surface),
      })),
    );
    await this.#judgeSurfaces(tx, seqs, left);
    const touched = sites.size > 0 ? await broadLeads(tx) : [];
    for (let from = 0; from < touched.length; from += LEADS_PER_STEP)
      await this.#judgeLeads(tx, await readLeads(tx, touched.slice(from, from + LEADS_PER_STEP)), new Map());
  }

  async #judgeSurfaces(tx: Db, seqs: readonly number[], alsoCount: readonly number[]): Promise<void> {
    const pairs = await leadsOf(tx, seqs);
    const leads = new Map(
      (await readLeads(tx, [...new Set([...pairs.values()].flat())])).map((each) => [each.seq, each]),
    );
    const touches: NewTouch[] = [];
    for (const surface of await readSurfaces(tx, seqs)) {
      for (const seq of pairs.get(surface.seq) ?? []) {
        const lead = leads.get(seq);
        // a broad lead is judged whole, because it keeps only the most critical of what it touches
        if (lead && lead.closed === null && !lead.isBroad) touches.push(...touchesOf(lead, [surface]));
      }
    }
    const before = await touchedBy(tx, seqs);
    await replaceTouches(tx, { surfaces: seqs }, touches, this.#parts.ports.clock.now());
    await countTouches(tx, [...new Set([...alsoCount, ...before, ...touches.map(({ leadSeq }) => leadSeq)])]);
  }

  #transaction<Value>(work: (tx: Transaction<NoTables>) => Promise<Value>): Promise<Value> {
    return this.#parts.database.transaction<NoTables, Value>(work);
  }
}

function active<K extends Surface["kind"]>(versions: ReadonlyMap<string, Version<K>>): Version<K>[] {
  return [...versions.values()].filter(({ state }) => state === "active");
}

/** What a lead does to objects, with ranks. */
export function touchesOf({ seq, lead, isKev, isRansomware }: KeptLead, surfaces: readonly KeptSurface[]): NewTouch[] {
  const makes = new Map<string, ReturnType<typeof judge>>();
  const found = surfaces.flatMap((each) => {
    const make = makeOf(each.surface);
    const touch = make !== undefined && makes.has(make) ? makes.get(make) : judge(lead, each.surface);
    if (make !== undefined) makes.set(make, touch);
    return touch ? [{ each, touch }] : [];
  });
  return found.map(({ each, touch }) => ({
    leadSeq: seq,
    surfaceSeq: each.seq,
    touch,
    rank: rankOf(touch, {
      criticality: each.criticality,
      isKev,
      isRansomware,
      cvss: lead.cvss,
      trustPercent: lead.trustPercent,
    }),
  }));
}

/** Assets that are alike in all that is judged of an asset; a fleet of them is judged once. */
function makeOf({ kind, vendor, model, firmware, identifiers }: Surface): string | undefined {
  return kind === "asset" ? JSON.stringify([vendor, model, firmware, identifiers]) : undefined;
}

const KM_PER_DEGREE = 111.2; // of latitude

function boxAround({ latitude, longitude, radiusKm }: { latitude: number; longitude: number; radiusKm: number }) {
  const high = radiusKm / KM_PER_DEGREE;
  const scale = Math.cos((Math.min(89, Math.abs(latitude) + high) * Math.PI) / 180);
  const wide = Math.min(180, high / Math.max(scale, 0.001));
  const turned = (degrees: number) => ((((degrees + 180) % 360) + 360) % 360) - 180;
  return wide >= 180
    ? { south: latitude - high, north: latitude + high, west: -180, east: 180 }
    : {
        south: latitude - high,
        north: latitude + high,
        west: turned(longitude - wide),
        east: turned(longitude + wide),
      };
}
