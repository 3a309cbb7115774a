/** Imports files through a node: stages each, maps its columns, runs it as a job, and shows how far that is. */
import { createWriteStream, openAsBlob } from "node:fs";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { type Client, exchange, job as jobContract } from "@holdfast/api";
import { Problem } from "@holdfast/kernel";
import { SingleBar } from "cli-progress";
import { EXIT } from "./exit.ts";
import { Failure, print } from "./failure.ts";
import { nodeClient } from "./node-client.ts";
import type { NodeOptions } from "./node-command.ts";

export interface ImportOptions extends NodeOptions {
  readonly as?: exchange.TableName;
  readonly map?: string;
  readonly dryRun?: boolean;
  readonly keepGoing?: boolean;
  readonly source?: string;
  readonly observedAt?: string;
  readonly confidence?: number;
  readonly decimal?: "point" | "comma";
  readonly emptyCells?: "keep" | "clear";
  readonly report?: string;
  readonly json?: boolean;
}

const FINDINGS_SHOWN = 20; // a screen; --report has them all
const POLL_MILLISECONDS = 400; // how often a node writes progress

/** @throws Problem of the node, Failure for what is wrong with the call or a file */
export async function importFiles(files: readonly string[], options: ImportOptions): Promise<void> {
  if (files.length === 0) throw new Failure(EXIT.usage, "name a file to import, or --template DIR for empty tables");
  if (options.dryRun && options.keepGoing)
    throw new Failure(EXIT.usage, "--dry-run stores nothing, so there is nothing to keep going with");
  if (options.report !== undefined && files.length > 1)
    throw new Failure(EXIT.usage, "--report is of one file: import the files one by one");
  const client = nodeClient(options);
  const staged: exchange.FileImport[] = [];
  for (const file of files) staged.push(await configured(client, await stage(client, file, options), options));
  staged.sort((a, b) => placeOf(a) - placeOf(b));
  const done: exchange.FileImport[] = [];
  for (const each of staged) {
    const ended = await run(client, each, options);
    done.push(ended);
    if (!options.json) await describe(client, ended);
    if (isNegative(ended)) process.exitCode = EXIT.negative;
    if (isNegative(ended) && !options.keepGoing && !options.dryRun) break; // what follows may need what was not stored
  }
  if (options.json)
    await print(
      `${JSON.stringify(
        done.map(({ id, fileName, run: ran }) => ({ id, fileName, run: ran })),
        null,
        2,
      )}\n`,
    );
  if (options.report !== undefined) await writeReport(client, done, options.report);
}

async function stage(client: Client, file: string, options: ImportOptions): Promise<exchange.FileImport> {
  let content: Blob;
  try {
    content = await openAsBlob(file);
  } catch (cause) {
    throw new Failure(
      EXIT.noInput,
      `\`${file}\` can't be read: ${cause instanceof Error ? cause.message : String(cause)}`,
      cause,
    );
  }
  const query = { fileName: basename(file), ...(options.as === undefined ? {} : { as: options.as }) };
  const contentType = file.endsWith(".xlsx") ? exchange.XLSX_TYPE : exchange.CSV_TYPE;
  const { body } = await client.upload(exchange.createImport, { query }, { content, contentType });
  return body;
}

/** Sets what the flags say; without any, the node's suggestion stands. */
async function configured(
  client: Client,
  staged: exchange.FileImport,
  options: ImportOptions,
): Promise<exchange.FileImport> {
  const change: Partial<exchange.ImportOptions> = {
    ...(options.source === undefined ? {} : { source: options.source }),
    ...(options.observedAt === undefined ? {} : { observedAt: options.observedAt }),
    ...(options.confidence === undefined ? {} : { confidencePercent: options.confidence }),
    ...(options.decimal === undefined ? {} : { decimal: options.decimal }),
    ...(options.emptyCells === undefined ? {} : { emptyCells: options.emptyCells }),
    ...(options.map === undefined ? {} : { sheets: await remapped(client, staged, options.map) }),
  };
  if (Object.keys(change).length === 0) return staged;
  const body = { ...staged.options, ...change };
  const answer = await client.call(
    exchange.configureImport,
    { params: { importId: staged.id }, body },
    { ifMatch: `"${staged.version}"` },
  );
  return answer.body;
}

