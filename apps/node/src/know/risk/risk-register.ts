/**
 * The risk register's operations. A change adds a version; changing what was accepted ends its acceptance, because nobody
 * accepted the new. Acceptances, their end by a change, and closings are put on record in the ledger with the change itself.
 */
import type { riskRegister as contract } from "@holdfast/api";
import { Problem, uuid7 } from "@holdfast/kernel";
import type { Transaction } from "kysely";
import type { Database } from "../../platform/database.ts";
import type { Evidence } from "../../platform/evidence.ts";
import type { Ports } from "../../platform/ports.ts";
import type { Registry } from "../registry/index.ts";
import { type Db, readRisk, type RiskRecord, writeRisk } from "./register-store.ts";

export interface RiskRegisterParts {
  readonly database: Database;
  readonly registry: Registry;
  readonly ports: Ports;
  /** Where acceptances are put on record. */
  readonly evidence: Evidence;
}

interface Change {
  readonly expected: number;
  readonly by: string;
}

const NOT_ACCEPTED = { acceptedUntil: null, acceptedBy: null, acceptedBecause: null } as const;

export class RiskRegister {
  readonly #parts: RiskRegisterParts;

  constructor(parts: RiskRegisterParts) {
    this.#parts = parts;
  }

  get db(): Db {
    return this.#parts.database.tables();
  }

  /** Today, by which acceptances end. */
  today(): string {
    return this.#parts.ports.clock.now().toISOString().slice(0, 10);
  }

  async create(tx: Db, draft: contract.RiskDraft, by: string): Promise<RiskRecord> {
    await this.#check(draft);
    const id = uuid7(this.#parts.ports);
    return writeRisk(tx, { id, version: 1, state: "open", draft, ...NOT_ACCEPTED, reason: null, ...this.#now(by) });
  }

  /** @throws Problem `risk-register/reference-unknown`, `http/precondition-failed` */
  async edit(tx: Db, id: string, draft: contract.RiskDraft, { expected, by }: Change): Promise<RiskRecord> {
    await this.#check(draft);
    const before = await this.#locked(tx, id, expected);
    if (before.state === "closed") throw notOpen("the risk is closed: open it again to change it");
    const changed = await writeRisk(tx, {
      id,
      version: expected + 1,
      state: "open",
      draft,
      ...NOT_ACCEPTED,
      reason: before.state === "accepted" ? "changed, so it is no longer accepted" : null,
      ...this.#now(by),
    });
    if (before.state === "accepted") await this.#record(tx, "risk/acceptance-ended", changed, {});
    return changed;
  }

  /** @throws Problem `risk-register/acceptance-past`, `risk-register/not-open` */
  async accept(
    tx: Db,
    id: string,
    acceptance: { until: string; reason: string },
    { expected, by }: Change,
  ): Promise<RiskRecord> {
    const { until, reason } = acceptance;
    if (until < this.today())
      throw new Problem("risk-register/acceptance-past", `\`${until}\` has passed: accept until a day to come`);
    const { draft, state } = await this.#locked(tx, id, expected);
    if (state === "closed") throw notOpen("a closed risk needs no acceptance");
    const accepted = await writeRisk(tx, {
      id,
      version: expected + 1,
      state: "accepted",
      draft,
      acceptedUntil: until,
      acceptedBy: by,
      acceptedBecause: reason,
      reason: null,
      ...this.#now(by),
    });
    await this.#record(tx, "risk/accepted", accepted, { until, reason });
    return accepted;
  }

  async setClosed(
    tx: Db,
    id: string,
    change: { state: "open" | "closed"; reason: string },
    { expected, by }: Change,
  ): Promise<RiskRecord> {
    const before = await this.#locked(tx, id, expected);
    if ((before.state === "closed") === (change.state === "closed"))
      throw notOpen(change.state === "closed" ? "the risk is closed already" : "the risk is not closed");
    const changed = await writeRisk(tx, {
      id,
      version: expected + 1,
      state: change.state,
      draft: before.draft,
      ...NOT_ACCEPTED,
      reason: change.reason,
      ...this.#now(by),
    });
    await this.#record(tx, change.state === "closed" ? "risk/closed" : "risk/opened-again", changed, {
      reason: change.reason,
    });
    return changed;
  }

  #now(by: string) {
    return { changedAt: this.#parts.ports.clock.now(), changedBy: by };
  }

  async #locked(tx: Db, id: string, expected: number): Promise<RiskRecord> {
    const risk = await readRisk(tx, id, { lock: true });
    if (!risk) throw riskNotFound(id);
    if (risk.version !== expected)
      throw new Problem(
        "http/precondition-failed",
        `the risk was changed: it is at version \`${risk.version}\`, not \`${expected}\``,
      );
    return risk;
  }

  async #check({ site, organisation, item }: contract.RiskDraft): Promise<void> {
    const { registry } = this.#parts;
    const missing = [
      site !== undefined && !(await registry.sites([site], undefined)).has(site) ? ["site", site] : undefined,
      item !== undefined && !(await registry.items([item], undefined)).has(item) ? ["item", item] : undefined,
      organisation !== undefined && !(await registry.organisationNames([organisation], undefined)).has(organisation)
        ? ["organisation", organisation]
        : undefined,
    ].find((each) => each !== undefined);
    if (missing)
      throw new Problem("risk-register/reference-unknown", `there is no ${missing[0]} \`${missing[1]}\``, {
        detail: { path: missing[0] },
      });
  }

  async #record(tx: Db, kind: string, risk: RiskRecord, said: Readonly<Record<string, string>>): Promise<void> {
    await this.#parts.evidence.append(tx as Transaction<Record<never, never>>, {
      kind,
      subject: `urn:uuid:${risk.id}`,
      payload: { risk: risk.id, version: risk.version, threat: risk.draft.threat, ...said },
    }); // callers pass a transaction
  }
}

export function riskNotFound(id: string): Problem {
  return new Problem("risk-register/not-found", `there is no risk \`${id}\``);
}

function notOpen(message: string): Problem {
  return new Problem("risk-register/not-open", message);
}
