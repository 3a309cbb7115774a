/**
 * Shares: a preview is made by the door and the redactor; a share is that preview, kept, and placed in the agreement's
 * collection when its undo window has passed and everything is still allowed. Invariants: what is placed are the bytes that
 * the preview showed; a re-scan of them that finds anything blocks; a revoked share's holders find a revoked version.
 */
import { createHash, randomUUID } from "node:crypto";
import type { agreement as contract } from "@holdfast/api";
import { canonicalJson, fail, type Json, ok, Problem, uuid7 } from "@holdfast/kernel";
import {
  classOfType,
  handlingOf,
  markingsWithin,
  redactBundle,
  referencesOf,
  type RedactionStep,
  revoke,
  stepsForCeiling,
  type StixObject,
  tlpMarkingId,
  type TlpLevel,
  tlpOfId,
} from "@holdfast/stix";
import type { Transaction } from "kysely";
import type { Database } from "../../platform/database.ts";
import type { Evidence } from "../../platform/evidence.ts";
import type { Ports } from "../../platform/ports.ts";
import { type HandledObject, type Intel, newestHandled } from "../intel/index.ts";
import type { Agreements } from "./agreement.ts";
import { type Asked, type Egress } from "./egress.ts";
import { effectiveTlp, type Question } from "./evaluate.ts";
import { retain } from "./retention.ts";
import { scanObject, scrubSteps } from "./scrub.ts";
import { addShare, changeShare, type Db, readDenyList, readShare, takeDue } from "./store.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves
type Tx = Transaction<NoTables>;

export interface ShareWish {
  readonly objects: readonly string[];
  readonly recipient: string;
  readonly purpose: NonNullable<Question["purpose"]>;
}

export interface ShareParts {
  readonly database: Database;
  readonly ports: Ports;
  readonly evidence: Evidence;
  readonly intel: Intel;
  readonly agreements: Agreements;
  readonly egress: Egress;
  /** The identity object under which this node writes. */
  readonly identity: string;
}

const SHARED = { kind: "local", trustPercent: 100, licence: null, tlpDefault: "amber" } as const;
const RETAIN_EVERY_MILLISECONDS = 600_000; // days are counted, minutes are not
const LOOK_EVERY_MILLISECONDS = 1_000; // for shares whose undo window has passed

export class Shares {
  readonly #parts: ShareParts;
  #timer: NodeJS.Timeout | undefined;
  #retaining: NodeJS.Timeout | undefined;

  constructor(parts: ShareParts) {
    this.#parts = parts;
  }

  start(): void {
    this.#timer = setInterval(() => void this.placeDue().catch(() => undefined), LOOK_EVERY_MILLISECONDS);
    this.#timer.unref();
    this.#retaining = setInterval(() => void retain(this.#parts).catch(() => undefined), RETAIN_EVERY_MILLISECONDS);
    this.#retaining.unref();
  }

