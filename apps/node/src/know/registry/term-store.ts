/** The words and identifiers by which objects are found, of their current versions. Search is by beginnings of words. */
import { type RawBuilder, sql } from "kysely";
import type { Kind } from "./draft-check.ts";
import { foldedWords } from "./name-likeness.ts";
import { identifiersOf, isMergeKind, termsOf } from "./object-kind.ts";
import { addressKey } from "./suspect.ts";
import { type Db, parts, type Version } from "./version-store.ts";

export const QUERY_WORDS_MAX = 8; // more words narrow nothing further
export const CANDIDATES_MAX = 200; // looked at for one search, so that a one-letter query costs no more than others

export const WORDS_BYTES_MAX = 1_000; // of all words of an object that stand beside each of them in an index: an entry has 2,700

/** Replaces what the previous versions of these objects were found by. */
export async function indexVersions(tx: Db, kind: Kind, versions: readonly Version[]): Promise<void> {
  const found = versions.flatMap(({ id, body }) => {
    const terms = termsOf(body);
    return terms.length === 0 ? [] : [{ id, words: ` ${terms.join(" ")}` }]; // a term has letters and digits only
  });
  const identifiers = versions.flatMap(({ id, body }) =>
    isMergeKind(kind) ? keysOf(body).map((key) => ({ id, ...key })) : [],
  );
  const later = versions.filter(({ version }) => version > 1).map(({ id }) => id);
  for (const part of parts(later)) {
    await sql`delete from registry_term where id = any(${part}::uuid[])`.execute(tx);
    await sql`delete from registry_identifier where id = any(${part}::uuid[])`.execute(tx);
  }
  for (const part of parts(found))
    await sql`
      insert into registry_term (id, term, kind, words)
      select r.id, t.term, ${kind}, case when octet_length(r.words) <= ${WORDS_BYTES_MAX} then r.words end
      from jsonb_to_recordset(${JSON.stringify(part)}::jsonb) as r (id uuid, words text), string_to_table(substr(r.words, 2), ' ') as t (term)
      on conflict do nothing`.execute(tx);
  for (const part of parts(identifiers, 10_000))
    await sql`
      insert into registry_identifier (id, kind, scheme, value)
      select id, ${kind}, scheme, value from jsonb_to_recordset(${JSON.stringify(part)}::jsonb) as r (id uuid, scheme text, value text) on conflict do nothing`.execute(
      tx,
    );
}

/** Identifiers, and the address as one more. */
function keysOf(body: Version["body"]): { scheme: string; value: string }[] {
  const place = addressKey({
    address: "address" in body ? body.address : undefined,
    country: "country" in body ? body.country : undefined,
  });
  return [...identifiersOf(body), ...(place === undefined ? [] : [{ scheme: ADDRESS, value: place }])];
}

/** The scheme under which addresses stand; no identifier can have it, for schemes have no space. */
export const ADDRESS = "an address";

/** The words of a query, the longest first: it is the one that narrows most. */
export function queryWords(query: string): string[] {
  return [...new Set(foldedWords(query))].sort((a, b) => b.length - a.length).slice(0, QUERY_WORDS_MAX);
}

/** Above every term that begins with a prefix: in collation "C" nothing sorts after the last code point. */
export function prefixEnd(prefix: string): string {
  return `${prefix}\u{10FFFF}`;
}

/** The condition that the object of a term `t` has a word that begins so, too. */
export function besideWord(word: string): RawBuilder<unknown> {
  return sql`(strpos(t.words, ${` ${word}`}) > 0 or (t.words is null and exists (
    select 1 from registry_term o where o.id = t.id and o.term >= ${word} and o.term < ${prefixEnd(word)})))`;
}

export interface TermHit {
  readonly id: string;
  readonly kind: Kind;
  readonly term: string;
}

/** Objects that have a word beginning with each of `words`; at most CANDIDATES_MAX, in order of the word found. */
export async function findByWords(db: Db, words: readonly string[], kind: Kind | undefined): Promise<TermHit[]> {
  const [driver = "", ...others] = words;
  const { rows } = await sql<TermHit>`
    select t.id, t.kind, t.term from registry_term t
    where t.term >= ${driver} and t.term < ${prefixEnd(driver)} ${kind === undefined ? sql`` : sql`and t.kind = ${kind}`}
      ${sql.join(
        others.map((word) => sql`and ${besideWord(word)}`),
        sql` `,
      )}
    order by t.term, t.id limit ${CANDIDATES_MAX}`.execute(db);
  return rows;
}

/** Objects that bear an identifier, merged and retired ones too. */
export async function findByIdentifier(
  db: Db,
  kind: Kind,
  scheme: string,
  values: readonly string[],
): Promise<Map<string, string[]>> {
  const found = new Map<string, string[]>();
  for (const part of parts(values)) {
    const { rows } = await sql<{ id: string; value: string }>`
      select id, value from registry_identifier
      where kind = ${kind} and scheme = ${scheme} and value = any(${part}) order by value, id limit ${10 * part.length}`.execute(
      db,
    );
    for (const { id, value } of rows) found.set(value, [...(found.get(value) ?? []), id]);
  }
  return found;
}
