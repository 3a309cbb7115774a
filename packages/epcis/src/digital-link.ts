/**
 * GS1 Digital Link URIs for the keys of gs1-key.ts: any domain, any path before the key, key names or numbers, CPV and
 * query ignored, GTIN-8/12/13 padded, serial before lot. The canonical form is `https://id.gs1.org` with numbers and the
 * finest identification only. Never resolves a link over the network.
 */
import { hasCheckDigit } from "./check-digit.ts";
import { decoded, DIGITS, linkText } from "./gs1-text.ts";
import { KEYS, type KeyShape } from "./gs1-key.ts";

export const CANONICAL_DOMAIN = "https://id.gs1.org";

/** A Digital Link taken apart; it knows the digits together, not where the company prefix ends. */
export interface LinkId {
  readonly shape: KeyShape;
  /** Digits (or characters) of prefix and reference, without check digit. */
  readonly body: string;
  /** The same with the check digit as the link wrote it. */
  readonly digits: string;
  /** Decoded serial parts in the order of the URN; fewer than the key has: the class of all serials. */
  readonly serials: readonly string[];
  /** False where the link carries a wrong check digit. */
  readonly checkDigitHolds: boolean;
}

/** Names that older links use in place of the numbers. */
const NAMES: Readonly<Record<string, string>> = {
  gtin: "01",
  itip: "8006",
  cpid: "8010",
  cpsn: "8011",
  gln: "414",
  party: "417",
  gsrnp: "8017",
  gsrn: "8018",
  gcn: "255",
  sscc: "00",
  gdti: "253",
  ginc: "401",
  gsin: "402",
  grai: "8003",
  giai: "8004",
  cpv: "22",
  lot: "10",
  ser: "21",
  glnx: "254",
};

/** Qualifiers that may follow a primary key in the path. */
const QUALIFIERS: Readonly<Record<string, readonly string[]>> = {
  "01": ["22", "10", "21", "235"],
  "8006": ["22", "10", "21"],
  "8010": ["8011"],
  "414": ["254"],
};

/** Pieces of a lot: a Digital Link that no EPC URN can say. */
const ITIP_LOT: KeyShape = {
  ...KEYS.get("itip")!, // the table has it
  scheme: "itip-lot",
  serials: KEYS.get("itip")!.serials.map((part) => (part.ai === "21" ? { ...part, ai: "10" } : part)), // as above
  hasPattern: false,
};

const shapeOf = (scheme: string): KeyShape => KEYS.get(scheme)!; // the callers name schemes of the table
const PRIMARY: ReadonlyMap<string, KeyShape> = new Map(
  [...KEYS.values()].filter(({ scheme }) => scheme !== "lgtin" && scheme !== "upui").map((shape) => [shape.ai, shape]),
);

const FINEST_FIRST: Readonly<Record<string, readonly KeyShape[]>> = {
  "01": [shapeOf("sgtin"), shapeOf("upui"), shapeOf("lgtin")],
  "8006": [shapeOf("itip"), ITIP_LOT],
};

