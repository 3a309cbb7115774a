/**
 * `holdfast stix …`: validate STIX 2.1 files, compute deterministic ids and match patterns without a server. Exit codes:
 * 0 done, 1 a file is invalid, 64 usage, 65 no STIX or an invalid pattern, 66 a file can't be read.
 */
import { unwrap } from "@holdfast/kernel";
import {
  deterministicId,
  classOfType,
  type Finding,
  parseDocument,
  validateInterop,
  validateStix,
  type Verdict,
} from "@holdfast/stix";
import type { Command } from "commander";
import { EXIT } from "./exit.ts";
import { ending, Failure, print } from "./failure.ts";
import { readBytes } from "./stix-file.ts";
import { addMatch } from "./stix-match.ts";

export function addStix(program: Command): void {
  const stix = program.command("stix").description("validate, identify and match STIX 2.1 objects");
  stix
    .command("validate")
    .description("print `valid` or `invalid`, a tab and the path, one line for each file")
    .argument("<files...>", "STIX objects or bundles, JSON; `-` is stdin")
    .option("--interop", "also require what the interoperability profile does")
    .option("--explain", "below each line: where, which rule and why, warnings among them")
    .action(ending(validate));
  stix
    .command("id")
    .description("print the deterministic id of every observable, a tab and the id in the file, `-` for none")
    .argument("<file>", "an observable, a bundle or a list of objects; `-` is stdin")
    .action(ending(id));
  addMatch(stix);
}

async function validate(
  files: readonly string[],
  { explain, interop }: { explain?: true; interop?: true },
): Promise<void> {
  let exit: number = EXIT.ok;
  for (const file of files) {
    try {
      const verdict = verdictOn(await readBytes(file), interop ? validateInterop : validateStix);
      if (!verdict.valid && exit === EXIT.ok) exit = EXIT.negative;
      await print(`${verdict.valid ? "valid" : "invalid"}\t${file}\n`);
      if (explain) await print(explained(verdict));
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      console.error(`holdfast: ${error.message}`);
      exit = error.exit;
    }
  }
  process.exitCode = exit;
}

/** Content that is no document at all is one error at its root. */
function verdictOn(bytes: Uint8Array, judge: (document: unknown) => Verdict): Verdict {
  const document = parseDocument(bytes);
  if (document.ok) return judge(document.value);
  const error: Finding<"json"> = { rule: "json", path: "", message: document.problem.message, value: "" };
  return { valid: false, errors: [error], warnings: [], errorCount: 1, warningCount: 0 };
}

function explained({ errors, warnings, errorCount, warningCount }: Verdict): string {
  const line = (weight: string, { path, message, rule, value }: Finding): string =>
    `  ${weight} at ${path === "" ? "the document" : path}: ${message} (${rule})${value === "" ? "" : ` ${value}`}\n`;
  const more = (count: number, weight: string): string => (count > 0 ? `  ${count} more ${weight}\n` : "");
  return [
    ...errors.map((finding) => line("error", finding)),
    more(errorCount - errors.length, "errors"),
    ...warnings.map((finding) => line("warning", finding)),
    more(warningCount - warnings.length, "warnings"),
  ].join("");
}

async function id(file: string): Promise<void> {
  const document = unwrap(parseDocument(await readBytes(file)));
  let lines = "";
  for (const object of observablesOf(document)) {
    const written = object["id"];
    lines += `${deterministicId(object) ?? "-"}\t${typeof written === "string" ? written : "-"}\n`;
  }
  await print(lines);
}

/** The observables of a document, in its order: the document itself, a bundle's objects or a list's. */
function observablesOf(document: unknown): Readonly<Record<string, unknown>>[] {
  if (Array.isArray(document)) return document.flatMap(observablesOf);
  if (!isObject(document)) throw new Failure(EXIT.badData, "expected a STIX object, a bundle or a list of objects");
  if (document["type"] === "bundle")
    return Array.isArray(document["objects"]) ? document["objects"].flatMap(observablesOf) : [];
  return typeof document["type"] === "string" && classOfType(document["type"]) === "sco" ? [document] : [];
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
