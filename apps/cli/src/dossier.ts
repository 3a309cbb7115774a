/**
 * `holdfast dossier …`: fetches the dossier of a lot, serial or shipment from a node, and withholds parts of one. It is
 * checked with `holdfast verify`. Exit codes: 0 done, 1 the node has no event about it, 64 usage, 65 not a dossier, 66 a
 * file cannot be read, 69 the node is away, 77 it refuses.
 */
import { type Command, Option } from "commander";
import type { FetchOptions } from "./dossier-fetch.ts";
import type { RedactOptions } from "./dossier-redact.ts";
import { EXIT } from "./exit.ts";
import { ending, Failure } from "./failure.ts";
import { endingAtNode, withNode } from "./node-command.ts";

export function addDossier(program: Command): void {
  const dossier = withNode(
    program
      .command("dossier")
      .description("put what a node knows of a lot, serial or shipment into one file that proves itself")
      .argument("[id]", "EPC URN, Digital Link or any other identifier in the events")
      .option("-o, --output <file>", "where to write the dossier")
      .addOption(
        new Option("--direction <direction>", "its origins, what became of it, or both")
          .choices(["back", "forward", "both"])
          .default("back"),
      ),
  ).action(
    endingAtNode(async (id: string | undefined, options: Partial<FetchOptions> & Pick<FetchOptions, "direction">) => {
      const { output } = options;
      if (id === undefined || output === undefined)
        throw new Failure(EXIT.usage, "it is `holdfast dossier ID -o FILE`");
      // loaded when it is used, so that no other command waits for the cryptography
      return (await import("./dossier-fetch.ts")).fetchDossier(id, { ...options, output });
    }),
  );
  dossier.enablePositionalOptions(); // `-o` after `redact` is that command's own
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