const WEB = /^https?:\/\/[^/?#]*(\/[^?#]*)/i;

/** The key that a URI carries as a GS1 Digital Link; undefined where it carries none. */
export function parseLink(uri: string): LinkId | undefined {
  const path = /^https?:/i.test(uri) ? WEB.exec(uri)?.[1] : undefined;
  if (path === undefined) return undefined;
  const segments = path.replace(/\/$/, "").split("/").slice(1);
  for (let i = 0; i + 1 < segments.length; i++) {
    const ai = aiOf(segments[i] ?? "");
    const shape = PRIMARY.get(ai);
    if (!shape || (segments.length - i) % 2 !== 0) continue;
    const qualifiers = qualifiersOf(ai, segments.slice(i + 2));
    const link = qualifiers && readKey(shape, decoded(segments[i + 1] ?? ""), qualifiers);
    if (link) return link;
  }
  return undefined;
}

/** The canonical Digital Link of digits with their check digit. parseLink(formatLink(x)) gives the same key. */
export function formatLink(shape: KeyShape, digits: string, serials: readonly string[]): string {
  const direct = shape.serials.filter(({ ai }) => ai === undefined).length;
  let link = `${CANONICAL_DOMAIN}/${shape.ai}/${linkText(digits)}${serials.slice(0, direct).map(linkText).join("")}`;
  for (const [i, serial] of serials.slice(direct).entries()) {
    const ai = shape.serials[direct + i]?.ai;
    if (shape.scheme === "sgln" && serial === "0") continue; // extension 0 is the location itself
    link += `/${ai}/${linkText(serial)}`;
  }
  return link;
}

function aiOf(segment: string): string {
  return Object.hasOwn(NAMES, segment) ? (NAMES[segment] ?? segment) : segment;
}

function qualifiersOf(ai: string, segments: readonly string[]): Map<string, string> | undefined {
  const allowed = QUALIFIERS[ai] ?? [];
  const found = new Map<string, string>();
  for (let i = 0; i + 1 < segments.length; i += 2) {
    const qualifier = aiOf(segments[i] ?? "");
    const value = decoded(segments[i + 1] ?? "");
    if (!allowed.includes(qualifier) || found.has(qualifier) || !value) return undefined;
    found.set(qualifier, value);
  }
  return found;
}

function readKey(
  shape: KeyShape,
  value: string | undefined,
  qualifiers: ReadonlyMap<string, string>,
): LinkId | undefined {
  if (value === undefined) return undefined;
  if (shape.arrangement === "plain") return readPlainKey(shape, value, qualifiers);
  const digitCount = shape.bodyLength + (shape.arrangement === "zero-first" ? 2 : 1);
  const padded = shape.scheme === "sgtin" ? padGtin(value) : value;
  const digits = padded.slice(0, digitCount);
  const rest = padded.slice(digitCount);
  if (digits.length !== digitCount || !DIGITS.test(digits)) return undefined;
  if (shape.arrangement === "zero-first" && !digits.startsWith("0")) return undefined;
  const serials = directSerials(shape, rest);
  if (!serials) return undefined;
  const [finest, qualified] = withQualifiers(shape, serials, qualifiers) ?? [];
  if (!finest || !qualified) return undefined;
  return {
    shape: finest,
    body: digits.slice(0, -1),
    digits,
    serials: qualified,
    checkDigitHolds: hasCheckDigit(digits),
  };
}

function readPlainKey(shape: KeyShape, value: string, qualifiers: ReadonlyMap<string, string>): LinkId | undefined {
  if (!/^\d{4}/.test(value) || !shape.reference.test(value) || value.length > shape.bodyLength) return undefined;
  const [finest, serials] = withQualifiers(shape, [], qualifiers) ?? [];
  return finest && serials && { shape: finest, body: value, digits: value, serials, checkDigitHolds: true };
}

/** Serial parts that follow the key's digits without an application identifier of their own. */
function directSerials(shape: KeyShape, rest: string): string[] | undefined {
  const parts = shape.serials.filter(({ ai }) => ai === undefined);
  if (parts.length === 0) return rest === "" ? [] : undefined;
  if (shape.scheme === "itip") return /^\d{4}$/.test(rest) ? [rest.slice(0, 2), rest.slice(2)] : undefined;
  const [part] = parts;
  if (rest === "") return [];
  return part && part.characters.test(rest) && rest.length <= part.lengthMax ? [rest] : undefined;
}

/** The finest identification: serial, else third-party serial, else lot, else the class itself. */
function withQualifiers(
  shape: KeyShape,
  serials: readonly string[],
  qualifiers: ReadonlyMap<string, string>,
): readonly [KeyShape, readonly string[]] | undefined {
  const candidates = FINEST_FIRST[shape.ai] ?? [shape];
  for (const candidate of candidates) {
    const last = candidate.serials.at(-1);
    const value = last?.ai === undefined ? undefined : qualifiers.get(last.ai);
    if (last === undefined || value === undefined) continue;
    if (!last.characters.test(value) || value.length > last.lengthMax) return undefined;
    return [candidate, [...serials, value]];
  }
  if (shape.scheme === "sgln") return [shape, ["0"]];
  return [shape, serials];
}

/** GTIN-8, -12 and -13 as GTIN-14. */
function padGtin(value: string): string {
  return [8, 12, 13].includes(value.length) && DIGITS.test(value) ? value.padStart(14, "0") : value;
}
