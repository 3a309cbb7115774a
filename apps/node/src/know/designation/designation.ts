/**
 * Designation's operations: criteria are proposed, previewed over the whole registry, and decided; the criteria in force
 * are applied again when the registry has changed. A decision applies exactly what its preview showed, or nothing.
 */
import type { Principal } from "@holdfast/access";
import type { designation as contract } from "@holdfast/api";
import { Problem, uuid7 } from "@holdfast/kernel";
import type { Database } from "../../platform/database.ts";
import type { Evidence } from "../../platform/evidence.ts";
import type { Jobs } from "../../platform/jobs.ts";
import type { Ports } from "../../platform/ports.ts";
import type { Registry } from "../registry/index.ts";
import { countLimits, measureAll, measureOne } from "./census.ts";
import { DEFAULT_CRITERIA } from "./default-criteria.ts";
import { evaluateSite, type Outcome as Verdict } from "./evaluate.ts";
import {
  addCriteria,
  applyOutcomes,
  beginPreview,
  changeDraft,
  type CriteriaDraft,
  type Db,
  decide,
  finishPreview,
  listOutcomes,
  lockTiers,
  noteEvaluation,
  type Outcome,
  type Preview,
  readCriteria,
  readInForce,
  readPreview,
  readTiers,
} from "./store.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves

const PREVIEW = "designation/preview";
const EVALUATE = "designation/evaluate";
const SITES_PER_TURN = 500; // evaluated before other work of this process gets its turn
const OUTCOMES_PER_READ = 5_000;

type Progress = (fraction: number, detail: string) => void;

export interface DesignationParts {
  readonly database: Database;
  readonly registry: Registry;
  readonly jobs: Jobs;
  readonly ports: Ports;
  /** Where decisions are put on record. */
  readonly evidence?: Evidence;
}

export class Designation {
  readonly #database: Database;
  readonly #registry: Registry;
  readonly #jobs: Jobs;
  readonly #ports: Ports;
  readonly #evidence: Evidence | undefined;

  constructor({ database, registry, jobs, ports, evidence }: DesignationParts) {
    this.#evidence = evidence;
    this.#database = database;
    this.#registry = registry;
    this.#jobs = jobs;
    this.#ports = ports;
    jobs.define<{ criteria: string }>(PREVIEW, ({ input, progress }) => this.preview(input.criteria, progress));
    jobs.define(EVALUATE, ({ progress }) => this.evaluate(progress));
  }

  /** For reads outside of a transaction. */
  get db(): Db {
    return this.#database.tables();
  }

  /** Puts the initial criteria in force on a node that has none. */
  async prepare(): Promise<void> {
    await this.#transaction(async (tx) => {
      await lockTiers(tx);
      const at = this.#ports.clock.now();
      const added = await addCriteria(
        tx,
        { ...DEFAULT_CRITERIA, id: uuid7(this.#ports), at, by: "the program" },
        { unlessAny: true },
      );
      if (added)
        await decide(tx, added.id, "in-force", { at, name: "the program", reason: "a node begins with these" });
    });
  }

  async propose(tx: Db, draft: CriteriaDraft, by: string): Promise<contract.Criteria> {
    checkRules(draft);
    const added = await addCriteria(tx, { ...draft, id: uuid7(this.#ports), at: this.#ports.clock.now(), by });
    return added!; // only `unlessAny` adds nothing
  }

  /** Changes a draft of version `expected`. @throws Problem `designation/not-a-draft` */
  async edit(tx: Db, id: string, draft: CriteriaDraft, expected: number): Promise<contract.Criteria> {
    checkRules(draft);
    const criteria = await this.#draft(tx, id);
    if (criteria.version !== expected)
      throw new Problem(
        "http/precondition-failed",
        `the draft was changed: it is at version \`${criteria.version}\`, not \`${expected}\``,
      );
    return changeDraft(tx, id, draft);
  }

  /** Starts a preview as a job, in `tx`. @returns the job's id */
  async startPreview(tx: Db, id: string, principal: Principal): Promise<string> {
    const criteria = await this.#draft(tx, id);
    const running = await readPreview(tx, id);
    if (
      running?.state === "running" &&
      running.criteriaVersion === criteria.version &&
      (await this.#isUnderWay(running.jobId))
    )
      throw new Problem("designation/preview-running", "a preview of this draft is being made", {
        detail: { jobId: running.jobId },
      });
    const jobId = await this.#enqueue(tx, {
      kind: PREVIEW,
      title: `Preview of “${criteria.title}”`,
      input: { criteria: id },
      principal,
    });
    await beginPreview(tx, { criteria: id, criteriaVersion: criteria.version, jobId });
    return jobId;
  }

  async #isUnderWay(jobId: string): Promise<boolean> {
    const job = await this.#jobs.get(jobId);
    return job?.state === "waiting" || job?.state === "running";
  }

  /** Starts an evaluation under the criteria in force as a job, in `tx`. @returns the job's id */
  async startEvaluation(tx: Db, principal: Principal): Promise<string> {
    if (!(await readInForce(tx)))
      throw new Problem("designation/none-in-force", "no criteria are in force: propose and adopt some");
    return this.#enqueue(tx, { kind: EVALUATE, title: "Designating sites", input: {}, principal });
  }

  #enqueue(
    tx: Db,
    request: { kind: string; title: string; input: Record<string, string>; principal: Principal },
  ): Promise<string> {
    return this.#jobs.enqueue(tx as Parameters<Jobs["enqueue"]>[0], request); // callers pass a transaction
  }

