/**
 * Reads a C2SP tlog-tiles log from a folder or below an HTTP prefix. The network is touched because the user named a URL,
 * and only below it: redirects are refused. Gzip is undone where a server or a mirror left it on the bytes, and never
 * guessed: a tile that is right as it stands is taken as it stands.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { gunzipSync } from "node:zlib";
import { type LogReader, parseBundle, parseTilePath } from "@holdfast/tlog";
import { EXIT } from "./exit.ts";
import { Failure } from "./failure.ts";

const RESOURCE_BYTES_MAX = 256 * 65_537; // a full bundle of the largest entries, the largest file of a log
const TRIES = 3;
const TIMEOUT_MS = 30_000; // for one file
const RETRY_MS = 250;

export function ledgerReader(place: string): LogReader {
  const fetchRaw = /^https?:\/\//i.test(place) ? httpReader(place) : folderReader(place);
  return async (path) => {
    const bytes = await fetchRaw(path);
    return bytes === undefined ? undefined : withoutGzip(path, bytes);
  };
}

function folderReader(folder: string): LogReader {
  return async (path) => {
    try {
      return new Uint8Array(await readFile(join(folder, path)));
    } catch (error) {
      const code = error instanceof Error && "code" in error ? error.code : undefined;
      if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR") return undefined;
      throw new Failure(EXIT.noInput, `\`${join(folder, path)}\` can't be read (${String(code)})`, error);
    }
  };
}

function httpReader(prefix: string): LogReader {
  const base = prefix.endsWith("/") ? prefix : `${prefix}/`;
  if (!URL.canParse(base) || new URL(base).search !== "" || new URL(base).hash !== "")
    throw new Failure(EXIT.usage, `\`${prefix}\` is not a URL prefix`);
  return async (path) => {
    for (let attempt = 1; ; attempt++) {
      const answer = await get(`${base}${path}`);
      if (answer.bytes !== undefined || answer.absent) return answer.bytes;
      if (attempt === TRIES || !answer.retry) throw new Failure(EXIT.unavailable, `\`${base}${path}\`: ${answer.why}`);
      await delay(RETRY_MS * 2 ** attempt);
    }
  };
}

type Answer =
  | { readonly bytes: Uint8Array; readonly absent?: false }
  | { readonly bytes?: undefined; readonly absent: true }
  | { readonly bytes?: undefined; readonly absent?: false; readonly why: string; readonly retry: boolean };

async function get(url: string): Promise<Answer> {
  try {
    const headers = { "accept-encoding": "gzip, identity", "user-agent": "holdfast-fsck" };
    const response = await fetch(url, { headers, redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
    if (response.status === 404 || response.status === 410) return { absent: true };
    if (response.status !== 200)
      return { why: `status ${response.status}`, retry: response.status === 429 || response.status >= 500 };
    return { bytes: await bodyOf(response) };
  } catch (error) {
    if (error instanceof Failure) return { why: error.message, retry: false };
    const cause = error instanceof Error ? (error.cause ?? error) : error;
    return { why: cause instanceof Error ? cause.message : String(cause), retry: true };
  }
}

/** The body, decompressed on the way by fetch, up to the limit. */
async function bodyOf(response: Response): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > RESOURCE_BYTES_MAX) throw new Failure(EXIT.badData, `more than ${RESOURCE_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return new Uint8Array(Buffer.concat(chunks));
}

/** `bytes` unpacked when they are gzip (RFC 1952 2.3.1) and not by chance the resource itself. */
function withoutGzip(path: string, bytes: Uint8Array): Uint8Array {
  if (bytes[0] !== 0x1f || bytes[1] !== 0x8b || isResource(path, bytes)) return bytes;
  try {
    return new Uint8Array(gunzipSync(bytes, { maxOutputLength: RESOURCE_BYTES_MAX }));
  } catch {
    return bytes; // not gzip after all: fsck says what is wrong with it
  }
}

function isResource(path: string, bytes: Uint8Array): boolean {
  if (path === "checkpoint") return false; // a note is UTF-8, and 0x8b does not follow 0x1f there
  const { level, width } = parseTilePath(path);
  if (level !== "entries") return bytes.length === width * 32;
  try {
    return parseBundle(bytes).length === width;
  } catch {
    return false;
  }
}
