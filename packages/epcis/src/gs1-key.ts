/**
 * The GS1 keys that have both an EPC URN (EPC Tag Data Standard 6.3) and a Digital Link (GS1 Digital Link 4.4), and how
 * their digits are arranged. A key is the company prefix and reference as the URN splits them, plus its serial parts;
 * the Digital Link puts the prefix and reference together, adds the check digit and moves the indicator to the front.
 */
import { checkDigit } from "./check-digit.ts";
import { DIGITS, SET_39, SET_82 } from "./gs1-text.ts";

/** How prefix, reference and check digit make the digits of a Digital Link. */
export type Arrangement =
  /** indicator or extension digit first: {first digit of reference}{prefix}{rest of reference}{check digit} */
  | "indicator-first"
  /** {prefix}{reference}{check digit} */
  | "prefix-first"
  /** 0{prefix}{reference}{check digit} */
  | "zero-first"
  /** {prefix}{reference}, no check digit, the reference may hold letters */
  | "plain";

/** A serial part: where it stands in the Digital Link, and what it may hold. */
export interface SerialPart {
  /** The application identifier that carries it in the path; absent: it follows the key's digits directly. */
  readonly ai?: string;
  readonly characters: RegExp;
  readonly lengthMin: number;
  readonly lengthMax: number;
}

export interface KeyShape {
  readonly scheme: string;
  /** The application identifier of the primary key. */
  readonly ai: string;
  readonly arrangement: Arrangement;
  /** Digits of prefix and reference together; for `plain` keys the most characters. */
  readonly bodyLength: number;
  /** Characters of a `plain` key's reference. */
  readonly reference: RegExp;
  /** In the order of the URN. */
  readonly serials: readonly SerialPart[];
  /** Whether `urn:epc:idpat:SCHEME:...*` names the class of all serials. */
  readonly hasPattern: boolean;
}

export const GCP_LENGTH_MIN = 6;
export const GCP_LENGTH_MAX = 12;

const text = (lengthMax: number, ai?: string): SerialPart => ({
  characters: SET_82,
  lengthMin: 1,
  lengthMax,
  ...(ai === undefined ? {} : { ai }),
});
const digits = (lengthMin: number, lengthMax: number, ai?: string): SerialPart => ({
  characters: DIGITS,
  lengthMin,
  lengthMax,
  ...(ai === undefined ? {} : { ai }),
});

type Options = Partial<Pick<KeyShape, "serials" | "hasPattern" | "reference">>;

function key(
  scheme: string,
  ai: string,
  arrangement: Arrangement,
  bodyLength: number,
  options: Options = {},
): KeyShape {
  return { scheme, ai, arrangement, bodyLength, reference: DIGITS, serials: [], hasPattern: false, ...options };
}

/** Every key of `urn:epc:id`, by scheme. `lgtin` is the one of `urn:epc:class`. */
export const KEYS: ReadonlyMap<string, KeyShape> = new Map(
  [
    key("sgtin", "01", "indicator-first", 13, { serials: [text(20, "21")], hasPattern: true }),
    key("lgtin", "01", "indicator-first", 13, { serials: [text(20, "10")] }),
    key("upui", "01", "indicator-first", 13, { serials: [text(28, "235")], hasPattern: true }),
    key("sscc", "00", "indicator-first", 17),
    key("sgln", "414", "prefix-first", 12, { serials: [text(20, "254")] }),
    key("pgln", "417", "prefix-first", 12),
    key("grai", "8003", "zero-first", 12, { serials: [text(16)], hasPattern: true }),
    key("giai", "8004", "plain", 30, { reference: SET_82 }),
    key("gsrn", "8018", "prefix-first", 17),
    key("gsrnp", "8017", "prefix-first", 17),
    key("gdti", "253", "prefix-first", 12, { serials: [text(17)], hasPattern: true }),
    key("sgcn", "255", "prefix-first", 12, { serials: [digits(1, 12)], hasPattern: true }),
    key("cpi", "8010", "plain", 30, { reference: SET_39, serials: [digits(1, 12, "8011")], hasPattern: true }),
    key("ginc", "401", "plain", 30, { reference: SET_82 }),
    key("gsin", "402", "prefix-first", 16),
    key("itip", "8006", "indicator-first", 13, {
      serials: [digits(2, 2), digits(2, 2), text(20, "21")],
      hasPattern: true,
    }),
  ].map((shape) => [shape.scheme, shape]),
);

/** The digits of a Digital Link from the URN's prefix and reference. */
export function linkBody(shape: KeyShape, prefix: string, reference: string): string {
  switch (shape.arrangement) {
    case "indicator-first":
      return withCheck(reference.slice(0, 1) + prefix + reference.slice(1));
    case "prefix-first":
      return withCheck(prefix + reference);
    case "zero-first":
      return withCheck(`0${prefix}${reference}`);
    case "plain":
      return prefix + reference;
  }
}

/** The URN's prefix and reference from a Digital Link's body without check digit; the inverse of {@link linkBody}. */
export function splitBody(shape: KeyShape, body: string, prefixLength: number): { prefix: string; reference: string } {
  switch (shape.arrangement) {
    case "indicator-first":
      return { prefix: body.slice(1, 1 + prefixLength), reference: body.slice(0, 1) + body.slice(1 + prefixLength) };
    case "zero-first":
      return { prefix: body.slice(1, 1 + prefixLength), reference: body.slice(1 + prefixLength) };
    case "prefix-first":
    case "plain":
      return { prefix: body.slice(0, prefixLength), reference: body.slice(prefixLength) };
  }
}

/** The digits of a body where its company prefix starts. */
export function prefixDigits(shape: KeyShape, body: string): string {
  return shape.arrangement === "indicator-first" || shape.arrangement === "zero-first" ? body.slice(1) : body;
}

function withCheck(body: string): string {
  return body + checkDigit(body);
}
