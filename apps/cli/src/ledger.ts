/**
 * `holdfast ledger …`: what anyone can check of a transparency log without asking its keeper. Exit codes: 0 sound or
 * proven, 1 not, 64 usage, 65 malformed, 66 no such file, 69 the server can't be reached.
 */
import type { Command } from "commander";
import { ending } from "./failure.ts";
import type { CheckpointOptions, FsckCommandOptions } from "./ledger-check.ts";

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
}

/** An option that may come several times; unlike a variadic one it never swallows the argument that follows it. */
function repeated(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}
