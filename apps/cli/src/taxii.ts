/**
 * `holdfast taxii …`: reads and writes the collections of any TAXII 2.1 server. Exit codes: 0 done, 1 the server refused
 * some objects, 64 usage, 65 no TAXII or no STIX, 66 a file can't be read, 69 the server can't be reached.
 */
import { type Command, InvalidArgumentError } from "commander";
import { ending } from "./failure.ts";
import type { PollCommandOptions, ServerOptions } from "./taxii-exchange.ts";

export function addTaxii(program: Command): void {
  const taxii = program.command("taxii").description("exchange with a TAXII 2.1 server");
  withServer(taxii.command("collections").description("print every collection: id, read, write, title"))
    .option("--json", "as JSON")
    .action(
      ending(async (url: string, options: ServerOptions & { json?: true }) =>
        (await import("./taxii-exchange.ts")).printCollections(url, options),
      ),
    );
  withServer(
    taxii
      .command("poll")
      .description("print every new object, one JSON a line; with --state, those since the last time"),
  )
    .option("--collection <id>", "its id, alias or title; needed where the URL leads to several")
    .option("--state <file>", "where to remember how far the poll got; written after each page was printed")
    .option("--type <types>", "only these types, divided by commas")
    .option("--limit <n>", "objects of one page", positive)
    .option("--output <file>", "write a STIX bundle there instead")
    .action(
      ending(async (url: string, options: PollCommandOptions) =>
        (await import("./taxii-exchange.ts")).poll(url, options),
      ),
    );
  withServer(taxii.command("push").description("send the objects of STIX files to a collection"))
    .argument("<files...>", "bundles, lists or objects")
    .option("--collection <id>", "its id, alias or title; needed where the URL leads to several")
    .action(
      ending(async (url: string, files: string[], options: ServerOptions & { collection?: string }) =>
        (await import("./taxii-exchange.ts")).push(url, files, options),
      ),
    );
}

function withServer(command: Command): Command {
  return command
    .argument("<url>", "the server's discovery URL, an API root or a collection")
    .option("--user <name:password>", "HTTP Basic credentials (HOLDFAST_TAXII_USER)")
    .option("--token <token>", "a Bearer token, such as a Holdfast API token (HOLDFAST_TAXII_TOKEN)");
}

function positive(text: string): number {
  const number = Number(text);
  if (!Number.isSafeInteger(number) || number < 1) throw new InvalidArgumentError("a positive whole number");
  return number;
}
