/**
 * Comma-separated values as they arrive, in chunks of bytes. RFC 4180, and what real files add to it: a UTF-8 byte order
 * mark, LF or CRLF or CR line ends, blank lines. Rows are counted as lines of the file count them, from 1.
 * Refuses an open quote at the end, text after a closing quote, bytes that are not UTF-8, and rows past the limits.
 */
import { quoted, supplyProblem } from "./supply-problem.ts";

export const CSV_FIELD_CHARACTERS_MAX = 10_000; // a longer field is a missing quote or an attack, not a name
export const CSV_FIELDS_PER_ROW_MAX = 20_000; // an essentiality matrix of 20,000 sectors would have 4 * 10^8 cells

export interface CsvRow {
  /** The line on which the row starts, counted from 1. */
  readonly line: number;
  readonly fields: readonly string[];
}

const COMMA = 44;
const QUOTE = 34;
const LF = 10;
const CR = 13;

type State = "field-start" | "plain" | "quoted" | "quote-in-quoted" | "after-cr";

/** Reads one file. Feed `push` every chunk in order, then call `end` once; both hand complete rows to `onRow`. */
export class CsvReader {
  readonly #onRow: (row: CsvRow) => void;
  readonly #decoder = new TextDecoder("utf-8", { fatal: true });
  #state: State = "field-start";
  #fields: string[] = [];
  #field = "";
  #line = 1;
  #rowLine = 1;

  constructor(onRow: (row: CsvRow) => void) {
    this.#onRow = onRow;
  }

  /** @throws Problem `supply/csv-malformed` or `supply/limit-exceeded`, with the line */
  push(chunk: Uint8Array): void {
    this.#read(this.#decode(chunk, true));
  }

  /** @throws Problem `supply/csv-malformed` when a quote is still open */
  end(): void {
    this.#read(this.#decode(new Uint8Array(0), false));
    if (this.#state === "quoted") throw this.#malformed("a quote that is opened here is never closed");
    if (this.#fields.length > 0 || this.#field !== "" || this.#state === "quote-in-quoted") this.#endRow();
  }

  #decode(chunk: Uint8Array, stream: boolean): string {
    try {
      return this.#decoder.decode(chunk, { stream });
    } catch {
      throw this.#malformed("the text from here on is not UTF-8");
    }
  }

  #read(text: string): void {
    let start = 0; // of the part of the current field that is not yet in #field
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (this.#state === "after-cr") {
        this.#state = "field-start";
        if (code === LF) {
          start = i + 1;
          continue;
        }
      }
      if (this.#state === "quoted") {
        if (code === LF) this.#line++;
        if (code !== QUOTE) continue;
        this.#append(text, start, i);
        this.#state = "quote-in-quoted";
        start = i + 1;
        continue;
      }
      if (code === QUOTE) {
        if (this.#state === "plain") throw this.#malformed("a quote inside a field that does not start with one");
        if (this.#state === "quote-in-quoted") this.#field += '"';
        this.#state = "quoted";
        start = i + 1;
      } else if (code === COMMA || code === LF || code === CR) {
        if (this.#state === "plain") this.#append(text, start, i);
        this.#state = code === CR ? "after-cr" : "field-start";
        start = i + 1;
        if (code === COMMA) this.#endField();
        else this.#endRow();
      } else if (this.#state === "quote-in-quoted") {
        throw this.#malformed(`${quoted(text.slice(i, i + 8))} follows a closing quote`);
      } else if (this.#state === "field-start") {
        this.#state = "plain";
        start = i;
      }
    }
    if (this.#state === "plain" || this.#state === "quoted") this.#append(text, start, text.length);
  }

  #append(text: string, start: number, end: number): void {
    if (end > start) this.#field += text.slice(start, end);
    if (this.#field.length > CSV_FIELD_CHARACTERS_MAX)
      throw this.#tooMuch(`a field longer than ${CSV_FIELD_CHARACTERS_MAX} characters`);
  }

  #endField(): void {
    if (this.#fields.length >= CSV_FIELDS_PER_ROW_MAX)
      throw this.#tooMuch(`more than ${CSV_FIELDS_PER_ROW_MAX} fields`);
    this.#fields.push(this.#field);
    this.#field = "";
  }

  #endRow(): void {
    const blank = this.#fields.length === 0 && this.#field === "";
    this.#endField();
    const fields = this.#fields;
    const line = this.#rowLine;
    this.#fields = [];
    this.#line++;
    this.#rowLine = this.#line;
    if (!blank) this.#onRow({ line, fields });
  }

  #malformed(what: string) {
    return supplyProblem("supply/csv-malformed", `row ${this.#rowLine}: ${what}`, {
      row: this.#rowLine,
      column: this.#fields.length + 1,
    });
  }

  #tooMuch(what: string) {
    return supplyProblem("supply/limit-exceeded", `row ${this.#rowLine} has ${what}`, {
      row: this.#rowLine,
      column: this.#fields.length + 1,
    });
  }
}

/** All rows of a text that is in memory already. */
export function csvRows(bytes: Uint8Array): CsvRow[] {
  const rows: CsvRow[] = [];
  const reader = new CsvReader((row) => rows.push(row));
  reader.push(bytes);
  reader.end();
  return rows;
}

const NEEDS_QUOTES = /[",\r\n]|^\s|\s$/;

/** One line of CSV with its line end. A text that a spreadsheet would run as a formula is prefixed with an apostrophe. */
export function csvLine(fields: readonly (string | number)[]): string {
  const written = fields.map((field) => {
    if (typeof field === "number") return String(field);
    const harmless = /^[=+\-@\t\r]/.test(field) ? `'${field}` : field;
    return NEEDS_QUOTES.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
  });
  return `${written.join(",")}\n`;
}
