/** The command line: `./holdfast <command>`. One file per verb group; offline work uses packages directly. */
import { Command } from "commander";
import { EXIT } from "./exit.ts";
import { addEpcis } from "./epcis.ts";
import { addId } from "./id.ts";
import { addImport } from "./import.ts";
import { addLedgerCommands } from "./ledger.ts";
import { addNodeVerbs } from "./node-verbs.ts";
import { addStix } from "./stix.ts";
import { addSupply } from "./supply.ts";
import { addTrace } from "./trace.ts";
import { addVerifyCommand } from "./verify.ts";

const program = new Command("holdfast")
  .description("Secures critical manufacturing and mineral supply chains: know, prove, share, respond")
  .showHelpAfterError("(add --help for the ways to call this)")
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? EXIT.ok : EXIT.usage))
  .configureHelp({ sortSubcommands: true });

addEpcis(program);
addId(program);
addImport(program);
addLedgerCommands(program);
addNodeVerbs(program);
addStix(program);
addSupply(program);
addTrace(program);
addVerifyCommand(program);

await program.parseAsync(process.argv);
