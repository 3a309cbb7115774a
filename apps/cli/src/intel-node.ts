/** What `holdfast intel` asks of a node. A file's kind is seen in it; an address is asked because the user names it. */
import { type Client, intel, intelDocument, intelTouch } from "@holdfast/api";
import { EXIT } from "./exit.ts";
import { Failure, print } from "./failure.ts";
import { nodeClient } from "./node-client.ts";
import type { NodeOptions } from "./node-command.ts";
import { readBytes } from "./stix-file.ts";

export interface ImportIntelOptions extends NodeOptions {
  readonly source: string;
  readonly json?: true;
}

export interface ListOptions extends NodeOptions {
  readonly list: "today" | "open" | "confirmed" | "all";
  readonly limit: number;
  readonly json?: true;
}

interface Taken {
  readonly file: string;
  readonly kind: "stix" | intelDocument.DocumentKind;
  readonly words: string;
  readonly refused: number;
  readonly answer: unknown;
}

const TIMEOUT_MS = 120_000; // of a whole download

export async function importIntel(files: readonly string[], options: ImportIntelOptions): Promise<void> {
  const client = nodeClient(options);
  const contents = [];
  for (const file of files)
    contents.push({ file, bytes: file.startsWith("https://") ? await fetched(file) : await readBytes(file) });
  const source = await sourceOf(client, options.source);
  const taken: Taken[] = [];
  for (const { file, bytes } of contents) {
    const one = await take(client, source, file, bytes);
    taken.push(one);
    if (!options.json) await print(`${file}: ${one.words}\n`);
  }
  if (options.json)
    await print(
      `${JSON.stringify(
        taken.map(({ file, kind, answer }) => ({ file, kind, answer })),
        null,
        2,
      )}\n`,
    );
  if (taken.some(({ refused }) => refused > 0)) process.exitCode = EXIT.negative;
}

async function sourceOf(client: Client, name: string): Promise<string> {
  const { items } = (await client.call(intel.listSources, {})).body;
  const known = items.find((source) => source.name === name);
  if (known) return known.id;
  const { body } = await client.call(intel.addSource, { body: { name, kind: "file", trustPercent: 50 } });
  return body.id;
}

async function take(client: Client, source: string, file: string, bytes: Uint8Array): Promise<Taken> {
  const content = new Blob([Uint8Array.from(bytes)]);
  if (isDocument(bytes, file)) {
    const { body } = await client.upload(
      intelDocument.importDocument,
      { query: { source } },
      { content, contentType: "application/octet-stream" },
    );
    return {
      file,
      kind: body.kind,
      words: `${body.kind} ${body.name} ${body.version}: ${body.outcome}`,
      refused: 0,
      answer: body,
    };
  }
  const { body } = await client.upload(
    intel.importBundle,
    { query: { source } },
    { content, contentType: "application/stix+json" },
  );
  const refused = body.refused.length + body.refusedMore;
  const reasons = body.refused.map(({ id, message }) => `\n  ${id}: ${message}`).join("");
  return {
    file,
    kind: "stix",
    words: `${body.added} objects taken, ${refused} refused${reasons}`,
    refused,
    answer: body,
  };
}

/** Advisories, catalogues and lists have members that STIX has not. */
function isDocument(bytes: Uint8Array, file: string): boolean {
  let value: unknown;
  try {
    value = JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch (cause) {
    throw new Failure(EXIT.badData, `\`${file}\` is no JSON`, cause);
  }
  return (
    typeof value === "object" && value !== null && ("document" in value || "catalogVersion" in value || "list" in value)
  );
}

async function fetched(url: string): Promise<Uint8Array> {
  try {
    const answer = await fetch(url, {
      redirect: "error",
      credentials: "omit",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (!answer.ok) throw new Failure(EXIT.unavailable, `\`${url}\` answered ${answer.status}`);
    const chunks: Uint8Array[] = [];
    let size = 0;
    for await (const chunk of answer.body ?? []) {
      size += chunk.length;
      if (size > intelDocument.DOCUMENT_BYTES_MAX)
        throw new Failure(EXIT.badData, `\`${url}\` is larger than ${intelDocument.DOCUMENT_BYTES_MAX} bytes`);
      chunks.push(chunk);
    }
    return Buffer.concat(chunks);
  } catch (error) {
    if (error instanceof Failure) throw error;
    throw new Failure(EXIT.unavailable, `\`${url}\` does not answer`, error);
  }
}

export async function listIntel(options: ListOptions): Promise<void> {
  const client = nodeClient(options);
  const { items } = (await client.call(intelTouch.listLeads, { query: { list: options.list, limit: options.limit } }))
    .body;
  if (options.json) return print(`${JSON.stringify(items, null, 2)}\n`);
  for (const { id, label, counts, isKev, top } of items) {
    const state = counts.affected > 0 ? "affected" : counts.look > 0 ? "look" : "settled";
    const what = top ? `${top.object.label}: ${top.rule}` : "";
    await print(
      `${state}\t${counts.affected}+${counts.look}\t${isKev ? "exploited" : ""}\t${plain(label)}\t${plain(what)}\t${id}\n`,
    );
  }
  const { body } = await client.call(intelTouch.getTouchSummary, {});
  console.error(
    `${body.openLeads} open in all, ${body.judgedToday} of ${body.budget} settled today${body.waiting > 0 ? `, ${body.waiting} still to be looked at` : ""}`,
  );
}

/** Text of others, on one line of a terminal. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, " ");
}
