/**
 * Names of vendors and products in the one form in which they are compared; raw texts are kept beside it. A vendor loses
 * case, punctuation and legal form; a product is its words without those that every product has.
 */
import { foldedWords, nameWords } from "../../../know/registry/index.ts";

/** Other names under which advisories and nameplates write one vendor, folded. Facts of company history. */
const VENDOR_ALIASES: Readonly<Record<string, string>> = {
  "allen bradley": "rockwell automation",
  rockwell: "rockwell automation",
  schneider: "schneider electric",
  "schneider electric software": "schneider electric",
  "hitachi abb power grids": "hitachi energy",
  "abb power grids": "hitachi energy",
  mitsubishi: "mitsubishi electric",
  "b r industrial automation": "b and r",
  "br industrial automation": "b and r",
  "b and r industrial automation": "b and r",
  honeywell: "honeywell international",
  "ge digital": "general electric",
  ge: "general electric",
  "emerson electric": "emerson",
  "emerson process management": "emerson",
  "phoenix contact": "phoenix contact",
  yokogawa: "yokogawa electric",
  omron: "omron",
  moxa: "moxa",
};

/** Words that name no product. */
const GENERIC = new Set(
  (
    "all versions version family series product products controller controllers module modules device devices firmware software " +
    "the and for with of a v prior before to or running on in incl including variants siplus gmbh automation system systems"
  ).split(" "),
);

const FOLD_CACHE_MAX = 50_000; // names of one registry; emptied when full
const vendorKeys = new Map<string, { key: string; isAlias: boolean }>();

/** The vendor's folded name, and whether an alias led to it. */
export function vendorKey(text: string): { readonly key: string; readonly isAlias: boolean } {
  const known = vendorKeys.get(text);
  if (known) return known;
  const folded = nameWords(text).join(" ");
  const alias = VENDOR_ALIASES[folded];
  const made = { key: alias ?? folded, isAlias: alias !== undefined && alias !== folded };
  if (vendorKeys.size >= FOLD_CACHE_MAX) vendorKeys.clear();
  vendorKeys.set(text, made);
  return made;
}

/** Letters and digits of an article or model number in lower case, nothing between them. */
export function compact(text: string): string {
  return text
    .normalize("NFKC")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, "");
}

const productKeys = new Map<string, readonly string[]>();

/** The words that tell a product from others of its vendor, sorted, each once. */
export function productWords(text: string): readonly string[] {
  const known = productKeys.get(text);
  if (known) return known;
  const words = [...new Set(foldedWords(text.replace(/\([^)]*\)/g, " ")))].filter((word) => !GENERIC.has(word)).sort();
  if (productKeys.size >= FOLD_CACHE_MAX) productKeys.clear();
  productKeys.set(text, words);
  return words;
}

/** A name in its folded form, legal form aside. */
export function nameKey(text: string): string {
  return nameWords(text).join(" ");
}

/** A value of an observable as both sides write it: a domain without its last point, an address without brackets. */
export function valueKey(text: string): string {
  return text
    .trim()
    .toLowerCase()
    .replace(/^\[(.*)\]$/, "$1")
    .replace(/\.$/, "");
}
