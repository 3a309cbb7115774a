/**
 * Tokens of the next page: everything that continues a query, sealed with this node's own key, so that nobody keeps
 * anything between pages and any process answers the next one. A token lives a day.
 */
import { createHmac, timingSafeEqual } from "node:crypto";
import { Problem } from "@holdfast/kernel";
import { z } from "zod";

const LIFE_MILLISECONDS = 86_400_000;
const TOKEN_LENGTH_MAX = 7_000; // of a URL of 8,192

const token = z.strictObject({
  /** What is listed: a path below the binding's root. */
  path: z.string(),
  parameters: z.record(z.string(), z.array(z.string())),
  prefixes: z.record(z.string(), z.string()),
  perPage: z.int().min(1),
  lastSeq: z.int(),
  order: z.enum(["seq", "eventTime", "field"]),
  at: z.union([z.number(), z.string()]),
  seq: z.number(),
  /** Events that may still be given, of a query with a count limit. */
  left: z.int().nullable(),
  expiresAt: z.number(),
});
export type PageToken = z.output<typeof token>;

export class PageTokens {
  readonly #key: Buffer;
  readonly #now: () => Date;

  constructor(key: Buffer, now: () => Date) {
    this.#key = key;
    this.#now = now;
  }

  /** @throws Problem `thread/query-too-complex` when the query is too long for a URL */
  seal(content: Omit<PageToken, "expiresAt">): { token: string; expiresAt: Date } {
    const expiresAt = this.#now().getTime() + LIFE_MILLISECONDS;
    const body = Buffer.from(JSON.stringify({ ...content, expiresAt })).toString("base64url");
    const sealed = `${body}.${this.#mac(body).toString("base64url")}`;
    if (sealed.length > TOKEN_LENGTH_MAX)
      throw new Problem("thread/query-too-complex", "the query is too long to be continued: make it a named query");
    return { token: sealed, expiresAt: new Date(expiresAt) };
  }

  /** @throws Problem `thread/query-parameter` for a token that is not this node's, or too old */
  open(text: string): PageToken {
    const [body = "", mac = ""] = text.split(".");
    const given = Buffer.from(mac, "base64url");
    const right = this.#mac(body);
    if (given.length !== right.length || !timingSafeEqual(given, right)) throw badToken("is not of this node");
    const content = token.parse(JSON.parse(Buffer.from(body, "base64url").toString("utf8")));
    if (content.expiresAt < this.#now().getTime()) throw badToken("has expired: ask for the first page again");
    return content;
  }

  #mac(body: string): Buffer {
    return createHmac("sha256", this.#key).update(body).digest();
  }
}

function badToken(why: string): Problem {
  return new Problem("thread/query-parameter", `the query parameter \`nextPageToken\` ${why}`, {
    detail: { parameter: "nextPageToken" },
  });
}
