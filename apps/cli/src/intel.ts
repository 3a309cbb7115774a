/**
 * `holdfast intel …`: intelligence into a node, and what of it touches us. Exit codes: 0 taken (or listed), 1 something was
 * refused, 64 usage, 65 the file is no intelligence, 66 no such file, 69 the node or the address is away, 77 the node refuses.
 */
import { type Command, InvalidArgumentError, Option } from "commander";
import type { ImportIntelOptions, ListOptions } from "./intel-node.ts";
import { addIntelShare } from "./intel-share.ts";
import { endingAtNode, withNode } from "./node-command.ts";

export function addIntel(program: Command): void {
  const intel = program.command("intel").description("bring intelligence into a node, and list what of it touches us");
  const bring = intel
    .command("import")
    .description("take in a STIX bundle, a CSAF advisory, a KEV catalogue or a warninglist; what it is, is seen in it")
    .argument("<files...>", "files, `-` for stdin, or https addresses, which are asked because you name them")
    .option(
      "--source <name>",
      "the channel that it came by; made with caution if the node has none of that name",
      "Command line",
    )
    .option("--json", "print the result as JSON");
  withNode(bring).action(
    endingAtNode(async (files: readonly string[], options: ImportIntelOptions) =>
      (await import("./intel-node.ts")).importIntel(files, options),
    ),
  );
  const list = intel
    .command("list")
    .description("list what touches us, the weightiest first")
    .addOption(
      new Option("--list <which>", "the day's list, or all of it")
        .choices(["today", "open", "confirmed", "all"])
        .default("today"),
    )
    .option("--limit <count>", "at most so many", count, 100)
    .option("--json", "print JSON");
  withNode(list).action(
    endingAtNode(async (options: ListOptions) => (await import("./intel-node.ts")).listIntel(options)),
  );
  addIntelShare(intel);
}

function count(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text) || Number(text) > 1_000)
    throw new InvalidArgumentError("a whole number from 1 to 1000");
  return Number(text);
}
