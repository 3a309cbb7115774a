/**
 * The typed client of the contract: one `call` for every route, in a browser, a CLI or a test. RFC 9110 (If-Match, ETag),
 * RFC 9457 (problem+json). Network and randomness are arguments. Every failure is thrown as a Problem: the server's own
 * code, or one of `ClientCode` when there is no server's word to give. Refuses path parameters that a URL would normalise away.
 */
import { assert, Problem } from "@holdfast/kernel";
import { z } from "zod";
import type { Input, Output, Route } from "./route.ts";

export type ClientCode = "client/unreachable" | "client/unexpected-answer" | "client/path-parameter";

/** Sent on everything that is not a read, so that a form on another site can't ride on the session cookie. */
export const CSRF_HEADER = "x-holdfast-csrf";

export interface ClientOptions {
  /** Origin without a trailing slash; "" asks the page's own origin. */
  readonly origin: string;
  readonly fetch: (url: string, init: RequestInit) => Promise<Response>;
  /** A fresh Idempotency-Key; any string that no other create will use. */
  readonly newKey: () => string;
  /** Added to every request: an API token's Authorization, for example. */
  readonly headers?: Readonly<Record<string, string>>;
}

export interface CallOptions {
  /** The ETag that the read gave; required by routes that edit. */
  readonly ifMatch?: string;
  /** Repeat the first attempt's key so that a retry gives the first answer again; routes that create get a fresh one by themselves. */
  readonly idempotencyKey?: string;
  readonly signal?: AbortSignal;
}

export interface Answer<Body> {
  readonly body: Body;
  readonly etag: string | undefined;
  readonly status: number;
}

/** Bytes to send to a route with `upload`. */
export interface Upload {
  readonly content: NonNullable<RequestInit["body"]>;
  readonly contentType: string;
}

export interface Client {
  /** The route's answer, checked against its schema. @throws Problem */
  call<R extends Route>(route: R, input: Input<R>, options?: CallOptions): Promise<Answer<Output<R>>>;
  /** As `call`, for a route that takes bytes other than JSON. @throws Problem */
  upload<R extends Route>(route: R, input: Input<R>, upload: Upload, options?: CallOptions): Promise<Answer<Output<R>>>;
  /** The response itself, for a route whose bytes stream out. @throws Problem */
  download<R extends Route>(route: R, input: Input<R>, options?: CallOptions): Promise<Response>;
}

/** A client of the node at `origin`. */
export function createClient(client: ClientOptions): Client {
  const send = async (route: Route, input: unknown, upload: Upload | undefined, options: CallOptions) => {
    const parts = partsOf(input);
    const headers: Record<string, string> = { accept: acceptOf(route), ...client.headers };
    if (route.method !== "GET") headers[CSRF_HEADER] = "1";
    if (route.creates || route.remembers || options.idempotencyKey !== undefined)
      headers["idempotency-key"] = options.idempotencyKey ?? client.newKey();
    if (route.edits) {
      assert(options.ifMatch !== undefined, `\`${route.id}\` edits and was called without ifMatch`);
      headers["if-match"] = options.ifMatch;
    }
    const init: RequestInit = { method: route.method, headers, credentials: "same-origin" };
    if (options.signal) init.signal = options.signal;
    if (upload) {
      headers["content-type"] = upload.contentType;
      init.body = upload.content;
    } else if (parts.body !== undefined) {
      headers["content-type"] = "application/json";
      init.body = JSON.stringify(parts.body);
    }
    const url = client.origin + pathOf(route, parts.params) + queryOf(parts.query);
    const response = await fetchOrProblem(client, url, init);
    if (!response.ok) throw await problemOf(response);
    return response;
  };
  const call = async <R extends Route>(route: R, input: Input<R>, upload: Upload | undefined, options: CallOptions) => {
    const response = await send(route, input, upload, options);
    const body = await bodyOf(route, response);
    const etag = response.headers.get("etag") ?? undefined;
    // the schema that checked `body` is the one Output<R> is derived from
    return { body: body as Output<R>, etag, status: response.status };
  };
  return {
    call: (route, input, options = {}) => call(route, input, undefined, options),
    upload: (route, input, upload, options = {}) => call(route, input, upload, options),
    download: (route, input, options = {}) => send(route, input, undefined, options),
  };
}

