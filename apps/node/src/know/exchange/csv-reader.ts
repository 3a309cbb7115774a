/**
 * Comma-separated values as people have them. RFC 4180, and beyond it: a byte order mark, CRLF, LF or CR, `,` `;` tab or
 * `|` between cells, blank lines, a first line `sep=;`. Memory does not grow with the file. Refuses bytes that are not
 * UTF-8, quotes that never close or stand inside a cell, and records past the limits, each with its row.
 */
import { isUtf8 } from "node:buffer";
import { Readable } from "node:stream";
import { exchange } from "@holdfast/api";
import type { Problem } from "@holdfast/kernel";
import { CsvError, parse } from "csv-parse";
import { type ByteSource, limitExceeded, refusal, ROWS_MAX, type Sheet, type SheetRow } from "./sheet-row.ts";

/** Of one record: 256 cells at their longest would be 8 M; nothing that people type comes near half a million. */
export const RECORD_CHARACTERS_MAX = 500_000;
const RECORD_BYTES_MAX = 4 * RECORD_CHARACTERS_MAX;
const BATCH_ROWS = 500;
const DELIMITERS = [",", ";", "\t", "|"] as const;
const SEPARATOR_LINE = /^\ufeff?sep=(.)\r?\n/;

/** The delimiter that the first lines agree on most. `sample` is the beginning of the file. */
export function detectDelimiter(sample: string): string {
  const stated = SEPARATOR_LINE.exec(sample)?.[1];
  if (stated) return stated;
  const lines = sample
    .replace(/"(?:[^"]|"")*"/g, "x")
    .split(/\r\n|\n|\r/)
    .filter((line) => line.trim() !== "")
    .slice(0, 20);
  const score = (delimiter: string) => {
    const counts = lines.map((line) => line.split(delimiter).length - 1);
    const agreeing = counts.filter((count) => count === counts[0]).length;
    return counts[0] ? counts[0] * agreeing : 0;
  };
  const [best = ","] = DELIMITERS.map((delimiter) => ({ delimiter, score: score(delimiter) }))
    .sort((a, b) => b.score - a.score)
    .map((each) => each.delimiter);
  return best;
}

/** The only sheet of a CSV file whose first bytes, as text, are `sample`. */
export function csvSheet(source: ByteSource, sample: string): Sheet {
  const delimiter = detectDelimiter(sample);
  const skipped = SEPARATOR_LINE.test(sample) ? 1 : 0;
  return { name: "", rows: (onFraction) => readRows({ source, delimiter, skipped, onFraction }) };
}

interface Reading {
  readonly source: ByteSource;
  readonly delimiter: string;
  /** Lines before the table. */
  readonly skipped: number;
  readonly onFraction: ((fraction: number) => void) | undefined;
}

async function* readRows({ source, delimiter, skipped, onFraction }: Reading): AsyncGenerator<SheetRow[]> {
  const gate = new LineGate();
  const lines = Readable.from(wholeLines(source, gate, onFraction), { objectMode: false });
  const parser = parse({
    bom: true,
    delimiter,
    record_delimiter: ["\r\n", "\n", "\r"],
    relax_column_count: true,
    max_record_size: RECORD_CHARACTERS_MAX,
    quote: '"',
  });
  lines.on("error", (error) => parser.destroy(error));
  lines.pipe(parser);
  const count = { row: 0 };
  try {
    let batch: SheetRow[] = [];
    for await (const cells of parser as AsyncIterable<string[]>) {
      // without `columns` a record is an array of texts
      count.row += 1;
      if (count.row <= skipped || isBlank(cells)) continue;
      batch.push(checkedRow(count.row, cells));
      if (batch.length < BATCH_ROWS) continue;
      yield batch;
      batch = [];
    }
    if (gate.isInvalid) throw notUtf8(count.row + 1);
    if (batch.length > 0) yield batch;
  } catch (error) {
    throw explained(error, { gate, row: parser.info.records + 1 }); // rows before it may not have been handed out
  } finally {
    lines.destroy();
    parser.destroy();
  }
}

