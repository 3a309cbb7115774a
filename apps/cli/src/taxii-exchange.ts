/** The work of `holdfast taxii …`. The network is touched because the user named a URL, and only that host. */
import { randomUUID } from "node:crypto";
import { readFile, rename, writeFile } from "node:fs/promises";
import { setTimeout as delay } from "node:timers/promises";
import { unwrap } from "@holdfast/kernel";
import {
  type Collection,
  findCollections,
  isStixObject,
  isTimestamp,
  parseDocument,
  pollCollection,
  pushObjects,
  type StixObject,
  type TaxiiReply,
  type TaxiiTransport,
} from "@holdfast/stix";
import { EXIT } from "./exit.ts";
import { Failure, print } from "./failure.ts";
import { readBytes } from "./stix-file.ts";

export interface ServerOptions {
  readonly user?: string;
  readonly token?: string;
}

export interface PollCommandOptions extends ServerOptions {
  readonly collection?: string;
  readonly state?: string;
  readonly type?: string;
  readonly limit?: number;
  readonly output?: string;
}

const REPLY_BYTES_MAX = 400_000_000; // a page that a server sends without limits of its own
const TIMEOUT_MS = 120_000; // of one request
const POST_BYTES = 8_000_000; // of one POST; a server that takes less says so, and gets halves

export async function printCollections(url: string, options: ServerOptions & { json?: true }): Promise<void> {
  const found = await findCollections(transportOf(url, options), url);
  if (options.json) return print(`${JSON.stringify(found, null, 2)}\n`);
  for (const { collection } of found)
    await print(
      `${collection.id}\t${collection.can_read ? "read" : "-"}\t${collection.can_write ? "write" : "-"}\t${collection.title}\n`,
    );
}

export async function poll(url: string, options: PollCommandOptions): Promise<void> {
  const transport = transportOf(url, options);
  const place = await chosen(transport, url, options.collection);
  const addedAfter = options.state === undefined ? undefined : await readState(options.state, place.url);
  const kept: StixObject[] = [];
  let [count, rejected] = [0, 0];
  let reached: string | undefined;
  for await (const page of pollCollection(transport, {
    url: place.url,
    ...(addedAfter === undefined ? {} : { addedAfter }),
    ...(options.limit === undefined ? {} : { limit: options.limit }),
    ...(options.type === undefined ? {} : { types: options.type.split(",") }),
  })) {
    count += page.objects.length;
    rejected += page.rejected;
    reached = page.addedAfter;
    if (options.output !== undefined) kept.push(...page.objects);
    else {
      for (const object of page.objects) await print(`${JSON.stringify(object)}\n`);
      await remember(options.state, place.url, reached);
    }
  }
  if (options.output !== undefined) {
    const bundle = { type: "bundle", id: `bundle--${randomUUID()}`, objects: kept };
    await replaceFile(options.output, `${JSON.stringify(bundle)}\n`);
    await remember(options.state, place.url, reached);
  }
  console.error(
    `${count} objects from \`${place.collection.title}\`${rejected > 0 ? `, ${rejected} members that are no STIX objects left out` : ""}`,
  );
}

export async function push(
  url: string,
  files: readonly string[],
  options: ServerOptions & { collection?: string },
): Promise<void> {
  const transport = transportOf(url, options);
  const objects: StixObject[] = [];
  for (const file of files) objects.push(...objectsOf(unwrap(parseDocument(await readBytes(file))), file));
  const place = await chosen(transport, url, options.collection);
  const { successes, failures } = await pushObjects(transport, { url: place.url, objects, bytesMax: POST_BYTES });
  for (const { id, version, message } of failures) await print(`refused\t${id}\t${version}\t${message ?? ""}\n`);
  await print(`${successes.length} of ${objects.length} objects are in \`${place.collection.title}\`\n`);
  if (failures.length > 0) process.exitCode = EXIT.negative;
}

