/** What `holdfast dossier ID` asks of a running node. What comes is opened before it is written, so a broken one is not kept. */
import { writeFileSync } from "node:fs";
import { dossier as contract } from "@holdfast/api";
import { MAX_DOSSIER_BYTES, openDossier } from "@holdfast/credential";
import { Problem } from "@holdfast/kernel";
import { EXIT } from "./exit.ts";
import { Failure, print } from "./failure.ts";
import { nodeClient } from "./node-client.ts";
import type { NodeOptions } from "./node-command.ts";

export interface FetchOptions extends NodeOptions {
  readonly output: string;
  readonly direction: "back" | "forward" | "both";
}

/** @throws Failure when the node knows no such thing, Problem of the node */
export async function fetchDossier(id: string, options: FetchOptions): Promise<void> {
  const { output, direction } = options;
  const bytes = await answerOf(nodeClient(options).download(contract.downloadDossier, { query: { id, direction } }));
  const { parts, seal } = openDossier(bytes);
  writeFileSync(output, bytes);
  await print(`${output}: ${parts.length} parts about ${seal.subject}, sealed ${seal.madeAt}\n`);
}

async function answerOf(asked: Promise<Response>): Promise<Uint8Array> {
  try {
    const bytes = new Uint8Array(await (await asked).arrayBuffer());
    if (bytes.length > MAX_DOSSIER_BYTES)
      throw new Failure(EXIT.badData, `the node's answer is larger than ${MAX_DOSSIER_BYTES} bytes`);
    return bytes;
  } catch (error) {
    if (error instanceof Problem && error.code === "dossier/unknown-thing")
      throw new Failure(EXIT.negative, error.message, error);
    throw error;
  }
}
