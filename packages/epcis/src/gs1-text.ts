/**
 * The characters of GS1 serials, lots and references, and how URNs and Digital Links write them. EPC Tag Data Standard
 * 6.3 and appendix A: the URN escapes `" % & / < > ?` (and `#` in part numbers). Digital Link 4.9: the path escapes
 * whatever a path segment may not hold, and `! ( ) * + , :`. Invariant: decode(urnText(t)) = t = decode(linkText(t)).
 */

/** GS1 AI encodable character set 82, and set 39 for component/part references. */
export const SET_82 = /^[!"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+$/;
export const SET_39 = /^[#\-/0-9A-Z]+$/;
export const DIGITS = /^\d+$/;

const BARE_IN_URN = /^[!'()*+,\-.0-9:;=A-Z_a-z]*$/;
const BARE_IN_LINK = /^[A-Za-z0-9\-._~';=]*$/;

/** The text of a URN component or path segment; undefined where a percent sign is not followed by two hex digits. */
export function decoded(escaped: string): string | undefined {
  if (!escaped.includes("%")) return escaped;
  if (/%(?![0-9A-Fa-f]{2})/.test(escaped)) return undefined;
  // Only ASCII has a place in GS1 identifiers, so one escape is one character.
  return escaped.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
}

/** As a URN writes it. */
export function urnText(text: string): string {
  return escape(text, BARE_IN_URN);
}

/** As a canonical Digital Link writes it. */
export function linkText(text: string): string {
  return escape(text, BARE_IN_LINK);
}

function escape(text: string, bare: RegExp): string {
  if (bare.test(text)) return text;
  let escaped = "";
  for (const character of text)
    escaped += bare.test(character)
      ? character
      : `%${character.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  return escaped;
}
