/** Lists: keyset pages, never offsets, so that the last page costs what the first does. */
import { z } from "zod";
import { digitsOr } from "./digits.ts";

export const PAGE_LIMIT_MAX = 1_000; // bounds one answer
export const PAGE_LIMIT_DEFAULT = 100; // what a screen shows

/** The query parameters of every list: `after` is the opaque `next` of the page before. */
export const pageQuery = z.object({
  limit: digitsOr(PAGE_LIMIT_DEFAULT, 1, PAGE_LIMIT_MAX),
  after: z.string().max(512).optional(),
});

/** One page of `item`; `next` is null on the last one. */
export function page<Item extends z.ZodType>(item: Item) {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}
