/**
 * The resources that a TAXII 2.1 server writes. Invariant: what is empty is left out as the standard does (an empty
 * envelope is `{}`), counts of a status add up, `http_status` is text.
 */
import type { StixObject } from "../object-type.ts";
import { formatAdded } from "./added.ts";
import { STIX_MEDIA_TYPE, TAXII_MEDIA_TYPE } from "./media-type.ts";
import type { TaxiiEntry } from "./query.ts";

export interface Discovery {
  readonly title: string;
  readonly description?: string;
  readonly contact?: string;
  readonly default?: string;
  readonly api_roots?: readonly string[];
}

export interface ApiRoot {
  readonly title: string;
  readonly description?: string;
  readonly versions: readonly string[];
  readonly max_content_length: number;
}

export interface Collection {
  readonly id: string;
  readonly title: string;
  readonly description?: string;
  readonly alias?: string;
  readonly can_read: boolean;
  readonly can_write: boolean;
  readonly media_types?: readonly string[];
}

export interface Envelope {
  readonly more?: boolean;
  readonly next?: string;
  readonly objects?: readonly StixObject[];
}

export interface ManifestRecord {
  readonly id: string;
  readonly date_added: string;
  readonly version: string;
  readonly media_type?: string;
}

export interface Manifest {
  readonly more?: boolean;
  readonly next?: string;
  readonly objects?: readonly ManifestRecord[];
}

export interface Versions {
  readonly more?: boolean;
  readonly next?: string;
  readonly versions?: readonly string[];
}

export interface StatusItem {
  readonly id: string;
  readonly version: string;
  readonly message?: string;
}

export interface Status {
  readonly id: string;
  readonly status: "pending" | "complete";
  readonly request_timestamp: string;
  readonly total_count: number;
  readonly success_count: number;
  readonly successes?: readonly StatusItem[];
  readonly failure_count: number;
  readonly failures?: readonly StatusItem[];
  readonly pending_count: number;
  readonly pendings?: readonly StatusItem[];
}

export interface TaxiiError {
  readonly title: string;
  readonly description?: string;
  readonly error_id?: string;
  readonly error_code?: string;
  readonly http_status?: string;
  readonly details?: Readonly<Record<string, unknown>>;
}

export function apiRootOf(root: { title: string; description?: string; maxContentBytes: number }): ApiRoot {
  return {
    title: root.title,
    ...(root.description === undefined ? {} : { description: root.description }),
    versions: [TAXII_MEDIA_TYPE],
    max_content_length: root.maxContentBytes,
  };
}

/** A page of objects; `next` is given when there are more. */
export function envelopeOf(objects: readonly StixObject[], next: string | undefined): Envelope {
  return objects.length === 0 ? {} : { ...moreOf(next), objects };
}

export function manifestOf(entries: readonly TaxiiEntry[], next: string | undefined): Manifest {
  return entries.length === 0 ? {} : { ...moreOf(next), objects: entries.map(recordOf) };
}

export function versionsOf(entries: readonly TaxiiEntry[], next: string | undefined): Versions {
  return entries.length === 0 ? {} : { ...moreOf(next), versions: entries.map(({ version }) => version) };
}

/** Values of `X-TAXII-Date-Added-First` and `-Last` for a page; empty for an empty page. */
export function dateAddedHeaders(entries: readonly TaxiiEntry[]): Readonly<Record<string, string>> {
  const [first, last] = [entries[0], entries.at(-1)];
  if (first === undefined || last === undefined) return {};
  return {
    "X-TAXII-Date-Added-First": formatAdded(first.addedMicros),
    "X-TAXII-Date-Added-Last": formatAdded(last.addedMicros),
  };
}

/** What became of the objects of one POST. It is pending while some of them are. */
export function statusOf(
  id: string,
  requestMicros: number,
  items: { successes: readonly StatusItem[]; failures: readonly StatusItem[]; pendings: readonly StatusItem[] },
): Status {
  const { successes, failures, pendings } = items;
  return {
    id,
    status: pendings.length > 0 ? "pending" : "complete",
    request_timestamp: formatAdded(requestMicros),
    total_count: successes.length + failures.length + pendings.length,
    success_count: successes.length,
    ...(successes.length > 0 ? { successes } : {}),
    failure_count: failures.length,
    ...(failures.length > 0 ? { failures } : {}),
    pending_count: pendings.length,
    ...(pendings.length > 0 ? { pendings } : {}),
  };
}

export function errorOf(
  httpStatus: number,
  error: { title: string; description?: string; code?: string; id?: string },
): TaxiiError {
  return {
    title: error.title,
    ...(error.description === undefined ? {} : { description: error.description }),
    ...(error.id === undefined ? {} : { error_id: error.id }),
    ...(error.code === undefined ? {} : { error_code: error.code }),
    http_status: String(httpStatus),
  };
}

function recordOf({ id, addedMicros, version, specVersion }: TaxiiEntry): ManifestRecord {
  const media = specVersion === "2.1" ? STIX_MEDIA_TYPE : `application/stix+json;version=${specVersion}`;
  return { id, date_added: formatAdded(addedMicros), version, media_type: media };
}

function moreOf(next: string | undefined): { more: boolean; next?: string } {
  return next === undefined ? { more: false } : { more: true, next };
}
