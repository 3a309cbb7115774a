/**
 * Serves the contract over HTTP. Every operation goes one way: principal, limits, parsed input, handler, answer; every
 * failure leaves as RFC 9457 problem details from one place. A handler's first line is its authorisation, and one that
 * forgets it answers 500. Creating and editing operations run in one transaction with their idempotency record.
 */
import { createHash } from "node:crypto";
import { Readable } from "node:stream";
import cookie from "@fastify/cookie";
import rateLimit from "@fastify/rate-limit";
import { type Action, ANONYMOUS, type Decision, decide, type Principal, type Resource } from "@holdfast/access";
import { type Output, queryNames, type Route } from "@holdfast/api";
import { assert, canonicalJson, Problem, type Random } from "@holdfast/kernel";
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  LogController,
} from "fastify";
import type { Transaction } from "kysely";
import type { z } from "zod";
import { addressBlock } from "./address-block.ts";
import type { Config } from "./config.ts";
import type { Database } from "./database.ts";
import type { DecisionLog } from "./decision-log.ts";
import { keepAnswer, recallAnswer, type Sealing } from "./idempotency.ts";
import { parseJsonBody } from "./json-body.ts";
import { problemReply } from "./problem-reply.ts";
import { LingeringClose, receiveBody } from "./request-body.ts";
import type { Log, Metrics } from "./telemetry.ts";

declare module "fastify" {
  interface FastifyRequest {
    principal: Principal;
    authorised: boolean;
    /** Why the credentials that came were not believed; thrown where limits have counted the request. */
    refusal: unknown;
    /** The session's cookie or the token's text, when it was believed: what only this caller has. */
    credential: string | undefined;
  }
}

type Parsed<Schema> = [Schema] extends [z.ZodNever]
  ? undefined
  : Schema extends z.ZodType
    ? z.output<Schema>
    : undefined;

/** One request as a handler sees it. */
export interface Call<R> {
  readonly params: R extends Route<infer P> ? Parsed<P> : never;
  readonly query: R extends Route<z.ZodType, infer Q> ? Parsed<Q> : never;
  readonly body: R extends Route<z.ZodType, z.ZodType, infer B> ? Parsed<B> : never;
  readonly principal: Principal;
  readonly requestId: string;
  /** Aborts when the caller goes away. */
  readonly signal: AbortSignal;
  /** The version that If-Match names, for an operation that edits. */
  readonly ifMatch: number;
  /** The transaction of a creating or editing operation; it commits when the handler returns. */
  tx<Tables>(): Transaction<Tables>;
  /** The bytes of an upload, unread; the declared size is within the contract's limit, and so is the stream. */
  readonly upload: Readable;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly address: string;
  /**
   * Decides the operation's action on `resource`, records it, and throws when it is refused.
   * With `hide`, a refusal looks like absence (404), because the caller may not know that it exists.
   */
  authorise(resource?: Resource, options?: { hide?: boolean; action?: Action }): Decision;
  setHeader(name: string, value: string): void;
  setCookie(name: string, value: string, options: { maxAgeSeconds: number }): void;
}

export type Answer<R> = Output<R> | Readable;

export interface Server {
  /** Serves one operation of the contract. */
  serve<R extends Route>(route: R, handler: (call: Call<R>) => Promise<Answer<R>>): void;
  /** Every operation served, in order. */
  readonly routes: readonly Route[];
  /** The Fastify instance, for what is not an operation of the contract: static files, redirects, other standards' paths. */
  readonly fastify: FastifyInstance;
}

/** Finds out who makes a request. Installed by auth. */
export type Authenticate = (request: FastifyRequest) => Promise<Principal>;

export interface ServerParts {
  readonly config: Config;
  readonly database: Database;
  readonly decisions: DecisionLog;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly authenticate: Authenticate;
  readonly random: Random;
}

