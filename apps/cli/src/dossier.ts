/**
 * `holdfast dossier …`: fetches the dossier of a lot, serial or shipment from a node, and withholds parts of one. It is
 * checked with `holdfast verify`. Exit codes: 0 done, 64 usage, 65 not a dossier, 66 a file cannot be read, 69 the node is
 * away, 77 it refuses.
 */
import type { Command } from "commander";
import type { RedactOptions } from "./dossier-redact.ts";
import { ending } from "./failure.ts";

export function addDossier(program: Command): void {
  const dossier = program.command("dossier").description("put what is known of a lot into one file that proves itself");
  dossier
    .command("redact")
    .description("withhold parts of a dossier, or members of its parts; the rest still verifies")
    .argument("<file>", "the dossier")
    .requiredOption("-o, --output <file>", "where to write the redacted one")
    .option("--withhold <kind>", "every part of this kind (event, finding, credential …), may be repeated", repeated)
    .option("--withhold-part <number>", "one part, counted from 1, may be repeated", repeated)
    .option(
      "--withhold-member <name>",
      "this member of every part; of an event's own members `body/NAME`, such as body/bizTransactionList; may be repeated",
      repeated,
    )
    .action(
      ending(async (file: string, options: RedactOptions) =>
        (await import("./dossier-redact.ts")).redact(file, options),
      ),
    );
}

/** An option that may come several times; unlike a variadic one it never swallows the argument that follows it. */
function repeated(value: string, earlier: readonly string[] = []): readonly string[] {
  return [...earlier, value];
}
