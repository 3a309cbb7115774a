/**
 * EPC URNs: instances (`urn:epc:id`), classes (`urn:epc:class:lgtin`) and patterns with a `*` for the serial
 * (`urn:epc:idpat`), EPC Tag Data Standard 6 to 8. Refuses a company prefix that is not 6 to 12 digits, a reference of
 * the wrong length, and serials with characters or lengths that the key does not allow.
 */
import { decoded, DIGITS, urnText } from "./gs1-text.ts";
import { GCP_LENGTH_MAX, GCP_LENGTH_MIN, KEYS, type KeyShape } from "./gs1-key.ts";

/** An identifier taken apart: what both forms have in common, and the length that only the URN knows. */
export interface Gs1Id {
  readonly shape: KeyShape;
  readonly prefix: string;
  readonly reference: string;
  /** Decoded serial parts in the order of the URN; fewer than the key has: the class of all serials. */
  readonly serials: readonly string[];
}

const EPC = /^urn:epc:(id|class|idpat):([a-z]+):(.+)$/;

/** The identifier of an EPC URN; `why` where it is malformed, undefined where it is no EPC URN of a GS1 key. */
export function parseUrn(urn: string): { readonly id: Gs1Id } | { readonly why: string } | undefined {
  const match = urn.startsWith("urn:epc:") ? EPC.exec(urn) : null;
  if (!match) return undefined;
  const [, kind, scheme = "", rest = ""] = match;
  const shape = KEYS.get(scheme);
  if (!shape || (kind === "class") !== (scheme === "lgtin")) return undefined;
  if (kind === "idpat" && !shape.hasPattern) return undefined;
  const parts = splitParts(shape, rest);
  if (!parts) return { why: `a ${scheme} has ${2 + shape.serials.length} parts` };
  const [prefix = "", reference = "", ...serials] = parts;
  if (!DIGITS.test(prefix) || prefix.length < GCP_LENGTH_MIN || prefix.length > GCP_LENGTH_MAX)
    return { why: `the company prefix \`${prefix}\` is not 6 to 12 digits` };
  const decodedReference = decoded(reference);
  const whyReference = refuseReference(shape, prefix, decodedReference);
  if (whyReference !== undefined || decodedReference === undefined) return { why: whyReference ?? "" };
  if (kind === "idpat") return parsePattern(shape, prefix, decodedReference, serials);
  const texts: string[] = [];
  for (const [i, serial] of serials.entries()) {
    const text = decoded(serial);
    const why = refuseSerial(shape, i, text);
    if (why !== undefined || text === undefined) return { why: why ?? "" };
    texts.push(text);
  }
  return { id: { shape, prefix, reference: decodedReference, serials: texts } };
}

/** The URN of an identifier. parseUrn(formatUrn(id)) gives the same identifier. */
export function formatUrn({ shape, prefix, reference, serials }: Gs1Id): string {
  const isClass = serials.length < shape.serials.length;
  const kind = isClass ? "idpat" : shape.scheme === "lgtin" ? "class" : "id";
  const parts = [prefix, urnText(reference), ...serials.map(urnText), ...(isClass ? ["*"] : [])];
  return `urn:epc:${kind}:${shape.scheme}:${parts.join(".")}`;
}

/** Why a serial part may not be `text`; undefined where it may. */
export function refuseSerial(shape: KeyShape, index: number, text: string | undefined): string | undefined {
  const part = shape.serials[index];
  if (!part || text === undefined || !part.characters.test(text))
    return `\`${text ?? ""}\` is no serial of a ${shape.scheme}`;
  if (text.length < part.lengthMin || text.length > part.lengthMax)
    return `\`${text}\` has ${text.length} characters where a ${shape.scheme} has ${part.lengthMin} to ${part.lengthMax}`;
  return undefined;
}

function refuseReference(shape: KeyShape, prefix: string, reference: string | undefined): string | undefined {
  const length = prefix.length + (reference?.length ?? 0);
  if (shape.arrangement === "plain") {
    if (reference === undefined || !shape.reference.test(reference))
      return `\`${reference ?? ""}\` is no reference of a ${shape.scheme}`;
    return length > shape.bodyLength
      ? `prefix and reference have ${length} characters, at most ${shape.bodyLength} are allowed`
      : undefined;
  }
  if (reference === undefined || !/^\d*$/.test(reference))
    return `the reference \`${reference ?? ""}\` is not made of digits`;
  return length === shape.bodyLength
    ? undefined
    : `prefix and reference have ${length} digits, a ${shape.scheme} has ${shape.bodyLength}`;
}

function parsePattern(shape: KeyShape, prefix: string, reference: string, serials: readonly string[]) {
  if (serials.at(-1) !== "*") return { why: "a pattern ends with `*`" };
  const fixed = serials.slice(0, -1);
  for (const [i, serial] of fixed.entries()) {
    const why = refuseSerial(shape, i, serial);
    if (why !== undefined) return { why };
  }
  return { id: { shape, prefix, reference, serials: fixed } };
}

/** Prefix, reference and serial parts; a serial may itself hold dots, a numeric one and a reference may not. */
function splitParts(shape: KeyShape, rest: string): string[] | undefined {
  const count = 2 + shape.serials.length;
  const parts = rest.split(".");
  if (parts.length < count) return undefined;
  if (parts.length === count) return parts;
  const last = shape.serials.at(-1);
  if (shape.arrangement === "plain") {
    // A reference may hold dots, the serial behind it (component/part) is digits.
    const tail = shape.serials.length === 0 ? [] : parts.slice(-shape.serials.length);
    return [parts[0] ?? "", parts.slice(1, parts.length - tail.length).join("."), ...tail];
  }
  return last === undefined ? undefined : [...parts.slice(0, count - 1), parts.slice(count - 1).join(".")];
}