const NODE: Resource = { type: "Node", id: "self" };
const HEADER_SECONDS_MAX = 60; // a caller's headers are in one packet or two
const QUERY_LENGTH_MAX = 8_192; // of a whole URL; longer ones are a mistake or an attack

export async function createServer(parts: ServerParts): Promise<Server> {
  const { config, log, metrics } = parts;
  const fastify = Fastify({
    loggerInstance: log.child({}, { level: "warn" }) as FastifyBaseLogger, // Fastify's own chatter stays out; the type keeps FastifyInstance's default
    logController: new LogController({ disableRequestLogging: true }), // the onResponse hook below says it in one line
    bodyLimit: config.bodyBytesMax,
    requestTimeout: 0, // of a body: see receiveBody
    http: { headersTimeout: Math.min(config.requestSecondsMax, HEADER_SECONDS_MAX) * 1_000 },
    connectionTimeout: 0,
    keepAliveTimeout: 65_000,
    trustProxy: proxyHops(config.trustProxy),
    forceCloseConnections: "idle",
    return503OnClosing: true,
    frameworkErrors: (error, request, reply) => {
      problemReply({ error, request, reply, log });
    },
    routerOptions: { maxParamLength: 2_000 },
    genReqId: () => crypto.randomUUID(),
  });
  fastify.decorateRequest("principal"); // set by the first hook
  fastify.decorateRequest("authorised", false);
  fastify.decorateRequest("refusal", undefined);
  fastify.decorateRequest("credential", undefined);
  fastify.removeContentTypeParser(["application/json", "text/plain"]);
  fastify.addContentTypeParser(
    "application/json",
    { parseAs: "buffer" },
    async (_request: FastifyRequest, body: Buffer) => (body.length === 0 ? undefined : parseJsonBody(body)),
  );
  await fastify.register(cookie);
  await fastify.register(rateLimit, {
    max: config.requestsPerMinuteMax,
    timeWindow: 60_000,
    hook: "onRequest", // before a byte of the body is read
    allowList: (request) => request.routeOptions.url === "/healthz" || request.routeOptions.url === "/readyz",
    keyGenerator: (request) =>
      request.principal.kind === "anonymous"
        ? addressBlock(request.ip)
        : `${request.principal.kind}:${request.principal.id}`,
    errorResponseBuilder: (_request, context) =>
      new Problem(
        "http/too-many-requests",
        `more than \`${context.max}\` requests in a minute: wait ${Math.ceil(context.ttl / 1_000)} s`,
      ),
  });
  fastify.addHook("onRequest", async (request, reply) => {
    reply.header("x-request-id", request.id);
    reply.header("x-content-type-options", "nosniff");
    request.principal = ANONYMOUS;
    if (request.url.length > QUERY_LENGTH_MAX)
      throw new Problem(
        "http/bad-request",
        `a URL of \`${request.url.length}\` characters is longer than \`${QUERY_LENGTH_MAX}\``,
      );
    refuseNul(request);
    try {
      request.principal = await parts.authenticate(request);
    } catch (error) {
      request.refusal = error;
    }
  });
  fastify.addHook("preParsing", async (request, reply, payload) => {
    if (isBodiless(request)) return payload;
    const isUpload = !(request.headers["content-type"] ?? "application/json").startsWith("application/json");
    return receiveBody(request, reply, {
      isUpload,
      sizeBytesMax: request.routeOptions.bodyLimit ?? config.bodyBytesMax,
      secondsMax: isUpload ? config.uploadStallSecondsMax : config.requestSecondsMax,
    });
  });
  const lingering = new LingeringClose();
  fastify.addHook("onSend", async (request, reply) => lingering.prepare(request, reply));
  fastify.addHook("preClose", async () => lingering.destroy());
  fastify.server.on("checkContinue", (request, answer) => fastify.server.emit("request", request, answer)); // receiveBody says when
  fastify.addHook("onResponse", async (request, reply) => {
    const route = request.routeOptions.url ?? "none";
    metrics.requestSeconds.observe(
      { route, method: request.method, status: String(reply.statusCode) },
      reply.elapsedTime / 1_000,
    );
    log.debug(
      {
        requestId: request.id,
        method: request.method,
        route,
        status: reply.statusCode,
        milliseconds: Math.round(reply.elapsedTime),
        principal: request.principal.id,
      },
      "request",
    );
  });
  fastify.setErrorHandler((error, request, reply) => problemReply({ error, request, reply, log }));
  fastify.setNotFoundHandler((request, reply) =>
    problemReply({
      error: new Problem("http/not-found", `there is nothing at \`${request.method} ${request.url.split("?")[0]}\``),
      request,
      reply,
      log,
    }),
  );

  const routes: Route[] = [];
  return {
    fastify,
    routes,
    serve: (route, handler) => {
      assert(!routes.some((other) => other.id === route.id), `operation ${route.id} is served twice`);
      routes.push(route);
      fastify.route({
        method: route.method,
        url: route.path,
        ...(route.upload ? { bodyLimit: Math.min(route.upload.sizeBytesMax, config.uploadBytesMax) } : {}),
        handler: (request, reply) => answerRecorded({ parts, route, handler, request, reply }),
      });
    },
  };
}

