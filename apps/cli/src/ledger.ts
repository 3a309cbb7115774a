/**
 * `holdfast ledger …`: what anyone can check of a transparency log without asking its keeper. Exit codes: 0 sound or
 * proven, 1 not, 64 usage, 65 malformed, 66 no such file, 69 the server can't be reached.
 */
import type { Command } from "commander";
import { ending } from "./failure.ts";
import type { CheckpointOptions, FsckCommandOptions } from "./ledger-check.ts";
import type { NodeOptions } from "./ledger-node.ts";

export function addLedgerCommands(program: Command): void {
  const ledger = program.command("ledger").description("check a transparency log, whoever keeps it");
  ledger
    .command("fsck")
    .description("recompute a whole log from its entries, and name every difference")
    .argument("<place>", "the log's folder, or its URL prefix")
    .option(
      "--vkey <vkey>",
      "the log's verifier key, may be repeated; without one its signature is not checked",
      repeated,
    )
    .option("--json", "as JSON")
    .action(
      // loaded when it is used, so that no other command waits for the cryptography
      ending(async (place: string, options: FsckCommandOptions) =>
        (await import("./ledger-check.ts")).checkLog(place, options),
      ),
    );
  const checkpoint = ledger.command("checkpoint").description("one checkpoint by itself");
  checkpoint
    .command("verify")
    .description("check who signed a checkpoint")
    .argument("<file>", "the checkpoint, a signed note")
    .requiredOption("--vkey <vkey>", "verifier key of one who should have signed it, may be repeated", repeated)
    .option("--json", "as JSON")
    .action(
      ending(async (file: string, options: CheckpointOptions) =>
        (await import("./ledger-check.ts")).verifyCheckpoint(file, options),
      ),
    );
  ledger
    .command("prove")
    .description("fetch a statement's proof file from a node, to be checked with `verify`")
    .argument("<id>", "the statement's id, 64 hex digits")
    .requiredOption("-o, --output <file>", "where to write the .tlog-proof")
    .requiredOption("--url <url>", "the node's address")
    .option("--token <token>", "an API token with the scope ledger:read; HOLDFAST_TOKEN otherwise")
    .action(
      ending(async (id: string, options: NodeOptions & { output: string }) =>
        (await import("./ledger-node.ts")).fetchProof(id, withToken(options)),
      ),
    );
  ledger
    .command("witness")
    .description("print the checkpoint that a witness cosigned last for a log")
    .argument("<origin>", "the log's origin")
    .requiredOption("--url <url>", "the witness's address")
    .action(
      ending(async (origin: string, options: NodeOptions) =>
        (await import("./ledger-node.ts")).fetchWitnessed(origin, options),
      ),
    );
}

/** The environment keeps a token out of the list of processes. */
function withToken<Options extends NodeOptions>(options: Options): Options {
  const token = options.token ?? process.env["HOLDFAST_TOKEN"];
  return token === undefined ? options : { ...options, token };
}

/** An option that may come several times; unlike a variadic one it never swallows the argument that follows it. */
function repeated(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}
