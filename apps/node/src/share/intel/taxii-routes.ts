/**
 * The TAXII 2.1 server: discovery, one API root, collections, manifests, objects, versions, status. Any process answers any
 * request: a page's `next` says where a walk stands, signed, and nothing is kept in memory. Every answer has the TAXII media
 * type, failures too. A collection that the caller may neither read nor write does not exist for them.
 */
import { createHmac } from "node:crypto";
import { type Action, decide, type Principal } from "@holdfast/access";
import { problemStatus } from "@holdfast/api";
import { Problem, uuid7 } from "@holdfast/kernel";
import {
  acceptsTaxii,
  apiRootOf,
  type Cursor,
  dateAddedHeaders,
  decodeCursor,
  encodeCursor,
  errorOf,
  isTaxiiContent,
  manifestOf,
  parseDocument,
  parseQuery,
  statusOf,
  type StatusItem,
  TAXII_MEDIA_TYPE,
  type TaxiiQuery,
  versionsOf,
} from "@holdfast/stix";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { Config } from "../../platform/config.ts";
import type { Database } from "../../platform/database.ts";
import type { DecisionLog } from "../../platform/decision-log.ts";
import type { Ports } from "../../platform/ports.ts";
import { readOrCreateSetting } from "../../platform/settings.ts";
import type { Log } from "../../platform/telemetry.ts";
import type { Collection, Intel, ObjectOutcome } from "./intel.ts";
import { type FoundEntry, keepStatus, listCollections, readCollection, readStatus } from "./store.ts";

/** Asked before anyone reads: which of `entries` may go to `principal`. */
export type TaxiiDoor = (
  principal: Principal,
  collectionId: string,
  entries: readonly FoundEntry[],
) => Promise<readonly FoundEntry[]>;

export interface TaxiiParts {
  readonly door: TaxiiDoor;
  readonly intel: Intel;
  readonly database: Database;
  readonly decisions: DecisionLog;
  readonly config: Config;
  readonly ports: Ports;
  readonly log: Log;
}

/** The path of the API root. */
const ROOT = "/taxii2/api/";
export const TAXII_BYTES_MAX = 50_000_000; // of one POST; announced as max_content_length
const PAGE_MAX = 2_000; // objects of one page; a larger `limit` is lowered to it
const CURSOR_SECONDS = 86_400; // a walk can pause for a day
const STATUS_DAYS = 1;
const CHALLENGE = 'Basic realm="holdfast", charset="UTF-8", Bearer realm="holdfast"';

type NoTables = Record<never, never>; // the statements name their tables themselves

export async function serveTaxii(fastify: FastifyInstance, parts: TaxiiParts): Promise<void> {
  const { database, ports } = parts;
  const secret = await readOrCreateSetting(database, "taxii-cursor-key", () =>
    Buffer.from(ports.random.bytes(32)).toString("base64"),
  );
  const mac = (message: Uint8Array) =>
    new Uint8Array(createHmac("sha256", Buffer.from(secret, "base64")).update(message).digest());
  await fastify.register(
    async (scope) => {
      scope.removeAllContentTypeParsers();
      scope.addContentTypeParser("*", { parseAs: "buffer" }, (_request, body, done) => done(null, body));
      scope.setErrorHandler((error, request, reply) => refuse(error, request, reply, parts.log));
      scope.setNotFoundHandler((request, reply) => {
        const [path = "", query] = request.url.split("?");
        if (request.method === "GET" && !path.endsWith("/"))
          return reply.redirect(`${path}/${query === undefined ? "" : `?${query}`}`, 308);
        return refuse(new Problem("http/not-found", `there is nothing at \`${path}\``), request, reply, parts.log);
      });
      scope.addHook("onRequest", async (request) => {
        if (request.refusal !== undefined) throw request.refusal;
      });
      new TaxiiServer(parts, mac).register(scope);
    },
    { prefix: "/taxii2" },
  );
}

