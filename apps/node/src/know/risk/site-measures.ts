/**
 * Measures every site and keeps what it was: a job calculates, one transaction ends and begins the measures that changed,
 * and tells through the outbox of those that moved past the threshold. When the registry changes after a first measurement,
 * one process asks for the next.
 */
import type { Principal } from "@holdfast/access";
import type { siteMeasure as contract } from "@holdfast/api";
import { canonicalJson, type Json, Problem, uuid7 } from "@holdfast/kernel";
import type { Transaction } from "kysely";
import type { Database } from "../../platform/database.ts";
import type { Jobs } from "../../platform/jobs.ts";
import type { Message, Outbox } from "../../platform/outbox.ts";
import type { Ports } from "../../platform/ports.ts";
import type { Registry } from "../registry/index.ts";
import type { RawMeasure, Simulation } from "../simulation/index.ts";
import { DEFAULT_CALIBRATION } from "./default-calibration.ts";
import {
  addAlert,
  addCalibration,
  addMeasurement,
  addScores,
  changeMeasures,
  type Db,
  listMeasurements,
  lockMeasures,
  type NewMeasure,
  noteStamp,
  readCalibration,
} from "./measure-store.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves

const MEASURE = "risk/measure";
export const MEASURE_MOVED = "risk/site-measure-moved";
const WATCH_MILLISECONDS = 30_000;
const PPM = 1_000_000;
const PROGRAM: Principal = { kind: "anonymous", id: "program", name: "the program", roles: [] };
const CARVER_VALUES = ["criticality", "accessibility", "recuperability", "vulnerability", "effect", "recognizability"];

export interface SiteMeasuresParts {
  readonly database: Database;
  readonly registry: Registry;
  readonly simulation: Simulation;
  readonly jobs: Jobs;
  readonly ports: Ports;
  readonly outbox: Outbox;
}

interface Moved {
  readonly site: string;
  readonly beforeMinor: number;
  readonly afterMinor: number;
  readonly currency: string | null;
  readonly at: string;
}

export class SiteMeasures {
  readonly #parts: SiteMeasuresParts;
  #watch: NodeJS.Timeout | undefined;