/**
 * No text of this node has U+0000, and PostgreSQL cannot hold it; so it is refused for every route, also for those that
 * are no operations of the contract. A header cannot have it (RFC 9110 5.5).
 * @throws Problem `http/bad-request` naming the parameter
 */
function refuseNul(request: FastifyRequest): void {
  if (!request.url.includes("%00") && !request.url.includes("\0")) return;
  const inside = (parameters: unknown): readonly string[] =>
    Object.entries(parameters ?? {}).flatMap(([name, value]) =>
      [value].flat().some((text) => String(text).includes("\0")) && name !== "*" && !name.includes("\0") ? [name] : [],
    );
  const [path] = request.url.split("?");
  const [name = path?.includes("%00") ? "path" : "query"] = [...inside(request.params), ...inside(request.query)];
  throw new Problem("http/bad-request", `\`${name}\` has the character U+0000, which no text here has`);
}

/** Proxies are counted from this node outwards, because what stands before them in X-Forwarded-For is the caller's own word. */
function proxyHops(trustProxy: Config["trustProxy"]): false | ((address: string, hop: number) => boolean) {
  const hops = Number(trustProxy);
  return hops > 0 && ((_address, hop) => hop < hops);
}

/** Accepts other content types than JSON as unread streams, inside an encapsulated Fastify context or the root. */
export function acceptStreams(fastify: FastifyInstance, contentTypes: readonly string[]): void {
  for (const type of contentTypes) {
    if (!fastify.hasContentTypeParser(type))
      fastify.addContentTypeParser(type, (_request, payload, done) => done(null, payload));
  }
}

interface Exchange<R extends Route> {
  readonly parts: ServerParts;
  readonly route: R;
  readonly handler: (call: Call<R>) => Promise<Answer<R>>;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
}

/** No write is acknowledged, and nothing refused, before the decision about it is durable. */
async function answerRecorded<R extends Route>(exchange: Exchange<R>): Promise<unknown> {
  let outcome: Outcome | undefined;
  try {
    outcome = await answer(exchange);
  } finally {
    if (!outcome || exchange.route.method !== "GET") await exchange.parts.decisions.flush();
  }
  return send(exchange, outcome);
}

interface Outcome {
  readonly value: unknown;
  readonly etag: string | undefined;
  /** True when the answer was given before, to the same Idempotency-Key. */
  readonly recalled: boolean;
}

