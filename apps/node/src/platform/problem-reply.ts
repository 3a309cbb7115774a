/** Turns any failure into RFC 9457 `application/problem+json`, in this one place. A bug answers 500 and tells only its request id. */
import { problemStatus } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import type { FastifyReply, FastifyRequest } from "fastify";
import type { Log } from "./telemetry.ts";

/** Fastify's own failures, in this API's words. */
const FASTIFY_CODES: Readonly<Record<string, string>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: "http/body-too-large",
  FST_ERR_CTP_INVALID_MEDIA_TYPE: "http/unsupported-media-type",
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: "http/bad-request",
  FST_ERR_CTP_EMPTY_JSON_BODY: "http/not-json",
  FST_ERR_BAD_URL: "http/bad-request",
  FST_ERR_CTP_INVALID_TYPE: "http/unsupported-media-type",
  FST_ERR_NOT_FOUND: "http/not-found",
};

export function problemReply({
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
  const problem = asProblem(error);
  const status = problemStatus(problem.code) ?? 500;
  if (status >= 500) log.error({ requestId: request.id, err: error }, "request failed");
  if (status === 401) reply.header("www-authenticate", 'Bearer realm="holdfast"'); // RFC 9110 11.6.1
  const known = status < 500 || problem.code !== "http/internal";
  return reply
    .code(status)
    .type("application/problem+json; charset=utf-8")
    .header("cache-control", "no-store")
    .send(
      JSON.stringify({
        type: `urn:holdfast:problem:${problem.code}`,
        title: problem.code,
        status,
        code: problem.code,
        detail: known
          ? problem.message
          : `this is a fault of the program, not of your request; the log has it under \`${request.id}\``,
        instance: `urn:uuid:${request.id}`,
        ...(known && Object.keys(problem.detail).length > 0 ? { context: problem.detail } : {}),
      }),
    );
}

function asProblem(error: unknown): Problem {
  if (error instanceof Problem && problemStatus(error.code) !== undefined) return error;
  if (error instanceof Error && "code" in error) {
    const code = FASTIFY_CODES[String(error.code)];
    if (code)
      return new Problem(code, error.message.charAt(0).toLowerCase() + error.message.slice(1), { cause: error });
  }
  if (
    error instanceof Error &&
    "statusCode" in error &&
    typeof error.statusCode === "number" &&
    error.statusCode < 500
  ) {
    return new Problem("http/bad-request", error.message.charAt(0).toLowerCase() + error.message.slice(1), {
      cause: error,
    });
  }
  return new Problem("http/internal", error instanceof Error ? error.message : "unknown failure", { cause: error });
}