class TaxiiServer {
  readonly #parts: TaxiiParts;
  readonly #mac: (message: Uint8Array) => Uint8Array;

  constructor(parts: TaxiiParts, mac: (message: Uint8Array) => Uint8Array) {
    this.#parts = parts;
    this.#mac = mac;
  }

  register(scope: FastifyInstance): void {
    this.#serveRoot(scope);
    this.#serveCollections(scope);
    this.#serveObjects(scope);
  }

  #serveRoot(scope: FastifyInstance): void {
    const { config } = this.#parts;
    const base = config.publicUrl?.replace(/\/$/, "") ?? "";
    scope.get("/", { prefixTrailingSlash: "slash" }, async (request, reply) => {
      this.#authorise(request);
      const root = `${base}${ROOT}`;
      return say(reply, { title: config.organisationName, default: root, api_roots: [root] });
    });
    scope.get("/api/", async (request, reply) => {
      this.#authorise(request);
      return say(reply, apiRootOf({ title: config.organisationName, maxContentBytes: TAXII_BYTES_MAX }));
    });
    scope.get<{ Params: { id: string } }>("/api/status/:id/", async (request, reply) => {
      this.#authorise(request);
      const status = await readStatus(this.#parts.intel.db, request.params.id, ownerOf(request.principal));
      if (status === undefined) throw new Problem("http/not-found", `there is no status \`${request.params.id}\``);
      return say(reply, status);
    });
  }

  #serveCollections(scope: FastifyInstance): void {
    scope.get("/api/collections/", async (request, reply) => {
      this.#authorise(request);
      const visible = (await listCollections(this.#parts.intel.db)).filter((each) =>
        isVisible(each, request.principal),
      );
      return say(
        reply,
        visible.length === 0 ? {} : { collections: visible.map((each) => shown(each, request.principal)) },
      );
    });
    scope.get<{ Params: { collection: string } }>("/api/collections/:collection/", async (request, reply) => {
      const collection = await this.#visible(request, request.params.collection);
      return say(reply, shown(collection, request.principal));
    });
  }