  constructor(parts: SiteMeasuresParts) {
    this.#parts = parts;
    const { jobs, outbox } = parts;
    jobs.define<{ years: number; seed: number; asOf: string }>(MEASURE, ({ input, signal, progress }) =>
      this.#measure(input, signal, progress),
    );
    outbox.consume(MEASURE_MOVED, (message) => this.#keepAlert(message));
  }

  get db(): Db {
    return this.#parts.database.tables();
  }

  /** Looks now and then whether the registry is another than was measured. */
  start(): void {
    this.#watch = setInterval(() => void this.measureIfChanged().catch(() => undefined), WATCH_MILLISECONDS); // the next look tries again
    this.#watch.unref();
  }

  stop(): void {
    clearInterval(this.#watch);
  }

  async calibration(): Promise<contract.Calibration> {
    const kept = await readCalibration(this.db);
    return kept
      ? { ...shown(kept), isDefault: false }
      : { ...DEFAULT_CALIBRATION, version: 0, isDefault: true, changedAt: null, changedBy: null };
  }

  /** @throws Problem `http/precondition-failed`, `site-measure/calibration-incomplete` */
  async calibrate(
    tx: Db,
    content: contract.CalibrationContent,
    change: { expected: number; by: string },
  ): Promise<contract.Calibration> {
    for (const { lowPerYear, perYear, highPerYear } of content.levels)
      if (!(lowPerYear <= perYear && perYear <= highPerYear))
        throw new Problem(
          "site-measure/calibration-incomplete",
          `\`${lowPerYear}\`, \`${perYear}\` and \`${highPerYear}\` a year are not in order`,
        );
    for (const { threat, lowDays, highDays } of content.downtimes)
      if (lowDays > highDays)
        throw new Problem(
          "site-measure/calibration-incomplete",
          `the days of ${threat}, \`${lowDays}\` to \`${highDays}\`, are not in order`,
        );
    const record = {
      version: change.expected + 1,
      content,
      changedAt: this.#parts.ports.clock.now(),
      changedBy: change.by,
    };
    const now = (await readCalibration(tx))?.version ?? 0;
    if (now !== change.expected || !(await addCalibration(tx, record)))
      throw new Problem(
        "http/precondition-failed",
        `the calibration was changed: it is at version \`${now}\`, not \`${change.expected}\``,
      );
    return { ...shown(record), isDefault: false };
  }

  /** Starts a measurement as a job, in `tx`. */
  async begin(tx: Db, options: { years: number; seed: number; principal: Principal }): Promise<string> {
    const { jobs, ports, registry } = this.#parts;
    const now = ports.clock.now();
    await noteStamp(tx, await registry.modelStamp(), now);
    const { years, seed, principal } = options;
    return jobs.enqueue(tx as Transaction<NoTables>, {
      kind: MEASURE,
      title: "Measuring every site",
      input: { years, seed, asOf: now.toISOString() },
      principal,
    }); // callers pass a transaction
  }

  /** Asks for the next measurement when the registry changed since the last. @returns whether it asked */
  async measureIfChanged(): Promise<boolean> {
    const [last] = await listMeasurements(this.db, { before: undefined, limit: 1 });
    if (!last) return false; // nobody asked for a first one yet
    const stamp = await this.#parts.registry.modelStamp();
    return this.#parts.database.transaction<NoTables, boolean>(async (tx) => {
      if (!(await noteStamp(tx, stamp, this.#parts.ports.clock.now()))) return false;
      await this.begin(tx, { years: last.years, seed: last.seed, principal: PROGRAM });
      return true;
    });
  }

  async #measure(
    { years, seed, asOf }: { years: number; seed: number; asOf: string },
    signal: AbortSignal,
    progress: (fraction: number, detail: string) => void,
  ): Promise<{ measurement: string; sites: number; changed: number }> {
    const { database, simulation, ports, outbox, registry } = this.#parts;
    const { version, ...calibration } = await this.calibration();
    const { levels, downtimes, alertPpm, source } = calibration;
    const at = new Date(asOf);
    const onProgress = (fraction: number, detail: string) => {
      if (!signal.aborted) progress(fraction, detail);
    };
    const { key, measurement } = await simulation.long(
      "site-measures",
      { calibration: { levels, downtimes, alertPpm, source }, years, seed },
      at,
      { signal, onProgress },
    );
    const sketches = await registry.sites(
      measurement.sites.map(({ site }) => site),
      at,
    );
    return database.transaction<NoTables, { measurement: string; sites: number; changed: number }>(async (tx) => {
      const before = await lockMeasures(tx);
      const now = ports.clock.now();
      const id = uuid7(ports);
      const { currency, sites, portfolio } = measurement;
      await addMeasurement(tx, {
        id,
        asOf: at,
        computedAt: now,
        currency,
        sitesCount: sites.length,
        years,
        seed,
        modelVersion: key.modelVersion,
        inputHash: key.inputHash,
        assumptionsHash: key.assumptionsHash,
        calibrationVersion: version,
        portfolio,
      });
      const fresh = sites.flatMap((measure): NewMeasure[] => {
        const old = before.get(measure.site);
        const sketch = sketches.get(measure.site);
        if (!sketch || (old && isSame(old, measure))) return [];
        return [{ measure, kind: sketch.kind, country: sketch.country }];
      });
      const measured = new Set(sites.map(({ site }) => site));
      const gone = [...before.keys()].filter((site) => !measured.has(site));
      const ended = [...gone, ...fresh.map(({ measure }) => measure.site)];
      await changeMeasures(tx, { ended, fresh, measurement: id, at: now });
      for (const { measure } of fresh) {
        const old = before.get(measure.site);
        if (!old || !hasMoved(old, measure, alertPpm)) continue;
        const payload: Moved = {
          site: measure.site,
          beforeMinor: old.expectedMinor,
          afterMinor: measure.expectedMinor,
          currency,
          at: now.toISOString(),
        };
        await outbox.put(tx, { topic: MEASURE_MOVED, key: measure.site, payload });
      }
      return { measurement: id, sites: sites.length, changed: fresh.length };
    });
  }

  async #keepAlert({ id, payload }: Message): Promise<void> {
    const { at, ...moved } = payload as Moved; // this class puts it
    await addAlert(this.db, { id, ...moved, at: new Date(at) });
  }

  /** @throws Problem `site-measure/site-not-found`, `site-measure/score-invalid` */
  async importScores(tx: Db, drafts: readonly contract.SiteScoreDraft[], by: string): Promise<contract.SiteScore[]> {
    const { registry, ports } = this.#parts;
    const known = await registry.sites([...new Set(drafts.map(({ site }) => site))], undefined);
    const recordedAt = ports.clock.now().toISOString();
    const scores = drafts.map((draft, i): contract.SiteScore => {
      if (!known.has(draft.site))
        throw new Problem("site-measure/site-not-found", `there is no site \`${draft.site}\``, {
          detail: { path: `scores[${i}].site` },
        });
      return { ...draft, id: uuid7(ports), ...totalOf(draft, i), recordedAt, recordedBy: by };
    });
    await addScores(tx, scores);
    return scores;
  }
}

/** CARVER is a sum of six values from 1 to 10; the other methods print no total that means anything. */
export function totalOf(draft: contract.SiteScoreDraft, index = 0): Pick<contract.SiteScore, "total" | "isTotalWrong"> {
  if (draft.method !== "carver") return { total: null, isTotalWrong: false };
  const missing = CARVER_VALUES.filter((name) => draft.values[name] === undefined);
  const others = Object.keys(draft.values).filter((name) => !CARVER_VALUES.includes(name));
  const outside = Object.entries(draft.values).filter(([, value]) => value < 1 || value > 10);
  if (missing.length + others.length + outside.length > 0)
    throw new Problem(
      "site-measure/score-invalid",
      `CARVER has the six values ${CARVER_VALUES.join(", ")}, each from 1 to 10`,
      { detail: { path: `scores[${index}].values`, missing, others, outside: outside.map(([name]) => name) } },
    );
  const total = CARVER_VALUES.reduce((sum, name) => sum + (draft.values[name] ?? 0), 0);
  return { total, isTotalWrong: draft.statedTotal !== undefined && draft.statedTotal !== total };
}

function isSame(a: RawMeasure, b: RawMeasure): boolean {
  return canonicalJson(a as unknown as Json) === canonicalJson(b as unknown as Json); // measures are plain data
}

function hasMoved(before: RawMeasure, after: RawMeasure, alertPpm: number): boolean {
  const moved = Math.abs(after.expectedMinor - before.expectedMinor);
  return moved > 0 && moved * PPM > before.expectedMinor * alertPpm;
}

function shown({
  version,
  content,
  changedAt,
  changedBy,
}: {
  version: number;
  content: contract.CalibrationContent;
  changedAt: Date;
  changedBy: string;
}) {
  return { ...content, version, changedAt: changedAt.toISOString(), changedBy };
}
