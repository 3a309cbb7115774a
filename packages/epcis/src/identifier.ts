/**
 * Identifiers of events in both forms: EPC URN and GS1 Digital Link. URN to Digital Link always works; the way back
 * needs the length of the company prefix, which a loadable table knows. Invariants: canonicalId is idempotent and equal
 * for both forms of one key, so it is the key of every index; an unknown prefix is never guessed.
 */
import { checkDigit } from "./check-digit.ts";
import { CANONICAL_DOMAIN, formatLink, parseLink } from "./digital-link.ts";
import { formatUrn, parseUrn } from "./epc-urn.ts";
import { KEYS, linkBody, prefixDigits, splitBody } from "./gs1-key.ts";
import { DIGITS } from "./gs1-text.ts";
import type { PrefixLengths } from "./prefix-length.ts";
import { excerpt, refusal } from "./refusal.ts";

export type IdForm = "urn" | "digital-link";

/** Which form an identifier has; undefined where it is no GS1 key (a UUID, a DID, a web address, a malformed URN). */
export function formOf(id: string): IdForm | undefined {
  const parsed = parseUrn(id);
  if (parsed) return "id" in parsed ? "urn" : undefined;
  return parseLink(id) ? "digital-link" : undefined;
}

/** Identifiers of sites, parties and products come again and again: a bounded memory of a pure function. */
const known = new Map<string, string>();
const KNOWN_MAX = 8_192; // with the length below at most some 4 MB
const KNOWN_LENGTH_MAX = 128;

/** The canonical Digital Link of a GS1 key in either form; any other identifier comes back unchanged. */
export function canonicalId(id: string): string {
  const remembered = known.get(id);
  if (remembered !== undefined) return remembered;
  const canonical = canonicalIdOf(id);
  if (id.length <= KNOWN_LENGTH_MAX) {
    if (known.size >= KNOWN_MAX) known.clear();
    known.set(id, canonical);
  }
  return canonical;
}

/** URNs of the keys that events are full of, with serials that no form escapes. */
const COMMON = /^urn:epc:(?:id:(sgtin|sscc|sgln|pgln)|class:(lgtin)):(\d{6,12})\.(\d*)(?:\.([\w.-]{1,20}))?$/;

/** The canonical link of such a URN, several times faster than by the table of keys; undefined for every other text. */
function commonLink(urn: string): string | undefined {
  const match = COMMON.exec(urn);
  if (!match) return undefined;
  const [, scheme = match[2], , prefix = "", reference = "", serial] = match;
  const length = prefix.length + reference.length;
  if (scheme === "sgln" || scheme === "pgln") {
    if (length !== 12 || (serial === undefined) !== (scheme === "pgln")) return undefined;
    const body = prefix + reference;
    const extension = serial === undefined || serial === "0" ? "" : `/254/${serial}`;
    return `${CANONICAL_DOMAIN}/${scheme === "pgln" ? "417" : "414"}/${body}${checkDigit(body)}${extension}`;
  }
  const isSscc = scheme === "sscc";
  if (length !== (isSscc ? 17 : 13) || reference === "" || (serial === undefined) !== isSscc) return undefined;
  const body = reference.charAt(0) + prefix + reference.slice(1);
  const qualifier = isSscc ? "" : `/${scheme === "lgtin" ? "10" : "21"}/${serial}`;
  return `${CANONICAL_DOMAIN}/${isSscc ? "00" : "01"}/${body}${checkDigit(body)}${qualifier}`;
}

function canonicalIdOf(id: string): string {
  return commonLink(id) ?? canonicalIdPlainly(id);
}

/** As `canonicalId`, by the table of keys: the judge of the fast way. */
export function canonicalIdPlainly(id: string): string {
  const parsed = parseUrn(id);
  if (parsed && "id" in parsed) {
    const { shape, prefix, reference, serials } = parsed.id;
    return formatLink(shape, linkBody(shape, prefix, reference), serials);
  }
  const link = parseLink(id);
  return link ? formatLink(link.shape, link.digits, link.serials) : id; // a wrong check digit is reported, never repaired
}

/**
 * The EPC URN of a Digital Link, with the company prefix lengths that `lengths` knows; a URN comes back unchanged.
 * @throws Problem `epcis/unknown-prefix-length` when the table does not know the prefix, `epcis/bad-id` on a wrong check
 * digit, `epcis/no-other-form` when it is no GS1 key
 */
export function toUrn(id: string, lengths: PrefixLengths): string {
  const parsed = parseUrn(id);
  if (parsed && "id" in parsed) return id;
  const link = parseLink(id);
  if (!link || !KEYS.has(link.shape.scheme))
    throw refusal("epcis/no-other-form", `\`${excerpt(id)}\` has no EPC URN`, { id });
  const { shape, body, serials, checkDigitHolds } = link;
  if (!checkDigitHolds) throw refusal("epcis/bad-id", `\`${excerpt(id)}\` has a wrong check digit`, { id });
  const length = lengths.lengthOf(prefixDigits(shape, body));
  const split = length === undefined ? undefined : splitBody(shape, body, length);
  if (split === undefined || !DIGITS.test(split.prefix))
    throw refusal(
      "epcis/unknown-prefix-length",
      `not translatable: the company prefix length of \`${excerpt(id)}\` is unknown`,
      { id },
    );
  return formatUrn({ shape, ...split, serials });
}

/**
 * The canonical Digital Link of an EPC URN or of any Digital Link.
 * @throws Problem `epcis/bad-id` for a malformed EPC URN, `epcis/no-other-form` when it is no GS1 key
 */
export function toDigitalLink(id: string): string {
  const parsed = parseUrn(id);
  if (parsed && "why" in parsed) throw refusal("epcis/bad-id", `\`${excerpt(id)}\`: ${parsed.why}`, { id });
  const link = canonicalId(id);
  if (!link.startsWith(`${CANONICAL_DOMAIN}/`))
    throw refusal("epcis/no-other-form", `\`${excerpt(id)}\` is no GS1 key, it has one form only`);
  return link;
}

/** Why an identifier that looks like a GS1 key is none, or carries a wrong check digit; undefined where nothing is wrong. */
export function idProblem(id: string): string | undefined {
  if (id.startsWith("urn:epc:")) {
    if (commonLink(id) !== undefined) return undefined;
    const parsed = parseUrn(id);
    return parsed && "why" in parsed ? parsed.why : undefined;
  }
  const link = parseLink(id);
  return link && !link.checkDigitHolds ? `the check digit should be \`${checkDigit(link.body)}\`` : undefined;
}