/**
 * Makes schemas interpret themselves. Where it may, zod compiles them with `new Function`, and where it may not, asking is
 * already reported as a violation of the page's Content-Security-Policy. Call it before the first schema is used.
 */
export function forgoEval(): void {
  z.config({ jitless: true });
}

/** `/api/sites/:id` with its parameters in place. @throws Problem `client/path-parameter` for an empty or dotted one */
export function pathOf(route: Pick<Route, "id" | "path">, params: Readonly<Record<string, unknown>>): string {
  return route.path.replace(/:([A-Za-z]\w*)/g, (_, name: string) => {
    const value = params[name];
    assert(value !== undefined && value !== null, `\`${route.id}\` was called without its parameter \`${name}\``);
    const text = String(value);
    // WHATWG URL 4.4 removes "." and ".." segments even when percent-encoded
    if (text === "" || text === "." || text === "..")
      throw new Problem<ClientCode>("client/path-parameter", `\`${text}\` can't be the ${name} in a path`);
    return encodeURIComponent(text);
  });
}

/** `?a=1&b=x&b=y`, or "" without parameters. Arrays repeat the name; undefined is left out. */
export function queryOf(query: Readonly<Record<string, unknown>>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item === undefined) continue;
      search.append(name, item instanceof Date ? item.toISOString() : String(item));
    }
  }
  const text = search.toString();
  return text === "" ? "" : `?${text}`;
}

function partsOf(input: unknown): { params: Record<string, unknown>; query: Record<string, unknown>; body: unknown } {
  const parts = isRecord(input) ? input : {};
  return {
    params: isRecord(parts["params"]) ? parts["params"] : {},
    query: isRecord(parts["query"]) ? parts["query"] : {},
    body: parts["body"],
  };
}

function acceptOf(route: Route): string {
  return `${route.download?.contentType ?? "application/json"}, application/problem+json`;
}

async function fetchOrProblem(client: ClientOptions, url: string, init: RequestInit): Promise<Response> {
  try {
    return await client.fetch(url, init);
  } catch (cause) {
    if (init.signal?.aborted) throw cause; // whoever aborted knows
    throw new Problem<ClientCode>("client/unreachable", "the node did not answer", { cause });
  }
}

async function bodyOf(route: Route, response: Response): Promise<unknown> {
  if (!route.answer || response.status === 204) return undefined;
  const parsed = route.answer.safeParse(await jsonOf(response));
  if (parsed.success) return parsed.data;
  throw new Problem<ClientCode>("client/unexpected-answer", `the answer to \`${route.id}\` is not what was agreed`, {
    detail: { route: route.id, issues: firstIssues(parsed.error) },
  });
}

function firstIssues(error: z.ZodError): { path: string; rule: string }[] {
  return error.issues.slice(0, 10).map((issue) => ({ path: issue.path.join("."), rule: issue.message }));
}

async function jsonOf(response: Response): Promise<unknown> {
  try {
    return await response.json();
  } catch (cause) {
    throw new Problem<ClientCode>("client/unexpected-answer", "the answer is not JSON", {
      detail: { status: response.status },
      cause,
    });
  }
}

/** The Problem that a failed response carries (RFC 9457), or what can be said of one that carries none. */
async function problemOf(response: Response): Promise<Problem> {
  const isProblem = (response.headers.get("content-type") ?? "").startsWith("application/problem+json");
  const body = isProblem ? await response.json().catch(() => undefined) : undefined;
  if (!isRecord(body) || typeof body["code"] !== "string")
    return new Problem<ClientCode>(
      "client/unexpected-answer",
      `the node answered ${response.status} and gave no reason`,
      {
        detail: { status: response.status },
      },
    );
  const { code, title, detail, instance, context } = body;
  const message = typeof detail === "string" ? detail : typeof title === "string" ? title : "no reason was given";
  const retryAfter = response.headers.get("retry-after");
  return new Problem(code, message, {
    detail: {
      ...(isRecord(context) ? context : {}),
      status: response.status,
      ...(typeof instance === "string" ? { instance } : {}),
      ...(retryAfter === null ? {} : { retryAfter }),
    },
  });
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
