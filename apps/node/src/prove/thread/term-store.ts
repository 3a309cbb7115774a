/** Words of events by number, prefixes of extensions, and what stands below a place. What is remembered is bounded. */
import type pg from "pg";
import { type TermKind } from "./prepare.ts";

const REMEMBERED_MAX = 50_000; // a hostile sender of made-up places must not fill the memory
const PREFIX_LENGTH_MAX = 1_000; // a longer one has to be declared by the query
const PLACES_MAX = 100_000; // below one place

export class Terms {
  readonly #pool: pg.Pool;
  #numbers = new Map<string, number>();
  readonly #prefixes = new Set<string>();

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

  /** Remembers what prefixes stand for, so that a query may use them without declaring them. */
  async notePrefixes(all: readonly (Readonly<Record<string, string>> | undefined)[]): Promise<void> {
    const added: [string, string][] = [];
    for (const prefixes of new Set(all))
      for (const [prefix, namespace] of Object.entries(prefixes ?? {})) {
        const name = `${prefix} ${namespace}`;
        if (this.#prefixes.has(name) || name.length > PREFIX_LENGTH_MAX) continue;
        if (this.#prefixes.size >= REMEMBERED_MAX) this.#prefixes.clear();
        this.#prefixes.add(name);
        added.push([prefix, namespace]);
      }
    if (added.length === 0) return;
    await this.#pool.query(
      "insert into thread_prefix (prefix, namespace) select * from unnest($1::text[], $2::text[]) on conflict do nothing",
      [added.map(([prefix]) => prefix), added.map(([, namespace]) => namespace)],
    );
  }

  /** What some prefixes have stood for in events. */
  async namespacesOf(prefixes: readonly string[]): Promise<Map<string, string[]>> {
    const { rows } = await this.#pool.query<{ prefix: string; namespace: string }>(
      "select prefix, namespace from thread_prefix where prefix = any($1::text[]) order by namespace limit 1000",
      [prefixes],
    );
    const found = new Map<string, string[]>();
    for (const { prefix, namespace } of rows) found.set(prefix, [...(found.get(prefix) ?? []), namespace]);
    return found;
  }

  /** Takes over what master data says stands below what. */
  async notePlaces(pairs: readonly (readonly [parent: string, child: string])[]): Promise<void> {
    if (pairs.length === 0) return;
    await this.#pool.query(
      "insert into thread_place (parent, child) select * from unnest($1::text[], $2::text[]) on conflict do nothing",
      [pairs.map(([parent]) => parent), pairs.map(([, child]) => child)],
    );
  }

  /** The places themselves and everything below them. */
  async placesWithin(places: readonly string[]): Promise<string[]> {
    const { rows } = await this.#pool.query<{ place: string }>(
      `with recursive below (place) as (
         select unnest($1::text[])
         union select child from thread_place join below on thread_place.parent = below.place)
       select place from below limit ${PLACES_MAX}`,
      [places],
    );
    return rows.map(({ place }) => place);
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