async function answer<R extends Route>(exchange: Exchange<R>): Promise<Outcome> {
  const { parts, route, handler, request, reply } = exchange;
  if (request.refusal !== undefined) throw request.refusal;
  if (route.upload && !(request.body instanceof Readable)) throw notAnUpload(route);
  const authorise = authoriser(exchange);
  // Who may not do this at all learns nothing about what a valid request would be.
  if (
    route.action !== "public" &&
    !decide({ principal: request.principal, action: route.action, resource: NODE }).allowed
  )
    authorise();
  refuseUnknownQuery(route, request.query);
  const input = {
    params: parse(route.params, request.params, "path"),
    query: parse(route.query, request.query, "query"),
    body: route.upload ? undefined : parse(route.body, request.body, "body"),
  };
  const key = route.creates ? idempotencyKey(request) : undefined;
  const ifMatch = route.edits ? ifMatchVersion(request) : 0;
  const controller = new AbortController();
  request.raw.once("close", () => {
    if (!reply.raw.writableFinished && request.raw.destroyed) controller.abort();
  });
  const callWith = (tx: Transaction<never> | undefined) =>
    ({
      ...input,
      principal: request.principal,
      requestId: request.id,
      signal: controller.signal,
      ifMatch,
      tx: () => {
        assert(tx, `operation ${route.id} neither creates nor edits, so it has no transaction of its own`);
        return tx;
      },
      upload: route.upload ? (request.body as Readable) : request.raw, // the parser of an upload's content type passes the stream on
      headers: request.headers,
      address: request.ip,
      authorise,
      setHeader: (name: string, value: string) => reply.header(name, value),
      setCookie: (name: string, value: string, options: { maxAgeSeconds: number }) =>
        reply.setCookie(name, value, {
          path: "/",
          httpOnly: true,
          sameSite: "lax",
          secure: isSecure(parts.config, request),
          maxAge: options.maxAgeSeconds,
        }),
    }) as unknown as Call<R>; // the conditional types of Call can't be followed through the generic R

  if (!route.creates && !route.edits) {
    const value = await handler(callWith(undefined));
    checkAuthorised(route, request);
    return { value, etag: etagOf(value), recalled: false };
  }
  return parts.database.transaction<never, Outcome>(async (tx) => {
    const sha256 = createHash("sha256")
      .update(canonicalJson({ path: request.url, body: request.body ?? null }))
      .digest("hex");
    const identity = {
      principal: `${request.principal.kind}:${request.principal.id}`,
      key: key ?? "",
      route: route.id,
      sha256,
    };
    const sealing = sealingOf(exchange);
    const kept = key === undefined ? undefined : await recallAnswer(tx, identity, sealing);
    if (kept) {
      authorise();
      return { value: kept.answer, etag: kept.etag ?? undefined, recalled: true };
    }
    const value: unknown = await handler(callWith(tx));
    checkAuthorised(route, request);
    const etag = etagOf(value);
    if (key !== undefined) await keepAnswer(tx, { ...identity, status: route.status, answer: value, etag }, sealing);
    return { value, etag, recalled: false };
  });
}

function authoriser<R extends Route>({ parts, route, request }: Exchange<R>): Call<R>["authorise"] {
  return (resource = NODE, options = {}) => {
    const { principal } = request;
    request.authorised = true;
    if (route.action === "public" && !options.action) return { allowed: true, policy: "public" };
    const action = options.action ?? route.action;
    assert(action !== "public", "a public operation names the action it decides");
    const decision = decide({ principal, action, resource });
    parts.decisions.add({ principal, action, resource, decision, requestId: request.id });
    if (decision.allowed) return decision;
    if (principal.kind === "anonymous")
      throw new Problem("access/unauthenticated", "sign in, or send an API token, to do this");
    if (options.hide) throw new Problem("http/not-found", `there is no \`${resource.type}\` \`${resource.id}\``);
    throw new Problem("access/denied", `\`${action}\` is not among what ${principal.name} may do`, {
      detail: { action, policy: decision.policy },
    });
  };
}

function checkAuthorised(route: Route, request: FastifyRequest): void {
  assert(route.action === "public" || request.authorised, `operation ${route.id} answered without an authorisation`);
}

