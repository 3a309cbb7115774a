/**
 * Plans of what to buy: drafted, worked out by a job on the registry of an instant, decided on record, and measured
 * afterwards. A result belongs to one version of its plan; an edited plan has none until it is worked out again.
 */
import type { Principal } from "@holdfast/access";
import type { investment as contract } from "@holdfast/api";
import { Problem, uuid7 } from "@holdfast/kernel";
import type { Transaction } from "kysely";
import type { Database } from "../../platform/database.ts";
import type { Evidence } from "../../platform/evidence.ts";
import type { Jobs } from "../../platform/jobs.ts";
import type { Ports } from "../../platform/ports.ts";
import type { Simulation } from "../simulation/index.ts";
import {
  addDelivery,
  type Db,
  decidePlan,
  keepResult,
  type PlanRecord,
  readPlan,
  readResult,
  type ResultRecord,
  setJob,
  writePlan,
} from "./store.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves
type Report = { signal: AbortSignal; progress: (fraction: number, detail: string) => void };

const RUN = "investment/plan";
const DELIVER = "investment/delivery";

export interface InvestmentParts {
  readonly database: Database;
  readonly simulation: Simulation;
  readonly jobs: Jobs;
  readonly ports: Ports;
  /** Where decisions are put on record. */
  readonly evidence: Evidence;
}

export class Investment {
  readonly #parts: InvestmentParts;

  constructor(parts: InvestmentParts) {
    this.#parts = parts;
    const { jobs } = parts;
    jobs.define<{ plan: string; version: number; asOf: string }>(RUN, ({ input, ...report }) =>
      this.#run(input, report),
    );
    jobs.define<{ plan: string; delivery: string; asOf: string; by: string }>(DELIVER, ({ input, ...report }) =>
      this.#deliver(input, report),
    );
  }

  get db(): Db {
    return this.#parts.database.tables();
  }

