/**
 * Prepares what a connection is asked again and again: from its fifth time on, a statement with parameters goes under a
 * name, so that PostgreSQL parses it once and plans it once where one plan serves all values (its own judgement,
 * plan_cache_mode auto). Statements stay bounded: each connection keeps a few hundred, the first that came that often, and
 * no longer than the connection lives, because a plan made for a small table is wrong for a large one. What a slice asks
 * through `pool.query` is planned anew each time: it has its reasons not to go through Kysely.
 */
import { createHash } from "node:crypto";
import type pg from "pg";

const TIMES = 5; // before this, naming costs more than it saves
const STATEMENTS_MAX = 200; // of one connection; each plan is some tens of kilobytes
const SEEN_MAX = 2_000; // texts counted; statements that are built anew each time must not fill memory
const TEXT_MAX = 10_000; // longer ones are built for one occasion

type Query = (text: unknown, values?: unknown, done?: unknown) => unknown;

/** Wraps `client.query`; every other way to call it passes through. */
export function prepareOften(client: pg.PoolClient): void {
  const seen = new Map<string, number>();
  const names = new Map<string, string>();
  const query = client.query.bind(client) as Query; // its overloads differ in what they return, which is passed through
  const nameOf = (text: string): string | undefined => {
    const known = names.get(text);
    if (known !== undefined) return known;
    const times = (seen.get(text) ?? 0) + 1;
    if (times < TIMES || names.size >= STATEMENTS_MAX) {
      if (seen.size < SEEN_MAX || seen.has(text)) seen.set(text, times);
      return undefined;
    }
    seen.delete(text);
    const name = `often-${createHash("sha256").update(text).digest("hex").slice(0, 32)}`;
    names.set(text, name);
    return name;
  };
  const prepared: Query = (text, values, done) => {
    // the pool's own way has a callback; a text without values may be several commands, which can't be prepared
    const isOne = typeof text === "string" && Array.isArray(values) && values.length > 0 && done === undefined;
    const name = isOne && text.length <= TEXT_MAX ? nameOf(text) : undefined;
    return name === undefined ? query(text, values, done) : query({ name, text, values });
  };
  client.query = prepared as typeof client.query; // as above
}
