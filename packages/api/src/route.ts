/**
 * The form of one HTTP operation. A capability's file lists its operations with `route`; the node serves them, the typed
 * client calls them, OpenAPI describes them and the conformance tests walk them. Nothing here knows a server or a browser.
 */
import type { Action } from "@holdfast/access";
import { z } from "zod";

export type Method = "GET" | "POST" | "PUT" | "PATCH" | "DELETE";

/** What a caller sends and gets, in schemas. `action` is what Cedar decides; "public" needs no principal. */
export interface Route<
  Params extends z.ZodType = z.ZodType,
  Query extends z.ZodType = z.ZodType,
  Body extends z.ZodType = z.ZodType,
  Answer extends z.ZodType = z.ZodType,
> {
  /** operationId in OpenAPI; unique over the whole API. */
  readonly id: string;
  readonly method: Method;
  /** Path with `:name` parameters, beginning with /api/ unless a standard says otherwise. */
  readonly path: string;
  /** Pillar and capability, "know/registry": the heading in OpenAPI. */
  readonly tag: string;
  readonly summary: string;
  readonly description?: string;
  readonly action: Action | "public";
  readonly params?: Params;
  readonly query?: Query;
  readonly body?: Body;
  /** The success status and the schema of its body; 204 has none. */
  readonly status: 200 | 201 | 202 | 204;
  readonly answer?: Answer;
  /** A POST that creates: takes an Idempotency-Key header, so that a retry gives the first answer again. */
  readonly creates?: true;
  /**
   * Members of a creating operation's answer that are secret. They are kept for a retry only under a key that the
   * caller's own credential and Idempotency-Key make, and that nobody else has; see `IDEMPOTENCY_TEXT`.
   */
  readonly secrets?: readonly string[];
  /** A POST whose handler minds the Idempotency-Key itself, because its bytes are too many for one transaction. */
  readonly remembers?: true;
  /** An edit of something versioned: needs If-Match with the ETag that a read gave; 412 when it has changed, 428 when absent. */
  readonly edits?: true;
  /** Content other than JSON: an upload or a download whose bytes stream. */
  readonly upload?: { readonly contentTypes: readonly string[]; readonly sizeBytesMax: number };
  readonly download?: { readonly contentType: string };
}

/** What the Idempotency-Key of this API does. */
export const IDEMPOTENCY_TEXT =
  "any text of 1 to 200 characters that no other request of yours uses, a UUID for example; for a day the same request with the same key does nothing again and gets the first answer, with the header `idempotent-replay: true`. Another request with a used key is refused with `http/idempotency-mismatch`.";
/** What is added where the answer holds a secret. */
export const SECRET_REPLAY_TEXT =
  " The answer holds a secret: it is kept encrypted under a key made of your session or token and of this header's value, neither of which the node stores, so only a retry with the same credential gets it again. A retry with another one of yours is answered with `http/answer-sealed` (409), whose context has the rest of the answer.";

/** The names of a route's query parameters. Others are refused, so that a misspelt one is not silence. */
export function queryNames(route: Pick<Route, "query">): readonly string[] {
  return route.query instanceof z.ZodObject ? Object.keys(route.query.shape) : [];
}

/** Declares an operation; only gives its literal type back. */
export function route<
  Params extends z.ZodType = z.ZodNever,
  Query extends z.ZodType = z.ZodNever,
  Body extends z.ZodType = z.ZodNever,
  Answer extends z.ZodType = z.ZodNever,
>(definition: Route<Params, Query, Body, Answer>): Route<Params, Query, Body, Answer> {
  return definition;
}

/** What `request` sends for a route: only the parts that the route declares. */
export type Input<R> =
  R extends Route<infer Params, infer Query, infer Body, z.ZodType>
    ? ([Params] extends [z.ZodNever] ? unknown : { params: z.input<Params> }) &
        ([Query] extends [z.ZodNever] ? unknown : { query?: z.input<Query> }) &
        ([Body] extends [z.ZodNever] ? unknown : { body: z.input<Body> })
    : never;

/** What a route answers with on success. */
export type Output<R> =
  R extends Route<z.ZodType, z.ZodType, z.ZodType, infer Answer>
    ? [Answer] extends [z.ZodNever]
      ? undefined
      : z.output<Answer>
    : never;