  #serveObjects(scope: FastifyInstance): void {
    const all = ["id", "type", "version", "spec_version"] as const;
    const one = ["version", "spec_version"] as const;
    type InCollection = { Params: { collection: string; object: string } };
    const base = "/api/collections/:collection";
    scope.get<InCollection>(`${base}/manifest/`, async (request, reply) => {
      const { entries, next } = await this.#page(request, parsed(request, all), { bodies: false });
      return say(reply.headers(dateAddedHeaders(entries)), manifestOf(entries, next));
    });
    scope.get<InCollection>(`${base}/objects/`, async (request, reply) =>
      sayObjects(reply, await this.#page(request, parsed(request, all), { bodies: true })),
    );
    scope.get<InCollection>(`${base}/objects/:object/`, async (request, reply) => {
      const query = ofObject(parsed(request, one), request.params.object);
      const page = await this.#page(request, query, { bodies: true });
      if (page.entries.length === 0) await this.#refuseUnknown(request, request.params.object);
      return sayObjects(reply, page);
    });
    scope.get<InCollection>(`${base}/objects/:object/versions/`, async (request, reply) => {
      const { match, ...place } = ofObject(parsed(request, ["spec_version"]), request.params.object);
      const { entries, next } = await this.#page(
        request,
        { ...place, match: { ...match, versions: ["all"] } },
        { bodies: false },
      );
      if (entries.length === 0) await this.#refuseUnknown(request, request.params.object);
      return say(reply.headers(dateAddedHeaders(entries)), versionsOf(entries, next));
    });
    scope.post<InCollection>(`${base}/objects/`, { bodyLimit: TAXII_BYTES_MAX }, async (request, reply) => {
      const collection = await this.#writable(request);
      return say(reply.code(202), await this.#post(request, collection));
    });
    scope.delete<InCollection>(`${base}/objects/:object/`, async (request, reply) => {
      const query = ofObject(parsed(request, one), request.params.object);
      const collection = await this.#visible(request, request.params.collection);
      for (const [may, what] of [
        [mayRead(collection, request.principal), "read"],
        [mayWrite(collection, request.principal), "write"],
      ] as const)
        if (!may) throw new Problem("access/denied", `deleting needs the right to ${what} this collection too`);
      const seen = await this.#page(request, query, { bodies: false });
      if (seen.entries.length === 0)
        throw new Problem("http/not-found", `there is no such version of \`${request.params.object}\``);
      const removed = await this.#parts.database.transaction<NoTables, number>((tx) =>
        this.#parts.intel.remove(tx, collection.id, query, ownerOf(request.principal)),
      );
      if (removed === 0)
        throw new Problem("http/not-found", `there is no such version of \`${request.params.object}\``);
      return sayText(reply, "");
    });
  }

  async #post(request: FastifyRequest, collection: Collection): Promise<unknown> {
    const { ports, database, intel, decisions } = this.#parts;
    if (!isTaxiiContent(request.headers["content-type"]))
      throw new Problem("http/unsupported-media-type", `the body is sent as \`${TAXII_MEDIA_TYPE}\``);
    const values = objectsOf(request.body);
    const now = ports.clock.now();
    const id = uuid7(ports);
    await decisions.flush(); // no write is acknowledged before the decision about it is durable
    return database.transaction<NoTables, unknown>(async (tx) => {
      const outcomes = await intel.post(tx, collection.id, values);
      const body = statusOf(id, now.getTime() * 1_000, sorted(outcomes));
      const expiresAt = new Date(now.getTime() + STATUS_DAYS * 86_400_000);
      await keepStatus(tx, { id, collectionId: collection.id, owner: ownerOf(request.principal), body, expiresAt });
      return body;
    });
  }

  /** One page, and the cursor of the next. */
  async #page(
    request: FastifyRequest,
    query: TaxiiQuery,
    { bodies }: { bodies: boolean },
  ): Promise<{ entries: FoundEntry[]; next: string | undefined }> {
    const { collection: name } = request.params as { collection: string }; // every path that pages has it
    const collection = await this.#visible(request, name);
    if (!mayRead(collection, request.principal))
      throw new Problem("access/denied", "this collection is not for you to read");
    const nowSeconds = this.#parts.ports.clock.now().getTime() / 1_000;
    const cursor = this.#cursor(query, collection, nowSeconds);
    const limit = Math.min(query.limit ?? PAGE_MAX, PAGE_MAX);
    let { afterSequence } = cursor;
    // A page of which nothing may leave is passed over: an empty one with a `next` confuses clients.
    for (;;) {
      const page = await this.#parts.intel.page(
        this.#parts.intel.db,
        collection,
        cursor.addedAfterMicros === undefined
          ? { match: query.match }
          : { match: query.match, addedAfterMicros: cursor.addedAfterMicros },
        { afterSequence, upToSequence: cursor.upToSequence, limit, bodies },
      );
      const entries = [...(await this.#parts.door(request.principal, collection.id, page.entries))];
      if (page.afterSequence === undefined) return { entries, next: undefined };
      ({ afterSequence } = page);
      if (entries.length > 0) return { entries, next: encodeCursor({ ...cursor, afterSequence }, this.#mac) };
    }
  }

  /** Where the request stands: at its `next`, or at the beginning of a walk up to the newest entry of now. */
  #cursor(query: TaxiiQuery, collection: Collection, nowSeconds: number): Cursor {
    if (query.next === undefined)
      return {
        collection: collection.id,
        match: query.match,
        ...(query.addedAfterMicros === undefined ? {} : { addedAfterMicros: query.addedAfterMicros }),
        afterSequence: 0,
        upToSequence: collection.lastSequence,
        expiresAtSeconds: Math.floor(nowSeconds) + CURSOR_SECONDS,
      };
    const cursor = decodeCursor(query.next, {
      mac: this.#mac,
      collection: collection.id,
      match: query.match,
      nowSeconds,
    });
    if (!cursor.ok) throw new Problem("http/bad-request", cursor.problem.message);
    return cursor.value;
  }

  /** An id that the collection never had answers 404; a filter that leaves nothing of one that it has answers `{}`. */
  async #refuseUnknown(request: FastifyRequest, object: string): Promise<void> {
    const { collection: name } = request.params as { collection: string }; // every path that pages has it
    const collection = await this.#visible(request, name);
    const { entries } = await this.#parts.intel.page(
      this.#parts.intel.db,
      collection,
      { match: { ids: [object], versions: ["all"] } },
      { afterSequence: 0, upToSequence: collection.lastSequence, limit: 1, bodies: false },
    );
    const known = await this.#parts.door(request.principal, collection.id, entries);
    if (known.length === 0) throw new Problem("http/not-found", `there is no object \`${object}\` in this collection`);
  }

  async #writable(request: FastifyRequest): Promise<Collection> {
    const { collection: name } = request.params as { collection: string }; // every path that writes has it
    const collection = await this.#visible(request, name);
    if (!mayWrite(collection, request.principal))
      throw new Problem("access/denied", "this collection is not for you to write");
    return collection;
  }

  /** The collection, if it exists for the caller. */
  async #visible(request: FastifyRequest, name: string): Promise<Collection> {
    this.#authorise(request, name);
    const collection = await readCollection(this.#parts.intel.db, name);
    if (!collection || !isVisible(collection, request.principal))
      throw new Problem("http/not-found", `there is no collection \`${name}\``);
    return collection;
  }

  /** Decides and records; then checks what the caller wants to read. */
  #authorise(request: FastifyRequest, collection?: string): void {
    const { principal } = request;
    const action: Action = "intel:exchange";
    const resource = collection === undefined ? { type: "Node", id: "self" } : { type: "Collection", id: collection };
    const decision = decide({ principal, action, resource });
    this.#parts.decisions.add({ principal, action, resource, decision, requestId: request.id });
    if (!decision.allowed)
      throw principal.kind === "anonymous"
        ? new Problem("access/unauthenticated", "send an API token: as Bearer, or as the password of HTTP Basic")
        : new Problem("access/denied", `\`${action}\` is not among what ${principal.name} may do`);
    if (acceptsTaxii(request.headers.accept) === "other")
      throw new Problem("intel/not-acceptable", `this is answered as \`${TAXII_MEDIA_TYPE}\``);
  }
}

