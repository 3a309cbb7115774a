/** Streams a node's registry into files. A file is whole or it is not there: it is written beside its place and moved. */
import { createWriteStream, mkdirSync, renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { type Client, exchange, registry } from "@holdfast/api";
import { EXIT } from "./exit.ts";
import { Failure } from "./failure.ts";
import { nodeClient } from "./node-client.ts";
import type { NodeOptions } from "./node-command.ts";

export interface ExportOptions extends NodeOptions {
  readonly format: "json" | "geojson" | "csv";
  readonly table?: exchange.TableName;
  readonly output: string;
  readonly asOf?: string;
}

/** @throws Problem of the node, Failure when a file can't be written */
export async function exportRegistry(options: ExportOptions): Promise<void> {
  const client = nodeClient(options);
  const query = options.asOf === undefined ? {} : { asOf: options.asOf };
  if (options.format === "json") return save(await client.download(registry.exportJson, { query }), options.output);
  if (options.format === "geojson")
    return save(await client.download(registry.sitesGeoJson, { query }), options.output);
  if (options.table !== undefined) return save(await tableOf(client, options.table, query), options.output);
  if (options.output === "-")
    throw new Failure(EXIT.usage, "all tables need a folder: name one with -o, or one table with --table");
  mkdirSync(options.output, { recursive: true });
  for (const table of exchange.TABLES)
    await save(await tableOf(client, table, query), join(options.output, `${table}.csv`));
}

function tableOf(client: Client, table: exchange.TableName, query: { asOf?: string }): Promise<Response> {
  return client.download(exchange.exportTable, { params: { table }, query });
}

async function save(response: Response, output: string): Promise<void> {
  const content = Readable.from(response.body ?? []);
  if (output === "-") return pipeline(content, process.stdout, { end: false });
  const beside = `${output}.part`;
  try {
    await pipeline(content, createWriteStream(beside));
    renameSync(beside, output);
  } catch (cause) {
    rmSync(beside, { force: true });
    throw new Failure(
      EXIT.unavailable,
      `\`${output}\` was not written: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    );
  }
  console.error(output);
}
