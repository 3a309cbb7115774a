/** The command line: `./holdfast <command>`. One file per verb group; offline work uses packages directly. */
import { Command } from "commander";
import { EXIT } from "./exit.ts";

type Group = (program: Command) => void;

const nodeVerbs = async (): Promise<Group> => (await import("./node-verbs.ts")).addNodeVerbs;
const exchange = async (): Promise<Group> => (await import("./import.ts")).addImport;

/** Each verb and the file that knows it: a call loads only what it uses, which halves the time of a short one. */
const VERBS: Readonly<Record<string, () => Promise<Group>>> = {
  backup: nodeVerbs,
  config: nodeVerbs,
  credential: async () => (await import("./credential.ts")).addCredential,
  demo: nodeVerbs,
  doctor: nodeVerbs,
  dossier: async () => (await import("./dossier.ts")).addDossier,
  epcis: async () => (await import("./epcis.ts")).addEpcis,
  export: exchange,
  id: async () => (await import("./id.ts")).addId,
  import: exchange,
  intel: async () => (await import("./intel.ts")).addIntel,
  ledger: async () => (await import("./ledger.ts")).addLedgerCommands,
  restore: nodeVerbs,
  serve: nodeVerbs,
  stix: async () => (await import("./stix.ts")).addStix,
  supply: async () => (await import("./supply.ts")).addSupply,
  taxii: async () => (await import("./taxii.ts")).addTaxii,
  trace: async () => (await import("./trace.ts")).addTrace,
  verify: async () => (await import("./verify.ts")).addVerifyCommand,
  version: nodeVerbs,
};

const program = new Command("holdfast")
  .description("Secures critical manufacturing and mineral supply chains: know, prove, share, respond")
  .enablePositionalOptions() // what follows a verb is the verb's own to read
  .showHelpAfterError("(add --help for the ways to call this)")
  .exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? EXIT.ok : EXIT.usage))
  .configureHelp({ sortSubcommands: true });

const [verb = ""] = process.argv.slice(2);
const wanted = Object.hasOwn(VERBS, verb) ? [VERBS[verb]] : Object.values(VERBS); // help and a mistyped verb need them all
const groups = new Set(await Promise.all(wanted.map((load) => load?.())));
for (const add of groups) add?.(program);

await program.parseAsync(process.argv);
