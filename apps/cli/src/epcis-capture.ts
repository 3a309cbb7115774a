/** Captures EPCIS documents at a node through the standard's own interface, and shows how far each is. */
import { openAsBlob } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Problem } from "@holdfast/kernel";
import { SingleBar } from "cli-progress";
import { EXIT } from "./exit.ts";
import { Failure, print } from "./failure.ts";
import { nodeAccess } from "./node-client.ts";
import type { NodeOptions } from "./node-command.ts";

export interface CaptureOptions extends NodeOptions {
  readonly node?: string;
  readonly proceed?: boolean;
  readonly json?: boolean;
}

/** A capture job, EPCIS 2.0 12.4, with this node's counts. */
interface Job {
  readonly captureID: string;
  readonly running: boolean;
  readonly success: boolean;
  readonly errors: readonly { readonly detail: string }[];
  readonly eventsRead: number;
  readonly eventsStored: number;
  readonly eventsAlreadyStored: number;
  readonly errorCount: number;
}

type Access = ReturnType<typeof nodeAccess>;

const POLL_MILLISECONDS = 300;
const ERRORS_SHOWN = 20; // a screen; --json has what the node kept
const HEAD_BYTES = 64; // enough to see whether a document is XML

/** @throws Failure for a file that can't be read, Problem of the node */
export async function captureFiles(files: readonly string[], options: CaptureOptions): Promise<void> {
  const access = nodeAccess({ ...options, ...(options.node === undefined ? {} : { url: options.node }) });
  const jobs: (Job & { readonly file: string })[] = [];
  for (const file of files) {
    const job = { file, ...(await ended(access, await sent(access, file, options), options)) };
    jobs.push(job);
    if (!job.success) process.exitCode = EXIT.negative;
    if (!options.json) await print(described(job));
  }
  if (options.json) await print(`${JSON.stringify(jobs, null, 2)}\n`);
}

/** @returns where the job is */
async function sent(access: Access, file: string, { proceed }: CaptureOptions): Promise<string> {
  let body: Blob;
  let head: string;
  try {
    body = await openAsBlob(file);
    head = await body.slice(0, HEAD_BYTES).text();
  } catch (cause) {
    throw new Failure(
      EXIT.noInput,
      `\`${file}\` can't be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    );
  }
  const isXml = head
    .replace(/^\ufeff/, "")
    .trimStart()
    .startsWith("<");
  const response = await ask(access, "/epcis/capture", {
    method: "POST",
    body,
    headers: {
      "content-type": isXml ? "application/xml" : "application/json",
      "gs1-capture-error-behaviour": proceed ? "proceed" : "rollback",
    },
  });
  const location = response.headers.get("location");
  if (location === null) throw new Problem("client/unexpected-answer", "the node did not say where the capture is");
  return new URL(location, access.origin).pathname;
}

async function ended(access: Access, path: string, { json }: CaptureOptions): Promise<Job> {
  const bar = new SingleBar({
    format: "capturing | {value} events | {duration_formatted}",
    clearOnComplete: true,
    stream: process.stderr,
  });
  const isShown = !json && process.stderr.isTTY;
  if (isShown) bar.start(0, 0);
  try {
    for (;;) {
      const job = (await (await ask(access, path, {})).json()) as Job; // the node's own form of a capture job
      if (isShown) bar.update(job.eventsRead);
      if (!job.running) return job;
      await sleep(POLL_MILLISECONDS);
    }
  } finally {
    bar.stop();
  }
}

async function ask({ origin, authorization }: Access, path: string, init: RequestInit): Promise<Response> {
  let response: Response;
  try {
    response = await fetch(origin + path, {
      ...init,
      headers: { accept: "application/json", ...init.headers, authorization },
    });
  } catch (cause) {
    throw new Problem("client/unreachable", "the node did not answer", { cause });
  }
  if (response.ok) return response;
  const problem: unknown = await response.json().catch(() => undefined);
  const { code, detail } = (typeof problem === "object" && problem !== null ? problem : {}) as {
    code?: string;
    detail?: string;
  }; // problem details, RFC 9457
  throw new Problem(code ?? "client/unexpected-answer", detail ?? `the node answered ${response.status}`);
}

function described(job: Job & { readonly file: string }): string {
  const { file, success, eventsStored, eventsAlreadyStored, errorCount } = job;
  const known = eventsAlreadyStored > 0 ? `, ${eventsAlreadyStored} were stored before` : "";
  const faults = errorCount > 0 ? `, ${errorCount} errors` : "";
  const lines = [`${success ? "captured" : "refused"}\t${file}\t${eventsStored} events stored${known}${faults}`];
  for (const { detail } of job.errors.slice(0, ERRORS_SHOWN)) lines.push(`  ${detail}`);
  return `${lines.join("\n")}\n`;
}
