/**
 * Answers queries page by page: parameters in, events and the token of the next page out. Bounds what one query may ask
 * for, and keeps all pages of one query on the state of its first.
 */
import { hash } from "node:crypto";
import type { Namespaces } from "@holdfast/epcis";
import { Problem } from "@holdfast/kernel";
import type pg from "pg";
import { lastSeq } from "./event-store.ts";
import type { PageTokens } from "./page-token.ts";
import type { EventQuery } from "./query.ts";
import { type Parameters, parseQuery, refuse, resolverOf } from "./query-parameter.ts";
import { findEvents, type FoundEvent, type FoundPage, type QueryWords } from "./query-store.ts";
import type { TermKind } from "./prepare.ts";
import type { Terms } from "./term-store.ts";

export const PER_PAGE_DEFAULT = 30; // the standard's
export const PER_PAGE_MAX = 1_000; // of a page, whoever asks
const COUNT_STEP = 4_000; // events looked at at once to see that a query is not too large

export interface Question {
  /** What is asked for, below the root of the binding: part of the token. */
  readonly path: string;
  readonly parameters: Parameters;
  /** Prefixes that the request or the named query declares. */
  readonly prefixes: Namespaces;
  readonly perPage: number;
  readonly token: string | undefined;
}

export interface EventPage {
  readonly events: readonly FoundEvent[];
  readonly next: { readonly token: string; readonly expiresAt: Date; readonly perPage: number } | undefined;
}

export class EventDesk {
  readonly #pool: pg.Pool;
  readonly #terms: Terms;
  readonly #tokens: PageTokens;

  constructor(parts: { readonly pool: pg.Pool; readonly terms: Terms; readonly tokens: PageTokens }) {
    this.#pool = parts.pool;
    this.#terms = parts.terms;
    this.#tokens = parts.tokens;
  }

  /** One page. @throws Problem `thread/query-parameter`, `thread/query-too-large`, `thread/query-too-complex` */
  async page(question: Question): Promise<EventPage> {
    const continued = question.token === undefined ? undefined : this.#tokens.open(question.token);
    if (continued) checkSame(continued, question);
    const parameters = continued?.parameters ?? question.parameters;
    const prefixes = continued ? new Map(Object.entries(continued.prefixes)) : question.prefixes;
    const query = await this.parse(parameters, prefixes);
    const last = continued?.lastSeq ?? (await lastSeq(this.#pool));
    const left = continued ? continued.left : (query.eventCountLimit ?? null);
    if (!continued && query.maxEventCount !== undefined) await this.#refuseTooLarge(query, last, query.maxEventCount);
    const perPage = question.perPage;
    const page = await findEvents(
      this.#pool,
      query,
      {
        limit: left === null ? perPage : Math.min(perPage, left),
        lastSeq: last,
        order: continued?.order,
        after: continued && { at: continued.at, seq: continued.seq },
      },
      this.words(),
    );
    const stillLeft = left === null ? null : left - page.events.length;
    const next =
      stillLeft === 0 ? undefined : this.#tokenOf(question, { parameters, prefixes, last, page, left: stillLeft });
    return { events: page.events, next };
  }

  #tokenOf(
    { path, perPage }: Question,
    at: { parameters: Parameters; prefixes: Namespaces; last: number; page: FoundPage; left: number | null },
  ): EventPage["next"] {
    const { next, order } = at.page;
    if (!next) return undefined;
    const sealed = this.#tokens.seal({
      path,
      parameters: Object.fromEntries(Object.entries(at.parameters).map(([name, values]) => [name, [...values]])),
      prefixes: Object.fromEntries(at.prefixes),
      perPage,
      lastSeq: at.last,
      order,
      ...next,
      left: at.left,
    });
    return { ...sealed, perPage };
  }

  /** A query from its parameters; prefixes that nobody declared mean what events used them for. */
  async parse(parameters: Parameters, prefixes: Namespaces): Promise<EventQuery> {
    const used = Object.entries(parameters).flatMap(([name, values]) =>
      [name, ...(name === "orderBy" ? values : [])].flatMap((text) => {
        const prefix = /([A-Za-z][\w.-]*):(?!\/\/)/.exec(text.replace(/^.*_(?=[A-Za-z][\w.-]*:)/, ""))?.[1];
        return prefix === undefined ? [] : [prefix];
      }),
    );
    const unknown = used.filter((prefix) => !prefixes.has(prefix));
    const seen = unknown.length === 0 ? new Map<string, string[]>() : await this.#terms.namespacesOf(unknown);
    return parseQuery(parameters, resolverOf(prefixes, seen));
  }

  /** Words of one query; what it learns of places serves the evaluation too. */
  words(): QueryWords {
    const within = new Map<string, ReadonlySet<string>>();
    return {
      find: async (word: TermKind, terms: readonly string[], isWithin: boolean) => {
        if (!isWithin) return this.#terms.find(word, terms);
        const all = new Set<string>();
        for (const term of terms) {
          const places = new Set(await this.#terms.placesWithin([term]));
          within.set(term, places);
          for (const place of places) all.add(place);
        }
        return this.#terms.find(word, [...all]);
      },
      isWithin: (place, of) => within.get(of)?.has(place) ?? false,
    };
  }

  /** EPCIS 2.0 8.2.7.1: more than `maxEventCount` events are an error, not a page. */
  async #refuseTooLarge(query: EventQuery, last: number, max: number): Promise<void> {
    let count = 0;
    let page: FoundPage | undefined;
    do {
      const limit = Math.min(COUNT_STEP, max + 1 - count);
      const request = { limit, lastSeq: last, order: page?.order, after: page?.next };
      page = await findEvents(this.#pool, query, request, this.words());
      count += page.events.length;
      if (count > max)
        throw new Problem("thread/query-too-large", `the query has more than \`${max}\` events`, {
          detail: { maxEventCount: max },
        });
    } while (page.next);
  }
}

function checkSame(token: { path: string; parameters: Parameters }, { path, parameters }: Question): void {
  if (token.path !== path) throw refuse("nextPageToken", "is of another resource");
  for (const [name, values] of Object.entries(parameters))
    if (digestOf(token.parameters[name] ?? []) !== digestOf(values))
      throw refuse(name, "is not what the first page was asked for with");
}

function digestOf(values: readonly string[]): string {
  return hash("sha256", JSON.stringify(values), "hex");
}
