/**
 * The rows of one worksheet as it unpacks. ISO/IEC 29500-1 18.3.1: rows and cells may leave their places out and then
 * follow the one before; a formula's stored result is its value; a cell of type `e` and a formula that was never
 * calculated are faults and have none.
 */
import { exchange } from "@holdfast/api";
import { type NumberStyle, numberText } from "./cell-text.ts";
import type { SharedStrings } from "./shared-strings.ts";
import { type CellFault, limitExceeded, refusal, ROWS_MAX, type SheetRow } from "./sheet-row.ts";
import { readXml } from "./xml-stream.ts";

/** What cells need to be read. */
export interface CellContext {
  readonly strings: SharedStrings;
  /** By the `s` of a cell. */
  readonly styles: readonly NumberStyle[];
  readonly uses1904: boolean;
}

interface Reading {
  readonly chunks: AsyncIterable<Uint8Array>;
  /** The part's name, for messages. */
  readonly place: string;
  readonly context: CellContext;
}

/** The rows that are not blank, batch by batch. */
export async function* readSheetRows({ chunks, place, context }: Reading): AsyncGenerator<SheetRow[]> {
  const builder = new RowBuilder(place, context);
  for await (const _ of readXml(chunks, place, builder)) {
    const rows = builder.take();
    if (rows.length > 0) yield rows;
  }
}

class RowBuilder {
  readonly #place: string;
  readonly #context: CellContext;
  #rows: SheetRow[] = [];
  #row = 0;
  #cells: string[] = [];
  #faults: CellFault[] = [];
  #index = -1;
  #type = "n";
  #style = 0;
  #text = "";
  #isValue = false;
  #isPhonetic = false;
  /** A formula was seen, and no result of it. */
  #lacksResult = false;

  constructor(place: string, context: CellContext) {
    this.#place = place;
    this.#context = context;
  }

  take(): SheetRow[] {
    const rows = this.#rows;
    this.#rows = [];
    return rows;
  }

  begin(name: string, attributes: Readonly<Record<string, string>>): void {
    switch (name) {
      case "row":
        this.#beginRow(attributes["r"]);
        break;
      case "c":
        this.#index = attributes["r"] === undefined ? this.#index + 1 : this.#columnIndex(attributes["r"]);
        this.#type = attributes["t"] ?? "n";
        this.#style = Number(attributes["s"] ?? 0);
        this.#text = "";
        this.#lacksResult = false;
        break;
      case "f":
        this.#lacksResult = true;
        break;
      case "v":
        this.#lacksResult = false;
        this.#isValue = true;
        break;
      case "t":
        this.#isValue = !this.#isPhonetic;
        break;
      case "rPh":
        this.#isPhonetic = true;
        break;
    }
  }

  text(piece: string): void {
    if (!this.#isValue) return;
    this.#text += piece;
    if (this.#text.length > exchange.CELL_CHARACTERS_MAX)
      throw limitExceeded(
        `row \`${this.#row}\` has a cell of more than \`${exchange.CELL_CHARACTERS_MAX}\` characters`,
        {
          row: this.#row,
        },
      );
  }

  end(name: string): void {
    if (name === "v" || name === "t") this.#isValue = false;
    else if (name === "rPh") this.#isPhonetic = false;
    else if (name === "c") this.#endCell();
    else if (name === "row") this.#endRow();
  }

  #beginRow(number: string | undefined): void {
    const row = number === undefined ? this.#row + 1 : Number(number);
    if (!Number.isInteger(row) || row <= this.#row)
      throw refusal(
        "exchange/malformed-workbook",
        `row \`${number?.slice(0, 20)}\` of \`${this.#place}\` is out of order`,
      );
    if (row > ROWS_MAX)
      throw limitExceeded(`\`${this.#place}\` has more than \`${ROWS_MAX}\` rows`, { rowsMax: ROWS_MAX });
    this.#row = row;
    this.#cells = [];
    this.#faults = [];
    this.#index = -1;
  }

  #endCell(): void {
    const value = this.#value();
    if (this.#lacksResult) this.#addFault("a formula without its result");
    if (value === "") return;
    if (this.#index >= exchange.COLUMNS_MAX)
      throw limitExceeded(`row \`${this.#row}\` has more than \`${exchange.COLUMNS_MAX}\` columns`, { row: this.#row });
    while (this.#cells.length < this.#index) this.#cells.push("");
    this.#cells[this.#index] = value;
  }

  #value(): string {
    switch (this.#type) {
      case "s": {
        const text = this.#context.strings.at(this.#text === "" ? -1 : Number(this.#text));
        if (text === undefined)
          throw refusal(
            "exchange/malformed-workbook",
            `row \`${this.#row}\` names a text that the workbook does not have`,
          );
        return text;
      }
      case "b":
        return this.#text === "1" || this.#text === "true" ? "true" : "false";
      case "e":
        this.#addFault(this.#text.slice(0, 40));
        return "";
      case "n":
        if (this.#text === "") return "";
        return (
          numberText(this.#text, this.#context.styles[this.#style] ?? "plain", this.#context.uses1904) ?? this.#text
        );
      default:
        return this.#text; // str: a formula's text; inlineStr; d: an ISO 8601 date
    }
  }

  #addFault(value: string): void {
    if (this.#index < exchange.COLUMNS_MAX) this.#faults.push({ index: this.#index, value });
  }

  #endRow(): void {
    const cells = this.#cells;
    if (cells.every((cell) => cell.trim() === "") && this.#faults.length === 0) return;
    this.#rows.push(
      this.#faults.length > 0 ? { row: this.#row, cells, faults: this.#faults } : { row: this.#row, cells },
    );
  }

  /** 0 for "A1", 26 for "AA1". */
  #columnIndex(reference: string): number {
    const letters = /^([A-Z]{1,3})\d+$/.exec(reference)?.[1];
    if (letters === undefined)
      throw refusal("exchange/malformed-workbook", `row \`${this.#row}\` has a cell at \`${reference.slice(0, 20)}\``);
    let index = 0;
    for (const letter of letters) index = index * 26 + letter.charCodeAt(0) - 64;
    return index - 1;
  }
}
