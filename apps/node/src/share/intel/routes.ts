/** Serves intelligence to this node's own people: sources, collections, objects, imports. TAXII is in taxii-routes.ts. */
import { intel as contract } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import { isStixObject, parseDocument } from "@holdfast/stix";
import type { Database } from "../../platform/database.ts";
import { acceptStreams, type Server } from "../../platform/server.ts";
import { type Intel, type ObjectOutcome, OBJECTS_PER_CALL_MAX } from "./intel.ts";
import {
  type Collection,
  listCollections,
  type ListedObject,
  listObjects,
  listSources,
  type Source,
  versionsOfObject,
} from "./store.ts";
import type { Touching } from "./touch/evaluate.ts";
import { bytesOf } from "./upload-bytes.ts";

type NoTables = Record<never, never>; // the statements name their tables themselves

export interface IntelRouteParts {
  readonly intel: Intel;
  readonly database: Database;
  readonly touching: Touching;
}

const REFUSALS_SHOWN_MAX = 100;

export function intelRoutes(server: Server, parts: IntelRouteParts): void {
  acceptStreams(server.fastify, contract.BUNDLE_TYPES);
  serveSources(server, parts);
  serveCollections(server, parts);
  serveObjects(server, parts);
}

function serveSources(server: Server, { intel }: IntelRouteParts): void {
  server.serve(contract.listSources, async (call) => {
    call.authorise();
    return { items: (await listSources(intel.db)).map(sourceShown) };
  });
  server.serve(contract.addSource, async (call) => {
    call.authorise();
    return sourceShown(await intel.addSource(call.tx<NoTables>(), call.body, call.principal.name));
  });
}

function serveCollections(server: Server, { intel }: IntelRouteParts): void {
  server.serve(contract.listCollections, async (call) => {
    call.authorise();
    return { items: (await listCollections(intel.db)).map(collectionShown) };
  });
  server.serve(contract.getCollection, async (call) => {
    call.authorise();
    return collectionShown(await intel.collection(intel.db, call.params.id));
  });
  server.serve(contract.addCollection, async (call) => {
    call.authorise();
    return collectionShown(await intel.addCollection(call.tx<NoTables>(), call.body, call.principal.name));
  });
  server.serve(contract.changeCollection, async (call) => {
    call.authorise();
    return collectionShown(await intel.changeCollection(call.tx<NoTables>(), call.params.id, call.body, call.ifMatch));
  });
}

function serveObjects(server: Server, { intel, database, touching }: IntelRouteParts): void {
  server.serve(contract.listObjects, async (call) => {
    call.authorise();
    const { limit, after, type, text } = call.query;
    const found = await listObjects(intel.db, {
      type,
      text,
      before: after === undefined ? undefined : place(after),
      limit: limit + 1,
    });
    return {
      items: found.slice(0, limit).map(lineShown),
      next: found.length > limit ? String(found[limit - 1]?.seq) : null,
    };
  });
  server.serve(contract.getObject, async (call) => {
    call.authorise();
    const versions = await versionsOfObject(intel.db, call.params.stixId, contract.VERSIONS_SHOWN_MAX);
    if (versions.length === 0)
      throw new Problem("intel/object-not-found", `there is no object \`${call.params.stixId}\``);
    return {
      versions: versions.map((version) => ({
        ...lineShown(version),
        sha256: version.sha256.toString("hex"),
        object: JSON.parse(version.body) as Record<string, unknown>, // written by `prepare` from an object
      })),
    };
  });
  server.serve(contract.importBundle, async (call) => {
    call.authorise();
    const values = objectsOfBundle(await bytesOf(call.upload));
    const outcomes = await database.transaction<NoTables, ObjectOutcome[]>(async (tx) => {
      const source = await intel.source(tx, call.query.source);
      const { outcomes, objects } = await intel.take(tx, values, source);
      if (call.query.collection === undefined) return outcomes;
      const collection = await intel.collection(tx, call.query.collection, { lock: true });
      return intel.place(tx, collection, outcomes, objects, source.tlpDefault);
    });
    touching.wake();
    const refused = outcomes.flatMap((each) =>
      each.kind === "refused" ? [{ id: each.id, version: each.version, message: each.message }] : [],
    );
    return {
      source: call.query.source,
      added: outcomes.length - refused.length,
      refused: refused.slice(0, REFUSALS_SHOWN_MAX),
      refusedMore: Math.max(0, refused.length - REFUSALS_SHOWN_MAX),
    };
  });
}

/** The objects of a bundle, of a list, or the one object. @throws Problem `intel/not-a-bundle`, `intel/too-many-objects` */
function objectsOfBundle(bytes: Uint8Array): readonly unknown[] {
  const document = parseDocument(bytes);
  if (!document.ok) throw new Problem("intel/not-a-bundle", document.problem.message);
  const { value } = document;
  const objects = Array.isArray(value)
    ? value
    : isStixObject(value) && value.type === "bundle"
      ? (value["objects"] ?? [])
      : [value];
  if (!Array.isArray(objects)) throw new Problem("intel/not-a-bundle", "`objects` of a bundle is a list");
  if (objects.length > OBJECTS_PER_CALL_MAX)
    throw new Problem(
      "intel/too-many-objects",
      `\`${objects.length}\` objects are more than \`${OBJECTS_PER_CALL_MAX}\` at once: send them in parts`,
    );
  return objects;
}

function place(after: string): number {
  const seq = Number(after);
  if (!Number.isSafeInteger(seq) || seq < 0) throw new Problem("http/bad-request", "`after` is not from this list");
  return seq;
}

function sourceShown(source: Source): contract.Source {
  return { ...source, createdAt: source.createdAt.toISOString() };
}

function collectionShown(collection: Collection): contract.Collection {
  const { id, version, alias, title, description, tlpMax, lastSequence, createdAt, createdBy } = collection;
  const { readRoles, writeRoles } = collection;
  return {
    id,
    version,
    alias,
    title,
    description,
    tlpMax,
    createdBy,
    readRoles: [...readRoles] as contract.Collection["readRoles"], // written from the contract's own list
    writeRoles: [...writeRoles] as contract.Collection["writeRoles"], // as above
    entries: lastSequence,
    taxiiPath: `/taxii2/api/collections/${collection.id}/`,
    createdAt: createdAt.toISOString(),
  };
}

function lineShown(object: ListedObject): contract.ObjectLine {
  const { id, type, version, label, tlp, revoked, receivedAt, sources } = object;
  return {
    id,
    type,
    stixVersion: version,
    label,
    tlp,
    revoked,
    receivedAt: receivedAt.toISOString(),
    sources: [...sources],
  };
}
