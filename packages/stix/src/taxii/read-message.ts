/**
 * The resources that other TAXII 2.1 servers send, read with tolerance for what they are known to leave out or misspell,
 * and none for what would lose data. Invariant: an object that can't be one is named, never dropped in silence.
 */
import { fail, ok, type Result } from "@holdfast/kernel";
import { isRecord, isStixObject, type StixObject } from "../object-type.ts";
import type { StixCode } from "../problem-code.ts";
import { isTimestamp } from "../timestamp.ts";
import type { ApiRoot, Collection, Discovery, ManifestRecord, Status, StatusItem } from "./message.ts";

type Json = Readonly<Record<string, unknown>>;

/** A page of objects as a client needs it. */
export interface ReadPage {
  readonly objects: readonly StixObject[];
  /** Members of `objects` that are no STIX objects, by place. */
  readonly rejected: readonly { readonly index: number; readonly value: unknown }[];
  readonly more: boolean;
  readonly next: string | undefined;
}

/** An envelope; `{}` and an absent `more` mean that nothing follows. */
export function readEnvelope(value: unknown): Result<ReadPage, StixCode> {
  if (!isRecord(value)) return fail("stix/taxii", "expected an envelope object");
  const { objects = [], more = false, next } = value;
  if (!Array.isArray(objects)) return fail("stix/taxii", "`objects` of an envelope is a list");
  const entries = [...objects.entries()];
  return ok({
    objects: objects.filter(isStixObject),
    rejected: entries
      .filter(([, object]) => !isStixObject(object))
      .map(([index, object]) => ({ index, value: object })),
    more: more === true,
    next: typeof next === "string" && next !== "" ? next : undefined,
  });
}

export function readDiscovery(value: unknown): Result<Discovery, StixCode> {
  if (!isRecord(value) || typeof value["title"] !== "string")
    return fail("stix/taxii", "a discovery resource has a `title`");
  const roots = value["api_roots"] ?? [];
  if (!isStrings(roots)) return fail("stix/taxii", "`api_roots` is a list of URLs");
  return ok({ title: value["title"], api_roots: roots, ...texts(value, "description", "contact", "default") });
}

export function readApiRoot(value: unknown): Result<ApiRoot, StixCode> {
  if (!isRecord(value) || typeof value["title"] !== "string") return fail("stix/taxii", "an API root has a `title`");
  const { versions, max_content_length: size } = value;
  if (!isStrings(versions)) return fail("stix/taxii", "`versions` of an API root is a list of media types");
  if (typeof size !== "number" || !Number.isSafeInteger(size) || size <= 0)
    return fail("stix/taxii", "`max_content_length` of an API root is a positive integer");
  return ok({ title: value["title"], versions, max_content_length: size, ...texts(value, "description") });
}

/** Collections; the key may be absent when there is none. */
export function readCollections(value: unknown): Result<readonly Collection[], StixCode> {
  const list = isRecord(value) ? (value["collections"] ?? []) : undefined;
  if (!Array.isArray(list)) return fail("stix/taxii", "expected a list of `collections`");
  const collections: Collection[] = [];
  for (const item of list) {
    const collection = readCollection(item);
    if (!collection.ok) return collection;
    collections.push(collection.value);
  }
  return ok(collections);
}

export function readCollection(value: unknown): Result<Collection, StixCode> {
  if (!isRecord(value)) return fail("stix/taxii", "expected a collection object");
  const { id, title, can_read: canRead, can_write: canWrite, media_types: media } = value;
  if (typeof id !== "string" || typeof title !== "string")
    return fail("stix/taxii", "a collection has an `id` and a `title`");
  if (typeof canRead !== "boolean" || typeof canWrite !== "boolean")
    return fail("stix/taxii", `\`can_read\` and \`can_write\` of the collection \`${id}\` are booleans`);
  return ok({
    id,
    title,
    can_read: canRead,
    can_write: canWrite,
    ...(isStrings(media) ? { media_types: media } : {}),
    ...texts(value, "description", "alias"),
  });
}

export interface ReadManifest {
  readonly records: readonly ManifestRecord[];
  readonly more: boolean;
  readonly next: string | undefined;
}

export function readManifest(value: unknown): Result<ReadManifest, StixCode> {
  if (!isRecord(value)) return fail("stix/taxii", "expected a manifest object");
  const { objects = [], more = false, next } = value;
  if (!Array.isArray(objects)) return fail("stix/taxii", "`objects` of a manifest is a list");
  const records: ManifestRecord[] = [];
  for (const [i, record] of objects.entries()) {
    if (!isRecord(record)) return fail("stix/taxii", `entry ${i} of the manifest is no object`);
    const { id, date_added: added, version, media_type: media } = record;
    if (typeof id !== "string" || typeof version !== "string" || typeof added !== "string" || !isTimestamp(added))
      return fail("stix/taxii", `entry ${i} of the manifest lacks \`id\`, \`date_added\` or \`version\``);
    records.push({ id, date_added: added, version, ...(typeof media === "string" ? { media_type: media } : {}) });
  }
  return ok({ records, more: more === true, next: typeof next === "string" && next !== "" ? next : undefined });
}

/** A status; servers are known to leave lists out when they are empty, and to misname the total. */
export function readStatus(value: unknown): Result<Status, StixCode> {
  if (!isRecord(value)) return fail("stix/taxii", "expected a status object");
  const { id, status, request_timestamp: requested } = value;
  if (typeof id !== "string" || (status !== "pending" && status !== "complete"))
    return fail("stix/taxii", "a status has an `id` and is `pending` or `complete`");
  const [successes, failures, pendings] = ["successes", "failures", "pendings"].map((name) => itemsOf(value[name]));
  if (!successes || !failures || !pendings)
    return fail("stix/taxii", `the lists of the status \`${id}\` are malformed`);
  const count = (name: string, list: readonly StatusItem[]): number =>
    typeof value[name] === "number" ? value[name] : list.length;
  const counts = {
    success_count: count("success_count", successes),
    failure_count: count("failure_count", failures),
    pending_count: count("pending_count", pendings),
  };
  const total = counts.success_count + counts.failure_count + counts.pending_count;
  return ok({
    id,
    status,
    request_timestamp: typeof requested === "string" ? requested : "",
    total_count: total,
    ...counts,
    successes,
    failures,
    pendings,
  });
}

function itemsOf(value: unknown): readonly StatusItem[] | undefined {
  if (value === undefined) return [];
  if (!Array.isArray(value)) return undefined;
  const items: StatusItem[] = [];
  for (const item of value) {
    if (!isRecord(item) || typeof item["id"] !== "string") return undefined;
    const { id, version } = item;
    items.push({ id, version: typeof version === "string" ? version : "", ...texts(item, "message") });
  }
  return items;
}

function texts<Name extends string>(value: Json, ...names: readonly Name[]): { [Key in Name]?: string } {
  const found: { [Key in Name]?: string } = {};
  for (const name of names) {
    const text = value[name];
    if (typeof text === "string") found[name] = text;
  }
  return found;
}

function isStrings(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === "string");
}
