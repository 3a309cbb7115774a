/**
 * What a table is that people exchange with a registry: its columns, how a cell is written, and the signs with a meaning.
 * exchange-columns.ts lists the tables themselves.
 */
import { currency } from "./fact.ts";
import type { ObjectKind } from "./registry-object.ts";

/** In the order of dependence: what a table refers to comes before it. */
export const TABLES = [
  "organisations",
  "items",
  "sites",
  "assets",
  "routes",
  "recipes",
  "stocks",
  "capacities",
  "demands",
] as const;
export type TableName = (typeof TABLES)[number];

/** The kind of object that a row of the table speaks of. A recipe has one row per supplier of each input. */
export const TABLE_KIND: Readonly<Record<TableName, ObjectKind>> = {
  organisations: "organisation",
  items: "item",
  sites: "site",
  assets: "asset",
  routes: "route",
  recipes: "recipe",
  stocks: "stock",
  capacities: "capacity",
  demands: "demand",
};

/** What a cell holds, which decides how it is read and written. */
export type ColumnForm =
  | { readonly form: "text" | "id" | "country" | "currency" | "integer" | "quantity" | "money" | "degrees" }
  /** A part of the whole in percent, at most four decimals. */
  | { readonly form: "percent" }
  /** A day, or an instant with its offset (ISO 8601). */
  | { readonly form: "date" }
  /** Entries divided by `|`; a backslash before `|` or a backslash keeps it as text. */
  | { readonly form: "list" | "identifiers" | "hazards" }
  /** An object of that kind: its id, an identifier (`scheme:value` or the value), its name or an alias. */
  | { readonly form: "reference"; readonly to: ObjectKind }
  /** One of `of`, in any case, with spaces or hyphens; `also` lists other words for some. */
  | { readonly form: "choice"; readonly of: readonly string[]; readonly also?: Readonly<Record<string, string>> };

export type Column = ColumnForm & {
  /** The header in templates and exports. */
  readonly name: string;
  /** Needed to add an object; one that exists keeps what it has. */
  readonly required?: true;
  readonly help: string;
  readonly example: string;
  /** Other headers that mean this column, folded as `foldedHeader` folds them, with spaces between. */
  readonly synonyms: string;
};

export interface Table {
  readonly name: TableName;
  readonly help: string;
  readonly columns: readonly Column[];
}

/** Headers are compared without case, accents, punctuation and spaces. */
export function foldedHeader(header: string): string {
  return header
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}%]/gu, "");
}

/** A row whose first cell begins with this is a remark to people and is not read. */
export const REMARK_SIGN = "#";

/** A header `identifier:duns` holds the object's identifier of that scheme. */
export const IDENTIFIER_HEADER = /^identifier:\s*([a-z][a-z0-9-]{0,39})$/i;

/** The scheme of the `code` column: the company's own number or short name for a thing. */
export const CODE_SCHEME = "code";

/** ISO 4217 minor units where they aren't 2. */
const MINOR_DIGITS: Readonly<Record<string, number>> = {
  ...Object.fromEntries(
    "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF".split(" ").map((code) => [code, 0]),
  ),
  ...Object.fromEntries("BHD IQD JOD KWD LYD OMR TND".split(" ").map((code) => [code, 3])),
  ...Object.fromEntries("CLF UYW".split(" ").map((code) => [code, 4])),
};

/** How many decimals an amount of that currency has, ISO 4217; undefined when `code` isn't three capitals. */
export function currencyDigits(code: string): number | undefined {
  return currency.safeParse(code).success ? (MINOR_DIGITS[code] ?? 2) : undefined;
}
