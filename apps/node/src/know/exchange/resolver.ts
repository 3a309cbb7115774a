/**
 * Who a text means: an id, an identifier (`scheme:value`, or the value of a code, LEI, GLN or GTIN), a name, an alias, in
 * this order. Names are compared folded, and an exact one wins. A merged object is what it became. Refuses a text that
 * means several objects or none.
 */
import type { registry } from "@holdfast/api";
import { exchange } from "@holdfast/api";
import { isUuid } from "@holdfast/kernel";
import {
  canonicalIds,
  type Db,
  findByAliases,
  findByIdentifiers,
  findByIds,
  findByNames,
  type Hit,
  type Kind,
} from "../registry/index.ts";
import { type Fault, short } from "./cell-value.ts";

export type Resolution = { readonly id: string } | Fault;

const CACHE_SIZE_MAX = 50_000; // texts; a file names the same few thousand objects again and again
const MERGED_KINDS = ["organisation", "site", "item"] as const;

export class Resolver {
  readonly #canonical = new Map<Kind, ReadonlyMap<string, string>>();
  readonly #members = new Map<string, string[]>();
  #cache = new Map<string, string>();

  private constructor() {}

  /** Reads which objects were merged; they are few. */
  static async open(db: Db): Promise<Resolver> {
    const resolver = new Resolver();
    for (const kind of MERGED_KINDS) {
      const canonical = await canonicalIds(db, kind, undefined);
      resolver.#canonical.set(kind, canonical);
      for (const [merged, kept] of canonical)
        resolver.#members.set(kept, [...(resolver.#members.get(kept) ?? []), merged]);
    }
    return resolver;
  }

  get hasMerges(): boolean {
    return this.#members.size > 0;
  }

  /** What `id` stands for after merges. */
  canonical(kind: Kind, id: string): string {
    return this.#canonical.get(kind)?.get(id) ?? id;
  }

  /** `id` and what was merged into it. */
  members(id: string): string[] {
    return [id, ...(this.#members.get(id) ?? [])];
  }

  /** The object that each of `texts` means. */
  async resolve(db: Db, kind: Kind, texts: readonly string[]): Promise<Map<string, Resolution>> {
    const resolved = new Map<string, Resolution>();
    const open = new Set<string>();
    for (const text of texts) {
      const id = this.#cache.get(`${kind} ${text}`);
      if (id === undefined) open.add(text);
      else resolved.set(text, { id });
    }
    const settle = (text: string, hits: readonly Hit[]) => {
      if (hits.length === 0 || !open.delete(text)) return;
      const resolution = this.#choose(kind, text, hits);
      resolved.set(text, resolution);
      if ("id" in resolution) this.#remember(`${kind} ${text}`, resolution.id);
    };
    const ids = [...open].filter((text) => isUuid(text.toLowerCase()));
    const byId =
      ids.length === 0
        ? new Map<string, Hit>()
        : await findByIds(
            db,
            kind,
            ids.map((text) => text.toLowerCase()),
          );
    for (const text of ids) settle(text, [byId.get(text.toLowerCase()) ?? []].flat());

    const identifiers = [...open].flatMap((text) => identifiersOf(text).map((identifier) => ({ text, ...identifier })));
    const byIdentifier =
      identifiers.length === 0 ? new Map<number, Hit[]>() : await findByIdentifiers(db, kind, identifiers);
    for (const [text, hits] of gathered(
      identifiers.map(({ text }) => text),
      byIdentifier,
    ))
      settle(text, hits);

    const names = [...open];
    const byName =
      names.length === 0
        ? new Map<number, Hit[]>()
        : await findByNames(
            db,
            kind,
            names.map((name) => ({ name })),
          );
    for (const [text, hits] of gathered(names, byName)) settle(text, closest(text, hits));

    const others = [...open];
    const byAlias = others.length === 0 ? new Map<number, Hit[]>() : await findByAliases(db, kind, others);
    for (const [text, hits] of gathered(others, byAlias)) settle(text, hits);

    for (const text of open)
      resolved.set(text, {
        rule: "registry/unknown-reference",
        message: `there is no ${kind} \`${short(text)}\`, neither in the registry nor in a row that could be imported`,
      });
    return resolved;
  }

  #choose(kind: Kind, text: string, hits: readonly Hit[]): Resolution {
    const usable = hits.filter(({ state }) => state !== "retired");
    const ids = [...new Set((usable.length > 0 ? usable : hits).map(({ id }) => this.canonical(kind, id)))];
    if (ids.length > 1)
      return {
        rule: "row/ambiguous-reference",
        message: `\`${short(text)}\` means ${ids.length} objects of kind ${kind}: write its code, an identifier or its id`,
      };
    if (usable.length === 0)
      return {
        rule: "registry/retired",
        message: `the ${kind} \`${short(text)}\` is retired: reinstate it before you refer to it`,
      };
    return { id: ids[0]! }; // there is at least one hit
  }

  #remember(key: string, id: string): void {
    if (this.#cache.size >= CACHE_SIZE_MAX) this.#cache = new Map();
    this.#cache.set(key, id);
  }
}

/** The hits whose name is the text itself, or else all. */
export function closest(text: string, hits: readonly Hit[]): readonly Hit[] {
  const exact = hits.filter(({ name }) => name === text);
  return exact.length > 0 ? exact : hits;
}

/** What a bare text may be the value of. */
function identifiersOf(text: string): registry.Identifier[] {
  const [, scheme, value] = /^([a-z][a-z0-9-]{0,39}):(.+)$/is.exec(text) ?? [];
  const bare = text.replace(/\s/g, "").toUpperCase();
  return [
    { scheme: exchange.CODE_SCHEME, value: text },
    ...(scheme !== undefined && value !== undefined ? [{ scheme: scheme.toLowerCase(), value: value.trim() }] : []),
    ...(/^[0-9A-Z]{18}\d{2}$/.test(bare) ? [{ scheme: "lei", value: bare }] : []),
    ...(/^\d{13}$/.test(bare) ? [{ scheme: "gln", value: bare }] : []),
    ...(/^(\d{8}|\d{12,14})$/.test(bare) ? [{ scheme: "gtin", value: bare }] : []),
  ];
}

/** Hits by text, from hits by place. */
function gathered(texts: readonly string[], found: ReadonlyMap<number, readonly Hit[]>): Map<string, Hit[]> {
  const hits = new Map<string, Hit[]>();
  for (const [place, some] of found) {
    const text = texts[place];
    if (text !== undefined) hits.set(text, [...(hits.get(text) ?? []), ...some]);
  }
  return hits;
}