  /** Works out what a draft would change and keeps it as its preview. @returns how many sites would change tier */
  async preview(id: string, progress: Progress): Promise<{ changes: number }> {
    const criteria = await readCriteria(this.db, id);
    if (!criteria) throw notFound(id);
    const { outcomes, sitesCount } = await this.#evaluateAll(criteria.rules, progress);
    const moves = movesOf(outcomes, sitesCount);
    await this.#transaction(async (tx) => {
      const now = await readCriteria(tx, id, { lock: true });
      if (now?.version !== criteria.version)
        throw new Problem(
          "designation/preview-outdated",
          "the draft was changed while its preview was made: start another",
        );
      await finishPreview(tx, id, { outcomes, sitesCount, moves, at: this.#ports.clock.now() });
    });
    return { changes: outcomes.filter(({ from, to }) => from !== to).length };
  }

  /** Applies the criteria in force to the registry as it stands now. @returns how many sites changed tier */
  async evaluate(progress: Progress): Promise<{ changes: number }> {
    const criteria = await readInForce(this.db);
    if (!criteria) throw new Problem("designation/none-in-force", "no criteria are in force: propose and adopt some");
    const { outcomes, sitesCount } = await this.#evaluateAll(criteria.rules, progress);
    return this.#transaction(async (tx) => {
      await lockTiers(tx);
      if ((await readInForce(tx))?.id !== criteria.id)
        throw new Problem("designation/preview-outdated", "other criteria were adopted meanwhile: evaluate again");
      const changes = await this.#apply(tx, criteria.id, outcomes);
      await noteEvaluation(tx, criteria.id, this.#ports.clock.now(), sitesCount);
      return { changes };
    });
  }

  /** Adopts a draft as its preview showed it, or rejects it. @throws Problem `designation/not-previewed`, `designation/preview-outdated` */
  async decide(
    tx: Db,
    id: string,
    decision: { adopt: boolean; reason: string; by: string },
  ): Promise<contract.Criteria> {
    await lockTiers(tx);
    const criteria = await this.#draft(tx, id);
    const by = { at: this.#ports.clock.now(), name: decision.by, reason: decision.reason };
    if (!decision.adopt) return this.#decided(tx, await decide(tx, id, "rejected", by), decision.reason);
    const preview = await readPreview(tx, id);
    if (preview?.state !== "ready" || preview.criteriaVersion !== criteria.version)
      throw new Problem(
        "designation/not-previewed",
        "look at what the draft would change before you decide: make its preview",
      );
    const tiers = await readTiers(tx);
    const outcomes: Outcome[] = [];
    let after: string | undefined;
    do {
      const part = await listOutcomes(tx, id, { after, limit: OUTCOMES_PER_READ, changesOnly: false });
      outcomes.push(...part);
      after = part.length === OUTCOMES_PER_READ ? part.at(-1)?.site : undefined;
    } while (after !== undefined);
    if (
      outcomes.filter(({ from }) => from !== null).length !== tiers.size ||
      outcomes.some(({ site, from }) => from !== (tiers.get(site)?.tier ?? null))
    )
      throw new Problem("designation/preview-outdated", "tiers have changed since the preview was made: make another");
    const adopted = await decide(tx, id, "in-force", by);
    await this.#apply(tx, id, outcomes);
    await noteEvaluation(tx, id, preview.computedAt ?? by.at, preview.sitesCount ?? 0);
    return this.#decided(tx, adopted, decision.reason);
  }

  async #decided(tx: Db, criteria: contract.Criteria, reason: string): Promise<contract.Criteria> {
    const payload = { criteria: criteria.id, version: criteria.version, state: criteria.state, reason };
    await this.#evidence?.append(tx as Parameters<Jobs["enqueue"]>[0], {
      kind: "designation/decided",
      subject: `urn:uuid:${criteria.id}`,
      payload,
    }); // callers pass a transaction
    return criteria;
  }

  async #apply(tx: Db, criteria: string, outcomes: readonly Outcome[]): Promise<number> {
    const tiers = await readTiers(tx);
    const current = outcomes.map((outcome) => ({ ...outcome, from: tiers.get(outcome.site)?.tier ?? null }));
    const relevant = current.filter(({ from, to }) => from !== null || to !== null);
    await applyOutcomes(tx, criteria, relevant, this.#ports.clock.now());
    const changed = relevant.filter(({ from, to }) => from !== to);
    await this.#registry.recordTiers(
      tx,
      changed.map(({ site, to }) => ({ site, tier: to })),
    );
    return changed.length;
  }

  /** The outcome of every site that has a tier before or after, and how many sites there are. */
  async #evaluateAll(
    rules: readonly contract.CriteriaRule[],
    progress: Progress,
  ): Promise<{ outcomes: Outcome[]; sitesCount: number }> {
    const census = await this.#registry.census(async (read) => {
      progress(0.1, `read ${read}`);
      await new Promise((resolve) => setImmediate(resolve));
    });
    const tiers = await readTiers(this.db);
    const outcomes: Outcome[] = [];
    let count = 0;
    for (const measures of measureAll(census, countLimits(rules))) {
      const verdict = evaluateSite(rules, measures);
      const from = tiers.get(measures.site)?.tier ?? null;
      tiers.delete(measures.site);
      if (from !== null || verdict.tier !== null) outcomes.push(outcomeOf(measures, from, verdict));
      if (++count % SITES_PER_TURN !== 0) continue;
      progress(0.2 + (0.8 * count) / census.sites.length, `${count} of ${census.sites.length} sites`);
      await new Promise((resolve) => setImmediate(resolve));
    }
    // what is left was retired or merged since it got its tier
    for (const [site, { tier, country }] of tiers)
      outcomes.push({ site, country, from: tier, to: null, reasons: [], undecided: [] });
    return { outcomes, sitesCount: census.sites.length };
  }

  /** What is open about one site now, under the criteria in force; empty without criteria or for a site that is not active. */
  async undecided(site: string): Promise<contract.SiteTier["undecided"]> {
    const [criteria, measures] = [await readInForce(this.db), await measureOne(this.#registry, site)];
    return criteria && measures ? [...evaluateSite(criteria.rules, measures).undecided] : [];
  }

  async #draft(tx: Db, id: string): Promise<contract.Criteria> {
    const criteria = await readCriteria(tx, id, { lock: true });
    if (!criteria) throw notFound(id);
    if (criteria.state !== "draft")
      throw new Problem(
        "designation/not-a-draft",
        `criteria ${criteria.number} are ${criteria.state}: propose new ones`,
      );
    return criteria;
  }

  #transaction<Value>(work: (tx: Db) => Promise<Value>): Promise<Value> {
    return this.#database.transaction<NoTables, Value>(work);
  }
}

