/** The verbs that run or tend a node. They are apps/node's own program: this process becomes it, so signals reach it. */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import type { Command } from "commander";

const PROGRAM = fileURLToPath(new URL("../../node/src/main.ts", import.meta.url));
const MANIFEST = new URL("../../../package.json", import.meta.url);

/**
 * Left alone, the young generation grows to 134 MB under load and stays, and the old one to four times what lives in it
 * before it is collected: 255 MB for the 65 MB of an import. With these an import of 100,000 rows adds no more to the
 * resident set than one of 10,000 does, for a tenth of the processor's time.
 */
export const NODE_FLAGS: readonly string[] = ["--max-semi-space-size=4", "--heap-growing-percent=60"];

export function addNodeVerbs(program: Command): void {
  for (const [name, description] of [
    ["serve", "run a node on your own data"],
    ["demo", "run a node with the labelled demo world"],
  ] as const) {
    program
      .command(name)
      .description(description)
      .option("--port <n>", "TCP port; 0 picks a free one and prints it (HOLDFAST_PORT)")
      .option("--host <address>", "address to listen on (HOLDFAST_HOST)")
      .option("--home <dir>", "the folder that the node lives in (HOLDFAST_HOME)")
      .action((options: Record<string, string>) => become(name, options));
  }
  program
    .command("config")
    .description("print the configuration in force, and where each value comes from")
    .option("--home <dir>", "the folder that the node lives in (HOLDFAST_HOME)")
    .option("--json", "as JSON")
    .action((options: Record<string, string | boolean>) => become("config", options));
  program
    .command("doctor")
    .description("say what is wrong with an installation and how to mend it")
    .option("--home <dir>", "the folder that the node lives in (HOLDFAST_HOME)")
    .option("--json", "as JSON")
    .action((options: Record<string, string | boolean>) => become("doctor", options));
  program
    .command("set-up-link")
    .description("print a one-time link that makes its taker an admin, for a node that lost its last one")
    .option("--home <dir>", "the folder that the node lives in (HOLDFAST_HOME)")
    .option("--port <n>", "the port that the node listens on (HOLDFAST_PORT)")
    .option("--json", "as JSON")
    .action((options: Record<string, string | boolean>) => become("set-up-link", options));
  program
    .command("backup")
    .description("write the whole database to a file, beside a running node or without one")
    .argument("<file>", "where to write it")
    .option("--home <dir>", "the folder that the node lives in (HOLDFAST_HOME)")
    .action((file: string, options: Record<string, string>) => become("backup", options, [file]));
  program
    .command("restore")
    .description("load a backup; a damaged file is refused before anything changes")
    .argument("<file>", "a file that backup wrote")
    .option("--home <dir>", "the folder that the node lives in (HOLDFAST_HOME)")
    .option("--replace", "lose what the database holds now")
    .action((file: string, options: Record<string, string | boolean>) => become("restore", options, [file]));
  program
    .command("version")
    .description("print the version")
    .action(() => console.log(String((JSON.parse(readFileSync(MANIFEST, "utf8")) as { version: string }).version)));
}

/** Replaces this process with the node's program. */
function become(
  verb: string,
  options: Readonly<Record<string, string | boolean>>,
  words: readonly string[] = [],
): never {
  const flags = Object.entries(options).flatMap(([name, value]) =>
    value === true ? [`--${name}`] : value === false ? [] : [`--${name}`, value],
  );
  // oxlint-disable-next-line typescript/no-non-null-assertion -- execve exists on every platform that the launcher supports
  return process.execve!(
    process.execPath,
    [process.execPath, "--disable-warning=ExperimentalWarning", ...NODE_FLAGS, PROGRAM, verb, ...flags, ...words],
    process.env as Record<string, string>,
  ); // the environment has no undefined values
}