  stop(): void {
    clearInterval(this.#timer);
    clearInterval(this.#retaining);
  }

  /** @throws Problem `agreement/object-not-found`, `agreement/nothing-leaves`, `agreement/rescan` */
  async preview(db: Db, wish: ShareWish, channel: Question["channel"], by: string): Promise<contract.Preview> {
    const { asked, others } = await this.#gather(db, wish.objects);
    const question: Asked = {
      objects: [...asked, ...others],
      recipients: [wish.recipient],
      channel,
      encrypted: true,
      purpose: wish.purpose,
      by,
    };
    // What redaction removes is judged after it: a hit or a granular marking is no reason to withhold all of an object.
    const weighed = await this.#parts.egress.weigh(db, question, { afterRedaction: true });
    const verdicts = new Map(weighed.map((each) => [each.question.item.id, each]));
    const allowed = weighed.find(({ verdict }) => verdict.allowed)?.verdict;
    const [first] = weighed;
    if (!allowed?.agreement)
      throw new Problem("agreement/nothing-leaves", `nothing of it may leave: ${first?.verdict.detail ?? ""}`, {
        detail: { rule: first?.verdict.rule ?? "", clause: first?.verdict.clause ?? "" },
      });
    const agreement = await this.#parts.agreements.read(db, allowed.agreement);
    const profile = { detectors: agreement.redaction, denyWords: (await readDenyList(db)).words };
    const ceiling = { tlp: agreement.tlpMax, knownMarkings: new Set(agreement.markings) };
    const levels = new Map<string, TlpLevel>();
    const objects = new Map<string, StixObject>();
    for (const { id, object } of question.objects) {
      const item = verdicts.get(id)?.question.item;
      const level = (item && effectiveTlp(item)) ?? "red";
      levels.set(id, level);
      objects.set(id, withMarkingPlace(object, level));
    }
    for (const { object } of question.objects)
      for (const { target } of referencesOf(object))
        if (!objects.has(target) && !isKnownMarking(target, ceiling.knownMarkings))
          objects.set(target, { type: target.split("--")[0] ?? "", id: target });
    const rules = new Map<string, string>();
    const out = redactBundle(
      [...objects.values()],
      (object) => {
        const verdict = verdicts.get(object.id)?.verdict;
        if (!verdict) {
          rules.set(object.id, "copies");
          return fail("stix/redaction", "it is not among what is shared");
        }
        rules.set(object.id, verdict.rule);
        if (!verdict.allowed) return fail("stix/redaction", verdict.detail);
        const marked = stepsForCeiling(object, ceiling);
        if (!marked.ok) return marked;
        const scrubbed = scrubSteps(object, profile);
        if (!scrubbed.ok) {
          rules.set(object.id, "redaction");
          return fail("stix/redaction", scrubbed.problem.message);
        }
        return ok(joined(object, levels.get(object.id) ?? "red", [...marked.value, ...scrubbed.value], agreement));
      },
      { newUuid: randomUUID, now: this.#parts.ports.clock.now().toISOString(), by: this.#parts.identity, link: false },
    );
    for (const object of out.objects) {
      const [hit] = scanObject(object, profile);
      if (hit)
        throw new Problem(
          "agreement/rescan",
          `the re-scan found ${hit.kind} at \`${hit.selector}\` of what would leave`,
        );
      const { tlp } = handlingOf(markingsWithin(object));
      if (tlp === "red" || tlp === "amber+strict")
        throw new Problem("agreement/rescan", "the re-scan found a marking above the ceiling in what would leave");
    }
    return this.#shown(wish, agreement, allowed.clause, { out, asked, levels, rules, known: objects });
  }

  #shown(
    wish: ShareWish,
    agreement: contract.Agreement,
    clause: string,
    made: {
      out: ReturnType<typeof redactBundle>;
      asked: readonly HandledObject[];
      levels: ReadonlyMap<string, TlpLevel>;
      rules: ReadonlyMap<string, string>;
      known: ReadonlyMap<string, StixObject>;
    },
  ): contract.Preview {
    const originals = new Map([...made.out.newIds].map(([original, id]) => [id, original]));
    const askedIds = new Set(made.asked.map(({ id }) => id));
    const objects = made.out.objects.map((object) => {
      const original = originals.get(object.id) ?? object.id;
      const name = object["name"] ?? object["value"] ?? object["relationship_type"] ?? object.id;
      return {
        original,
        id: object.id,
        type: object.type,
        label: String(name).slice(0, 300),
        tlp: made.levels.get(original) ?? ("amber" as const),
        asked: askedIds.has(original),
        fields: [...(made.out.fields.get(original) ?? [])],
        object: { ...object },
      };
    });
    const withheld = made.out.withheld
      .filter(({ id }) => made.levels.has(id))
      .map(({ id, reason }) => ({ id, rule: made.rules.get(id) ?? "copies", reason }));
    if (!objects.some((each) => each.asked))
      throw new Problem("agreement/nothing-leaves", `nothing of it may leave: ${withheld[0]?.reason ?? ""}`, {
        detail: { rule: withheld[0]?.rule ?? "" },
      });
    const { id = "", name = "" } = agreement.parties.find((each) => each.id === wish.recipient) ?? {};
    const bytes = canonicalJson(objects.map(({ object }) => object) as Json); // parsed from JSON
    return {
      recipient: { id, name },
      purpose: wish.purpose,
      agreement: { id: agreement.id, title: agreement.title, version: agreement.version },
      clause,
      objects,
      withheld,
      sha256: createHash("sha256").update(bytes).digest("hex"),
    };
  }

  /** The newest version of what is asked for, and of what that refers to. @throws Problem `agreement/object-not-found` */
  async #gather(db: Db, ids: readonly string[]): Promise<{ asked: HandledObject[]; others: HandledObject[] }> {
    const asked = await newestHandled(db, ids);
    const missing = ids.find((id) => !asked.some((each) => each.id === id));
    if (missing !== undefined) throw new Problem("agreement/object-not-found", `there is no object \`${missing}\``);
    const wanted = new Set(asked.flatMap(({ object }) => referencesOf(object).map(({ target }) => target)));
    for (const { id } of asked) wanted.delete(id);
    const others = await newestHandled(
      db,
      [...wanted].filter((id) => !id.startsWith("marking-definition--")),
    );
    return { asked, others };
  }

  /** Keeps a share; it leaves after the undo window. */
  async begin(tx: Tx, wish: ShareWish, how: { undoSeconds: number; by: string }): Promise<contract.Share> {
    const preview = await this.preview(tx, wish, "share", how.by);
    const createdAt = this.#parts.ports.clock.now();
    const placeAt = new Date(createdAt.getTime() + how.undoSeconds * 1_000);
    const id = uuid7(this.#parts.ports);
    return addShare(tx, { id, preview, createdAt, createdBy: how.by, placeAt });
  }

  /** @throws Problem `agreement/too-late` when it has left or ended */
  async takeBack(tx: Tx, id: string, by: string): Promise<contract.Share> {
    const share = await this.#held(tx, id);
    if (share.state !== "pending")
      throw new Problem("agreement/too-late", `the share is \`${share.state}\`: it can be revoked, not taken back`);
    return changeShare(tx, id, {
      state: "taken-back",
      at: this.#parts.ports.clock.now(),
      reason: `taken back by ${by}`,
    });
  }

  /** Places every share whose undo window has passed. @returns how many */
  async placeDue(): Promise<number> {
    for (let placed = 0; ; placed += 1) {
      const found = await this.#parts.database.transaction<NoTables, boolean>(async (tx) => {
        const share = await takeDue(tx, this.#parts.ports.clock.now());
        if (share) await this.#place(tx, share);
        return share !== undefined;
      });
      if (!found) return placed;
    }
  }

  async #place(tx: Tx, share: contract.Share): Promise<void> {
    const { intel, egress, ports, agreements, evidence } = this.#parts;
    const at = ports.clock.now();
    const block = (reason: string) => changeShare(tx, share.id, { state: "blocked", at, reason });
    const { collection: name } = await agreements.read(tx, share.agreement.id);
    if (name === null) return void (await block("the agreement names no collection"));
    const collection = await intel.collection(tx, name, { lock: true });
    const source = await intel.ensureSource(
      tx,
      { ...SHARED, name: `Shared with ${share.recipient.id}` },
      "the program",
    );
    const values = share.objects.map(({ object }) => object);
    // The originals are asked about again: anything may have been agreed, marked or revoked meanwhile.
    const originals = await newestHandled(
      tx,
      share.objects.map(({ original }) => original),
    );
    const verdicts = await egress.mayLeave(
      tx,
      {
        objects: originals,
        recipients: [share.recipient.id],
        channel: "share",
        encrypted: true,
        purpose: share.purpose,
        by: share.createdBy,
      },
      { afterRedaction: true },
    );
    const denied = verdicts.find(({ allowed }) => !allowed);
    if (denied || originals.length === 0) return void (await block(denied?.detail ?? "the originals are gone"));
    const { outcomes, objects } = await intel.take(tx, values, source);
    const placed = await intel.place(tx, collection, outcomes, objects, source.tlpDefault);
    const refused = placed.find((each) => each.kind === "refused");
    if (refused?.kind === "refused") return void (await block(refused.message));
    await changeShare(tx, share.id, { state: "placed", at, reason: null });
    await evidence.append(tx, {
      kind: "agreement/shared",
      subject: `urn:uuid:${share.agreement.id}`,
      payload: {
        share: share.id,
        recipient: share.recipient.id,
        clause: share.clause,
        sha256: share.sha256,
        collection: collection.id,
      },
    });
  }

