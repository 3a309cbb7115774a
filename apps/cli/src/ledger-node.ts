/**
 * What `holdfast ledger prove` and `holdfast ledger witness` ask of a running node, with an API token. The proof file is
 * checked for form before it is written, and is then for anyone to verify offline.
 */
import { writeFileSync } from "node:fs";
import { ledger as contract } from "@holdfast/api";
import { parseTlogProof, witnessedCheckpointPath } from "@holdfast/tlog";
import { EXIT } from "./exit.ts";
import { Failure, print } from "./failure.ts";

const TIMEOUT_MS = 30_000; // for one answer
const ANSWER_BYTES_MAX = 4_000_000; // the largest proof file with room to spare

export interface NodeOptions {
  readonly url: string;
  readonly token?: string;
}

/** Fetches the proof file of statement `id`. @throws Failure when the node has none, or can't be reached */
export async function fetchProof(id: string, options: NodeOptions & { readonly output: string }): Promise<void> {
  if (!/^[0-9a-f]{64}$/.test(id)) throw new Failure(EXIT.usage, "a statement's id is 64 hex digits in lower case");
  const bytes = await ask(options, contract.downloadProof.path.replace(":id", id));
  const proof = parseTlogProof(bytes);
  if (!proof.ok) throw new Failure(EXIT.badData, `the node's answer is no proof file: ${proof.problem.message}`);
  writeFileSync(options.output, bytes);
  await print(`${options.output}: index ${proof.value.index}, ${proof.value.path.length} hashes\n`);
}

/** Prints the checkpoint that a witness at `options.url` cosigned last for `origin`. */
export async function fetchWitnessed(origin: string, options: NodeOptions): Promise<void> {
  await print(Buffer.from(await ask(options, `/witness/${witnessedCheckpointPath(origin)}`)).toString("utf8"));
}

async function ask({ url, token }: NodeOptions, path: string): Promise<Uint8Array> {
  if (!URL.canParse(url)) throw new Failure(EXIT.usage, `\`${url}\` is not a URL`);
  const place = `${url.replace(/\/+$/, "")}${path}`;
  let answer: Response;
  let bytes: Uint8Array;
  try {
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    answer = await fetch(place, { headers, redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
    bytes = new Uint8Array(await answer.arrayBuffer());
  } catch (error) {
    throw new Failure(EXIT.unavailable, `\`${place}\` does not answer`, error);
  }
  if (bytes.length > ANSWER_BYTES_MAX) throw new Failure(EXIT.badData, `more than ${ANSWER_BYTES_MAX} bytes`);
  if (answer.status === 200) return bytes;
  const exit = answer.status >= 500 || answer.status === 429 ? EXIT.unavailable : EXIT.negative;
  throw new Failure(exit, `\`${place}\`: status ${answer.status}: ${reasonOf(bytes)}`);
}

/** The detail of problem details, RFC 9457, or the first characters of another body. */
function reasonOf(bytes: Uint8Array): string {
  const text = Buffer.from(bytes.subarray(0, 2_000)).toString("utf8");
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed === "object" && parsed !== null && "detail" in parsed) return String(parsed.detail);
  } catch {
    // not JSON, so it is shown as it is
  }
  return text.slice(0, 200).replace(/\p{Cc}/gu, " ");
}
