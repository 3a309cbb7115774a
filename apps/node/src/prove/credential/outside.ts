/**
 * What this node asks of others about credentials: DID documents and status lists, by https, of hosts that the operator
 * allowed and of no others; no redirect is followed, and size and time are bounded. Everything else is `not checked`.
 */
import {
  type DidResolution,
  didWebUrl,
  CredentialProblem,
  parseJsonObject,
  type StatusAnswer,
} from "@holdfast/credential";
import type { Ports } from "../../platform/ports.ts";
import type { Database } from "../../platform/database.ts";
import { keepDidDocument, readDidDocument } from "./store.ts";

/** Gets one https address, or throws. A test gives another than `fetch`. */
export type Get = (url: string, options: { readonly signal: AbortSignal }) => Promise<Response>;

export const plainGet: Get = (url, { signal }) =>
  fetch(url, {
    signal,
    redirect: "error",
    credentials: "omit",
    headers: { accept: "application/json, application/vc+jwt, */*;q=0.1" },
  });

const WAIT_MS_MAX = 10_000; // for the whole answer
const DID_DOCUMENT_BYTES_MAX = 1_000_000;
const STATUS_LIST_BYTES_MAX = 8_000_000; // what verifyCredential reads at most
const FRESH_MS = 24 * 3_600_000; // a DID document is asked for again after this

export class Outside {
  readonly #database: Database;
  readonly #ports: Ports;
  readonly #get: Get;
  readonly hosts: readonly string[];

  constructor(parts: { database: Database; ports: Ports; hosts: string | undefined; get?: Get | undefined }) {
    this.#database = parts.database;
    this.#ports = parts.ports;
    this.#get = parts.get ?? plainGet;
    this.hosts = (parts.hosts ?? "")
      .split(",")
      .map((host) => host.trim().toLowerCase())
      .filter((host) => host !== "");
  }

  /** The document of a did:web: one that was seen within a day, or fetched when `ask` and the host is allowed. */
  async resolveDid(did: string, ask: boolean): Promise<DidResolution> {
    let url: string;
    try {
      url = didWebUrl(did);
    } catch (error) {
      if (!(error instanceof CredentialProblem)) throw error;
      const method = /^did:([a-z0-9]+):/.exec(did)?.[1];
      if (method !== undefined && method !== "web")
        return { state: "not-checked", reason: `the method did:${method} is not resolved` };
      return { state: "failed", reason: error.message };
    }
    const now = this.#ports.clock.now();
    const known = await readDidDocument(this.#database.pool, did);
    if (known && now.getTime() - known.lastSeenAt.getTime() < FRESH_MS) return documentIn(known.document);
    const answer = await this.#fetch(url, { ask, sizeBytesMax: DID_DOCUMENT_BYTES_MAX });
    if (answer.state !== "found") return answer;
    const resolution = documentIn(answer.text);
    if (resolution.state === "found") await keepDidDocument(this.#database.pool, did, answer.text, now);
    return resolution;
  }

  fetchStatus(url: string, ask: boolean): Promise<StatusAnswer> {
    return this.#fetch(url, { ask, sizeBytesMax: STATUS_LIST_BYTES_MAX });
  }

  async #fetch(url: string, wish: { ask: boolean; sizeBytesMax: number }): Promise<StatusAnswer> {
    const host = hostOf(url);
    if (host === undefined) return { state: "not-checked", reason: "its address is not https" };
    if (!this.hosts.includes(host))
      return { state: "not-checked", reason: `the host \`${host}\` is not among those that may be asked` };
    if (!wish.ask) return { state: "not-checked", reason: `\`${host}\` was not asked yet` };
    try {
      const response = await this.#get(url, { signal: AbortSignal.timeout(WAIT_MS_MAX) });
      if (!response.ok) return { state: "not-checked", reason: `\`${host}\` answered ${response.status}` };
      return { state: "found", text: await bounded(response, wish.sizeBytesMax) };
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      return { state: "not-checked", reason: `\`${host}\` did not answer: ${why.slice(0, 200)}` };
    }
  }
}

/** `host` or `host:port` of an https address without a user. */
function hostOf(url: string): string | undefined {
  if (!URL.canParse(url)) return undefined;
  const { protocol, host, username, password } = new URL(url);
  return protocol === "https:" && username === "" && password === "" ? host : undefined;
}

function documentIn(text: string): DidResolution {
  try {
    return { state: "found", document: parseJsonObject(text) };
  } catch (error) {
    if (!(error instanceof CredentialProblem)) throw error;
    return { state: "failed", reason: `its DID document: ${error.message}` };
  }
}

async function bounded(response: Response, sizeBytesMax: number): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > sizeBytesMax) throw new Error(`the answer exceeds ${sizeBytesMax} bytes`);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}
