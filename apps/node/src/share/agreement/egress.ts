/**
 * The one door that every way out goes through: TAXII reads by partners, shares, files, the console's export. It asks the
 * evaluation about each object, keeps each decision with all its inputs and its clause, notes what was disclosed to whom and
 * puts that on the ledger. Invariant: what is not in its answer as allowed does not leave.
 */
import type { Principal } from "@holdfast/access";
import { agreement as contract } from "@holdfast/api";
import { createHash } from "node:crypto";
import { iepOfMarking, markingsAt, markingsWithin } from "@holdfast/stix";
import type { Transaction } from "kysely";
import type { Evidence } from "../../platform/evidence.ts";
import type { Ports } from "../../platform/ports.ts";
import { type HandledObject, newestHandled } from "../intel/index.ts";
import { evaluate, type Item, type Question, type Terms } from "./evaluate.ts";
import { scanObject } from "./scrub.ts";
import {
  acknowledge,
  addDecisions,
  addDisclosures,
  allAgreements,
  type Db,
  disclosedSince,
  heldObjects,
  readDenyList,
} from "./store.ts";

type Tx = Transaction<Record<never, never>>; // the statements name their tables themselves

const DAY_MILLISECONDS = 86_400_000;
const CLOCK_EARLIEST = Date.UTC(2026, 0, 1); // an earlier clock is a machine without a battery

export interface Asked {
  readonly objects: readonly HandledObject[];
  readonly recipients: readonly string[];
  readonly channel: Question["channel"];
  readonly encrypted: boolean;
  readonly purpose: Question["purpose"];
  /** Who asks, for the log: `kind:id`. */
  readonly by: string;
}

/** What a decision needs beside the objects; read once for all of them. */
interface Ground {
  readonly agreements: readonly Terms[];
  readonly denyWords: readonly string[];
  readonly held: ReadonlySet<string>;
  readonly disclosedToday: Readonly<Record<string, number>>;
  readonly now: Date;
}

export class Egress {
  readonly #ports: Ports;
  readonly #evidence: Evidence;

  constructor({ ports, evidence }: { ports: Ports; evidence: Evidence }) {
    this.#ports = ports;
    this.#evidence = evidence;
  }

  /**
   * Decides for each object whether it may leave, keeps the decisions, and notes those that may as disclosed.
   * @returns verdicts in the order of the objects
   */
  async mayLeave(
    tx: Tx,
    asked: Asked,
    options: { afterRedaction?: boolean } = {},
  ): Promise<readonly contract.Verdict[]> {
    const decided = await this.weigh(tx, asked, options);
    const at = this.#ports.clock.now();
    await addDecisions(
      tx,
      decided.map((each) => ({ ...each, by: asked.by, at })),
    );
    const recipient = asked.recipients[0];
    const leaving = decided.filter(({ verdict }) => verdict.allowed);
    if (recipient !== undefined && leaving.length > 0) {
      await this.#disclose(tx, leaving, { recipient, channel: asked.channel, at });
      await acknowledge(tx, recipient, at);
    }
    return decided.map(({ verdict }) => verdict);
  }

  /**
   * Decides without a record: for simulations and previews. With `afterRedaction`, what the redactor takes out (hits, parts
   * with markings of their own) is no reason to deny; the caller sends only what the redactor and its re-scan let through.
   */
  async weigh(
    db: Db,
    asked: Asked,
    { afterRedaction = false }: { afterRedaction?: boolean } = {},
  ): Promise<{ question: Question; verdict: contract.Verdict }[]> {
    const ground = await this.#ground(db, asked);
    const today: Record<string, number> = { ...ground.disclosedToday };
    const policies = await policiesOf(db, asked.objects);
    return asked.objects.map((object) => {
      const question: Question = {
        item: itemOf(object, { policies, ground, afterRedaction }),
        recipients: asked.recipients,
        channel: asked.channel,
        encrypted: asked.encrypted,
        purpose: asked.purpose,
        now: ground.now.toISOString(),
        clockDoubt: ground.now.getTime() < CLOCK_EARLIEST,
        held: ground.held.has(object.id),
        disclosedToday: { ...today },
      };
      const verdict = evaluate(question, ground.agreements);
      if (verdict.allowed && verdict.agreement !== null) today[verdict.agreement] = (today[verdict.agreement] ?? 0) + 1;
      return { question, verdict };
    });
  }

