/**
 * `holdfast epcis …`: validate, hash and convert EPCIS files without a server, and capture them at a node. Exit codes: 0
 * done, 1 a file is invalid or an identifier stayed untranslated, 64 usage, 65 not EPCIS, 66 a file cannot be read, 69 the
 * node is away, 77 it refuses.
 */
import { type Command, Option } from "commander";
import {
  eventHash,
  firstOf,
  idsOf,
  ignoredFields,
  type IdForm,
  isObject,
  type Issue,
  parseUrn,
  prefixLengths,
  type PrefixLengths,
  type ReadEvent,
  validateEvent,
  validateShell,
} from "@holdfast/epcis";
import { Problem } from "@holdfast/kernel";
import { readEpcisFile } from "./epcis-file.ts";
import { captureFiles } from "./epcis-capture.ts";
import { documentWriter } from "./epcis-writer.ts";
import { endingAtNode, withNode } from "./node-command.ts";
import { EXIT } from "./exit.ts";
import { ending, Failure, print } from "./failure.ts";
import { readPrefixTable } from "./id.ts";

export function addEpcis(program: Command): void {
  const epcis = program.command("epcis").description("validate, hash, convert and capture EPCIS 1.x and 2.0 files");
  epcis
    .command("validate")
    .description("print `valid` or `invalid`, a tab and the path, one line for each file")
    .argument("<files...>", "EPCIS documents, JSON or XML; `-` is stdin")
    .option("--explain", "below each line: where, which rule and why, warnings among them")
    .action(ending(validate));
  epcis
    .command("hash")
    .description("print the CBV 2.0 event hash of every event, one a line, in document order")
    .argument("<file>", "EPCIS document, JSON or XML; `-` is stdin")
    .action(ending(hash));
  epcis
    .command("convert")
    .description("write the document in the other binding or with the other form of identifiers to stdout")
    .argument("<file>", "EPCIS document, JSON or XML")
    .addOption(
      new Option("--to <binding>", "binding to write; without it the one that came in").choices(["json", "xml"]),
    )
    .addOption(
      new Option("--ids <form>", "form of GS1 identifiers; without it they stay").choices(["urn", "digital-link"]),
    )
    .option("--prefix-table <file>", "lengths of GS1 company prefixes: GS1's JSON list, or lines `prefix,length`")
    .action(ending(convert));
  withNode(
    epcis
      .command("capture")
      .description("send documents to a node's EPCIS capture interface and wait for the end")
      .argument("<files...>", "EPCIS documents, JSON or XML, any version")
      .option("--node <url>", "the same as --url")
      .option("--proceed", "store the good events of a document that has faulty ones")
      .option("--json", "print the capture jobs as JSON"),
  ).action(endingAtNode(captureFiles));
}

async function validate(files: readonly string[], { explain }: { explain?: true }): Promise<void> {
  let exit: number = EXIT.ok;
  for (const file of files) {
    try {
      const issues = await issuesOf(file);
      const isValid = !issues.some(({ layer }) => layer === "schema");
      if (!isValid && exit === EXIT.ok) exit = EXIT.negative;
      await print(`${isValid ? "valid" : "invalid"}\t${file}\n`);
      if (explain) for (const issue of issues) await print(`  ${explained(issue)}\n`);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      console.error(`holdfast: ${error.message}`);
      exit = error.exit;
    }
  }
  process.exitCode = exit;
}

function explained({ path, layer, rule, reason }: Issue): string {
  const weight = layer === "schema" ? "error" : "warning";
  return `${weight} at ${path === "" ? "the document" : path}: ${reason} (${layer}/${rule})`;
}

const ISSUES_SHOWN = 10_000; // bounds the memory of a report over millions of events

/** Everything that is wrong with a file; content that cannot be read at all is one finding of the schema layer. */
async function issuesOf(file: string): Promise<Issue[]> {
  const issues: Issue[] = [];
  try {
    let isInvalid = false;
    const shell = await readEpcisFile(file, (event) => {
      const verdict = validateEvent(event);
      isInvalid ||= !verdict.isValid;
      if (issues.length < ISSUES_SHOWN) issues.push(...verdict.issues);
    });
    issues.unshift(...validateShell(shell).issues);
    if (isInvalid && !issues.some(({ layer }) => layer === "schema"))
      issues.push({
        path: "",
        layer: "schema",
        rule: "more",
        reason: `more than ${ISSUES_SHOWN} findings, errors among them`,
      });
  } catch (error) {
    if (!(error instanceof Problem)) throw error;
    issues.unshift({ path: "", layer: "schema", rule: error.code, reason: error.message });
  }
  return issues;
}

async function hash(file: string): Promise<void> {
  const hashes: string[] = [];
  const hashAll = (ignore: ReadonlySet<string>) => (event: ReadEvent) => {
    if (!isObject(event.value)) throw new Failure(EXIT.badData, `event ${event.index} is no object`);
    hashes.push(eventHash(event.value, event.namespaces, { ignore }));
  };
  const shell = await readEpcisFile(file, hashAll(new Set()));
  const ignore = ignoredFields(shell.value, shell.namespaces);
  if (ignore.size > 0) {
    if (file === "-")
      throw new Failure(EXIT.usage, "the document names `ignoreFields`: give it as a file, it is read twice");
    hashes.length = 0; // the document keeps fields out of the hash, and says so only around its events
    await readEpcisFile(file, hashAll(ignore));
  }
  for (const line of hashes) await print(`${line}\n`);
}

interface ConvertOptions {
  readonly to?: "json" | "xml";
  readonly ids?: IdForm;
  readonly prefixTable?: string;
}

/** Two passes: the first sees the contexts and the prefix lengths that URNs show, the second writes event by event. */
async function convert(file: string, { to, ids, prefixTable }: ConvertOptions): Promise<void> {
  if (file === "-") throw new Failure(EXIT.usage, "convert reads its file twice and cannot take stdin");
  const table = prefixTable === undefined ? [] : [await readPrefixTable(prefixTable)];
  const shown = new Map<string, number>();
  let first: ReadEvent | undefined;
  const shell = await readEpcisFile(file, (event) => {
    first ??= event;
    if (ids === "urn") for (const prefix of shownPrefixes(event)) shown.set(prefix, prefix.length);
  });
  const lengths: PrefixLengths = firstOf(...table, prefixLengths(shown));
  const untranslated = new Set<string>();
  const writer = documentWriter({
    to: to ?? shell.origin.syntax,
    shell: shell.value,
    bareEvent: first?.isBare ? first : undefined,
  });
  await print(writer.start);
  await readEpcisFile(file, async (event) => {
    await print(writer.event(event, ids === undefined ? undefined : { form: ids, lengths, untranslated }));
  });
  await print(writer.end);
  for (const id of untranslated) console.error(`holdfast: not translatable, company prefix length unknown: ${id}`);
  if (untranslated.size > 0) process.exitCode = EXIT.negative;
}

function shownPrefixes(event: ReadEvent): string[] {
  return [...idsOf(event.value)].flatMap((id) => {
    const parsed = parseUrn(id);
    return parsed && "id" in parsed ? [parsed.id.prefix] : [];
  });
}
