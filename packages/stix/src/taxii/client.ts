/**
 * A TAXII 2.1 client: polls a collection and pushes to one. The transport, the clock's waiting and the place in the walk
 * are arguments, so that nothing is skipped or repeated however often it is cut: the caller keeps `state` once it has kept
 * the page. Tolerates what servers are known to do: no `next`, 429 with Retry-After, 413 below the announced size, filters
 * that are passed over, times that are not when an object was added. Refuses answers of another media type and walks
 * without end.
 */
import { Problem, unwrap } from "@holdfast/kernel";
import type { StixObject } from "../object-type.ts";
import { parseTimestamp, microsecondsOf } from "../timestamp.ts";
import { versionOf } from "../version.ts";
import { formatAdded } from "./added.ts";
import { acceptsTaxii, TAXII_MEDIA_TYPE } from "./media-type.ts";
import type { Collection, Status, StatusItem } from "./message.ts";
import {
  readApiRoot,
  readCollection,
  readCollections,
  readDiscovery,
  readEnvelope,
  readStatus,
} from "./read-message.ts";
import { advanceWalk, requestOf, startWalk, type WalkState } from "./walk.ts";

export interface TaxiiRequest {
  readonly method: "GET" | "POST";
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface TaxiiReply {
  readonly status: number;
  header(name: string): string | null;
  /** The body as text; the transport bounds its size. */
  readonly text: string;
}

export interface TaxiiTransport {
  send(request: TaxiiRequest): Promise<TaxiiReply>;
  wait(seconds: number): Promise<void>;
}

const TRIES = 5; // of one request that the server asks to repeat
const WAIT_SECONDS_MAX = 300; // a longer Retry-After is for the caller's schedule
const WAIT_SECONDS = 2; // where the server does not say how long
const STATUS_TRIES = 60; // a server works on one post at most about a minute
const OVERLAP_MICROS = 5_000_000; // a poll begins a little before where the last one ended

/** Every collection of the server at `url`: a discovery URL, an API root or a collection itself. */
export async function findCollections(
  transport: TaxiiTransport,
  url: string,
): Promise<{ url: string; collection: Collection }[]> {
  const base = withSlash(url);
  if (/\/collections\/[^/]+\/$/.test(base))
    return [{ url: base, collection: unwrap(readCollection(await getJson(transport, base))) }];
  const first = await getJson(transport, base);
  const asRoot = readApiRoot(first);
  const roots = asRoot.ok
    ? [base]
    : [...new Set(unwrap(readDiscovery(first)).api_roots ?? [])].map((root) => withSlash(new URL(root, base).href));
  const found: { url: string; collection: Collection }[] = [];
  for (const root of roots) {
    if (new URL(root).origin !== new URL(base).origin)
      throw new Problem(
        "stix/taxii",
        `the server sends its clients to \`${root}\`: name that address yourself if you trust it`,
      );
    const list = unwrap(readCollections(await getJson(transport, `${root}collections/`)));
    for (const collection of list)
      found.push({ url: `${root}collections/${encodeURIComponent(collection.id)}/`, collection });
  }
  return found;
}

export interface PollOptions {
  /** The collection's own URL. */
  readonly url: string;
  /** Where the last poll ended; a poll without it reads everything. */
  readonly addedAfter?: string;
  readonly limit?: number;
  readonly types?: readonly string[];
}

export interface PolledPage {
  readonly objects: readonly StixObject[];
  /** Members that are no STIX objects, and how many. */
  readonly rejected: number;
  /** What the next poll starts from, once this page is kept; undefined while the server has told no time. */
  readonly addedAfter: string | undefined;
}

/**
 * The pages of a collection, each object and version once. Keep a page, then its `addedAfter`.
 * @throws Problem `stix/taxii`
 */
export async function* pollCollection(
  transport: TaxiiTransport,
  { url, addedAfter, limit, types }: PollOptions,
): AsyncGenerator<PolledPage> {
  const seen = new Set<string>();
  const from = addedAfter === undefined ? undefined : earlier(addedAfter);
  let state: WalkState = startWalk(from);
  while (!state.isDone) {
    const place = requestOf(state);
    const query = new URLSearchParams();
    if (limit !== undefined) query.set("limit", String(limit));
    if (types !== undefined && types.length > 0) query.set("match[type]", types.join(","));
    query.set("match[version]", "all");
    if (place.addedAfter !== undefined) query.set("added_after", place.addedAfter);
    if (place.next !== undefined) query.set("next", place.next);
    const reply = await ask(transport, { method: "GET", url: `${withSlash(url)}objects/?${query}`, headers: ACCEPT });
    const page = unwrap(readEnvelope(parse(reply, url)));
    state = unwrap(
      advanceWalk(state, {
        more: page.more,
        next: page.next,
        objectCount: page.objects.length,
        dateAddedLast: reply.header("x-taxii-date-added-last") ?? undefined,
      }),
    );
    const objects = page.objects.filter((object) => {
      const name = `${object.id} ${versionOf(object) ?? ""}`;
      const isNew = !seen.has(name) && (types === undefined || types.length === 0 || types.includes(object.type));
      seen.add(name);
      return isNew;
    });
    yield { objects, rejected: page.rejected.length, addedAfter: later(addedAfter, state.addedAfter) };
  }
}

export interface PushOutcome {
  readonly successes: readonly StatusItem[];
  readonly failures: readonly StatusItem[];
}

/**
 * Sends objects to a collection, in as few posts as the server takes, and waits until it says what became of each.
 * @throws Problem `stix/taxii` when the server refuses, or does not end
 */
export async function pushObjects(
  transport: TaxiiTransport,
  { url, objects, bytesMax }: { url: string; objects: readonly StixObject[]; bytesMax: number },
): Promise<PushOutcome> {
  const waiting = split(objects, bytesMax);
  const successes: StatusItem[] = [];
  const failures: StatusItem[] = [];
  for (let batch = waiting.shift(); batch; batch = waiting.shift()) {
    const reply = await ask(
      transport,
      {
        method: "POST",
        url: `${withSlash(url)}objects/`,
        headers: { ...ACCEPT, "content-type": TAXII_MEDIA_TYPE },
        body: JSON.stringify({ objects: batch }),
      },
      { tooLarge: true },
    );
    if (reply.status === 413) {
      if (batch.length === 1) throw new Problem("stix/taxii", `\`${batch[0]?.id}\` is larger than the server takes`);
      const half = Math.ceil(batch.length / 2);
      waiting.unshift(batch.slice(0, half), batch.slice(half));
      continue;
    }
    const status = await ended(transport, url, unwrap(readStatus(parse(reply, url))));
    successes.push(...(status.successes ?? []));
    failures.push(...(status.failures ?? []));
  }
  return { successes, failures };
}

/** The status once nothing of it is pending. */
async function ended(transport: TaxiiTransport, url: string, first: Status): Promise<Status> {
  let status = first;
  const root = withSlash(url).replace(/collections\/[^/]+\/$/, "");
  for (let tries = 0; status.status === "pending"; tries++) {
    if (tries === STATUS_TRIES)
      throw new Problem("stix/taxii", `the server still works on \`${status.id}\`: ask for its status later`);
    await transport.wait(1);
    status = unwrap(readStatus(await getJson(transport, `${root}status/${encodeURIComponent(status.id)}/`)));
  }
  return status;
}

const ACCEPT = { accept: TAXII_MEDIA_TYPE } as const;

async function getJson(transport: TaxiiTransport, url: string): Promise<unknown> {
  return parse(await ask(transport, { method: "GET", url, headers: ACCEPT }), url);
}

/** One request, again where the server asks for that. */
async function ask(transport: TaxiiTransport, request: TaxiiRequest, { tooLarge = false } = {}): Promise<TaxiiReply> {
  for (let tries = 1; ; tries++) {
    const reply = await transport.send(request);
    if (reply.status >= 200 && reply.status < 300) return reply;
    if (tooLarge && reply.status === 413) return reply;
    const seconds = retryAfter(reply);
    if ((reply.status !== 429 && reply.status !== 503) || tries === TRIES || seconds > WAIT_SECONDS_MAX)
      throw new Problem("stix/taxii", `\`${withoutQuery(request.url)}\` answered ${reply.status}${said(reply)}`);
    await transport.wait(seconds);
  }
}

function retryAfter(reply: TaxiiReply): number {
  const text = reply.header("retry-after") ?? "";
  return /^\d{1,6}$/.test(text) ? Number(text) : WAIT_SECONDS;
}

/** What a TAXII error says, shortened. */
function said({ text }: TaxiiReply): string {
  try {
    const { title, description } = JSON.parse(text) as Readonly<Record<string, unknown>>; // an error is an object or nothing
    const words = typeof description === "string" ? description : title;
    return typeof words === "string" ? `: ${words.slice(0, 300)}` : "";
  } catch {
    return "";
  }
}

function parse(reply: TaxiiReply, url: string): unknown {
  if (acceptsTaxii(reply.header("content-type") ?? undefined) !== "taxii")
    throw new Problem(
      "stix/taxii",
      `\`${withoutQuery(url)}\` answered no TAXII 2.1: is it the address of a TAXII server?`,
    );
  try {
    return JSON.parse(reply.text);
  } catch (cause) {
    throw new Problem("stix/taxii", `\`${withoutQuery(url)}\` answered what is no JSON`, { cause });
  }
}

function withoutQuery(url: string): string {
  return url.split("?")[0] ?? url;
}

function withSlash(url: string): string {
  return url.endsWith("/") ? url : `${url}/`;
}

/** Lists whose JSON is at most `bytesMax` each; an object alone may be more, and the server says so. */
function split(objects: readonly StixObject[], bytesMax: number): StixObject[][] {
  const batches: StixObject[][] = [];
  let [batch, bytes] = [[] as StixObject[], 0];
  for (const object of objects) {
    const size = new TextEncoder().encode(JSON.stringify(object)).length + 1;
    if (batch.length > 0 && bytes + size > bytesMax) {
      batches.push(batch);
      [batch, bytes] = [[], 0];
    }
    batch.push(object);
    bytes += size;
  }
  if (batch.length > 0) batches.push(batch);
  return batches;
}

function earlier(time: string): string {
  const instant = parseTimestamp(time);
  if (!instant) throw new Problem("stix/taxii", `\`${time}\` is no time that a poll could go on from`);
  return formatAdded(Math.max(0, microsecondsOf(instant) - OVERLAP_MICROS));
}

function later(a: string | undefined, b: string | undefined): string | undefined {
  const micros = (time: string | undefined) => {
    const instant = time === undefined ? undefined : parseTimestamp(time);
    return instant ? microsecondsOf(instant) : -1;
  };
  return micros(b) > micros(a) ? b : a;
}
