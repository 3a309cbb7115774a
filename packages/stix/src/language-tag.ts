/**
 * Language tags, RFC 5646 section 2.1. Invariant: well-formed by the ABNF, including the irregular grandfathered tags.
 * Not a registry look-up: an unknown but well-formed subtag passes. Refuses repeated variants and singletons (2.2.9).
 */

const LANGUAGE = "(?:[a-z]{2,3}(?:-[a-z]{3}){0,3}|[a-z]{4}|[a-z]{5,8})";
const VARIANT = "(?:[a-z0-9]{5,8}|[0-9][a-z0-9]{3})";
const EXTENSION = "(?:[0-9a-wy-z](?:-[a-z0-9]{2,8})+)";
const PRIVATE_USE = "x(?:-[a-z0-9]{1,8})+";
const FORM = new RegExp(
  `^(?:${LANGUAGE}(?:-[a-z]{4})?(?:-(?:[a-z]{2}|[0-9]{3}))?((?:-${VARIANT})*)((?:-${EXTENSION})*)(?:-${PRIVATE_USE})?|${PRIVATE_USE})$`,
  "i",
);
const IRREGULAR = new Set(
  (
    "en-gb-oed i-ami i-bnn i-default i-enochian i-hak i-klingon i-lux i-mingo i-navajo i-pwn i-tao i-tay i-tsu " +
    "sgn-be-fr sgn-be-nl sgn-ch-de"
  ).split(" "),
);
const MAX_TAG_CHARS = 100; // RFC 5646 4.4.1 asks for room for 35

export function isLanguageTag(text: string): boolean {
  if (text.length > MAX_TAG_CHARS) return false;
  if (IRREGULAR.has(text.toLowerCase())) return true;
  const match = FORM.exec(text);
  if (match === null) return false;
  const variants = (match[1] ?? "").toLowerCase().split("-").slice(1);
  const singletons = (match[2] ?? "")
    .toLowerCase()
    .split("-")
    .filter((part) => part.length === 1);
  return new Set(variants).size === variants.length && new Set(singletons).size === singletons.length;
}