async function chosen(
  transport: TaxiiTransport,
  url: string,
  name: string | undefined,
): Promise<{ url: string; collection: Collection }> {
  const found = await findCollections(transport, url);
  const fitting = found.filter(
    ({ collection: { id, alias, title } }) => name === undefined || [id, alias, title].includes(name),
  );
  const [only, ...others] = fitting;
  if (only && others.length === 0) return only;
  const known = found.map(({ collection }) => `\n  ${collection.id}  ${collection.title}`).join("");
  throw new Failure(
    EXIT.usage,
    `${only ? "name one of the collections with --collection" : `there is no collection \`${name ?? ""}\``}:${known}`,
  );
}

function objectsOf(document: unknown, file: string): StixObject[] {
  const members: unknown = isStixObject(document) && document.type === "bundle" ? document["objects"] : document;
  const objects = Array.isArray(members) ? members : [members];
  if (!objects.every(isStixObject)) throw new Failure(EXIT.badData, `\`${file}\` has members that are no STIX objects`);
  return objects;
}

function transportOf(url: string, options: ServerOptions): TaxiiTransport {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol))
    throw new Failure(EXIT.usage, `\`${url}\` is not the URL of a TAXII server`);
  const authorization = credentials(options);
  return {
    wait: async (seconds) => {
      await delay(seconds * 1_000);
    },
    send: async ({ method, url: target, headers, body }): Promise<TaxiiReply> => {
      try {
        const response = await fetch(target, {
          method,
          headers: { ...headers, "user-agent": "holdfast-taxii", ...(authorization ? { authorization } : {}) },
          redirect: "error", // credentials go where the user said, and nowhere else
          signal: AbortSignal.timeout(TIMEOUT_MS),
          ...(body === undefined ? {} : { body }),
        });
        return {
          status: response.status,
          header: (name) => response.headers.get(name),
          text: await boundedText(response),
        };
      } catch (error) {
        if (error instanceof Failure) throw error;
        const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error;
        throw new Failure(
          EXIT.unavailable,
          `\`${new URL(target).origin}\` can't be reached: ${cause instanceof Error ? cause.message : String(cause)}`,
          error,
        );
      }
    },
  };
}

async function boundedText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (bytes > REPLY_BYTES_MAX) throw new Failure(EXIT.badData, `an answer is larger than ${REPLY_BYTES_MAX} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function credentials(options: ServerOptions): string | undefined {
  const token = options.token ?? process.env["HOLDFAST_TAXII_TOKEN"];
  const user = options.user ?? process.env["HOLDFAST_TAXII_USER"];
  if (token !== undefined && token !== "") return `Bearer ${token}`;
  return user === undefined || user === "" ? undefined : `Basic ${Buffer.from(user).toString("base64")}`;
}

/** How far polls of each collection got, by its URL. */
async function readState(file: string, url: string): Promise<string | undefined> {
  const states = await readStates(file);
  return states[url];
}

/** Only after what came before that place is kept. */
async function remember(file: string | undefined, url: string, addedAfter: string | undefined): Promise<void> {
  if (file === undefined || addedAfter === undefined) return;
  await replaceFile(file, `${JSON.stringify({ ...(await readStates(file)), [url]: addedAfter }, null, 2)}\n`);
}

async function readStates(file: string): Promise<Readonly<Record<string, string>>> {
  let text: string;
  try {
    text = await readFile(file, "utf8");
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return {};
    throw new Failure(EXIT.noInput, `\`${file}\` can't be read`, error);
  }
  let states: unknown;
  try {
    states = JSON.parse(text);
  } catch {
    states = undefined;
  }
  if (
    typeof states !== "object" ||
    states === null ||
    !Object.values(states).every((time) => typeof time === "string" && isTimestamp(time))
  )
    throw new Failure(EXIT.badData, `\`${file}\` is no state of a poll: remove it to read everything again`);
  return states as Readonly<Record<string, string>>; // checked above
}

/** Either the old file or the new one is there, whatever happens. */
async function replaceFile(file: string, text: string): Promise<void> {
  const draft = `${file}.${process.pid}.part`;
  await writeFile(draft, text, { mode: 0o600 });
  await rename(draft, file);
}
