/**
 * Intelligence: what came, by which channel, and in which collections it is exchanged. Invariants: a content that was
 * accepted is never changed or lost; a collection grows at its end, in one order that every reader sees; an object
 * stricter than a collection's ceiling never enters it. Refuses what breaks a MUST of STIX 2.1.
 */
import { createHash } from "node:crypto";
import { Problem, uuid7 } from "@holdfast/kernel";
import {
  compareTlp,
  formatAdded,
  nextAdded,
  parseTimestamp,
  microsecondsOf,
  strictestTlp,
  type TaxiiQuery,
  type TlpLevel,
} from "@holdfast/stix";
import type { Transaction } from "kysely";
import type { Database } from "../../platform/database.ts";
import type { Evidence } from "../../platform/evidence.ts";
import type { Ports } from "../../platform/ports.ts";
import { prepare, type Prepared } from "./prepared.ts";
import { noteTaken } from "./taken-store.ts";
import {
  addCollection,
  addEntries,
  addSource,
  changeCollection,
  type Collection,
  type Db,
  findEntries,
  type FoundEntry,
  keepCopies,
  keepObjects,
  type KnownEntry,
  knownEntries,
  listSources,
  type NewEntry,
  readCollection,
  readSource,
  removeEntries,
  type Source,
} from "./store.ts";

export type { Collection, Source } from "./store.ts";

/** What became of one object. `version` names it in an answer. */
export type ObjectOutcome =
  | { readonly kind: "added" | "already-there"; readonly id: string; readonly version: string }
  | { readonly kind: "refused"; readonly id: string; readonly version: string; readonly message: string };

/** An object that is now in the node, by its seq. */
export interface AddedObject {
  readonly seq: number;
  readonly prepared: Prepared;
}

export const OBJECTS_PER_CALL_MAX = 100_000; // of one transaction; larger bundles come as imports, in parts

type Tx = Transaction<Record<never, never>>; // the statements name their tables themselves

export interface IntelParts {
  readonly database: Database;
  readonly ports: Ports;
  readonly evidence: Evidence;
}

export type SourceWish = Pick<Source, "name" | "kind" | "trustPercent" | "licence" | "tlpDefault">;
export type CollectionWish = Pick<
  Collection,
  "alias" | "title" | "description" | "readRoles" | "writeRoles" | "tlpMax"
>;

export class Intel {
  readonly #parts: IntelParts;

  constructor(parts: IntelParts) {
    this.#parts = parts;
  }

  get db(): Db {
    return this.#parts.database.tables();
  }

  /** @throws Problem `intel/name-taken` */
  async addSource(tx: Db, wish: SourceWish, by: string): Promise<Source> {
    const { ports } = this.#parts;
    const source = { ...wish, id: uuid7(ports), version: 1, createdAt: ports.clock.now(), createdBy: by };
    if (!(await addSource(tx, source)))
      throw new Problem("intel/name-taken", `there is a source called \`${wish.name}\` already`);
    return source;
  }

  /** The source of that name, made if it is not there: for channels that the node opens itself. */
  async ensureSource(tx: Db, wish: SourceWish, by: string): Promise<Source> {
    const known = (await listSources(tx)).find(({ name }) => name === wish.name);
    return known ?? this.addSource(tx, wish, by);
  }

  /** @throws Problem `intel/source-not-found` */
  async source(db: Db, id: string): Promise<Source> {
    const source = await readSource(db, id);
    if (!source) throw new Problem("intel/source-not-found", `there is no source \`${id}\``);
    return source;
  }

  /** A collection, and the channel by which its clients write. @throws Problem `intel/name-taken` */
  async addCollection(tx: Tx, wish: CollectionWish, by: string): Promise<Collection> {
    const { ports, evidence } = this.#parts;
    const id = uuid7(ports);
    const source = await this.addSource(
      tx,
      {
        name: `TAXII: ${wish.title} (${id.slice(-12)})`,
        kind: "taxii",
        trustPercent: 50,
        licence: null,
        tlpDefault: "amber",
      },
      by,
    );
    const collection: Collection = {
      ...wish,
      id,
      version: 1,
      sourceId: source.id,
      lastSequence: 0,
      lastAddedMicros: 0,
      createdAt: ports.clock.now(),
      createdBy: by,
    };
    if (!(await addCollection(tx, collection)))
      throw new Problem("intel/name-taken", `there is a collection with the alias \`${wish.alias}\` already`);
    await evidence.append(tx, { kind: "intel/collection", subject: id, payload: accessOf(collection) });
    return collection;
  }