/** The suggested mapping with the pairs `header=column` on top. A header is found in whichever sheets have it. */
async function remapped(
  client: Client,
  { id, options }: exchange.FileImport,
  map: string,
): Promise<exchange.ImportOptions["sheets"]> {
  const { body } = await client.call(exchange.analyseImport, { params: { importId: id } });
  const pairs = map.split(",").map((pair) => {
    const at = pair.lastIndexOf("=");
    if (at < 1) throw new Failure(EXIT.usage, `\`${pair}\` is not \`header=column\``);
    return {
      header: exchange.foldedHeader(pair.slice(0, at)),
      text: pair.slice(0, at).trim(),
      column: pair.slice(at + 1).trim(),
    };
  });
  for (const { header, text } of pairs)
    if (!body.sheets.some((sheet) => sheet.header.some((title) => exchange.foldedHeader(title) === header)))
      throw new Failure(
        EXIT.usage,
        `no sheet has a column \`${text}\`: there are ${body.sheets
          .flatMap((sheet) => sheet.header)
          .map((title) => `\`${title}\``)
          .join(", ")}`,
      );
  return options.sheets.map((sheet) => {
    const titles = body.sheets.find((each) => each.sheet === sheet.sheet)?.header.map(exchange.foldedHeader) ?? [];
    const said = pairs.flatMap(({ header, column }) =>
      titles.includes(header) ? [{ index: titles.indexOf(header), column }] : [],
    );
    const kept = sheet.columns.filter(
      ({ index, column }) => !said.some((each) => each.index === index || each.column === column),
    );
    return { ...sheet, columns: [...kept, ...said.filter(({ column }) => column !== "")] };
  });
}

/** Where an import's first table stands in the order of dependence. */
function placeOf({ options }: exchange.FileImport): number {
  return Math.min(
    exchange.TABLES.length,
    ...options.sheets.flatMap(({ table }) => (table === null ? [] : [exchange.TABLES.indexOf(table)])),
  );
}

async function run(client: Client, staged: exchange.FileImport, options: ImportOptions): Promise<exchange.FileImport> {
  const params = { importId: staged.id };
  const mode = options.dryRun ? "dry-run" : options.keepGoing ? "keep-going" : "all-or-nothing";
  const { body } = await client.call(exchange.runImport, { params, body: { mode } });
  const bar = jobBar(staged);
  const cancel = () =>
    void client.call(jobContract.cancelJob, { params: { jobId: body.jobId } }).catch(() => undefined); // the job's end says how it went
  process.once("SIGINT", cancel);
  try {
    for (;;) {
      const { body: job } = await client.call(jobContract.getJob, { params: { jobId: body.jobId } });
      bar.update(job.fraction, job.detail);
      if (job.endedAt !== null) {
        if (job.problem !== null && job.problem.code !== "exchange/rows-refused")
          throw new Problem(job.problem.code, job.problem.message, { detail: job.problem.detail });
        return (await client.call(exchange.getImport, { params })).body;
      }
      await sleep(POLL_MILLISECONDS);
    }
  } finally {
    process.removeListener("SIGINT", cancel);
    bar.stop();
  }
}

interface JobBar {
  update(fraction: number, detail: string): void;
  stop(): void;
}

/** A bar on stderr with the file's bytes per second and the remaining time; silent where stderr is not a terminal. */
function jobBar({ fileName, sizeBytes }: exchange.FileImport): JobBar {
  if (!process.stderr.isTTY) return { update: () => undefined, stop: () => undefined };
  const startedAt = performance.now();
  const bar = new SingleBar({
    stream: process.stderr,
    format: "{name} {bar} {percentage} % | {detail} | {rate} kB/s | {eta_formatted} left",
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(Math.max(1, sizeBytes), 0, { name: plain(fileName), detail: "waiting", rate: 0 });
  return {
    update: (fraction, detail) => {
      const seconds = Math.max(1, performance.now() - startedAt) / 1_000;
      bar.update(Math.floor(fraction * sizeBytes), {
        detail: plain(detail),
        rate: Math.round((fraction * sizeBytes) / seconds / 1_000),
      });
    },
    stop: () => bar.stop(),
  };
}

function isNegative({ run: ran }: exchange.FileImport): boolean {
  return (
    ran?.outcome === "refused" ||
    ran?.outcome === "cancelled" ||
    ran?.outcome === "failed" ||
    (ran?.counts.refused ?? 0) > 0
  );
}

const OUTCOMES: Readonly<Record<exchange.ImportRun["outcome"], string>> = {
  running: "still running",
  passed: "checked, nothing stored",
  stored: "stored",
  refused: "nothing stored",
  failed: "nothing stored",
  cancelled: "cancelled, nothing stored",
};

async function describe(client: Client, ended: exchange.FileImport): Promise<void> {
  if (!ended.run) return;
  const { counts, outcome, mode, findings, jobId } = ended.run;
  const stored =
    outcome === "cancelled" && mode === "keep-going"
      ? `cancelled (job ${jobId}); what was done stays`
      : OUTCOMES[outcome];
  await print(
    `${plain(ended.fileName)}: ${counts.rows} rows: ${counts.created} new, ${counts.changed} changed, ${counts.unchanged} unchanged, ${counts.refused} refused: ${stored}\n`,
  );
  if (findings === 0) return;
  const { body } = await client.call(exchange.listFindings, {
    params: { importId: ended.id },
    query: { limit: FINDINGS_SHOWN },
  });
  for (const { sheet, row, column, value, rule, message } of body.items) {
    const place = [
      sheet,
      `row ${row}`,
      ...(column === null ? [] : [column]),
      ...(value === null ? [] : [`\`${value}\``]),
    ]
      .filter((part) => part !== "")
      .join(", ");
    console.error(plain(`  ${place}: ${message} (${rule})`));
  }
  if (findings > FINDINGS_SHOWN) console.error(`  ${findings - FINDINGS_SHOWN} more: --report FILE writes them all`);
}

async function writeReport(client: Client, done: readonly exchange.FileImport[], file: string): Promise<void> {
  const last = done.at(-1);
  if (!last) return;
  const report = await client.download(exchange.downloadFindings, { params: { importId: last.id } });
  await pipeline(Readable.from(report.body ?? []), createWriteStream(file));
}

/** A text of a file or a node that can't steer the terminal. */
function plain(text: string): string {
  return text.replace(/\p{Cc}/gu, "?");
}
