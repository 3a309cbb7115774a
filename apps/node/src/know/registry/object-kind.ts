/** What the kinds of object have in common and where they differ: table, name, references, words, identifiers. */
import type { registry } from "@holdfast/api";
import { foldedWords } from "./name-likeness.ts";
import type { Drafts, Kind } from "./draft-check.ts";

/** An object as the contract answers it. */
export interface Objects {
  organisation: registry.Organisation;
  site: registry.Site;
  asset: registry.Asset;
  item: registry.Item;
  recipe: registry.Recipe;
  stock: registry.Stock;
  capacity: registry.Capacity;
  demand: registry.Demand;
  route: registry.TransportRoute;
}

export const KINDS = [
  "organisation",
  "site",
  "asset",
  "item",
  "recipe",
  "stock",
  "capacity",
  "demand",
  "route",
] as const satisfies readonly Kind[];

/** Kinds of which two may be one thing. */
export type MergeKind = "organisation" | "site" | "item";
export const MERGE_KINDS: readonly MergeKind[] = ["organisation", "site", "item"];

export const TABLES: Readonly<Record<Kind, string>> = {
  organisation: "registry_organisation",
  site: "registry_site",
  asset: "registry_asset",
  item: "registry_item",
  recipe: "registry_recipe",
  stock: "registry_stock",
  capacity: "registry_capacity",
  demand: "registry_demand",
  route: "registry_route",
};

export function isMergeKind(kind: Kind): kind is MergeKind {
  return kind === "organisation" || kind === "site" || kind === "item";
}

/** Another object that a draft names. */
export interface Reference {
  readonly kind: Kind;
  readonly id: string;
  readonly path: string;
}

const pair = (draft: { site: string; item: string }): Reference[] => [
  { kind: "site", id: draft.site, path: "site" },
  { kind: "item", id: draft.item, path: "item" },
];

const REFERENCES: { readonly [K in Kind]: (draft: Drafts[K]) => Reference[] } = {
  organisation: ({ parent }) => (parent === undefined ? [] : [{ kind: "organisation", id: parent, path: "parent" }]),
  site: ({ organisation }) => [{ kind: "organisation", id: organisation, path: "organisation" }],
  asset: ({ site }) => [{ kind: "site", id: site, path: "site" }],
  item: () => [],
  recipe: (draft) => [
    ...pair(draft),
    ...draft.groups.flatMap((group, i) =>
      group.suppliers.flatMap((supplier, j) =>
        pair(supplier).map((reference) => ({ ...reference, path: `groups.${i}.suppliers.${j}.${reference.path}` })),
      ),
    ),
  ],
  stock: pair,
  capacity: pair,
  demand: pair,
  route: ({ from, to, item }) => [
    { kind: "site", id: from, path: "from" },
    { kind: "site", id: to, path: "to" },
    ...(item === undefined ? [] : [{ kind: "item" as const, id: item, path: "item" }]),
  ],
};

/** Every object that `draft` names. */
export function referencesOf<K extends Kind>(kind: K, draft: Drafts[K]): Reference[] {
  return REFERENCES[kind](draft);
}

type Body = Drafts[Kind];

/** Name and aliases; none for kinds without a name. */
export function namesOf(body: Body): string[] {
  return [...("name" in body ? [body.name] : []), ...("aliases" in body ? body.aliases : [])];
}

/** The folded name, by which lists are ordered. */
export function nameKeyOf(body: Body): string {
  return "name" in body ? foldedWords(body.name).join(" ") : "";
}

/** Identifiers with LEI and GLN as schemes of their own. */
export function identifiersOf(body: Body): registry.Identifier[] {
  return [
    ...("lei" in body && body.lei !== undefined ? [{ scheme: "lei", value: body.lei }] : []),
    ...("gln" in body && body.gln !== undefined ? [{ scheme: "gln", value: body.gln }] : []),
    ...("identifiers" in body ? body.identifiers : []),
  ];
}

const TERMS_MAX = 400; // of one object: 50 aliases and 50 identifiers have no more
const TERM_LENGTH_MAX = 200;

/** The words by which people find an object: of its names, and its identifiers and codes in one piece each. */
export function termsOf(body: Body): string[] {
  const codes = [
    ...identifiersOf(body).map(({ value }) => value),
    ...("hsCode" in body ? [body.hsCode] : []),
    ...("eccn" in body ? [body.eccn] : []),
    ...("serial" in body ? [body.serial] : []),
    ...("vendor" in body ? body.vendor.split(" ") : []),
    ...("model" in body ? [body.model] : []),
  ];
  const terms = new Set<string>(namesOf(body).flatMap(foldedWords));
  for (const code of codes)
    if (code !== undefined) for (const term of [foldedWords(code).join(""), ...foldedWords(code)]) terms.add(term);
  return [...terms]
    .filter((term) => term !== "")
    .map((term) => term.slice(0, TERM_LENGTH_MAX).toWellFormed())
    .slice(0, TERMS_MAX);
}