function mayRead(collection: Collection, principal: Principal): boolean {
  return principal.roles.some((role) => collection.readRoles.includes(role));
}

function mayWrite(collection: Collection, principal: Principal): boolean {
  return principal.roles.some((role) => collection.writeRoles.includes(role));
}

function isVisible(collection: Collection, principal: Principal): boolean {
  return mayRead(collection, principal) || mayWrite(collection, principal);
}

function shown(collection: Collection, principal: Principal) {
  const { id, title, description, alias } = collection;
  return {
    id,
    title,
    ...(description === null ? {} : { description }),
    ...(alias === null ? {} : { alias }),
    can_read: mayRead(collection, principal),
    can_write: mayWrite(collection, principal),
    media_types: ["application/stix+json;version=2.1"],
  };
}

function ownerOf({ kind, id }: Principal): string {
  return `${kind}:${id}`;
}

function parsed(request: FastifyRequest, fields: readonly ("id" | "type" | "version" | "spec_version")[]): TaxiiQuery {
  const query = parseQuery(new URLSearchParams(request.url.split("?")[1] ?? ""), fields);
  if (!query.ok) throw new Problem("http/bad-request", query.problem.message);
  return query.value;
}

function ofObject(query: TaxiiQuery, id: string): TaxiiQuery {
  return { ...query, match: { ...query.match, ids: [id] } };
}

