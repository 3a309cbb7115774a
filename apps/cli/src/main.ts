/** The command line: `./holdfast <command>`. One file per verb group; offline work uses packages directly. */
import { Command } from "commander";

const program = new Command("holdfast")
  .description("Secures critical manufacturing and mineral supply chains: know, prove, share, respond")
  .showHelpAfterError("(add --help for the ways to call this)")
  .configureHelp({ sortSubcommands: true });

await program.parseAsync(process.argv);