  /** Puts revoked versions beside what this node made, and takes the rest out of the collection. @throws Problem `agreement/too-late` */
  async revoke(tx: Tx, id: string, { reason, by }: { reason: string; by: string }): Promise<contract.Share> {
    const { intel, ports, identity, agreements, evidence } = this.#parts;
    const share = await this.#held(tx, id);
    if (share.state !== "placed")
      throw new Problem("agreement/too-late", `the share is \`${share.state}\`: only what has left can be revoked`);
    const at = ports.clock.now();
    const { collection: name } = await agreements.read(tx, share.agreement.id);
    const collection = await intel.collection(tx, name ?? "", { lock: true });
    const revoked: StixObject[] = [];
    for (const { object } of share.objects) {
      const sent = object as StixObject; // the preview made it
      const next = revoke(sent, { by: identity, modified: at.toISOString() });
      if (next.ok) revoked.push(next.value);
      const versions = next.ok ? [String(sent["modified"])] : ["all"];
      await intel.remove(tx, collection.id, { match: { ids: [sent.id], versions } }, by);
    }
    if (revoked.length > 0) {
      const source = await intel.ensureSource(
        tx,
        { ...SHARED, name: `Shared with ${share.recipient.id}` },
        "the program",
      );
      const { outcomes, objects } = await intel.take(tx, revoked, source);
      const fresh = await intel.collection(tx, collection.id, { lock: true });
      await intel.place(tx, fresh, outcomes, objects, source.tlpDefault);
    }
    await evidence.append(tx, {
      kind: "agreement/revoked",
      subject: `urn:uuid:${share.agreement.id}`,
      payload: { share: id, recipient: share.recipient.id, objects: share.objects.length },
    });
    return changeShare(tx, id, { state: "revoked", at, reason, revokedIds: revoked.map((each) => each.id) });
  }