  async #ground(db: Db, { recipients, objects }: Asked): Promise<Ground> {
    const now = this.#ports.clock.now();
    const [recipient = ""] = recipients;
    return {
      now,
      agreements: await allAgreements(db),
      denyWords: (await readDenyList(db)).words,
      held: await heldObjects(
        db,
        recipient,
        objects.map(({ id }) => id),
      ),
      disclosedToday: await disclosedSince(db, recipient, new Date(now.getTime() - DAY_MILLISECONDS)),
    };
  }

  async #disclose(
    tx: Tx,
    leaving: readonly { question: Question; verdict: contract.Verdict }[],
    to: { recipient: string; channel: string; at: Date },
  ): Promise<void> {
    const byAgreement = Map.groupBy(leaving, ({ verdict }) => verdict.agreement ?? "");
    for (const [agreement, parts] of byAgreement) {
      const disclosures = parts.map(({ question: { item } }) => ({
        object: item.id,
        version: item.version,
        agreement,
      }));
      await addDisclosures(tx, disclosures, to);
      const digest = createHash("sha256");
      for (const { question } of parts) digest.update(question.item.sha256);
      await this.#evidence.append(tx, {
        kind: "agreement/disclosed",
        subject: `urn:uuid:${agreement}`,
        payload: {
          recipient: to.recipient,
          channel: to.channel,
          agreementVersion: parts[0]?.verdict.agreementVersion ?? null,
          clause: parts[0]?.verdict.clause ?? null,
          objects: parts.length,
          sha256: digest.digest("hex"),
        },
      });
    }
  }
}

/** Ids of the parties that a caller acts for, in any agreement. */
export function partiesOf(agreements: readonly Terms[], principal: Principal): readonly string[] {
  const found = agreements
    .filter(({ state }) => state !== "ended")
    .flatMap(({ parties }) => parties)
    .filter(
      ({ people, roles }) => people.includes(principal.id) || roles.some((role) => principal.roles.includes(role)),
    );
  return [...new Set(found.map(({ id }) => id))];
}

/** True for who is only a partner: what they read leaves the organisation. */
export function isOutside({ roles }: Principal): boolean {
  return roles.every((role) => role === "partner" || role === "supplier");
}

type Policies = ReadonlyMap<string, Item["policies"][number] | undefined>;

/** The exchange policies that markings of `objects` stand for; a marking that is not known is not in it. */
async function policiesOf(db: Db, objects: readonly HandledObject[]): Promise<Policies> {
  const ids = [...new Set(objects.flatMap(({ object }) => markingsWithin(object)))];
  const definitions = ids.length === 0 ? [] : await newestHandled(db, ids);
  return new Map(
    definitions.map(({ id, object }) => {
      const policy = iepOfMarking(object);
      return [id, policy.ok ? policy.value : "unreadable"];
    }),
  );
}

function itemOf(
  handled: HandledObject,
  { policies, ground, afterRedaction }: { policies: Policies; ground: Ground; afterRedaction: boolean },
): Item {
  const { agreements, denyWords } = ground;
  const { id, type, version, sha256, object, copies, revoked } = handled;
  const markings = afterRedaction ? markingsAt(object, []).markingRefs : markingsWithin(object);
  const validUntil = object["valid_until"];
  return {
    id,
    type,
    version,
    sha256,
    markings,
    policies: markings.flatMap((marking) => {
      const policy = policies.get(marking);
      return policy === undefined ? [] : [policy];
    }),
    copies: copies.map((copy) => ({ ...copy, onwardDepth: depthOf(agreements, copy.source) })),
    revoked,
    validUntil: typeof validUntil === "string" ? validUntil : null,
    hasCreator: object["created_by_ref"] !== undefined,
    hits: afterRedaction
      ? []
      : [...new Set(scanObject(object, { detectors: contract.DETECTORS, denyWords }).map(({ kind }) => kind))],
  };
}

/** How often what came by a channel may be handed on: the least of the agreements that bring it. */
function depthOf(agreements: readonly Terms[], source: string): number | null {
  const depths = agreements.filter(({ sources }) => sources.includes(source)).map(({ onwardDepth }) => onwardDepth);
  return depths.length === 0 ? null : Math.min(...depths);
}