function parse(schema: z.ZodType | undefined, value: unknown, where: "path" | "query" | "body"): unknown {
  if (!schema) return undefined;
  const parsed = schema.safeParse(value ?? (where === "body" ? undefined : {}));
  if (parsed.success) return parsed.data;
  const issues = parsed.error.issues
    .slice(0, 20)
    .map((issue) => ({ path: [where, ...issue.path.map(String)].join("."), rule: issue.code, message: issue.message }));
  const first = issues[0]!; // a failed parse has at least one issue
  throw new Problem(
    "http/invalid",
    `\`${first.path}\`: ${first.message.charAt(0).toLowerCase()}${first.message.slice(1)}`,
    { detail: { issues } },
  );
}

/** @throws Problem `http/unknown-parameter`: a misspelt name would be a filter that filters nothing */
function refuseUnknownQuery(route: Route, query: unknown): void {
  const known = queryNames(route);
  const unknown = Object.keys(query ?? {}).find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const shown = unknown.slice(0, 100);
  const list = known.length === 0 ? "it takes none" : `it takes ${known.map((name) => `\`${name}\``).join(", ")}`;
  throw new Problem("http/unknown-parameter", `\`${route.id}\` has no query parameter \`${shown}\`: ${list}`, {
    detail: { unknown: shown, known },
  });
}

function sealingOf({ route, request, parts }: Exchange<Route>): Sealing | undefined {
  if (!route.secrets) return undefined;
  const { credential } = request;
  assert(credential !== undefined, `operation ${route.id} answers with a secret, so it needs someone`);
  return { members: route.secrets, credential, random: parts.random };
}

function isBodiless(request: FastifyRequest): boolean {
  const { "content-length": length, "transfer-encoding": encoding } = request.headers;
  return (
    request.method === "GET" ||
    request.method === "HEAD" ||
    ((length === undefined || length === "0") && encoding === undefined)
  );
}

function notAnUpload({ upload }: Route): Problem {
  const types = (upload?.contentTypes ?? []).map((type) => `\`${type}\``).join(" or ");
  return new Problem("http/unsupported-media-type", `send the file itself as the body, with the content type ${types}`);
}

function idempotencyKey(request: FastifyRequest): string | undefined {
  const key = request.headers["idempotency-key"];
  if (key === undefined) return undefined;
  if (typeof key !== "string" || key.length === 0 || key.length > 200)
    throw new Problem("http/bad-request", "an Idempotency-Key has 1 to 200 characters");
  return key;
}

function ifMatchVersion(request: FastifyRequest): number {
  const header = request.headers["if-match"];
  if (header === undefined)
    throw new Problem(
      "http/precondition-required",
      "send the ETag that you read as If-Match, so that nobody's change is overwritten",
    );
  const version = /^(?:W\/)?"(\d{1,15})"$/.exec(header)?.[1];
  if (version === undefined)
    throw new Problem("http/precondition-failed", `\`${header.slice(0, 40)}\` is not an ETag of this API`);
  return Number(version);
}

function etagOf(value: unknown): string | undefined {
  const version = typeof value === "object" && value !== null && "version" in value ? value.version : undefined;
  return typeof version === "number" ? `"${version}"` : undefined;
}

function isSecure(config: Config, request: FastifyRequest): boolean {
  return request.protocol === "https" || (config.publicUrl?.startsWith("https:") ?? false);
}

function send<R extends Route>({ route, request, reply }: Exchange<R>, { value, etag, recalled }: Outcome): unknown {
  if (recalled) reply.header("idempotent-replay", "true");
  if (etag) reply.header("etag", etag);
  if (route.method === "GET" && etag && request.headers["if-none-match"] === etag) return reply.code(304).send();
  if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
  if (route.download) return reply.code(route.status).type(route.download.contentType).send(value);
  if (value === undefined) return reply.code(route.status).send();
  return reply
    .code(route.status)
    .type("application/json; charset=utf-8")
    .send(Buffer.from(JSON.stringify(value))); // as bytes it is encoded once, where a string is measured and then written
}