/** The objects of an envelope. @throws Problem `http/not-json` or `intel/envelope` */
function objectsOf(body: unknown): readonly unknown[] {
  const document = parseDocument(body instanceof Uint8Array ? body : new Uint8Array());
  if (!document.ok) throw new Problem("http/not-json", document.problem.message);
  const { value } = document;
  const objects = typeof value === "object" && value !== null && "objects" in value ? value.objects : undefined;
  if (!Array.isArray(objects) || objects.length === 0)
    throw new Problem("intel/envelope", "an envelope has a list of `objects` with at least one");
  return objects;
}

function sorted(outcomes: readonly ObjectOutcome[]): {
  successes: StatusItem[];
  failures: StatusItem[];
  pendings: StatusItem[];
} {
  const successes: StatusItem[] = [];
  const failures: StatusItem[] = [];
  for (const outcome of outcomes) {
    const { id, version } = outcome;
    if (outcome.kind === "refused") failures.push({ id, version, message: outcome.message });
    else if (outcome.kind === "already-there") successes.push({ id, version, message: "already added" });
    else successes.push({ id, version });
  }
  return { successes, failures, pendings: [] };
}

/** The media type exactly as the standard writes it: known clients compare its text. Fastify leaves that of bytes alone. */
function sayText(reply: FastifyReply, text: string): FastifyReply {
  return reply.header("content-type", TAXII_MEDIA_TYPE).header("cache-control", "no-store").send(Buffer.from(text));
}

function say(reply: FastifyReply, value: unknown): FastifyReply {
  return sayText(reply, JSON.stringify(value));
}

/** An envelope, its objects as they are stored: nothing is parsed to be written again. */
function sayObjects(
  reply: FastifyReply,
  { entries, next }: { entries: FoundEntry[]; next: string | undefined },
): FastifyReply {
  const head = next === undefined ? '{"more":false' : `{"more":true,"next":${JSON.stringify(next)}`;
  const text = entries.length === 0 ? "{}" : `${head},"objects":[${entries.map(({ body }) => body).join(",")}]}`;
  return reply.headers(dateAddedHeaders(entries)).type(TAXII_MEDIA_TYPE).header("cache-control", "no-store").send(text);
}

function refuse(error: unknown, request: FastifyRequest, reply: FastifyReply, log: Log): FastifyReply {
  const problem = asProblem(error);
  const status = problem ? (problemStatus(problem.code) ?? 500) : 500;
  if (status >= 500) log.error({ requestId: request.id, err: error }, "request failed");
  if (status === 401) reply.header("www-authenticate", CHALLENGE);
  const message =
    problem && status < 500
      ? { title: titleOf(status), description: problem.message, code: problem.code, id: request.id }
      : { title: titleOf(500), description: "a fault of the program, not of the request", id: request.id };
  return say(reply.code(status), errorOf(status, message));
}

const FASTIFY_CODES: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "http/body-too-large",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "http/bad-request",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "http/unsupported-media-type",
};

function asProblem(error: unknown): Problem | undefined {
  if (error instanceof Problem) return error;
  const code = error instanceof Error && "code" in error ? FASTIFY_CODES[String(error.code)] : undefined;
  return code === undefined || !(error instanceof Error) ? undefined : new Problem(code, error.message);
}

const TITLES: Readonly<Record<number, string>> = {
  400: "The request is malformed",
  401: "Credentials are needed",
  403: "Not allowed",
  404: "Not found",
  406: "Not acceptable",
  413: "Too large",
  415: "Unsupported media type",
  422: "The envelope cannot be used",
  429: "Too many requests",
};

function titleOf(status: number): string {
  return TITLES[status] ?? "Failed";
}