  /** Changes who reads and writes, and the words. @throws Problem `intel/collection-not-found`, `http/precondition-failed` */
  async changeCollection(
    tx: Tx,
    id: string,
    wish: Omit<CollectionWish, "alias">,
    ifMatch: number,
  ): Promise<Collection> {
    const collection = await this.collection(tx, id, { lock: true });
    if (collection.version !== ifMatch)
      throw new Problem("http/precondition-failed", "the collection was changed meanwhile: read it again");
    const changed = await changeCollection(tx, { ...collection, ...wish });
    await this.#parts.evidence.append(tx, { kind: "intel/collection", subject: id, payload: accessOf(changed) });
    return changed;
  }

  /** @throws Problem `intel/collection-not-found` */
  async collection(db: Db, name: string, { lock = false } = {}): Promise<Collection> {
    const collection = await readCollection(db, name, { lock });
    if (!collection) throw new Problem("intel/collection-not-found", `there is no collection \`${name}\``);
    return collection;
  }

  /**
   * Takes objects that came by `source` into the node: judges each, keeps what is valid once, notes the copy.
   * @returns an outcome for each value, and the objects that are in the node now
   */
  async take(
    tx: Tx,
    values: readonly unknown[],
    source: Source,
  ): Promise<{ outcomes: ObjectOutcome[]; objects: (AddedObject | undefined)[] }> {
    if (values.length > OBJECTS_PER_CALL_MAX)
      throw new Problem(
        "intel/too-many-objects",
        `\`${values.length}\` objects are more than \`${OBJECTS_PER_CALL_MAX}\` at once: send them in parts`,
      );
    const receivedAt = this.#parts.ports.clock.now();
    const judged = values.map(prepare);
    const valid = judged.flatMap((each) => (each.ok ? [each.prepared] : []));
    const seqs = await keepObjects(tx, valid, receivedAt);
    const tlps = valid.map(({ tlp, otherMarkings }) => copyTlp(source, tlp, otherMarkings));
    await keepCopies(tx, { seqs, tlps, sourceId: source.id, receivedAt });
    if (valid.length > 0) {
      await noteTaken(tx, valid);
      await this.#record(tx, source, valid);
    }
    let next = 0;
    const objects = judged.map((each) => (each.ok ? { seq: seqs[next++]!, prepared: each.prepared } : undefined)); // one seq for each valid object
    const outcomes = judged.map(
      (each): ObjectOutcome =>
        each.ok
          ? { kind: "added", id: each.prepared.id, version: each.prepared.version }
          : { kind: "refused", ...each.refused },
    );
    return { outcomes, objects };
  }

