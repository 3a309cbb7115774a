/**
 * `holdfast id IDENTIFIER`: the other form of a GS1 identifier, EPC URN or Digital Link. Exit codes: 0 done, 1 it has no
 * other form or its company prefix length is unknown, 65 malformed, 66 the table cannot be read.
 */
import { readFile } from "node:fs/promises";
import type { Command } from "commander";
import {
  firstOf,
  formOf,
  NO_PREFIX_LENGTHS,
  parsePrefixTable,
  type PrefixLengths,
  toDigitalLink,
  toUrn,
} from "@holdfast/epcis";
import { Problem } from "@holdfast/kernel";
import { EXIT } from "./exit.ts";
import { ending, Failure, print } from "./failure.ts";

export function addId(program: Command): void {
  program
    .command("id")
    .description("print the other form of a GS1 identifier: EPC URN or Digital Link")
    .argument("<identifier>", "an EPC URN, class or pattern, or a GS1 Digital Link of any domain")
    .option("--prefix-table <file>", "lengths of GS1 company prefixes: GS1's JSON list, or lines `prefix,length`")
    .option("--prefix-length <digits>", "length of this identifier's company prefix, 6 to 12")
    .action(ending(otherForm));
}

async function otherForm(identifier: string, options: { prefixTable?: string; prefixLength?: string }): Promise<void> {
  const tables = options.prefixTable === undefined ? [] : [await readPrefixTable(options.prefixTable)];
  const lengths = firstOf(statedLength(options.prefixLength), ...tables);
  try {
    const other = formOf(identifier) === "digital-link" ? toUrn(identifier, lengths) : toDigitalLink(identifier);
    await print(`${other}\n`);
  } catch (error) {
    if (!(error instanceof Problem) || error.code === "epcis/bad-id") throw error;
    throw new Failure(EXIT.negative, error.message, error);
  }
}

function statedLength(digits: string | undefined): PrefixLengths {
  if (digits === undefined) return NO_PREFIX_LENGTHS;
  const length = Number(digits);
  if (!/^\d{1,2}$/.test(digits) || length < 6 || length > 12)
    throw new Failure(EXIT.usage, `--prefix-length \`${digits}\` is not 6 to 12`);
  return { lengthOf: () => length };
}

/** The table of company prefix lengths in a file. @throws Failure 66 when it cannot be read, Problem when it is none */
export async function readPrefixTable(path: string): Promise<PrefixLengths> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (cause) {
    throw new Failure(EXIT.noInput, `cannot read \`${path}\``, cause);
  }
  return parsePrefixTable(text);
}
