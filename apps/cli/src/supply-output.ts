/** What `supply` commands print: JSON, CSV, or a table for people; progress goes to stderr and only to a terminal. */
import { csvLine } from "@holdfast/supply";
import { SingleBar } from "cli-progress";

export type Row = Readonly<Record<string, string | number | boolean | null>>;
export type Format = "json" | "csv" | "table";

const TABLE_ROWS_MAX = 40; // a screen; the whole answer is one flag away
const WRITE_CHARACTERS = 1 << 16;

export interface FormatOptions {
  readonly json?: boolean;
  readonly csv?: boolean;
}

export function formatOf(options: FormatOptions): Format {
  if (options.json) return "json";
  return options.csv ? "csv" : "table";
}

/** Prints `rows`, which all have the same keys. */
export async function printRows(rows: readonly Row[], format: Format, columns: readonly string[]): Promise<void> {
  if (format === "json") {
    await printPieces(["[", ...rows.map((row, i) => `${i > 0 ? "," : ""}\n${JSON.stringify(row)}`), "\n]\n"]);
  } else if (format === "csv") {
    await printPieces([csvLine(columns), ...rows.map((row) => csvLine(columns.map((name) => cell(row[name]))))]);
  } else {
    await printPieces([table(rows.slice(0, TABLE_ROWS_MAX), columns)]);
    if (rows.length > TABLE_ROWS_MAX)
      console.error(`${rows.length - TABLE_ROWS_MAX} more rows: --json or --csv prints them all`);
  }
}

/** Prints one JSON document. */
export async function printJson(value: unknown): Promise<void> {
  await printPieces([`${JSON.stringify(value, null, 2)}\n`]);
}

function cell(value: Row[string] | undefined): string | number {
  if (value === undefined || value === null) return "";
  return typeof value === "boolean" ? String(value) : value;
}

function table(rows: readonly Row[], columns: readonly string[]): string {
  const text = rows.map((row) => columns.map((name) => shown(row[name])));
  const widths = columns.map((name, i) => Math.max(name.length, ...text.map((cells) => cells[i]!.length))); // same columns
  const numeric = columns.map((name) => rows.every((row) => typeof row[name] === "number" || row[name] === null));
  const line = (cells: readonly string[]) =>
    `${cells
      .map((each, i) => (numeric[i] ? each.padStart(widths[i]!) : each.padEnd(widths[i]!)))
      .join("  ")
      .trimEnd()}\n`;
  return line(columns) + text.map(line).join("");
}

function shown(value: Row[string] | undefined): string {
  if (typeof value === "number") return Number.isInteger(value) ? String(value) : value.toPrecision(6);
  // oxlint-disable-next-line no-control-regex -- names come from files and must not steer a terminal
  return String(cell(value)).replace(/[\u0000-\u001f\u007f-\u009f]/g, "?");
}

async function printPieces(pieces: readonly string[]): Promise<void> {
  let buffer = "";
  for (const piece of pieces) {
    buffer += piece;
    if (buffer.length < WRITE_CHARACTERS) continue;
    await write(buffer);
    buffer = "";
  }
  await write(buffer);
}

function write(text: string): Promise<void> {
  return new Promise((done, failed) => {
    process.stdout.write(text, (error) => {
      if (!error) done();
      else if ("code" in error && error.code === "EPIPE")
        process.exit(0); // the reader, `head` say, has enough
      else failed(error);
    });
  });
}

export interface Progress {
  update(done: number): void;
  stop(): void;
}

/** A bar on stderr with rate and remaining time; silent where stderr is not a terminal. */
export function progressBar(what: string, total: number): Progress {
  if (!process.stderr.isTTY) return { update: () => undefined, stop: () => undefined };
  const startedAt = performance.now();
  const bar = new SingleBar({
    stream: process.stderr,
    format: `${what} {bar} {percentage} % | {value}/{total} | {rate}/s | {eta_formatted} left`,
    hideCursor: true,
    clearOnComplete: true,
  });
  bar.start(total, 0, { rate: "-" });
  const rate = (done: number) => Math.round((1000 * done) / Math.max(1, performance.now() - startedAt));
  return { update: (done) => bar.update(done, { rate: rate(done) }), stop: () => bar.stop() };
}