  /** One statement for what came together: how many, by which channel, and a digest over the contents in their order. */
  async #record(tx: Tx, source: Source, objects: readonly Prepared[]): Promise<void> {
    const digest = createHash("sha256");
    for (const { sha256 } of objects) digest.update(sha256);
    await this.#parts.evidence.append(tx, {
      kind: "intel/received",
      subject: source.id,
      payload: { objects: objects.length, sha256: digest.digest("hex") },
    });
  }

  /** Takes what a client posts to a collection, and gives each object its place there. */
  async post(tx: Tx, name: string, values: readonly unknown[]): Promise<ObjectOutcome[]> {
    const collection = await this.collection(tx, name, { lock: true });
    const source = await this.source(tx, collection.sourceId);
    const { outcomes, objects } = await this.take(tx, values, source);
    return this.place(tx, collection, outcomes, objects, source.tlpDefault);
  }

  /** Gives objects of the node a place at the end of a locked collection, each content once. */
  async place(
    tx: Tx,
    collection: Collection,
    outcomes: readonly ObjectOutcome[],
    objects: readonly (AddedObject | undefined)[],
    tlpDefault: TlpLevel,
  ): Promise<ObjectOutcome[]> {
    const nowMicros = this.#parts.ports.clock.now().getTime() * 1_000;
    const ids = [...new Set(objects.flatMap((each) => (each ? [each.prepared.id] : [])))];
    const known = Map.groupBy(await knownEntries(tx, collection.id, ids), ({ stixId }) => stixId);
    let { lastSequence, lastAddedMicros } = collection;
    const entries: NewEntry[] = [];
    const placed = outcomes.map((outcome, n): ObjectOutcome => {
      const object = objects[n];
      if (!object) return outcome;
      const { prepared, seq } = object;
      const refusal = refusalOf(prepared, collection, tlpDefault);
      if (refusal) return { kind: "refused", id: prepared.id, version: prepared.version, message: refusal };
      const others = known.get(prepared.id) ?? [];
      const before = sameVersion(others, prepared, seq);
      if (before) return outcomeOfKnown(before, prepared, seq);
      lastSequence += 1;
      lastAddedMicros = nextAdded(lastAddedMicros === 0 ? undefined : lastAddedMicros, nowMicros);
      const versioned = prepared.versionMicros !== 0;
      const entry: NewEntry = {
        sequence: lastSequence,
        addedMicros: lastAddedMicros,
        objectSeq: seq,
        stixId: prepared.id,
        type: prepared.type,
        versionMicros: versioned ? prepared.versionMicros : lastAddedMicros,
        version: versioned ? prepared.version : formatAdded(lastAddedMicros),
        specVersion: prepared.specVersion,
      };
      entries.push(entry);
      known.set(prepared.id, [...others, { ...entry, removed: false }]);
      return { kind: "added", id: prepared.id, version: entry.version };
    });
    await addEntries(tx, collection.id, entries);
    return placed;
  }

  /** A page of what a query asks for, and where the next one begins. */
  async page(
    db: Db,
    collection: Collection,
    query: TaxiiQuery,
    place: { afterSequence: number; upToSequence: number; limit: number; bodies: boolean },
  ): Promise<{ entries: FoundEntry[]; afterSequence: number | undefined }> {
    const found = await findEntries(
      db,
      collection.id,
      {
        match: query.match,
        versionMicros: versionTimes(query),
        addedAfterMicros: query.addedAfterMicros,
        afterSequence: place.afterSequence,
        upToSequence: place.upToSequence,
        limit: place.limit + 1,
      },
      { bodies: place.bodies },
    );
    const entries = found.slice(0, place.limit);
    return { entries, afterSequence: found.length > place.limit ? entries.at(-1)?.sequence : undefined };
  }

  /** Takes versions of an object out of a collection; tombstones keep them out. @returns how many */
  async remove(tx: Tx, name: string, query: TaxiiQuery, by: string): Promise<number> {
    const collection = await this.collection(tx, name, { lock: true });
    const { entries } = await this.page(tx, collection, query, {
      afterSequence: 0,
      upToSequence: collection.lastSequence,
      limit: OBJECTS_PER_CALL_MAX,
      bodies: false,
    });
    if (entries.length === 0) return 0;
    await removeEntries(tx, collection.id, entries);
    await this.#parts.evidence.append(tx, {
      kind: "intel/removed",
      subject: collection.id,
      payload: { by, objects: entries.map(({ id, version }) => ({ id, version })) },
    });
    return entries.length;
  }
}

function accessOf({ readRoles, writeRoles, tlpMax }: Collection) {
  return { readRoles: [...readRoles], writeRoles: [...writeRoles], tlpMax };
}

/** What the copy is handled as: its marking; the channel's word where it has none; a marking nobody here knows closes it. */
function copyTlp(source: Source, tlp: TlpLevel | undefined, others: readonly string[]): TlpLevel {
  const marked = tlp ?? source.tlpDefault;
  return others.length === 0 ? marked : (strictestTlp([marked, "amber+strict"]) ?? marked);
}

function refusalOf(prepared: Prepared, collection: Collection, tlpDefault: TlpLevel): string | undefined {
  const tlp = prepared.tlp ?? tlpDefault;
  return compareTlp(tlp, collection.tlpMax) > 0
    ? `TLP:${tlp.toUpperCase()} is stricter than this collection takes, which is TLP:${collection.tlpMax.toUpperCase()}`
    : undefined;
}

/** The entry that stands for the same version: of the same time, or with the same content where there are no times. */
function sameVersion(others: readonly KnownEntry[], prepared: Prepared, seq: number): KnownEntry | undefined {
  return prepared.versionMicros === 0
    ? others.find((other) => other.objectSeq === seq)
    : others.find((other) => other.versionMicros === prepared.versionMicros);
}

function outcomeOfKnown(before: KnownEntry, prepared: Prepared, seq: number): ObjectOutcome {
  const name = { id: prepared.id, version: before.version };
  if (before.removed)
    return { kind: "refused", ...name, message: "this version was deleted from the collection: send a newer one" };
  if (before.objectSeq !== seq)
    return {
      kind: "refused",
      ...name,
      message: "another content of this version is here: a change needs a later `modified`",
    };
  return { kind: "already-there", ...name };
}

function versionTimes({ match }: TaxiiQuery): number[] {
  return (match.versions ?? []).flatMap((version) => {
    const instant = parseTimestamp(version);
    return instant ? [microsecondsOf(instant)] : [];
  });
}
