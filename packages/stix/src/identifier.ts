/**
 * STIX identifiers, STIX 2.1 section 2.9: `object-type--UUID` with an RFC 4122 UUID.
 * Invariant: the type part has the form of a STIX type name. Refuses other UUID variants and versions 0 and above 5.
 */

const FORM =
  /^([a-z][a-z0-9]*(?:-[a-z0-9]+)*-?)--([0-9a-fA-F]{8}-[0-9a-fA-F]{4}-([1-5])[0-9a-fA-F]{3}-[89abAB][0-9a-fA-F]{3}-[0-9a-fA-F]{12})$/;
const TYPE_FORM = /^[a-z][a-z0-9]*(?:-[a-z0-9]+)*-?$/;

/** Longest type name, STIX 2.1 section 3.1. */
export const MAX_NAME_CHARS = 250;
/** Shortest type and property name, STIX 2.1 section 3.1; `id` is the one exception. */
export const MIN_NAME_CHARS = 3;

const MAX_ID_CHARS = MAX_NAME_CHARS + 2 + 36;

export interface Identifier {
  readonly type: string;
  readonly uuid: string;
  readonly version: number;
}

/** The parts of `text`, or undefined when it is no identifier. */
export function parseIdentifier(text: string): Identifier | undefined {
  if (text.length > MAX_ID_CHARS) return undefined;
  const match = FORM.exec(text);
  if (match === null || match[1]!.length > MAX_NAME_CHARS) return undefined; // group 1 is in every match
  return { type: match[1]!, uuid: match[2]!, version: Number(match[3]) };
}

/** The type that an identifier names: what stands before the first `--`, without checking the UUID. */
export function typeOfId(id: string): string {
  const end = id.indexOf("--");
  return end === -1 ? id : id.slice(0, end);
}

export function isTypeName(text: string): boolean {
  return text.length >= MIN_NAME_CHARS && text.length <= MAX_NAME_CHARS && TYPE_FORM.test(text);
}
