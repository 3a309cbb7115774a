/**
 * `holdfast stix match`: patterns against observed data. Every pattern gets a line or an entry, in the order given; one
 * that is invalid matches nothing, says why, and makes the exit code 65. Revoked indicators match nothing (STIX 2.1 3.6).
 */
import { unwrap } from "@holdfast/kernel";
import {
  isStixObject,
  parseDocument,
  parsePattern,
  type Pattern,
  PatternIndex,
  readObservations,
} from "@holdfast/stix";
import { type Command, Option } from "commander";
import { EXIT } from "./exit.ts";
import { ending, Failure, print } from "./failure.ts";
import { readBytes } from "./stix-file.ts";

export function addMatch(stix: Command): void {
  stix
    .command("match")
    .description("match patterns against observed data; prints what matched and the observed-data ids that did")
    .argument("<observed>", "bundle or list of observed-data objects with their observables, JSON; `-` is stdin")
    .addOption(new Option("--pattern <pattern>", "one STIX pattern").conflicts("patterns"))
    .option("--patterns <file>", "bundle or list of indicators, or a text file with one pattern a line")
    .option("--json", "an array with pattern, matched and observedDataIds of each")
    .action(ending(match));
}

interface MatchOptions {
  readonly pattern?: string;
  readonly patterns?: string;
  readonly json?: true;
}

/** A pattern to be matched; `indicator` is the id of the object that it came in. */
interface Wanted {
  readonly pattern: string;
  readonly indicator?: string;
  readonly version?: string;
  readonly isRevoked?: boolean;
}

interface Row {
  readonly pattern: string;
  readonly indicator?: string;
  readonly matched: boolean;
  readonly observedDataIds: readonly string[];
  /** There when the answer could not be found in bounded time; `matched` then means "not shown to match". */
  readonly undecided?: true;
  /** There when more observed data may take part than is listed. */
  readonly incomplete?: true;
  readonly revoked?: true;
  readonly error?: { readonly code: string; readonly message: string };
}

async function match(observed: string, { pattern, patterns, json }: MatchOptions): Promise<void> {
  if (pattern === undefined && patterns === undefined) throw new Failure(EXIT.usage, "give --pattern or --patterns");
  const wanted = pattern === undefined ? await readPatterns(patterns ?? "-") : [{ pattern }];
  const observations = unwrap(readObservations(unwrap(parseDocument(await readBytes(observed)))));
  const parsed = wanted.map((entry) => parsePattern(entry.pattern, { legacy: entry.version === "2.0" }));
  const usable: Pattern[] = [];
  const places = parsed.map((result, i) =>
    result.ok && wanted[i]?.isRevoked !== true ? usable.push(result.value) - 1 : -1,
  );
  const verdicts = new PatternIndex(usable).matchAll(observations);
  const rows = wanted.map(({ pattern: text, indicator, isRevoked }, i): Row => {
    const verdict = verdicts[places[i] ?? -1];
    const result = parsed[i];
    return {
      pattern: text,
      ...(indicator === undefined ? {} : { indicator }),
      matched: verdict?.matched ?? false,
      observedDataIds: verdict?.observationIds ?? [],
      ...(verdict !== undefined && verdict.matched === undefined ? { undecided: true } : {}),
      ...(verdict !== undefined && verdict.matched !== undefined && !verdict.complete ? { incomplete: true } : {}),
      ...(isRevoked ? { revoked: true } : {}),
      ...(result === undefined || result.ok
        ? {}
        : { error: { code: result.problem.code, message: result.problem.message } }),
    };
  });
  await print(json ? `${JSON.stringify(rows, null, 2)}\n` : rows.map(lineOf).join(""));
  for (const { pattern: text, error } of rows)
    if (error) console.error(`holdfast: ${error.message} (${error.code}) in \`${text.slice(0, 200)}\``);
  if (rows.some(({ error }) => error !== undefined)) process.exitCode = EXIT.badData;
}

function lineOf({ matched, undecided, error, observedDataIds, pattern }: Row): string {
  const word = error ? "invalid" : undecided ? "undecided" : matched ? "matched" : "no-match";
  return `${word}\t${observedDataIds.join(",") || "-"}\t${pattern.replace(/\s+/g, " ")}\n`;
}

/** The patterns of a file: indicators when it is JSON of objects, else one pattern a line; `#` starts a comment line. */
async function readPatterns(path: string): Promise<Wanted[]> {
  const bytes = await readBytes(path);
  const text = new TextDecoder().decode(bytes);
  if (text.trimStart().startsWith("{") || /^\s*\[\s*\{/.test(text)) return indicatorsOf(unwrap(parseDocument(bytes)));
  return text
    .split(/\r?\n/)
    .map((line) => line.replace(/^\ufeff/, "").trim())
    .filter((line) => line !== "" && !line.startsWith("#"))
    .map((pattern) => ({ pattern }));
}

/** Indicators with STIX patterns; those in other languages are named on stderr and left out. */
function indicatorsOf(document: unknown): Wanted[] {
  if (Array.isArray(document)) return document.flatMap(indicatorsOf);
  if (!isStixObject(document))
    throw new Failure(EXIT.badData, "expected indicators, a bundle of them, or patterns one a line");
  if (document.type === "bundle")
    return Array.isArray(document["objects"]) ? document["objects"].flatMap(indicatorsOf) : [];
  if (document.type !== "indicator") return [];
  const { pattern, pattern_type: language = "stix", pattern_version: version } = document;
  if (language !== "stix" || typeof pattern !== "string") {
    console.error(`holdfast: ${document.id} is left out: its pattern is not of type \`stix\``);
    return [];
  }
  const isRevoked = document["revoked"] === true;
  return [{ pattern, indicator: document.id, isRevoked, ...(typeof version === "string" ? { version } : {}) }];
}
