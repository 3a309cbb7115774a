/**
 * `holdfast trace`: the pedigree of a lot, a serial or a shipment out of EPCIS files, without a server. Exit codes: 0 done,
 * 1 the identifier is in no event, 64 usage, 65 an event is invalid, 66 a file cannot be read.
 */
import { type Command, Option } from "commander";
import {
  type Amounts,
  amountText,
  type Direction,
  type Pedigree,
  type StoredEvent,
  threadOf,
  trace,
} from "@holdfast/custody";
import {
  canonicalId,
  decimalText,
  idsOf,
  instantMs,
  isDateTime,
  isStandardEvent,
  validateEvent,
} from "@holdfast/epcis";
import { readEpcisFile } from "./epcis-file.ts";
import { EXIT } from "./exit.ts";
import { ending, Failure, print } from "./failure.ts";

interface Options {
  readonly file: readonly string[];
  readonly id: string;
  readonly direction: Direction;
  readonly at?: string;
  readonly json?: true;
}

export function addTrace(program: Command): void {
  program
    .command("trace")
    .description("print where a lot, serial or shipment came from, or what became of it")
    .requiredOption("--file <file...>", "EPCIS documents, JSON or XML, in any order")
    .requiredOption("--id <identifier>", "EPC URN, Digital Link or any other identifier in the events")
    .addOption(
      new Option("--direction <direction>", "to its origins, or to its products")
        .choices(["back", "forward"])
        .default("back"),
    )
    .option("--at <time>", "look from this moment, a date-time with a zone; without it from all of time")
    .option("--json", "the whole graph as JSON")
    .action(ending(run));
}

async function run({ file, id, direction, at, json }: Options): Promise<void> {
  if (at !== undefined && !isDateTime(at))
    throw new Failure(EXIT.usage, `--at \`${at}\` is not a date-time with a zone`);
  const { events, spellings } = await readAll(file);
  if (!spellings.has(canonicalId(id)))
    throw new Failure(EXIT.negative, `\`${id}\` is in no event of ${file.join(", ")}`);
  const pedigree = trace(threadOf(events), { id, direction, ...(at === undefined ? {} : { atMs: instantMs(at) }) });
  const spelled = (canonical: string) => spellings.get(canonical) ?? canonical;
  await print(json ? `${JSON.stringify(asJson(pedigree, spelled), null, 2)}\n` : asText(pedigree, spelled));
}

/** The events of all files, and how the files spell each identifier: output speaks as the input does. */
async function readAll(files: readonly string[]): Promise<{ events: StoredEvent[]; spellings: Map<string, string> }> {
  const events: StoredEvent[] = [];
  const spellings = new Map<string, string>();
  for (const file of files)
    await readEpcisFile(file, (event) => {
      const { isValid, issues } = validateEvent(event);
      if (!isValid) throw new Failure(EXIT.badData, `${file}: ${issues[0]?.path}: ${issues[0]?.reason}`);
      if (!isStandardEvent(event.value)) return; // extension events say nothing about things that custody knows
      events.push({ event: event.value, namespaces: event.namespaces });
      for (const id of idsOf(event.value)) if (!spellings.has(canonicalId(id))) spellings.set(canonicalId(id), id);
    });
  return { events, spellings };
}

type Spelled = (canonical: string) => string;

function asJson({ root, direction, things, steps, edges, cycles }: Pedigree, spelled: Spelled) {
  return {
    root: spelled(root),
    direction,
    things: things.map(({ id, level, relations }) => ({ id: spelled(id), canonicalId: id, level, relations })),
    steps: steps.map(({ id, bizStep, fromMs, toMs, placeIds, events }) => ({
      id: spelled(id),
      ...(bizStep === undefined ? {} : { bizStep }),
      from: time(fromMs),
      to: time(toMs),
      places: placeIds.map(spelled),
      events,
    })),
    edges: edges.map(({ kind, from, to, amount, fromMs, toMs, events }) => ({
      kind,
      from: spelled(from),
      to: spelled(to),
      amounts: amount.amounts.map(({ unit, value }) => ({ unit, value: decimalText(value) })),
      hasUnknownAmount: amount.hasUnknown,
      since: time(fromMs),
      ...(toMs === undefined ? {} : { until: time(toMs) }),
      events,
    })),
    cycles: cycles.map((ids) => ids.map(spelled)),
  };
}

function time(ms: number): string {
  return new Date(ms).toISOString();
}

function asText({ root, direction, things, edges, cycles }: Pedigree, spelled: Spelled): string {
  const lines = [`${direction === "back" ? "origins" : "products"} of ${spelled(root)}`, ""];
  for (const { id, level, relations } of things)
    if (id !== root) lines.push(`${relations.join(", ").padEnd(12)} ${level.padEnd(9)} ${spelled(id)}`);
  if (edges.length > 0) lines.push("");
  for (const { kind, from, to, amount, fromMs } of edges)
    lines.push(`${time(fromMs)}  ${spelled(from)} -> ${spelled(to)}  ${kind}, ${amountsText(amount)}`);
  for (const cycle of cycles) lines.push(`came from itself: ${cycle.map(spelled).join(", ")}`);
  return `${lines.join("\n")}\n`;
}

function amountsText({ amounts, hasUnknown }: Amounts): string {
  return [...amounts.map(amountText), ...(hasUnknown || amounts.length === 0 ? ["an unknown amount"] : [])].join(
    " and ",
  );
}