  /** A bundle for a file or the console: decided, noted and disclosed as it is made. */
  async export(
    tx: Tx,
    wish: ShareWish,
    { channel, by }: { channel: "file" | "console"; by: string },
  ): Promise<{ preview: contract.Preview; bundle: Record<string, unknown> }> {
    const preview = await this.preview(tx, wish, channel, by);
    const originals = await newestHandled(
      tx,
      preview.objects.map(({ original }) => original),
    );
    const asked = {
      objects: originals,
      recipients: [wish.recipient],
      channel,
      encrypted: true,
      purpose: wish.purpose,
      by,
    };
    const verdicts = await this.#parts.egress.mayLeave(tx, asked, { afterRedaction: true });
    const denied = verdicts.find(({ allowed }) => !allowed);
    if (denied) throw new Problem("agreement/nothing-leaves", denied.detail, { detail: { rule: denied.rule } });
    const objects = preview.objects.map(({ object }) => object);
    return { preview, bundle: { type: "bundle", id: `bundle--${randomUUID()}`, objects } };
  }

  async #held(tx: Tx, id: string): Promise<contract.Share> {
    const share = await readShare(tx, id, { lock: true });
    if (!share) throw new Problem("agreement/share-not-found", `there is no share \`${id}\``);
    return share;
  }
}

/** The object with an empty list of markings where it has none, so that its copy can be given the level of its channel. */
function withMarkingPlace(object: StixObject, level: TlpLevel): StixObject {
  return isMarkedAs(object, level) || object["object_marking_refs"] !== undefined
    ? object
    : { ...object, object_marking_refs: [] };
}

function isMarkedAs(object: StixObject, level: TlpLevel): boolean {
  return handlingOf(objectMarkings(object)).tlp === level;
}

function objectMarkings(object: StixObject): readonly string[] {
  const refs = object["object_marking_refs"];
  return Array.isArray(refs) ? refs.filter((id): id is string => typeof id === "string") : [];
}

/** All steps of an object, each place once; with the level of its strictest copy written on it where it is not. */
function joined(
  object: StixObject,
  level: TlpLevel,
  steps: readonly RedactionStep[],
  { tlpMax }: contract.Agreement,
): readonly RedactionStep[] {
  const places = new Map(steps.map((step) => [step.selector, step]));
  if (!isMarkedAs(object, level) && classOfType(object.type) !== "meta" && !objectMarkings(object).some(isStricter))
    places.set("object_marking_refs", {
      selector: "object_marking_refs",
      reason: `handled as TLP:${level.toUpperCase()} by the channel that it came by, under TLP:${tlpMax.toUpperCase()}`,
      replacement: [...objectMarkings(object).filter((id) => tlpOfId(id) === undefined), tlpMarkingId(level)],
    });
  const selectors = [...places.keys()];
  return [...places.values()].filter(
    ({ selector }) => !selectors.some((other) => other !== selector && selector.startsWith(`${other}.`)),
  );
}

function isStricter(id: string): boolean {
  const level = tlpOfId(id);
  return level === "red" || level === "amber+strict";
}

function isKnownMarking(id: string, known: ReadonlySet<string>): boolean {
  return tlpOfId(id) !== undefined || known.has(id);
}
