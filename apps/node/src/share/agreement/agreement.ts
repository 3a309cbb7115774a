/**
 * Agreements: drafted, signed on both sides, changed by new versions that need new signatures, ended for good. Invariant:
 * the terms of a version never change, so that every decision can be traced to the words that it rests on.
 */
import { createHash } from "node:crypto";
import type { agreement as contract } from "@holdfast/api";
import { canonicalJson, type Json, Problem, uuid7 } from "@holdfast/kernel";
import type { Transaction } from "kysely";
import type { Evidence } from "../../platform/evidence.ts";
import type { Ports } from "../../platform/ports.ts";
import { addVersion, changeState, type Db, readAgreement, readDenyList, writeDenyList } from "./store.ts";

type Tx = Transaction<Record<never, never>>; // the statements name their tables themselves

export class Agreements {
  readonly #ports: Ports;
  readonly #evidence: Evidence;

  constructor({ ports, evidence }: { ports: Ports; evidence: Evidence }) {
    this.#ports = ports;
    this.#evidence = evidence;
  }

  /** @throws Problem `agreement/not-found` */
  async read(db: Db, id: string, options: { lock?: boolean } = {}): Promise<contract.Agreement> {
    const found = await readAgreement(db, id, options);
    if (!found) throw new Problem("agreement/not-found", `there is no agreement \`${id}\``);
    return found;
  }

  /** @throws Problem `agreement/dates`, `agreement/not-a-party` */
  async add(tx: Tx, terms: contract.AgreementDraft, by: string): Promise<contract.Agreement> {
    return this.#write(tx, { id: uuid7(this.#ports), version: 1, terms, by });
  }

  /** @throws Problem `agreement/ended`, `http/precondition-failed`, and what `add` throws */
  async change(
    tx: Tx,
    id: string,
    { terms, ifMatch, by }: { terms: contract.AgreementDraft; ifMatch: number; by: string },
  ): Promise<contract.Agreement> {
    const { version } = await this.#held(tx, id, ifMatch);
    return this.#write(tx, { id, version: version + 1, terms, by });
  }

  /** @throws Problem `agreement/not-a-party`, `agreement/already-signed`, `agreement/ended` */
  async sign(
    tx: Tx,
    id: string,
    said: { party: string; evidence: string; ifMatch: number; by: string },
  ): Promise<contract.Agreement> {
    const agreement = await this.#held(tx, id, said.ifMatch);
    const { party, evidence, by } = said;
    if (party !== "self" && !agreement.parties.some((each) => each.id === party))
      throw new Problem("agreement/not-a-party", `\`${party}\` is no party of this agreement`);
    if (agreement.signatures.some((each) => each.party === party))
      throw new Problem("agreement/already-signed", `\`${party}\` has signed this version`);
    const at = this.#ports.clock.now().toISOString();
    const signatures = [...agreement.signatures, { party, version: agreement.version, at, by, evidence }];
    const parties = new Set(signatures.map((each) => each.party));
    await this.#evidence.append(tx, {
      kind: "agreement/signed",
      subject: `urn:uuid:${id}`,
      payload: { version: agreement.version, termsSha256: agreement.termsSha256, party, evidence },
    });
    return changeState(tx, { id, state: parties.has("self") && parties.size > 1 ? "signed" : "draft", signatures });
  }

  /** @throws Problem `agreement/ended` */
  async end(tx: Tx, id: string, said: { reason: string; ifMatch: number }): Promise<contract.Agreement> {
    const agreement = await this.#held(tx, id, said.ifMatch);
    await this.#evidence.append(tx, {
      kind: "agreement/ended",
      subject: `urn:uuid:${id}`,
      payload: { version: agreement.version, reason: said.reason },
    });
    return changeState(tx, { ...agreement, state: "ended" });
  }

  async changeDenyList(
    tx: Tx,
    words: readonly string[],
    ifMatch: number,
  ): Promise<{ version: number; words: string[] }> {
    const { version } = await readDenyList(tx, { lock: true });
    if (version !== ifMatch) throw changedMeanwhile(version, ifMatch);
    return writeDenyList(tx, [...new Set(words)].toSorted());
  }

  async #held(tx: Tx, id: string, ifMatch: number): Promise<contract.Agreement> {
    const agreement = await this.read(tx, id, { lock: true });
    if (agreement.version !== ifMatch) throw changedMeanwhile(agreement.version, ifMatch);
    if (agreement.state === "ended") throw new Problem("agreement/ended", "the agreement has ended");
    return agreement;
  }

  async #write(
    tx: Tx,
    { id, version, terms, by }: { id: string; version: number; terms: contract.AgreementDraft; by: string },
  ): Promise<contract.Agreement> {
    checkTerms(terms);
    const termsSha256 = createHash("sha256")
      .update(canonicalJson(terms as Json)) // parsed from JSON
      .digest("hex");
    const changedAt = this.#ports.clock.now();
    await this.#evidence.append(tx, {
      kind: "agreement/version",
      subject: `urn:uuid:${id}`,
      payload: { version, termsSha256 },
    });
    return addVersion(tx, {
      id,
      version,
      state: "draft",
      terms,
      termsSha256,
      signatures: [],
      changedAt,
      changedBy: by,
    });
  }
}

function checkTerms({ parties, startsAt, endsAt, legalBasis }: contract.AgreementDraft): void {
  for (const [from, until] of [
    [startsAt, endsAt],
    [legalBasis.from, legalBasis.until],
  ] as const)
    if (until !== null && Date.parse(until) <= Date.parse(from))
      throw new Problem("agreement/dates", `\`${until}\` is not after \`${from}\``);
  const twice = parties.find(({ id }, n) => parties.findIndex((each) => each.id === id) !== n);
  if (twice) throw new Problem("agreement/not-a-party", `\`${twice.id}\` is a party twice`);
  if (parties.some(({ id }) => id === "self"))
    throw new Problem("agreement/not-a-party", "`self` is this node's own organisation");
}

function changedMeanwhile(version: number, ifMatch: number): Problem {
  return new Problem("http/precondition-failed", `it is at version \`${version}\`, not \`${ifMatch}\``);
}