async function* wholeLines(
  source: ByteSource,
  gate: LineGate,
  onFraction: ((fraction: number) => void) | undefined,
): AsyncGenerator<Uint8Array> {
  let sizeBytes = 0;
  for await (const chunk of source.read(0, source.sizeBytes)) {
    sizeBytes += chunk.length;
    const lines = gate.push(chunk);
    if (lines.length > 0) yield lines;
    if (gate.isInvalid) return;
    onFraction?.(sizeBytes / source.sizeBytes);
  }
  const rest = gate.end();
  if (rest.length > 0) yield rest;
}

/** Lets whole lines of UTF-8 through, and stops before the first line that is none. */
class LineGate {
  #rest: Uint8Array = new Uint8Array();
  isInvalid = false;

  push(chunk: Uint8Array): Uint8Array {
    const bytes = Buffer.concat([this.#rest, chunk]);
    const end = Math.max(bytes.lastIndexOf(10), bytes.lastIndexOf(13)) + 1;
    if (bytes.length - end > RECORD_BYTES_MAX)
      throw limitExceeded(`a line is longer than \`${RECORD_BYTES_MAX}\` bytes`, { sizeBytesMax: RECORD_BYTES_MAX });
    this.#rest = bytes.subarray(end);
    return this.#valid(bytes.subarray(0, end));
  }

  end(): Uint8Array {
    return this.#valid(Buffer.from(this.#rest));
  }

  #valid(bytes: Buffer): Uint8Array {
    if (isUtf8(bytes)) return bytes;
    this.isInvalid = true;
    let start = 0;
    for (
      let end = bytes.indexOf(10) + 1;
      end > 0 && isUtf8(bytes.subarray(start, end));
      end = bytes.indexOf(10, start) + 1
    )
      start = end;
    return bytes.subarray(0, start);
  }
}

function isBlank(cells: readonly string[]): boolean {
  return cells.every((cell) => cell.trim() === "");
}

function checkedRow(row: number, cells: readonly string[]): SheetRow {
  if (row > ROWS_MAX) throw limitExceeded(`the file has more than \`${ROWS_MAX}\` rows`, { rowsMax: ROWS_MAX });
  if (cells.length > exchange.COLUMNS_MAX)
    throw limitExceeded(`row \`${row}\` has \`${cells.length}\` cells, more than \`${exchange.COLUMNS_MAX}\``, { row });
  if (cells.some((cell) => cell.length > exchange.CELL_CHARACTERS_MAX))
    throw limitExceeded(`row \`${row}\` has a cell of more than \`${exchange.CELL_CHARACTERS_MAX}\` characters`, {
      row,
    });
  return { row, cells };
}

function notUtf8(row: number): Problem {
  return refusal("exchange/invalid-encoding", `row \`${row}\` is not UTF-8: save the file as "CSV UTF-8"`, {
    detail: { row },
  });
}

/** The parser's own failures in this slice's words. */
function explained(error: unknown, { gate, row }: { gate: LineGate; row: number }): unknown {
  if (!(error instanceof CsvError)) return error;
  if (gate.isInvalid) return notUtf8(row);
  const detail = { row };
  if (error.code === "CSV_MAX_RECORD_SIZE")
    return limitExceeded(
      `row \`${row}\` is longer than \`${RECORD_CHARACTERS_MAX}\` characters, or a quote in it never closes`,
      detail,
    );
  const message =
    error.code === "CSV_QUOTE_NOT_CLOSED"
      ? `the quote that opens in row \`${row}\` never closes`
      : `row \`${row}\` has a quote where none may be: write \`""\` for a quote inside a quoted cell`;
  return refusal("exchange/malformed-csv", message, { detail, cause: error });
}
