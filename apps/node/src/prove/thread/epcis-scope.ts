/**
 * The EPCIS REST binding as a part of the server of its own: any media type comes in unread, failures leave as the
 * standard's exceptions, every answer says which versions are spoken, and no operation runs before its caller was
 * authorised and the decision recorded.
 */
import { type Action, decide, type Principal, type Resource } from "@holdfast/access";
import { assert, Problem } from "@holdfast/kernel";
import type { FastifyInstance, FastifyReply, FastifyRequest } from "fastify";
import type { DecisionLog } from "../../platform/decision-log.ts";
import type { Log } from "../../platform/telemetry.ts";
import { exceptionBody, exceptionOf } from "./exception.ts";
import { VERSION_HEADERS } from "./negotiation.ts";

/** Where the binding is served; the standard leaves the root to whoever serves it. */
export const EPCIS_ROOT = "/epcis";

export type Method = "GET" | "POST" | "DELETE";

export interface EpcisCall {
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly principal: Principal;
  readonly headers: FastifyRequest["headers"];
  /** Parts of the path, decoded. */
  readonly params: Readonly<Record<string, string>>;
  /** The query string, each name with what was given for it. */
  readonly query: Readonly<Record<string, readonly string[]>>;
}

export interface EpcisAnswer {
  readonly status: 200 | 201 | 202 | 204;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface Operation {
  readonly method: Method;
  /** Below the root, with `:name` parameters. */
  readonly path: string;
  readonly action: Action;
  readonly bodyBytesMax?: number;
  /** Undefined when the handler took the connection over. */
  handle(call: EpcisCall): Promise<EpcisAnswer | undefined>;
}

export interface ScopeParts {
  readonly decisions: DecisionLog;
  readonly log: Log;
}

const NODE: Resource = { type: "Node", id: "self" };
const URL_LENGTH_MAX = 8_192; // the server's own

/** Serves `operations`, and OPTIONS on each of their paths with what `announce` adds. */
export async function serveEpcis(
  fastify: FastifyInstance,
  parts: ScopeParts,
  operations: readonly Operation[],
  announce: (path: string) => Readonly<Record<string, string>>,
): Promise<void> {
  await fastify.register(async (scope) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    scope.setErrorHandler((error, request, reply) => refuse({ error, request, reply, log: parts.log }));
    scope.addHook("onSend", async (_request, reply) => {
      reply.headers(VERSION_HEADERS);
      if (!reply.hasHeader("cache-control")) reply.header("cache-control", "no-store");
    });
    for (const operation of operations)
      scope.route({
        method: operation.method,
        url: EPCIS_ROOT + operation.path,
        ...(operation.bodyBytesMax === undefined ? {} : { bodyLimit: operation.bodyBytesMax }),
        handler: (request, reply) => answer(parts, operation, request, reply),
      });
    for (const path of new Set(operations.map((each) => each.path))) {
      const methods = operations.filter((each) => each.path === path).map((each) => each.method);
      scope.options(EPCIS_ROOT + path, async (_request, reply) =>
        reply
          .code(204)
          .headers({ allow: ["OPTIONS", ...methods].join(", "), ...announce(path) })
          .send(),
      );
    }
  });
}

async function answer(
  { decisions }: ScopeParts,
  operation: Operation,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<FastifyReply> {
  if (request.refusal !== undefined) throw request.refusal;
  const { principal } = request;
  const { action } = operation;
  const decision = decide({ principal, action, resource: NODE });
  decisions.add({ principal, action, resource: NODE, decision, requestId: request.id });
  if (!decision.allowed || operation.method !== "GET") await decisions.flush();
  if (!decision.allowed && principal.kind === "anonymous")
    throw new Problem("access/unauthenticated", "sign in, or send an API token, to do this");
  if (!decision.allowed)
    throw new Problem("access/denied", `\`${action}\` is not among what ${principal.name} may do`, {
      detail: { action, policy: decision.policy },
    });
  request.authorised = true;
  const answered = await operation.handle({
    request,
    reply,
    principal,
    headers: request.headers,
    params: request.params as Record<string, string>, // the router's own: parts of the path
    query: queryOf(request),
  });
  if (!answered) return reply;
  const { status, contentType, headers = {}, body } = answered;
  reply.code(status).headers(headers);
  if (contentType !== undefined) reply.type(contentType);
  return reply.send(body);
}

/** The parameters as they came: the server's own parser keeps repetitions as arrays. */
function queryOf({ query }: FastifyRequest): Record<string, readonly string[]> {
  assert(typeof query === "object" && query !== null, "the server parsed the query string");
  return Object.fromEntries(
    Object.entries(query).map(([name, value]: [string, unknown]) => [
      name,
      (Array.isArray(value) ? value : [value]).map(String),
    ]),
  );
}

function refuse({
  error,
  request,
  reply,
  log,
}: {
  error: unknown;
  request: FastifyRequest;
  reply: FastifyReply;
  log: Log;
}): FastifyReply {
  const problem = problemOf(error, request);
  const { status, name } = exceptionOf(problem);
  if (name === "ImplementationException" && status === 500)
    log.error({ requestId: request.id, err: error }, "request failed");
  if (status === 401) reply.header("www-authenticate", 'Bearer realm="holdfast"'); // RFC 9110 11.6.1
  const shown =
    problem.code === "http/internal"
      ? new Problem("http/internal", `a fault of the program; the log has it under \`${request.id}\``)
      : problem;
  return reply
    .code(status)
    .type("application/problem+json; charset=utf-8")
    .send(JSON.stringify(exceptionBody(shown, `urn:uuid:${request.id}`)));
}

function problemOf(error: unknown, request: FastifyRequest): Problem {
  if (request.url.length > URL_LENGTH_MAX)
    return new Problem(
      "thread/uri-too-long",
      `a URL has at most \`${URL_LENGTH_MAX}\` characters: make it a named query`,
    );
  if (error instanceof Problem) return error;
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
  const message = error instanceof Error ? error.message : String(error);
  if (status === 413) return new Problem("thread/too-large", message.toLowerCase());
  if (status === 415) return new Problem("thread/unsupported-media-type", message.toLowerCase());
  if (typeof status === "number" && status < 500) return new Problem("http/bad-request", message.toLowerCase());
  return new Problem("http/internal", message, { cause: error });
}
