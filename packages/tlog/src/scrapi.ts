/**
 * The bodies of SCRAPI, draft-ietf-scitt-scrapi-10, beside statements and receipts: problem details in CBOR (RFC 9290)
 * and the key set. Clients go by the title, so the titles are a closed set.
 */
import { type CborValue, decodeCbor, encodeCbor, isMap } from "./cbor.ts";
import { attempt, refuse, type TlogResult } from "./refusal.ts";

/** The titles of the draft's tables, and the one for what a client may try again. */
export const SCRAPI_TITLES = [
  "Malformed request",
  "Bad Signature Algorithm",
  "Confirmation Missing",
  "Payload Missing",
  "Rejected",
  "Invalid locator",
  "Operation Not Found",
  "Not Found",
  "No such key",
  "Too Many Requests",
  "Service Unavailable",
] as const;

export type ScrapiTitle = (typeof SCRAPI_TITLES)[number];

const TITLE = -1n; // RFC 9290 section 2
const DETAIL = -2n;

/** The body of a 4xx or 5xx, `application/concise-problem-details+cbor`. */
export function formatConciseProblem(title: ScrapiTitle, detail: string): Uint8Array {
  return encodeCbor(
    new Map<CborValue, CborValue>([
      [TITLE, title],
      [DETAIL, detail],
    ]),
  );
}

/** Title and detail of a body by anyone; either may be absent there. Problems: `tlog/cbor`. */
export function parseConciseProblem(bytes: Uint8Array): TlogResult<{ title?: string; detail?: string }> {
  return attempt(() => {
    const value = decodeCbor(bytes);
    if (!isMap(value)) refuse("tlog/cbor", "concise problem details are a map");
    const [title, detail] = [value.get(TITLE), value.get(DETAIL)];
    return {
      ...(typeof title === "string" ? { title } : {}),
      ...(typeof detail === "string" ? { detail } : {}),
    };
  });
}
