/** Words of events by number and back. A word keeps its number for ever; the memory of them is bounded. */
import type pg from "pg";
import { type TermKind } from "./prepare.ts";

const REMEMBERED_MAX = 50_000; // a hostile sender of made-up places must not fill the memory

export class Terms {
  readonly #pool: pg.Pool;
  #numbers = new Map<string, number>();

  constructor(pool: pg.Pool) {
    this.#pool = pool;
  }

  /** Numbers of words as `kind term` to number, the new ones given out now, in a transaction of their own. */
  async numbersOf(wanted: ReadonlyMap<string, readonly [TermKind, string]>): Promise<ReadonlyMap<string, number>> {
    const missing = [...wanted].filter(([name]) => !this.#numbers.has(name)).map(([, word]) => word);
    if (this.#numbers.size + missing.length > REMEMBERED_MAX) {
      this.#numbers.clear();
      return this.#add([...wanted.values()]);
    }
    if (missing.length > 0) for (const [name, id] of await this.#add(missing)) this.#numbers.set(name, id);
    return this.#numbers;
  }

  async #add(words: readonly (readonly [TermKind, string])[]): Promise<Map<string, number>> {
    const columns = [words.map(([kind]) => kind), words.map(([, term]) => term)];
    await this.#pool.query(
      "insert into thread_term (kind, term) select * from unnest($1::text[], $2::text[]) on conflict (kind, term) do nothing",
      columns,
    );
    const { rows } = await this.#pool.query<{ kind: TermKind; term: string; id: number }>(
      `select known.kind, known.term, known.id from unnest($1::text[], $2::text[]) as wanted (kind, term)
       join thread_term as known on known.kind = wanted.kind and known.term = wanted.term limit 1000000`,
      columns,
    );
    return new Map(rows.map(({ kind, term, id }) => [nameOf(kind, term), id]));
  }

  /** Numbers of words that a question names; a word that no event has used is left out. */
  async find(kind: TermKind, terms: readonly string[]): Promise<number[]> {
    const { rows } = await this.#pool.query<{ id: number }>(
      "select id from thread_term where kind = $1 and term = any($2::text[]) limit 100000",
      [kind, terms],
    );
    return rows.map(({ id }) => id);
  }
}

export function nameOf(kind: TermKind, term: string): string {
  return `${kind} ${term}`;
}