export function notFound(id: string): Problem {
  return new Problem("designation/criteria-not-found", `there are no criteria \`${id}\``);
}

function outcomeOf(
  { site, country }: { site: string; country: string },
  from: number | null,
  verdict: Verdict,
): Outcome {
  return { site, country, from, to: verdict.tier, reasons: [...verdict.reasons], undecided: [...verdict.undecided] };
}

function movesOf(outcomes: readonly Outcome[], sitesCount: number): Preview["moves"] {
  const counts = new Map<string, { from: number | null; to: number | null; count: number }>();
  const add = (from: number | null, to: number | null, count: number) => {
    const move = counts.get(`${from} ${to}`) ?? { from, to, count: 0 };
    counts.set(`${from} ${to}`, { ...move, count: move.count + count });
  };
  for (const { from, to } of outcomes) add(from, to, 1);
  add(null, null, Math.max(0, sitesCount - outcomes.length)); // the others have no tier before or after
  return [...counts.values()].sort((a, b) => (a.from ?? 9) - (b.from ?? 9) || (a.to ?? 9) - (b.to ?? 9));
}

/** @throws Problem `designation/duplicate-rule` */
function checkRules({ rules }: CriteriaDraft): void {
  const seen = new Set<string>();
  for (const { id } of rules) {
    if (seen.has(id))
      throw new Problem("designation/duplicate-rule", `two rules are called \`${id}\``, {
        detail: { path: "rules", value: id },
      });
    seen.add(id);
  }
}
