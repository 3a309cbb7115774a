/**
 * Media types of TAXII 2.1. Invariant: `application/taxii+json` without a version means the newest, which is 2.1. Spaces,
 * quotes, letter case and lists are read; what is not TAXII is told apart from a header that is not there.
 */

export const TAXII_MEDIA_TYPE = "application/taxii+json;version=2.1";
export const STIX_MEDIA_TYPE = "application/stix+json;version=2.1";

const MAX_HEADER_CHARS = 4_096; // bounds the work on one header

interface MediaType {
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
}

/** What an `Accept` header asks for: TAXII 2.1, something else only (406), or nothing because it is absent. */
export function acceptsTaxii(header: string | undefined): "taxii" | "other" | "absent" {
  if (header === undefined || header.trim() === "") return "absent";
  const isWanted = header
    .slice(0, MAX_HEADER_CHARS)
    .split(",")
    .map(parseMediaType)
    .some((type) => isTaxii(type) && type.parameters.get("q") !== "0");
  return isWanted ? "taxii" : "other";
}

/** True when a `Content-Type` header says TAXII 2.1. */
export function isTaxiiContent(header: string | undefined): boolean {
  return header !== undefined && isTaxii(parseMediaType(header.slice(0, MAX_HEADER_CHARS)));
}

function isTaxii({ name, parameters }: MediaType): boolean {
  return name === "application/taxii+json" && (parameters.get("version") ?? "2.1") === "2.1";
}

function parseMediaType(text: string): MediaType {
  const [name = "", ...rest] = text.split(";").map((part) => part.trim());
  const parameters = rest.map((part): [string, string] => {
    const [key = "", value = ""] = part.split("=").map((side) => side.trim());
    return [key.toLowerCase(), value.replace(/^"(.*)"$/, "$1")];
  });
  return { name: name.toLowerCase(), parameters: new Map(parameters) };
}