  /** @throws Problem `investment/scenario-unknown`, `investment/measure-invalid` */
  async create(tx: Db, draft: contract.PlanDraft, by: string): Promise<PlanRecord> {
    await this.#check(draft);
    const id = uuid7(this.#parts.ports);
    await writePlan(tx, { id, version: 1, draft, at: this.#parts.ports.clock.now(), by });
    return this.#written(tx, id);
  }

  /** @throws Problem `http/precondition-failed`, `investment/not-a-draft` */
  async edit(
    tx: Db,
    id: string,
    draft: contract.PlanDraft,
    change: { expected: number; by: string },
  ): Promise<PlanRecord> {
    await this.#check(draft);
    const plan = await this.#locked(tx, id, change.expected);
    if (plan.state !== "draft") throw notADraft();
    await writePlan(tx, { id, version: plan.version + 1, draft, at: this.#parts.ports.clock.now(), by: change.by });
    return this.#written(tx, id);
  }

  /** Starts working a plan out, in `tx`. @returns the job's id */
  async start(tx: Db, id: string, options: { asOf: Date | undefined; principal: Principal }): Promise<string> {
    const plan = await readPlan(tx, id, { lock: true });
    if (!plan) throw planNotFound(id);
    if (plan.state !== "draft") throw notADraft();
    const asOf = options.asOf ?? this.#parts.ports.clock.now();
    const jobId = await this.#parts.jobs.enqueue(tx as Transaction<NoTables>, {
      kind: RUN,
      title: `What to buy: ${plan.draft.name}`,
      input: { plan: id, version: plan.version, asOf: asOf.toISOString() },
      principal: options.principal,
    }); // callers pass a transaction
    await setJob(tx, id, jobId);
    return jobId;
  }

  /** Says what is bought, on record. @throws Problem `investment/no-result`, `investment/measure-invalid` */
  async decide(
    tx: Db,
    id: string,
    decision: { bought: readonly string[]; reason: string },
    change: { expected: number; by: string },
  ): Promise<PlanRecord> {
    const plan = await this.#locked(tx, id, change.expected);
    if (plan.state !== "draft") throw notADraft();
    if (!plan.hasResult) throw new Problem("investment/no-result", "work the plan out before you decide on it");
    const known = new Set(plan.draft.measures.map((measure) => measure.id));
    const unknown = decision.bought.find((each) => !known.has(each));
    if (unknown !== undefined)
      throw new Problem("investment/measure-invalid", `the plan has no measure \`${unknown}\``);
    await decidePlan(tx, id, { ...decision, at: this.#parts.ports.clock.now(), by: change.by });
    await this.#parts.evidence.append(tx as Transaction<NoTables>, {
      kind: "investment/decided",
      subject: `urn:uuid:${id}`,
      payload: { plan: id, version: plan.version, bought: [...decision.bought], reason: decision.reason },
    }); // as above
    return this.#written(tx, id);
  }

  /** Starts measuring what a decided plan delivered, in `tx`. @returns the job's id */
  async startDelivery(tx: Db, id: string, principal: Principal): Promise<string> {
    const plan = await readPlan(tx, id);
    if (!plan) throw planNotFound(id);
    if (plan.state !== "decided") throw new Problem("investment/not-decided", "nothing of this plan was bought yet");
    const { jobs, ports } = this.#parts;
    return jobs.enqueue(tx as Transaction<NoTables>, {
      kind: DELIVER,
      title: `What was delivered: ${plan.draft.name}`,
      input: { plan: id, delivery: uuid7(ports), asOf: ports.clock.now().toISOString(), by: principal.name },
      principal,
    }); // as above
  }

  /** @throws Problem `investment/plan-not-found`, `investment/no-result` */
  async result(id: string): Promise<{ plan: PlanRecord; result: ResultRecord }> {
    const plan = await readPlan(this.db, id);
    if (!plan) throw planNotFound(id);
    const result = await readResult(this.db, id);
    if (!result) throw new Problem("investment/no-result", "this version of the plan was not worked out yet");
    return { plan, result };
  }

  async at(id: string, budgetPerYearMinor: number): Promise<contract.PlanAt> {
    const { result } = await this.result(id);
    return this.#parts.simulation.question("plan-at", { effects: result.body.effects, budgetPerYearMinor }, undefined);
  }

  async #run(input: { plan: string; version: number; asOf: string }, report: Report): Promise<{ plan: string }> {
    const plan = await readPlan(this.db, input.plan);
    if (plan?.version !== input.version)
      throw new Problem("investment/no-result", "the plan was changed meanwhile: work it out again");
    const { measures, budgetPerYearMinor, meanWeightPpm } = plan.draft;
    const events = await this.#events(plan.draft);
    const asOf = new Date(input.asOf);
    const { simulation, database, ports } = this.#parts;
    const ask = { events, measures, budgetPerYearMinor, meanWeightPpm };
    const { key, plan: body, resultHash } = await simulation.long("plan", ask, asOf, optionsOf(report));
    const { modelVersion, inputHash, assumptionsHash } = key;
    const kept = await database.transaction<NoTables, boolean>((tx) =>
      keepResult(
        tx,
        input.plan,
        { planVersion: input.version, asOf, modelVersion, inputHash, assumptionsHash, resultHash, body },
        ports.clock.now(),
      ),
    );
    if (!kept) throw new Problem("investment/no-result", "the plan was changed meanwhile: work it out again");
    return { plan: input.plan };
  }

  async #deliver(
    input: { plan: string; delivery: string; asOf: string; by: string },
    report: Report,
  ): Promise<{ plan: string; delivery: string }> {
    const { plan } = await this.result(input.plan);
    const at = new Date(input.asOf);
    const { simulation, database } = this.#parts;
    const events = await this.#events(plan.draft);
    const nowMinor = await simulation.long("plan-losses", { events }, at, optionsOf(report));
    await database.transaction<NoTables, void>((tx) =>
      addDelivery(tx, input.plan, { id: input.delivery, at, by: input.by, nowMinor }),
    );
    return { plan: input.plan, delivery: input.delivery };
  }

  async #events({ events }: contract.PlanDraft) {
    const contents = await this.#parts.simulation.contents(events.map(({ scenario }) => scenario));
    return events.map(({ scenario, perYear }) => {
      const found = contents.get(scenario);
      if (!found) throw new Problem("investment/scenario-unknown", `there is no scenario \`${scenario}\``);
      return { perYear, content: found.content };
    });
  }

  async #check(draft: contract.PlanDraft): Promise<void> {
    await this.#events(draft);
    const seen = new Set<string>();
    for (const { id } of draft.measures) {
      if (seen.has(id)) throw new Problem("investment/measure-invalid", `two measures are called \`${id}\``);
      seen.add(id);
    }
    for (const { id, needs } of draft.measures)
      if (needs !== undefined && !seen.has(needs))
        throw new Problem(
          "investment/measure-invalid",
          `\`${id}\` needs \`${needs}\`, which is not among the measures`,
        );
  }

  async #locked(tx: Db, id: string, expected: number): Promise<PlanRecord> {
    const plan = await readPlan(tx, id, { lock: true });
    if (!plan) throw planNotFound(id);
    if (plan.version !== expected)
      throw new Problem(
        "http/precondition-failed",
        `the plan was changed: it is at version \`${plan.version}\`, not \`${expected}\``,
      );
    return plan;
  }

  async #written(tx: Db, id: string): Promise<PlanRecord> {
    const plan = await readPlan(tx, id);
    if (!plan) throw planNotFound(id);
    return plan;
  }
}

function optionsOf({ signal, progress }: Report) {
  return {
    signal,
    onProgress: (fraction: number, detail: string) => {
      if (!signal.aborted) progress(fraction, detail);
    },
  };
}

export function planNotFound(id: string): Problem {
  return new Problem("investment/plan-not-found", `there is no plan \`${id}\``);
}

function notADraft(): Problem {
  return new Problem("investment/not-a-draft", "the plan is decided: begin another to change it");
}
